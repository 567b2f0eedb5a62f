// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"

namespace cellocus {

enum class DType {
  Float64,
  Float32,
  Float16,
  BFloat16,
  Int64,
  Int32,
  Int16,
  Int8,
  UInt8,
  Bool,
  Unsupported
};

/// "float32", "bfloat16", ...
std::string_view dtypeName(DType);
/// Bytes an element takes in a file; 0 for Unsupported.
std::size_t dtypeSize(DType);

using Shape = std::vector<std::int64_t>;

/// "[768, 4, 15]"
std::string shapeText(const Shape&);

struct TensorInfo {
  std::string name;
  DType dtype = DType::Float32;
  Shape shape;
};

/// An open weights file: safetensors, PyTorch zip or PyTorch legacy stream. Nothing but the table
/// of contents is read on opening; tensors are read by `pread` when asked for, checked (CRC, sizes,
/// strides) and turned into contiguous row-major float32. No code out of a file is ever run.
class Checkpoint {
 public:
  /// Recognises the format by its first bytes.
  /// @throws Error naming the file and what is wrong; a pickle that names an object outside the
  /// short list of SYSTEMS 0.3 where a value is needed is refused by that object's name.
  static std::shared_ptr<const Checkpoint> open(const std::filesystem::path& path,
                                                const Progress& progress = {});
  virtual ~Checkpoint() = default;

  const std::filesystem::path& path() const { return m_path; }
  /// "safetensors", "PyTorch zip" or "PyTorch legacy".
  const std::string& format() const { return m_format; }
  /// All tensors of the state dict, in the order of the file's own table. A prefix that all names
  /// share and that only tells how the model was wrapped ("module.", "model.", "_orig_mod.") is
  /// left off. A file that holds one bare tensor lists it as "tensor"; a file with several models
  /// lists them as "gene.…", "cell.…".
  const std::vector<TensorInfo>& tensors() const { return m_tensors; }
  /// Null if there is no such tensor.
  const TensorInfo* find(std::string_view name) const;
  /// What the file holds beside its tensors, as JSON: safetensors' `__metadata__`, Lightning's
  /// `hyper_parameters` (under that key), plain numbers and strings of a PyTorch dict. Never null.
  const nlohmann::json& metadata() const { return m_metadata; }

  /// The values of a tensor, contiguous and row-major. Any numeric dtype is converted.
  /// @throws Error "TENSOR_MISSING", "TENSOR_SHAPE" (names both shapes), "TENSOR_NOT_FINITE" (NaN
  /// or Inf) or what is wrong with the stored bytes
  std::vector<float> read(std::string_view name, const Shape& expected,
                          const Progress& progress = {}) const;
  /// The same without a shape to compare with.
  std::vector<float> read(std::string_view name, const Progress& progress = {}) const;
  /// Part of a tensor: rows `first`..`last` of its first dimension, for tensors too large to hold.
  /// Of a contiguous tensor only the bytes needed are read; the checksum of a PyTorch zip covers a
  /// whole record and so cannot be compared then, unless the record is small or was read before.
  /// @throws Error as `read`, and "TENSOR_ROWS" if there are no such rows
  std::vector<float> readRows(std::string_view name, std::int64_t first, std::int64_t last,
                              const Progress& progress = {}) const;
  /// True if both names mean the same bytes of the file, as PyTorch writes modules that are
  /// registered twice.
  bool samePlace(std::string_view name, std::string_view other) const;

 protected:
  Checkpoint(std::filesystem::path path, std::string format)
      : m_path(std::move(path)), m_format(std::move(format)) {}
  /// Rows `first`..`last` of the tensor at `index` as float32, not yet looked at for NaN. A tensor
  /// without dimensions has one row.
  virtual std::vector<float> loadRows(std::size_t index, std::int64_t first, std::int64_t last,
                                      const Progress& progress) const = 0;
  virtual bool sameBytes(std::size_t index, std::size_t other) const { return index == other; }
  /// @throws Error "TENSOR_DUPLICATE"
  void setTensors(std::vector<TensorInfo> tensors);
  void setMetadata(nlohmann::json metadata) { m_metadata = std::move(metadata); }

 private:
  std::size_t require(std::string_view name) const;
  std::vector<float> checkedRows(std::size_t index, std::int64_t first, std::int64_t last,
                                 const Progress& progress) const;

  std::filesystem::path m_path;
  std::string m_format;
  std::vector<TensorInfo> m_tensors;
  std::map<std::string, std::size_t, std::less<>> m_places;
  nlohmann::json m_metadata = nlohmann::json::object();
};

/// A tensor to be written.
struct NamedTensor {
  std::string name;
  Shape shape;
  std::vector<float> values;
};
/// Writes a safetensors file that every reader of the format accepts: names sorted, header padded
/// to 8 bytes. `metadata` may hold strings only.
/// @throws Error "SAFETENSORS_WRITE" if names repeat or a shape does not fit its values, or
/// "SAVE_FAILED"
void writeSafetensors(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                      const nlohmann::json& metadata = nlohmann::json::object());

/// A tensor to be written whose values lie somewhere else.
struct TensorSpan {
  std::string name;
  Shape shape;
  std::span<const float> values;
};
/// The same without a copy of the values; goes to the disk in pieces, so that it can be stopped.
void writeSafetensors(const std::filesystem::path& path, const std::vector<TensorSpan>& tensors,
                      const nlohmann::json& metadata, const Progress& progress);

}  // namespace cellocus
