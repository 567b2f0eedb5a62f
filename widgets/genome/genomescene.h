// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/predictor.h"
#include "genome/annotation.h"
#include "genome/genome.h"
#include "genome/genometypes.h"
#include "genome/haplotype.h"
#include "plot/palette.h"

namespace cellocus {

/// Bases that an edit puts between two reference bases.
struct InsertedBases {
  std::int64_t before = 0;  ///< reference position that they stand in front of
  std::string bases;
};

/// Everything that the rows of a genome view show. Rows read it and never change it.
struct GenomeScene {
  std::vector<Contig> contigs;
  std::string contig;  ///< the one shown; empty = no genome
  std::shared_ptr<const Annotation> annotation;
  std::vector<CytoBand> bands;
  std::vector<BedRow> beds;
  std::vector<TrackRow> tracks;
  std::optional<ModelWindow> window;
  std::shared_ptr<const Prediction> reference, edited;
  PredictionState state = PredictionState::Empty;
  QString message;
  Haplotype haplotype;
  Locus loaded;       ///< where `bases` lie
  std::string bases;  ///< upper case
  DisplayMode display = DisplayMode::Both;
  ScaleMode scale = ScaleMode::Group;
  BaseColours baseColours = BaseColours::ColourBlindSafe;
  std::int64_t pinnedBin = -1;
  QString selectedGene;
  std::optional<Locus> selection;

  std::int64_t contigLength() const;  ///< 0 without a genome
  /// The model window if it lies on the contig shown.
  const ModelWindow* windowHere() const;

  bool hasBases(const Locus& locus) const;
  /// Reference bases; the locus must be loaded.
  std::string referenceBases(const Locus& locus) const;
  /// One letter per reference base: what stands there now, '-' where it was deleted. The locus must
  /// be loaded.
  std::string editedBases(const Locus& locus) const;
  /// Inserted bases in front of the positions of a locus, its end included.
  std::vector<InsertedBases> insertions(const Locus& locus) const;
  /// The edited sequence of a locus as a text: with insertions inside it, without deleted bases.
  std::string editedText(const Locus& locus) const;
  /// The edits of the contig shown that touch the locus, an insertion at its start or end included.
  std::vector<Variant> editsIn(const Locus& locus) const;
  /// The edit that changes a position or inserts in front of it.
  std::optional<Variant> editAt(std::int64_t position) const;

  GenomeReadout readout(std::int64_t position) const;
};

/// The column of a track in a prediction's values, -1 if it is not among them or the prediction is
/// null.
std::int64_t columnOf(const Prediction* prediction, std::int64_t track);

}  // namespace cellocus
