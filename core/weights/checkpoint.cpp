// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/checkpoint.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "weights/elements.h"
#include "weights/formats.h"

namespace cellocus {

namespace {

struct DTypeRow {
  DType dtype;
  std::string_view name;
  std::size_t size;
};

constexpr DTypeRow dtypeTable[] = {
    {DType::Float64, "float64", 8},
    {DType::Float32, "float32", 4},
    {DType::Float16, "float16", 2},
    {DType::BFloat16, "bfloat16", 2},
    {DType::Int64, "int64", 8},
    {DType::Int32, "int32", 4},
    {DType::Int16, "int16", 2},
    {DType::Int8, "int8", 1},
    {DType::UInt8, "uint8", 1},
    {DType::Bool, "bool", 1},
    {DType::Unsupported, "unsupported type", 0},
};

const DTypeRow& row(DType dtype) {
  return *std::find_if(std::begin(dtypeTable), std::end(dtypeTable),
                       [dtype](const DTypeRow& entry) { return entry.dtype == dtype; });
}

/// What people open by mistake, by its first bytes.
std::string guessedContent(std::string_view head) {
  if (head.starts_with("version https://git-lfs"))
    return "it is a Git LFS pointer, a small text that stands for the real file";
  if (head.starts_with("\x89HDF")) return "it is an HDF5 file (single-cell data or Keras weights)";
  if (head.starts_with("GGUF")) return "it is a GGUF file";
  if (head.starts_with("\x1f\x8b")) return "it is compressed with gzip";
  if (head.starts_with("PYTORCH1")) return "it is an early PyTorch container";
  if (head.starts_with("<")) return "it is a web page or XML text (a failed download?)";
  if (head.starts_with("{") || head.starts_with("[")) return "it is a JSON text, not weights";
  if (head.empty()) return "it is empty";
  return "its first bytes belong to no weights format that Cellocus knows";
}

[[noreturn]] void refuseFormat(const std::filesystem::path& path, std::string_view head) {
  if (head.size() >= 263 && head.substr(257, 5) == "ustar")
    throw Error(
        "CHECKPOINT_TAR", shownPath(path),
        "it is a tar archive, the format of PyTorch before version 0.2.",
        "Load it once with an old PyTorch and save it with a current one, best as safetensors.");
  throw Error("CHECKPOINT_FORMAT", shownPath(path), guessedContent(head) + ".",
              "Choose a safetensors file or a PyTorch file (.bin, .pt, .pth, .ckpt).");
}

}  // namespace

std::string_view dtypeName(DType dtype) {
  return row(dtype).name;
}

std::size_t dtypeSize(DType dtype) {
  return row(dtype).size;
}

std::string shapeText(const Shape& shape) {
  std::string text = "[";
  for (const std::int64_t size : shape)
    text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

std::shared_ptr<const Checkpoint> Checkpoint::open(const std::filesystem::path& path,
                                                   const Progress& progress) {
  const auto file = InputFile::open(path);
  const std::string head = file->readSome(0, 512);
  if (head.starts_with("PK\x03\x04")) return openTorchZip(file, progress);
  // Before the pickle: the length a safetensors file begins with may itself begin with 0x80.
  if ((head.size() > 8 && head[8] == '{') || path.extension() == ".safetensors")
    return openSafetensors(file);
  if (head.starts_with('\x80')) return openTorchLegacy(file, progress);
  refuseFormat(path, head);
}

const TensorInfo* Checkpoint::find(std::string_view name) const {
  const auto place = m_places.find(name);
  return place == m_places.end() ? nullptr : &m_tensors[place->second];
}

std::vector<float> Checkpoint::read(std::string_view name, const Shape& expected,
                                    const Progress& progress) const {
  const TensorInfo& tensor = m_tensors[require(name)];
  if (tensor.shape != expected)
    throw Error("TENSOR_SHAPE", shownPath(m_path),
                "tensor " + printable(name) + " has the shape " + shapeText(tensor.shape) +
                    ", but " + shapeText(expected) + " is needed.",
                "The weights belong to a model of another size; check its configuration.");
  return read(name, progress);
}

std::vector<float> Checkpoint::read(std::string_view name, const Progress& progress) const {
  const std::size_t index = require(name);
  const Shape& shape = m_tensors[index].shape;
  return checkedRows(index, 0, shape.empty() ? 1 : shape.front(), progress);
}

std::vector<float> Checkpoint::readRows(std::string_view name, std::int64_t first,
                                        std::int64_t last, const Progress& progress) const {
  const std::size_t index = require(name);
  const Shape& shape = m_tensors[index].shape;
  const std::int64_t rows = shape.empty() ? 1 : shape.front();
  if (first < 0 || first > last || last > rows)
    throw Error("TENSOR_ROWS", shownPath(m_path),
                "rows " + withThousands(first) + " to " + withThousands(last) + " of tensor " +
                    printable(name) + " were asked for, and it has " + withThousands(rows) + ".",
                "The weights belong to a model of another size; check its configuration.");
  return checkedRows(index, first, last, progress);
}

bool Checkpoint::samePlace(std::string_view name, std::string_view other) const {
  return sameBytes(require(name), require(other));
}

void Checkpoint::setTensors(std::vector<TensorInfo> tensors) {
  m_tensors = std::move(tensors);
  for (std::size_t index = 0; index < m_tensors.size(); ++index)
    if (!m_places.emplace(m_tensors[index].name, index).second)
      throw Error(
          "TENSOR_DUPLICATE", shownPath(m_path),
          "two tensors are called " + printable(m_tensors[index].name) + ".",
          "Readers would disagree about which one counts; get the file again from its source.");
}

std::size_t Checkpoint::require(std::string_view name) const {
  const auto place = m_places.find(name);
  if (place != m_places.end()) return place->second;
  std::vector<std::string> names;
  for (const TensorInfo& tensor : m_tensors) names.push_back(tensor.name);
  std::string similar;
  for (const std::string& candidate : nearest(name, names))
    similar += (similar.empty() ? "" : ", ") + printable(candidate);
  throw Error("TENSOR_MISSING", shownPath(m_path),
              "there is no tensor called " + printable(name) + " among its " +
                  withThousands(static_cast<std::int64_t>(m_tensors.size())) + ".",
              similar.empty() ? "Choose the weights of this kind of model."
                              : "The most similar names are " + similar + ".");
}

std::vector<float> Checkpoint::checkedRows(std::size_t index, std::int64_t first, std::int64_t last,
                                           const Progress& progress) const {
  const TensorInfo& tensor = m_tensors[index];
  std::vector<float> values = loadRows(index, first, last, progress);
  const auto bad = std::count_if(values.begin(), values.end(),
                                 [](float value) { return !std::isfinite(value); });
  if (bad > 0)
    throw Error(
        "TENSOR_NOT_FINITE", shownPath(m_path),
        "tensor " + printable(tensor.name) + " holds " + withThousands(bad) + " of " +
            withThousands(static_cast<std::int64_t>(values.size())) +
            " values that are not finite numbers (NaN or infinity).",
        "Everything computed with it would be meaningless; training may have diverged, or the "
        "file is damaged. Use another checkpoint.");
  return values;
}

}  // namespace cellocus
