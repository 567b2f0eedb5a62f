// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <unordered_map>

#include "base/checked.h"
#include "base/limits.h"
#include "base/text.h"
#include "weights/formats.h"
#include "weights/pickle.h"
#include "weights/torchfile.h"

// PyTorch before 1.6 wrote one stream: five pickles (magic number, protocol, machine, object,
// storage keys), then for each key the number of elements and the elements. Source:
// torch/serialization.py, _legacy_load.
namespace cellocus {

namespace {

constexpr std::string_view magicNumber("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
constexpr std::int64_t protocolNumber = 1001;

struct Stream {
  PickleValue object, keys;
  std::uint64_t length;  ///< bytes before the first storage
};

[[noreturn]] void refuse(const InputFile& file, std::string code, std::string fact) {
  throw Error(std::move(code), shownPath(file.path()), std::move(fact),
              "Choose weights that were saved with torch.save, or a safetensors file.");
}

void checkMachine(const InputFile& file, const PickleValue& machine) {
  const auto little = machine.find("little_endian");
  if (!little || little->boolean() != true)
    refuse(file, "CHECKPOINT_BYTE_ORDER", "its numbers are stored in big-endian order.");
}

Stream readPickles(const InputFile& file, std::string bytes, const Progress& progress) {
  PickleStream pickles(std::move(bytes), shownPath(file.path()), progress);
  if (pickles.next().bytes() != magicNumber)
    refuse(file, "CHECKPOINT_FORMAT",
           "it is a Python pickle, but not one of PyTorch's weights files.");
  if (pickles.next().integer() != protocolNumber)
    refuse(file, "CHECKPOINT_VERSION", "it is of an unknown version of PyTorch's old format.");
  checkMachine(file, pickles.next());
  PickleValue object = pickles.next();
  PickleValue keys = pickles.next();
  return {std::move(object), std::move(keys), pickles.position()};
}

/// How long the pickles are is not written anywhere, so the part that is read grows until they fit.
Stream readPickles(const InputFile& file, const Progress& progress) {
  std::size_t length = 4u << 20;
  for (;;) {
    try {
      return readPickles(file, file.readSome(0, length), progress);
    } catch (const Error& error) {
      if (error.code() != "PICKLE_TRUNCATED" || length >= file.size() ||
          length >= limits::pickleBytes)
        throw;
    }
    length = std::min(4 * length, limits::pickleBytes);
  }
}

/// The width of the numbers of a storage is only written where a tensor uses it.
using Widths = std::unordered_map<std::string, std::uint64_t>;

void collectWidths(const PickleValue& value, Widths& widths, std::size_t& budget) {
  if (budget-- == 0)
    throw Error("PICKLE_LIMIT", "The pickled data", "it unfolds to more values than any real file.",
                "The file is damaged or was made to mislead.");
  const PickleStorage* storage = value.tensor() ? &value.tensor()->storage : value.storage();
  if (storage) widths.emplace(storage->key, std::max<std::size_t>(dtypeSize(storage->dtype), 1));
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool dict = value.kind() == PickleKind::Dict;
    collectWidths(dict ? value.entry(i).second : value.item(i), widths, budget);
  }
}

class LegacyStorages : public StorageTable {
 public:
  LegacyStorages(const InputFile& file, const Stream& stream) {
    Widths widths;
    std::size_t budget = limits::pickleOpcodes;
    collectWidths(stream.object, widths, budget);
    std::uint64_t position = stream.length;
    for (std::size_t i = 0; i < stream.keys.size(); ++i)
      position = addStorage(file, stream.keys.item(i), widths, position);
    if (position != file.size())
      refuse(
          file, "TENSOR_STORAGE",
          byteText(file.size() - position) + " follow its last storage, where nothing should be.");
  }

  std::optional<StoragePlace> place(const std::string& key) const override {
    const auto place = m_places.find(key);
    if (place == m_places.end()) return {};
    return place->second;
  }

 private:
  std::uint64_t addStorage(const InputFile& file, const PickleValue& key, const Widths& widths,
                           std::uint64_t position) {
    const auto name = key.text();
    const auto width = name ? widths.find(std::string(*name)) : widths.end();
    if (width == widths.end())
      refuse(file, "TENSOR_STORAGE", "it lists a storage that none of its tensors uses.");
    std::int64_t count = 0;
    file.read(position, std::as_writable_bytes(std::span(&count, 1)));
    position += sizeof count;
    const std::string shown = "storage " + printable(*name);
    if (count < 0) refuse(file, "TENSOR_STORAGE", shown + " has a negative size.");
    const std::uint64_t bytes =
        checkedMultiply(static_cast<std::uint64_t>(count), width->second, shown);
    if (bytes > file.size() - position)
      throw Error("FILE_TRUNCATED", shownPath(file.path()),
                  "the file ends early: " + shown + " has " + byteText(bytes) + " and only " +
                      byteText(file.size() - position) + " are there.",
                  "The copy or download may be incomplete; get it again from its source.");
    if (!m_places.emplace(*name, StoragePlace{position, bytes, nullptr}).second)
      refuse(file, "TENSOR_STORAGE", "it lists " + shown + " twice.");
    return position + bytes;
  }

  std::unordered_map<std::string, StoragePlace> m_places;
};

}  // namespace

std::shared_ptr<const Checkpoint> openTorchLegacy(const std::shared_ptr<const InputFile>& file,
                                                  const Progress& progress) {
  const Stream stream = readPickles(*file, progress);
  auto storages = std::make_unique<const LegacyStorages>(*file, stream);
  return std::make_shared<TorchFile>("PyTorch legacy", file, std::move(storages), stream.object);
}

}  // namespace cellocus
