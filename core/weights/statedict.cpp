// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/statedict.h"

#include <algorithm>
#include <optional>

#include "base/limits.h"
#include "base/text.h"

namespace cellocus {

namespace {

constexpr std::string_view wrapperKeys[] = {"state_dict", "model", "model_state_dict", "module",
                                            "ema"};
/// Written by DataParallel, by a model inside a model, and by torch.compile.
constexpr std::string_view wrapperPrefixes[] = {"module.", "model.", "_orig_mod."};
/// Dictionaries of plain values that tell how a model was made.
constexpr std::string_view settingKeys[] = {"hyper_parameters", "hparams", "config", "args"};

template <typename Range>
bool contains(const Range& range, std::string_view text) {
  return std::find(std::begin(range), std::end(range), text) != std::end(range);
}

bool holdsTensors(const PickleValue& value) {
  if (value.kind() != PickleKind::Dict) return false;
  for (std::size_t i = 0; i < value.size(); ++i)
    if (const auto [key, item] = value.entry(i); key.text() && item.tensor()) return true;
  return false;
}

/// The dictionary with the weights of one model.
std::optional<PickleValue> weightsOf(const PickleValue& value) {
  for (const std::string_view key : wrapperKeys)
    if (auto inner = value.find(key); inner && holdsTensors(*inner)) return inner;
  if (holdsTensors(value)) return value;
  return {};
}

bool plain(const PickleValue& value) {
  switch (value.kind()) {
    case PickleKind::None:
    case PickleKind::Bool:
    case PickleKind::Integer:
    case PickleKind::Number:
    case PickleKind::Text:
      return true;
    default:
      return false;
  }
}

nlohmann::json settingsOf(const PickleValue& value) {
  nlohmann::json settings = nlohmann::json::object();
  if (value.kind() != PickleKind::Dict) return settings;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto [key, item] = value.entry(i);
    if (!key.text() || !(plain(item) || contains(settingKeys, *key.text()))) continue;
    const nlohmann::json name = key.json();
    settings[name.get<std::string>()] = item.json();
  }
  return settings;
}

/// What wraps all names alike, over and over ("module._orig_mod.").
std::string sharedPrefix(const std::vector<std::pair<std::string, PickleValue>>& tensors) {
  std::string prefix;
  const auto shared = [&](const std::string& candidate) {
    return std::all_of(tensors.begin(), tensors.end(),
                       [&](const auto& tensor) { return tensor.first.starts_with(candidate); });
  };
  for (bool longer = true; longer && prefix.size() < limits::nameBytes;) {
    longer = false;
    for (const std::string_view wrapper : wrapperPrefixes)
      if (!longer && shared(prefix + std::string(wrapper))) {
        prefix += wrapper;
        longer = true;
      }
  }
  return prefix;
}

/// The tensors of one model, their names without what wraps them all and with `before` instead.
void addTensors(const PickleValue& dict, const std::string& before, StateDict& into) {
  std::vector<std::pair<std::string, PickleValue>> found;
  for (std::size_t i = 0; i < dict.size(); ++i) {
    const auto [key, value] = dict.entry(i);
    if (key.text() && (value.tensor() || value.kind() == PickleKind::Opaque))
      found.emplace_back(*key.text(), value);
  }
  const std::size_t wrapped = sharedPrefix(found).size();
  for (auto& [name, value] : found)
    into.tensors.emplace_back(before + name.substr(wrapped), std::move(value));
}

[[noreturn]] void refuseEmpty(const PickleValue& root, const std::string& where) {
  constexpr std::size_t shownKeys = 8;
  std::string keys;
  for (std::size_t i = 0; root.kind() == PickleKind::Dict && i < std::min(root.size(), shownKeys);
       ++i)
    if (const auto key = root.entry(i).first.text())
      keys += (keys.empty() ? "" : ", ") + printable(*key, 40);
  throw Error("CHECKPOINT_NO_TENSORS", where,
              keys.empty() ? "it holds no weights."
                           : "it holds no weights; it is a dictionary of " + keys + ".",
              "Save the model's state_dict() with torch.save, or as safetensors.");
}

}  // namespace

StateDict findStateDict(const PickleValue& root, const std::string& where) {
  StateDict result;
  if (root.tensor()) {
    result.tensors.emplace_back("tensor", root);
    return result;
  }
  result.metadata = settingsOf(root);
  if (const auto weights = weightsOf(root)) {
    addTensors(*weights, "", result);
  } else if (root.kind() == PickleKind::Dict) {
    for (std::size_t i = 0; i < root.size(); ++i) {
      const auto [key, value] = root.entry(i);
      const auto inner = weightsOf(value);
      if (!key.text() || !inner) continue;
      addTensors(*inner, std::string(*key.text()) + ".", result);
      result.metadata[key.json().get<std::string>()] = settingsOf(value);
    }
  }
  if (result.tensors.empty()) refuseEmpty(root, where);
  if (result.tensors.size() > limits::tensors)
    throw Error("CHECKPOINT_TENSORS", where, "it lists more than 200,000 tensors.",
                "The file is damaged or was made to mislead.");
  return result;
}

}  // namespace cellocus
