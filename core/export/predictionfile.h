// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/matrix.h"
#include "cells/h5file.h"
#include "export/provenance.h"

namespace cellocus {

/// What a sequence model said of one input: one group of a prediction file.
struct PredictionRecord {
  std::string name;            ///< of the group: the FASTA record's name, or "locus"
  std::string contig;          ///< where the input lies; the record's name for a FASTA record
  std::int64_t start = 0;      ///< first base of the first bin, 0-based
  std::int64_t binSize = 128;  ///< bases
  std::string gamma;           ///< "tf" or "torch"
  /// Datasets by name: "embedding" [bins, 2 * dim], a head's name [bins, tracks], "tower" [tokens,
  /// dim], "layer_0" [tokens, dim], ...
  std::vector<std::pair<std::string, Matrix>> arrays;
  /// Track numbers of the columns of a head that was not written whole: ("human", {3, 10}).
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> tracks;
};

/// Adds a record as group `/NAME` with the attributes contig, start, bin_size and gamma; the tracks
/// of a head as dataset `/NAME/HEAD_tracks`. A '/' in the name becomes '_', because HDF5 would make
/// groups of it.
void writeRecord(H5Writer& writer, const PredictionRecord& record);

/// The provenance as JSON in the attribute `provenance` of the root group.
void writeProvenance(H5Writer& writer, const Provenance& provenance);

}  // namespace cellocus
