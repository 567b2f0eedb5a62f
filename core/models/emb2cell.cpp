// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emb2cell.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "nn/blocks.h"
#include "nn/kernels.h"

namespace cellocus {

namespace {

constexpr std::string_view scope = "model_head.";
constexpr std::int64_t genesAtOnce = 256, cellsAtOnce = 1024;

[[noreturn]] void refuse(const Checkpoint& checkpoint, const std::string& fact) {
  throw Error("HEAD_UNKNOWN", checkpoint.path().string(), fact,
              "Open an emb2cell head: a Lightning .ckpt of seq2cells or a .safetensors that "
              "Cellocus wrote.");
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
}

void readOwn(const Checkpoint& checkpoint, const std::string& text, Emb2Cell::Parts& parts) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) refuse(checkpoint, "its description \"cellocus\" is no JSON object.");
  try {
    parts.relu = json.at("relu").get<bool>();
    parts.softplus = json.at("softplus").get<bool>();
    parts.unit = json.value("unit", "");
    parts.label = json.value("label", "");
    parts.cellNames = json.value("cell_names", std::vector<std::string>{});
  } catch (const nlohmann::json::exception& problem) {
    refuse(checkpoint, std::string("its description \"cellocus\" is not as expected (") +
                           problem.what() + ").");
  }
}

nlohmann::json ownDescription(const Emb2Cell::Parts& parts) {
  const nlohmann::json description{{"kind", "emb2cell"},         {"relu", parts.relu},
                                   {"softplus", parts.softplus}, {"unit", parts.unit},
                                   {"label", parts.label},       {"cell_names", parts.cellNames}};
  return {{"format", "pt"}, {"cellocus", description.dump()}};
}

void addLayer(std::vector<NamedTensor>& tensors, const std::string& name,
              const Emb2Cell::Layer& layer) {
  const Matrix& weight = layer.weight;
  tensors.push_back({name + ".weight",
                     {weight.rows(), weight.cols()},
                     {weight.data(), weight.data() + weight.size()}});
  tensors.push_back({name + ".bias",
                     {layer.bias.size()},
                     {layer.bias.data(), layer.bias.data() + layer.bias.size()}});
}

}  // namespace

std::shared_ptr<const Emb2Cell> Emb2Cell::open(const std::filesystem::path& path,
                                               const Progress& progress) {
  const auto checkpoint = Checkpoint::open(path, progress);
  const std::vector<std::int64_t> numbers = layerNumbers(*checkpoint);
  Parts parts;
  const auto own = checkpoint->metadata().find("cellocus");
  if (own != checkpoint->metadata().end() && own->is_string())
    readOwn(*checkpoint, own->get<std::string>(), parts);
  else
    readLightning(*checkpoint, parts);

  WeightReader reader(checkpoint, {}, progress);
  for (const TensorInfo& tensor : checkpoint->tensors())
    if (!tensor.name.starts_with(scope))
      reader.ignore(tensor.name);  // a trunk trained with the head
  const std::string first = std::string(scope) + std::to_string(numbers.front());
  parts.first = readLayer(reader, first, weightShape(*checkpoint, first));
  if (numbers.size() == 2) {
    const std::string second = std::string(scope) + std::to_string(numbers.back());
    const Shape& shape = weightShape(*checkpoint, second);
    parts.second = readLayer(reader, second, {shape[0], parts.first.weight.rows()});
  }
  const LoadReport report = reader.finish("the cell head");
  const auto head = std::make_shared<Emb2Cell>(std::move(parts));
  if (!head->parts().cellNames.empty() &&
      static_cast<std::int64_t>(head->parts().cellNames.size()) != head->cellCount())
    refuse(*checkpoint, "it names " + std::to_string(head->parts().cellNames.size()) +
                            " cells but predicts " + std::to_string(head->cellCount()) + ".");
  head->m_report = report;
  head->m_path = path;
  return head;
}

std::string Emb2Cell::description() const {
  std::string text = "linear";
  if (m_parts.second)
    text =
        "bottleneck " + withThousands(m_parts.first.weight.rows()) + (m_parts.relu ? " ReLU" : "");
  return text + (m_parts.softplus ? ", softplus" : "");
}

Matrix Emb2Cell::predict(MatrixView embedding, const Progress& progress) const {
  if (embedding.cols() != embeddingSize())
    throw Error("EMBEDDING_SIZE", m_path.empty() ? "the cell head" : m_path.string(),
                "the embedding has " + std::to_string(embedding.cols()) +
                    " numbers a gene, the head expects " + std::to_string(embeddingSize()) + ".",
                "Use the head with the sequence model that it was fitted on.");
  Matrix hidden = embedding;
  if (m_parts.second) {
    hidden.resize(embedding.rows(), m_parts.first.weight.rows());
    nn::forRowBlocks(embedding.rows(), genesAtOnce, progress, [&](BinRange genes, nn::Scratch&) {
      nn::MatrixBlock out = hidden.middleRows(genes.first, genes.count());
      out.rowwise() = m_parts.first.bias.transpose();
      nn::multiplyTransposed(embedding.middleRows(genes.first, genes.count()), m_parts.first.weight,
                             out, nn::Into::Add);
      if (m_parts.relu) nn::relu(out);
    });
  }
  return outputOf(hidden, progress);
}

/// The last layer, a block of cells at a time: with hundreds of thousands of cells it is nearly all
/// the work.
Matrix Emb2Cell::outputOf(MatrixView hidden, const Progress& progress) const {
  const Layer& last = output();
  Matrix result(hidden.rows(), cellCount());
  for (std::int64_t first = 0; first < hidden.rows(); first += genesAtOnce) {
    progress.at(static_cast<double>(first) / static_cast<double>(hidden.rows()),
                "expression of each cell");
    const std::int64_t genes = std::min(genesAtOnce, hidden.rows() - first);
    nn::forRowBlocks(cellCount(), cellsAtOnce, progress, [&](BinRange cells, nn::Scratch&) {
      nn::MatrixBlock out = result.block(first, cells.first, genes, cells.count());
      out.rowwise() = last.bias.segment(cells.first, cells.count()).transpose();
      nn::multiplyTransposed(hidden.middleRows(first, genes),
                             last.weight.middleRows(cells.first, cells.count()), out,
                             nn::Into::Add);
      if (m_parts.softplus) nn::softplus(out);
    });
  }
  return result;
}

void Emb2Cell::save(const std::filesystem::path& path) const {
  std::vector<NamedTensor> tensors;
  addLayer(tensors, std::string(scope) + '0', m_parts.first);
  if (m_parts.second) addLayer(tensors, std::string(scope) + '2', *m_parts.second);
  writeSafetensors(path, tensors, ownDescription(m_parts));
}

}  // namespace cellocus
