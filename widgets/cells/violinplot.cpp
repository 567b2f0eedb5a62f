// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/violinplot.h"

#include <algorithm>
#include <cmath>

#include "cells/plottext.h"
#include "plot/ticks.h"

namespace cellocus {

namespace {

constexpr double padding = 8;
constexpr double narrowestGroup = 58, widestGroup = 150;

}  // namespace

ViolinPlot::ViolinPlot(GroupedValues values) : m_values(std::move(values)) {
  bool any = false;
  const auto add = [&](std::vector<Half>& halves, const std::vector<float>& numbers) {
    Half one{groupStatistics(numbers), violinShape(numbers)};
    m_sampled = m_sampled || one.shape.sampledFrom > 0;
    if (one.statistics.n > 0) {
      m_low = any ? std::min(m_low, one.statistics.lowest) : one.statistics.lowest;
      m_high = any ? std::max(m_high, one.statistics.highest) : one.statistics.highest;
      any = true;
      m_mostlyZero = m_mostlyZero || (one.statistics.lowest >= 0 && one.statistics.positive < 0.5);
    }
    halves.push_back(std::move(one));
  };
  for (const ViolinGroup& group : m_values.groups) {
    add(m_reference, group.values);
    add(m_alternative, group.alt);
  }
  if (m_low > 0 && m_low < 0.4 * m_high) m_low = 0;
  if (m_low == m_high) {
    m_low -= 0.5;
    m_high += 0.5;
  }
}

double ViolinPlot::axisWidth(const QFont& font) const {
  const QFontMetricsF small(smallFont(font)), label(font);
  double widest = 0;
  // A taller plot has more ticks, with longer labels.
  for (const int wanted : {2, 5, 8})
    for (const Tick& tick : niceTicks(m_low, m_high, wanted))
      widest = std::max(widest, small.horizontalAdvance(tick.label));
  return padding + label.height() + 6 + widest + 8;
}

double ViolinPlot::labelHeight(const QFont& font) const {
  const double line = QFontMetricsF(smallFont(font)).height();
  return 6 + line * (m_mostlyZero ? 4 : 3) + padding / 2;
}

double ViolinPlot::headingHeight(const QFont& font) const {
  double height = padding;
  if (!m_values.title.isEmpty()) height += QFontMetricsF(titleFont(font)).height();
  if (m_sampled) height += QFontMetricsF(smallFont(font)).height();
  if (m_values.paired() && m_values.title.isEmpty())
    height += QFontMetricsF(smallFont(font)).height();
  return height + padding;
}

int ViolinPlot::naturalWidth(const QFont& font) const {
  const QFontMetricsF small(smallFont(font));
  double widest = narrowestGroup;
  for (const ViolinGroup& group : m_values.groups) {
    const double whole = small.horizontalAdvance(group.name);
    widest = std::max(widest, std::min(whole, std::max(whole / 1.7, 64.0)) + 10);
  }
  widest = std::min(widest, 110.0);
  return static_cast<int>(std::ceil(axisWidth(font) + padding + widest * groupCount()));
}

ViolinLayout ViolinPlot::layout(const QSize& size, const QFont& font, double contentWidth,
                                double scrolled) const {
  ViolinLayout result;
  result.size = size;
  result.plot = QRectF(QPointF(), QSizeF(size));
  result.plot.adjust(axisWidth(font), headingHeight(font), -padding, -labelHeight(font));
  result.plot.setSize(result.plot.size().expandedTo({1, 20}));
  const double width =
      std::max(contentWidth, static_cast<double>(size.width())) - axisWidth(font) - padding;
  result.groupWidth = std::min(width / std::max(groupCount(), 1), widestGroup);
  const double spare = std::max(0.0, result.plot.width() - result.groupWidth * groupCount());
  result.firstLeft = result.plot.left() + spare / 2 - scrolled;
  result.labelTop = result.plot.bottom() + 6;
  return result;
}

double ViolinPlot::pixelOf(double value, const ViolinLayout& layout) const {
  const double inset = 5;  // room for round ends and the box's lines at the extremes
  const double height = std::max(1.0, layout.plot.height() - 2 * inset);
  return layout.plot.bottom() - inset - height * (value - m_low) / (m_high - m_low);
}

}  // namespace cellocus
