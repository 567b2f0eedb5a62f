// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/zipwriter.h"

#include <algorithm>

#include "weights/zipfile.h"

// Source: PKWARE's APPNOTE.TXT 6.3.
namespace cellocus {

namespace {

constexpr std::uint64_t fits32 = 0xFFFFFFFF - 1;
constexpr std::uint64_t alignment = 64, localHeaderBytes = 30, zip64SizesBytes = 20;
constexpr std::size_t atOnce = std::size_t{16} << 20;
constexpr std::uint64_t namesAreUtf8 = 0x0800;

std::uint64_t within32(std::uint64_t value) {
  return std::min<std::uint64_t>(value, 0xFFFFFFFF);
}

std::uint32_t checksumOf(std::span<const std::byte> bytes, const Progress& progress) {
  std::uint32_t checksum = 0;
  for (std::size_t from = 0; from < bytes.size(); from += atOnce) {
    progress.check();
    const auto piece = bytes.subspan(from, std::min(atOnce, bytes.size() - from));
    checksum = updatedChecksum(checksum, piece.data(), piece.size());
  }
  return checksum;
}

}  // namespace

void ZipWriter::put(std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) m_stream.put(static_cast<char>(value >> (8 * i) & 0xFF));
  m_position += static_cast<std::uint64_t>(bytes);
}

/// What a local header and an entry of the directory have in common: version, flags, method, time,
/// checksum, sizes.
void ZipWriter::putNameAndSizes(const Record& record, bool large) {
  put(large ? 45 : 20, 2);
  put(namesAreUtf8, 2);
  put(0, 2);  // stored
  put(0, 4);  // no time: the same model gives the same bytes
  put(record.checksum, 4);
  put(large ? 0xFFFFFFFF : record.bytes, 4);
  put(large ? 0xFFFFFFFF : record.bytes, 4);
  put(record.name.size(), 2);
}

/// The extra field FB with which PyTorch moves the data to a multiple of 64 bytes.
void ZipWriter::add(const std::string& name, std::span<const std::byte> bytes,
                    const Progress& progress) {
  const Record record{name, m_position, bytes.size(), checksumOf(bytes, progress)};
  const bool large = record.bytes > fits32;
  const std::uint64_t sizes = large ? zip64SizesBytes : 0;
  const std::uint64_t before = m_position + localHeaderBytes + name.size() + sizes + 4;
  const std::uint64_t padding = (alignment - before % alignment) % alignment;
  put(0x04034B50, 4);
  putNameAndSizes(record, large);
  put(sizes + 4 + padding, 2);
  m_stream << name;
  m_position += name.size();
  if (large) {
    put(1, 2);
    put(16, 2);
    put(record.bytes, 8);
    put(record.bytes, 8);
  }
  put(0x4246, 2);
  put(padding, 2);
  m_stream << std::string(padding, 'Z');
  m_position += padding;
  for (std::size_t from = 0; from < bytes.size(); from += atOnce) {
    progress.check();
    const auto piece = bytes.subspan(from, std::min(atOnce, bytes.size() - from));
    m_stream.write(reinterpret_cast<const char*>(piece.data()),
                   static_cast<std::streamsize>(piece.size()));
  }
  m_position += bytes.size();
  m_records.push_back(record);
}

void ZipWriter::putDirectoryEntry(const Record& record) {
  const bool large = record.bytes > fits32 || record.place > fits32;
  put(0x02014B50, 4);
  put(0, 2);  // made by
  putNameAndSizes(record, large);
  put(large ? 28 : 0, 2);
  put(0, 2);  // comment
  put(0, 2);  // volume
  put(0, 2);  // attributes
  put(0, 4);
  put(large ? 0xFFFFFFFF : record.place, 4);
  m_stream << record.name;
  m_position += record.name.size();
  if (!large) return;
  put(1, 2);
  put(24, 2);
  put(record.bytes, 8);
  put(record.bytes, 8);
  put(record.place, 8);
}

bool ZipWriter::finish() {
  const std::uint64_t directory = m_position;
  for (const Record& record : m_records) putDirectoryEntry(record);
  const std::uint64_t directoryBytes = m_position - directory;
  const std::uint64_t count = m_records.size();
  if (directory > fits32) {
    const std::uint64_t place = m_position;
    put(0x06064B50, 4);
    put(44, 8);
    put(45, 2);
    put(45, 2);
    put(0, 4 + 4);
    put(count, 8);
    put(count, 8);
    put(directoryBytes, 8);
    put(directory, 8);
    put(0x07064B50, 4);
    put(0, 4);
    put(place, 8);
    put(1, 4);
  }
  put(0x06054B50, 4);
  put(0, 2 + 2);
  put(count, 2);
  put(count, 2);
  put(directoryBytes, 4);
  put(within32(directory), 4);
  put(0, 2);
  m_stream.close();
  return static_cast<bool>(m_stream);
}

}  // namespace cellocus
