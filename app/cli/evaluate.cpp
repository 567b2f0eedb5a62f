// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "analysis/predictedexpression.h"
#include "arguments.h"
#include "base/text.h"
#include "choice.h"
#include "command.h"
#include "export/evaluationtables.h"
#include "export/tables.h"
#include "scale.h"

namespace cellocus::cli {

namespace fs = std::filesystem;

namespace {

enum class Sets { All, Train, Valid, Test };

const Choices<Sets> setNames = {
    {"all", Sets::All}, {"train", Sets::Train}, {"valid", Sets::Valid}, {"test", Sets::Test}};

struct Options {
  fs::path predicted, cells, split, aliases, output;
  std::string layer;
  Scale scale;
  Sets set = Sets::All;
  std::int64_t highly = EvaluationInput().highlyCount;
};

std::optional<SplitSet> wantedSet(const Options& options) {
  switch (options.set) {
    case Sets::Train:
      return SplitSet::Train;
    case Sets::Valid:
      return SplitSet::Valid;
    case Sets::Test:
      return SplitSet::Test;
    case Sets::All:
      break;
  }
  return std::nullopt;
}

/// "metrics.tsv" -> "metrics.cells.tsv".
fs::path beside(const fs::path& path, const std::string& what) {
  const std::string name = path.filename().string();
  const std::size_t end = name.size() - (name.ends_with(".gz") ? 3 : 0);
  const std::size_t dot = name.rfind('.', end - 1);
  return path.parent_path() / (name.substr(0, dot) + "." + what + name.substr(dot));
}

void print(const Evaluation& evaluation, std::optional<SplitSet> set, Console& console) {
  const PublishedCorrelation published;
  for (const EvaluationSummary& summary : evaluation.summaries) {
    if (set && summary.set != set) continue;
    const auto mean = [](const char* name, const CorrelationMean& value) {
      return std::string(name) + " r " + readable(value.skipping, 4) + " (undefined skipped), " +
             readable(value.asZero, 4) + " (undefined as 0), " + withThousands(value.undefined) +
             " of " + withThousands(value.entries) + " undefined";
    };
    console.print(std::string(summary.set ? splitSetName(*summary.set) : "all") + ", " +
                  std::string(geneSelectionName(summary.selection)) + ", " +
                  withThousands(summary.genes) +
                  " genes: " + mean("cross-gene", summary.crossGene) + "; " +
                  mean("cross-cell", summary.crossCell) + "\n");
  }
  console.print("For context, held-out genes of " + std::string(published.citation) +
                ": cross-gene r " + readable(published.crossGene) + ", cross-cell r " +
                readable(published.crossCell) + "\n");
}

void run(const Options& options, Console& console) {
  requireEnding(options.output, {".tsv", ".csv"});
  const auto cells = CellDataset::open(options.cells, console.progress().part(0, 0.1));
  for (const std::string& remark : cells->remarks()) console.note(remark);
  auto predicted = PredictedExpression::open(options.predicted, console.progress().part(0.1, 0.2));
  const GeneMajor::Options expression{
      options.layer, options.scale.value_or(usualTransform(*cells, options.layer))};
  const auto observed = GeneMajor::make(*cells, expression, console.progress().part(0.2, 0.5));
  const auto sets = options.split.empty() ? splitOf(*cells, console.progress())
                                          : readSplit(options.split, cells->genes());
  const GeneAliases aliases = options.aliases.empty()
                                  ? GeneAliases()
                                  : GeneAliases::read(options.aliases, console.progress());
  JoinedEvaluation joined = joinEvaluation(std::move(predicted), cells, observed, sets, aliases);
  joined.input.highlyCount = options.highly;
  console.note(joined.join.summary());
  console.note(joined.cellText);
  const Evaluation evaluation = evaluate(joined.input, console.progress().part(0.5, 0.9));
  const auto set = wantedSet(options);
  if (set && !evaluation.find(set))
    throw Error("SPLIT_EMPTY", printable(options.cells.string()),
                "no predicted gene is in the set '" + std::string(splitSetName(*set)) + "'.",
                "Give the sets with --split, or leave --set out.");

  Provenance provenance = console.provenance();
  provenance.add("predicted", options.predicted, console.progress());
  provenance.add("cells", options.cells, console.progress());
  if (!options.split.empty()) provenance.add("split", options.split, console.progress());
  if (!options.aliases.empty()) provenance.add("aliases", options.aliases, console.progress());
  provenance.formulas = {{"observed", "expression of layer " +
                                          (options.layer.empty() ? "X" : options.layer) + ", " +
                                          observed->unit()}};
  saveTable(options.output, evaluationTable(evaluation, set), provenance);
  saveTable(beside(options.output, "cells"), cellCorrelationTable(evaluation), provenance);
  saveTable(beside(options.output, "join"),
            geneJoinTable(joined.join, joined.names, cells->genes()), provenance);
  print(evaluation, set, console);
}

}  // namespace

Action declareEvaluate(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--predicted", options->predicted,
                 "Predicted expression: what `predict-cells` writes (.h5, .h5ad)")
      ->option_text("FILE")
      ->required();
  app.add_option("--cells", options->cells, "Observed expression (.h5ad, 10x .h5)")
      ->option_text("FILE")
      ->required();
  app.add_option("--layer", options->layer, "Layer of the observed expression (default: X)")
      ->option_text("NAME");
  addChoice(app, "--scale", options->scale, scales,
            "Observed expression as stored or as log1p of counts per 10,000; auto: counts become "
            "logarithms");
  addChoice(app, "--set", options->set, setNames, "Genes of one set alone");
  app.add_option("--split", options->split,
                 "Sets of genes: a table with columns group_id and set, as `windows --split` "
                 "writes (default: column enf_set, set or split of the gene table)")
      ->option_text("FILE");
  app.add_option("--aliases", options->aliases,
                 "Other names of genes: HGNC's table, two columns, or a Geneformer dictionary")
      ->option_text("FILE");
  app.add_option("--highly", options->highly,
                 "Genes that count as highly variable and expressed, where the dataset has no "
                 "such columns")
      ->option_text("N")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("-o", options->output,
                 "Output: .tsv or .csv of means and genes; beside it .cells and .join tables")
      ->option_text("FILE")
      ->required();
  app.footer(
      "Example, on the demo world:\n"
      "  cellocus-cli make-demo demo\n"
      "  cellocus-cli embed --enformer demo/trunk --genome demo/genome.fa --windows "
      "demo/windows.tsv "
      "-o emb.h5\n"
      "  cellocus-cli predict-cells --head demo/head.safetensors --embeddings emb.h5 -o pred.h5\n"
      "  cellocus-cli evaluate --predicted pred.h5 --cells demo/cells.h5ad -o metrics.tsv");
  return [options](Console& console) { run(*options, console); };
}

}  // namespace cellocus::cli
