// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/lasso.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cellocus {

namespace {

constexpr int longerSide =
    1024;  // about one square a screen pixel: few points fall into crossed ones

double crossingX(double x0, double y0, double x1, double y1, double y) {
  return x0 + (x1 - x0) * ((y - y0) / (y1 - y0));
}

}  // namespace

Lasso::Lasso(std::vector<QPointF> corners) {
  corners.erase(std::remove_if(corners.begin(), corners.end(),
                               [](const QPointF& p) {
                                 return !std::isfinite(p.x()) || !std::isfinite(p.y());
                               }),
                corners.end());
  if (corners.size() < 3) return;
  const auto [left, right] = std::minmax_element(corners.begin(), corners.end(),
                                                 [](auto& a, auto& b) { return a.x() < b.x(); });
  const auto [top, bottom] = std::minmax_element(corners.begin(), corners.end(),
                                                 [](auto& a, auto& b) { return a.y() < b.y(); });
  m_bounds = QRectF(QPointF(left->x(), top->y()), QPointF(right->x(), bottom->y()));
  if (m_bounds.width() <= 0 || m_bounds.height() <= 0) return;
  const double longest = std::max(m_bounds.width(), m_bounds.height());
  m_columns = std::max(1, static_cast<int>(std::ceil(longerSide * m_bounds.width() / longest)));
  m_rows = std::max(1, static_cast<int>(std::ceil(longerSide * m_bounds.height() / longest)));
  m_perX = m_columns / m_bounds.width();
  m_perY = m_rows / m_bounds.height();
  m_squares.assign(static_cast<std::size_t>(m_columns) * static_cast<std::size_t>(m_rows), Outside);
  buildEdges(corners);
  fillInside();
  markCrossed();
}

int Lasso::column(double x) const {
  return std::clamp(static_cast<int>((x - m_bounds.left()) * m_perX), 0, m_columns - 1);
}

int Lasso::row(double y) const {
  return std::clamp(static_cast<int>((y - m_bounds.top()) * m_perY), 0, m_rows - 1);
}

void Lasso::buildEdges(const std::vector<QPointF>& corners) {
  m_edgesOfRow.resize(static_cast<std::size_t>(m_rows));
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const QPointF& a = corners[i];
    const QPointF& b = corners[(i + 1) % corners.size()];
    // Level edges cross no level ray, but their squares are on the outline: they are kept with
    // winding 0.
    const int winding = a.y() == b.y() ? 0 : a.y() < b.y() ? 1 : -1;
    const bool upwards = winding >= 0;
    const Edge edge{upwards ? a.x() : b.x(), upwards ? a.y() : b.y(), upwards ? b.x() : a.x(),
                    upwards ? b.y() : a.y(), winding};
    for (int r = row(edge.y0); r <= row(edge.y1); ++r)
      m_edgesOfRow[static_cast<std::size_t>(r)].push_back(
          static_cast<std::uint32_t>(m_edges.size()));
    m_edges.push_back(edge);
  }
}

void Lasso::fillInside() {
  std::vector<std::pair<double, int>> crossings;
  for (int r = 0; r < m_rows; ++r) {
    const double y = m_bounds.top() + (r + 0.5) / m_perY;
    crossings.clear();
    for (const std::uint32_t e : m_edgesOfRow[static_cast<std::size_t>(r)]) {
      const Edge& edge = m_edges[e];
      if (edge.y0 <= y && y < edge.y1)
        crossings.emplace_back(crossingX(edge.x0, edge.y0, edge.x1, edge.y1, y), edge.winding);
    }
    std::sort(crossings.begin(), crossings.end());
    auto* const squares = m_squares.data() + static_cast<std::ptrdiff_t>(r) * m_columns;
    int winding = 0;
    for (std::size_t i = 0; i + 1 < crossings.size(); ++i) {
      winding += crossings[i].second;
      if (winding != 0)
        std::fill(squares + column(crossings[i].first), squares + column(crossings[i + 1].first),
                  static_cast<std::uint8_t>(Inside));
    }
  }
}

void Lasso::markCrossed() {
  for (int r = 0; r < m_rows; ++r)
    for (const std::uint32_t e : m_edgesOfRow[static_cast<std::size_t>(r)])
      markCrossedInRow(m_edges[e], r);
}

void Lasso::markCrossedInRow(const Edge& edge, int r) {
  double from = edge.x0, to = edge.x1;
  if (edge.winding != 0) {
    const double top = m_bounds.top() + r / m_perY;
    const double bottom = m_bounds.top() + (r + 1) / m_perY;
    from = crossingX(edge.x0, edge.y0, edge.x1, edge.y1, std::max(edge.y0, top));
    to = crossingX(edge.x0, edge.y0, edge.x1, edge.y1, std::min(edge.y1, bottom));
  }
  // One square more on each side absorbs rounding at the borders of squares.
  const int first = std::max(column(std::min(from, to)) - 1, 0);
  const int last = std::min(column(std::max(from, to)) + 1, m_columns - 1);
  auto* const squares = m_squares.data() + static_cast<std::ptrdiff_t>(r) * m_columns;
  std::fill(squares + first, squares + last + 1, static_cast<std::uint8_t>(Crossed));
}

bool Lasso::insideExactly(double x, double y, int r) const {
  int winding = 0;
  for (const std::uint32_t e : m_edgesOfRow[static_cast<std::size_t>(r)]) {
    const Edge& edge = m_edges[e];
    if (edge.y0 <= y && y < edge.y1 && crossingX(edge.x0, edge.y0, edge.x1, edge.y1, y) <= x)
      winding += edge.winding;
  }
  return winding != 0;
}

bool Lasso::contains(double x, double y) const {
  if (m_squares.empty()) return false;
  // Written so that NaN fails.
  if (!(x >= m_bounds.left() && x <= m_bounds.right() && y >= m_bounds.top() &&
        y <= m_bounds.bottom()))
    return false;
  const int r = row(y);
  const auto at = static_cast<std::size_t>(r) * static_cast<std::size_t>(m_columns) +
                  static_cast<std::size_t>(column(x));
  return m_squares[at] == Crossed ? insideExactly(x, y, r) : m_squares[at] == Inside;
}

CellSelection Lasso::select(const Matrix& xy) const {
  CellSelection chosen(xy.rows());
  if (m_squares.empty()) return chosen;
  const float* point = xy.data();
  for (Eigen::Index cell = 0; cell < xy.rows(); ++cell, point += 2)
    if (contains(point[0], point[1])) chosen.set(cell);
  return chosen;
}

}  // namespace cellocus
