// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

#include "base/matrix.h"

/// How far predicted expression [genes, cells] is from the observed, with its gradient: the losses
/// of seq2cells (SYSTEMS 2.1). Sums are double precision.
namespace cellocus {

enum class ExpressionLoss {
  Pearson,     ///< balanced over genes and cells
  PoissonNll,  ///< mean of p - t * log(p + 1e-8)
  Poisson,     ///< mean of p - t * log(max(p, 1e-20))
  MeanSquaredError
};

/// From what the vectors of a Pearson loss are taken.
enum class Centring {
  Mean,
  NonzeroMedian  ///< the lower median of the entries that are not 0; 0 if there is none
};

struct LossOptions {
  ExpressionLoss loss = ExpressionLoss::Pearson;
  double geneWeight = 1;  ///< of the correlation across genes
  double cellWeight = 1;  ///< of the correlation across cells
  Centring centring = Centring::Mean;
};

/// "pearson", "poissonnll", "poisson", "mse": the names of seq2cells.
std::string_view lossName(ExpressionLoss loss);

struct LossValue {
  double value = 0;
  Matrix gradient;  ///< by the prediction, [genes, cells]
};

/// Balanced Pearson: 2 (a (1 - mean over cells of r across genes) + b (1 - mean over genes of r
/// across cells)) / (a + b), where r is the cosine of the centred vectors, each length at least
/// 1e-8. So a constant vector has r = 0, but a gradient of the order of 1e8.
double lossOf(MatrixView predicted, MatrixView observed, const LossOptions& options);
LossValue lossWithGradient(MatrixView predicted, MatrixView observed, const LossOptions& options);
/// The same into what a batch of the same size left, whose memory is used again.
void lossWithGradient(MatrixView predicted, MatrixView observed, const LossOptions& options,
                      LossValue& loss);

/// The lower of the two middle values of the entries that are not 0; 0 if there is none.
double nonzeroMedian(std::span<const float> values);

}  // namespace cellocus
