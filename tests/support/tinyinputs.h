// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace cellocus::testing {

/// Bases from a seed, the same on every machine.
std::string randomBases(std::size_t count, unsigned seed);
/// Writes a FASTA of one contig.
void writeFasta(const std::filesystem::path& path, const std::string& contig,
                const std::string& bases);
/// A copy of the golden tiny trunk (E1) that reads windows of 8,192 bp: 64 bins of 128 bp, of which
/// 40 are kept. Or of another length: a very long one makes a prediction slow.
std::filesystem::path tinyTrunk(const std::filesystem::path& folder,
                                std::int64_t windowLength = 8192);

/// The first line of a query file of seq2cells.
std::string queryColumns();
/// A row of it: a window of 8,192 bp of chr1 that starts at the 1-based `start`, with a start site
/// in bin `bin`.
std::string queryRow(std::int64_t start, const std::string& strand, const std::string& bin,
                     const std::string& gene);

}  // namespace cellocus::testing
