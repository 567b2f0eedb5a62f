// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/learningrate.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cellocus {

std::string_view scheduleName(Schedule schedule) {
  switch (schedule) {
    case Schedule::Constant:
      return "constant";
    case Schedule::LinearWarmUp:
      return "linear_warm_up";
    case Schedule::LinearWarmUpCosineDecay:
      return "linear_warm_up_cosine_decay";
    case Schedule::ReduceOnPlateau:
      return "reduce_on_plateau";
  }
  return {};
}

double linearWarmUp(std::int64_t epoch, std::int64_t warmUpEpochs) {
  constexpr double start = 1e-4;
  if (epoch >= warmUpEpochs) return 1;
  return start + (1 - start) * static_cast<double>(epoch) / static_cast<double>(warmUpEpochs);
}

double linearWarmUpCosineDecay(std::int64_t epoch, std::int64_t warmUpEpochs, std::int64_t epochs) {
  constexpr double least = 0.1;
  if (epoch < warmUpEpochs) return static_cast<double>(epoch) / static_cast<double>(warmUpEpochs);
  const double span = static_cast<double>(std::max<std::int64_t>(1, epochs - warmUpEpochs));
  const double done = static_cast<double>(epoch - warmUpEpochs) / span;
  return least + (1 - least) * 0.5 * (1 + std::cos(std::numbers::pi * done));
}

double PlateauState::next(double value, double rate) {
  constexpr double threshold = 1e-4, factor = 0.25, leastChange = 1e-8;
  constexpr std::int64_t patience = 2;
  if (value > best * (1 + threshold)) {
    best = value;
    badEpochs = 0;
  } else {
    ++badEpochs;
  }
  if (badEpochs <= patience) return rate;
  badEpochs = 0;
  const double reduced = rate * factor;
  return rate - reduced > leastChange ? reduced : rate;
}

LearningRate::LearningRate(const ScheduleOptions& options, double rate)
    : m_options(options), m_base(rate), m_now(rate * factor(0)) {}

double LearningRate::factor(std::int64_t epoch) const {
  switch (m_options.schedule) {
    case Schedule::LinearWarmUp:
      return linearWarmUp(epoch, m_options.warmUpEpochs);
    case Schedule::LinearWarmUpCosineDecay:
      return linearWarmUpCosineDecay(epoch, m_options.warmUpEpochs, m_options.epochs);
    case Schedule::Constant:
    case Schedule::ReduceOnPlateau:
      break;
  }
  return 1;
}

void LearningRate::epochDone(double value) {
  ++m_epochs;
  m_now = m_options.schedule == Schedule::ReduceOnPlateau ? m_plateau.next(value, m_now)
                                                          : m_base * factor(m_epochs);
}

void LearningRate::restore(const State& state) {
  m_epochs = state.epochs;
  m_now = state.rate;
  m_plateau = state.plateau;
}

bool EarlyStopping::stopsAfter(double value) {
  if (patience == 0) return false;
  if (!std::isfinite(value)) return true;
  if (value - minimalImprovement > best) {
    best = value;
    epochsWithout = 0;
    return false;
  }
  return ++epochsWithout >= patience;
}

}  // namespace cellocus
