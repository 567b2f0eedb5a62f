// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "weights/pickle.h"

namespace cellocus {

/// What of a PyTorch file is of interest to a model.
struct StateDict {
  /// Names as Checkpoint::tensors lists them. The value is a Tensor, or an Opaque where a tensor
  /// should be.
  std::vector<std::pair<std::string, PickleValue>> tensors;
  nlohmann::json metadata = nlohmann::json::object();
};

/// Finds the weights in what a PyTorch file holds: the dictionary itself, the one under
/// "state_dict", "model", "model_state_dict", "module" or "ema", a bare tensor, or a dictionary of
/// several such models.
/// @throws Error "CHECKPOINT_NO_TENSORS" naming what is there instead
StateDict findStateDict(const PickleValue& root, const std::string& where);

}  // namespace cellocus
