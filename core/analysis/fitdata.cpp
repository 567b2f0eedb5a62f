// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/fitdata.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

#include "analysis/evaluatedgenes.h"
#include "analysis/regionsplit.h"
#include "base/text.h"

namespace cellocus {

namespace {

/// A number that a name and a seed decide: FNV-1a, then the finish of splitmix64, so that similar
/// names lie far apart.
std::uint64_t lotOf(std::string_view name, std::uint64_t seed) {
  std::uint64_t lot = 0xCBF29CE484222325u ^ seed;
  for (const char letter : name) lot = (lot ^ static_cast<unsigned char>(letter)) * 0x100000001B3u;
  lot = (lot ^ (lot >> 30)) * 0xBF58476D1CE4E5B9u;
  lot = (lot ^ (lot >> 27)) * 0x94D049BB133111EBu;
  return lot ^ (lot >> 31);
}

std::size_t shareOf(std::size_t genes, double share) {
  if (!(share > 0) || genes < 3) return 0;
  const double wanted = std::round(share * static_cast<double>(genes));
  return std::clamp<std::size_t>(static_cast<std::size_t>(wanted), 1, genes / 3);
}

std::vector<SplitSet> regionSets(const FitRequest& request, const Progress& progress) {
  if (std::ssize(request.windows) != request.embeddings->embedding.rows())
    throw Error("SPLIT_WINDOWS", request.split.name,
                "a split by regions needs the windows of the embeddings, and " +
                    std::to_string(request.windows.size()) + " are known for " +
                    std::to_string(request.embeddings->embedding.rows()) + " rows.",
                "Open the query file (windows.tsv) with the embeddings, or split at random.");
  const RegionSplit split =
      splitByRegions(request.windows, readSetRegions(request.split.name, progress),
                     {.rule = SplitRule::Corrected});
  std::vector<SplitSet> sets;
  for (const GeneJoin::Pair& pair : request.join->pairs)
    sets.push_back(split.setOf[static_cast<std::size_t>(pair.row)]);
  return sets;
}

std::vector<SplitSet> columnSets(const FitRequest& request, const Progress& progress) {
  const CellColumn column = request.cells->geneColumn(request.split.name, progress);
  std::vector<SplitSet> sets;
  for (const GeneJoin::Pair& pair : request.join->pairs) {
    const std::string name = column.textAt(pair.gene);
    const auto set = splitSetNamed(name);
    if (!set)
      throw Error("SPLIT_COLUMN", request.cells->path().filename().string() + ": " + column.name,
                  "it holds \"" + printable(name) + "\", expected train, valid or test.",
                  "Choose the column that divides the genes into sets (enf_set of seq2cells).");
    sets.push_back(*set);
  }
  return sets;
}

std::vector<SplitSet> setsOf(const FitRequest& request, const std::vector<std::string>& geneIds,
                             const Progress& progress) {
  switch (request.split.kind) {
    case SplitChoice::Kind::Regions:
      return regionSets(request, progress);
    case SplitChoice::Kind::Column:
      return columnSets(request, progress);
    case SplitChoice::Kind::Random:
      break;
  }
  return randomSplit(geneIds, request.split.validShare, request.split.testShare, request.seed);
}

std::vector<EvaluatedGene> genesOf(const FitRequest& request, const std::vector<SplitSet>& sets) {
  std::vector<std::int64_t> genes;
  for (const GeneJoin::Pair& pair : request.join->pairs) genes.push_back(pair.gene);
  return evaluatedGenes(*request.cells, genes, sets);
}

/// Expression of some of the pairs, read from the dataset's genes.
TrainingData::Rows rowsOf(const FitRequest& request, std::shared_ptr<const GeneMajor> expression) {
  return [join = request.join, expression = std::move(expression)](
             std::span<const std::int64_t> rows, const Progress& progress) {
    std::vector<std::int64_t> genes;
    for (const std::int64_t row : rows)
      genes.push_back(join->pairs[static_cast<std::size_t>(row)].gene);
    return expression->rows(genes, progress);
  };
}

}  // namespace

std::string FitData::symbol(std::int64_t row) const {
  const EvaluatedGene& gene = genes[static_cast<std::size_t>(row)];
  return gene.symbol.empty() ? gene.id : gene.symbol;
}

std::vector<SplitSet> randomSplit(const std::vector<std::string>& geneIds, double validShare,
                                  double testShare, std::uint64_t seed) {
  std::vector<std::size_t> order(geneIds.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return lotOf(geneIds[i], seed); });
  const std::size_t test = shareOf(order.size(), testShare);
  const std::size_t valid = shareOf(order.size(), validShare);
  std::vector<SplitSet> sets(order.size(), SplitSet::Train);
  for (std::size_t i = 0; i < test; ++i) sets[order[i]] = SplitSet::Test;
  for (std::size_t i = test; i < test + valid; ++i) sets[order[i]] = SplitSet::Valid;
  return sets;
}

FitData gatherFitData(const FitRequest& request, const Progress& progress) {
  const GeneJoin& join = *request.join;
  FitData data;
  TrainingData& training = data.training;
  std::vector<std::int64_t> rows;
  for (const GeneJoin::Pair& pair : join.pairs) {
    const GeneName& name = request.cells->genes()[static_cast<std::size_t>(pair.gene)];
    rows.push_back(pair.row);
    training.geneIds.push_back(name.id.empty() ? name.index : name.id);
  }
  training.sets = setsOf(request, training.geneIds, progress.part(0, 0.05));
  if (!std::ranges::count(training.sets, SplitSet::Train))
    throw Error("SPLIT_EMPTY", request.cells->path().filename().string(),
                "of " + withThousands(std::ssize(join.pairs)) +
                    " genes that have an embedding and expression, none is in the train set.",
                "Look at how the genes were matched, or divide them in another way.");
  data.genes = genesOf(request, training.sets);
  training.embeddings = request.embeddings->embedding(rows, Eigen::all);
  training.cellNames = request.cells->cellNames();
  training.gamma = request.embeddings->gamma;
  const auto expression =
      GeneMajor::make(*request.cells, request.expression, progress.part(0.05, 1));
  training.unit = expression->unit();
  training.expression = rowsOf(request, expression);
  return data;
}

EvaluationInput evaluationInput(const FitData& data,
                                std::function<Matrix(MatrixView embeddings)> predict,
                                const Progress& progress) {
  EvaluationInput input;
  input.genes = data.genes;
  input.cellNames = data.training.cellNames;
  input.predicted = [&data, predict = std::move(predict)](std::int64_t first, std::int64_t last) {
    return predict(data.training.embeddings.middleRows(first, last - first));
  };
  input.observed = [&data, progress](std::int64_t first, std::int64_t last) {
    std::vector<std::int64_t> rows(static_cast<std::size_t>(last - first));
    std::iota(rows.begin(), rows.end(), first);
    return data.training.expression(rows, progress);
  };
  return input;
}

}  // namespace cellocus
