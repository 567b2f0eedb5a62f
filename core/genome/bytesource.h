// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/progress.h"

namespace cellocus {

/// The bytes of a FASTA as if it were not compressed, readable at any place and from any thread.
class ByteSource {
 public:
  /// A plain file, or a bgzipped one with its `.gzi` (used if sound, else made again).
  /// @throws Error "FASTA_PLAIN_GZIP", "FASTA_TRUNCATED", "FASTA_DAMAGED"
  static std::unique_ptr<ByteSource> open(const std::filesystem::path& path,
                                          std::vector<std::string>& remarks,
                                          const Progress& progress);
  virtual ~ByteSource() = default;

  virtual std::uint64_t size() const = 0;
  /// Fills `into` from `offset`. @throws Error "FILE_TRUNCATED", "FASTA_DAMAGED"
  virtual void read(std::uint64_t offset, std::span<char> into) const = 0;

  /// At most `limit` bytes, fewer at the end.
  std::string readSome(std::uint64_t offset, std::size_t limit) const;
};

/// Where an index of `path` lies that could not be kept beside it: named by path, size and time of
/// the file, so that one of an older file is never taken. Empty if there can be no cache folder.
std::filesystem::path cachedIndexPath(const std::filesystem::path& path, const std::string& ending);

/// `Cache` where a file of that name lies beside the genome already, which is the user's and is not
/// touched.
enum class IndexPlace { Beside, Cache };
/// Saves an index beside its file, or in the cache folder if told so or if the file's folder cannot
/// be written. What was done instead of the usual is added to `remarks`; failing to save is no
/// error.
void saveIndex(const std::filesystem::path& path, const std::string& ending, IndexPlace place,
               const std::string& content, std::vector<std::string>& remarks);

}  // namespace cellocus
