// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstring>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/limits.h"
#include "base/text.h"
#include "weights/picklemachine.h"

// Source of the names: torch/_weights_only_unpickler.py, and what the files of the supported models
// contain.
namespace cellocus {

namespace {

enum class Meaning {
  Dict,
  Set,
  Tensor,
  Parameter,
  Storage,
  Size,
  EncodeLatin,
  NumpyType,
  NumpyScalar,
  Skip  ///< allowed to stand in a file; what it makes is not looked at
};

struct KnownName {
  Meaning meaning;
  DType dtype = DType::Unsupported;
};

const std::unordered_map<std::string_view, KnownName>& knownNames() {
  static const std::unordered_map<std::string_view, KnownName> names = {
      {"collections.OrderedDict", {Meaning::Dict}},
      {"collections.defaultdict", {Meaning::Dict}},
      {"collections.Counter", {Meaning::Dict}},
      {"builtins.dict", {Meaning::Dict}},
      {"pytorch_lightning.utilities.parsing.AttributeDict", {Meaning::Dict}},
      {"lightning.pytorch.utilities.parsing.AttributeDict", {Meaning::Dict}},
      {"lightning_fabric.utilities.data.AttributeDict", {Meaning::Dict}},
      {"lightning.fabric.utilities.data.AttributeDict", {Meaning::Dict}},
      {"builtins.set", {Meaning::Set}},
      {"builtins.frozenset", {Meaning::Set}},
      {"__builtin__.set", {Meaning::Set}},
      {"torch._utils._rebuild_tensor", {Meaning::Tensor}},
      {"torch._utils._rebuild_tensor_v2", {Meaning::Tensor}},
      {"torch._utils._rebuild_parameter", {Meaning::Parameter}},
      {"torch._utils._rebuild_parameter_with_state", {Meaning::Parameter}},
      {"torch.DoubleStorage", {Meaning::Storage, DType::Float64}},
      {"torch.FloatStorage", {Meaning::Storage, DType::Float32}},
      {"torch.HalfStorage", {Meaning::Storage, DType::Float16}},
      {"torch.BFloat16Storage", {Meaning::Storage, DType::BFloat16}},
      {"torch.LongStorage", {Meaning::Storage, DType::Int64}},
      {"torch.IntStorage", {Meaning::Storage, DType::Int32}},
      {"torch.ShortStorage", {Meaning::Storage, DType::Int16}},
      {"torch.CharStorage", {Meaning::Storage, DType::Int8}},
      {"torch.ByteStorage", {Meaning::Storage, DType::UInt8}},
      {"torch.BoolStorage", {Meaning::Storage, DType::Bool}},
      {"torch.storage.UntypedStorage", {Meaning::Storage}},
      {"torch.Size", {Meaning::Size}},
      {"_codecs.encode", {Meaning::EncodeLatin}},
      {"numpy.dtype", {Meaning::NumpyType}},
      {"numpy.core.multiarray.scalar", {Meaning::NumpyScalar}},
      {"numpy._core.multiarray.scalar", {Meaning::NumpyScalar}},
  };
  return names;
}

/// Names that stand in real files beside the weights. A value they make is Opaque.
bool skippable(std::string_view name) {
  static constexpr std::string_view exact[] = {
      "builtins.list",
      "builtins.int",
      "builtins.float",
      "builtins.bool",
      "builtins.str",
      "builtins.slice",
      "torch.device",
      "torch._utils._rebuild_tensor_v3",
      "torch.serialization._get_layout",
      "numpy.ndarray",
      "numpy.core.multiarray._reconstruct",
      "numpy._core.multiarray._reconstruct",
      "transformers.training_args.TrainingArguments",
      "transformers.training_args.OptimizerNames",
      "transformers.trainer_utils.IntervalStrategy",
      "transformers.trainer_utils.SchedulerType",
      "transformers.trainer_utils.HubStrategy",
      "pathlib.PosixPath",
      "pathlib.WindowsPath",
  };
  static constexpr std::string_view dtypes[] = {
      "float64",  "double",    "float32",    "float",         "float16",    "half",
      "bfloat16", "int64",     "long",       "int32",         "int",        "int16",
      "short",    "int8",      "uint8",      "uint16",        "uint32",     "uint64",
      "bool",     "complex64", "complex128", "float8_e4m3fn", "float8_e5m2"};
  if (std::find(std::begin(exact), std::end(exact), name) != std::end(exact)) return true;
  if (name.starts_with("accelerate.") || name.starts_with("omegaconf.")) return true;
  return name.starts_with("torch.") &&
         std::find(std::begin(dtypes), std::end(dtypes), name.substr(6)) != std::end(dtypes);
}

Meaning meaningOf(std::string_view name) {
  const auto known = knownNames().find(name);
  return known == knownNames().end() ? Meaning::Skip : known->second.meaning;
}

std::string_view textOf(const PickleNode& node) {
  return std::get<std::string_view>(node.value);
}

/// Characters up to U+00FF as one byte each; empty if the text has others. How Python writes bytes
/// in protocol 2.
std::optional<std::string> latinBytes(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      bytes += text[i];
    } else if ((byte == 0xc2 || byte == 0xc3) && i + 1 < text.size()) {
      const auto next = static_cast<unsigned char>(text[++i]);
      bytes += static_cast<char>(((byte & 3) << 6) | (next & 0x3f));
    } else {
      return {};
    }
  }
  return bytes;
}

