// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "models/enformer.h"

namespace cellocus::bench {

/// The configuration of the published Enformer: 251,221,292 parameters with both heads.
EnformerConfig fullConfig();

/// A file of that many seeded random parameters, scaled so that activations keep their size from
/// layer to layer. Written into the build folder once (1 GB) and used again by later runs.
std::filesystem::path fullModelFile();

/// Random bases, the same in every run.
std::string randomBases(std::int64_t count);

}  // namespace cellocus::bench
