// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/scatterscene.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace cellocus {

namespace {

void requireCells(std::int64_t found, std::int64_t expected, const char* what) {
  if (found == expected) return;
  throw Error("CELL_COUNT", what,
              "it is of " + withThousands(found) + " cells, but the plot shows " +
                  withThousands(expected) + ".",
              "Use data of the same dataset as the embedding.");
}

QRectF widened(QRectF region, double margin) {
  const double least = 1e-3 * std::max({1.0, std::abs(region.left()), std::abs(region.top())});
  const QPointF centre = region.center();
  if (region.width() < least && region.height() < least) region.setSize({1, 1});
  region.setSize({region.width() * (1 + 2 * margin), region.height() * (1 + 2 * margin)});
  region.moveCenter(centre);
  return region;
}

QPointF medianOf(std::vector<QPointF>& points) {
  const auto middle = points.begin() + static_cast<std::ptrdiff_t>(points.size() / 2);
  std::nth_element(points.begin(), middle, points.end(),
                   [](auto& a, auto& b) { return a.x() < b.x(); });
  const double x = middle->x();
  std::nth_element(points.begin(), middle, points.end(),
                   [](auto& a, auto& b) { return a.y() < b.y(); });
  return {x, middle->y()};
}

}  // namespace

void ScatterScene::setPoints(Matrix xy) {
  if (xy.rows() > 0 && xy.cols() < 2)
    throw Error("EMBEDDING_SHAPE", "embedding",
                "it has " + std::to_string(xy.cols()) + " dimension, but a plot needs 2.",
                "Choose another embedding.");
  if (xy.cols() > 2) xy = Matrix(xy.leftCols(2));
  const bool otherCells = xy.rows() != m_xy.rows();
  m_xy = std::move(xy);
  m_grid.reset();
  m_bounds = boundsOf(m_xy);
  region = wholeRegion();
  if (otherCells) {
    m_selection = CellSelection(cells());
    m_visible = {};
    setColouring({});
  }
  findLabels();
  invalidate();
}

void ScatterScene::setColouring(const CellColouring& colouring) {
  if (colouring.kind != CellColouring::Kind::None)
    requireCells(colouring.cellCount(), cells(), "colouring");
  m_colouring = colouring;
  m_hidden.assign(static_cast<std::size_t>(colouring.categories.size()), false);
  m_highlighted = -1;
  m_order = drawOrder(m_colouring, cells());
  findLabels();
  invalidate();
}

void ScatterScene::setLimits(const ColourLimits& limits) {
  m_colouring.limits = limits;
  invalidate();
}

void ScatterScene::setSelection(const CellSelection& selection) {
  if (selection.size() != 0) requireCells(selection.size(), cells(), "selection");
  m_selection = selection.size() == 0 ? CellSelection(cells()) : selection;
  invalidate();
}

void ScatterScene::setVisible(const CellSelection& visible) {
  if (visible.size() != 0) requireCells(visible.size(), cells(), "filter");
  m_visible = visible;
  invalidate();
}

void ScatterScene::setHiddenCategories(const std::vector<int>& categories) {
  std::fill(m_hidden.begin(), m_hidden.end(), false);
  for (const int category : categories)
    if (category >= 0 && category < static_cast<int>(m_hidden.size()))
      m_hidden[static_cast<std::size_t>(category)] = true;
  invalidate();
}

void ScatterScene::setHighlighted(int category) {
  m_highlighted = category >= 0 && category < m_colouring.categories.size() ? category : -1;
  invalidate();
}

bool ScatterScene::isShown(std::int64_t cell) const {
  if (!std::isfinite(m_xy(cell, 0)) || !std::isfinite(m_xy(cell, 1))) return false;
  if (m_visible.size() != 0 && !m_visible.test(cell)) return false;
  if (m_colouring.kind != CellColouring::Kind::Category) return true;
  const std::int32_t code = m_colouring.codes[static_cast<std::size_t>(cell)];
  return code < 0 || !m_hidden[static_cast<std::size_t>(code)];
}

