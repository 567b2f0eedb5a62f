// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/verifyweights.h"

#include <filesystem>
#include <memory>
#include <string>

#include "arguments.h"
#include "base/text.h"
#include "cells/celldataset.h"
#include "command.h"

namespace cellocus::cli {

namespace fs = std::filesystem;

namespace {

struct Options {
  fs::path enformer, genome, windows, embeddings;
  std::string gamma = "torch";  // all published embeddings of seq2cells were made with it
};

std::string report(const WeightCheck& check) {
  std::string text = "window\tlargest difference\tat channel\tcorrelation\n";
  for (const WeightCheck::Row& row : check.rows)
    text += printable(row.name) + '\t' + numberText(row.largest) + '\t' +
            std::to_string(row.channel) + '\t' + readable(row.correlation, 6) + '\n';
  text += "largest difference\t" + numberText(check.largest) + "\n";
  text += "limit\t" + numberText(WeightCheck::tolerance) + "\n";
  return text + "verdict\t" +
         (check.passed() ? "agrees with the published embeddings" : "other weights") + "\n";
}

void run(const Options& options, Console& console) {
  const Progress progress = console.progress();
  const auto windows = readQueryWindows(options.windows);
  const auto genome = Genome::open(options.genome, progress.part(0, 0.05));
  for (const std::string& remark : genome->remarks()) console.note(remark);
  const EmbeddingFile published = readEmbeddings(options.embeddings, progress.part(0.05, 0.1));
  const auto model = openTrunk(options.enformer, options.gamma, progress.part(0.1, 0.2));
  const WeightCheck check =
      verifyWeights(*model, *genome, windows, published.embedding, progress.part(0.2, 1));
  console.print(report(check));
  if (!check.passed())
    throw Error("WEIGHTS_DIFFER", printable(options.enformer.string()),
                "its embeddings differ from the published ones by up to " +
                    numberText(check.largest) + "; right weights stay below " +
                    numberText(WeightCheck::tolerance) + ".",
                "Check that the weights, the genome build (hg38) and --gamma are those of the "
                "publication.");
}

}  // namespace

Action declareVerifyWeights(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--enformer", options->enformer,
                 "Trunk to check: a folder with config.json and weights, or a weights file")
      ->option_text("MODEL")
      ->required();
  app.add_option("--genome", options->genome, "FASTA of the genome of the publication (hg38)")
      ->option_text("FILE")
      ->required();
  app.add_option("--windows", options->windows, "seq2cells query file of the start sites (TSV)")
      ->option_text("FILE")
      ->required();
  app.add_option("--embeddings", options->embeddings,
                 "Their published embeddings (.h5), one row a window, in the same order")
      ->option_text("FILE")
      ->required();
  app.add_option("--gamma", options->gamma, "Positional features: torch or tf")
      ->option_text("tf|torch")
      ->check(CLI::IsMember({"tf", "torch"}))
      ->capture_default_str();
  app.footer(
      "Prints the largest difference per window; exit status 3 if it is above 0.001.\n"
      "Example, on the demo world, whose trunk must agree with its own embeddings:\n"
      "  cellocus-cli make-demo demo\n"
      "  cellocus-cli embed --enformer demo/trunk --genome demo/genome.fa --windows "
      "demo/windows.tsv "
      "-o emb.h5\n"
      "  cellocus-cli verify-weights --enformer demo/trunk --genome demo/genome.fa --windows "
      "demo/windows.tsv --embeddings emb.h5");
  return [options](Console& console) { run(*options, console); };
}

}  // namespace cellocus::cli
