// SPDX-License-Identifier: GPL-3.0-or-later
#include "demo/motifs.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/nucleotide.h"
#include "base/text.h"

namespace cellocus {

namespace {

constexpr double consensusShare = 0.85, otherShare = 0.05;

/// Bases that an IUPAC letter stands for, as bits 0..3 of A, C, G, T; 0 for other letters.
unsigned iupacBases(char letter) {
  constexpr std::string_view letters = "ACGTRYSWKMBDHVN";
  constexpr std::array<unsigned, 15> bases = {1, 2, 4, 8, 5, 10, 6, 9, 12, 3, 14, 13, 11, 7, 15};
  const auto at = letters.find(letter);
  return at == std::string_view::npos ? 0 : bases[at];
}

BaseWeights consensusColumn(unsigned bases) {
  const int count = __builtin_popcount(bases);
  // The letters that do not fit keep 0.05 each whatever their number, and those that fit share the
  // rest.
  const double share = count == 1 ? consensusShare : (1 - otherShare * (4 - count)) / count;
  BaseWeights column;
  for (unsigned base = 0; base < 4; ++base) column[base] = (bases >> base) & 1 ? share : otherShare;
  return column;
}

std::vector<BaseWeights> logOdds(const Motif& motif) {
  std::vector<BaseWeights> bits;
  for (const BaseWeights& column : motif.columns) {
    BaseWeights& odds = bits.emplace_back();
    for (std::size_t base = 0; base < 4; ++base) {
      const double background = motifBackground[base];
      const double probability =
          (column[base] + motif.pseudoFraction * background) / (1 + motif.pseudoFraction);
      odds[base] = std::log2(std::max(probability, 1e-6) / background);
    }
  }
  return bits;
}

/// First of the 15 consecutive columns with the most information.
std::int64_t mostInformative(const Motif& motif) {
  std::vector<double> information;
  for (const BaseWeights& column : motif.columns) {
    double bits = 0;
    for (std::size_t base = 0; base < 4; ++base)
      if (column[base] > 0) bits += column[base] * std::log2(column[base] / motifBackground[base]);
    information.push_back(bits);
  }
  std::int64_t best = 0;
  double most = -1;
  const auto width = static_cast<std::int64_t>(information.size());
  for (std::int64_t first = 0; first + longestScorer <= width; ++first) {
    const double sum = std::accumulate(information.begin() + first,
                                       information.begin() + first + longestScorer, 0.0);
    // Equal stretches differ by rounding only: the first of them is taken.
    if (sum > most + 1e-9) {
      most = sum;
      best = first;
    }
  }
  return best;
}

double bestScore(const std::vector<BaseWeights>& bits) {
  double sum = 0;
  for (const BaseWeights& column : bits) sum += *std::max_element(column.begin(), column.end());
  return sum;
}

double strandScore(const std::vector<BaseWeights>& bits, std::string_view bases) {
  constexpr double unknownBase = -2;
  double sum = 0;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    const int base = nucleotideNumber(bases[i]);
    sum += base < 0 ? unknownBase : bits[i][static_cast<std::size_t>(base)];
  }
  return sum;
}

}  // namespace

Motif motifFromConsensus(std::string_view name, std::string_view consensus) {
  Motif motif{std::string(name), std::string(consensus), {}, 0};
  for (const char letter : consensus) {
    const unsigned bases = iupacBases(letter);
    if (bases == 0)
      throw Error("MOTIF_SYNTAX", "motif " + motif.name,
                  "\"" + printable(consensus) + "\" has a letter that names no bases.",
                  "Use A, C, G, T and the IUPAC letters R, Y, S, W, K, M, B, D, H, V, N.");
    motif.columns.push_back(consensusColumn(bases));
  }
  return motif;
}

