// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/splitset.h"
#include "base/matrix.h"
#include "base/progress.h"

namespace cellocus {

/// Held-out genes of the published models, for context: Pearson's r, mean over cells resp. genes.
/// Schwessinger et al. 2023, doi:10.1101/2023.07.26.550634.
struct PublishedCorrelation {
  double crossGene = 0.762, crossCell = 0.285;
  std::string_view citation = "seq2cells, Schwessinger et al. 2023, doi:10.1101/2023.07.26.550634";
};

/// How far the prediction of a gene may be trusted to tell cells apart. Decided by r across the n
/// cells of the evaluation on a gene that the model has not seen, and by the lower end of r's 95 %
/// interval, low = tanh(atanh r - 1.96 / sqrt(n - 3)).
enum class Reliability {
  Undefined,  ///< prediction or observation is the same in all cells
  Seen,       ///< a gene of the train or valid set: its r says nothing about new ones
  Poor,       ///< r < 0.1, or low <= 0
  Fair,       ///< 0.1 <= r < 0.3
  Good        ///< 0.3 <= r: at least what published models reach on average
};
Reliability reliabilityOf(double r, std::int64_t cells, SplitSet set);
/// "good", "fair", "poor", "seen in training", "undefined".
std::string_view reliabilityName(Reliability reliability);

struct EvaluatedGene {
  std::string id, symbol;
  SplitSet set = SplitSet::Unassigned;
  /// As the dataset says; where no gene has one, the genes are chosen by formula.
  std::optional<bool> highlyVariable = {}, highlyExpressed = {};
};

/// Predicted and observed expression, given out in blocks of genes so that neither has to be in
/// memory as a whole.
struct EvaluationInput {
  std::vector<EvaluatedGene> genes;
  std::vector<std::string> cellNames;  ///< one a cell
  /// [last - first, cells] of genes first..last. May be called more than once for the same genes.
  using Rows = std::function<Matrix(std::int64_t first, std::int64_t last)>;
  Rows predicted, observed;
  /// Where the dataset does not say which genes vary or are expressed much: so many, by the largest
  /// variance / mean (the largest variance if there are negative values) resp. the largest mean of
  /// what was observed.
  std::int64_t highlyCount = 2'000;
};

enum class GeneSelection { All, HighlyVariable, HighlyExpressed };
/// "all", "highly_variable", "highly_expressed".
std::string_view geneSelectionName(GeneSelection selection);

/// Mean of correlations of which some are undefined, because a vector is constant. The two rules in
/// use give different numbers.
struct CorrelationMean {
  double skipping = 0;  ///< undefined ones do not count (seq2cells' evaluation); NaN if all are
  double asZero = 0;    ///< undefined ones count as 0 (seq2cells' training)
  std::int64_t entries = 0;    ///< genes or cells
  std::int64_t undefined = 0;  ///< of them
};

struct EvaluationSummary {
  std::optional<SplitSet> set;  ///< nothing: all genes
  GeneSelection selection = GeneSelection::All;
  std::int64_t genes = 0;
  CorrelationMean crossGene;  ///< r across genes, mean over cells
  CorrelationMean crossCell;  ///< r across cells, mean over genes
  double flattened = 0;       ///< r of all values together; NaN if undefined
};

struct GeneEvaluation {
  EvaluatedGene gene;  ///< with the choice of highly variable and expressed genes made
  double r = 0;        ///< across cells; NaN if undefined
  double meanObserved = 0, meanPredicted = 0;
  std::int64_t cells = 0;
  Reliability reliability = Reliability::Undefined;
};

struct CellEvaluation {
  std::string name;
  /// r across genes; NaN if undefined.
  double all = 0, train = 0, valid = 0, test = 0;
};

struct Evaluation {
  std::vector<EvaluationSummary> summaries;  ///< of the sets that have genes; "all" first
  std::vector<GeneEvaluation> genes;         ///< as in the input
  std::vector<CellEvaluation> cells;
  std::string highlyVariableFormula, highlyExpressedFormula;  ///< how they were chosen

  /// Null if no gene is of that set and selection.
  const EvaluationSummary* find(std::optional<SplitSet> set,
                                GeneSelection selection = GeneSelection::All) const;
};

/// Compares prediction and observation gene by gene and cell by cell, with Pearson's r in double
/// precision. Cells in which any predicted value of the first gene is NaN (the head does not know
/// them) are left out throughout.
/// @throws Error "EVALUATION_SHAPE" if numbers of genes or cells differ, "EVALUATION_VALUES" if a
/// value is not a number
Evaluation evaluate(const EvaluationInput& input, const Progress& progress = {});

}  // namespace cellocus
