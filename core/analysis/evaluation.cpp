// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/evaluation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

#include "analysis/correlation.h"
#include "base/text.h"

namespace cellocus {

namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
/// Memory of a block of genes that is compared at once.
constexpr std::int64_t blockBytes = std::int64_t{32} << 20;
constexpr double poorBelow = 0.1, goodFrom = 0.3;
constexpr double normal95 = 1.96;

constexpr GeneSelection selections[] = {GeneSelection::All, GeneSelection::HighlyVariable,
                                        GeneSelection::HighlyExpressed};

std::string rowsText(const Matrix& matrix) {
  return withThousands(matrix.rows()) + " × " + withThousands(matrix.cols());
}

bool isSelected(const EvaluatedGene& gene, GeneSelection selection) {
  switch (selection) {
    case GeneSelection::HighlyVariable:
      return gene.highlyVariable.value_or(false);
    case GeneSelection::HighlyExpressed:
      return gene.highlyExpressed.value_or(false);
    case GeneSelection::All:
      break;
  }
  return true;
}

CorrelationMean meanOf(const std::vector<double>& correlations) {
  return {meanCorrelation(correlations, Undefined::Skipped),
          meanCorrelation(correlations, Undefined::CountsAsZero), std::ssize(correlations),
          undefinedCount(correlations)};
}

/// One set of genes, all or some of it.
struct Compared {
  std::optional<SplitSet> set;
  GeneSelection selection = GeneSelection::All;
  CorrelationSums sums = {};
  std::int64_t genes = 0;

  bool holds(const EvaluatedGene& gene) const {
    return (!set || gene.set == *set) && isSelected(gene, selection);
  }
  EvaluationSummary summary() const {
    return {set,           selection, genes, meanOf(sums.crossGene()), meanOf(sums.crossCell()),
            sums.overall()};
  }
};

class Evaluator {
 public:
  explicit Evaluator(const EvaluationInput& input) : m_input(input), m_genes(input.genes) {
    const std::int64_t cells = std::max<std::int64_t>(1, std::ssize(input.cellNames));
    m_block =
        std::max<std::int64_t>(1, blockBytes / (cells * static_cast<std::int64_t>(sizeof(float))));
    findKnownCells();
  }

  Evaluation run(const Progress& progress) {
    Evaluation result;
    const bool choose = chooseByFormula(result, progress.part(0, 0.3));
    for (const auto& set : std::initializer_list<std::optional<SplitSet>>{
             std::nullopt, SplitSet::Train, SplitSet::Valid, SplitSet::Test})
      for (const GeneSelection selection : selections) {
        const Compared compared{set, selection};
        if (std::ranges::any_of(m_genes, [&](const auto& gene) { return compared.holds(gene); }))
          m_compared.push_back(compared);
      }
    compareAll(result, progress.part(choose ? 0.3 : 0, 1));
    for (const Compared& compared : m_compared) result.summaries.push_back(compared.summary());
    fillCells(result);
    return result;
  }

 private:
  std::int64_t geneCount() const { return std::ssize(m_genes); }
  double share(std::int64_t gene) const {
    return static_cast<double>(gene) / static_cast<double>(std::max<std::int64_t>(1, geneCount()));
  }

  /// Rows of one side, of the known cells alone.
  Matrix rows(const EvaluationInput::Rows& side, std::int64_t first, std::int64_t last) const {
    Matrix block = side(first, last);
    if (block.rows() != last - first || block.cols() != std::ssize(m_input.cellNames))
      throw Error("EVALUATION_SHAPE", "evaluation",
                  "expression of " + withThousands(last - first) + " genes in " +
                      withThousands(std::ssize(m_input.cellNames)) + " cells was expected, and " +
                      rowsText(block) + " values are there.",
                  "Compare a prediction with the cells it was made for.");
    if (m_known.size() != m_input.cellNames.size()) block = Matrix(block(Eigen::all, m_known));
    return block;
  }

