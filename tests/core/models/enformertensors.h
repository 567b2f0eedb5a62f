// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include "models/enformer.h"

namespace cellocus::testing {

/// Every tensor of an Enformer under its canonical name, with values by `fill`.
std::vector<NamedTensor> enformerTensors(
    const EnformerConfig& config,
    const std::function<std::vector<float>(const std::string& name, const Shape& shape)>& fill);

/// The generator of conformance/portable: SplitMix64 seeded with FNV-1a of the name, in -1..1.
double portableUniform(const std::string& name, std::int64_t index);
/// Its values for a tensor of a state dict.
std::vector<float> portableValues(const std::string& name, const Shape& shape);

}  // namespace cellocus::testing
