// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "base/progress.h"
#include "models/emb2cell.h"

namespace cellocus {

struct HeadFitOptions {
  std::int64_t bottleneck =
      12;  ///< patterns of expression across cells that the head can tell apart
  /// Candidates for the ridge penalty, in units of the mean squared length of the embeddings.
  std::vector<double> penalties = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3};
  std::int64_t holdOutEvery =
      6;  ///< every n-th gene (after shuffling) is held out for the report; 0 = none
  std::uint64_t seed = 1;  ///< of the shuffle
  std::vector<std::string> cellNames;
  std::string unit = "log1p counts per 10,000";
};

/// How well the fit predicts genes that it has not seen.
struct HeadFitReport {
  double penalty = 0;  ///< the candidate with the least leave-one-gene-out error
  std::vector<std::int64_t> heldOutGenes;  ///< rows
  /// Mean over cells of Pearson's r across the held-out genes, and mean over those genes of r
  /// across cells; by a head fitted on the other genes. NaN if fewer than three genes were held
  /// out; cells or genes without variance do not count.
  double crossGene = 0, crossCell = 0;
  double trainingError = 0;  ///< root mean squared error of the returned head on all genes
};

/// Fits a head to few genes in closed form: expression [genes, cells] (not negative, e.g. log1p
/// counts per 10,000) is reduced to its main patterns across cells, turned into what stands before
/// the softplus, and each pattern is fitted to the embeddings [genes, 2 * dim] by ridge regression;
/// the penalty is chosen by leave-one-gene-out error. Linear -> linear -> softplus, deterministic.
/// For large data use training instead. The returned head is fitted to all genes, the held-out ones
/// of the report included.
/// @throws Error "HEADFIT_SHAPE" if rows do not agree or there are fewer than three genes,
/// "HEADFIT_VALUES" for negative or infinite expression
Emb2Cell fitHead(MatrixView embeddings, MatrixView expression, const HeadFitOptions& options,
                 HeadFitReport* report = nullptr, const Progress& progress = {});

/// Mean over rows of Pearson's r between the rows of two matrices; rows without variance do not
/// count. NaN if no row counts.
double meanRowCorrelation(MatrixView a, MatrixView b);

}  // namespace cellocus
