// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "genome/genomerow.h"

namespace cellocus {

/// The intervals of one of the user's files.
class BedTrackRow : public GenomeRow {
 public:
  explicit BedTrackRow(std::size_t index) : m_index(index) {}

  int height(const RowContext& context) const override;
  void paint(QPainter& painter, const RowContext& context) const override;
  GenomeHit hit(const RowContext& context, QPointF place) const override;
  QString toolTip(const RowContext& context, QPointF place) const override;

 private:
  const BedTrack::Feature* featureAt(const RowContext& context, QPointF place) const;
  std::size_t m_index;  ///< in scene.beds
};

}  // namespace cellocus
