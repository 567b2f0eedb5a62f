// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <stdexcept>
#include <string_view>

#include "console.h"

namespace cellocus::cli {

/// The command line asks for something that cannot be meant: exit status 2. Bad input files throw
/// Error instead.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What a command does once its options are known.
using Action = std::function<void(Console&)>;

/// A command of the program. `declare` puts its options on `app` and returns what runs when they
/// are parsed.
struct Command {
  std::string_view name, purpose;
  Action (*declare)(CLI::App& app);
};

// One command a file.
Action declareMakeDemo(CLI::App& app);
Action declareInfo(CLI::App& app);
Action declareSequence(CLI::App& app);
Action declarePredict(CLI::App& app);
Action declareWindows(CLI::App& app);
Action declareEmbed(CLI::App& app);
Action declareMerge(CLI::App& app);
Action declareTrainHead(CLI::App& app);
Action declarePredictCells(CLI::App& app);
Action declareEvaluate(CLI::App& app);
Action declareVariants(CLI::App& app);
Action declareVerifyWeights(CLI::App& app);

}  // namespace cellocus::cli
