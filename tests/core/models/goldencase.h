// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "models/enformer.h"
#include "support/golden.h"
#include "support/shared.h"

namespace cellocus::testing {

/// The records of a FASTA file, plain or gzipped.
std::map<std::string, std::string> readFasta(const std::filesystem::path& path);

/// All stages of a model for one sequence, by the names of the golden files; activations
/// [positions, channels].
struct Stages {
  std::map<std::string, Matrix> seen;
  Matrix embedding;  ///< cropped
  std::map<std::string, Matrix> heads;
};
Stages runStages(const Enformer& model, const std::string& bases);

/// Loads `weights` with the config.json beside it. `window` is the length the model is prepared
/// for.
std::shared_ptr<const Enformer> loadGolden(const std::filesystem::path& weights,
                                           std::int64_t window, std::int64_t targetLength = 0);

/// Compares every dataset of `group` with the stage of its name. Tolerances are those of the
/// README.
void compareStages(const std::filesystem::path& file, const std::string& group,
                   const Stages& stages);

}  // namespace cellocus::testing
