// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "cells/cellcolouring.h"
#include "cells/plottext.h"
#include "cells/violinplot.h"
#include "cells/violinview.h"
#include "plot/ticks.h"

namespace cellocus {

namespace {

constexpr double padding = 8;

QString grouped(std::int64_t number) {
  return QString::fromStdString(withThousands(number));
}

void centredText(QPainter& painter, double middle, double baseline, const QString& text) {
  const double width = metricsOf(painter, painter.font()).horizontalAdvance(text);
  painter.drawText(QPointF(middle - width / 2, baseline), text);
}

}  // namespace

void ViolinPlot::paint(QPainter& painter, const ViolinLayout& layout, const Theme& theme,
                       int current) const {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(QRectF(QPointF(), QSizeF(layout.size)), theme.background);
  paintHeading(painter, layout, theme);
  paintAxis(painter, layout, theme);
  painter.save();
  painter.setClipRect(
      QRectF(layout.plot.left() - 1, 0, layout.plot.width() + 1 + padding, layout.size.height()));
  for (int group = 0; group < groupCount(); ++group) {
    const QRectF place = layout.group(group);
    if (place.right() < layout.plot.left() || place.left() > layout.plot.right()) continue;
    if (group == current) {
      QColor marked = theme.accent;
      marked.setAlphaF(0.12f);
      painter.setPen(Qt::NoPen);
      painter.setBrush(marked);
      painter.drawRoundedRect(place.adjusted(1, 0, -1, layout.size.height() - place.bottom() - 2),
                              4, 4);
    }
    paintGroup(painter, layout, theme, group);
  }
  painter.restore();
  painter.restore();
}

void ViolinPlot::paintHeading(QPainter& painter, const ViolinLayout& layout,
                              const Theme& theme) const {
  painter.save();
  const QFont base = painter.font();
  double y = padding;
  if (!m_values.title.isEmpty()) {
    painter.setFont(titleFont(base));
    painter.setPen(theme.text);
    const QFontMetricsF metrics = metricsOf(painter, painter.font());
    const double room = layout.size.width() - 2 * padding - (m_values.paired() ? 260 : 0);
    painter.drawText(QPointF(padding + 2, y + metrics.ascent()),
                     metrics.elidedText(m_values.title, Qt::ElideRight, room));
    y += metrics.height();
  }
  if (m_sampled) {
    painter.setFont(smallFont(base));
    painter.setPen(theme.mutedText);
    const QFontMetricsF metrics = metricsOf(painter, painter.font());
    const QString note =
        ViolinView::tr("Shapes of groups above 5,000 cells are from a fixed sample of 5,000.");
    painter.drawText(QPointF(padding + 2, y + metrics.ascent()),
                     metrics.elidedText(note, Qt::ElideRight, layout.size.width() - 2 * padding));
  }
  painter.setFont(base);
  if (m_values.paired()) paintKey(painter, layout, theme);
  painter.restore();
}

void ViolinPlot::paintKey(QPainter& painter, const ViolinLayout& layout, const Theme& theme) const {
  painter.setFont(smallFont(painter.font()));
  const QFontMetricsF metrics = metricsOf(painter, painter.font());
  const QString ref = ViolinView::tr("REF (left, grey)"),
                alt = ViolinView::tr("ALT (right, in colour)");
  const double swatch = 9, altX = layout.plot.right() - metrics.horizontalAdvance(alt);
  const double refX = altX - 3 * padding - metrics.horizontalAdvance(ref);
  const double baseline = padding + metrics.ascent() + 1;
  const double top = baseline - metrics.capHeight() / 2 - swatch / 2;
  painter.setPen(QPen(theme.refLine, 1));
  painter.setBrush(theme.refFill);
  painter.drawRect(QRectF(refX - swatch - 4, top, swatch, swatch));
  painter.setPen(QPen(theme.text, 1));
  painter.setBrush(m_values.groups.empty() ? theme.altLine
                                           : visibleColour(m_values.groups.front().colour, theme));
  painter.drawRect(QRectF(altX - swatch - 4, top, swatch, swatch));
  painter.setPen(theme.text);
  painter.drawText(QPointF(refX, baseline), ref);
  painter.drawText(QPointF(altX, baseline), alt);
}

void ViolinPlot::paintAxis(QPainter& painter, const ViolinLayout& layout,
                           const Theme& theme) const {
  painter.save();
  const QFont base = painter.font();
  painter.setFont(smallFont(base));
  const QFontMetricsF metrics = metricsOf(painter, painter.font());
  const int wanted = std::clamp(static_cast<int>(layout.plot.height() / 40), 2, 8);
  for (const Tick& tick : niceTicks(m_low, m_high, wanted)) {
    const double y = std::round(pixelOf(tick.value, layout)) + 0.5;
    const bool zeroLine = tick.value == 0 && m_low < 0;
    painter.setPen(QPen(zeroLine ? theme.axis : theme.grid, 1));
    painter.drawLine(QPointF(layout.plot.left(), y), QPointF(layout.plot.right(), y));
    painter.setPen(theme.mutedText);
    painter.drawText(QPointF(layout.plot.left() - 7 - metrics.horizontalAdvance(tick.label),
                             y + metrics.capHeight() / 2),
                     tick.label);
  }
  painter.setPen(QPen(theme.axis, 1));
  painter.drawLine(QPointF(layout.plot.left() - 0.5, layout.plot.top()),
                   QPointF(layout.plot.left() - 0.5, layout.plot.bottom()));
  painter.setFont(base);
  painter.setPen(theme.text);
  const QString title = m_values.unit.isEmpty()
                            ? m_values.valueName
                            : ViolinView::tr("%1 (%2)").arg(m_values.valueName, m_values.unit);
  const QFontMetricsF label = metricsOf(painter, base);
  const QString shown = label.elidedText(title, Qt::ElideRight, layout.plot.height() + 40);
  // A title longer than the axis reaches down beside the names, not up into the heading.
  const double middle =
      std::max(layout.plot.center().y(), layout.plot.top() + label.horizontalAdvance(shown) / 2);
  painter.translate(padding + label.ascent(), middle);
  painter.rotate(-90);
  centredText(painter, 0, 0, shown);
  painter.restore();
}

void ViolinPlot::paintGroup(QPainter& painter, const ViolinLayout& layout, const Theme& theme,
                            int group) const {
  const bool paired = m_values.paired();
  const double middle = layout.group(group).center().x();
  if (paired) {
    paintHalf(painter, layout, theme, group, Side::Left);
    paintHalf(painter, layout, theme, group, Side::Right);
    paintBox(painter, layout, theme, middle - 6, reference(group));
    paintBox(painter, layout, theme, middle + 6, alternative(group));
  } else {
    paintHalf(painter, layout, theme, group, Side::Both);
    paintBox(painter, layout, theme, middle, reference(group));
  }
  paintLabel(painter, layout, theme, group);
}

void ViolinPlot::paintHalf(QPainter& painter, const ViolinLayout& layout, const Theme& theme,
                           int group, Side side) const {
  const ViolinShape& shape = half(side == Side::Right ? m_alternative : m_reference, group).shape;
  if (shape.width.empty()) return;
  const double middle = layout.group(group).center().x();
  const double most = std::min(0.44 * layout.groupWidth, 56.0);
  const double left = side == Side::Right ? 0 : -most, right = side == Side::Left ? 0 : most;
  const QColor colour =
      visibleColour(m_values.groups[static_cast<std::size_t>(group)].colour, theme);
  painter.setPen(QPen(side == Side::Left ? theme.refLine : mixed(colour, theme.text, 0.35), 1));
  painter.setBrush(side == Side::Left ? theme.refFill : mixed(colour, theme.background, 0.35));
  if (shape.width.size() == 1) {
    const double y = pixelOf(shape.low, layout);
    painter.drawLine(QPointF(middle + left, y), QPointF(middle + right, y));
    return;
  }
  const double step = (shape.high - shape.low) / static_cast<double>(shape.width.size() - 1);
  QPolygonF outline;
  for (std::size_t i = 0; i < shape.width.size(); ++i)
    outline << QPointF(middle + right * shape.width[i],
                       pixelOf(shape.low + static_cast<double>(i) * step, layout));
  for (std::size_t i = shape.width.size(); i-- > 0;)
    outline << QPointF(middle + left * shape.width[i],
                       pixelOf(shape.low + static_cast<double>(i) * step, layout));
  painter.drawPolygon(outline);
}

void ViolinPlot::paintBox(QPainter& painter, const ViolinLayout& layout, const Theme& theme,
                          double x, const GroupStatistics& statistics) const {
  if (statistics.n == 0) return;
  const double width = 6;
  const auto y = [&](double value) { return pixelOf(value, layout); };
  painter.setPen(QPen(theme.text, 1));
  painter.drawLine(QPointF(x, y(statistics.lowerWhisker)), QPointF(x, y(statistics.upperWhisker)));
  painter.setBrush(theme.background);
  painter.drawRect(QRectF(QPointF(x - width / 2, y(statistics.upperQuartile)),
                          QPointF(x + width / 2, y(statistics.lowerQuartile))));
  painter.setPen(QPen(theme.text, 2.5, Qt::SolidLine, Qt::FlatCap));
  const double median = y(statistics.median);
  painter.drawLine(QPointF(x - width / 2 - 2, median), QPointF(x + width / 2 + 2, median));
}

void ViolinPlot::paintLabel(QPainter& painter, const ViolinLayout& layout, const Theme& theme,
                            int group) const {
  painter.save();
  painter.setFont(smallFont(painter.font()));
  const QFontMetricsF metrics = metricsOf(painter, painter.font());
  const double middle = layout.group(group).center().x();
  double baseline = layout.labelTop + metrics.ascent();
  painter.setPen(theme.text);
  for (const QString& line : twoLines(m_values.groups[static_cast<std::size_t>(group)].name,
                                      metrics, layout.groupWidth - 6)) {
    centredText(painter, middle, baseline, line);
    baseline += metrics.height();
  }
  const GroupStatistics& numbers = reference(group);
  painter.setPen(theme.mutedText);
  const QString count = ViolinView::tr("n = %1").arg(grouped(numbers.n));
  centredText(painter, middle, baseline,
              metrics.horizontalAdvance(count) < layout.groupWidth ? count : grouped(numbers.n));
  if (m_mostlyZero && numbers.n > 0)
    centredText(painter, middle, baseline + metrics.height(),
                ViolinView::tr("%1 % > 0").arg(100 * numbers.positive, 0, 'f', 0));
  painter.restore();
}

}  // namespace cellocus
