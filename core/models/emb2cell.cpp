// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emb2cell.h"

#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/text.h"
#include "models/streamedweight.h"
#include "weights/elements.h"

namespace cellocus {

namespace {

constexpr std::string_view scope = "model_head.";

[[noreturn]] void refuse(const Checkpoint& checkpoint, const std::string& fact) {
  throw Error("HEAD_UNKNOWN", checkpoint.path().string(), fact,
              "Open an emb2cell head: a Lightning .ckpt of seq2cells or a .safetensors that "
              "Cellocus wrote.");
}

std::string layerName(std::int64_t number) {
  return std::string(scope) + std::to_string(number);
}

/// The numbers k of the tensors model_head.k.weight. They depend on which layers without parameters
/// the head was built with, so they are looked up and not assumed.
std::vector<std::int64_t> layerNumbers(const Checkpoint& checkpoint) {
  constexpr std::string_view suffix = ".weight";
  std::vector<std::int64_t> numbers;
  for (const TensorInfo& tensor : checkpoint.tensors()) {
    std::string_view name = tensor.name;
    if (!name.starts_with(scope) || !name.ends_with(suffix) || tensor.shape.size() != 2) continue;
    name.remove_prefix(scope.size());
    name.remove_suffix(suffix.size());
    if (const auto number = parseInteger(name)) numbers.push_back(*number);
  }
  std::ranges::sort(numbers);
  if (numbers.empty() || numbers.size() > 2)
    refuse(checkpoint, "one or two layers named model_head.*.weight are expected, found " +
                           std::to_string(numbers.size()) + ".");
  return numbers;
}

const Shape& weightShape(const Checkpoint& checkpoint, const std::string& layer) {
  return checkpoint.find(layer + ".weight")->shape;
}

Emb2Cell::Layer readLayer(WeightReader& reader, const std::string& layer, const Shape& shape) {
  const std::vector<float> weight = reader.read(layer + ".weight", shape);
  const std::vector<float> bias = reader.read(layer + ".bias", {shape[0]});
  return {Eigen::Map<const Matrix>(weight.data(), shape[0], shape[1]),
          Eigen::Map<const Vector>(bias.data(), shape[0])};
}

/// A layer whose weight is not read: it has its columns and no rows.
Emb2Cell::Layer layerInFile(WeightReader& reader, const std::string& layer, const Shape& shape) {
  reader.expect(layer + ".weight", shape);
  const std::vector<float> bias = reader.read(layer + ".bias", {shape[0]});
  return {Matrix(0, shape[1]), Eigen::Map<const Vector>(bias.data(), shape[0])};
}

/// Softplus and ReLU have no weights: only the hyper-parameters tell whether they are there. Keys
/// that were added to seq2cells later have the defaults of its code.
void readLightning(const Checkpoint& checkpoint, Emb2Cell::Parts& parts) {
  const auto found = checkpoint.metadata().find("hyper_parameters");
  if (found == checkpoint.metadata().end() || !found->is_object())
    refuse(checkpoint,
           "the file has no hyper_parameters, so it does not say whether a softplus follows.");
  if (const auto softplus = found->find("softplus"); softplus != found->end()) {
    if (!softplus->is_boolean())
      refuse(checkpoint, "the hyper-parameter softplus is neither true nor false.");
    parts.softplus = softplus->get<bool>();
  }
  if (const auto nonlinearity = found->find("bottleneck_nonlin"); nonlinearity != found->end())
    parts.relu = nonlinearity->is_string() && nonlinearity->get<std::string>() == "RELU";
  parts.hyperParameters = *found;
}

void readOwn(const Checkpoint& checkpoint, const std::string& text, Emb2Cell::Parts& parts) {
  auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) refuse(checkpoint, "its description \"cellocus\" is no JSON object.");
  try {
    parts.relu = json.at("relu").get<bool>();
    parts.softplus = json.at("softplus").get<bool>();
    parts.unit = json.value("unit", "");
    parts.label = json.value("label", "");
    parts.gamma = json.value("gamma", "");
    parts.hyperParameters = json.value("hyper_parameters", nlohmann::json());
    parts.training = json.value("training", nlohmann::json());
    if (const auto names = json.find("cell_names"); names != json.end())
      for (auto& name : names->get_ref<nlohmann::json::array_t&>())
        parts.cellNames.push_back(std::move(name.get_ref<std::string&>()));
  } catch (const nlohmann::json::exception& problem) {
    refuse(checkpoint, std::string("its description \"cellocus\" is not as expected (") +
                           problem.what() + ").");
  }
}

/// All that a file says beside its numbers.
Emb2Cell::Parts describedParts(const Checkpoint& checkpoint) {
  Emb2Cell::Parts parts;
  const auto own = checkpoint.metadata().find("cellocus");
  if (own != checkpoint.metadata().end() && own->is_string())
    readOwn(checkpoint, own->get_ref<const std::string&>(), parts);
  else
    readLightning(checkpoint, parts);
  return parts;
}

void requireNames(const Checkpoint& checkpoint, const Emb2Cell::Parts& parts) {
  const auto names = std::ssize(parts.cellNames);
  const std::int64_t cells = (parts.second ? *parts.second : parts.first).bias.size();
  if (names != 0 && names != cells)
    refuse(checkpoint, "it names " + std::to_string(names) + " cells but predicts " +
                           std::to_string(cells) + ".");
}

}  // namespace

