// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/picklemachine.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_map>

#include "base/limits.h"
#include "base/text.h"

// Source of the opcodes: CPython, Lib/pickletools.py. Those that no weights file or dictionary uses
// are refused.
namespace cellocus {

namespace {

/// Values a pickle may make; a bound on memory (about 64 bytes each) beside the one on opcodes.
constexpr std::size_t maximumValues = 16'000'000;

std::string placeText(std::size_t position) {
  return "byte " + withThousands(static_cast<std::int64_t>(position));
}

}  // namespace

PickleMachine::PickleMachine(std::shared_ptr<const std::string> bytes, std::size_t position,
                             std::string where, Progress progress)
    : m_arena(std::make_shared<PickleArena>()),
      m_bytes(*bytes),
      m_position(position),
      m_where(std::move(where)),
      m_progress(std::move(progress)) {
  m_arena->bytes = std::move(bytes);
  m_none = add(PickleKind::None);
  PickleNode* yes = add(PickleKind::Bool);
  yes->value = true;
  PickleNode* no = add(PickleKind::Bool);
  no->value = false;
  m_true = yes;
  m_false = no;
}

PickleValue PickleMachine::run() {
  constexpr unsigned char stop = '.';
  constexpr std::size_t opcodesBetweenChecks = 65'536;
  for (;;) {
    if (++m_opcodes > limits::pickleOpcodes) overLimit("it has more than 50,000,000 instructions.");
    if (m_opcodes % opcodesBetweenChecks == 0) m_progress.check();
    const auto opcode = take<unsigned char>();
    if (opcode == stop) break;
    step(opcode);
  }
  const PickleNode* root = pop();
  if (!m_stack.empty() || !m_marks.empty()) damaged("it ends with values left over.");
  checkNesting(root);
  return PickleValue(std::shared_ptr<const PickleNode>(m_arena, root));
}

void PickleMachine::step(unsigned char opcode) {
  const std::size_t place = m_position - 1;
  if (remember(opcode) || constant(opcode) || number(opcode) || string(opcode) || gather(opcode) ||
      fill(opcode) || object(opcode))
    return;
  constexpr std::string_view digits = "0123456789abcdef";
  throw Error(
      "PICKLE_OPCODE", m_where,
      std::string("the pickle instruction 0x") + digits[opcode >> 4] + digits[opcode & 15] +
          " at " + placeText(place) + " is used by no weights file.",
      "The file is damaged, is no weights file, or was written by a very old Python. Save the "
      "weights again with a current PyTorch, best as safetensors.");
}

bool PickleMachine::constant(unsigned char opcode) {
  switch (opcode) {
    case 0x80:  // PROTO
      if (const auto protocol = take<unsigned char>(); protocol < 2 || protocol > 5)
        damaged("it says to be of pickle protocol " + std::to_string(protocol) + ".");
      return true;
    case 0x95:  // FRAME: only a hint for readers of streams
      take<std::uint64_t>();
      return true;
    case 'N':
      push(m_none);
      return true;
    case 0x88:
      push(m_true);
      return true;
    case 0x89:
      push(m_false);
      return true;
    default:
      return false;
  }
}

bool PickleMachine::number(unsigned char opcode) {
  const auto pushInteger = [this](std::int64_t value) {
    PickleNode* node = add(PickleKind::Integer);
    node->value = value;
    push(node);
    return true;
  };
  switch (opcode) {
    case 'J':
      return pushInteger(take<std::int32_t>());
    case 'K':
      return pushInteger(take<std::uint8_t>());
    case 'M':
      return pushInteger(take<std::uint16_t>());
    case 0x8a:
      pushLong(takeBytes(take<std::uint8_t>()));
      return true;
    case 0x8b:
      pushLong(takeBytes(take<std::uint32_t>()));
      return true;
    case 'G': {
      std::uint64_t bits = take<std::uint64_t>();  // the one big-endian number of the format
      std::reverse(reinterpret_cast<char*>(&bits), reinterpret_cast<char*>(&bits + 1));
      PickleNode* node = add(PickleKind::Number);
      node->value = std::bit_cast<double>(bits);
      push(node);
      return true;
    }
    default:
      return false;
  }
}

bool PickleMachine::string(unsigned char opcode) {
  switch (opcode) {
    case 'X':  // BINUNICODE
    case 'T':  // BINSTRING, the text of Python 2
      pushText(PickleKind::Text, take<std::uint32_t>());
      return true;
    case 0x8c:  // SHORT_BINUNICODE
    case 'U':   // SHORT_BINSTRING
      pushText(PickleKind::Text, take<std::uint8_t>());
      return true;
    case 0x8d:
      pushText(PickleKind::Text, take<std::uint64_t>());
      return true;
    case 'B':
      pushText(PickleKind::Bytes, take<std::uint32_t>());
      return true;
    case 'C':
      pushText(PickleKind::Bytes, take<std::uint8_t>());
      return true;
    case 0x8e:
      pushText(PickleKind::Bytes, take<std::uint64_t>());
      return true;
    default:
      return false;
  }
}

bool PickleMachine::gather(unsigned char opcode) {
  switch (opcode) {
    case '(':
      m_marks.push_back(m_stack.size());
      break;
    case '}':
      pushChildren(PickleKind::Dict, {});
      break;
    case ']':
      pushChildren(PickleKind::List, {});
      break;
    case 0x8f:
      pushChildren(PickleKind::Set, {});
      break;
    case ')':
      pushChildren(PickleKind::Tuple, {});
      break;
    case 't':
      pushChildren(PickleKind::Tuple, popToMark());
      break;
    case 0x91:
      pushChildren(PickleKind::Set, popToMark());
      break;  // FROZENSET
    case 0x85:
    case 0x86:
    case 0x87: {  // TUPLE1 to TUPLE3
      std::vector<const PickleNode*> items(opcode - 0x84u);
      for (std::size_t i = items.size(); i-- > 0;) items[i] = pop();
      pushChildren(PickleKind::Tuple, std::move(items));
      break;
    }
    default:
      return false;
  }
  if (m_marks.size() > limits::pickleStack) overLimit("it nests more than a million values.");
  return true;
}

bool PickleMachine::fill(unsigned char opcode) {
  std::vector<const PickleNode*> items;
  switch (opcode) {
    case 'a':  // APPEND
      items = {pop()};
      append(top(), items, PickleKind::List);
      return true;
    case 's': {  // SETITEM
      const PickleNode* value = pop();
      items = {pop(), value};
      append(top(), items, PickleKind::Dict);
      return true;
    }
    case 'e':
      items = popToMark();
      append(top(), items, PickleKind::List);
      return true;
    case 'u':
      items = popToMark();
      if (items.size() % 2 != 0) damaged("a dictionary in it has a key without a value.");
      append(top(), items, PickleKind::Dict);
      return true;
    case 0x90:
      items = popToMark();
      append(top(), items, PickleKind::Set);
      return true;
    default:
      return false;
  }
}

bool PickleMachine::remember(unsigned char opcode) {
  switch (opcode) {
    case 'q':
      store(take<std::uint8_t>());
      return true;
    case 'r':
      store(take<std::uint32_t>());
      return true;
    case 0x94:
      store(m_memo.size());
      return true;  // MEMOIZE
    case 'h':
      recall(take<std::uint8_t>());
      return true;
    case 'j':
      recall(take<std::uint32_t>());
      return true;
    default:
      return false;
  }
}

bool PickleMachine::object(unsigned char opcode) {
  switch (opcode) {
    case 'c': {  // GLOBAL
      const std::string module(takeLine());
      pushGlobal(module + "." + std::string(takeLine()));
      return true;
    }
    case 0x93: {  // STACK_GLOBAL
      const PickleNode* name = pop();
      const PickleNode* module = pop();
      if (name->kind != PickleKind::Text || module->kind != PickleKind::Text)
        damaged("it names a Python object by something that is no text.");
      pushGlobal(std::string(std::get<std::string_view>(module->value)) + "." +
                 std::string(std::get<std::string_view>(name->value)));
      return true;
    }
    case 'Q':
      persistent();
      return true;
    case 'R':
      reduce();
      return true;
    case 'b':
      build();
      return true;
    case 0x81:
      makeNew();
      return true;
    default:
      return false;
  }
}

template <typename Number>
Number PickleMachine::take() {
  Number value;
  std::memcpy(&value, takeBytes(sizeof value).data(), sizeof value);
  return value;
}

std::string_view PickleMachine::takeBytes(std::uint64_t count) {
  if (count > m_bytes.size() - m_position)
    throw Error("PICKLE_TRUNCATED", m_where,
                "its pickled part ends in the middle, at " + placeText(m_bytes.size()) + ".",
                "The copy or download may be incomplete; get the file again from its source.");
  const std::string_view bytes = m_bytes.substr(m_position, count);
  m_position += count;
  return bytes;
}

std::string_view PickleMachine::takeLine() {
  const std::string_view rest = m_bytes.substr(m_position, limits::nameBytes + 1);
  const std::size_t length = rest.find('\n');
  if (length == std::string_view::npos) {
    if (rest.size() > limits::nameBytes) overLimit("a name in it is longer than 1,024 bytes.");
    takeBytes(rest.size() + 1);
  }
  const std::string_view line = takeBytes(length);
  takeBytes(1);
  return line;
}

void PickleMachine::pushLong(std::string_view bytes) {
  if (bytes.size() > limits::pickleLongBytes) overLimit("an integer in it has more than 16 bytes.");
  PickleNode* node = add(PickleKind::Integer);
  if (bytes.size() > sizeof(std::int64_t)) {
    node->kind = PickleKind::BigInteger;
    node->value = bytes;
  } else {
    const bool negative = !bytes.empty() && (static_cast<unsigned char>(bytes.back()) & 0x80);
    std::int64_t value = negative ? -1 : 0;
    std::memcpy(&value, bytes.data(), bytes.size());
    node->value = value;
  }
  push(node);
}

void PickleMachine::pushText(PickleKind kind, std::uint64_t length) {
  if (length > limits::pickleString) overLimit("a text in it is longer than 16 MB.");
  const std::string_view bytes = takeBytes(length);
  PickleNode* node = add(kind);
  node->value = bytes;
  push(node);
}

PickleNode* PickleMachine::add(PickleKind kind) {
  charge(1);
  PickleNode& node = m_arena->nodes.emplace_back();
  node.kind = kind;
  return &node;
}

void PickleMachine::push(const PickleNode* node) {
  if (m_stack.size() >= limits::pickleStack)
    overLimit("it keeps more than a million values waiting.");
  m_stack.push_back(node);
}

const PickleNode* PickleMachine::pop() {
  const std::size_t bottom = m_marks.empty() ? 0 : m_marks.back();
  if (m_stack.size() <= bottom) damaged("it takes a value where there is none.");
  const PickleNode* node = m_stack.back();
  m_stack.pop_back();
  return node;
}

PickleNode& PickleMachine::top() {
  const std::size_t bottom = m_marks.empty() ? 0 : m_marks.back();
  if (m_stack.size() <= bottom) damaged("it fills a container where there is none.");
  // All nodes are the arena's own; they are const to everybody but this machine.
  return const_cast<PickleNode&>(*m_stack.back());
}

std::vector<const PickleNode*> PickleMachine::popToMark() {
  if (m_marks.empty()) damaged("it closes a list that was not begun.");
  const auto first = m_stack.begin() + static_cast<std::ptrdiff_t>(m_marks.back());
  std::vector<const PickleNode*> items(first, m_stack.end());
  m_stack.erase(first, m_stack.end());
  m_marks.pop_back();
  return items;
}

void PickleMachine::pushChildren(PickleKind kind, std::vector<const PickleNode*> children) {
  charge(children.size());
  PickleNode* node = add(kind);
  node->value = std::move(children);
  push(node);
}

void PickleMachine::append(PickleNode& target, const std::vector<const PickleNode*>& items,
                           PickleKind kind) {
  if (target.kind == PickleKind::Opaque) return;
  if (target.kind != kind) damaged("it adds items to a value that is no container of that kind.");
  charge(items.size());
  auto& children = std::get<PickleNode::Children>(target.value);
  children.insert(children.end(), items.begin(), items.end());
}

void PickleMachine::store(std::size_t index) {
  if (index >= limits::pickleMemo) overLimit("it numbers more than 2,000,000 values.");
  if (index >= m_memo.size()) m_memo.resize(index + 1, nullptr);
  m_memo[index] = &top();
}

void PickleMachine::recall(std::size_t index) {
  if (index >= m_memo.size() || !m_memo[index])
    damaged("it refers to value number " + std::to_string(index) + ", which was not stored.");
  push(m_memo[index]);
}

void PickleMachine::charge(std::size_t values, std::size_t bytes) {
  m_values += values;
  m_madeBytes += bytes;
  if (m_values > maximumValues || m_madeBytes > limits::pickleBytes)
    overLimit("it makes more than 16,000,000 values.");
}

/// Later code walks through values recursively: there must be no cycle and no great depth.
void PickleMachine::checkNesting(const PickleNode* root) const {
  constexpr std::size_t open = ~std::size_t{0};
  std::unordered_map<const PickleNode*, std::size_t> depths;
  std::vector<std::pair<const PickleNode*, std::size_t>> path;  // node, next child
  const auto enter = [&](const PickleNode* node) {
    if (!std::holds_alternative<PickleNode::Children>(node->value)) return;
    const auto [place, fresh] = depths.emplace(node, open);
    if (!fresh && place->second == open) damaged("a value in it contains itself.");
    if (fresh) path.emplace_back(node, 0);
  };
  enter(root);
  while (!path.empty()) {
    auto& [node, next] = path.back();
    const auto& children = std::get<PickleNode::Children>(node->value);
    if (next < children.size()) {
      enter(children[next++]);
      continue;
    }
    std::size_t depth = 0;
    for (const PickleNode* child : children)
      if (const auto place = depths.find(child); place != depths.end())
        depth = std::max(depth, place->second);
    if (depth >= limits::pickleDepth) overLimit("its values are nested more than 200 deep.");
    depths[node] = depth + 1;
    path.pop_back();
  }
}

void PickleMachine::damaged(std::string fact) const {
  throw Error("PICKLE_DAMAGED", m_where,
              "its pickled part is wrong at " + placeText(m_position) + ": " + std::move(fact),
              "The file is damaged or was made to mislead; get it again from its source.");
}

void PickleMachine::overLimit(std::string fact) const {
  throw Error(
      "PICKLE_LIMIT", m_where, "its pickled part is larger than any real one: " + std::move(fact),
      "The file is damaged or was made to mislead. Save only the weights, best as safetensors.");
}

}  // namespace cellocus
