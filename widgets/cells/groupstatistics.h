// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <vector>

#include "base/matrix.h"

namespace cellocus {

/// The values of one group of cells. Paired ones hold REF in `values` and ALT, cell by cell, in
/// `alt`.
struct ViolinGroup {
  QString name;
  QColor colour;
  std::vector<float> values;  ///< NaN = missing
  std::vector<float> alt;     ///< empty, or as many as `values`
};

/// One value over groups of cells, as violins and the table of groups show it.
struct GroupedValues {
  QString title;      ///< "GATA4 by cell type"
  QString valueName;  ///< "Expression", for the y axis
  QString unit;       ///< "log1p counts"
  QString formula;    ///< for tooltips
  std::vector<ViolinGroup> groups;

  bool paired() const;
};

/// A value per cell and the groups the cells belong to.
struct CodedValues {
  Vector values;                    ///< one per cell
  Vector alt;                       ///< empty, or one per cell
  std::vector<std::int32_t> codes;  ///< one per cell, index into categories, -1 = in no group
  QStringList categories;
  std::vector<QColor> colours;  ///< one per category, or empty for the project's
};
/// Splits the cells by group; groups without cells are kept, so that nothing vanishes unseen.
/// @throws Error "CELL_COUNT" if the lengths differ
std::vector<ViolinGroup> violinGroups(const CodedValues& coded);

/// Numbers of one group; NaN where there is no value. Cells without a value are not counted in n.
struct GroupStatistics {
  std::int64_t n = 0;
  std::int64_t missing = 0;
  double mean = 0, median = 0;
  double lowerQuartile = 0, upperQuartile = 0;
  double lowerWhisker = 0, upperWhisker = 0;  ///< furthest values within 1.5 IQR of the box
  double lowest = 0, highest = 0;
  double positive = 0;  ///< fraction above 0
};
GroupStatistics groupStatistics(const std::vector<float>& values);

/// A kernel density estimate between the lowest and the highest value, scaled so that its highest
/// point is 1.
struct ViolinShape {
  double low = 0, high = 0;  ///< value of the first and last point
  std::vector<double>
      width;  ///< 0..1 at equal steps from low to high; one point if all values agree
  std::int64_t sampledFrom = 0;  ///< values there were, if only 5,000 of them were used; else 0
};
/// Gaussian kernel with Silverman's bandwidth (of the values that are not zero, where most are
/// zero: their spread would vanish otherwise), cut at the extremes so that no density is shown
/// where no cell can be. Above 5,000 values a sample of 5,000 with a fixed seed is used.
ViolinShape violinShape(const std::vector<float>& values);

}  // namespace cellocus
