// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/picklewriter.h"

#include <bit>
#include <limits>

#include "weights/elements.h"

namespace cellocus {

void PickleWriter::littleEndian(std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) m_bytes += static_cast<char>(value >> (8 * i) & 0xFF);
}

void PickleWriter::text(std::string_view value) {
  m_bytes += 'X';
  littleEndian(value.size(), 4);
  m_bytes += value;
}

void PickleWriter::integer(std::int64_t value) {
  if (value >= 0 && value <= 0xFF) {
    m_bytes += 'K';
    littleEndian(static_cast<std::uint64_t>(value), 1);
  } else if (value >= 0 && value <= 0xFFFF) {
    m_bytes += 'M';
    littleEndian(static_cast<std::uint64_t>(value), 2);
  } else if (value >= std::numeric_limits<std::int32_t>::min() &&
             value <= std::numeric_limits<std::int32_t>::max()) {
    m_bytes += 'J';
    littleEndian(static_cast<std::uint64_t>(value), 4);
  } else {
    m_bytes += "\x8a\x08";
    littleEndian(static_cast<std::uint64_t>(value), 8);
  }
}

/// The only number that a pickle stores with its highest byte first.
void PickleWriter::number(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  m_bytes += 'G';
  for (int i = 7; i >= 0; --i) m_bytes += static_cast<char>(bits >> (8 * i) & 0xFF);
}

void PickleWriter::global(std::string_view module, std::string_view name) {
  m_bytes += 'c';
  m_bytes += module;
  m_bytes += '\n';
  m_bytes += name;
  m_bytes += '\n';
}

void PickleWriter::emptyOrderedDict() {
  global("collections", "OrderedDict");
  m_bytes += ")R";
}

void PickleWriter::json(const nlohmann::json& value) {
  using Kind = nlohmann::json::value_t;
  switch (value.type()) {
    case Kind::string:
      return text(value.get_ref<const std::string&>());
    case Kind::boolean:
      return boolean(value.get<bool>());
    case Kind::number_integer:
    case Kind::number_unsigned:
      return integer(value.get<std::int64_t>());
    case Kind::number_float:
      return number(value.get<double>());
    case Kind::object:
      emptyDict();
      beginItems();
      for (const auto& [key, item] : value.items()) {
        text(key);
        json(item);
      }
      return endItems();
    case Kind::array:
      emptyList();
      m_bytes += '(';
      for (const auto& item : value) json(item);
      m_bytes += 'e';
      return;
    case Kind::null:
    case Kind::binary:
    case Kind::discarded:
      return none();
  }
}

void PickleWriter::tuple(const Shape& numbers) {
  m_bytes += '(';
  for (const std::int64_t number : numbers) integer(number);
  m_bytes += 't';
}

void PickleWriter::tensor(const std::string& key, const Shape& shape) {
  Shape strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  global("torch._utils", "_rebuild_tensor_v2");
  m_bytes += "((";
  text("storage");
  global("torch", "FloatStorage");
  text(key);
  text("cpu");
  integer(elementCount(shape));
  m_bytes += "tQ";
  integer(0);
  tuple(shape);
  tuple(strides);
  boolean(false);
  emptyOrderedDict();
  m_bytes += "tR";
}

}  // namespace cellocus
