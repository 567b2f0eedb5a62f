// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "analysis/evaluation.h"
#include "analysis/genejoin.h"
#include "base/matrix.h"
#include "base/progress.h"
#include "cells/celldataset.h"
#include "cells/genemajor.h"

namespace cellocus {

/// Predicted expression with the names of its genes and cells, read as it is needed.
struct PredictedExpression {
  std::filesystem::path path;
  std::vector<std::string> geneIds, geneSymbols;  ///< one a gene
  std::vector<std::string> cellNames;             ///< one a cell; empty: in the dataset's order
  std::int64_t cellCount = 0;
  /// [genes.size(), cells]
  std::function<Matrix(std::span<const std::int64_t> genes)> rows;

  /// What `predict-cells` writes: `/predicted` with `/gene_id`, `/gene_symbol` and `/cell_id`, or a
  /// .h5ad with the layer `predicted`. @throws Error "PREDICTION_FILE"
  static PredictedExpression open(const std::filesystem::path& path, const Progress& progress = {});
};

/// Which set each gene is in: a table with the columns `group_id` (or `gene_id`) and `set`, as the
/// query file of `windows --split` is, or nothing for what the dataset's gene table says in one of
/// its columns `enf_set`, `set` and `split`. One a gene of `genes`.
/// @throws Error "SPLIT_FORMAT"
std::vector<SplitSet> readSplit(const std::filesystem::path& table,
                                const std::vector<GeneName>& genes);
std::vector<SplitSet> splitOf(const CellDataset& dataset, const Progress& progress = {});

/// A prediction joined with the cells and genes it is of.
struct JoinedEvaluation {
  EvaluationInput input;  ///< holds what it reads from
  GeneJoin join;
  EmbeddingFile names;   ///< of the prediction, for the table of the join; without numbers
  std::string cellText;  ///< "2,600 of 2,600 cells matched by name."
};
/// `sets` has one entry for each gene of the dataset. Cells go by name; without names by position
/// if their numbers agree.
/// @throws Error "CELLS_UNMATCHED", "GENES_UNMATCHED"
JoinedEvaluation joinEvaluation(PredictedExpression predicted,
                                const std::shared_ptr<const CellDataset>& cells,
                                const std::shared_ptr<const GeneMajor>& observed,
                                const std::vector<SplitSet>& sets, const GeneAliases& aliases = {});

}  // namespace cellocus
