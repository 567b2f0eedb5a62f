// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/outlinedevice.h"

#include <QPaintEngine>
#include <QPainterPath>

namespace cellocus {

/// QPaintEngine turns text into filled paths by itself where an engine does not draw text.
class OutlineDevice::Engine : public QPaintEngine {
 public:
  explicit Engine(QPainter& target)
      : QPaintEngine(AllFeatures), m_target(target), m_base(target.transform()) {}

  bool begin(QPaintDevice*) override { return m_target.isActive(); }
  bool end() override { return true; }
  Type type() const override { return User; }

  void updateState(const QPaintEngineState& now) override {
    const DirtyFlags changed = now.state();
    if (changed & DirtyTransform) m_target.setTransform(now.transform() * m_base);
    if (changed & DirtyPen) m_target.setPen(now.pen());
    if (changed & DirtyBrush) m_target.setBrush(now.brush());
    if (changed & DirtyBrushOrigin) m_target.setBrushOrigin(now.brushOrigin());
    if (changed & DirtyOpacity) m_target.setOpacity(now.opacity());
    if (changed & DirtyHints) {
      m_target.setRenderHints(m_target.renderHints(), false);
      m_target.setRenderHints(now.renderHints());
    }
    if (changed & DirtyClipPath) m_target.setClipPath(now.clipPath(), now.clipOperation());
    if (changed & DirtyClipRegion) m_target.setClipRegion(now.clipRegion(), now.clipOperation());
    if (changed & DirtyClipEnabled) m_target.setClipping(now.isClipEnabled());
  }

  using QPaintEngine::drawLines;
  using QPaintEngine::drawPolygon;
  using QPaintEngine::drawRects;
  void drawPath(const QPainterPath& path) override { m_target.drawPath(path); }
  void drawPolygon(const QPointF* points, int count, PolygonDrawMode mode) override {
    if (mode == PolylineMode)
      m_target.drawPolyline(points, count);
    else
      m_target.drawPolygon(points, count, mode == WindingMode ? Qt::WindingFill : Qt::OddEvenFill);
  }
  void drawRects(const QRectF* rects, int count) override { m_target.drawRects(rects, count); }
  void drawLines(const QLineF* lines, int count) override { m_target.drawLines(lines, count); }
  void drawPixmap(const QRectF& to, const QPixmap& pixmap, const QRectF& from) override {
    m_target.drawPixmap(to, pixmap, from);
  }
  void drawImage(const QRectF& to, const QImage& image, const QRectF& from,
                 Qt::ImageConversionFlags flags) override {
    m_target.drawImage(to, image, from, flags);
  }

 private:
  QPainter& m_target;
  QTransform m_base;
};

OutlineDevice::OutlineDevice(QPainter& target, QSize size)
    : m_engine(std::make_unique<Engine>(target)), m_size(size) {}

OutlineDevice::~OutlineDevice() = default;

QPaintEngine* OutlineDevice::paintEngine() const {
  return m_engine.get();
}

int OutlineDevice::metric(PaintDeviceMetric metric) const {
  constexpr int dotsPerInch = 96;
  switch (metric) {
    case PdmWidth:
      return m_size.width();
    case PdmHeight:
      return m_size.height();
    case PdmWidthMM:
      return static_cast<int>(m_size.width() * 25.4 / dotsPerInch);
    case PdmHeightMM:
      return static_cast<int>(m_size.height() * 25.4 / dotsPerInch);
    case PdmNumColors:
      return 1 << 24;
    case PdmDepth:
      return 32;
    case PdmDpiX:
    case PdmDpiY:
    case PdmPhysicalDpiX:
    case PdmPhysicalDpiY:
      return dotsPerInch;
    case PdmDevicePixelRatio:
      return 1;
    case PdmDevicePixelRatioScaled:
      return static_cast<int>(devicePixelRatioFScale());
  }
  return 0;
}

}  // namespace cellocus
