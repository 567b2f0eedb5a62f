// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "base/matrix.h"
#include "nn/product.h"

/// What training does to each weight and to each prediction, in the widest vector instructions that
/// the machine has. On the calling thread.
namespace cellocus::nn {

/// One step of an optimiser with its factors worked out. g is the gradient of a weight w; with
/// RMSprop and SGD, decay * w is added to it first.
struct WeightUpdate {
  enum class Rule {
    AdamW,   ///< w = kept * w - rate * m / (sqrt(v) * rootScale + 1e-8)
    Sgd,     ///< w -= rate * g
    RmsProp  ///< w -= rate * g / (sqrt(v) + 1e-8)
  };
  Rule rule = Rule::Sgd;
  float rate = 0, kept = 1, decay = 0, rootScale = 1;
  float firstDecay = 0, firstShare = 0;    ///< m = firstDecay * m + firstShare * g
  float secondDecay = 0, secondShare = 0;  ///< v = secondDecay * v + secondShare * g * g

  bool remembersFirst() const { return rule == Rule::AdamW; }
  bool remembersSecond() const { return rule != Rule::Sgd; }
};

/// `count` weights that lie in a row, with their gradient and the means that the rule remembers;
/// what it does not remember is null.
struct WeightRun {
  float* weights = nullptr;
  const float* gradient = nullptr;
  float *first = nullptr, *second = nullptr;
  std::int64_t count = 0;
};

/// All in one pass, because it is memory that limits it. Means below 1e-30 become 0: what is
/// smaller changes no weight, and numbers near the end of the range are slow.
void updateWeights(const WeightUpdate& update, const WeightRun& run);

/// gradient *= derivative of softplus, from what softplus gave: 1 - e^-y.
void softplusGradient(MatrixView softplus, MatrixBlock gradient);

}  // namespace cellocus::nn
