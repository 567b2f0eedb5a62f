// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "analysis/headtraining.h"
#include "analysis/trainablehead.h"

namespace cellocus {

/// One of the best heads so far, in a file of its own.
struct KeptHead {
  std::int64_t epoch = 0;
  double score = 0;  ///< cross-cell correlation of validation
  std::string file;  ///< name in the folder
};

/// All that decides how training goes on, beside the weights and the optimiser's means. Random
/// numbers follow from the seed, the epoch and the step, so there is nothing to keep of them.
struct TrainingState {
  std::string dataFingerprint;
  nlohmann::json options;  ///< as hyper-parameters
  std::int64_t epochs = 0, steps = 0;
  LearningRate::State rate;
  EarlyStopping stopping;
  EpochReport untrained;
  std::vector<EpochReport> history;
  CellStatistics statistics;
  std::vector<KeptHead> kept;  ///< best first
  std::optional<TrainingEnd> end;
};

std::filesystem::path stateFile(const std::filesystem::path& folder);

/// Whole or not at all.
void saveState(const std::filesystem::path& folder, const TrainingState& state, TrainableHead& head,
               const Progress& progress);
/// Nothing if there is no state in the folder. @throws Error "TRAINING_STATE" if it is of other
/// data or options than `expected`, or damaged
std::optional<TrainingState> loadState(const std::filesystem::path& folder,
                                       const TrainingState& expected, TrainableHead& head,
                                       const Progress& progress);

}  // namespace cellocus