  void findKnownCells() {
    std::vector<std::size_t> all(m_input.cellNames.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    m_known = all;
    if (m_genes.empty())
      throw Error("EVALUATION_SHAPE", "evaluation", "there is no gene to compare.",
                  "Give a prediction of genes that the dataset has.");
    const Matrix first = rows(m_input.predicted, 0, 1);
    std::erase_if(m_known, [&](std::size_t cell) {
      return std::isnan(first(0, static_cast<Eigen::Index>(cell)));
    });
  }

  void requireNumbers(const Matrix& block, std::int64_t first, const std::string& side) const {
    if (block.allFinite()) return;
    for (Eigen::Index row = 0; row < block.rows(); ++row)
      if (!block.row(row).allFinite())
        throw Error("EVALUATION_VALUES",
                    "gene " + printable(m_genes[static_cast<std::size_t>(first + row)].id),
                    side + " expression is not a number in some cell.",
                    "Use a layer whose values are all numbers, and genes that the dataset has.");
  }

  /// Chooses the genes that vary and are expressed most where the dataset does not say it. True if
  /// expression was read for that.
  bool chooseByFormula(Evaluation& result, const Progress& progress);
  void choose(const std::vector<double>& values, std::optional<bool> EvaluatedGene::*flag);
  void compareAll(Evaluation& result, const Progress& progress);
  void fillCells(Evaluation& result) const;
  const Compared* find(std::optional<SplitSet> set) const;

  const EvaluationInput& m_input;
  std::vector<EvaluatedGene> m_genes;
  std::vector<std::size_t> m_known;  ///< cells that count
  std::int64_t m_block = 1;          ///< genes compared at once
  std::vector<Compared> m_compared;
};

bool Evaluator::chooseByFormula(Evaluation& result, const Progress& progress) {
  const bool variableKnown = std::ranges::any_of(
      m_genes, [](const auto& gene) { return gene.highlyVariable.has_value(); });
  const bool expressedKnown = std::ranges::any_of(
      m_genes, [](const auto& gene) { return gene.highlyExpressed.has_value(); });
  result.highlyVariableFormula = result.highlyExpressedFormula = "as the dataset says";
  if (variableKnown && expressedKnown) return false;
  std::vector<double> means, variances;
  bool negative = false;
  for (std::int64_t first = 0; first < geneCount(); first += m_block) {
    progress.at(share(first), "which genes vary");
    const Matrix block = rows(m_input.observed, first, std::min(geneCount(), first + m_block));
    negative = negative || (block.size() > 0 && block.minCoeff() < 0);
    for (Eigen::Index row = 0; row < block.rows(); ++row) {
      const Eigen::RowVectorXd values = block.row(row).cast<double>();
      means.push_back(values.mean());
      variances.push_back((values.array() - values.mean()).square().mean());
    }
  }
  const std::string count =
      withThousands(std::min(geneCount(), m_input.highlyCount)) + " genes with the largest ";
  if (!expressedKnown) {
    choose(means, &EvaluatedGene::highlyExpressed);
    result.highlyExpressedFormula = count + "mean of the observed expression";
  }
  if (variableKnown) return true;
  result.highlyVariableFormula =
      count + (negative ? "variance" : "variance / mean") + " of the observed expression";
  for (std::size_t gene = 0; gene < means.size() && !negative; ++gene)
    variances[gene] = means[gene] > 0 ? variances[gene] / means[gene] : 0;
  choose(variances, &EvaluatedGene::highlyVariable);
  return true;
}

void Evaluator::choose(const std::vector<double>& values,
                       std::optional<bool> EvaluatedGene::*flag) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order,
                           [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  for (EvaluatedGene& gene : m_genes) gene.*flag = false;
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(0, m_input.highlyCount));
  for (std::size_t i = 0; i < std::min(order.size(), count); ++i) m_genes[order[i]].*flag = true;
}

void Evaluator::compareAll(Evaluation& result, const Progress& progress) {
  for (std::int64_t first = 0; first < geneCount(); first += m_block) {
    progress.at(share(first), "comparing prediction and observation");
    const std::int64_t last = std::min(geneCount(), first + m_block);
    const Matrix predicted = rows(m_input.predicted, first, last);
    const Matrix observed = rows(m_input.observed, first, last);
    requireNumbers(predicted, first, "Predicted");
    requireNumbers(observed, first, "Observed");
    for (Compared& compared : m_compared) {
      std::vector<Eigen::Index> own;
      for (std::int64_t gene = first; gene < last; ++gene)
        if (compared.holds(m_genes[static_cast<std::size_t>(gene)])) own.push_back(gene - first);
      if (own.empty()) continue;
      compared.genes += std::ssize(own);
      compared.sums.add(Matrix(predicted(own, Eigen::all)), Matrix(observed(own, Eigen::all)));
    }
    for (Eigen::Index row = 0; row < predicted.rows(); ++row)
      result.genes.push_back({m_genes[static_cast<std::size_t>(first + row)], undefined,
                              observed.row(row).cast<double>().mean(),
                              predicted.row(row).cast<double>().mean(), predicted.cols(),
                              Reliability::Undefined});
  }
  // The first of all is the one of all genes.
  const std::vector<double>& correlations = m_compared.front().sums.crossCell();
  for (std::size_t gene = 0; gene < result.genes.size(); ++gene) {
    GeneEvaluation& own = result.genes[gene];
    own.r = correlations[gene];
    own.reliability = reliabilityOf(own.r, own.cells, own.gene.set);
  }
}

const Compared* Evaluator::find(std::optional<SplitSet> set) const {
  const auto found = std::ranges::find_if(m_compared, [&](const Compared& compared) {
    return compared.set == set && compared.selection == GeneSelection::All;
  });
  return found == m_compared.end() ? nullptr : &*found;
}

void Evaluator::fillCells(Evaluation& result) const {
  for (const std::size_t cell : m_known)
    result.cells.push_back({m_input.cellNames[cell], undefined, undefined, undefined, undefined});
  const auto fill = [&](std::optional<SplitSet> set, double CellEvaluation::*value) {
    const Compared* compared = find(set);
    if (!compared) return;
    const std::vector<double> correlations = compared->sums.crossGene();
    for (std::size_t cell = 0; cell < correlations.size(); ++cell)
      result.cells[cell].*value = correlations[cell];
  };
  fill(std::nullopt, &CellEvaluation::all);
  fill(SplitSet::Train, &CellEvaluation::train);
  fill(SplitSet::Valid, &CellEvaluation::valid);
  fill(SplitSet::Test, &CellEvaluation::test);
}

}  // namespace

