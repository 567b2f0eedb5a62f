// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/progress.h"
#include "weights/checkpoint.h"

/// Python's pickle format, read by an interpreter that owns no callable object: whatever the bytes
/// ask for, all that can come out is one of the values below. Protocols 2 to 5, as PyTorch and
/// Geneformer's dictionaries use them.
namespace cellocus {

enum class PickleKind {
  None,
  Bool,
  Integer,
  BigInteger,
  Number,
  Text,
  Bytes,
  List,
  Tuple,
  Set,
  Dict,
  Global,     ///< a name, such as torch.float32
  NumpyType,  ///< numpy.dtype
  Storage,
  Tensor,
  Opaque  ///< an object that is skipped, of which only the name is known
};

/// Numbers of one type that lie in a row somewhere else in the file.
struct PickleStorage {
  DType dtype = DType::Unsupported;
  std::string key;
  std::int64_t count = 0;
};

/// What a tensor says about itself; nothing in it has been compared with the storage yet.
struct PickleTensor {
  PickleStorage storage;
  std::int64_t offset = 0;  ///< in elements
  Shape shape, strides;
};

struct PickleNode;

/// A value out of a pickle: cheap to copy, never changed, never cyclic.
class PickleValue {
 public:
  explicit PickleValue(std::shared_ptr<const PickleNode> node) : m_node(std::move(node)) {}

  PickleKind kind() const;
  std::optional<bool> boolean() const;
  std::optional<std::int64_t> integer() const;
  /// Also of an integer.
  std::optional<double> number() const;
  std::optional<std::string_view> text() const;
  /// Of Bytes, and of a BigInteger (little-endian, two's complement).
  std::optional<std::string_view> bytes() const;
  /// Of a Global or Opaque: "posixpath.join"; otherwise empty.
  std::string_view name() const;
  /// Null if it is none.
  const PickleTensor* tensor() const;
  const PickleStorage* storage() const;

  /// Items of a List, Tuple or Set, entries of a Dict; otherwise 0.
  std::size_t size() const;
  PickleValue item(std::size_t index) const;
  std::pair<PickleValue, PickleValue> entry(std::size_t index) const;
  /// The value under a text key of a Dict, the last one if the key repeats.
  std::optional<PickleValue> find(std::string_view key) const;

  /// Plain data as JSON; sets become lists, and what is no plain data becomes the text "<its
  /// name>".
  /// @throws Error "PICKLE_LIMIT" if it unfolds to more than a million values
  nlohmann::json json() const;

 private:
  const PickleNode* child(std::size_t index) const;
  PickleValue sharing(const PickleNode* node) const;
  /// As json(), taking every value off `budget`.
  nlohmann::json json(std::size_t& budget) const;
  nlohmann::json listJson(std::size_t& budget) const;
  nlohmann::json dictJson(std::size_t& budget) const;

  std::shared_ptr<const PickleNode> m_node;
};

/// Reads one pickle that takes all of `bytes`. `where` begins the messages, e.g. the name of the
/// file.
/// @throws Error "PICKLE_FORBIDDEN" naming the Python object that is asked for, "PICKLE_OPCODE",
/// "PICKLE_DAMAGED", "PICKLE_TRUNCATED" or "PICKLE_LIMIT"
PickleValue readPickle(std::string_view bytes, const std::string& where = "The pickled data",
                       const Progress& progress = {});

/// Reads pickles that stand one behind the other.
class PickleStream {
 public:
  PickleStream(std::string bytes, std::string where, Progress progress = {});
  /// @throws Error as readPickle
  PickleValue next();
  /// Bytes taken so far.
  std::size_t position() const { return m_position; }

 private:
  std::shared_ptr<const std::string> m_bytes;
  std::string m_where;
  Progress m_progress;
  std::size_t m_position = 0;
};

}  // namespace cellocus