/// How the bytes of a numpy number become a value. A type is named by its kind and its bytes: "i2",
/// "f8".
struct NumpyNumber {
  std::string_view type;
  PickleKind kind;
  void (*read)(std::string_view bytes, PickleNode& into);
};

template <typename Stored, typename Value>
void readNumpy(std::string_view bytes, PickleNode& into) {
  Stored stored;
  std::memcpy(&stored, bytes.data(), sizeof stored);
  into.value = static_cast<Value>(stored);
}

/// Null for a type that no dictionary of the supported models uses.
const NumpyNumber* numpyNumber(std::string_view type) {
  using enum PickleKind;
  static constexpr NumpyNumber table[] = {
      {"f8", Number, readNumpy<double, double>},
      {"f4", Number, readNumpy<float, double>},
      {"i8", Integer, readNumpy<std::int64_t, std::int64_t>},
      {"i4", Integer, readNumpy<std::int32_t, std::int64_t>},
      {"i2", Integer, readNumpy<std::int16_t, std::int64_t>},
      {"i1", Integer, readNumpy<std::int8_t, std::int64_t>},
      {"u4", Integer, readNumpy<std::uint32_t, std::int64_t>},
      {"u2", Integer, readNumpy<std::uint16_t, std::int64_t>},
      {"u1", Integer, readNumpy<std::uint8_t, std::int64_t>},
      {"b1", Bool, readNumpy<std::uint8_t, bool>},
  };
  const auto row = std::find_if(std::begin(table), std::end(table),
                                [&](const NumpyNumber& entry) { return entry.type == type; });
  return row == std::end(table) ? nullptr : row;
}

}  // namespace

void PickleMachine::pushGlobal(std::string name) {
  if (name == "torch.storage._load_from_bytes")
    throw Error(
        "PICKLE_FORBIDDEN", m_where,
        "it hides a whole PyTorch file inside a pickled value (torch.storage._load_from_bytes).",
        "Save the values again with torch.save, or as safetensors.");
  if (!knownNames().contains(name) && !skippable(name))
    throw Error(
        "PICKLE_FORBIDDEN", m_where,
        "it asks Python for " + printable(name) + ", which no weights need.",
        "Cellocus never runs code out of a file and does not open such files. If you trust its "
        "source, load it in Python and save only the state dict, best as safetensors.");
  charge(0, name.size());
  PickleNode* node = add(PickleKind::Global);
  node->value = std::string_view(m_arena->texts.emplace_back(std::move(name)));
  push(node);
}

