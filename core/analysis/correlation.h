// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/matrix.h"

/// Pearson's r between predicted and observed expression [genes, cells], as seq2cells names it:
/// "cross-gene" is one value a cell, across its genes; "cross-cell" one value a gene, across cells.
/// A vector whose entries are all the same (or that has fewer than two) has no correlation: NaN.
namespace cellocus {

/// What an undefined correlation does in a mean. The two rules of seq2cells differ wherever a gene
/// is not expressed (SYSTEMS 12.2).
enum class Undefined {
  CountsAsZero,  ///< the metrics of training
  Skipped        ///< the evaluation
};

/// NaN if nothing counts.
double meanCorrelation(std::span<const double> correlations, Undefined rule);
std::int64_t undefinedCount(std::span<const double> correlations);

/// Sums of n pairs of numbers from which their correlation follows. Updated around the running
/// means, so that large values with small differences keep their digits.
struct PairSums {
  std::int64_t count = 0;
  double meanX = 0, meanY = 0;
  double xx = 0, yy = 0, xy = 0;  ///< sums of products of the distances from the means
  double firstX = 0, firstY = 0;
  bool variesX = false, variesY = false;

  void add(const PairSums& other);
  /// NaN where one of the two does not vary.
  double correlation() const;
};

/// Correlations of expression that comes in blocks of genes and is nowhere held whole.
class CorrelationSums {
 public:
  /// Further genes, [genes, cells] both, the cells always the same.
  void add(MatrixView predicted, MatrixView observed);

  /// One value a cell, across all genes so far.
  std::vector<double> crossGene() const;
  /// One value a gene, in the order in which they came.
  const std::vector<double>& crossCell() const { return m_crossCell; }
  /// Of all entries as two long vectors.
  double overall() const;
  /// One a cell.
  const std::vector<PairSums>& cells() const { return m_cells; }

 private:
  std::vector<PairSums> m_cells;
  std::vector<double> m_crossCell;
  PairSums m_overall;
};

/// The same of matrices at hand.
std::vector<double> crossGeneCorrelation(MatrixView predicted, MatrixView observed);
std::vector<double> crossCellCorrelation(MatrixView predicted, MatrixView observed);
/// Of two vectors of the same length.
double correlation(std::span<const float> x, std::span<const float> y);

/// Cosine of the angle between two vectors, each length at least 1e-8.
double cosineSimilarity(std::span<const double> a, std::span<const double> b);

}  // namespace cellocus