CellSelection ScatterScene::shown() const {
  CellSelection all(cells());
  for (std::int64_t cell = 0; cell < cells(); ++cell)
    if (isShown(cell)) all.set(cell);
  return all;
}

double ScatterScene::dotSize() const {
  return chosenDotSize > 0 ? chosenDotSize : ScatterView::automaticDotSize(cells());
}

QRectF ScatterScene::wholeRegion() const {
  return m_bounds.isNull() && cells() == 0 ? QRectF(0, 0, 1, 1) : widened(m_bounds, 0.03);
}

QRectF ScatterScene::regionOf(const CellSelection& chosen) const {
  Matrix points(chosen.count(), 2);
  Eigen::Index row = 0;
  for (const std::int64_t cell : chosen.cells()) points.row(row++) = m_xy.row(cell);
  const QRectF bounds = boundsOf(points);
  return points.rows() == 0 ? wholeRegion() : widened(bounds, 0.08);
}

ScatterTransform ScatterScene::transform(const QRectF& plot) const {
  ScatterTransform result;
  result.centre = region.center();
  result.pixelCentre = plot.center();
  result.perUnit = std::min(std::max(plot.width(), 1.0) / region.width(),
                            std::max(plot.height(), 1.0) / region.height());
  return result;
}

std::int64_t ScatterScene::nearest(const QPointF& data, double radius) const {
  if (!m_grid) m_grid = std::make_unique<PointGrid>(m_xy);
  return m_grid->nearest(data.x(), data.y(), radius,
                         [this](std::int64_t cell) { return isShown(cell); });
}

void ScatterScene::rebuildDots(const Theme& theme) const {
  if (!m_dotsStale && m_dotsBackground == theme.background) return;
  const ColourIndices colours = colourIndices(m_colouring, cells(), theme);
  std::vector<QRgb> pale(colours.table.size());
  std::transform(colours.table.begin(), colours.table.end(), pale.begin(), [&](QRgb colour) {
    return mixed(mixed(QColor(colour), missingColour(theme), 0.5), theme.background, 0.6).rgb();
  });
  const bool selected = !m_selection.empty();
  const auto recedes = [&](std::uint32_t cell) {
    return (selected && !m_selection.test(cell)) ||
           (m_highlighted >= 0 && m_colouring.codes[cell] != m_highlighted);
  };
  m_dots.clear();
  m_dots.reserve(m_order.size());
  std::vector<Dot> front;
  for (const std::uint32_t cell : m_order) {
    if (!isShown(cell)) continue;
    const bool pales = recedes(cell);
    const QRgb colour = (pales ? pale : colours.table)[colours.ofCell[cell]];
    (pales ? m_dots : front).push_back({m_xy(cell, 0), m_xy(cell, 1), colour});
  }
  m_dots.insert(m_dots.end(), front.begin(), front.end());
  m_dotsStale = false;
  m_dotsBackground = theme.background;
  m_frame.image = QImage();
}

void ScatterScene::findLabels() {
  m_labels.clear();
  constexpr qsizetype mostLabels = 40;  // more cannot be read, and the legend has them all
  if (m_colouring.kind != CellColouring::Kind::Category ||
      m_colouring.categories.size() > mostLabels)
    return;
  std::vector<std::vector<QPointF>> places(static_cast<std::size_t>(m_colouring.categories.size()));
  for (std::int64_t cell = 0; cell < cells(); ++cell) {
    const std::int32_t code = m_colouring.codes[static_cast<std::size_t>(cell)];
    if (code >= 0 && std::isfinite(m_xy(cell, 0)) && std::isfinite(m_xy(cell, 1)))
      places[static_cast<std::size_t>(code)].emplace_back(m_xy(cell, 0), m_xy(cell, 1));
  }
  for (std::size_t code = 0; code < places.size(); ++code)
    if (!places[code].empty())
      m_labels.push_back({static_cast<int>(code), medianOf(places[code]),
                          static_cast<std::int64_t>(places[code].size())});
  std::sort(m_labels.begin(), m_labels.end(),
            [](const auto& a, const auto& b) { return a.cells > b.cells; });
}

}  // namespace cellocus
