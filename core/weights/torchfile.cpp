// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/torchfile.h"

#include <algorithm>

#include "base/checked.h"
#include "base/text.h"
#include "weights/elements.h"
#include "weights/formats.h"

namespace cellocus {

namespace {

constexpr std::uint64_t smallRecordBytes = 64u << 20;
/// A stride of 0 lets a few bytes stand for a large tensor; larger ones than this are not believed.
constexpr std::int64_t expandedElements = 64 << 20;

[[noreturn]] void refuseTensor(std::string code, const std::string& where, const std::string& name,
                               const std::string& fact) {
  throw Error(std::move(code), where, "tensor " + printable(name) + " " + fact,
              "The file is damaged or was made to mislead; get it again from its source.");
}

/// One beyond the largest element a view touches, counted from its offset.
std::int64_t extent(const Shape& shape, const Shape& strides) {
  std::int64_t last = 0;
  for (std::size_t i = 0; i < shape.size(); ++i)
    last = checkedAdd(last, checkedMultiply(shape[i] - 1, strides[i], "A tensor"), "A tensor");
  return checkedAdd<std::int64_t>(last, 1, "A tensor");
}

bool contiguous(const Shape& shape, const Shape& strides) {
  std::int64_t expected = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    if (shape[i] != 1 && strides[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

void checkBounds(const PickleTensor& tensor, const std::string& name, const std::string& where) {
  const auto negative = [](std::int64_t number) { return number < 0; };
  if (tensor.offset < 0 || tensor.storage.count < 0 ||
      std::ranges::any_of(tensor.shape, negative) || std::ranges::any_of(tensor.strides, negative))
    refuseTensor("TENSOR_BOUNDS", where, name, "has a negative size, stride or offset.");
  const std::int64_t count = elementCount(tensor.shape);
  if (count == 0) return;
  if (count > std::max(tensor.storage.count, expandedElements))
    refuseTensor(
        "TENSOR_BOUNDS", where, name,
        "of shape " + shapeText(tensor.shape) + " repeats its stored numbers beyond belief.");
  const std::int64_t end = checkedAdd(tensor.offset, extent(tensor.shape, tensor.strides), name);
  if (end > tensor.storage.count)
    refuseTensor("TENSOR_BOUNDS", where, name,
                 "of shape " + shapeText(tensor.shape) + " reaches to element " +
                     withThousands(end) + " of a storage that has " +
                     withThousands(tensor.storage.count) + ".");
}

/// Picks the elements of a view out of the run of numbers it spans, in row-major order.
std::vector<float> picked(const std::vector<float>& run, const Shape& shape, const Shape& strides,
                          const Progress& progress) {
  constexpr std::size_t elementsBetweenChecks = 1u << 20;
  std::vector<float> values(static_cast<std::size_t>(elementCount(shape)));
  Shape position(shape.size(), 0);
  std::int64_t from = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % elementsBetweenChecks == 0) progress.check();
    values[i] = run[static_cast<std::size_t>(from)];
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      from += strides[axis];
      if (++position[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      position[axis] = 0;
    }
  }
  return values;
}

}  // namespace

TorchFile::TorchFile(std::string format, std::shared_ptr<const InputFile> file,
                     std::unique_ptr<const StorageTable> storages, const PickleValue& root)
    : Checkpoint(file->path(), std::move(format)),
      m_file(std::move(file)),
      m_table(std::move(storages)) {
  const std::string where = shownPath(path());
  StateDict dict = findStateDict(root, where);
  std::vector<TensorInfo> infos;
  for (const auto& [name, value] : dict.tensors) {
    const PickleTensor* tensor = value.tensor();
    if (!tensor) {
      infos.push_back({name, DType::Unsupported, {}});
      m_views.emplace_back().refused = value.name();
      continue;
    }
    checkBounds(*tensor, name, where);
    infos.push_back({name, tensor->storage.dtype, tensor->shape});
    m_views.push_back(
        {storageIndex(tensor->storage, where), tensor->offset, tensor->shape, tensor->strides, ""});
  }
  m_verified.resize(m_storages.size());
  setTensors(std::move(infos));
  setMetadata(std::move(dict.metadata));
}

std::size_t TorchFile::storageIndex(const PickleStorage& description, const std::string& where) {
  const std::string shown = "storage " + printable(description.key);
  const auto refuse = [&](const std::string& fact) {
    throw Error("TENSOR_STORAGE", where, shown + " " + fact,
                "The file is damaged or was made to mislead; get it again from its source.");
  };
  const auto [known, fresh] = m_storageOfKey.emplace(description.key, m_storages.size());
  if (!fresh) {
    const PickleStorage& first = m_storages[known->second].description;
    if (first.dtype != description.dtype || first.count != description.count)
      refuse("is described in two ways that do not agree.");
    return known->second;
  }
  const auto place = m_table->place(description.key);
  if (!place) refuse("is missing.");
  const std::uint64_t width = std::max<std::size_t>(dtypeSize(description.dtype), 1);
  const std::uint64_t expected =
      checkedMultiply(static_cast<std::uint64_t>(description.count), width, where + ", " + shown);
  if (place->bytes != expected)
    refuse("has " + byteText(place->bytes) + ", but its " + withThousands(description.count) +
           " numbers need " + byteText(expected) + ".");
  m_storages.push_back({*place, description});
  return known->second;
}

std::vector<float> TorchFile::loadRows(std::size_t index, std::int64_t first, std::int64_t last,
                                       const Progress& progress) const {
  View view = m_views[index];
  const std::string where = shownPath(path());
  const std::string& name = tensors()[index].name;
  if (!view.refused.empty())
    throw Error("TENSOR_OPAQUE", where,
                "where tensor " + printable(name) + " should be stands the Python object " +
                    printable(view.refused) + ".",
                "Save the weights as plain tensors, best as safetensors.");
  const Storage& storage = m_storages[view.storage];
  if (storage.description.dtype == DType::Unsupported)
    throw Error("TENSOR_DTYPE", where,
                "tensor " + printable(name) +
                    " is stored in a number type that Cellocus cannot compute with.",
                "Save the weights as float32, float16 or bfloat16.");
  const bool wholeTensor = view.shape.empty() || last - first == view.shape[0];
  if (!wholeTensor) {
    view.offset += first * view.strides[0];
    view.shape[0] = last - first;
  }
  const std::int64_t count = elementCount(view.shape);
  if (count == 0) return {};
  const bool inOneRun = contiguous(view.shape, view.strides);
  const bool wholeStorage = inOneRun && count == storage.description.count;
  if (wholeStorage && storage.place.record && !storage.place.record->deflated)
    return readWhole(storage, progress);
  if (wholeTensor || storage.place.bytes <= smallRecordBytes) verify(view.storage, progress);
  return inOneRun ? readRun(view, progress) : gather(view, progress);
}

bool TorchFile::sameBytes(std::size_t index, std::size_t other) const {
  const View &a = m_views[index], &b = m_views[other];
  return a.refused.empty() && b.refused.empty() && a.storage == b.storage && a.offset == b.offset &&
         a.shape == b.shape && a.strides == b.strides;
}

std::vector<float> TorchFile::gather(const View& view, const Progress& progress) const {
  View run = view;
  run.shape = {extent(view.shape, view.strides)};
  run.strides = {1};
  return picked(readRun(run, progress.part(0, 0.8)), view.shape, view.strides, progress);
}

/// The checksum is computed while reading, so that a large file is read once.
std::vector<float> TorchFile::readWhole(const Storage& storage, const Progress& progress) const {
  std::uint32_t checksum = 0;
  const auto read = [&](std::uint64_t offset, std::span<std::byte> into) {
    m_file->read(storage.place.offset + offset, into);
    checksum = updatedChecksum(checksum, into.data(), into.size());
  };
  std::vector<float> values =
      readElements(storage.description.dtype, storage.description.count, read, progress);
  if (checksum != storage.place.record->checksum)
    refuseChecksum(*m_file, storage.place.record->name);
  return values;
}

std::vector<float> TorchFile::readRun(const View& view, const Progress& progress) const {
  const DType dtype = m_storages[view.storage].description.dtype;
  const std::uint64_t start = static_cast<std::uint64_t>(view.offset) * dtypeSize(dtype);
  const auto read = [&](std::uint64_t offset, std::span<std::byte> into) {
    readBytes(view.storage, start + offset, into, progress);
  };
  return readElements(dtype, elementCount(view.shape), read, progress);
}

void TorchFile::readBytes(std::size_t storage, std::uint64_t offset, std::span<std::byte> into,
                          const Progress& progress) const {
  const StoragePlace& place = m_storages[storage].place;
  if (!place.record || !place.record->deflated) return m_file->read(place.offset + offset, into);
  const auto bytes = unpacked(storage, progress);
  const auto source = std::as_bytes(std::span(*bytes)).subspan(offset, into.size());
  std::copy(source.begin(), source.end(), into.begin());
}

/// A deflated storage can only be unpacked from its start; the last one is kept, as tensors share
/// storages.
std::shared_ptr<const std::string> TorchFile::unpacked(std::size_t storage,
                                                       const Progress& progress) const {
  const std::scoped_lock lock(m_mutex);
  if (!m_lastUnpacked || m_lastUnpackedStorage != storage) {
    const StoragePlace& place = m_storages[storage].place;
    m_lastUnpacked.reset();
    m_lastUnpacked = std::make_shared<const std::string>(
        m_table->archive()->read(*place.record, place.bytes, progress));
    m_lastUnpackedStorage = storage;
  }
  return m_lastUnpacked;
}

/// Compares a storage with its checksum, once. Unpacking a deflated one does so by itself.
void TorchFile::verify(std::size_t storage, const Progress& progress) const {
  constexpr std::uint64_t pieceBytes = 8u << 20;
  const StoragePlace& place = m_storages[storage].place;
  if (!place.record || place.record->deflated || verified(storage)) return;
  std::vector<std::byte> buffer(std::min(pieceBytes, place.bytes));
  std::uint32_t checksum = 0;
  for (std::uint64_t at = 0; at < place.bytes; at += pieceBytes) {
    progress.check();
    const auto piece = std::span(buffer).first(std::min(pieceBytes, place.bytes - at));
    m_file->read(place.offset + at, piece);
    checksum = updatedChecksum(checksum, piece.data(), piece.size());
  }
  if (checksum != place.record->checksum) refuseChecksum(*m_file, place.record->name);
  setVerified(storage);
}

bool TorchFile::verified(std::size_t storage) const {
  const std::scoped_lock lock(m_mutex);
  return m_verified[storage];
}

void TorchFile::setVerified(std::size_t storage) const {
  const std::scoped_lock lock(m_mutex);
  m_verified[storage] = true;
}

}  // namespace cellocus
