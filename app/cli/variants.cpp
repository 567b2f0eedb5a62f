// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "analysis/varianteffect.h"
#include "arguments.h"
#include "base/file.h"
#include "base/text.h"
#include "cells/celldataset.h"
#include "choice.h"
#include "command.h"
#include "export/effecttables.h"
#include "export/predictionfile.h"
#include "export/tables.h"

namespace cellocus::cli {

namespace fs = std::filesystem;

namespace {

const Choices<StrandMode> strands = {
    {"corrected", StrandMode::Corrected},
    {"as-published", StrandMode::AsPublished},
    {"as-published-strand-specific", StrandMode::AsPublishedStrandSpecific}};

struct Options {
  fs::path enformer, head, genome, windows, vcf, table, trackFile, output;
  std::string groups, tracks, compare, gamma;
  StrandMode strand = StrandMode::Corrected;
  int positionBase = 1;
  std::int64_t addBins = 0;
};

void checkUsage(const Options& options) {
  requireEnding(options.output, {".h5", ".tsv", ".csv"});
  if (options.vcf.empty() == options.table.empty()) throw UsageError("name either --vcf or --tsv.");
  if (options.head.empty() && options.tracks.empty())
    throw UsageError(
        "name a --head for effects on cells, --tracks for effects on tracks, or both.");
  if (options.head.empty() && !options.groups.empty())
    throw UsageError("--groups: groups are of cells; name a --head.");
  if (!options.compare.empty() && options.groups.empty())
    throw UsageError("--compare: name the groups with --groups.");
}

/// "cells.h5ad:cell_type" as file and column.
std::pair<fs::path, std::string> groupsOf(const Options& options) {
  const std::size_t colon = options.groups.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == options.groups.size())
    throw UsageError("--groups: write a file of cells, a colon and a column of its cell table.");
  return {options.groups.substr(0, colon), options.groups.substr(colon + 1)};
}

/// What is read before the work.
struct Inputs {
  std::shared_ptr<const Enformer> trunk;
  std::shared_ptr<const Emb2Cell> head;
  std::shared_ptr<const Genome> genome;
  std::vector<QueryWindow> windows;
  VariantList list;
  CellGroups groups;
};

CellGroups readGroups(const Options& options, const Emb2Cell& head, Console& console) {
  if (options.groups.empty()) return {};
  const auto [file, column] = groupsOf(options);
  const auto cells = CellDataset::open(file, console.progress());
  const CellMatch match = matchCells(head, cells->cellNames());
  if (!match.usable())
    throw Error("CELLS_UNMATCHED", printable(file.string()), match.text,
                "Name the dataset on which the head was trained.");
  console.note(match.text);
  return groupsOfHead(CellGroups::of(cells->column(column)), match, head.cellCount());
}

Inputs readInputs(const Options& options, Console& console) {
  Inputs inputs;
  const Progress progress = console.progress().part(0, 0.1);
  inputs.list =
      options.vcf.empty()
          ? readVariantTable(options.table,
                             options.positionBase == 0 ? PositionBase::Zero : PositionBase::One,
                             progress)
          : readVariantVcf(options.vcf, progress);
  inputs.windows = readQueryWindows(options.windows);
  inputs.genome = Genome::open(options.genome, progress);
  for (const std::string& remark : inputs.genome->remarks()) console.note(remark);
  inputs.trunk = Enformer::open(options.enformer, {.gamma = gammaOf(options.gamma)}, progress);
  if (!inputs.trunk->config().label.empty()) console.note(inputs.trunk->config().label);
  if (options.head.empty()) return inputs;
  inputs.head = Emb2Cell::open(options.head, progress);
  if (!inputs.head->parts().label.empty()) console.note(inputs.head->parts().label);
  inputs.groups = readGroups(options, *inputs.head, console);
  return inputs;
}

Provenance provenanceOf(const Options& options, const Inputs& inputs, Console& console) {
  const Progress progress = console.progress().part(0.1, 0.15);
  Provenance provenance = console.provenance();
  provenance.addTrunk(*inputs.trunk, progress);
  if (inputs.head) provenance.add("head", options.head, progress);
  provenance.add("genome", options.genome, progress);
  provenance.add("windows", options.windows, progress);
  provenance.add("variants", inputs.list.path, progress);
  if (!options.groups.empty()) provenance.add("groups", groupsOf(options).first, progress);
  std::set<std::string> contigs;
  for (const QueryWindow& window : inputs.windows) contigs.insert(window.window.contig);
  for (const std::string& name : contigs)
    if (const Contig* contig = inputs.genome->find(name))
      provenance.contigs.push_back(contig->name + " (" + withThousands(contig->length) + " bp)");
  provenance.formulas = {
      {"effect", "alternative - reference: head(embedding at the start site), strand " +
                     nameOf(strands, options.strand) + ", " + std::to_string(options.addBins) +
                     " neighbouring bins to each side averaged"}};
  return provenance;
}

CellEffectOptions effectOptions(const Options& options, const Inputs& inputs) {
  CellEffectOptions result;
  result.variants.mode = options.strand;
  result.variants.addBins = options.addBins;
  if (!options.tracks.empty()) {
    const EnformerConfig& config = inputs.trunk->config();
    const auto names =
        options.trackFile.empty() ? config.trackNames : readTrackNames(options.trackFile);
    for (const auto& [head, numbers] : tracksOf(options.tracks, config, names))
      result.variants.tracks.emplace_back(head, numbers);
  }
  result.groups = inputs.groups;
  result.keep = endingOf(options.output) == ".h5" ? KeepCells::Yes : KeepCells::No;
  return result;
}

void write(const Options& options, const Inputs& inputs, const VariantEffects& effects,
           const Provenance& provenance) {
  const EffectSource source{effects, inputs.list.variants, inputs.windows};
  if (endingOf(options.output) == ".h5")
    H5Writer::save(options.output, [&](H5Writer& writer) {
      writeProvenance(writer, provenance);
      writeEffects(writer, source,
                   inputs.head ? inputs.head->parts().cellNames : std::vector<std::string>());
    });
  else
    saveTable(options.output, effectTable(source), provenance);
  if (options.strand != StrandMode::Corrected && !options.table.empty()) {
    const PublishedTables tables =
        publishedTables(effects.plan, inputs.list.variants, inputs.windows);
    saveText(besideOutput(options.output, "matched_variants.tsv"), tables.matched);
    saveText(besideOutput(options.output, "filtered_variants.tsv"), tables.filtered);
  }
  if (options.compare.empty()) return;
  const auto groups = listOf("--compare", options.compare);
  saveTable(besideOutput(options.output, "transfer.tsv"),
            transferTable(source, groups[0], groups[1]), provenance);
}

void run(const Options& options, Console& console) {
  checkUsage(options);
  if (!options.compare.empty() && listOf("--compare", options.compare).size() != 2)
    throw UsageError("--compare: write two groups, for example \"B cell,T cell\".");
  const Inputs inputs = readInputs(options, console);
  const CellEffectOptions how = effectOptions(options, inputs);
  const Provenance provenance = provenanceOf(options, inputs, console);
  const Predictor predictor(inputs.trunk);
  const VariantInputs sources{&predictor, inputs.genome.get(), &inputs.list.variants,
                              &inputs.windows};
  const VariantEffects effects =
      scoreVariants(sources, inputs.head.get(), how, console.progress().part(0.15, 0.95));
  std::string states;
  for (const VariantState state :
       {VariantState::Scored, VariantState::ReferenceMismatch, VariantState::OutOfWindow,
        VariantState::Unmatched, VariantState::Unsupported})
    states += (states.empty() ? "" : ", ") + withThousands(effects.plan.count(state)) + " " +
              std::string(variantStateName(state));
  console.note("Variants and genes: " + states + ".");
  write(options, inputs, effects, provenance);
}

void addInputs(CLI::App& app, Options& options) {
  app.add_option("--enformer", options.enformer, "Sequence model: a folder or a weights file")
      ->option_text("MODEL")
      ->required();
  app.add_option("--head", options.head, "Head: a seq2cells .ckpt or a .safetensors")
      ->option_text("FILE");
  app.add_option("--genome", options.genome, "Genome: FASTA, also bgzipped")
      ->option_text("FILE")
      ->required();
  app.add_option("--windows", options.windows, "Query windows of the genes (`windows`)")
      ->option_text("FILE")
      ->required();
  app.add_option("--vcf", options.vcf, "Variants: each is scored for all genes near it")
      ->option_text("FILE");
  app.add_option("--tsv", options.table,
                 "Variants: id, chromosome, position, ref, alt, gene; no header")
      ->option_text("FILE");
  app.add_option("--position-base", options.positionBase, "What the table counts the first base as")
      ->option_text("0|1")
      ->check(CLI::IsMember({0, 1}))
      ->capture_default_str();
}

}  // namespace

