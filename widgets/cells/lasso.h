// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>
#include <QRectF>
#include <cstdint>
#include <vector>

#include "base/matrix.h"
#include "cells/cellselection.h"

namespace cellocus {

/// A drawn outline turned into a mask, so that asking a million points whether they lie inside
/// takes milliseconds. Exact all the same: only points in mask squares that the outline itself
/// crosses are compared with the outline, and there only with the edges of that row. Overlapping
/// loops count as inside (non-zero winding), because people close a lasso with a crossing. In the
/// units of the points.
class Lasso {
 public:
  /// Closes itself. Fewer than three corners hold nothing.
  explicit Lasso(std::vector<QPointF> corners);

  QRectF boundingRect() const { return m_bounds; }
  bool contains(double x, double y) const;
  /// The rows of `xy` [cells, 2] inside; rows that are not finite are never inside.
  CellSelection select(const Matrix& xy) const;

 private:
  enum Square : std::uint8_t { Outside = 0, Inside = 1, Crossed = 2 };
  struct Edge {
    double x0, y0, x1, y1;  ///< y0 < y1
    int winding;            ///< +1 drawn with increasing y, -1 against
  };

  void buildEdges(const std::vector<QPointF>& corners);
  void fillInside();
  void markCrossed();
  void markCrossedInRow(const Edge& edge, int row);
  bool insideExactly(double x, double y, int row) const;
  int column(double x) const;
  int row(double y) const;

  QRectF m_bounds;
  int m_columns = 0, m_rows = 0;
  double m_perX = 0, m_perY = 0;        ///< mask squares per unit
  std::vector<std::uint8_t> m_squares;  ///< [rows, columns]
  std::vector<Edge> m_edges;
  std::vector<std::vector<std::uint32_t>> m_edgesOfRow;
};

}  // namespace cellocus
