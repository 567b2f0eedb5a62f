// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

/// Learning rates by epoch and early stopping, as PyTorch and Lightning define them (SYSTEMS 2.1).
namespace cellocus {

enum class Schedule { Constant, LinearWarmUp, LinearWarmUpCosineDecay, ReduceOnPlateau };

struct ScheduleOptions {
  Schedule schedule = Schedule::ReduceOnPlateau;
  std::int64_t warmUpEpochs = 1;
  std::int64_t epochs = 30;  ///< where the cosine ends
};

/// "constant", "linear_warm_up", "linear_warm_up_cosine_decay", "reduce_on_plateau".
std::string_view scheduleName(Schedule schedule);

/// Factors on the rate, epochs from 0. LinearWarmUp rises from 1e-4 to 1.
double linearWarmUp(std::int64_t epoch, std::int64_t warmUpEpochs);
/// As published: 0 in the whole first epoch where there is a warm-up, down to 0.1 at `epochs`, and
/// rising again after it.
double linearWarmUpCosineDecay(std::int64_t epoch, std::int64_t warmUpEpochs, std::int64_t epochs);

/// PyTorch's ReduceLROnPlateau for a value that shall rise: factor 0.25, patience 2, relative
/// threshold 1e-4; NaN counts as no improvement.
struct PlateauState {
  double best = -std::numeric_limits<double>::infinity();
  std::int64_t badEpochs = 0;
  /// The rate after an epoch with this value.
  double next(double value, double rate);
};

/// The rate of every epoch; part of what is saved to go on later.
class LearningRate {
 public:
  LearningRate(const ScheduleOptions& options, double rate);
  /// Of the epoch that comes next.
  double now() const { return m_now; }
  /// An epoch is done; `value` is the cross-gene correlation of its validation.
  void epochDone(double value);

  struct State {
    std::int64_t epochs = 0;
    double rate = 0;
    PlateauState plateau;
  };
  State state() const { return {m_epochs, m_now, m_plateau}; }
  void restore(const State& state);

 private:
  double factor(std::int64_t epoch) const;

  ScheduleOptions m_options;
  double m_base, m_now;
  std::int64_t m_epochs = 0;
  PlateauState m_plateau;
};

/// Lightning's EarlyStopping for a value that shall rise.
struct EarlyStopping {
  std::int64_t patience = 5;  ///< 0: never stop
  double minimalImprovement = 0.001;
  double best = -std::numeric_limits<double>::infinity();
  std::int64_t epochsWithout = 0;
  /// True if training shall stop after an epoch with this value. NaN stops at once.
  bool stopsAfter(double value);
};

}  // namespace cellocus
