// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "base/matrix.h"
#include "base/progress.h"
#include "cells/celldataset.h"
#include "demo/demogenome.h"

namespace cellocus {

/// The synthetic cells and what is known of them.
struct DemoCells {
  NewDataset dataset;             ///< counts [cells, genes], types, donors, UMAP, PCA
  Matrix logExpression;           ///< log1p counts per 10,000 [genes, cells]
  std::vector<std::size_t> type;  ///< of each cell, number among demoCellTypes()
  Matrix evidence;  ///< sum of the weights of a factor's sites around a start site [genes, factors]
  Matrix activity;  ///< mean activity of a factor in a type, 0..1 [types, factors]

  /// The types in which a factor is active (mean activity above one half).
  std::vector<std::size_t> activeTypes(std::size_t factor) const;
};

/// Draws the cells. The logarithm of a gene's rate is a base plus the sum over factors of sign *
/// evidence * the factor's activity, and a factor's activity is a rising function of the rate of
/// its own gene: each cell is a settled state of that network, started from its type's factors.
/// Counts are Poisson with log-normal noise.
DemoCells makeDemoCells(const DemoGenome& genome, std::uint64_t seed,
                        const Progress& progress = {});

}  // namespace cellocus
