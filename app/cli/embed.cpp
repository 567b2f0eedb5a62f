// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "analysis/querywindows.h"
#include "arguments.h"
#include "base/text.h"
#include "cells/celldataset.h"
#include "command.h"
#include "genome/genome.h"

namespace cellocus::cli {

namespace fs = std::filesystem;

namespace {

struct Options {
  fs::path enformer, genome, windows, output;
  std::string gamma, shifts = "0";
  Precision precision = Precision::Float32;
  std::int64_t addBins = 0;
  Aggregate aggregate = Aggregate::Mean;
  StrandReading reading = StrandReading::Own;
  EmbeddingOf what = EmbeddingOf::StartSites;
};

const std::map<std::string, Aggregate> aggregates = {
    {"mean", Aggregate::Mean}, {"sum", Aggregate::Sum}, {"median", Aggregate::Median}};
const std::map<std::string, StrandReading> readings = {{"never", StrandReading::Own},
                                                       {"always", StrandReading::Opposite},
                                                       {"average", StrandReading::Both}};
const std::map<std::string, EmbeddingOf> contents = {{"tss", EmbeddingOf::StartSites},
                                                     {"window-mean", EmbeddingOf::Window}};

template <typename Enum>
std::string nameOf(const std::map<std::string, Enum>& names, Enum value) {
  for (const auto& [name, named] : names)
    if (named == value) return name;
  return {};
}

WindowEmbeddingOptions embeddingOptions(const Options& options) {
  WindowEmbeddingOptions result;
  result.what = options.what;
  result.addBins = options.addBins;
  result.aggregate = options.aggregate;
  result.reading = options.reading;
  result.shifts.clear();
  for (const std::string& item : listOf("--shift", options.shifts)) {
    const auto shift = parseInteger(item);
    if (!shift) throw UsageError("--shift: '" + printable(item) + "' is no whole number of bases.");
    result.shifts.push_back(*shift);
  }
  return result;
}

std::string formulaOf(const Options& options) {
  return (options.what == EmbeddingOf::StartSites
              ? "trunk embedding at the bins of the gene's start sites, " +
                    std::to_string(options.addBins) + " neighbours to each side"
              : std::string("trunk embedding over all bins of the window")) +
         "; aggregate: " + nameOf(aggregates, options.aggregate) +
         "; reverse complement besides the gene's own strand: " +
         nameOf(readings, options.reading) + "; shifts averaged: " + options.shifts + " bp";
}

std::vector<std::pair<std::string, std::string>> provenanceOf(
    const Options& options, const Enformer& model, const Genome& genome,
    const std::vector<QueryWindow>& windows, Console& console) {
  const Progress progress = console.progress().part(0.1, 0.15);
  Provenance provenance = console.provenance();
  provenance.addTrunk(model, progress);
  provenance.add("genome", options.genome, progress);
  provenance.add("windows", options.windows, progress);
  std::set<std::string> contigs;
  for (const QueryWindow& window : windows) contigs.insert(window.window.contig);
  for (const std::string& name : contigs) {
    const Contig& contig = requireContig(genome, name);
    provenance.contigs.push_back(contig.name + " (" + withThousands(contig.length) + " bp)");
  }
  provenance.formulas = {{"embedding", formulaOf(options)}};
  return {{"provenance", provenance.json().dump()}};
}

void run(const Options& options, Console& console) {
  requireEnding(options.output, {".h5"});
  const WindowEmbeddingOptions how = embeddingOptions(options);
  const auto windows = readQueryWindows(options.windows);
  const auto genome = Genome::open(options.genome, console.progress().part(0, 0.05));
  for (const std::string& remark : genome->remarks()) console.note(remark);
  const auto model = Enformer::open(
      options.enformer, {.gamma = gammaOf(options.gamma), .precision = options.precision},
      console.progress().part(0.05, 0.1));
  if (!model->config().label.empty()) console.note(model->config().label);
  const auto provenance = provenanceOf(options, *model, *genome, windows, console);

  EmbeddingFile file;
  file.gamma = gammaName(model->config().gamma);
  file.embedding.resize(static_cast<Eigen::Index>(windows.size()), model->config().embeddingSize());
  const double share = 0.85 / static_cast<double>(windows.size());
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const double done = 0.15 + static_cast<double>(i) * share;
    const Progress progress = console.progress().part(done, done + share);
    progress.at(0, windows[i].symbol);
    file.embedding.row(static_cast<Eigen::Index>(i)) =
        embedWindow(*model, *genome, windows[i], how, progress);
    file.geneIds.push_back(windows[i].geneId);
    file.geneSymbols.push_back(windows[i].symbol);
    file.windows.push_back(plainLocusText(windows[i].window));
  }
  writeEmbeddings(options.output, file, provenance);
}

template <typename Enum>
void addChoice(CLI::App& app, const std::string& name, Enum& value,
               const std::map<std::string, Enum>& names, const std::string& purpose) {
  std::string choices;
  for (const auto& [choice, meaning] : names) choices += (choices.empty() ? "" : "|") + choice;
  app.add_option_function<std::string>(
         name, [&value, &names](const std::string& choice) { value = names.at(choice); }, purpose)
      ->check(CLI::IsMember(names))
      ->default_str(nameOf(names, value))
      ->option_text(choices);
}

}  // namespace

Action declareEmbed(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--enformer", options->enformer,
                 "Trunk: a folder with config.json and weights, or a weights file")
      ->option_text("MODEL")
      ->required();
  app.add_option("--genome", options->genome, "FASTA of the genome, plain or bgzipped")
      ->option_text("FILE")
      ->required();
  app.add_option("--windows", options->windows,
                 "Query file with the thirteen columns of seq2cells (TSV)")
      ->option_text("FILE")
      ->required();
  app.add_option("--add-bins", options->addBins,
                 "Neighbouring bins to each side to aggregate as well")
      ->option_text("N")
      ->check(CLI::Range(0, 100000))
      ->capture_default_str();
  addChoice(app, "--aggregate", options->aggregate, aggregates,
            "mean, sum or median over the bins");
  addChoice(app, "--reverse-complement", options->reading, readings,
            "never: each gene on its own strand; always: on the other one; average: both");
  app.add_option("--shift", options->shifts,
                 "Moves of the window in bp, results averaged: --shift=-3,0,3")
      ->option_text("BP,...")
      ->capture_default_str();
  addChoice(app, "--what", options->what, contents,
            "tss: at the start site; window-mean: all bins");
  app.add_option("--gamma", options->gamma,
                 "Positional features: tf (DeepMind's weights) or torch (default: the config's)")
      ->option_text("tf|torch")
      ->check(CLI::IsMember({"tf", "torch"}));
  addPrecisionOption(app, options->precision);
  app.add_option("-o", options->output, "Output, .h5: /embedding, /gene_id, /gene_symbol, /window")
      ->option_text("FILE")
      ->required();
  app.footer(
      "Example, on the demo world:\n"
      "  cellocus-cli make-demo demo\n"
      "  cellocus-cli embed --enformer demo/trunk --genome demo/genome.fa --windows "
      "demo/windows.tsv "
      "-o emb.h5");
  return [options](Console& console) { run(*options, console); };
}

}  // namespace cellocus::cli
