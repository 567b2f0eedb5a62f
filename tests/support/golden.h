// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/matrix.h"

namespace cellocus::testing {

/// An array out of a golden file, flattened row-major.
struct GoldenArray {
  std::vector<std::int64_t> shape;
  std::vector<double> values;
  /// As rows x columns; `transposed` turns [channel, position] into [position, channel].
  Matrix matrix(bool transposed = false) const;
};

/// Reads golden HDF5 files with the plain library, independent of the product's own reader.
GoldenArray goldenArray(const std::filesystem::path& file, const std::string& dataset);
bool goldenHas(const std::filesystem::path& file, const std::string& object);
std::vector<std::string> goldenChildren(const std::filesystem::path& file,
                                        const std::string& group);
/// Attribute as text; numbers printed; empty if absent.
std::string goldenAttribute(const std::filesystem::path& file, const std::string& object,
                            const std::string& name);
std::vector<std::string> goldenStrings(const std::filesystem::path& file,
                                       const std::string& dataset);

/// Passes if no entry differs by more than `tolerance`; prints the largest difference and where it
/// is, also when it passes (as a recorded property), so that a drift is seen.
::testing::AssertionResult within(const Matrix& actual, const Matrix& expected, double tolerance);

}  // namespace cellocus::testing
