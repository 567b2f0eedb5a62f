// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "genome/genomerow.h"

namespace cellocus {

/// One predicted track: the reference as grey steps, the edited sequence as a coloured line, or
/// their difference around zero.
class PredictionRow : public GenomeRow {
 public:
  explicit PredictionRow(std::size_t index) : m_index(index) {}

  int height(const RowContext& context) const override;
  int stretch() const override { return 64; }
  void paint(QPainter& painter, const RowContext& context) const override;
  GenomeHit hit(const RowContext& context, QPointF place) const override;
  QString toolTip(const RowContext& context, QPointF place) const override;
  std::int64_t track(const GenomeScene& scene) const override {
    return scene.tracks[m_index].track;
  }

 private:
  std::size_t m_index;  ///< in scene.tracks
};

/// Stands where tracks would be while none is chosen.
class NoTracksRow : public GenomeRow {
 public:
  int height(const RowContext& context) const override;
  int stretch() const override { return 400; }
  void paint(QPainter& painter, const RowContext& context) const override;
};

/// The scales of all tracks for what is in view: from zero to a round number, symmetric for
/// differences; shared by tracks of the same unit where the scene says so.
std::vector<ValueRange> trackScales(const GenomeScene& scene, const Locus& visible);

}  // namespace cellocus
