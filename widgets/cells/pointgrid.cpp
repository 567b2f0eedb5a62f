// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/pointgrid.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cellocus {

namespace {

bool finite(const Matrix& xy, Eigen::Index cell) {
  return std::isfinite(xy(cell, 0)) && std::isfinite(xy(cell, 1));
}

}  // namespace

QRectF boundsOf(const Matrix& xy) {
  double left = 0, right = 0, top = 0, bottom = 0;
  bool any = false;
  for (Eigen::Index cell = 0; cell < xy.rows(); ++cell) {
    if (!finite(xy, cell)) continue;
    const double x = xy(cell, 0), y = xy(cell, 1);
    left = any ? std::min(left, x) : x;
    right = any ? std::max(right, x) : x;
    top = any ? std::min(top, y) : y;
    bottom = any ? std::max(bottom, y) : y;
    any = true;
  }
  return any ? QRectF(QPointF(left, top), QPointF(right, bottom)) : QRectF();
}

PointGrid::PointGrid(const Matrix& xy) : m_xy(&xy), m_bounds(boundsOf(xy)) {
  m_side = std::clamp(static_cast<int>(std::sqrt(static_cast<double>(xy.rows()) / 4)), 1, 512);
  m_perX = m_bounds.width() > 0 ? m_side / m_bounds.width() : 0;
  m_perY = m_bounds.height() > 0 ? m_side / m_bounds.height() : 0;
  const auto squareOf = [&](Eigen::Index cell) {
    return static_cast<std::size_t>(square(xy(cell, 1), m_bounds.top(), m_perY) * m_side +
                                    square(xy(cell, 0), m_bounds.left(), m_perX));
  };
  m_starts.assign(static_cast<std::size_t>(m_side) * static_cast<std::size_t>(m_side) + 1, 0);
  for (Eigen::Index cell = 0; cell < xy.rows(); ++cell)
    if (finite(xy, cell)) ++m_starts[squareOf(cell) + 1];
  std::partial_sum(m_starts.begin(), m_starts.end(), m_starts.begin());
  m_cells.resize(m_starts.back());
  auto next = m_starts;
  for (Eigen::Index cell = 0; cell < xy.rows(); ++cell)
    if (finite(xy, cell)) m_cells[next[squareOf(cell)]++] = static_cast<std::uint32_t>(cell);
}

int PointGrid::square(double value, double low, double perUnit) const {
  return static_cast<int>(std::clamp((value - low) * perUnit, 0.0, m_side - 1.0));
}

std::int64_t PointGrid::nearest(double x, double y, double radius,
                                const std::function<bool(std::int64_t)>& accepts) const {
  if (m_cells.empty()) return -1;
  std::int64_t best = -1;
  double bestDistance = radius * radius;
  const int firstColumn = square(x - radius, m_bounds.left(), m_perX);
  const int lastColumn = square(x + radius, m_bounds.left(), m_perX);
  for (int row = square(y - radius, m_bounds.top(), m_perY);
       row <= square(y + radius, m_bounds.top(), m_perY); ++row) {
    const auto line = static_cast<std::size_t>(row * m_side);
    const auto last = m_starts[line + static_cast<std::size_t>(lastColumn) + 1];
    for (auto i = m_starts[line + static_cast<std::size_t>(firstColumn)]; i < last; ++i) {
      const auto cell = static_cast<std::int64_t>(m_cells[i]);
      const double dx = (*m_xy)(cell, 0) - x, dy = (*m_xy)(cell, 1) - y;
      const double distance = dx * dx + dy * dy;
      if (distance > bestDistance || (distance == bestDistance && best >= 0)) continue;
      if (!accepts(cell)) continue;
      best = cell;
      bestDistance = distance;
    }
  }
  return best;
}

}  // namespace cellocus
