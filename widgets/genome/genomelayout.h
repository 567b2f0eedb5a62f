// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRectF>
#include <QSizeF>
#include <memory>
#include <vector>

#include "genome/genomerow.h"

namespace cellocus {

/// The rows of a view from top to bottom. Ruler and sequence stay in sight, what is between them
/// scrolls.
struct RowGroups {
  using Rows = std::vector<std::unique_ptr<GenomeRow>>;
  Rows top, middle, bottom;

  /// The rows that a scene needs.
  static RowGroups of(const GenomeScene& scene);
};

struct PlacedRow {
  const GenomeRow* row = nullptr;
  QRectF rect;
  bool scrolls = false;
};

/// Where rows are in a widget or figure.
struct RowPlaces {
  std::vector<PlacedRow> rows;
  QRectF scrolled;           ///< the window onto the scrolling rows
  double contentHeight = 0;  ///< all rows at their least height
  double hidden = 0;         ///< how far the scrolling rows can be scrolled

  /// The row at a place, or null.
  const PlacedRow* at(QPointF place) const;
};

/// Places rows in `size`; those that can make use of it share the room left over.
RowPlaces placeRows(const RowGroups& groups, const RowContext& context, QSizeF size, double scroll);

}  // namespace cellocus