Reliability reliabilityOf(double r, std::int64_t cells, SplitSet set) {
  if (std::isnan(r)) return Reliability::Undefined;
  if (set == SplitSet::Train || set == SplitSet::Valid) return Reliability::Seen;
  const double low = cells > 3 ? std::tanh(std::atanh(std::clamp(r, -1.0, 1.0)) -
                                           normal95 / std::sqrt(static_cast<double>(cells - 3)))
                               : -1;
  if (r < poorBelow || !(low > 0)) return Reliability::Poor;
  return r < goodFrom ? Reliability::Fair : Reliability::Good;
}

std::string_view reliabilityName(Reliability reliability) {
  switch (reliability) {
    case Reliability::Good:
      return "good";
    case Reliability::Fair:
      return "fair";
    case Reliability::Poor:
      return "poor";
    case Reliability::Seen:
      return "seen in training";
    case Reliability::Undefined:
      break;
  }
  return "undefined";
}

std::string_view geneSelectionName(GeneSelection selection) {
  switch (selection) {
    case GeneSelection::HighlyVariable:
      return "highly_variable";
    case GeneSelection::HighlyExpressed:
      return "highly_expressed";
    case GeneSelection::All:
      break;
  }
  return "all";
}

const EvaluationSummary* Evaluation::find(std::optional<SplitSet> set,
                                          GeneSelection selection) const {
  const auto found = std::ranges::find_if(summaries, [&](const EvaluationSummary& summary) {
    return summary.set == set && summary.selection == selection;
  });
  return found == summaries.end() ? nullptr : &*found;
}

Evaluation evaluate(const EvaluationInput& input, const Progress& progress) {
  return Evaluator(input).run(progress);
}

}  // namespace cellocus
