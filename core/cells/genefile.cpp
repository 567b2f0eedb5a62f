// SPDX-License-Identifier: GPL-3.0-or-later
// Layout: packed pieces; index = length of key, key, range, number of pieces, pieces; footer =
// where the index begins, its length, its hash, mark. Of this machine's byte order: a cache, not an
// exchange format.
#include "cells/genefile.h"

#include <cstring>

namespace cellocus {

namespace {

constexpr std::uint64_t mark = 0x31'73'65'6e'65'47'6f'43;  // "CoGenes1"
constexpr std::size_t mostIndexBytes = std::size_t{1} << 30;

struct Footer {
  std::uint64_t offset = 0, bytes = 0, check = 0, end = 0;
};

template <typename T>
void put(std::vector<std::byte>& bytes, const T& value) {
  const auto raw = std::as_bytes(std::span(&value, 1));
  bytes.insert(bytes.end(), raw.begin(), raw.end());
}

/// Takes values off the front of some bytes; the file's hash has vouched for them.
class Taker {
 public:
  explicit Taker(std::span<const std::byte> bytes) : m_bytes(bytes) {}
  template <typename T>
  bool take(T& value) {
    if (m_bytes.size() < sizeof(T)) return false;
    std::memcpy(&value, m_bytes.data(), sizeof(T));
    m_bytes = m_bytes.subspan(sizeof(T));
    return true;
  }
  bool take(std::string& text, std::uint64_t length) {
    if (m_bytes.size() < length) return false;
    text.assign(reinterpret_cast<const char*>(m_bytes.data()), length);
    m_bytes = m_bytes.subspan(length);
    return true;
  }
  std::size_t left() const { return m_bytes.size(); }

 private:
  std::span<const std::byte> m_bytes;
};

std::vector<std::byte> bytesOf(const GeneFileIndex& index) {
  std::vector<std::byte> bytes;
  put(bytes, static_cast<std::uint64_t>(index.key.size()));
  const auto key = std::as_bytes(std::span(index.key));
  bytes.insert(bytes.end(), key.begin(), key.end());
  put(bytes, index.range);
  put(bytes, static_cast<std::uint64_t>(index.pieces.size()));
  for (const GenePiece& piece : index.pieces) put(bytes, piece);
  return bytes;
}

std::optional<GeneFileIndex> indexOf(std::span<const std::byte> bytes, std::uint64_t dataBytes) {
  Taker taker(bytes);
  GeneFileIndex index;
  std::uint64_t length = 0, count = 0;
  if (!taker.take(length) || !taker.take(index.key, length) || !taker.take(index.range) ||
      !taker.take(count) || count != taker.left() / sizeof(GenePiece))
    return std::nullopt;
  index.pieces.resize(count);
  for (GenePiece& piece : index.pieces)
    if (!taker.take(piece) || piece.offset > dataBytes || piece.bytes > dataBytes - piece.offset)
      return std::nullopt;
  return index;
}

}  // namespace

GeneFileWriter::GeneFileWriter(const std::filesystem::path& path, std::filesystem::path target)
    : m_target(std::move(target)), m_stream(path, std::ios::binary | std::ios::trunc) {}

void GeneFileWriter::write(std::span<const std::byte> bytes) {
  m_stream.write(reinterpret_cast<const char*>(bytes.data()),
                 static_cast<std::streamsize>(bytes.size()));
  m_size += bytes.size();
  if (!m_stream)
    throw Error("SAVE_FAILED", shownPath(m_target),
                "expression sorted by genes could not be kept: no space left on the disk, or no "
                "permission.",
                "Make room, or choose another folder for the cache.");
}

void GeneFileWriter::add(GeneChunk chunk) {
  for (GenePiece& piece : chunk.pieces) {
    piece.offset += m_size;
    m_index.pieces.push_back(piece);
  }
  write(chunk.bytes);
}

void GeneFileWriter::finish(std::string key, ValueRange range) {
  m_index.key = std::move(key);
  m_index.range = range;
  const std::vector<std::byte> index = bytesOf(m_index);
  const Footer footer{m_size, index.size(), hashOf(index), mark};
  write(index);
  write(std::as_bytes(std::span(&footer, 1)));
  m_stream.close();
  if (!m_stream) write({});
}

std::optional<GeneFileIndex> readGeneFile(const InputFile& file, const std::string& key) {
  Footer footer;
  if (file.size() < sizeof(Footer)) return std::nullopt;
  const std::uint64_t data = file.size() - sizeof(Footer);
  file.read(data, std::as_writable_bytes(std::span(&footer, 1)));
  if (footer.end != mark || footer.bytes > mostIndexBytes || footer.bytes > data ||
      footer.offset != data - footer.bytes)
    return std::nullopt;
  std::vector<std::byte> bytes(footer.bytes);
  file.read(footer.offset, bytes);
  if (hashOf(bytes) != footer.check) return std::nullopt;
  auto index = indexOf(bytes, footer.offset);
  if (!index || index->key != key) return std::nullopt;
  return index;
}

}  // namespace cellocus
