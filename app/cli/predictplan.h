// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "arguments.h"
#include "console.h"
#include "genome/genome.h"
#include "genome/haplotype.h"
#include "models/enformer.h"

namespace cellocus::cli {

/// The command line of `predict`.
struct PredictOptions {
  std::filesystem::path enformer, fasta, genome, annotation, edits, trackFile, output;
  std::string locus, what, tracks, bins, gamma;
  Precision precision = Precision::Float32;
};

/// What is to be computed, once the model is known.
struct PredictWanted {
  bool embedding = false, tower = false, layers = false;
  std::vector<std::string> heads;
  TrackChoice tracks;
};

/// All there is to do, opened and checked before the first sequence is computed.
struct PredictPlan {
  std::shared_ptr<const Enformer> model;
  std::shared_ptr<const Genome> genome;
  PredictWanted wanted;
  std::vector<std::string> trackNames;
  Haplotype haplotype;
  Locus locus;  ///< the model's window, in locus mode
  std::int64_t anchor = 0;

  /// Whether every record of a FASTA file is an input, and not a window of a genome.
  bool readsRecords() const { return locus.contig.empty(); }
  /// Track numbers of a head in the order of the output's columns.
  std::vector<std::int64_t> tracksOfHead(const std::string& head) const;
};

/// @throws UsageError if the options contradict each other or ask for what the model does not have
PredictPlan planPrediction(const PredictOptions& options, Console& console);

}  // namespace cellocus::cli
