// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cells/h5file.h"
#include "command.h"
#include "export/bedgraph.h"
#include "export/predictionfile.h"
#include "export/tables.h"
#include "genome/genome.h"
#include "genome/haplotype.h"
#include "models/enformer.h"
#include "predictplan.h"

namespace cellocus::cli {

namespace {

/// One sequence to predict.
struct Input {
  std::string name;  ///< of the record
  Locus place;       ///< of its bases; a FASTA record is its own contig
  HaplotypeSequence sequence;
  std::int64_t contigLength = 0;
};

std::size_t inputCount(const PredictPlan& plan) {
  return plan.readsRecords() ? plan.genome->contigs().size() : 1;
}

/// Read one by one: a FASTA of many windows does not fit into memory.
Input inputAt(const PredictPlan& plan, std::size_t index) {
  Input input;
  if (!plan.readsRecords()) {
    input.name = "locus";
    input.place = plan.locus;
    input.sequence = plan.haplotype.sequence(*plan.genome, plan.locus, plan.anchor);
    input.contigLength = requireContig(*plan.genome, plan.locus.contig).length;
    return input;
  }
  const Contig& contig = plan.genome->contigs()[index];
  input.name = contig.name;
  input.place = {contig.name, 0, contig.length};
  input.sequence.bases = plan.genome->sequence(input.place, '.');
  input.sequence.window = input.place;
  input.sequence.blocks = {{0, 0, contig.length}};
  input.contigLength = contig.length;
  return input;
}

using Arrays = std::vector<std::pair<std::string, Matrix>>;

/// The embedding of the bins `wanted`; the outputs of the transformer's blocks go to `layers` if
/// asked for.
Matrix embeddingOf(const PredictPlan& plan, const Matrix& tower, BinRange wanted,
                   const Progress& progress, Arrays& layers) {
  if (!plan.wanted.layers) return plan.model->trunk(tower, wanted, progress);
  const auto keep = [&](const std::string& stage, const Matrix& values) {
    if (stage.starts_with("transformer_") && parseInteger(stage.substr(12)))
      layers.emplace_back("layer_" + stage.substr(12), values);
  };
  // All bins, because the last block computes only what the wanted ones need.
  const Matrix all = plan.model->trunk(tower, {0, tower.rows()}, progress, keep);
  return all.middleRows(wanted.first, wanted.count());
}

PredictionRecord emptyRecord(const PredictPlan& plan, const Input& input, BinRange bins) {
  const EnformerConfig& config = plan.model->config();
  PredictionRecord record;
  record.name = input.name;
  record.contig = input.place.contig;
  record.binSize = config.binSize();
  record.start = input.place.start + bins.first * config.binSize();
  record.gamma = gammaName(config.gamma);
  return record;
}

PredictionRecord predictOne(const PredictPlan& plan, const PredictOptions& options,
                            const Input& input, const Progress& progress) {
  const EnformerConfig& config = plan.model->config();
  const Matrix tower = plan.model->tower(input.sequence.bases, progress.part(0, 0.5));
  const BinRange kept = config.croppedBins(tower.rows());
  const BinRange chosen =
      options.bins.empty() ? BinRange{0, kept.count()} : binsOf(options.bins, kept.count());
  const BinRange bins{kept.first + chosen.first, kept.first + chosen.last};
  PredictionRecord record = emptyRecord(plan, input, bins);
  Arrays layers;
  const Matrix embedding = embeddingOf(plan, tower, bins, progress.part(0.5, 0.9), layers);
  for (const std::string& head : plan.wanted.heads) {
    const std::vector<std::int64_t> tracks = plan.tracksOfHead(head);
    const Matrix values = plan.model->tracks(embedding, head, tracks, progress.part(0.9, 1));
    record.arrays.emplace_back(
        head, alignedToReference(values, input.sequence, bins.first * config.binSize(),
                                 config.binSize()));
    if (plan.wanted.tracks.contains(head)) record.tracks.emplace_back(head, tracks);
  }
  if (plan.wanted.embedding) record.arrays.emplace_back("embedding", embedding);
  if (plan.wanted.tower) record.arrays.emplace_back("tower", tower);
  std::ranges::move(layers, std::back_inserter(record.arrays));
  return record;
}

Provenance provenanceOf(const PredictPlan& plan, const PredictOptions& options, Console& console) {
  const Progress progress = console.progress().part(0.15, 0.2);
  Provenance provenance = console.provenance();
  provenance.addTrunk(*plan.model, progress);
  provenance.add(options.fasta.empty() ? "genome" : "sequences",
                 options.fasta.empty() ? options.genome : options.fasta, progress);
  if (!options.edits.empty()) provenance.add("edits", options.edits, progress);
  if (!options.trackFile.empty()) provenance.add("track names", options.trackFile, progress);
  if (!plan.readsRecords()) {
    const Contig& contig = requireContig(*plan.genome, plan.locus.contig);
    provenance.contigs = {contig.name + " (" + withThousands(contig.length) + " bp)"};
    provenance.locus = locusText(plan.locus);
    provenance.haplotype = plan.haplotype.isReference() ? "" : hgvs(plan.haplotype, *plan.genome);
  }
  provenance.formulas = {{"start", "first base of the first bin, 0-based in .h5 files"}};
  if (plan.wanted.embedding)
    provenance.formulas.push_back(
        {"embedding", "output of the trunk, in the coordinates of the edited sequence"});
  for (const std::string& head : plan.wanted.heads)
    provenance.formulas.push_back(
        {head,
         "softplus head of the trunk, in the unit of the training data; in reference "
         "coordinates, without value where bases were deleted"});
  return provenance;
}

Progress shareOf(const Progress& whole, std::size_t index, std::size_t count) {
  const double step = 0.8 / static_cast<double>(count);
  return whole.part(0.2 + step * static_cast<double>(index),
                    0.2 + step * static_cast<double>(index + 1));
}

std::string trackTitle(const PredictPlan& plan, const std::string& head, std::int64_t track) {
  const bool named = !plan.trackNames.empty() &&
                     head == plan.model->config().outputHeads.front().name &&
                     track < static_cast<std::int64_t>(plan.trackNames.size());
  return head + ":" + std::to_string(track) +
         (named ? " " + plan.trackNames[static_cast<std::size_t>(track)] : "");
}

Table emptyTable(const PredictPlan& plan) {
  Table table;
  table.columns = {{"record", "", ""},
                   {"contig", "", ""},
                   {"start", "bp, 1-based", ""},
                   {"end", "bp, included", ""}};
  for (const std::string& head : plan.wanted.heads)
    for (const std::int64_t track : plan.tracksOfHead(head))
      table.columns.push_back({trackTitle(plan, head, track), "", ""});
  return table;
}

void addRows(Table& table, const PredictionRecord& record) {
  const Eigen::Index bins = record.arrays.front().second.rows();
  for (Eigen::Index bin = 0; bin < bins; ++bin) {
    const std::int64_t start = record.start + bin * record.binSize;
    std::vector<Table::Cell> row = {record.name, record.contig, start + 1, start + record.binSize};
    for (const auto& [head, values] : record.arrays)
      for (Eigen::Index track = 0; track < values.cols(); ++track)
        row.emplace_back(values(bin, track));
    table.rows.push_back(std::move(row));
  }
}

std::string bedGraphOf(const PredictPlan& plan, const PredictionRecord& record,
                       std::int64_t contigLength) {
  const auto& [head, values] = record.arrays.front();
  const Locus covered{record.contig, record.start, record.start + values.rows() * record.binSize};
  return bedGraphText({trackTitle(plan, head, plan.tracksOfHead(head).front()), covered,
                       record.binSize, values.col(0), contigLength});
}

/// Calls `take` with each record and its input.
template <typename Take>
void predictAll(const PredictPlan& plan, const PredictOptions& options, const Console& console,
                const Take& take) {
  const std::size_t count = inputCount(plan);
  for (std::size_t i = 0; i < count; ++i) {
    const Input input = inputAt(plan, i);
    take(predictOne(plan, options, input, shareOf(console.progress(), i, count)), input);
  }
}

void writeH5(const PredictPlan& plan, const PredictOptions& options, Console& console) {
  const Provenance provenance = provenanceOf(plan, options, console);
  H5Writer::save(options.output, [&](H5Writer& writer) {
    writeProvenance(writer, provenance);
    predictAll(plan, options, console,
               [&](const PredictionRecord& record, const Input&) { writeRecord(writer, record); });
  });
}

void writeTable(const PredictPlan& plan, const PredictOptions& options, Console& console) {
  const Provenance provenance = provenanceOf(plan, options, console);
  Table table = emptyTable(plan);
  predictAll(plan, options, console,
             [&](const PredictionRecord& record, const Input&) { addRows(table, record); });
  saveTable(options.output, table, provenance, console.progress());
}

void writeBedGraph(const PredictPlan& plan, const PredictOptions& options, Console& console) {
  std::string text;
  for (const std::string& line : provenanceOf(plan, options, console).headerLines())
    text += line + '\n';
  predictAll(plan, options, console, [&](const PredictionRecord& record, const Input& input) {
    text += bedGraphOf(plan, record, input.contigLength);
  });
  saveText(options.output, text);
}

void run(const PredictOptions& options, Console& console) {
  const PredictPlan plan = planPrediction(options, console);
  if (!plan.model->config().label.empty()) console.note(plan.model->config().label);
  const std::string ending = endingOf(options.output);
  if (ending == ".h5") return writeH5(plan, options, console);
  if (ending == ".bedgraph") return writeBedGraph(plan, options, console);
  writeTable(plan, options, console);
}

}  // namespace

Action declarePredict(CLI::App& app) {
  const auto options = std::make_shared<PredictOptions>();
  app.add_option("--enformer", options->enformer,
                 "Trunk: a folder with config.json and weights, or a weights file")
      ->option_text("MODEL")
      ->required();
  app.add_option("--fasta", options->fasta, "Sequences: every record is one input as long as it is")
      ->option_text("FILE");
  app.add_option("--genome", options->genome, "FASTA of the genome, with --locus")
      ->option_text("FILE");
  app.add_option(
         "--locus", options->locus,
         "Centre of the model's window: chr8:11,700,000, a region, a gene with --annotation")
      ->option_text("LOCUS");
  app.add_option("--annotation", options->annotation,
                 "GTF, GFF3 or MANE summary, for genes as locus")
      ->option_text("FILE");
  app.add_option("--edits", options->edits, "VCF whose changes are made in the sequence")
      ->option_text("FILE");
  app.add_option("--what", options->what,
                 "List of embedding, tower, layers and the model's heads, usually human and mouse "
                 "(default: embedding and all heads for .h5, else the first head)")
      ->option_text("LIST");
  app.add_option("--tracks", options->tracks,
                 "Tracks of the heads, from 0: 3,10-20,human:7, or names (default: all)")
      ->option_text("LIST");
  app.add_option("--track-file", options->trackFile,
                 "Table of track names (targets_human.txt), so that --tracks can name them")
      ->option_text("FILE");
  app.add_option("--bins", options->bins,
                 "Bins to write, from 0, both ends included: 447-449 (default: all)")
      ->option_text("FROM-TO");
  app.add_option("--gamma", options->gamma,
                 "Positional features: tf (DeepMind's weights) or torch (default: the config's)")
      ->option_text("tf|torch")
      ->check(CLI::IsMember({"tf", "torch"}));
  addPrecisionOption(app, options->precision);
  app.add_option("-o", options->output, "Output: .h5, .tsv, .csv, .bedgraph; text also with .gz")
      ->option_text("FILE")
      ->required();
  app.footer(
      "Example, on the demo world:\n"
      "  cellocus-cli make-demo demo\n"
      "  cellocus-cli predict --enformer demo/trunk --genome demo/genome.fa --locus demo1:500,000 "
      "-o tracks.tsv");
  return [options](Console& console) { run(*options, console); };
}

}  // namespace cellocus::cli