/// ('storage', storage type, key, device, number of elements[, view]).
void PickleMachine::persistent() {
  const PickleNode& id = *pop();
  if (id.kind != PickleKind::Tuple)
    damaged("it refers to a storage by something that is no tuple.");
  const PickleNode& tag = argument(id, 0, "a storage");
  const PickleNode& type = argument(id, 1, "a storage");
  const PickleNode& key = argument(id, 2, "a storage");
  const PickleNode& count = argument(id, 4, "a storage");
  const auto& parts = std::get<PickleNode::Children>(id.value);
  if (tag.kind != PickleKind::Text || textOf(tag) != "storage" || type.kind != PickleKind::Global ||
      meaningOf(textOf(type)) != Meaning::Storage || key.kind != PickleKind::Text ||
      count.kind != PickleKind::Integer)
    damaged("its description of a storage is not one of PyTorch's.");
  if (parts.size() > 5 && parts[5]->kind != PickleKind::None)
    damaged("it holds a view of a storage, which PyTorch has not written since version 0.4.");
  PickleStorage& storage = m_arena->storages.emplace_back();
  storage.dtype = knownNames().at(textOf(type)).dtype;
  storage.key = textOf(key).substr(0, limits::nameBytes);
  storage.count = std::get<std::int64_t>(count.value);
  PickleNode* node = add(PickleKind::Storage);
  node->value = &std::as_const(storage);
  push(node);
}

void PickleMachine::reduce() {
  const PickleNode& arguments = *pop();
  const PickleNode& function = *pop();
  push(call(function, arguments));
}

void PickleMachine::makeNew() {
  reduce();
}

/// BUILD sets the state of an object; only numpy's types have one that matters.
void PickleMachine::build() {
  const PickleNode& state = *pop();
  const PickleNode& target = top();
  if (target.kind == PickleKind::NumpyType) {
    const PickleNode& order = argument(state, 1, "numpy.dtype");
    if (order.kind != PickleKind::Text || (textOf(order) != "<" && textOf(order) != "|"))
      damaged("it holds big-endian numpy numbers.");
    return;
  }
  if (target.kind != PickleKind::Dict && target.kind != PickleKind::Opaque &&
      target.kind != PickleKind::Tensor)
    damaged("it sets the state of a value that has none.");
}

const PickleNode* PickleMachine::call(const PickleNode& function, const PickleNode& arguments) {
  if (arguments.kind != PickleKind::Tuple)
    damaged("it calls something without a list of arguments.");
  if (function.kind != PickleKind::Global) damaged("it calls something that is no function.");
  const std::string_view name = textOf(function);
  switch (meaningOf(name)) {
    case Meaning::Dict:
      return makeDict(arguments);
    case Meaning::Set:
      return makeSet(arguments);
    case Meaning::Tensor:
      return makeTensor(arguments);
    case Meaning::Parameter:
      return &argument(arguments, 0, name);
    case Meaning::Size:
      return &argument(arguments, 0, name);
    case Meaning::EncodeLatin:
      return encodeLatin(arguments);
    case Meaning::NumpyType:
      return makeNumpyType(arguments);
    case Meaning::NumpyScalar:
      return makeNumpyScalar(arguments);
    case Meaning::Storage:
    case Meaning::Skip:
      break;
  }
  return opaque(name);
}

const PickleNode* PickleMachine::opaque(std::string_view name) {
  PickleNode* node = add(PickleKind::Opaque);
  node->value = name;
  return node;
}

/// Empty, or from a list of pairs as Python 2 wrote it; a defaultdict's argument is its factory.
const PickleNode* PickleMachine::makeDict(const PickleNode& arguments) {
  PickleNode* node = add(PickleKind::Dict);
  PickleNode::Children entries;
  const auto& given = std::get<PickleNode::Children>(arguments.value);
  if (!given.empty() && given[0]->kind == PickleKind::List) {
    const auto& pairs = std::get<PickleNode::Children>(given[0]->value);
    charge(2 * pairs.size());
    for (const PickleNode* pair : pairs) {
      const auto* parts = std::get_if<PickleNode::Children>(&pair->value);
      if (!parts || pair->kind == PickleKind::Dict || parts->size() != 2)
        damaged("a dictionary in it is made of something that is no pair.");
      entries.insert(entries.end(), parts->begin(), parts->end());
    }
  } else if (!given.empty() && given[0]->kind == PickleKind::Dict) {
    entries = std::get<PickleNode::Children>(given[0]->value);
    charge(entries.size());
  }
  node->value = std::move(entries);
  return node;
}

const PickleNode* PickleMachine::makeSet(const PickleNode& arguments) {
  PickleNode* node = add(PickleKind::Set);
  PickleNode::Children items;
  const auto& given = std::get<PickleNode::Children>(arguments.value);
  if (!given.empty()) {
    if (given[0]->kind != PickleKind::List && given[0]->kind != PickleKind::Tuple)
      damaged("a set in it is not made of a list.");
    items = std::get<PickleNode::Children>(given[0]->value);
    charge(items.size());
  }
  node->value = std::move(items);
  return node;
}

