// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/zipfile.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/checked.h"
#include "base/limits.h"
#include "base/text.h"
#include "weights/formats.h"

// Source of the layout: PKWARE APPNOTE.TXT 6.3, sections 4.3 and 4.5.
namespace cellocus {

namespace {

constexpr std::size_t endBytes = 22, end64Bytes = 56, locatorBytes = 20;
constexpr std::size_t centralBytes = 46, localBytes = 30;
constexpr std::size_t pieceBytes = 8u << 20;
constexpr std::uint16_t encryptedFlag = 1;

[[noreturn]] void damaged(const InputFile& file, std::string fact) {
  throw Error("ZIP_DAMAGED", shownPath(file.path()), std::move(fact),
              "The copy or download may be incomplete; get the file again from its source.");
}

[[noreturn]] void refused(const InputFile& file, std::string fact) {
  throw Error(
      "ZIP_REFUSED", shownPath(file.path()), std::move(fact),
      "PyTorch writes no such files; save the weights again with torch.save, or as safetensors.");
}

/// A little-endian number inside bytes whose length was checked before.
template <typename Number>
Number at(std::string_view bytes, std::size_t offset) {
  Number number;
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

struct Directory {
  std::uint64_t offset = 0, bytes = 0, records = 0;
};

/// The end record lies at the very end of the file, followed only by its comment.
std::uint64_t endRecord(const InputFile& file) {
  constexpr std::size_t longestTail = endBytes + 65'535;
  const std::uint64_t from = file.size() > longestTail ? file.size() - longestTail : 0;
  const std::string tail = file.readSome(from, longestTail);
  for (std::size_t i = tail.size() < endBytes ? 0 : tail.size() - endBytes + 1; i-- > 0;)
    if (tail.compare(i, 4, "PK\x05\x06") == 0 &&
        i + endBytes + at<std::uint16_t>(tail, i + 20) == tail.size())
      return from + i;
  damaged(file, "its zip directory, which stands at the end, is missing.");
}

/// The larger directory record of archives beyond 4 GiB or 65,535 records, if there is one.
std::optional<Directory> directory64(const InputFile& file, std::uint64_t end) {
  if (end < locatorBytes + end64Bytes) return {};
  const std::string locator = file.readSome(end - locatorBytes, locatorBytes);
  if (!locator.starts_with("PK\x06\x07")) return {};
  const std::uint64_t place = end - locatorBytes - end64Bytes;
  const std::string record = file.readSome(place, end64Bytes);
  if (at<std::uint64_t>(locator, 8) != place || !record.starts_with("PK\x06\x06") ||
      at<std::uint64_t>(record, 4) != end64Bytes - 12 ||
      at<std::uint64_t>(record, 24) != at<std::uint64_t>(record, 32))
    damaged(file, "its ZIP64 end record is not where it should be.");
  Directory directory{at<std::uint64_t>(record, 48), at<std::uint64_t>(record, 40),
                      at<std::uint64_t>(record, 32)};
  if (checkedAdd(directory.offset, directory.bytes, shownPath(file.path())) != place)
    damaged(file, "its zip directory and the records do not fill the file.");
  return directory;
}

Directory directoryOf(const InputFile& file) {
  const std::uint64_t end = endRecord(file);
  if (const auto large = directory64(file, end)) return *large;
  const std::string record = file.readSome(end, endBytes);
  if (at<std::uint16_t>(record, 4) != 0 || at<std::uint16_t>(record, 6) != 0 ||
      at<std::uint16_t>(record, 8) != at<std::uint16_t>(record, 10))
    refused(file, "it is one volume of an archive split into several.");
  Directory directory{at<std::uint32_t>(record, 16), at<std::uint32_t>(record, 12),
                      at<std::uint16_t>(record, 10)};
  if (directory.offset + directory.bytes != end)
    damaged(file, "its zip directory and the records do not fill the file.");
  return directory;
}

/// Sizes that do not fit into 32 bits stand in extra field 1, in this order, only where the plain
/// field is all ones.
void takeZip64(const InputFile& file, std::string_view extra, ZipRecord& record) {
  while (extra.size() >= 4) {
    const auto kind = at<std::uint16_t>(extra, 0);
    const std::size_t length = at<std::uint16_t>(extra, 2);
    if (length > extra.size() - 4)
      damaged(file, "an extra field in its zip directory is cut short.");
    std::string_view field = extra.substr(4, length);
    extra.remove_prefix(4 + length);
    if (kind != 1) continue;
    for (std::uint64_t* value : {&record.bytes, &record.storedBytes, &record.localHeader}) {
      if (*value != 0xffffffff) continue;
      if (field.size() < 8) damaged(file, "a ZIP64 size in its directory is cut short.");
      *value = at<std::uint64_t>(field, 0);
      field.remove_prefix(8);
    }
    return;
  }
}

void checkName(const InputFile& file, const std::string& name) {
  const bool leadsOut = name.starts_with('/') || name.find('\\') != std::string::npos ||
                        name.find('\0') != std::string::npos || name == ".." ||
                        name.starts_with("../") || name.find("/../") != std::string::npos ||
                        name.ends_with("/..");
  if (name.empty() || name.size() > limits::nameBytes || leadsOut)
    refused(file, "it holds a record with the unsafe name " + printable(name) + ".");
}

/// Takes one record off the front of the directory.
ZipRecord takeRecord(const InputFile& file, std::string_view& directory) {
  if (directory.size() < centralBytes || !directory.starts_with("PK\x01\x02"))
    damaged(file, "its zip directory is damaged.");
  const std::size_t nameLength = at<std::uint16_t>(directory, 28);
  const std::size_t extraLength = at<std::uint16_t>(directory, 30);
  const std::size_t length =
      centralBytes + nameLength + extraLength + at<std::uint16_t>(directory, 32);
  if (length > directory.size()) damaged(file, "its zip directory is cut short.");
  ZipRecord record;
  record.name = directory.substr(centralBytes, nameLength);
  checkName(file, record.name);
  record.checksum = at<std::uint32_t>(directory, 16);
  record.storedBytes = at<std::uint32_t>(directory, 20);
  record.bytes = at<std::uint32_t>(directory, 24);
  record.localHeader = at<std::uint32_t>(directory, 42);
  takeZip64(file, directory.substr(centralBytes + nameLength, extraLength), record);
  const std::string shown = "record " + printable(record.name);
  const auto method = at<std::uint16_t>(directory, 10);
  if (at<std::uint16_t>(directory, 8) & encryptedFlag) refused(file, shown + " is encrypted.");
  if (method != 0 && method != 8)
    refused(file, shown + " is compressed by method " + std::to_string(method) + ".");
  record.deflated = method == 8;
  if (!record.deflated && record.bytes != record.storedBytes)
    damaged(file, shown + " has two different sizes.");
  if (record.deflated && record.bytes / limits::inflateRatio > record.storedBytes)
    refused(file, shown + " claims to unpack to more than deflate can hold.");
  directory.remove_prefix(length);
  return record;
}

/// Records lie one behind the other from the first byte of the file to the directory.
void checkLayout(const InputFile& file, const std::vector<ZipRecord>& records,
                 std::uint64_t directory) {
  std::vector<const ZipRecord*> sorted;
  for (const ZipRecord& record : records) sorted.push_back(&record);
  std::sort(sorted.begin(), sorted.end(),
            [](const ZipRecord* a, const ZipRecord* b) { return a->localHeader < b->localHeader; });
  std::uint64_t position = 0;
  for (const ZipRecord* record : sorted) {
    if (record->localHeader < position || (record == sorted.front() && record->localHeader != 0))
      refused(file, "record " + printable(record->name) +
                        " overlaps another one or follows foreign bytes.");
    position = checkedAdd(checkedAdd(record->localHeader, record->storedBytes, record->name),
                          std::uint64_t{localBytes + record->name.size()}, record->name);
  }
  if (position > directory) damaged(file, "its records reach into the zip directory.");
}

class Inflater {
 public:
  Inflater() {
    if (inflateInit2(&m_stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&m_stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Unpacks into exactly `into`; false if the data says otherwise.
  bool run(std::string& packed, std::string& into, const Progress& progress) {
    m_stream.next_in = reinterpret_cast<Bytef*>(packed.data());
    std::size_t given = 0, made = 0;
    int result = Z_OK;
    while (result == Z_OK) {
      progress.check();
      if (m_stream.avail_in == 0) {
        m_stream.avail_in = static_cast<uInt>(std::min(packed.size() - given, pieceBytes));
        given += m_stream.avail_in;
      }
      const std::size_t room = std::min(into.size() - made, pieceBytes);
      m_stream.next_out = reinterpret_cast<Bytef*>(into.data() + made);
      m_stream.avail_out = static_cast<uInt>(room);
      result = inflate(&m_stream, Z_NO_FLUSH);
      made += room - m_stream.avail_out;
    }
    return result == Z_STREAM_END && made == into.size() && given == packed.size() &&
           m_stream.avail_in == 0;
  }

 private:
  z_stream m_stream = {};
};

}  // namespace

ZipFile::ZipFile(std::shared_ptr<const InputFile> file) : m_file(std::move(file)) {
  const Directory directory = directoryOf(*m_file);
  if (directory.records > limits::zipEntries || directory.bytes > limits::pickleBytes)
    refused(*m_file, "its zip directory lists more than 100,000 records.");
  std::string text(directory.bytes, '\0');
  m_file->read(directory.offset, std::as_writable_bytes(std::span(text)));
  std::string_view rest = text;
  for (std::uint64_t i = 0; i < directory.records; ++i) {
    m_records.push_back(takeRecord(*m_file, rest));
    if (!m_places.emplace(m_records.back().name, m_records.size() - 1).second)
      refused(*m_file, "two of its records are called " + printable(m_records.back().name) + ".");
  }
  if (!rest.empty()) damaged(*m_file, "its zip directory holds more than the records it counts.");
  checkLayout(*m_file, m_records, directory.offset);
  m_directory = directory.offset;
}

const ZipRecord* ZipFile::find(std::string_view name) const {
  const auto place = m_places.find(name);
  return place == m_places.end() ? nullptr : &m_records[place->second];
}

std::uint64_t ZipFile::dataOffset(const ZipRecord& record) const {
  const std::string head = m_file->readSome(record.localHeader, localBytes + record.name.size());
  if (head.size() != localBytes + record.name.size() || !head.starts_with("PK\x03\x04") ||
      at<std::uint16_t>(head, 26) != record.name.size() || head.substr(localBytes) != record.name)
    damaged(*m_file, "the header of record " + printable(record.name) +
                         " does not agree with the zip directory.");
  const std::uint64_t offset = record.localHeader + head.size() + at<std::uint16_t>(head, 28);
  if (offset + record.storedBytes > m_directory)
    damaged(*m_file, "record " + printable(record.name) + " reaches into the zip directory.");
  return offset;
}

std::string ZipFile::read(const ZipRecord& record, std::uint64_t limit,
                          const Progress& progress) const {
  if (record.bytes > limit)
    throw Error("FILE_TOO_LARGE", shownPath(m_file->path()),
                "record " + printable(record.name) + " has " + byteText(record.bytes) +
                    "; at most " + byteText(limit) + " are read.",
                "Check that it is the right file.");
  std::string packed(record.storedBytes, '\0');
  const std::uint64_t start = dataOffset(record);
  for (std::size_t i = 0; i < packed.size(); i += pieceBytes) {
    progress.check();
    const std::size_t count = std::min(pieceBytes, packed.size() - i);
    m_file->read(start + i, std::as_writable_bytes(std::span(packed).subspan(i, count)));
  }
  std::string bytes;
  if (record.deflated) {
    bytes.resize(record.bytes);
    if (!Inflater().run(packed, bytes, progress)) refuseChecksum(*m_file, record.name);
  } else {
    bytes = std::move(packed);
  }
  if (updatedChecksum(0, bytes.data(), bytes.size()) != record.checksum)
    refuseChecksum(*m_file, record.name);
  return bytes;
}

void refuseChecksum(const InputFile& file, std::string_view record) {
  throw Error("ZIP_CHECKSUM", shownPath(file.path()),
              "record " + printable(record) +
                  " is damaged: its checksum is not the one noted when it was written.",
              "The file was changed or badly copied; get it again from its source.");
}

std::uint32_t updatedChecksum(std::uint32_t checksum, const void* data, std::size_t size) {
  return static_cast<std::uint32_t>(crc32_z(checksum, static_cast<const Bytef*>(data), size));
}

}  // namespace cellocus
