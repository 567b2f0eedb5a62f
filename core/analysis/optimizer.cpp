// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/optimizer.h"

#include <cmath>

namespace cellocus {

namespace {

constexpr double firstDecay = 0.9, secondDecay = 0.999;  ///< AdamW's betas

nn::WeightUpdate adamW(double rate, double decay, std::int64_t step) {
  nn::WeightUpdate update;
  update.rule = nn::WeightUpdate::Rule::AdamW;
  const auto power = static_cast<double>(step);
  update.kept = static_cast<float>(1 - rate * decay);
  update.rate = static_cast<float>(rate / (1 - std::pow(firstDecay, power)));
  update.rootScale = static_cast<float>(1 / std::sqrt(1 - std::pow(secondDecay, power)));
  update.firstDecay = static_cast<float>(firstDecay);
  update.firstShare = static_cast<float>(1 - firstDecay);
  update.secondDecay = static_cast<float>(secondDecay);
  update.secondShare = static_cast<float>(1 - secondDecay);
  return update;
}

nn::WeightUpdate withCoupledDecay(nn::WeightUpdate::Rule rule, double rate, double decay) {
  constexpr double alpha = 0.99;  ///< RMSprop's
  nn::WeightUpdate update;
  update.rule = rule;
  update.rate = static_cast<float>(rate);
  update.decay = static_cast<float>(decay);
  update.secondDecay = static_cast<float>(alpha);
  update.secondShare = static_cast<float>(1 - alpha);
  return update;
}

}  // namespace

std::string_view optimizerName(OptimizerKind kind) {
  switch (kind) {
    case OptimizerKind::AdamW:
      return "AdamW";
    case OptimizerKind::Sgd:
      return "SGD";
    case OptimizerKind::RmsProp:
      return "RMSprop";
  }
  return {};
}

nn::WeightUpdate updateOf(const OptimizerOptions& options, double learningRate, std::int64_t step) {
  using Rule = nn::WeightUpdate::Rule;
  switch (options.kind) {
    case OptimizerKind::AdamW:
      return adamW(learningRate, options.weightDecay, step);
    case OptimizerKind::Sgd:
      return withCoupledDecay(Rule::Sgd, learningRate, options.weightDecay);
    case OptimizerKind::RmsProp:
      return withCoupledDecay(Rule::RmsProp, learningRate, options.weightDecay);
  }
  return {};
}

}  // namespace cellocus
