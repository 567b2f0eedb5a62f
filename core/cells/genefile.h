// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "cells/genepieces.h"

namespace cellocus {

/// What a file of expression sorted by genes holds.
struct GeneFileIndex {
  std::string key;  ///< stands for the dataset, the layer and the transform
  ValueRange range;
  std::vector<GenePiece> pieces;  ///< offsets from the beginning of the file
};

/// Writes chunks one behind the other, then the index.
class GeneFileWriter {
 public:
  /// `target` is how errors name the file.
  GeneFileWriter(const std::filesystem::path& path, std::filesystem::path target);
  /// @throws Error "SAVE_FAILED"
  void add(GeneChunk chunk);
  void finish(std::string key, ValueRange range);

 private:
  void write(std::span<const std::byte> bytes);

  std::filesystem::path m_target;
  std::ofstream m_stream;
  std::uint64_t m_size = 0;
  GeneFileIndex m_index;
};

/// The index of such a file, or nothing if the file is no such file, is damaged, or has another
/// key. The pieces lie within the file.
std::optional<GeneFileIndex> readGeneFile(const InputFile& file, const std::string& key);

}  // namespace cellocus
