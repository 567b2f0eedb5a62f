// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/colourbar.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "cells/plottext.h"

namespace cellocus {

namespace {

constexpr double sideMargin = 8, barTop = 6, barHeight = 12;

QString number(double value) {
  return QString::fromStdString(readable(value));
}

}  // namespace

QLinearGradient scaleGradient(const CellColouring& colouring, const Theme& theme, double low,
                              double high) {
  QLinearGradient gradient;
  constexpr int steps = 24;
  high = std::max(high, low + 1e-6);
  for (int i = 0; i <= steps; ++i) {
    const double fraction = static_cast<double>(i) / steps;
    const QColor colour = colouring.kind == CellColouring::Kind::Diverging
                              ? divergingColour(2 * fraction - 1, theme)
                              : sequentialColour(fraction, colouring.map);
    gradient.setColorAt(std::clamp(low + fraction * (high - low), 0.0, 1.0), colour);
  }
  return gradient;
}

ColourBar::ColourBar(QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setAccessibleName(tr("Limits of the colour scale"));
}

void ColourBar::setColouring(const CellColouring& colouring) {
  m_kind = colouring.kind;
  m_map = colouring.map;
  m_limits = colouring.limits;
  m_least = m_limits.low;
  m_most = m_limits.high;
  for (const float value : colouring.values) {
    if (!std::isfinite(value)) continue;
    m_least = std::min<double>(m_least, value);
    m_most = std::max<double>(m_most, value);
  }
  if (m_kind == CellColouring::Kind::Diverging) {
    m_most = std::max(m_most, -m_least);
    m_least = -m_most;
  }
  setLimits(m_limits);
}

void ColourBar::setLimits(const ColourLimits& limits) {
  m_limits = limits;
  m_least = std::min(m_least, limits.low);
  m_most = std::max(m_most, limits.high);
  setAccessibleDescription(tr("from %1 to %2").arg(number(m_limits.low), number(m_limits.high)));
  update();
}

QSize ColourBar::sizeHint() const {
  return {150,
          static_cast<int>(barTop + barHeight + 10 + QFontMetricsF(smallFont(font())).height())};
}

QRectF ColourBar::bar() const {
  return {sideMargin, barTop, std::max(1.0, width() - 2 * sideMargin), barHeight};
}

double ColourBar::pixelOf(double value) const {
  const double span = m_most > m_least ? m_most - m_least : 1;
  return bar().left() + bar().width() * (value - m_least) / span;
}

double ColourBar::valueOf(double pixel) const {
  return m_least + (m_most - m_least) * (pixel - bar().left()) / bar().width();
}

void ColourBar::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Theme theme = Theme::from(palette());
  CellColouring scale;
  scale.kind = m_kind;
  scale.map = m_map;
  QLinearGradient gradient =
      scaleGradient(scale, theme, (lowHandle() - bar().left()) / bar().width(),
                    (highHandle() - bar().left()) / bar().width());
  gradient.setStart(bar().topLeft());
  gradient.setFinalStop(bar().topRight());
  painter.setPen(QPen(theme.border, 1));
  painter.setBrush(gradient);
  painter.drawRoundedRect(bar(), 2, 2);
  paintHandle(painter, Handle::Low, theme);
  paintHandle(painter, Handle::High, theme);
  paintNumbers(painter, theme);
}

void ColourBar::paintHandle(QPainter& painter, Handle handle, const Theme& theme) const {
  const double x = handle == Handle::Low ? lowHandle() : highHandle();
  const QRectF grip(x - 3, bar().top() - 3, 6, bar().height() + 6);
  const bool current = hasFocus() && handle == m_handle;
  painter.setPen(QPen(current ? theme.accent : theme.axis, current ? 2 : 1.2));
  painter.setBrush(theme.background);
  painter.drawRoundedRect(grip, 2.5, 2.5);
}

void ColourBar::paintNumbers(QPainter& painter, const Theme& theme) const {
  painter.setFont(smallFont(font()));
  painter.setPen(theme.text);
  const QFontMetricsF metrics(painter.font());
  const QString low = number(m_limits.low), high = number(m_limits.high);
  const double lowWidth = metrics.horizontalAdvance(low);
  const double highWidth = metrics.horizontalAdvance(high);
  const double gap = 8;
  double lowX = std::clamp(lowHandle() - lowWidth / 2, 1.0, width() - lowWidth - 1);
  double highX = std::clamp(highHandle() - highWidth / 2, 1.0, width() - highWidth - 1);
  if (const double overlap = lowX + lowWidth + gap - highX; overlap > 0) {
    lowX = std::max(1.0, lowX - overlap / 2);
    highX = std::max(highX, lowX + lowWidth + gap);
  }
  const double baseline = bar().bottom() + 7 + metrics.ascent();
  painter.drawText(QPointF(lowX, baseline), low);
  painter.drawText(QPointF(highX, baseline), high);
}

void ColourBar::moveHandle(Handle handle, double value) {
  ColourLimits limits = m_limits;
  const double least = (m_most - m_least) / 1000;
  value = std::clamp(value, m_least, m_most);
  if (m_kind == CellColouring::Kind::Diverging) {
    limits.high = std::max(std::abs(value), least);
    limits.low = -limits.high;
  } else if (handle == Handle::Low) {
    limits.low = std::min(value, limits.high - least);
  } else {
    limits.high = std::max(value, limits.low + least);
  }
  if (limits == m_limits) return;
  setLimits(limits);
  emit limitsDragged(m_limits);
}

void ColourBar::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  const double x = event->position().x();
  m_handle = std::abs(x - lowHandle()) < std::abs(x - highHandle()) ? Handle::Low : Handle::High;
  m_dragging = true;
  update();
}

void ColourBar::mouseMoveEvent(QMouseEvent* event) {
  const double x = event->position().x();
  const bool near = std::min(std::abs(x - lowHandle()), std::abs(x - highHandle())) < 6;
  setCursor(m_dragging || near ? Qt::SizeHorCursor : Qt::ArrowCursor);
  if (m_dragging) moveHandle(m_handle, valueOf(x));
}

void ColourBar::mouseReleaseEvent(QMouseEvent*) {
  m_dragging = false;
}

void ColourBar::mouseDoubleClickEvent(QMouseEvent*) {
  emit resetRequested();
}

void ColourBar::keyPressEvent(QKeyEvent* event) {
  const double step =
      (m_most - m_least) / (event->modifiers().testFlag(Qt::ShiftModifier) ? 10 : 100);
  const double now = m_handle == Handle::Low ? m_limits.low : m_limits.high;
  switch (event->key()) {
    case Qt::Key_Left:
      moveHandle(m_handle, now - step);
      break;
    case Qt::Key_Right:
      moveHandle(m_handle, now + step);
      break;
    case Qt::Key_Up:
    case Qt::Key_Down:
      m_handle = m_handle == Handle::Low ? Handle::High : Handle::Low;
      update();
      break;
    default:
      QWidget::keyPressEvent(event);
  }
}

void ColourBar::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
}

void ColourBar::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

}  // namespace cellocus
