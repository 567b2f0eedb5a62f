// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/bgzf.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "genome/filesignature.h"

namespace cellocus {

namespace {

constexpr std::size_t largestBlock = 65536;
constexpr std::size_t recentBlocks = 64;  // 4 MB: twenty model windows side by side
constexpr std::size_t headerBytes = 12, trailerBytes = 8;

std::uint64_t little(const char* bytes, int count) {
  std::uint64_t value = 0;
  for (int i = count - 1; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

[[noreturn]] void damaged(const InputFile& file, std::uint64_t at, const std::string& fact) {
  throw Error("FASTA_DAMAGED", shownPath(file.path()),
              "the compressed block at byte " + withThousands(static_cast<std::int64_t>(at)) + ' ' +
                  fact + '.',
              "The file is damaged; get it again from its source.");
}

struct BlockHeader {
  std::size_t size = 0;     ///< of the whole block
  std::size_t payload = 0;  ///< where the deflated bytes begin
};

/// The header of a BGZF block: gzip with an extra field "BC" that holds the block's size less one.
std::optional<BlockHeader> parseHeader(std::string_view bytes) {
  if (bytes.size() < headerBytes + 6 || bytes.substr(0, 4) != std::string_view("\x1F\x8B\x08\x04"))
    return std::nullopt;
  const std::size_t extra = little(bytes.data() + 10, 2);
  std::size_t at = headerBytes;
  const std::size_t end = std::min(bytes.size(), headerBytes + extra);
  while (at + 4 <= end) {
    const std::size_t length = little(bytes.data() + at + 2, 2);
    if (bytes.substr(at, 2) == "BC" && length == 2 && at + 6 <= end) {
      const BlockHeader header{little(bytes.data() + at + 4, 2) + 1, headerBytes + extra};
      if (header.size < header.payload + trailerBytes) return std::nullopt;
      return header;
    }
    at += 4 + length;
  }
  return std::nullopt;
}

std::optional<BlockHeader> headerAt(const InputFile& file, std::uint64_t at) {
  const auto header = parseHeader(file.readSome(at, 64));
  if (header && header->size > file.size() - at) return std::nullopt;
  return header;
}

std::uint64_t inflatedSize(const InputFile& file, std::uint64_t at, const BlockHeader& header) {
  return little(file.readSome(at + header.size - 4, 4).data(), 4);
}

/// The walk from one block on, which must begin at `index.*.back()`; the ends are appended.
void scanFrom(BgzfIndex& index, const InputFile& file, const Progress& progress) {
  bool ended = false;
  for (std::size_t n = 0; index.compressed.back() < file.size(); ++n) {
    const std::uint64_t at = index.compressed.back();
    const auto header = headerAt(file, at);
    if (!header) {
      if (const auto cut = parseHeader(file.readSome(at, 64)); cut || file.size() - at < 28)
        throw Error("FASTA_TRUNCATED", shownPath(file.path()), "the file ends within a block.",
                    "The copy or download may be incomplete; get it again.");
      damaged(file, at, "has no BGZF header");
    }
    const std::uint64_t bases = inflatedSize(file, at, *header);
    if (bases > largestBlock) damaged(file, at, "claims to hold more than 65,536 bytes");
    index.compressed.push_back(at + header->size);
    index.uncompressed.push_back(index.uncompressed.back() + bases);
    ended = bases == 0;
    if (n % 256 == 0)
      progress.at(static_cast<double>(at) / static_cast<double>(file.size()), "indexing blocks");
  }
  if (!ended)
    throw Error("FASTA_TRUNCATED", shownPath(file.path()),
                "the file ends early: the empty block that ends a bgzipped file is missing.",
                "The copy or download may be incomplete; get it again.");
}

[[noreturn]] void badGzi(const InputFile& file, const std::string& fact) {
  throw Error("GZI_DAMAGED", shownPath(file.path()) + ".gzi", fact,
              "It belongs to another file or is damaged; it can be made again.");
}

/// Checks some blocks, evenly spread, against what the index says of them.
void checkSamples(const BgzfIndex& index, const InputFile& file) {
  const std::size_t step = std::max<std::size_t>(1, index.blocks() / 64);
  for (std::size_t i = 0; i < index.blocks(); i += step) {
    const auto header = headerAt(file, index.compressed[i]);
    if (!header || index.compressed[i] + header->size != index.compressed[i + 1] ||
        inflatedSize(file, index.compressed[i], *header) !=
            index.uncompressed[i + 1] - index.uncompressed[i])
      badGzi(file, "its entry " + std::to_string(i) + " does not fit the file.");
  }
}

}  // namespace

bool isBgzf(const InputFile& file) {
  return parseHeader(file.readSome(0, 64)).has_value();
}

BgzfIndex scanBgzf(const InputFile& file, const Progress& progress) {
  BgzfIndex index{{0}, {0}};
  scanFrom(index, file, progress);
  return index;
}

BgzfIndex readGzi(const std::string& content, const InputFile& file) {
  const std::uint64_t count = content.size() < 8 ? 0 : little(content.data(), 8);
  if (content.size() < 8 || content.size() % 16 != 8 || count != content.size() / 16)
    badGzi(file, "its length does not fit the number of entries it claims.");
  BgzfIndex index{{0}, {0}};
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t compressed = little(content.data() + 8 + 16 * i, 8);
    const std::uint64_t uncompressed = little(content.data() + 16 + 16 * i, 8);
    if (i == 0 && compressed == 0 && uncompressed == 0) continue;
    if (compressed <= index.compressed.back() || compressed >= file.size() ||
        uncompressed < index.uncompressed.back() ||
        uncompressed - index.uncompressed.back() > largestBlock)
      badGzi(file, "its entries are not in order or lie outside the file.");
    index.compressed.push_back(compressed);
    index.uncompressed.push_back(uncompressed);
  }
  checkSamples(index, file);
  scanFrom(index, file, {});
  return index;
}

std::string gziContent(const BgzfIndex& index) {
  std::string content;
  const auto append = [&](std::uint64_t value) {
    for (int i = 0; i < 8; ++i) content += static_cast<char>(value >> (8 * i) & 0xFF);
  };
  append(index.blocks() - 1);
  for (std::size_t i = 1; i < index.blocks(); ++i) {
    append(index.compressed[i]);
    append(index.uncompressed[i]);
  }
  return content;
}

BgzfSource::BgzfSource(std::shared_ptr<const InputFile> file, BgzfIndex index)
    : m_file(std::move(file)), m_index(std::move(index)) {}

void BgzfSource::read(std::uint64_t offset, std::span<char> into) const {
  if (offset > size() || into.size() > size() - offset)
    throw Error("FILE_TRUNCATED", shownPath(m_file->path()),
                "bytes beyond the end of the file were asked for.",
                "The file may have changed while it was open; open it again.");
  // The last block that begins at or before the offset; empty blocks begin where the next one does.
  auto place = std::upper_bound(m_index.uncompressed.begin(), m_index.uncompressed.end(), offset);
  auto number = static_cast<std::size_t>(place - m_index.uncompressed.begin()) - 1;
  while (!into.empty()) {
    const Block bytes = block(number);
    const auto within = static_cast<std::size_t>(offset - m_index.uncompressed[number]);
    const std::size_t count = std::min(into.size(), bytes->size() - within);
    std::memcpy(into.data(), bytes->data() + within, count);
    into = into.subspan(count);
    offset += count;
    ++number;
  }
}

BgzfSource::Block BgzfSource::block(std::size_t number) const {
  {
    const std::lock_guard lock(m_mutex);
    if (const auto known = m_known.find(number); known != m_known.end()) {
      m_recent.splice(m_recent.begin(), m_recent, known->second);
      return known->second->second;
    }
  }
  const auto bytes = std::make_shared<const std::string>(inflateBlock(number));
  const std::lock_guard lock(m_mutex);
  if (m_known.contains(number)) return bytes;
  m_recent.emplace_front(number, bytes);
  m_known[number] = m_recent.begin();
  if (m_recent.size() > recentBlocks) {
    m_known.erase(m_recent.back().first);
    m_recent.pop_back();
  }
  return bytes;
}

std::string BgzfSource::inflateBlock(std::size_t number) const {
  const std::uint64_t at = m_index.compressed[number];
  std::string raw(static_cast<std::size_t>(m_index.compressed[number + 1] - at), '\0');
  m_file->read(at, std::as_writable_bytes(std::span(raw)));
  const auto header = parseHeader(raw);
  if (!header || header->size != raw.size())
    damaged(*m_file, at, "does not begin and end where the index says");
  const auto expected =
      static_cast<std::size_t>(m_index.uncompressed[number + 1] - m_index.uncompressed[number]);
  std::string bytes(expected, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  stream.next_in = reinterpret_cast<Bytef*>(raw.data() + header->payload);
  stream.avail_in = static_cast<uInt>(raw.size() - header->payload - trailerBytes);
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  const int status = inflate(&stream, Z_FINISH);
  const bool whole = status == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  const std::uint64_t checksum = little(raw.data() + raw.size() - 8, 4);
  if (!whole || crc32(crc32(0, nullptr, 0), reinterpret_cast<const Bytef*>(bytes.data()),
                      static_cast<uInt>(bytes.size())) != checksum)
    damaged(*m_file, at, "cannot be unpacked or has a wrong checksum");
  return bytes;
}

}  // namespace cellocus
