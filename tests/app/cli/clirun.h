// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "support/shared.h"
#include "support/tinyinputs.h"

namespace cellocus::testing {

/// What the built program did.
struct CliResult {
  int status = -1;  ///< exit status; 128 + n if signal n ended it
  std::string out, err;
};

/// Runs cellocus-cli with these arguments in an empty environment but for PATH, HOME and a cache of
/// the test's own.
CliResult runCli(const std::vector<std::string>& arguments);
/// The same in a folder of its own choice.
CliResult runCliIn(const std::filesystem::path& folder, const std::vector<std::string>& arguments);
/// The same, sending `signal` as soon as something was written to standard error.
CliResult runCliAndSignal(const std::vector<std::string>& arguments, int signal);
/// The same, sending it as soon as `when` says so; never, if the program ends before.
CliResult runCliAndSignal(const std::vector<std::string>& arguments, int signal,
                          const std::function<bool()>& when);

/// A copy of the golden tiny sequences (E1), because an index is written beside a FASTA file.
std::filesystem::path tinySequences(const std::filesystem::path& folder);

}  // namespace cellocus::testing
