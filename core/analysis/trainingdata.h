// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/headtraining.h"

namespace cellocus {

/// Genes of a set, as rows, ascending.
std::vector<std::int64_t> genesOf(const TrainingData& data, SplitSet set);

/// Reads all expression that training will use once, so that what cannot be trained on is known
/// before it begins, and returns a fingerprint of all data.
/// @throws Error "TRAINING_DATA", "TRAINING_NEGATIVE"
std::string inspect(const TrainingData& data, ExpressionLoss loss, const Progress& progress);

}  // namespace cellocus
