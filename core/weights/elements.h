// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "weights/checkpoint.h"

/// From stored numbers of any type to float32.
namespace cellocus {

/// Product of the sizes; 1 for a tensor without dimensions. @throws Error "NUMBER_OVERFLOW"
std::int64_t elementCount(const Shape& shape);

/// Elements in a row, that is, in one step of the first dimension; `shape` as in elementCount.
std::int64_t elementsPerRow(const Shape& shape);

/// Converts little-endian elements, one float for each place of `into`. Doubles are rounded.
void convertElements(DType dtype, const std::byte* from, std::span<float> into);

/// Fills bytes from a place counted from the start of a tensor.
using ReadBytes = std::function<void(std::uint64_t offset, std::span<std::byte> into)>;

/// Reads `count` elements that lie side by side, in pieces, so that progress is told and stopping
/// is quick.
std::vector<float> readElements(DType dtype, std::int64_t count, const ReadBytes& read,
                                const Progress& progress);

}  // namespace cellocus
