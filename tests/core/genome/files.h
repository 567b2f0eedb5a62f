// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "genome/genome.h"

namespace cellocus::testing {

std::filesystem::path writeFile(const std::filesystem::path& path, std::string_view content);
std::string readFile(const std::filesystem::path& path);

/// gzip in one member, and BGZF with small blocks so that reads cross their borders.
std::string gzipped(std::string_view content);
std::string bgzipped(std::string_view content, std::size_t blockBytes = 100);

/// The code of the Error that `action` throws; "no error" if it throws none.
std::string errorCode(const std::function<void()>& action);
/// The whole sentence of it.
std::string errorText(const std::function<void()>& action);

/// FASTA text with lines of `width` bases.
std::string fastaText(const std::vector<std::pair<std::string, std::string>>& sequences,
                      std::size_t width = 60);
/// A genome of the given sequences in a scratch folder of that name.
std::shared_ptr<const Genome> genomeOf(
    const std::string& folder, const std::vector<std::pair<std::string, std::string>>& sequences);

/// Repeatable numbers: the same on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : m_state(seed * 2654435769u + 1) {}
  std::int64_t below(std::int64_t limit);
  std::string bases(std::int64_t count, std::string_view letters = "ACGT");

 private:
  std::uint64_t m_state;
};

}  // namespace cellocus::testing
