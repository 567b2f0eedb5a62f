// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "analysis/predictor.h"
#include "base/progress.h"
#include "cells/celldataset.h"
#include "genome/annotation.h"
#include "genome/genome.h"
#include "models/emb2cell.h"

namespace cellocus {

/// Real cells and the real sequence around as many of their genes as there is.
struct RealHeadRequest {
  const Genome& genome;
  const Annotation& annotation;
  const CellDataset& cells;
  const Predictor& predictor;
  std::size_t mostGenes = 128;    ///< evenly chosen if more have their sequence
  double mostUnknownBases = 0.1;  ///< of a window that is used; genomes of excerpts are N elsewhere
  double leastDetected = 0.01;    ///< share of cells in which a gene of use is found
};

/// Fits a head to real cells, so that the whole chain from a base to a cell can be walked on them.
/// With a motif scanner for a trunk and a hundred genes it is weak, and its label says so with the
/// correlations on genes that were held out.
/// @throws Error "REALHEAD_GENES" if fewer than ten genes can be used
Emb2Cell fitRealHead(const RealHeadRequest& request, const Progress& progress = {});

}  // namespace cellocus
