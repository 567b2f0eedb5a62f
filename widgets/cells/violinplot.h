// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>
#include <QRectF>
#include <QSize>
#include <vector>

#include "cells/groupstatistics.h"
#include "plot/palette.h"

class QPainter;

namespace cellocus {

/// Where the parts of a violin plot lie. Groups share the width equally; what is scrolled lies
/// further left.
struct ViolinLayout {
  QSize size;
  QRectF plot;            ///< between the axes, as seen
  double groupWidth = 1;  ///< pixels a group
  double firstLeft = 0;   ///< left end of the first group, after scrolling
  double labelTop = 0;    ///< of the names under the plot

  QRectF group(int index) const {
    return {firstLeft + index * groupWidth, plot.top(), groupWidth, plot.height()};
  }
};

/// Shapes and numbers of the groups, computed once, and how they are drawn; knows no widget.
class ViolinPlot {
 public:
  explicit ViolinPlot(GroupedValues values);

  const GroupedValues& values() const { return m_values; }
  int groupCount() const { return static_cast<int>(m_values.groups.size()); }
  const GroupStatistics& reference(int group) const { return half(m_reference, group).statistics; }
  const GroupStatistics& alternative(int group) const {
    return half(m_alternative, group).statistics;
  }
  bool anySampled() const { return m_sampled; }

  /// Groups spread over `size`, or over `contentWidth` if that is wider, `scrolled` pixels of it
  /// hidden.
  ViolinLayout layout(const QSize& size, const QFont& font, double contentWidth = 0,
                      double scrolled = 0) const;
  /// Width at which names keep their room.
  int naturalWidth(const QFont& font) const;
  /// Draws everything; `current` is marked unless -1.
  void paint(QPainter& painter, const ViolinLayout& layout, const Theme& theme, int current) const;

 private:
  struct Half {
    GroupStatistics statistics;
    ViolinShape shape;
  };
  static const Half& half(const std::vector<Half>& halves, int group) {
    return halves[static_cast<std::size_t>(group)];
  }
  enum class Side { Both, Left, Right };

  double axisWidth(const QFont& font) const;
  double labelHeight(const QFont& font) const;
  double headingHeight(const QFont& font) const;
  double pixelOf(double value, const ViolinLayout& layout) const;
  void paintHeading(QPainter& painter, const ViolinLayout& layout, const Theme& theme) const;
  void paintKey(QPainter& painter, const ViolinLayout& layout, const Theme& theme) const;
  void paintAxis(QPainter& painter, const ViolinLayout& layout, const Theme& theme) const;
  void paintGroup(QPainter& painter, const ViolinLayout& layout, const Theme& theme,
                  int group) const;
  void paintHalf(QPainter& painter, const ViolinLayout& layout, const Theme& theme, int group,
                 Side side) const;
  void paintBox(QPainter& painter, const ViolinLayout& layout, const Theme& theme, double x,
                const GroupStatistics& statistics) const;
  void paintLabel(QPainter& painter, const ViolinLayout& layout, const Theme& theme,
                  int group) const;

  GroupedValues m_values;
  std::vector<Half> m_reference, m_alternative;
  double m_low = 0, m_high = 1;  ///< ends of the value axis
  bool m_sampled = false, m_mostlyZero = false;
};

}  // namespace cellocus
