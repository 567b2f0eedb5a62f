// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/progress.h"

namespace cellocus {

/// A record of a zip archive as its central directory tells; the local headers of PyTorch's own
/// files leave sizes and checksum empty.
struct ZipRecord {
  std::string name;
  std::uint64_t localHeader = 0;  ///< place in the file
  std::uint64_t storedBytes = 0, bytes = 0;
  std::uint32_t checksum = 0;  ///< CRC-32 of the decompressed bytes
  bool deflated = false;
};

/// Table of contents of a zip archive, read with `pread` alone: a record is not touched before it
/// is asked for. ZIP64; records stored or deflated. Refused: encryption, repeated or overlapping
/// records, names that lead out of a folder, bytes before the first or after the last record,
/// several volumes.
class ZipFile {
 public:
  /// @throws Error "ZIP_DAMAGED" or "ZIP_REFUSED"
  explicit ZipFile(std::shared_ptr<const InputFile> file);

  const InputFile& file() const { return *m_file; }
  const std::vector<ZipRecord>& records() const { return m_records; }
  /// Null if there is none.
  const ZipRecord* find(std::string_view name) const;

  /// Where the (perhaps compressed) bytes of a record begin. Reads its local header and compares
  /// the names.
  std::uint64_t dataOffset(const ZipRecord& record) const;
  /// The whole record, decompressed. @throws Error "ZIP_CHECKSUM" if its bytes have changed since
  /// it was written, "FILE_TOO_LARGE" if it has more than `limit` bytes
  std::string read(const ZipRecord& record, std::uint64_t limit,
                   const Progress& progress = {}) const;

 private:
  std::shared_ptr<const InputFile> m_file;
  std::vector<ZipRecord> m_records;
  std::map<std::string, std::size_t, std::less<>> m_places;
  std::uint64_t m_directory = 0;  ///< where the central directory begins
};

/// @throws Error "ZIP_CHECKSUM" naming the record
[[noreturn]] void refuseChecksum(const InputFile& file, std::string_view record);

/// CRC-32 as zip uses it, continued from `checksum` (0 at the start).
std::uint32_t updatedChecksum(std::uint32_t checksum, const void* data, std::size_t size);

}  // namespace cellocus
