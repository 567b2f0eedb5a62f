// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace cellocus::testing {

/// Synthetic cases that are part of the repository: tests/data.
std::filesystem::path dataPath(std::string_view relative);
/// Real data and golden cases beside the repository (`../shared`), which may be absent.
std::filesystem::path sharedPath(std::string_view relative);
bool haveShared(std::string_view relative);
/// A folder of its own for a test, empty, removed at the end of the program.
std::filesystem::path scratchFolder(std::string_view name);
/// All bytes of a file; empty if it cannot be read.
std::string fileText(const std::filesystem::path& path);

}  // namespace cellocus::testing

/// Skips a GoogleTest case aloud where a file of `../shared` is not there.
#define CELLOCUS_NEEDS_SHARED(relative)         \
  if (!cellocus::testing::haveShared(relative)) \
  GTEST_SKIP() << "needs ../shared/" << (relative) << ", which is not on this machine"