// Consensus sequences as they stand in textbooks and reviews of the factors (GATA box, T-box half
// site, NKE, MEF2 site, CArG box, E-boxes, M-CAT, DR1, GC box, CCAAT box, TATA box, ETS, CRE, TRE,
// PU box, RE1, ISRE, ...).
const std::vector<Motif>& textbookMotifs() {
  struct Entry {
    const char *name, *consensus;
  };
  static constexpr std::array<Entry, 46> entries = {{
      {"GATA4", "AGATAAGR"},
      {"TBX5", "AGGTGTGA"},
      {"NKX2-5", "TTAAGTGG"},
      {"MEF2A", "CTAAAAATAG"},
      {"SRF", "CCWTATWWGG"},
      {"HAND2", "CATCTGG"},
      {"TEAD1", "CATTCCAS"},
      {"ISL1", "YCTAATTG"},
      {"TBX20", "TAGGTGTGAAG"},
      {"FOXC1", "RTAAACAW"},
      {"FOXH1", "AATMMACA"},
      {"MEIS1", "TTGACAGS"},
      {"TCF21", "AACAGCTGTT"},
      {"NR2F2", "AGGTCAAAGGTCA"},
      {"ESRRG", "TCAAGGTCA"},
      {"PITX2", "GGGATTAG"},
      {"NFATC1", "WTTTTCCAY"},
      {"SP1", "GGGGCGGGG"},
      {"NFYA", "RRCCAATSR"},
      {"TBP", "STATAWAAR"},
      {"GABPA", "ACCGGAAGT"},
      {"SPI1", "AAAGAGGAAGTG"},
      {"CREB1", "TGACGTCA"},
      {"FOSJUN", "RTGASTCAY"},
      {"NRF1", "YGCGCATGCGCR"},
      {"YY1", "AANATGGCGGC"},
      {"KLF4", "GGGTGTGGC"},
      {"E2F4", "TTTSGCGCS"},
      {"MYC", "CCACGTGG"},
      {"RFX3", "GTTGCCATGGCAAC"},
      {"ZNF143", "ACTACAATTCCCAGAATGC"},
      {"CTCF", "CCASYAGRKGGCRS"},
      {"REST", "TTCAGCACCATGGACAGCGCC"},
      {"STAT3", "TTCYNGGAA"},
      {"NFKB1", "GGGRMTTYCC"},
      {"RUNX1", "TGTGGTTWR"},
      {"IRF1", "GAAASTGAAA"},
      {"SOX2", "CCWTTGTTC"},
      {"SOX17", "GACAATRGM"},
      {"POU5F1SOX2", "CATTGTTATGCAAAT"},
      {"LEF1", "SCTTTGATS"},
      {"SMAD3", "YGTCTAGACR"},
      {"ZIC2", "GACCCCCTGCTG"},
      {"OTX2", "CTTAATCCY"},
      {"EOMES", "AAGGTGTKAAW"},
      {"TBXT", "TCACACCTAGGTGTGA"},
  }};
  static const std::vector<Motif> motifs = [] {
    std::vector<Motif> made;
    for (const Entry& entry : entries)
      made.push_back(motifFromConsensus(entry.name, entry.consensus));
    return made;
  }();
  return motifs;
}

double scoreAtTail(const std::vector<BaseWeights>& bits, double probability) {
  constexpr double step = 0.01;
  std::vector<double> distribution = {1};  // of the score, in steps above `lowest`
  std::int64_t lowest = 0;
  for (const BaseWeights& column : bits) {
    std::array<std::int64_t, 4> steps;
    for (std::size_t base = 0; base < 4; ++base) steps[base] = std::llround(column[base] / step);
    const auto [low, high] = std::minmax_element(steps.begin(), steps.end());
    std::vector<double> next(distribution.size() + static_cast<std::size_t>(*high - *low), 0);
    for (std::size_t base = 0; base < 4; ++base) {
      const auto shift = static_cast<std::size_t>(steps[base] - *low);
      for (std::size_t i = 0; i < distribution.size(); ++i)
        next[i + shift] += motifBackground[base] * distribution[i];
    }
    lowest += *low;
    distribution = std::move(next);
  }
  double tail = 0;
  std::size_t at = distribution.size();
  while (at > 0 && tail + distribution[at - 1] <= probability) tail += distribution[--at];
  return (static_cast<double>(lowest) + static_cast<double>(at)) * step;
}

double MotifScorer::score(std::string_view bases) const {
  return strandScore(bits, bases);
}

MotifScorer motifScorer(const Motif& motif) {
  constexpr double thresholdTail = 5e-4, highTail = 1e-5, leastShare = 0.45, leastRange = 4;
  MotifScorer scorer;
  scorer.bits = logOdds(motif);
  if (scorer.width() > longestScorer) {
    scorer.firstColumn = mostInformative(motif);
    const auto first = scorer.bits.begin() + scorer.firstColumn;
    scorer.bits = std::vector<BaseWeights>(first, first + longestScorer);
  }
  scorer.best = bestScore(scorer.bits);
  scorer.threshold = std::max(scoreAtTail(scorer.bits, thresholdTail), leastShare * scorer.best);
  scorer.high = std::max(std::min(scoreAtTail(scorer.bits, highTail), scorer.best),
                         scorer.threshold + leastRange);
  return scorer;
}

std::vector<MotifMatch> findMatches(const MotifScorer& scorer, std::string_view bases) {
  std::vector<BaseWeights> reversed(scorer.bits.rbegin(), scorer.bits.rend());
  for (BaseWeights& column : reversed) std::reverse(column.begin(), column.end());
  std::vector<MotifMatch> matches;
  const std::int64_t last = static_cast<std::int64_t>(bases.size()) - scorer.width();
  for (std::int64_t start = 0; start <= last; ++start) {
    const std::string_view site = bases.substr(static_cast<std::size_t>(start));
    for (const Strand strand : {Strand::Plus, Strand::Minus}) {
      const double score = strandScore(strand == Strand::Plus ? scorer.bits : reversed, site);
      if (score >= scorer.threshold)
        matches.push_back({start, start + scorer.width(), strand, score});
    }
  }
  return matches;
}

}  // namespace cellocus
