// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/matrix.h"
#include "command.h"
#include "models/enformer.h"

namespace cellocus::cli {

/// "a,b" as its pieces. @throws UsageError if one is empty
std::vector<std::string> listOf(std::string_view option, std::string_view text);

/// "447-449" or "448": bins from 0, both ends included as a person writes it, as a half-open range.
/// @throws UsageError if it is no range or reaches beyond `count` bins
BinRange binsOf(std::string_view text, std::int64_t count);

/// Track numbers (from 0) by head, in the order they were asked for. A head without numbers means
/// all of it.
using TrackChoice = std::map<std::string, std::vector<std::int64_t>>;

/// "human:3,human:10-20", "3,10-20" (of the first head) or names of tracks. Names are looked up
/// among `names`, the tracks of the first head, whole and without regard to case.
/// @throws UsageError for an unknown head, number or name
TrackChoice tracksOf(std::string_view text, const EnformerConfig& config,
                     const std::vector<std::string>& names);

/// Names of tracks from a table as it comes with Basenji and Enformer (targets_human.txt): columns
/// named `index` and `description`. @throws Error "TRACKS_FORMAT"
std::vector<std::string> readTrackNames(const std::filesystem::path& path);

/// A file that goes with an output: "effects.tsv" or "effects.tsv.gz" -> "effects.matched.tsv".
std::filesystem::path besideOutput(const std::filesystem::path& output, const std::string& what);

/// "tf" or "torch". @throws UsageError
std::optional<Gamma> gammaOf(const std::string& text);

/// The option --precision: float32, unless bfloat16 is asked for.
void addPrecisionOption(CLI::App& app, Precision& precision);

/// The ending that chooses an output's format, in lower case and without ".gz": ".h5", ".tsv", ...
std::string endingOf(const std::filesystem::path& path);
/// @throws UsageError naming `endings` if `path` has none of them
void requireEnding(const std::filesystem::path& path, const std::vector<std::string>& endings);

}  // namespace cellocus::cli
