// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/bytesource.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "genome/bgzf.h"
#include "genome/filesignature.h"

namespace cellocus {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t indexBytes = std::size_t{1} << 30;

class PlainSource : public ByteSource {
 public:
  explicit PlainSource(std::shared_ptr<const InputFile> file) : m_file(std::move(file)) {}
  std::uint64_t size() const override { return m_file->size(); }
  void read(std::uint64_t offset, std::span<char> into) const override {
    m_file->read(offset, std::as_writable_bytes(into));
  }

 private:
  std::shared_ptr<const InputFile> m_file;
};

BgzfIndex blockIndex(const fs::path& path, const InputFile& file, std::vector<std::string>& remarks,
                     const Progress& progress) {
  const fs::path beside = path.string() + ".gzi";
  IndexPlace place = IndexPlace::Beside;
  for (const fs::path& candidate : {beside, cachedIndexPath(path, ".gzi")}) {
    std::error_code unreadable;
    if (!fs::exists(candidate, unreadable)) continue;
    try {
      return readGzi(InputFile::open(candidate)->readAll(indexBytes), file);
    } catch (const Error& error) {
      if (error.code().starts_with("FASTA_")) throw;  // the FASTA itself is at fault
      if (candidate != beside) continue;
      place = IndexPlace::Cache;
      remarks.push_back("The index " + shownPath(beside.filename()) +
                        " was not used: " + error.fact());
    }
  }
  BgzfIndex index = scanBgzf(file, progress);
  saveIndex(path, ".gzi", place, gziContent(index), remarks);
  return index;
}

}  // namespace

std::unique_ptr<ByteSource> ByteSource::open(const fs::path& path,
                                             std::vector<std::string>& remarks,
                                             const Progress& progress) {
  auto file = InputFile::open(path);
  if (file->readSome(0, 2) != "\x1F\x8B") return std::make_unique<PlainSource>(std::move(file));
  if (!isBgzf(*file))
    throw Error(
        "FASTA_PLAIN_GZIP", shownPath(path),
        "it is compressed with gzip, which allows no access at any place.",
        "Unpack it with \"gunzip\" and open the unpacked file, or compress that with \"bgzip\".");
  BgzfIndex index = blockIndex(path, *file, remarks, progress);
  return std::make_unique<BgzfSource>(std::move(file), std::move(index));
}

std::string ByteSource::readSome(std::uint64_t offset, std::size_t limit) const {
  if (offset >= size()) return {};
  std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(limit, size() - offset)),
                    '\0');
  read(offset, bytes);
  return bytes;
}

fs::path cachedIndexPath(const fs::path& path, const std::string& ending) {
  try {
    const auto time = fs::last_write_time(path).time_since_epoch().count();
    const std::string identity = fs::absolute(path).lexically_normal().string() + '\n' +
                                 std::to_string(fs::file_size(path)) + '\n' + std::to_string(time);
    return cacheFolder() / (sha256(identity).substr(0, 32) + ending);
  } catch (const fs::filesystem_error&) {
    return {};
  }
}

void saveIndex(const fs::path& path, const std::string& ending, IndexPlace place,
               const std::string& content, std::vector<std::string>& remarks) {
  if (place == IndexPlace::Beside) {
    try {
      saveAtomic(path.string() + ending, content);
      return;
    } catch (const Error&) {
      // Genomes often lie in folders that only an administrator may write; the cache serves as
      // well.
    }
  }
  const fs::path cached = cachedIndexPath(path, ending);
  try {
    if (cached.empty()) throw Error("SAVE_FAILED", "the cache folder", "it cannot be made.");
    saveAtomic(cached, content);
    remarks.push_back("The index (" + ending + ") was made anew and is kept in " +
                      shownPath(cached.parent_path()) + '.');
  } catch (const Error& error) {
    remarks.push_back("The index (" + ending +
                      ") could not be saved and will be made again next time: " + error.fact());
  }
}

}  // namespace cellocus
