// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "weights/checkpoint.h"

namespace cellocus {

/// Puts a pickle of protocol 2 together from the instructions that PyTorch's own files use. Source:
/// CPython, Lib/pickletools.py.
class PickleWriter {
 public:
  PickleWriter() { m_bytes = "\x80\x02"; }

  void text(std::string_view value);
  void integer(std::int64_t value);
  void number(double value);
  void boolean(bool value) { m_bytes += value ? '\x88' : '\x89'; }
  void none() { m_bytes += 'N'; }
  void emptyDict() { m_bytes += '}'; }
  void emptyList() { m_bytes += ']'; }
  /// collections.OrderedDict()
  void emptyOrderedDict();
  /// Keys and values until endItems() go into the dict that stands before.
  void beginItems() { m_bytes += '('; }
  void endItems() { m_bytes += 'u'; }
  /// Plain data.
  void json(const nlohmann::json& value);
  /// A contiguous float32 tensor that is all of storage `key`.
  void tensor(const std::string& key, const Shape& shape);

  /// The whole pickle.
  std::string finished() const { return m_bytes + '.'; }

 private:
  void global(std::string_view module, std::string_view name);
  void tuple(const Shape& numbers);
  void littleEndian(std::uint64_t value, int bytes);

  std::string m_bytes;
};

}  // namespace cellocus
