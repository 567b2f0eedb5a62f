// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "genome/locus.h"

namespace cellocus {

/// One value per base: A, C, G, T.
using BaseWeights = std::array<double, 4>;

/// Base frequencies that scores and thresholds are measured against.
inline constexpr BaseWeights motifBackground = {0.29, 0.21, 0.21, 0.29};

/// The binding preference of a transcription factor: a probability of each base per column.
struct Motif {
  std::string name;                  ///< "GATA4"
  std::string id;                    ///< "MA0482.1", or the consensus it was made from
  std::vector<BaseWeights> columns;  ///< each sums to 1
  double pseudoFraction = 0;         ///< share of background mixed in before logarithms are taken
};

/// Consensus letter 0.85 and 0.05 for the others; an IUPAC letter shares the 0.85 (or, for three
/// bases, 0.95).
/// @throws Error "MOTIF_SYNTAX" for a letter that is not IUPAC
Motif motifFromConsensus(std::string_view name, std::string_view consensus);

/// The consensus sequences of the demo trunk, textbook facts, in channel order.
const std::vector<Motif>& textbookMotifs();

/// Motifs of a MEME file (version 4 text) or of a JASPAR file (counts, with or without letters and
/// brackets). The pseudo-count is 0.25 * sqrt(sites), 8 at most.
/// @throws Error "MOTIF_FORMAT", "MOTIF_SYNTAX" naming the line, "MOTIF_NONE"
std::vector<Motif> readMotifs(const std::filesystem::path& path);

/// How well bases fit a motif, in bits (log2 of the odds against the background), and when that
/// counts.
struct MotifScorer {
  std::vector<BaseWeights>
      bits;  ///< at most 15 columns, the most informative ones of a longer motif
  std::int64_t firstColumn = 0;  ///< of the motif
  double threshold = 0;          ///< below this a match is no match
  double high = 0;               ///< a match as rare as 1 in 100,000 positions: full scale
  double best = 0;               ///< the best possible score

  /// Turns bits above the threshold into the scale 0 (threshold) .. 4 (high).
  double gain() const { return 4 / (high - threshold); }
  std::int64_t width() const { return static_cast<std::int64_t>(bits.size()); }
  /// Score of the first `width()` bases; letters other than A, C, G, T cost 2 bits each, as in the
  /// demo trunk.
  double score(std::string_view bases) const;
};

/// The widest motif a stem filter holds.
inline constexpr std::int64_t longestScorer = 15;

/// Threshold: the score that background reaches with probability 5e-4 per position and strand, and
/// at least 0.45 of the best score, so that long motifs do not report thousands of poor sites.
/// High: probability 1e-5, at most the best score, at least 4 bits above the threshold.
MotifScorer motifScorer(const Motif& motif);

/// Lowest score (in steps of 0.01 bit) that background reaches with at most this probability: the
/// exact distribution of the sum over columns, by dynamic programming. Above the best score if none
/// is that rare.
double scoreAtTail(const std::vector<BaseWeights>& bits, double probability);

/// A place where a motif scores at least its threshold.
struct MotifMatch {
  std::int64_t start = 0, end = 0;  ///< in the text that was searched
  Strand strand = Strand::Plus;
  double score = 0;  ///< bits
};
/// All matches on both strands, sorted by start; a palindromic match is found on each strand.
std::vector<MotifMatch> findMatches(const MotifScorer& scorer, std::string_view bases);

}  // namespace cellocus
