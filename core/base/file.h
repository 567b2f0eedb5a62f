// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/progress.h"

namespace cellocus {

/// The name of a file as messages show it.
std::string shownPath(const std::filesystem::path& path);

/// A user's file, open for reading at any place by `pread`, from any thread. Never mapped into
/// memory: a file cut short while mapped would end the program.
class InputFile {
 public:
  /// @throws Error "FILE_MISSING", "FILE_NOT_REGULAR" (folders, pipes, devices) or
  /// "FILE_UNREADABLE"
  static std::shared_ptr<const InputFile> open(const std::filesystem::path& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::filesystem::path& path() const { return m_path; }
  std::uint64_t size() const { return m_size; }

  /// Fills `into` from `offset`. @throws Error "FILE_TRUNCATED" if the file ends before, or has
  /// shrunk since
  void read(std::uint64_t offset, std::span<std::byte> into) const;
  /// At most `limit` bytes from `offset`, fewer at the end of the file.
  std::string readSome(std::uint64_t offset, std::size_t limit) const;
  /// @throws Error "FILE_TOO_LARGE" if it has more than `limit` bytes
  std::string readAll(std::size_t limit) const;

 private:
  InputFile(std::filesystem::path path, int descriptor, std::uint64_t size)
      : m_path(std::move(path)), m_descriptor(descriptor), m_size(size) {}

  std::filesystem::path m_path;
  int m_descriptor;
  std::uint64_t m_size;
};

/// Writes a file so that it appears whole or not at all: a temporary file beside its place is
/// written, flushed to the disk, checked and renamed. `write` gets the temporary path and may use
/// any library. If anything fails the old file is as it was. The only way in which the project
/// writes a user's file.
/// @throws Error "SAVE_FAILED" with the reason (full disk, no permission, ...)
void saveAtomic(const std::filesystem::path& path,
                const std::function<void(const std::filesystem::path& temporary)>& write);
void saveAtomic(const std::filesystem::path& path, std::string_view content);

/// SHA-256 of a file as 64 lower-case hexadecimal digits.
std::string sha256OfFile(const std::filesystem::path& path, const Progress& progress = {});
std::string sha256(std::string_view bytes);

/// Where files that can be made again are kept (indices, sidecars): $XDG_CACHE_HOME/cellocus or
/// ~/.cache/cellocus; made if missing.
std::filesystem::path cacheFolder();

}  // namespace cellocus
