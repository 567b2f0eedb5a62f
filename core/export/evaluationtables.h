// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "analysis/evaluation.h"
#include "analysis/genejoin.h"
#include "export/tables.h"

namespace cellocus {

/// How well a head predicts, in one table whose first column, `kind`, tells two sorts of rows
/// apart: "mean" (one for each set and selection of genes, with both rules for undefined
/// correlations) and "gene" (r across cells, means, reliability). Of one set alone if it is given.
Table evaluationTable(const Evaluation& evaluation, std::optional<SplitSet> set = {});

/// r across genes, one row a cell.
Table cellCorrelationTable(const Evaluation& evaluation);

/// What became of each embedding and of each gene of the dataset.
Table geneJoinTable(const GeneJoin& join, const EmbeddingFile& embeddings,
                    const std::vector<GeneName>& genes);

}  // namespace cellocus