std::uint64_t Emb2Cell::standardKept() {
  const long pages = ::sysconf(_SC_PHYS_PAGES), pageBytes = ::sysconf(_SC_PAGESIZE);
  constexpr std::uint64_t ifUnknown = 2u << 30;
  if (pages <= 0 || pageBytes <= 0) return ifUnknown;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(pageBytes) / 4;
}

std::shared_ptr<const Emb2Cell> Emb2Cell::open(const std::filesystem::path& path,
                                               const Progress& progress) {
  return open(path, Reading(), progress);
}

std::shared_ptr<const Emb2Cell> Emb2Cell::open(const std::filesystem::path& path,
                                               const Reading& reading, const Progress& progress) {
  const auto checkpoint = Checkpoint::open(path, progress);
  const std::vector<std::int64_t> numbers = layerNumbers(*checkpoint);
  Parts parts = describedParts(*checkpoint);
  WeightReader reader(checkpoint, {}, progress);
  for (const TensorInfo& tensor : checkpoint->tensors())
    if (!tensor.name.starts_with(scope))
      reader.ignore(tensor.name);  // a trunk trained with the head
  if (numbers.size() == 2) {
    const std::string first = layerName(numbers.front());
    parts.first = readLayer(reader, first, weightShape(*checkpoint, first));
  }
  const std::string last = layerName(numbers.back());
  Shape shape = weightShape(*checkpoint, last);
  if (numbers.size() == 2) shape[1] = parts.first.bias.size();
  Layer& output = numbers.size() == 2 ? parts.second.emplace() : parts.first;
  const auto bytes = static_cast<std::uint64_t>(elementCount(shape)) * sizeof(float);
  const bool stays = bytes > reading.onOpening;
  output = stays ? layerInFile(reader, last, shape) : readLayer(reader, last, shape);
  const LoadReport report = reader.finish("the cell head");
  requireNames(*checkpoint, parts);

  const auto head = std::make_shared<Emb2Cell>(std::move(parts));
  if (stays)
    head->m_streamed =
        std::make_shared<const StreamedWeight>(checkpoint, last + ".weight", reading.kept);
  head->m_report = report;
  head->m_path = path;
  return head;
}

std::uint64_t Emb2Cell::keptBytes() const {
  return m_streamed ? m_streamed->keptBytes()
                    : static_cast<std::uint64_t>(output().weight.size()) * sizeof(float);
}

std::string Emb2Cell::description() const {
  std::string text = "linear";
  if (m_parts.second)
    text =
        "bottleneck " + withThousands(m_parts.first.weight.rows()) + (m_parts.relu ? " ReLU" : "");
  return text + (m_parts.softplus ? ", softplus" : "");
}

}  // namespace cellocus
