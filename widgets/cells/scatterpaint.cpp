// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPaintEngine>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "cells/legendview.h"
#include "cells/plottext.h"
#include "cells/scatterscene.h"

namespace cellocus {

namespace {

constexpr std::size_t mostVectorDots = 30'000;  // above, files get slow to open and edit
constexpr double imageResolution = 4;           // pixels of an embedded image per logical pixel
constexpr double padding = 8;
constexpr double longestLegend = 220;

bool isVector(const QPainter& painter) {
  const auto type = painter.paintEngine()->type();
  return type == QPaintEngine::SVG || type == QPaintEngine::Pdf || type == QPaintEngine::Picture;
}

QString grouped(std::int64_t number) {
  return QString::fromStdString(withThousands(number));
}

void drawArrow(QPainter& painter, const QPointF& from, const QPointF& to) {
  const QPointF along = (to - from) / std::hypot(to.x() - from.x(), to.y() - from.y());
  const QPointF across(-along.y(), along.x());
  painter.drawLine(from, to - along * 2);
  const QPolygonF head{to, to - along * 7 + across * 3, to - along * 7 - across * 3};
  painter.setBrush(painter.pen().color());
  painter.drawPolygon(head);
}

}  // namespace

QRectF ScatterScene::plotArea(const QSize& size, const QFont& font, double legendWidth) const {
  const double gutter = QFontMetricsF(smallFont(font)).height() + padding + 4;
  const double heading =
      title.isEmpty() ? padding : QFontMetricsF(titleFont(font)).height() + 1.5 * padding;
  QRectF area(0, 0, size.width(), size.height());
  area.adjust(gutter, heading, -padding - legendWidth, -gutter);
  area.setSize(area.size().expandedTo({1, 1}));
  return area;
}

void ScatterScene::paint(QPainter& painter, const QSize& size, const Theme& theme,
                         ScatterView::Legend legend) const {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(QRectF(QPointF(), QSizeF(size)), theme.background);
  const bool withLegend =
      legend == ScatterView::Legend::Beside && m_colouring.kind != CellColouring::Kind::None;
  const double legendWidth =
      withLegend ? LegendView::preferredWidth(m_colouring, painter.font(),
                                              std::min(longestLegend, 0.4 * size.width())) +
                       padding
                 : 0;
  const QRectF plot = plotArea(size, painter.font(), legendWidth);
  if (state != ScatterView::State::Empty) {
    paintCloud(painter, plot, theme);
    paintAxes(painter, plot, theme);
    paintCounts(painter, plot, theme);
  }
  paintHeading(painter, plot, theme);
  if (withLegend)
    LegendView::paint(
        &painter, QRectF(plot.right() + padding, plot.top(), legendWidth - padding, plot.height()),
        m_colouring, theme);
  paintState(painter, plot, theme);
  painter.restore();
}

void ScatterScene::paintCloud(QPainter& painter, const QRectF& plot, const Theme& theme) const {
  rebuildDots(theme);
  painter.save();
  painter.setClipRect(plot);
  if (state != ScatterView::State::Ready) painter.setOpacity(0.4);
  if (isVector(painter) && m_dots.size() <= mostVectorDots)
    paintDots(painter, plot);
  else
    paintImage(painter, plot, theme);
  painter.restore();
  if (labels == ScatterView::CategoryLabels::OnCells) paintLabels(painter, plot, theme);
}

void ScatterScene::paintDots(QPainter& painter, const QRectF& plot) const {
  const ScatterTransform transformed = transform(plot);
  const double radius = dotSize() / 2;
  const QRectF seen = plot.adjusted(-radius, -radius, radius, radius);
  painter.setPen(Qt::NoPen);
  QRgb brush = 0;
  for (const Dot& dot : m_dots) {
    const QPointF place = transformed.toPixel(dot.x, dot.y);
    if (!seen.contains(place)) continue;
    if (dot.colour != brush) painter.setBrush(QColor(brush = dot.colour));
    painter.drawEllipse(place, radius, radius);
  }
}

void ScatterScene::paintImage(QPainter& painter, const QRectF& plot, const Theme&) const {
  const double resolution =
      isVector(painter) ? imageResolution : painter.device()->devicePixelRatioF();
  ScatterTransform pixels = transform(plot);
  pixels.pixelCentre = (pixels.pixelCentre - plot.topLeft()) * resolution;
  pixels.perUnit *= resolution;
  const QSize size = (plot.size() * resolution).toSize();
  const double diameter = dotSize() * resolution;
  const bool sameFrame = !m_frame.image.isNull() && m_frame.size == size &&
                         m_frame.diameter == diameter &&
                         m_frame.transform.centre == pixels.centre &&
                         m_frame.transform.pixelCentre == pixels.pixelCentre &&
                         m_frame.transform.perUnit == pixels.perUnit;
  if (!sameFrame) m_frame = {pixels, size, diameter, splat(m_dots, pixels, size, diameter)};
  painter.drawImage(QRectF(plot.topLeft(), QSizeF(size) / resolution), m_frame.image);
}

void ScatterScene::paintLabels(QPainter& painter, const QRectF& plot, const Theme& theme) const {
  const ScatterTransform transformed = transform(plot);
  painter.save();
  painter.setClipRect(plot);
  painter.setFont(titleFont(smallFont(painter.font())));
  const QFontMetricsF metrics = metricsOf(painter, painter.font());
  std::vector<QRectF> taken;
  for (const CategoryLabel& label : m_labels) {
    if (m_hidden[static_cast<std::size_t>(label.category)]) continue;
    if (m_highlighted >= 0 && m_highlighted != label.category) continue;
    const QString text = m_colouring.categories[label.category];
    QRectF box(0, 0, metrics.horizontalAdvance(text), metrics.height());
    box.moveCenter(transformed.toPixel(label.place.x(), label.place.y()));
    if (!plot.contains(box)) continue;
    if (std::any_of(taken.begin(), taken.end(), [&](const QRectF& o) { return o.intersects(box); }))
      continue;
    taken.push_back(box.adjusted(-3, -1, 3, 1));
    drawTextWithHalo(painter, {box.left(), box.top() + metrics.ascent()}, text, theme.text,
                     theme.background);
  }
  painter.restore();
}

void ScatterScene::paintAxes(QPainter& painter, const QRectF& plot, const Theme& theme) const {
  painter.save();
  painter.setFont(smallFont(painter.font()));
  const QFontMetricsF metrics = metricsOf(painter, painter.font());
  const QPointF corner(plot.left() - 4, plot.bottom() + 4);
  const double textWidth =
      std::max(metrics.horizontalAdvance(horizontal), metrics.horizontalAdvance(vertical));
  const double length = std::min(std::max(52.0, textWidth + 10), plot.height() / 2);
  painter.setPen(QPen(theme.axis, 1.2));
  drawArrow(painter, corner, corner + QPointF(length, 0));
  drawArrow(painter, corner, corner - QPointF(0, length));
  painter.setPen(theme.mutedText);
  painter.drawText(QPointF(corner.x() + 2, corner.y() + metrics.ascent() + 3), horizontal);
  painter.translate(corner.x() - metrics.descent() - 3, corner.y() - 2);
  painter.rotate(-90);
  painter.drawText(QPointF(0, 0), vertical);
  painter.restore();
}

void ScatterScene::paintHeading(QPainter& painter, const QRectF& plot, const Theme& theme) const {
  if (title.isEmpty()) return;
  painter.save();
  painter.setFont(titleFont(painter.font()));
  painter.setPen(theme.text);
  const QFontMetricsF metrics = metricsOf(painter, painter.font());
  painter.drawText(QPointF(padding + 2, 0.75 * padding + metrics.ascent()),
                   metrics.elidedText(title, Qt::ElideRight, plot.right() - padding));
  painter.restore();
}

void ScatterScene::paintCounts(QPainter& painter, const QRectF& plot, const Theme& theme) const {
  painter.save();
  painter.setFont(smallFont(painter.font()));
  painter.setPen(theme.mutedText);
  const std::int64_t chosen = m_selection.count();
  QString text =
      chosen > 0 ? ScatterView::tr("%1 of %2 cells selected").arg(grouped(chosen), grouped(cells()))
                 : ScatterView::tr("%1 cells").arg(grouped(cells()));
  const auto drawn = static_cast<std::int64_t>(m_dots.size());
  if (drawn < cells()) text += ScatterView::tr(", %1 shown").arg(grouped(drawn));
  const QFontMetricsF metrics = metricsOf(painter, painter.font());
  painter.drawText(QPointF(plot.right() - metrics.horizontalAdvance(text),
                           plot.bottom() + 4 + metrics.ascent() + 3),
                   text);
  painter.restore();
}

QString ScatterScene::stateText() const {
  switch (state) {
    case ScatterView::State::Ready:
      return {};
    case ScatterView::State::Empty:
      return message.isEmpty() ? ScatterView::tr("No cells.") : message;
    case ScatterView::State::Computing:
      return message.isEmpty() ? ScatterView::tr("Computing…") : message;
    case ScatterView::State::OutOfDate:
      return message.isEmpty() ? ScatterView::tr("Out of date")
                               : ScatterView::tr("Out of date: %1").arg(message);
    case ScatterView::State::Failed:
      return message.isEmpty() ? ScatterView::tr("This could not be shown.") : message;
  }
  return {};
}

QRectF ScatterScene::stateBox(const QRectF& plot, const QFontMetricsF& metrics) const {
  const QRectF room(0, 0, std::max(40.0, plot.width() - 48), plot.height());
  const QRectF text = metrics.boundingRect(room, Qt::AlignCenter | Qt::TextWordWrap, stateText());
  QRectF box(0, 0, text.width() + 20, text.height() + 10);
  const double top = state == ScatterView::State::Empty ? plot.center().y() - 20 - box.height() / 2
                                                        : plot.top() + padding;
  box.moveCenter({plot.center().x(), top + box.height() / 2});
  return box;
}

void ScatterScene::paintState(QPainter& painter, const QRectF& plot, const Theme& theme) const {
  if (state == ScatterView::State::Ready) return;
  painter.save();
  const bool failed = state == ScatterView::State::Failed;
  const bool framed = state != ScatterView::State::Empty;
  const QRectF box = stateBox(plot, metricsOf(painter, painter.font()));
  if (framed) {
    painter.setPen(QPen(failed ? theme.error : theme.border, 1));
    painter.setBrush(theme.panel);
    painter.drawRoundedRect(box, 6, 6);
  }
  painter.setPen(failed ? theme.error : framed ? theme.text : theme.mutedText);
  painter.drawText(box, Qt::AlignCenter | Qt::TextWordWrap, stateText());
  painter.restore();
}

}  // namespace cellocus
