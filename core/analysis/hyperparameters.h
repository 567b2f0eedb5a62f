// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include "analysis/headtraining.h"

namespace cellocus {

/// The arguments of seq2cells' module, under its names (SYSTEMS 2.2).
nlohmann::json seq2cellsArguments(const TrainingOptions& options, std::int64_t dimension,
                                  std::int64_t cells);
/// What else decides how training goes: batches, epochs, early stopping, seed.
nlohmann::json trainingDescription(const TrainingOptions& options);

/// @throws Error "TRAINING_OPTIONS" naming the value that cannot be
void requireUsable(const TrainingOptions& options);

}  // namespace cellocus
