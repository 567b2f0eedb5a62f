// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/genomelayout.h"

#include <algorithm>
#include <cmath>

#include "genome/bedrow.h"
#include "genome/editrow.h"
#include "genome/generow.h"
#include "genome/overviewrow.h"
#include "genome/predictionrow.h"
#include "genome/rulerrow.h"
#include "genome/sequencerow.h"

namespace cellocus {

namespace {

double totalHeight(const RowGroups::Rows& rows, const RowContext& context) {
  double sum = 0;
  for (const auto& row : rows) sum += row->height(context);
  return sum;
}

/// Stacks rows from `top`; each gets its share of the room left over. Returns where the next row
/// would begin.
double stack(const RowGroups::Rows& rows, const RowContext& context, PlacedRow pattern,
             double spare, std::vector<PlacedRow>& into) {
  double wanted = 0;
  for (const auto& row : rows) wanted += row->stretch();
  const double share = wanted > 0 ? std::clamp(spare / wanted, 0.0, 1.0) : 0;
  double top = pattern.rect.top();
  for (const auto& row : rows) {
    pattern.row = row.get();
    pattern.rect.setTop(top);
    pattern.rect.setHeight(std::floor(row->height(context) + share * row->stretch()));
    into.push_back(pattern);
    top = pattern.rect.bottom();
  }
  return top;
}

}  // namespace

RowGroups RowGroups::of(const GenomeScene& scene) {
  RowGroups groups;
  groups.top.push_back(std::make_unique<OverviewRow>());
  groups.top.push_back(std::make_unique<RulerRow>());
  groups.middle.push_back(std::make_unique<GeneRow>());
  for (std::size_t i = 0; i < scene.beds.size(); ++i)
    groups.middle.push_back(std::make_unique<BedTrackRow>(i));
  for (std::size_t i = 0; i < scene.tracks.size(); ++i)
    groups.middle.push_back(std::make_unique<PredictionRow>(i));
  if (scene.tracks.empty()) groups.middle.push_back(std::make_unique<NoTracksRow>());
  groups.bottom.push_back(std::make_unique<EditRow>());
  groups.bottom.push_back(std::make_unique<SequenceRow>());
  return groups;
}

const PlacedRow* RowPlaces::at(QPointF place) const {
  for (const PlacedRow& one : rows)
    if (one.rect.contains(place) && (!one.scrolls || scrolled.contains(place))) return &one;
  return nullptr;
}

RowPlaces placeRows(const RowGroups& groups, const RowContext& context, QSizeF size,
                    double scroll) {
  RowPlaces places;
  const double above = totalHeight(groups.top, context),
               below = totalHeight(groups.bottom, context);
  const double least = totalHeight(groups.middle, context);
  places.contentHeight = above + least + below;
  const double window = std::max(0.0, size.height() - above - below);
  places.scrolled = QRectF(0, above, size.width(), window);
  places.hidden = std::max(0.0, least - window);

  PlacedRow pattern;
  pattern.rect = QRectF(0, 0, size.width(), 0);
  stack(groups.top, context, pattern, 0, places.rows);
  pattern.scrolls = true;
  pattern.rect.moveTop(above - std::clamp(scroll, 0.0, places.hidden));
  stack(groups.middle, context, pattern, window - least, places.rows);
  pattern.scrolls = false;
  pattern.rect.moveTop(std::max(above, size.height() - below));
  stack(groups.bottom, context, pattern, 0, places.rows);
  return places;
}

}  // namespace cellocus
