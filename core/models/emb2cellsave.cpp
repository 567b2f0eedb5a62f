// SPDX-License-Identifier: GPL-3.0-or-later
// The two forms in which a head is saved: our own, which tells all, and seq2cells'.
#include "models/emb2cell.h"

#include "base/text.h"
#include "models/streamedweight.h"
#include "weights/torchwriter.h"

namespace cellocus {

namespace {

nlohmann::json ownDescription(const Emb2Cell::Parts& parts) {
  nlohmann::json description{{"kind", "emb2cell"},         {"relu", parts.relu},
                             {"softplus", parts.softplus}, {"unit", parts.unit},
                             {"label", parts.label},       {"cell_names", parts.cellNames},
                             {"gamma", parts.gamma}};
  if (!parts.hyperParameters.is_null()) description["hyper_parameters"] = parts.hyperParameters;
  if (!parts.training.is_null()) description["training"] = parts.training;
  return {{"format", "pt"}, {"cellocus", description.dump()}};
}

std::span<const float> valuesOf(const auto& numbers) {
  return {numbers.data(), static_cast<std::size_t>(numbers.size())};
}

void addLayer(std::vector<TensorSpan>& tensors, std::int64_t number, const Emb2Cell::Layer& layer,
              std::span<const float> weight) {
  const std::string name = "model_head." + std::to_string(number);
  tensors.push_back({name + ".weight", {layer.bias.size(), layer.weight.cols()}, weight});
  tensors.push_back({name + ".bias", {layer.bias.size()}, valuesOf(layer.bias)});
}

/// What seq2cells' module is built from. What the head does not tell keeps the defaults of its
/// code; a dropout that is not known is left out, as it changes no prediction.
nlohmann::json seq2cellsArguments(const Emb2Cell& head) {
  const Emb2Cell::Parts& parts = head.parts();
  nlohmann::json arguments =
      parts.hyperParameters.is_object() ? parts.hyperParameters : nlohmann::json::object();
  arguments["emb_dim"] = head.embeddingSize();
  arguments["target_dim"] = head.cellCount();
  arguments["softplus"] = parts.softplus;
  arguments["model_type"] = parts.second ? "bottleneck" : "linear";
  if (parts.second) {
    arguments["bottleneck_dim"] = parts.first.bias.size();
    arguments["bottleneck_nonlin"] = parts.relu ? nlohmann::json("RELU") : nlohmann::json();
  }
  if (!arguments.contains("dropout_prob")) arguments["dropout_prob"] = 0.0;
  return arguments;
}

/// Place of the last layer among seq2cells' modules: after the dropout and the ReLU if they are
/// there (SYSTEMS 2.1).
std::int64_t lastLayerNumber(const Emb2Cell::Parts& parts, const nlohmann::json& arguments) {
  if (!parts.second) return 0;
  const nlohmann::json& dropout = arguments.at("dropout_prob");
  const bool dropsOut = dropout.is_number() && dropout.get<double>() > 0;
  return 1 + (dropsOut ? 1 : 0) + (parts.relu ? 1 : 0);
}

std::int64_t numberIn(const nlohmann::json& json, const char* key) {
  if (!json.is_object()) return 0;
  const auto found = json.find(key);
  return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

}  // namespace

void Emb2Cell::save(const std::filesystem::path& path, const Progress& progress) const {
  std::vector<TensorSpan> tensors;
  if (m_parts.second) addLayer(tensors, 0, m_parts.first, valuesOf(m_parts.first.weight));
  const std::vector<float> streamed = m_streamed ? m_streamed->read() : std::vector<float>();
  addLayer(tensors, m_parts.second ? 2 : 0, output(),
           m_streamed ? std::span(streamed) : valuesOf(output().weight));
  writeSafetensors(path, tensors, ownDescription(m_parts), progress);
}

void Emb2Cell::saveCheckpoint(const std::filesystem::path& path, const Progress& progress) const {
  LightningCheckpoint checkpoint;
  checkpoint.hyperParameters = seq2cellsArguments(*this);
  checkpoint.epoch = std::max<std::int64_t>(0, numberIn(m_parts.training, "epoch") - 1);
  checkpoint.globalStep = numberIn(m_parts.training, "step");
  if (m_parts.second)
    addLayer(checkpoint.stateDict, 0, m_parts.first, valuesOf(m_parts.first.weight));
  const std::vector<float> streamed = m_streamed ? m_streamed->read() : std::vector<float>();
  addLayer(checkpoint.stateDict, lastLayerNumber(m_parts, checkpoint.hyperParameters), output(),
           m_streamed ? std::span(streamed) : valuesOf(output().weight));
  writeLightningCheckpoint(path, checkpoint, progress);
}

void Emb2Cell::saveAs(const std::filesystem::path& path, const Progress& progress) const {
  if (lowered(path.extension().string()) == ".ckpt")
    saveCheckpoint(path, progress);
  else
    save(path, progress);
}

}  // namespace cellocus
