// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/evaluation.h"
#include "analysis/splitset.h"
#include "cells/celldataset.h"

namespace cellocus {

/// Some genes of a dataset as an evaluation names them, with what the dataset says of them in its
/// columns `highly_variable` and `highly_expressed`. `sets` has one entry for each of `genes`.
std::vector<EvaluatedGene> evaluatedGenes(const CellDataset& cells,
                                          std::span<const std::int64_t> genes,
                                          std::span<const SplitSet> sets);

/// The column of the gene table that divides genes into sets, under the names in use: `enf_set`,
/// `set`, `split`.
std::optional<std::string> splitColumn(const CellDataset& cells);

}  // namespace cellocus
