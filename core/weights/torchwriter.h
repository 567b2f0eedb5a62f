// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/progress.h"
#include "weights/checkpoint.h"

namespace cellocus {

/// What PyTorch Lightning 1.8 keeps of a trained model. State of optimiser, schedule, callbacks and
/// loops is written empty: the model can be loaded, its training not be gone on with.
struct LightningCheckpoint {
  std::int64_t epoch = 0;       ///< from 0
  std::int64_t globalStep = 0;  ///< optimiser steps done
  std::vector<TensorSpan> stateDict;
  nlohmann::json hyperParameters = nlohmann::json::object();  ///< arguments of the module
};

/// Writes a `.ckpt` as torch.save does: a zip archive with a pickle (protocol 2) and one stored
/// record a tensor, each beginning at a multiple of 64 bytes.
/// @throws Error "SAVE_FAILED"
void writeLightningCheckpoint(const std::filesystem::path& path,
                              const LightningCheckpoint& checkpoint, const Progress& progress = {});

}  // namespace cellocus
