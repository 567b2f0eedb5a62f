// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/pickle.h"

#include "base/limits.h"
#include "base/text.h"
#include "weights/picklemachine.h"

namespace cellocus {

namespace {

constexpr std::size_t jsonValues = 1'000'000;

template <typename Value>
std::optional<Value> valueOf(const PickleNode& node, PickleKind kind) {
  if (node.kind != kind) return {};
  return std::get<Value>(node.value);
}

/// As JSON text with any invalid UTF-8 replaced, which JSON cannot hold.
nlohmann::json jsonText(std::string_view text) {
  const nlohmann::json raw = text;
  return nlohmann::json::parse(raw.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace

PickleKind PickleValue::kind() const {
  return m_node->kind;
}

std::optional<bool> PickleValue::boolean() const {
  return valueOf<bool>(*m_node, PickleKind::Bool);
}

std::optional<std::int64_t> PickleValue::integer() const {
  return valueOf<std::int64_t>(*m_node, PickleKind::Integer);
}

std::optional<double> PickleValue::number() const {
  if (const auto whole = integer()) return static_cast<double>(*whole);
  return valueOf<double>(*m_node, PickleKind::Number);
}

std::optional<std::string_view> PickleValue::text() const {
  return valueOf<std::string_view>(*m_node, PickleKind::Text);
}

std::optional<std::string_view> PickleValue::bytes() const {
  if (kind() == PickleKind::BigInteger) return std::get<std::string_view>(m_node->value);
  return valueOf<std::string_view>(*m_node, PickleKind::Bytes);
}

std::string_view PickleValue::name() const {
  const bool named = kind() == PickleKind::Global || kind() == PickleKind::Opaque;
  return named ? std::get<std::string_view>(m_node->value) : std::string_view();
}

const PickleTensor* PickleValue::tensor() const {
  return valueOf<const PickleTensor*>(*m_node, PickleKind::Tensor).value_or(nullptr);
}

const PickleStorage* PickleValue::storage() const {
  return valueOf<const PickleStorage*>(*m_node, PickleKind::Storage).value_or(nullptr);
}

std::size_t PickleValue::size() const {
  const auto* children = std::get_if<PickleNode::Children>(&m_node->value);
  if (!children) return 0;
  return kind() == PickleKind::Dict ? children->size() / 2 : children->size();
}

PickleValue PickleValue::item(std::size_t index) const {
  return sharing(child(index));
}

std::pair<PickleValue, PickleValue> PickleValue::entry(std::size_t index) const {
  return {sharing(child(2 * index)), sharing(child(2 * index + 1))};
}

std::optional<PickleValue> PickleValue::find(std::string_view key) const {
  if (kind() != PickleKind::Dict) return {};
  const auto& children = std::get<PickleNode::Children>(m_node->value);
  for (std::size_t i = children.size(); i >= 2; i -= 2)
    if (valueOf<std::string_view>(*children[i - 2], PickleKind::Text) == key)
      return sharing(children[i - 1]);
  return {};
}

nlohmann::json PickleValue::json() const {
  std::size_t budget = jsonValues;
  return json(budget);
}

const PickleNode* PickleValue::child(std::size_t index) const {
  return std::get<PickleNode::Children>(m_node->value).at(index);
}

PickleValue PickleValue::sharing(const PickleNode* node) const {
  return PickleValue(std::shared_ptr<const PickleNode>(m_node, node));
}

nlohmann::json PickleValue::json(std::size_t& budget) const {
  if (budget-- == 0)
    throw Error("PICKLE_LIMIT", "The pickled data", "it unfolds to more than a million values.",
                "Files of this kind hold some hundreds; it was made to mislead or is damaged.");
  switch (kind()) {
    case PickleKind::None:
      return nullptr;
    case PickleKind::Bool:
      return *boolean();
    case PickleKind::Integer:
      return *integer();
    case PickleKind::Number:
      return *number();
    case PickleKind::Text:
      return jsonText(*text());
    case PickleKind::List:
    case PickleKind::Tuple:
    case PickleKind::Set:
      return listJson(budget);
    case PickleKind::Dict:
      return dictJson(budget);
    case PickleKind::Global:
    case PickleKind::Opaque:
      return jsonText(std::string(1, '<').append(name()).append(1, '>'));
    case PickleKind::Tensor:
      return "<tensor " + shapeText(tensor()->shape) + ">";
    case PickleKind::BigInteger:
      return "<large integer>";
    case PickleKind::Bytes:
      return "<bytes>";
    case PickleKind::NumpyType:
      return "<numpy.dtype>";
    case PickleKind::Storage:
      return "<storage>";
  }
  return nullptr;
}

nlohmann::json PickleValue::listJson(std::size_t& budget) const {
  nlohmann::json list = nlohmann::json::array();
  for (std::size_t i = 0; i < size(); ++i) list.push_back(item(i).json(budget));
  return list;
}

nlohmann::json PickleValue::dictJson(std::size_t& budget) const {
  nlohmann::json object = nlohmann::json::object();
  for (std::size_t i = 0; i < size(); ++i) {
    const auto [key, value] = entry(i);
    const nlohmann::json name = key.json(budget);
    object[name.is_string() ? name.get<std::string>() : name.dump()] = value.json(budget);
  }
  return object;
}

PickleStream::PickleStream(std::string bytes, std::string where, Progress progress)
    : m_bytes(std::make_shared<const std::string>(std::move(bytes))),
      m_where(std::move(where)),
      m_progress(std::move(progress)) {
  if (m_bytes->size() > limits::pickleBytes)
    throw Error("PICKLE_LIMIT", m_where,
                "its pickled part has " + byteText(m_bytes->size()) + "; at most " +
                    byteText(limits::pickleBytes) + " are read.",
                "Save only the weights, best as safetensors.");
}

PickleValue PickleStream::next() {
  PickleMachine machine(m_bytes, m_position, m_where, m_progress);
  PickleValue value = machine.run();
  m_position = machine.position();
  return value;
}

PickleValue readPickle(std::string_view bytes, const std::string& where, const Progress& progress) {
  PickleStream stream(std::string(bytes), where, progress);
  PickleValue value = stream.next();
  if (stream.position() != bytes.size())
    throw Error("PICKLE_DAMAGED", where,
                withThousands(static_cast<std::int64_t>(bytes.size() - stream.position())) +
                    " bytes follow the end of its pickled part.",
                "The file is damaged or was made to mislead; get it again from its source.");
  return value;
}

}  // namespace cellocus
