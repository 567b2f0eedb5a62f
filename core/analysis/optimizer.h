// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

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
/// How many numbers are remembered for each weight: 2, 0, 1.
int momentsOf(OptimizerKind kind);

/// Some weights with their gradient and what the optimiser remembers of them; spans that the
/// optimiser does not need are empty. All of the same length.
struct WeightSlice {
  std::span<float> weights;
  std::span<const float> gradient;
  std::span<float> first;   ///< AdamW: mean of gradients
  std::span<float> second;  ///< AdamW, RMSprop: mean of squared gradients
};

/// One step of an optimiser. Slices may be updated in any order and from any thread; each weight
/// depends on itself alone.
class OptimizerStep {
 public:
  /// `step` counts from 1; `learningRate` is that of this step.
  OptimizerStep(const OptimizerOptions& options, double learningRate, std::int64_t step);
  void update(const WeightSlice& slice) const;

 private:
  OptimizerKind m_kind;
  float m_learningRate, m_weightDecay;
  float m_kept;                   ///< AdamW: 1 - rate * decay
  float m_stepSize, m_rootScale;  ///< AdamW: corrections of the means that start at 0
};

}  // namespace cellocus
