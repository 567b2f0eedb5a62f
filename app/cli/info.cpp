// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "analysis/filekind.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "cells/celldataset.h"
#include "command.h"
#include "genome/annotation.h"
#include "genome/bedtrack.h"
#include "genome/genome.h"
#include "genome/vcf.h"
#include "models/emb2cell.h"
#include "models/enformer.h"
#include "weights/checkpoint.h"
#include "weights/pickle.h"

namespace cellocus::cli {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

struct Options {
  std::vector<fs::path> files;
  bool json = false;
};

Json genomeInfo(const fs::path& path, const Progress& progress) {
  const auto genome = Genome::open(path, progress);
  Json info = {{"contigs", Json::array()}, {"remarks", genome->remarks()}};
  for (const Contig& contig : genome->contigs())
    info["contigs"].push_back({{"name", printable(contig.name)}, {"length", contig.length}});
  return info;
}

Json annotationInfo(const fs::path& path, const Progress& progress) {
  const auto annotation = Annotation::open(path, progress);
  std::size_t transcripts = 0, mane = 0;
  for (const Gene& gene : annotation->genes())
    for (const Transcript& transcript : gene.transcripts) {
      ++transcripts;
      mane += transcript.mane ? 1 : 0;
    }
  return {{"genes", annotation->genes().size()},
          {"transcripts", transcripts},
          {"mane_transcripts", mane},
          {"remarks", annotation->remarks()}};
}

Json variantsInfo(const fs::path& path, const Progress& progress) {
  const auto vcf = VcfFile::open(path, progress);
  return {{"variants", vcf->records.size()},
          {"skipped_lines", vcf->skipped},
          {"remarks", vcf->remarks}};
}

Json intervalsInfo(const fs::path& path, const Progress& progress) {
  const auto track = BedTrack::open(path, progress);
  return {{"intervals", track->features().size()}, {"remarks", track->remarks()}};
}

void addTensors(Json& info, const Checkpoint& checkpoint) {
  info["format"] = checkpoint.format();
  info["tensors"] = Json::array();
  for (const TensorInfo& tensor : checkpoint.tensors())
    info["tensors"].push_back({{"name", printable(tensor.name, 1024)},
                               {"shape", tensor.shape},
                               {"dtype", dtypeName(tensor.dtype)}});
}

void addReport(Json& info, const LoadReport& report) {
  info["loaded"] = report.loaded.size();
  info["missing"] = report.missing;
  info["unexpected"] = report.unexpected;
}

Json sequenceModelInfo(const fs::path& path, const Progress& progress) {
  const auto model = Enformer::open(path, progress);
  const EnformerConfig& config = model->config();
  Json info = {{"model", "Enformer"}, {"name", config.modelName}};
  if (!config.label.empty()) info["label"] = config.label;
  info["window"] = config.windowLength;
  info["bin_size"] = config.binSize();
  info["bins"] = config.binCount();
  info["embedding_size"] = config.embeddingSize();
  info["gamma"] = config.gamma == Gamma::TensorFlow ? "tf" : "torch";
  info["heads"] = Json::object();
  for (const auto& head : config.outputHeads) info["heads"][head.name] = head.tracks;
  addReport(info, model->loadReport());
  const fs::path weights = model->path();
  if (fs::is_regular_file(weights)) addTensors(info, *Checkpoint::open(weights, progress));
  return info;
}

Json headInfo(const fs::path& path, const Progress& progress) {
  const auto head = Emb2Cell::open(path, progress);
  Json info = {{"model", "emb2cell"},
               {"description", head->description()},
               {"embedding_size", head->embeddingSize()},
               {"cells", head->cellCount()}};
  if (!head->parts().label.empty()) info["label"] = head->parts().label;
  addReport(info, head->loadReport());
  addTensors(info, *Checkpoint::open(path, progress));
  return info;
}

Json checkpointInfo(const fs::path& path, const Progress& progress) {
  Json info = {{"model", nullptr}};
  addTensors(info, *Checkpoint::open(path, progress));
  return info;
}

Json cellsInfo(const fs::path& path, const Progress& progress) {
  const auto cells = CellDataset::open(path, progress);
  Json info = {{"format", cells->format()},
               {"cells", cells->cellCount()},
               {"genes", cells->geneCount()},
               {"transposed", cells->orientation() == Orientation::GenesByCells},
               {"columns", Json::array()},
               {"embeddings", cells->embeddingNames()},
               {"layers", Json::array()},
               {"remarks", cells->remarks()}};
  for (const std::string& name : cells->columnNames()) info["columns"].push_back(printable(name));
  for (const ExpressionLayer& layer : cells->layers()) {
    static constexpr const char* contents[] = {"counts", "log-normalised", "scaled", "unknown"};
    info["layers"].push_back({{"path", layer.path},
                              {"content", contents[static_cast<int>(layer.content)]},
                              {"evidence", layer.evidence}});
  }
  return info;
}

Json embeddingsInfo(const fs::path& path, const Progress& progress) {
  const EmbeddingFile file = readEmbeddings(path, progress);
  return {{"genes", file.embedding.rows()},
          {"embedding_size", file.embedding.cols()},
          {"named", !file.geneIds.empty()},
          {"gamma", file.gamma}};
}

Json dictionaryInfo(const fs::path& path, const Progress& progress) {
  const std::string bytes = InputFile::open(path)->readAll(limits::pickleBytes);
  const PickleValue value = readPickle(bytes, printable(path.filename().string()), progress);
  Json info = {{"entries", value.size()}, {"examples", Json::array()}};
  for (std::size_t i = 0;
       value.kind() == PickleKind::Dict && i < std::min<std::size_t>(3, value.size()); ++i) {
    const auto [key, entry] = value.entry(i);
    info["examples"].push_back(key.json().dump() + ": " + printable(entry.json().dump()));
  }
  return info;
}

Json sessionInfo(const fs::path& path) {
  const std::string text = InputFile::open(path)->readAll(limits::sessionBytes);
  const Json session = Json::parse(text, nullptr, false);
  if (!session.is_object() || session.value("format", "") != "cellocus-session")
    throw Error("SESSION_FORMAT", printable(path.string()),
                "it is JSON, but no session of Cellocus.",
                "Name a session file, or the folder of a model instead of its config.json.");
  Json info = Json::object();
  for (const auto& [key, value] : session.items())
    if (key != "format" && key != "view") info[key] = value;
  return info;
}

Json contentOf(FileKind kind, const fs::path& path, const Progress& progress) {
  switch (kind) {
    case FileKind::Genome:
      return genomeInfo(path, progress);
    case FileKind::Annotation:
      return annotationInfo(path, progress);
    case FileKind::Variants:
      return variantsInfo(path, progress);
    case FileKind::Intervals:
      return intervalsInfo(path, progress);
    case FileKind::CytoBands:
      return {{"bands", readCytoBands(path).size()}};
    case FileKind::SequenceModel:
      return sequenceModelInfo(path, progress);
    case FileKind::CellHead:
      return headInfo(path, progress);
    case FileKind::Checkpoint:
      return checkpointInfo(path, progress);
    case FileKind::Cells:
      return cellsInfo(path, progress);
    case FileKind::Embeddings:
      return embeddingsInfo(path, progress);
    case FileKind::Dictionary:
      return dictionaryInfo(path, progress);
    case FileKind::Session:
      return sessionInfo(path);
  }
  return {};
}

Json infoOf(const fs::path& path, const Progress& progress) {
  const FileKind kind = recogniseFile(path);
  Json info = {{"file", printable(path.string(), 4096)}, {"kind", fileKindName(kind)}};
  info.update(contentOf(kind, path, progress));
  return info;
}

std::string valueText(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return withThousands(value.get<std::int64_t>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_null()) return "not recognised";
  return value.dump();
}

/// One line of a list of objects: "chr1  1,200,000", "stem.0.weight  [96, 4, 15]  float32".
std::string lineText(const Json& item) {
  if (!item.is_object()) return valueText(item);
  std::string text;
  for (const auto& [key, value] : item.items())
    text += (text.empty() ? "" : "  ") + valueText(value);
  return text;
}

std::string textOf(const Json& info) {
  std::string text = valueText(info["file"]) + '\n';
  for (const auto& [key, value] : info.items()) {
    if (key == "file" || (value.is_structured() && value.empty())) continue;
    if (!value.is_array() || value.front().is_number()) {
      text += "  " + key + ": " + valueText(value) + '\n';
      continue;
    }
    text += "  " + key + ": " + withThousands(static_cast<std::int64_t>(value.size())) + '\n';
    for (const Json& item : value) text += "    " + lineText(item) + '\n';
  }
  return text;
}

void run(const Options& options, Console& console) {
  Json all = Json::array();
  std::string text;
  for (std::size_t i = 0; i < options.files.size(); ++i) {
    const double count = static_cast<double>(options.files.size());
    const double done = static_cast<double>(i) / count;
    Json info = infoOf(options.files[i], console.progress().part(done, done + 1 / count));
    text += textOf(info);
    all.push_back(std::move(info));
  }
  console.print(options.json ? all.dump(2) + '\n' : text);
}

}  // namespace

Action declareInfo(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option(
         "FILE", options->files,
         "FASTA, GTF, GFF3, MANE summary, VCF, BED, .h5ad, 10x .h5, embeddings, weights, a model's "
         "folder, a gene dictionary (.pkl) or a session")
      ->required();
  app.add_flag("--json", options->json, "Print a list of JSON objects");
  app.footer(
      "Example, on the demo world:\n"
      "  cellocus-cli make-demo demo\n"
      "  cellocus-cli info demo/genome.fa demo/cells.h5ad demo/trunk");
  return [options](Console& console) { run(*options, console); };
}

}  // namespace cellocus::cli
