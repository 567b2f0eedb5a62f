// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

/// How large anything read from a file may claim to be. One table, so that each number is chosen
/// once.
namespace cellocus::limits {

inline constexpr std::uint64_t safetensorsHeaderBytes = 100'000'000;
inline constexpr std::size_t tensors = 200'000;
inline constexpr std::size_t tensorRank = 8;
inline constexpr std::size_t nameBytes = 1'024;

inline constexpr std::size_t pickleBytes = 256u << 20;
inline constexpr std::size_t pickleOpcodes = 50'000'000;
inline constexpr std::size_t pickleMemo = 2'000'000;
inline constexpr std::size_t pickleStack = 1'000'000;
inline constexpr std::size_t pickleDepth = 200;
inline constexpr std::size_t pickleString = 16u << 20;
inline constexpr std::size_t pickleLongBytes = 16;

inline constexpr std::size_t zipEntries = 100'000;
inline constexpr std::uint64_t inflateRatio = 1'100;

inline constexpr std::size_t hdf5Depth = 16;
inline constexpr std::size_t hdf5StringBytes = 64u << 10;
inline constexpr std::size_t hdf5AttributeBytes = 1u << 20;

inline constexpr std::size_t fastaSequences = 10'000'000;
inline constexpr std::int64_t genomeBases = std::int64_t{1} << 40;
inline constexpr std::size_t fastaLineBytes = 64u << 20;
inline constexpr std::size_t vcfLineBytes = 16u << 20;
inline constexpr std::size_t gtfLineBytes = 1u << 20;

inline constexpr std::size_t jsonBytes = 64u << 20;
inline constexpr std::size_t sessionBytes = 64u << 20;

}  // namespace cellocus::limits
