// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/file.h"
#include "base/progress.h"
#include "genome/bytesource.h"

namespace cellocus {

/// Where the blocks of a bgzipped file begin: parallel arrays, each with the file's end as last
/// entry.
struct BgzfIndex {
  std::vector<std::uint64_t> compressed, uncompressed;
  std::size_t blocks() const { return compressed.size() - 1; }
};

/// Whether the file begins with a BGZF block (SAM specification 4.1).
bool isBgzf(const InputFile& file);
/// Walks from block to block. @throws Error "FASTA_DAMAGED", "FASTA_TRUNCATED"
BgzfIndex scanBgzf(const InputFile& file, const Progress& progress);
/// Reads a `.gzi` and checks it against the file. @throws Error "GZI_DAMAGED"
BgzfIndex readGzi(const std::string& content, const InputFile& file);
std::string gziContent(const BgzfIndex& index);

/// Random access to a bgzipped file. Keeps the blocks read last, because neighbouring windows share
/// them.
class BgzfSource : public ByteSource {
 public:
  BgzfSource(std::shared_ptr<const InputFile> file, BgzfIndex index);
  std::uint64_t size() const override { return m_index.uncompressed.back(); }
  void read(std::uint64_t offset, std::span<char> into) const override;

 private:
  using Block = std::shared_ptr<const std::string>;
  Block block(std::size_t number) const;
  std::string inflateBlock(std::size_t number) const;

  std::shared_ptr<const InputFile> m_file;
  BgzfIndex m_index;
  mutable std::mutex m_mutex;
  mutable std::list<std::pair<std::size_t, Block>> m_recent;  ///< newest first
  mutable std::unordered_map<std::size_t, decltype(m_recent)::iterator> m_known;
};

}  // namespace cellocus