/// (storage, offset, sizes, strides, ...): what follows is of interest to training alone.
const PickleNode* PickleMachine::makeTensor(const PickleNode& arguments) {
  const PickleNode& storage = argument(arguments, 0, "a tensor");
  const PickleNode& offset = argument(arguments, 1, "a tensor");
  if (storage.kind != PickleKind::Storage || offset.kind != PickleKind::Integer)
    damaged("its description of a tensor is not one of PyTorch's.");
  PickleTensor tensor;
  tensor.storage = *std::get<const PickleStorage*>(storage.value);
  tensor.offset = std::get<std::int64_t>(offset.value);
  tensor.shape = integers(argument(arguments, 2, "a tensor"), "a tensor");
  tensor.strides = integers(argument(arguments, 3, "a tensor"), "a tensor");
  if (tensor.shape.size() != tensor.strides.size())
    damaged("a tensor in it has " + std::to_string(tensor.shape.size()) + " dimensions and " +
            std::to_string(tensor.strides.size()) + " strides.");
  PickleNode* node = add(PickleKind::Tensor);
  node->value = &std::as_const(m_arena->tensors.emplace_back(std::move(tensor)));
  return node;
}

const PickleNode* PickleMachine::encodeLatin(const PickleNode& arguments) {
  const PickleNode& text = argument(arguments, 0, "_codecs.encode");
  const PickleNode& encoding = argument(arguments, 1, "_codecs.encode");
  if (text.kind != PickleKind::Text || encoding.kind != PickleKind::Text ||
      (textOf(encoding) != "latin1" && textOf(encoding) != "ascii"))
    damaged("it encodes bytes in a way that pickles do not.");
  auto bytes = latinBytes(textOf(text));
  if (!bytes) damaged("bytes in it are written with characters beyond 255.");
  charge(0, bytes->size());
  PickleNode* node = add(PickleKind::Bytes);
  node->value = std::string_view(m_arena->texts.emplace_back(std::move(*bytes)));
  return node;
}

const PickleNode* PickleMachine::makeNumpyType(const PickleNode& arguments) {
  const PickleNode& name = argument(arguments, 0, "numpy.dtype");
  if (name.kind != PickleKind::Text) damaged("a numpy.dtype in it has no name.");
  PickleNode* node = add(PickleKind::NumpyType);
  node->value = textOf(name);
  return node;
}

const PickleNode* PickleMachine::makeNumpyScalar(const PickleNode& arguments) {
  const PickleNode& type = argument(arguments, 0, "a numpy number");
  const PickleNode& value = argument(arguments, 1, "a numpy number");
  if (type.kind != PickleKind::NumpyType ||
      (value.kind != PickleKind::Bytes && value.kind != PickleKind::Text))
    damaged("a numpy number in it is not made of a type and bytes.");
  const NumpyNumber* number = numpyNumber(textOf(type));
  if (!number) return opaque("numpy.core.multiarray.scalar");
  const std::string_view bytes = textOf(value);
  if (bytes.size() != static_cast<std::size_t>(number->type.back() - '0'))
    damaged("a numpy number in it has too many or too few bytes.");
  PickleNode* node = add(number->kind);
  number->read(bytes, *node);
  return node;
}

const PickleNode& PickleMachine::argument(const PickleNode& arguments, std::size_t index,
                                          std::string_view of) const {
  const auto* items = std::get_if<PickleNode::Children>(&arguments.value);
  if (!items || arguments.kind == PickleKind::Dict || index >= items->size())
    damaged("the description of " + std::string(of) + " is incomplete.");
  return *(*items)[index];
}

Shape PickleMachine::integers(const PickleNode& node, std::string_view of) const {
  const auto* items = std::get_if<PickleNode::Children>(&node.value);
  if (!items || node.kind == PickleKind::Dict || items->size() > limits::tensorRank)
    damaged("the dimensions of " + std::string(of) + " are no short list.");
  Shape sizes;
  for (const PickleNode* item : *items) {
    if (item->kind != PickleKind::Integer)
      damaged("a dimension of " + std::string(of) + " is no integer.");
    sizes.push_back(std::get<std::int64_t>(item->value));
  }
  return sizes;
}

}  // namespace cellocus
