// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weights/checkpoint.h"

/// Makes weights files byte by byte, right ones and ones that lie.
namespace cellocus::testing {

/// A number as its little-endian bytes.
template <typename Number>
std::string littleEndian(Number number) {
  return std::string(reinterpret_cast<const char*>(&number), sizeof number);
}

std::string floatBytes(const std::vector<float>& values);

/// Writes pickle instructions; each function adds what Python's pickler would.
class PickleBuilder {
 public:
  explicit PickleBuilder(int protocol = 2);
  PickleBuilder& raw(std::string_view bytes);
  PickleBuilder& text(std::string_view text);
  PickleBuilder& integer(std::int64_t value);
  PickleBuilder& global(std::string_view module, std::string_view name);
  PickleBuilder& mark() { return raw("("); }
  PickleBuilder& tuple() { return raw("t"); }
  /// A tuple of integers.
  PickleBuilder& integers(const Shape& values);
  std::string finish() const { return m_bytes + "."; }

 private:
  std::string m_bytes;
};

/// A tensor as torch._utils._rebuild_tensor_v2 is told to make it.
struct TensorRecipe {
  std::string name;
  Shape shape, strides;
  std::int64_t offset = 0;
  std::string key = "0";
  std::int64_t storageCount = 0;
  std::string storageType = "FloatStorage";
};

/// Puts a tensor on the stack. `view` adds the sixth part that legacy files have in their storage
/// tuples.
void addTensor(PickleBuilder& pickle, const TensorRecipe& tensor, bool view = false);
/// An OrderedDict of tensors.
std::string stateDictPickle(const std::vector<TensorRecipe>& tensors, bool view = false);

/// A record of a zip archive, with the lies that it may be told to contain.
struct ZipEntry {
  std::string name, content;
  bool deflated = false;
  bool encrypted = false;
  std::optional<std::uint32_t> checksum;
  std::optional<std::uint32_t> bytes;
  std::optional<std::string> localName;
};

enum class ZipSizes { Ordinary, Zip64 };

/// As PyTorch writes it: no sizes in the local headers, data of each record at a multiple of 64.
std::string zipArchive(const std::vector<ZipEntry>& entries, ZipSizes sizes = ZipSizes::Ordinary);

/// The records of a PyTorch file whose one storage "0" holds `values`.
std::vector<ZipEntry> torchEntries(const std::string& pickle, const std::vector<float>& values);

/// A PyTorch legacy stream with one storage.
std::string legacyFile(const std::string& pickle, const std::vector<float>& values);

/// A safetensors file with this header, padded to 8 bytes, and these bytes.
std::string safetensorsFile(std::string header, std::string_view data);

/// Writes a file into a scratch folder, over the one of that name that an earlier test left.
std::filesystem::path writeFile(std::string_view name, std::string_view bytes);

/// The code of the Error that `action` throws; "no error" if it throws none.
std::string errorCode(const std::function<void()>& action);
/// The code of the Error that opening these bytes and reading all their tensors gives.
std::string codeOfReading(std::string_view bytes);

}  // namespace cellocus::testing
