// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "weights/pickle.h"

namespace cellocus {

/// A value while and after it is read. Texts point into the pickle itself or into
/// PickleArena::texts.
struct PickleNode {
  using Children = std::vector<const PickleNode*>;  ///< of a Dict: key, value, key, value, ...

  PickleKind kind = PickleKind::None;
  std::variant<std::monostate, bool, std::int64_t, double, std::string_view, Children,
               const PickleStorage*, const PickleTensor*>
      value;
};

/// Owns all values of one pickle, so that sharing costs nothing and no destructor recurses.
struct PickleArena {
  std::shared_ptr<const std::string> bytes;
  std::deque<PickleNode> nodes;
  std::deque<std::string> texts;
  std::deque<PickleStorage> storages;
  std::deque<PickleTensor> tensors;
};

/// The stack machine that a pickle is a program for.
class PickleMachine {
 public:
  PickleMachine(std::shared_ptr<const std::string> bytes, std::size_t position, std::string where,
                Progress progress);

  /// Runs to STOP. The value keeps everything it needs alive.
  PickleValue run();
  std::size_t position() const { return m_position; }

 private:
  // picklemachine.cpp: the opcodes. Each group tells whether the opcode was one of its own.
  void step(unsigned char opcode);
  bool constant(unsigned char opcode);
  bool number(unsigned char opcode);
  bool string(unsigned char opcode);
  bool gather(unsigned char opcode);
  bool fill(unsigned char opcode);
  bool remember(unsigned char opcode);
  bool object(unsigned char opcode);

  template <typename Number>
  Number take();
  std::string_view takeBytes(std::uint64_t count);
  std::string_view takeLine();
  void pushLong(std::string_view bytes);
  void pushText(PickleKind kind, std::uint64_t length);

  PickleNode* add(PickleKind kind);
  void push(const PickleNode* node);
  const PickleNode* pop();
  PickleNode& top();
  std::vector<const PickleNode*> popToMark();
  void pushChildren(PickleKind kind, std::vector<const PickleNode*> children);
  void append(PickleNode& target, const std::vector<const PickleNode*>& items, PickleKind kind);
  void store(std::size_t index);
  void recall(std::size_t index);
  void charge(std::size_t values, std::size_t bytes = 0);
  void checkNesting(const PickleNode* root) const;

  // picklenames.cpp: what the few known names mean.
  void pushGlobal(std::string name);
  void persistent();
  void reduce();
  void build();
  void makeNew();
  const PickleNode* call(const PickleNode& function, const PickleNode& arguments);
  const PickleNode* opaque(std::string_view name);
  const PickleNode* makeDict(const PickleNode& arguments);
  const PickleNode* makeSet(const PickleNode& arguments);
  const PickleNode* makeTensor(const PickleNode& arguments);
  const PickleNode* encodeLatin(const PickleNode& arguments);
  const PickleNode* makeNumpyType(const PickleNode& arguments);
  const PickleNode* makeNumpyScalar(const PickleNode& arguments);
  const PickleNode& argument(const PickleNode& arguments, std::size_t index,
                             std::string_view of) const;
  Shape integers(const PickleNode& node, std::string_view of) const;

  [[noreturn]] void damaged(std::string fact) const;
  [[noreturn]] void overLimit(std::string fact) const;

  std::shared_ptr<PickleArena> m_arena;
  std::string_view m_bytes;
  std::size_t m_position, m_opcodes = 0, m_values = 0, m_madeBytes = 0;
  std::string m_where;
  Progress m_progress;
  std::vector<const PickleNode*> m_stack, m_memo;
  std::vector<std::size_t> m_marks;
  const PickleNode* m_none;
  const PickleNode* m_true;
  const PickleNode* m_false;
};

}  // namespace cellocus
