// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "base/progress.h"

namespace cellocus {

/// Writes a zip archive of stored records, each beginning at a multiple of 64 bytes, as PyTorch
/// does. ZIP64 where a size or place needs it.
class ZipWriter {
 public:
  explicit ZipWriter(const std::filesystem::path& path)
      : m_stream(path, std::ios::binary | std::ios::trunc) {}

  void add(const std::string& name, std::span<const std::byte> bytes, const Progress& progress);
  /// Writes the central directory. False if anything could not be written.
  bool finish();

 private:
  struct Record {
    std::string name;
    std::uint64_t place = 0, bytes = 0;
    std::uint32_t checksum = 0;
  };

  void put(std::uint64_t value, int bytes);
  void putNameAndSizes(const Record& record, bool large);
  void putDirectoryEntry(const Record& record);

  std::ofstream m_stream;
  std::uint64_t m_position = 0;
  std::vector<Record> m_records;
};

}  // namespace cellocus
