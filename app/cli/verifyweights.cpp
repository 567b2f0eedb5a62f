// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/verifyweights.h"

#include <filesystem>
#include <memory>
#include <string>

#include "arguments.h"
#include "base/text.h"
#include "command.h"

namespace cellocus::cli {

namespace fs = std::filesystem;

namespace {

struct Options {
  fs::path enformer, genome, windows, embeddings;
  std::string gamma = "torch";  // all published embeddings of seq2cells were made with it
};

std::string resultText(WeightCheck::Result result) {
  if (result == WeightCheck::Result::NotChecked) return "not checked";
  return result == WeightCheck::Result::Agrees ? "agrees" : "differs";
}

std::string verdictText(const WeightCheck& check) {
  if (check.passed()) return "agrees with the published embeddings";
  return check.count(WeightCheck::Result::Differs) > 0 ? "other weights" : "not checked";
}

std::string report(const WeightCheck& check) {
  std::string text = "window\tresult\tlargest difference\tat channel\tcorrelation\n";
  for (const WeightCheck::Row& row : check.rows) {
    text += printable(row.window.name) + '\t' + resultText(row.result);
    text += row.result == WeightCheck::Result::NotChecked
                ? "\tNA\tNA\tNA\n"
                : '\t' + numberText(row.largest) + '\t' + std::to_string(row.channel) + '\t' +
                      readable(row.correlation, 6) + '\n';
  }
  text += "largest difference\t" + numberText(check.largest) + "\n";
  text += "limit\t" + numberText(WeightCheck::tolerance) + "\n";
  return text + "verdict\t" + verdictText(check) + "\n";
}

void requireAgreement(const WeightCheck& check, const Options& options) {
  if (check.passed()) return;
  if (check.count(WeightCheck::Result::Differs) == 0)
    throw Error("WEIGHTS_UNCHECKED", printable(options.genome.string()),
                "it knows less than half of the bases of each of these windows.",
                "Use the whole genome of the publication (hg38).");
  throw Error("WEIGHTS_DIFFER", printable(options.enformer.string()),
              "its embeddings differ from the published ones by up to " +
                  numberText(check.largest) + "; right weights stay below " +
                  numberText(WeightCheck::tolerance) + ".",
              "Check that the weights, the genome build (hg38) and --gamma are those of the "
              "publication.");
}

void run(const Options& options, Console& console) {
  const Progress progress = console.progress();
  const auto genome = Genome::open(options.genome, progress.part(0, 0.05));
  for (const std::string& remark : genome->remarks()) console.note(remark);
  const PublishedEmbeddings published =
      readPublished(options.windows, options.embeddings, progress.part(0.05, 0.1));
  const auto model =
      Enformer::open(options.enformer, {.gamma = gammaOf(options.gamma)}, progress.part(0.1, 0.2));
  const WeightCheck check = verifyWeights(*model, *genome, published, progress.part(0.2, 1));
  console.print(report(check));
  requireAgreement(check, options);
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
