// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

#include "nn/weightupdate.h"

/// The three optimisers of seq2cells, as PyTorch defines them.
namespace cellocus {

enum class OptimizerKind {
  AdamW,   ///< betas 0.9 and 0.999, epsilon 1e-8; decay apart from the gradient
  Sgd,     ///< without momentum; decay added to the gradient
  RmsProp  ///< alpha 0.99, epsilon 1e-8; decay added to the gradient
};

struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::AdamW;
  double learningRate = 1e-4;
  double weightDecay = 0.1;
};

/// "AdamW", "SGD", "RMSprop": the names of seq2cells.
std::string_view optimizerName(OptimizerKind kind);

/// What one step does to every weight. `step` counts from 1; `learningRate` is that of this step.
nn::WeightUpdate updateOf(const OptimizerOptions& options, double learningRate, std::int64_t step);

}  // namespace cellocus
