// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFontMetricsF>
#include <QImage>
#include <QRectF>
#include <QString>
#include <functional>
#include <memory>
#include <vector>

#include "base/matrix.h"
#include "cells/cellcolouring.h"
#include "cells/cellselection.h"
#include "cells/pointgrid.h"
#include "cells/scatterview.h"
#include "cells/splat.h"

namespace cellocus {

/// What a ScatterView shows and how it is drawn; knows no widget, so that screen and export cannot
/// differ.
class ScatterScene {
 public:
  QString title, horizontal, vertical;
  ScatterView::State state = ScatterView::State::Empty;
  QString message;
  ScatterView::CategoryLabels labels = ScatterView::CategoryLabels::OnCells;
  double chosenDotSize = 0;   ///< pixels, 0: automatic
  QRectF region{0, 0, 1, 1};  ///< seen part, in units of the embedding

  void setPoints(Matrix xy);
  void setColouring(const CellColouring& colouring);
  void setLimits(const ColourLimits& limits);
  void setSelection(const CellSelection& selection);
  void setVisible(const CellSelection& visible);
  void setHiddenCategories(const std::vector<int>& categories);
  void setHighlighted(int category);

  std::int64_t cells() const { return m_xy.rows(); }
  const Matrix& xy() const { return m_xy; }
  const CellColouring& colouring() const { return m_colouring; }
  const CellSelection& selection() const { return m_selection; }
  int highlighted() const { return m_highlighted; }
  bool isShown(std::int64_t cell) const;
  /// All cells that are drawn.
  CellSelection shown() const;
  double dotSize() const;
  /// The region that holds the given cells (all shown ones if nothing is selected) with a margin.
  QRectF regionOf(const CellSelection& cells) const;
  QRectF wholeRegion() const;

  /// Where the cloud lies in a figure, and what of the embedding is seen there.
  QRectF plotArea(const QSize& size, const QFont& font, double legendWidth = 0) const;
  ScatterTransform transform(const QRectF& plot) const;
  std::int64_t nearest(const QPointF& data, double radius) const;

  /// Where the sentence about the state stands in a plot.
  QRectF stateBox(const QRectF& plot, const QFontMetricsF& metrics) const;

  void paint(QPainter& painter, const QSize& size, const Theme& theme,
             ScatterView::Legend legend) const;

 private:
  struct CategoryLabel {
    int category;
    QPointF place;  ///< median of its cells
    std::int64_t cells;
  };
  void rebuildDots(const Theme& theme) const;
  void invalidate() { m_dotsStale = true; }
  void findLabels();
  QString stateText() const;
  void paintCloud(QPainter& painter, const QRectF& plot, const Theme& theme) const;
  void paintDots(QPainter& painter, const QRectF& plot) const;
  void paintImage(QPainter& painter, const QRectF& plot, const Theme& theme) const;
  void paintLabels(QPainter& painter, const QRectF& plot, const Theme& theme) const;
  void paintAxes(QPainter& painter, const QRectF& plot, const Theme& theme) const;
  void paintHeading(QPainter& painter, const QRectF& plot, const Theme& theme) const;
  void paintCounts(QPainter& painter, const QRectF& plot, const Theme& theme) const;
  void paintState(QPainter& painter, const QRectF& plot, const Theme& theme) const;

  Matrix m_xy = Matrix(0, 2);
  QRectF m_bounds;
  CellColouring m_colouring;
  CellSelection m_selection;
  CellSelection m_visible;  ///< of size 0: all
  std::vector<bool> m_hidden;
  int m_highlighted = -1;
  std::vector<std::uint32_t> m_order;
  std::vector<CategoryLabel> m_labels;

  mutable std::unique_ptr<PointGrid> m_grid;  ///< made at the first hover
  mutable std::vector<Dot> m_dots;            ///< in drawing order, for the theme below
  mutable bool m_dotsStale = true;
  mutable QColor m_dotsBackground;
  struct Frame {
    ScatterTransform transform;
    QSize size;
    double diameter = 0;
    QImage image;
  };
  mutable Frame m_frame;  ///< what was last drawn on a screen
};

}  // namespace cellocus
