// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRectF>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/matrix.h"

namespace cellocus {

/// Points sorted into equal squares, so that the nearest one is found by looking at a few squares.
/// Points that are not finite are in none. Built once per embedding (about 20 ms for a million
/// points).
class PointGrid {
 public:
  PointGrid() = default;
  /// `xy` [cells, 2] must outlive the grid.
  explicit PointGrid(const Matrix& xy);

  /// Smallest rectangle around all finite points; null if there is none.
  QRectF bounds() const { return m_bounds; }
  /// The nearest point for which `accepts` holds and whose distance is at most `radius`, -1 if
  /// none.
  std::int64_t nearest(double x, double y, double radius,
                       const std::function<bool(std::int64_t)>& accepts) const;

 private:
  int square(double value, double low, double perUnit) const;

  const Matrix* m_xy = nullptr;
  QRectF m_bounds;
  int m_side = 0;
  double m_perX = 0, m_perY = 0;
  std::vector<std::uint32_t> m_starts;  ///< [side * side + 1] into m_cells
  std::vector<std::uint32_t> m_cells;
};

/// Smallest rectangle around all finite points of `xy` [cells, 2]; null if there is none.
QRectF boundsOf(const Matrix& xy);

}  // namespace cellocus
