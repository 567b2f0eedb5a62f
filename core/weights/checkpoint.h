// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"

namespace cellocus {

enum class DType { Float64, Float32, Float16, BFloat16, Int64, Int32, Int16, Int8, UInt8, Bool, Unsupported };

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

/// An open weights file: safetensors, PyTorch zip or PyTorch legacy stream. Nothing but the table of contents
/// is read on opening; tensors are read by `pread` when asked for, checked (CRC, sizes, strides) and turned
/// into contiguous row-major float32. No code out of a file is ever run.
class Checkpoint {
 public:
  /// Recognises the format by its first bytes.
  /// @throws Error naming the file and what is wrong; a pickle that names an object outside the short list of
  /// SYSTEMS 0.3 where a value is needed is refused by that object's name.
  static std::shared_ptr<const Checkpoint> open(const std::filesystem::path& path,
                                                const Progress& progress = {});
  virtual ~Checkpoint() = default;

  const std::filesystem::path& path() const { return m_path; }
  /// "safetensors", "PyTorch zip" or "PyTorch legacy".
  const std::string& format() const { return m_format; }
  /// All tensors of the state dict, in the order of the file's own table.
  const std::vector<TensorInfo>& tensors() const { return m_tensors; }
  /// Null if there is no such tensor.
  const TensorInfo* find(std::string_view name) const;
  /// What the file holds beside its tensors, as JSON: safetensors' `__metadata__`, Lightning's
  /// `hyper_parameters` (under that key), plain numbers and strings of a PyTorch dict. Never null.
  const nlohmann::json& metadata() const { return m_metadata; }

  /// The values of a tensor, contiguous and row-major. Any numeric dtype is converted.
  /// @throws Error "TENSOR_MISSING", "TENSOR_SHAPE" (names both shapes), "TENSOR_NOT_FINITE" (NaN or Inf) or
  /// what is wrong with the stored bytes
  std::vector<float> read(std::string_view name, const Shape& expected,
                          const Progress& progress = {}) const;
  /// The same without a shape to compare with.
  std::vector<float> read(std::string_view name, const Progress& progress = {}) const;
  /// Part of a tensor: rows `first`..`last` of its first dimension, for tensors too large to hold.
  virtual std::vector<float> readRows(std::string_view name, std::int64_t first, std::int64_t last,
                                      const Progress& progress = {}) const = 0;

 protected:
  std::filesystem::path m_path;
  std::string m_format;
  std::vector<TensorInfo> m_tensors;
  nlohmann::json m_metadata = nlohmann::json::object();
};

/// Writes a safetensors file that every reader of the format accepts: names sorted, header padded to 8 bytes.
struct NamedTensor {
  std::string name;
  Shape shape;
  std::vector<float> values;
};
void writeSafetensors(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                      const nlohmann::json& metadata = nlohmann::json::object());

}  // namespace cellocus
