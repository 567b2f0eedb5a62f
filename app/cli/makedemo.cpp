// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "analysis/predictor.h"
#include "cells/celldataset.h"
#include "command.h"
#include "demo/demoworld.h"
#include "demo/realhead.h"
#include "genome/annotation.h"
#include "genome/genome.h"

namespace cellocus::cli {

namespace fs = std::filesystem;

namespace {

struct Options {
  fs::path folder, realCells, realGenome;
  std::vector<fs::path> realAnnotations;
  DemoOptions demo;

  bool hasReal() const { return !realCells.empty(); }
};

/// Fits a head to real cells with the demo's trunk, so that the whole chain can be walked on real
/// input too.
void makeRealHead(const Options& options, Console& console, const Progress& progress) {
  const auto genome = Genome::open(options.realGenome, progress.part(0, 0.05));
  std::vector<std::shared_ptr<const Annotation>> annotations;
  for (const fs::path& path : options.realAnnotations)
    annotations.push_back(Annotation::open(path, progress.part(0.05, 0.1)));
  const auto annotation = Annotation::merged(annotations);
  const auto cells = CellDataset::open(options.realCells, progress.part(0.1, 0.2));
  const Predictor predictor(
      Enformer::open(demoFiles(options.folder).trunk, progress.part(0.2, 0.25)));
  const Emb2Cell head =
      fitRealHead({*genome, *annotation, *cells, predictor}, progress.part(0.25, 1));
  head.save(options.folder / "real-head.safetensors");
  console.note(head.parts().label);
}

void run(const Options& options, Console& console) {
  if (options.hasReal() != !options.realGenome.empty() ||
      options.hasReal() != !options.realAnnotations.empty())
    throw UsageError("--real-cells, --real-genome and --real-annotation belong together.");
  const double share = options.hasReal() ? 0.4 : 1;
  makeDemo(options.folder, options.demo, console.progress().part(0, share));
  if (options.hasReal()) makeRealHead(options, console, console.progress().part(share, 1));
}

}  // namespace

Action declareMakeDemo(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("DIR", options->folder, "Folder to make")->required();
  app.add_option("--seed", options->demo.seed,
                 "Seed of the world; the same seed makes the same files")
      ->option_text("N")
      ->capture_default_str();
  app.add_option_function<std::string>(
         "--motifs", [options](const std::string& path) { options->demo.motifs = path; },
         "Motifs of the trunk as a MEME or JASPAR file (default: textbook consensus sites)")
      ->option_text("FILE");
  app.add_option("--real-cells", options->realCells,
                 "Real cells (.h5ad): a head is fitted to them too, with the demo's trunk, as "
                 "DIR/real-head.safetensors")
      ->option_text("FILE");
  app.add_option("--real-genome", options->realGenome, "FASTA of their genome")
      ->option_text("FILE");
  app.add_option("--real-annotation", options->realAnnotations, "GTF, GFF3 or MANE summary of it")
      ->option_text("FILE...");
  app.footer("Everything in the demo world is synthetic. Example:\n  cellocus-cli make-demo demo");
  return [options](Console& console) { run(*options, console); };
}

}  // namespace cellocus::cli
