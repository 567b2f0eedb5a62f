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
  // Without branches, because where points lie is random and wrong guesses would cost most of the
  // time. Written so that NaN ends in square 0 and outside the bounds.
  const double right = m_columns - 1, bottom = m_rows - 1;
  const int column =
      static_cast<int>(std::max(0.0, std::min((x - m_bounds.left()) * m_perX, right)));
  const int line = static_cast<int>(std::max(0.0, std::min((y - m_bounds.top()) * m_perY, bottom)));
  const bool within =
      static_cast<unsigned>(x >= m_bounds.left()) & static_cast<unsigned>(x <= m_bounds.right()) &
      static_cast<unsigned>(y >= m_bounds.top()) & static_cast<unsigned>(y <= m_bounds.bottom());
  const unsigned square =
      m_squares[static_cast<std::size_t>(line) * static_cast<std::size_t>(m_columns) +
                static_cast<std::size_t>(column)] *
      static_cast<unsigned>(within);
  return square == Crossed ? insideExactly(x, y, line) : square == Inside;
}

CellSelection Lasso::select(const Matrix& xy) const {
  CellSelection chosen(xy.rows());
  if (m_squares.empty()) return chosen;
  const float* point = xy.data();
  const std::span<std::uint64_t> words = chosen.words();
  for (std::size_t word = 0; word < words.size(); ++word) {
    const Eigen::Index first = static_cast<Eigen::Index>(word) * 64;
    const Eigen::Index count = std::min<Eigen::Index>(64, xy.rows() - first);
    std::uint64_t bits = 0;
    for (Eigen::Index i = 0; i < count; ++i, point += 2)
      bits |= std::uint64_t{contains(point[0], point[1])} << i;
    words[word] = bits;
  }
  return chosen;
}

}  // namespace cellocus
