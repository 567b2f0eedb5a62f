// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/torchbuilder.h"

#include <zlib.h>

#include <fstream>

#include "base/error.h"
#include "support/shared.h"

namespace cellocus::testing {

namespace {

std::uint32_t checksumOf(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

std::string deflated(const std::string& bytes) {
  z_stream stream = {};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

template <typename... Numbers>
std::string joined(Numbers... numbers) {
  return (littleEndian(numbers) + ...);
}

/// Common to local and central headers: version, flags, method, time, date.
std::string recordStart(const ZipEntry& entry) {
  const std::uint16_t flags = entry.encrypted ? 0x809 : 0x808;
  const std::uint16_t method = entry.deflated ? 8 : 0;
  return joined(std::uint16_t{0}, flags, method, std::uint16_t{0}, std::uint16_t{0});
}

std::string localHeader(const ZipEntry& entry, std::size_t position) {
  const std::string name = entry.localName.value_or(entry.name);
  const std::size_t before = position + 30 + name.size() + 4;
  const std::string padding((64 - before % 64) % 64, 'Z');
  return std::string("PK\x03\x04") + recordStart(entry) + std::string(12, '\0') +
         joined(static_cast<std::uint16_t>(name.size()),
                static_cast<std::uint16_t>(4 + padding.size())) +
         name + "FB" + littleEndian(static_cast<std::uint16_t>(padding.size())) + padding;
}

std::string centralHeader(const ZipEntry& entry, std::uint64_t position, std::uint64_t stored,
                          ZipSizes sizes) {
  const std::uint64_t bytes =
      entry.bytes.value_or(static_cast<std::uint32_t>(entry.content.size()));
  const bool large = sizes == ZipSizes::Zip64;
  const auto small = [large](std::uint64_t number) {
    return large ? 0xffffffffu : static_cast<std::uint32_t>(number);
  };
  const std::string extra =
      large ? joined(std::uint16_t{1}, std::uint16_t{24}, bytes, stored, position) : std::string();
  return std::string("PK\x01\x02") + littleEndian(std::uint16_t{0}) + recordStart(entry) +
         joined(entry.checksum.value_or(checksumOf(entry.content)), small(stored), small(bytes),
                static_cast<std::uint16_t>(entry.name.size()),
                static_cast<std::uint16_t>(extra.size()), std::uint16_t{0}, std::uint16_t{0},
                std::uint16_t{0}, std::uint32_t{0}, small(position)) +
         entry.name + extra;
}

}  // namespace

std::string floatBytes(const std::vector<float>& values) {
  std::string bytes;
  for (const float value : values) bytes += littleEndian(value);
  return bytes;
}

PickleBuilder::PickleBuilder(int protocol) : m_bytes{'\x80', static_cast<char>(protocol)} {}

PickleBuilder& PickleBuilder::raw(std::string_view bytes) {
  m_bytes += bytes;
  return *this;
}

PickleBuilder& PickleBuilder::text(std::string_view text) {
  return raw("X").raw(littleEndian(static_cast<std::uint32_t>(text.size()))).raw(text);
}

PickleBuilder& PickleBuilder::integer(std::int64_t value) {
  return raw("\x8a\x08").raw(littleEndian(value));
}

PickleBuilder& PickleBuilder::global(std::string_view module, std::string_view name) {
  return raw("c").raw(module).raw("\n").raw(name).raw("\n");
}

PickleBuilder& PickleBuilder::integers(const Shape& values) {
  mark();
  for (const std::int64_t value : values) integer(value);
  return tuple();
}

void addTensor(PickleBuilder& pickle, const TensorRecipe& tensor, bool view) {
  pickle.global("torch._utils", "_rebuild_tensor_v2").mark().mark().text("storage");
  pickle.global("torch", tensor.storageType)
      .text(tensor.key)
      .text("cpu")
      .integer(tensor.storageCount);
  if (view) pickle.raw("N");
  pickle.tuple().raw("Q").integer(tensor.offset).integers(tensor.shape).integers(tensor.strides);
  pickle.raw("\x89").global("collections", "OrderedDict").raw(")R").tuple().raw("R");
}

std::string stateDictPickle(const std::vector<TensorRecipe>& tensors, bool view) {
  PickleBuilder pickle;
  pickle.global("collections", "OrderedDict").raw(")R").mark();
  for (const TensorRecipe& tensor : tensors) {
    pickle.text(tensor.name);
    addTensor(pickle, tensor, view);
  }
  return pickle.raw("u").finish();
}

std::string zipArchive(const std::vector<ZipEntry>& entries, ZipSizes sizes) {
  std::string bytes, directory;
  for (const ZipEntry& entry : entries) {
    const std::string stored = entry.deflated ? deflated(entry.content) : entry.content;
    directory += centralHeader(entry, bytes.size(), stored.size(), sizes);
    bytes += localHeader(entry, bytes.size()) + stored;
  }
  const std::uint64_t start = bytes.size();
  bytes += directory;
  const std::uint64_t end = bytes.size(), count = entries.size(), length = directory.size();
  if (sizes == ZipSizes::Zip64) {
    bytes += std::string("PK\x06\x06") + joined(std::uint64_t{44}, std::uint16_t{0},
                                                std::uint16_t{0}, std::uint32_t{0},
                                                std::uint32_t{0}, count, count, length, start);
    bytes += std::string("PK\x06\x07") + joined(std::uint32_t{0}, end, std::uint32_t{1});
  }
  const auto records = static_cast<std::uint16_t>(count);
  return bytes + std::string("PK\x05\x06") +
         joined(std::uint16_t{0}, std::uint16_t{0}, records, records,
                static_cast<std::uint32_t>(length), static_cast<std::uint32_t>(start),
                std::uint16_t{0});
}

std::vector<ZipEntry> torchEntries(const std::string& pickle, const std::vector<float>& values) {
  std::vector<ZipEntry> entries(3);
  entries[0].name = "model/data.pkl";
  entries[0].content = pickle;
  entries[1].name = "model/data/0";
  entries[1].content = floatBytes(values);
  entries[2].name = "model/version";
  entries[2].content = "3\n";
  return entries;
}

std::string legacyFile(const std::string& pickle, const std::vector<float>& values) {
  constexpr std::string_view magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
  constexpr std::string_view protocol("\x80\x02M\xe9\x03.", 6);
  const std::string machine = PickleBuilder().raw("}").text("little_endian").raw("\x88s").finish();
  const std::string keys = PickleBuilder().raw("]").text("0").raw("a").finish();
  return std::string(magic) + std::string(protocol) + machine + pickle + keys +
         littleEndian(static_cast<std::int64_t>(values.size())) + floatBytes(values);
}

std::string safetensorsFile(std::string header, std::string_view data) {
  header.append((8 - header.size() % 8) % 8, ' ');
  return littleEndian(static_cast<std::uint64_t>(header.size())) + header + std::string(data);
}

std::filesystem::path writeFile(std::string_view name, std::string_view bytes) {
  static const std::filesystem::path folder = scratchFolder("weights");
  const std::filesystem::path path = folder / name;
  std::filesystem::remove(path);  // some file systems flush a file that is written over
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

std::string errorCode(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return "no error";
}

std::string codeOfReading(std::string_view bytes) {
  const std::filesystem::path path = writeFile("file", bytes);
  return errorCode([&] {
    const auto file = Checkpoint::open(path);
    for (const TensorInfo& tensor : file->tensors()) file->read(tensor.name);
  });
}

}  // namespace cellocus::testing
