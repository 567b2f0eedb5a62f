// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/predictedexpression.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "analysis/evaluatedgenes.h"
#include "base/limits.h"
#include "base/text.h"
#include "cells/genenames.h"
#include "cells/h5file.h"
#include "genome/linereader.h"

namespace cellocus {

namespace fs = std::filesystem;

namespace {

using Kind = H5File::Kind;

constexpr std::string_view predictedLayer = "layers/predicted";

[[noreturn]] void noPrediction(const std::string& where, const std::string& fact) {
  throw Error("PREDICTION_FILE", where, fact,
              "Choose a .h5 or .h5ad that 'cellocus-cli predict-cells' wrote.");
}

std::vector<std::string> namesIn(const H5File& file, const std::string& path, std::int64_t count) {
  if (file.kind(path) != Kind::Dataset) return {};
  std::vector<std::string> names = file.strings(path);
  if (std::ssize(names) != count)
    noPrediction(file.where(path), "it has " + withThousands(std::ssize(names)) + " names for " +
                                       withThousands(count) + " rows or columns.");
  return names;
}

PredictedExpression openPlain(const std::shared_ptr<const H5File>& file) {
  const std::vector<std::int64_t> shape = file->shape("predicted");
  if (shape.size() != 2) noPrediction(file->where("predicted"), "it is no matrix.");
  PredictedExpression result;
  result.path = file->path();
  result.geneIds = namesIn(*file, "gene_id", shape[0]);
  result.geneSymbols = namesIn(*file, "gene_symbol", shape[0]);
  result.cellNames = namesIn(*file, "cell_id", shape[1]);
  result.cellCount = shape[1];
  if (result.geneIds.empty() && result.geneSymbols.empty())
    noPrediction(file->where(""), "it does not name its genes.");
  result.geneIds.resize(static_cast<std::size_t>(shape[0]));
  result.rows = [file, cells = shape[1]](std::span<const std::int64_t> genes) {
    Matrix values(std::ssize(genes), cells);
    for (std::size_t row = 0; row < genes.size(); ++row) {
      const std::vector<float> numbers =
          file->floats("predicted", {{genes[row], 0}, {1, cells}, {}});
      values.row(static_cast<Eigen::Index>(row)) =
          Eigen::Map<const Eigen::RowVectorXf>(numbers.data(), cells);
    }
    return values;
  };
  return result;
}

PredictedExpression openDataset(const fs::path& path, const Progress& progress) {
  const auto dataset = CellDataset::open(path, progress.part(0, 0.2));
  const auto isPredicted = [](const ExpressionLayer& layer) {
    return layer.path == predictedLayer;
  };
  if (std::ranges::none_of(dataset->layers(), isPredicted))
    noPrediction(printable(path.filename().string()), "it has no layer 'predicted'.");
  GeneMajor::Options options;
  options.layer = predictedLayer;
  const auto genes = GeneMajor::make(*dataset, options, progress.part(0.2, 1));
  PredictedExpression result;
  result.path = path;
  for (const GeneName& gene : dataset->genes()) {
    result.geneIds.push_back(gene.id.empty() ? gene.index : gene.id);
    result.geneSymbols.push_back(gene.symbol);
  }
  result.cellNames = dataset->cellNames();
  result.cellCount = dataset->cellCount();
  result.rows = [genes](std::span<const std::int64_t> wanted) { return genes->rows(wanted); };
  return result;
}

/// For each column of the prediction that is a cell of the dataset, both places.
struct CellPairs {
  std::vector<Eigen::Index> predicted, observed;
};

CellPairs pairCells(const PredictedExpression& predicted, const CellDataset& cells) {
  CellPairs pairs;
  if (predicted.cellNames.empty()) {
    if (predicted.cellCount != cells.cellCount()) return pairs;
    pairs.predicted.resize(static_cast<std::size_t>(predicted.cellCount));
    std::iota(pairs.predicted.begin(), pairs.predicted.end(), Eigen::Index{0});
    pairs.observed = pairs.predicted;
    return pairs;
  }
  std::unordered_map<std::string_view, Eigen::Index> columns;
  for (std::size_t i = 0; i < predicted.cellNames.size(); ++i)
    columns.emplace(predicted.cellNames[i], static_cast<Eigen::Index>(i));
  for (std::size_t cell = 0; cell < cells.cellNames().size(); ++cell) {
    const auto found = columns.find(cells.cellNames()[cell]);
    if (found == columns.end()) continue;
    pairs.predicted.push_back(found->second);
    pairs.observed.push_back(static_cast<Eigen::Index>(cell));
  }
  return pairs;
}

void requireCells(const CellPairs& pairs, const PredictedExpression& predicted,
                  const CellDataset& cells) {
  if (!pairs.predicted.empty()) return;
  throw Error("CELLS_UNMATCHED", printable(predicted.path.filename().string()),
              "none of its " + withThousands(predicted.cellCount) + " cells is one of the " +
                  withThousands(cells.cellCount()) + " of " +
                  printable(cells.path().filename().string()) + ".",
              "Name the dataset for whose cells the prediction was made.");
}

std::vector<std::int64_t> slice(const std::vector<std::int64_t>& all, std::int64_t first,
                                std::int64_t last) {
  return {all.begin() + first, all.begin() + last};
}

}  // namespace

PredictedExpression PredictedExpression::open(const fs::path& path, const Progress& progress) {
  const auto file = H5File::open(path);
  if (file->kind("predicted") == Kind::Dataset) return openPlain(file);
  if (file->kind("obs") != Kind::Missing) return openDataset(path, progress);
  noPrediction(file->where(""), "it holds no predicted expression.");
}

std::vector<SplitSet> readSplit(const fs::path& table, const std::vector<GeneName>& genes) {
  LineReader reader(table, {"SPLIT", "a table of genes and their sets", limits::gtfLineBytes}, {});
  std::string_view line;
  if (!reader.next(line)) reader.fail("_FORMAT", "it is empty.", "Choose another file.");
  const auto header = split(trimmed(line), '\t');
  const auto columnOf = [&](std::string_view name) {
    return std::ranges::find(header, name) - header.begin();
  };
  std::ptrdiff_t gene = columnOf("group_id");
  if (gene == std::ssize(header)) gene = columnOf("gene_id");
  const std::ptrdiff_t set = columnOf("set");
  if (gene == std::ssize(header) || set == std::ssize(header))
    reader.fail("_FORMAT", "it has no columns 'group_id' (or 'gene_id') and 'set'.",
                "Use what 'cellocus-cli windows --split' writes.");
  std::unordered_map<std::string, SplitSet> sets;
  while (reader.next(line)) {
    if (trimmed(line).empty()) continue;
    const auto cells = split(line, '\t');
    const bool whole = std::ssize(cells) > std::max(gene, set);
    const auto known =
        whole ? splitSetNamed(trimmed(cells[static_cast<std::size_t>(set)])) : std::nullopt;
    if (!known)
      reader.fail("_FORMAT", "its set is none of train, valid and test.", "Correct the line.");
    const std::string name(trimmed(cells[static_cast<std::size_t>(gene)]));
    sets.try_emplace(ensemblGene(name).value_or(name), *known);
  }
  std::vector<SplitSet> result;
  for (const GeneName& own : genes) {
    auto found = sets.find(own.id);
    if (found == sets.end()) found = sets.find(own.symbol);
    result.push_back(found == sets.end() ? SplitSet::Unassigned : found->second);
  }
  return result;
}

std::vector<SplitSet> splitOf(const CellDataset& dataset, const Progress& progress) {
  std::vector<SplitSet> sets(static_cast<std::size_t>(dataset.geneCount()));
  const auto name = splitColumn(dataset);
  if (!name) return sets;
  const CellColumn column = dataset.geneColumn(*name, progress);
  for (std::int64_t gene = 0; gene < dataset.geneCount(); ++gene)
    sets[static_cast<std::size_t>(gene)] =
        splitSetNamed(column.textAt(gene)).value_or(SplitSet::Unassigned);
  return sets;
}

JoinedEvaluation joinEvaluation(PredictedExpression predicted,
                                const std::shared_ptr<const CellDataset>& cells,
                                const std::shared_ptr<const GeneMajor>& observed,
                                const std::vector<SplitSet>& sets, const GeneAliases& aliases) {
  JoinedEvaluation result;
  result.names.geneIds = predicted.geneIds;
  result.names.geneSymbols = predicted.geneSymbols;
  result.names.embedding.resize(std::ssize(predicted.geneIds), 0);
  result.join = joinGenes(result.names, cells->genes(), aliases);
  if (result.join.pairs.empty())
    throw Error("GENES_UNMATCHED", printable(predicted.path.filename().string()),
                "none of its genes is in the dataset. " + result.join.summary(),
                "Check that both name genes by Ensembl id or symbol of the same species.");
  const CellPairs pairs = pairCells(predicted, *cells);
  requireCells(pairs, predicted, *cells);
  result.cellText = withThousands(std::ssize(pairs.observed)) + " of " +
                    withThousands(cells->cellCount()) + " cells matched by " +
                    (predicted.cellNames.empty() ? "position." : "name.");
  for (const Eigen::Index cell : pairs.observed)
    result.input.cellNames.push_back(cells->cellNames()[static_cast<std::size_t>(cell)]);
  std::vector<std::int64_t> rows, genes;
  std::vector<SplitSet> ownSets;
  for (const GeneJoin::Pair& pair : result.join.pairs) {
    rows.push_back(pair.row);
    genes.push_back(pair.gene);
    ownSets.push_back(sets[static_cast<std::size_t>(pair.gene)]);
  }
  result.input.genes = evaluatedGenes(*cells, genes, ownSets);
  result.input.predicted = [predicted = std::move(predicted), rows, columns = pairs.predicted](
                               std::int64_t first, std::int64_t last) {
    return Matrix(predicted.rows(slice(rows, first, last))(Eigen::all, columns));
  };
  result.input.observed = [observed, genes, columns = pairs.observed](std::int64_t first,
                                                                      std::int64_t last) {
    return Matrix(observed->rows(slice(genes, first, last))(Eigen::all, columns));
  };
  return result;
}

}  // namespace cellocus
