// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "analysis/embeddingrun.h"
#include "analysis/querywindows.h"
#include "arguments.h"
#include "base/file.h"
#include "base/text.h"
#include "cells/celldataset.h"
#include "choice.h"
#include "command.h"
#include "embeddinglayout.h"
#include "genome/genome.h"

namespace cellocus::cli {

namespace fs = std::filesystem;

namespace {

struct Options {
  fs::path enformer, genome, windows, output;
  std::string gamma, shifts = "0", shard;
  Precision precision = Precision::Float32;
  std::int64_t addBins = 0;
  Aggregate aggregate = Aggregate::Mean;
  StrandReading reading = StrandReading::Own;
  EmbeddingOf what = EmbeddingOf::StartSites;
  EmbeddingLayout layout = EmbeddingLayout::Plain;
};

const Choices<Aggregate> aggregates = {
    {"mean", Aggregate::Mean}, {"sum", Aggregate::Sum}, {"median", Aggregate::Median}};
const Choices<StrandReading> readings = {{"never", StrandReading::Own},
                                         {"always", StrandReading::Opposite},
                                         {"average", StrandReading::Both}};
const Choices<EmbeddingOf> contents = {{"tss", EmbeddingOf::StartSites},
                                       {"window-mean", EmbeddingOf::Window}};

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

/// "2/4", or nothing for the whole.
std::optional<RunPart> partOf(const Options& options) {
  if (options.shard.empty()) return {};
  const auto numbers = split(options.shard, '/');
  const auto number = parseInteger(numbers.front()), count = parseInteger(numbers.back());
  if (numbers.size() != 2 || !number || !count || *number < 1 || *number > *count)
    throw UsageError("--shard: '" + printable(options.shard) +
                     "' is no part of a number of parts; write for example 2/4.");
  if (options.layout == EmbeddingLayout::Pandas)
    throw UsageError(
        "--shard: pandas' layout cannot say which part a file is; name the layout "
        "when the parts are merged.");
  return RunPart{*number, *count};
}

Provenance provenanceOf(const Options& options, const Enformer& model, const Genome& genome,
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
  provenance.formulas = {{"embedding", embeddingFormula(embeddingOptions(options))}};
  return provenance;
}

/// What has to be the same for rows to belong together, wherever the files lie.
RunFacts factsOf(const Options& options, const Enformer& model,
                 const std::vector<QueryWindow>& windows, const Provenance& provenance) {
  RunFacts facts = runFacts(windows, embeddingOptions(options));
  std::map<std::string, std::string> digests;
  for (const Provenance::File& file : provenance.files)
    if (file.role != "windows") {
      std::string& digest = digests[file.role];
      digest += (digest.empty() ? "" : " ") + file.sha256;
    }
  facts.insert(facts.end(), digests.begin(), digests.end());
  facts.emplace_back("gamma", gammaName(model.config().gamma));
  facts.emplace_back("precision", provenance.precision);
  facts.emplace_back("program", provenance.program);
  return facts;
}

Matrix embeddedRows(const Options& options, const Enformer& model, const Genome& genome,
                    std::span<const QueryWindow> windows, const RunFacts& facts, Console& console) {
  EmbeddingJournal journal;
  journal.folder = journalFolder(options.output);
  journal.facts = facts;
  journal.facts.emplace_back("part", options.shard.empty() ? "1/1" : options.shard);
  try {
    EmbeddingRun run = embedWindows(model, genome, windows, embeddingOptions(options), journal,
                                    console.progress().part(0.15, 1));
    for (const std::string& remark : run.remarks) console.note(remark);
    if (run.fromBefore > 0)
      console.note(withThousands(run.fromBefore) + " of " + withThousands(std::ssize(windows)) +
                   " rows were there from an earlier run.");
    return std::move(run.embedding);
  } catch (const Cancelled&) {
    console.note("What is finished is kept in " + shownPath(journal.folder) +
                 "; the same command goes on there.");
    throw;
  }
}

EmbeddingFile describedRows(std::span<const QueryWindow> windows, const Enformer& model,
                            Matrix embedding) {
  EmbeddingFile file;
  file.gamma = gammaName(model.config().gamma);
  file.embedding = std::move(embedding);
  for (const QueryWindow& window : windows) {
    file.geneIds.push_back(window.geneId);
    file.geneSymbols.push_back(window.symbol);
    file.windows.push_back(plainLocusText(window.window));
  }
  return file;
}

void run(const Options& options, Console& console) {
  requireEnding(options.output, {".h5"});
  const auto part = partOf(options);
  const auto windows = readQueryWindows(options.windows);
  const auto total = std::ssize(windows);
  if (part && part->count > total)
    throw UsageError("--shard: there are only " + withThousands(total) + " windows.");
  const auto genome = Genome::open(options.genome, console.progress().part(0, 0.05));
  for (const std::string& remark : genome->remarks()) console.note(remark);
  const auto model = Enformer::open(
      options.enformer, {.gamma = gammaOf(options.gamma), .precision = options.precision},
      console.progress().part(0.05, 0.1));
  if (!model->config().label.empty()) console.note(model->config().label);
  const Provenance provenance = provenanceOf(options, *model, *genome, windows, console);
  const RunFacts facts = factsOf(options, *model, windows, provenance);

  const BinRange rows = part.value_or(RunPart()).rows(total);
  const auto mine = std::span(windows).subspan(static_cast<std::size_t>(rows.first),
                                               static_cast<std::size_t>(rows.count()));
  EmbeddingFile file =
      describedRows(mine, *model, embeddedRows(options, *model, *genome, mine, facts, console));
  if (part)
    file.part =
        EmbeddingFile::Part{part->number, part->count, rows.first, total, fingerprintOf(facts)};
  writeEmbeddings(options.output, file, {{"provenance", provenance.json().dump()}}, options.layout);
  removeJournal(journalFolder(options.output));
}

void addInputs(CLI::App& app, Options& options) {
  app.add_option("--enformer", options.enformer,
                 "Trunk: a folder with config.json and weights, or a weights file")
      ->option_text("MODEL")
      ->required();
  app.add_option("--genome", options.genome, "FASTA of the genome, plain or bgzipped")
      ->option_text("FILE")
      ->required();
  app.add_option("--windows", options.windows,
                 "Query file with the thirteen columns of seq2cells (TSV)")
      ->option_text("FILE")
      ->required();
}

void addEmbedding(CLI::App& app, Options& options) {
  app.add_option("--add-bins", options.addBins,
                 "Neighbouring bins to each side to aggregate as well")
      ->option_text("N")
      ->check(CLI::Range(0, 100000))
      ->capture_default_str();
  addChoice(app, "--aggregate", options.aggregate, aggregates, "mean, sum or median over the bins");
  addChoice(app, "--reverse-complement", options.reading, readings,
            "never: each gene on its own strand; always: on the other one; average: both");
  app.add_option("--shift", options.shifts,
                 "Moves of the window in bp, results averaged: --shift=-3,0,3")
      ->option_text("BP,...")
      ->capture_default_str();
  addChoice(app, "--what", options.what, contents, "tss: at the start site; window-mean: all bins");
  app.add_option("--gamma", options.gamma,
                 "Positional features: tf (DeepMind's weights) or torch (default: the config's)")
      ->option_text("tf|torch")
      ->check(CLI::IsMember({"tf", "torch"}));
  addPrecisionOption(app, options.precision);
}

void addOutput(CLI::App& app, Options& options) {
  app.add_option(
         "--shard", options.shard,
         "Only the i-th of n parts of the windows, for several machines; 'merge' joins them")
      ->option_text("i/n");
  addLayoutOption(app, options.layout);
  app.add_option("-o", options.output, "Output, .h5: /embedding, /gene_id, /gene_symbol, /window")
      ->option_text("FILE")
      ->required();
}

}  // namespace

Action declareEmbed(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  addInputs(app, *options);
  addEmbedding(app, *options);
  addOutput(app, *options);
  app.footer(
      "Stopped in whatever way, the same command goes on where it was: finished rows are kept in "
      "FILE.part until FILE is there.\n\n"
      "Example, on the demo world:\n"
      "  cellocus-cli make-demo demo\n"
      "  cellocus-cli embed --enformer demo/trunk --genome demo/genome.fa --windows "
      "demo/windows.tsv "
      "-o emb.h5");
  return [options](Console& console) { run(*options, console); };
}

}  // namespace cellocus::cli