Action declareVariants(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  addInputs(app, *options);
  addChoice(app, "--strand", options->strand, strands,
            "corrected: minus genes on their own strand and in their bin, reference from the "
            "genome, indels too; as-published: as seq2cells does");
  app.add_option("--add-bins", options->addBins,
                 "Neighbours to each side of the start site's bin that are averaged")
      ->option_text("N")
      ->check(CLI::Range(0, 448))
      ->capture_default_str();
  app.add_option("--groups", options->groups,
                 "Means over groups of cells too: a file of cells and a column of its cell table")
      ->option_text("FILE:COLUMN");
  app.add_option("--compare", options->compare,
                 "Two groups: ranks the variants by the difference of their effects, in a table "
                 ".transfer.tsv beside the output")
      ->option_text("FROM,TO");
  app.add_option("--tracks", options->tracks,
                 "Tracks whose sums over the window are wanted too: 3,human:10-20, names")
      ->option_text("LIST");
  app.add_option("--track-names", options->trackFile, "Table of the tracks (targets_human.txt)")
      ->option_text("FILE");
  app.add_option("--gamma", options->gamma,
                 "Relative positions: tf or torch (default: as the "
                 "model's config says)")
      ->option_text("tf|torch");
  app.add_option("-o", options->output,
                 "Output: .h5 (/reference, /alternative [variants, cells]) or .tsv, .csv (one "
                 "line a variant and gene)")
      ->option_text("FILE")
      ->required();
  app.footer(
      "Example, on the demo world and variants of your own:\n"
      "  cellocus-cli make-demo demo\n"
      "  cellocus-cli variants --enformer demo/trunk --head demo/head.safetensors --genome "
      "demo/genome.fa --windows demo/windows.tsv --vcf variants.vcf --groups "
      "demo/cells.h5ad:cell_type -o effects.tsv");
  return [options](Console& console) { run(*options, console); };
}

}  // namespace cellocus::cli
