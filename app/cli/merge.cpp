// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "analysis/embeddingrun.h"
#include "arguments.h"
#include "base/text.h"
#include "cells/celldataset.h"
#include "cells/h5file.h"
#include "choice.h"
#include "command.h"
#include "embeddinglayout.h"

namespace cellocus::cli {

namespace fs = std::filesystem;

namespace {

struct Options {
  std::vector<fs::path> parts;
  EmbeddingLayout layout = EmbeddingLayout::Plain;
  fs::path output;
};

const Choices<EmbeddingLayout> layouts = {{"plain", EmbeddingLayout::Plain},
                                          {"pandas", EmbeddingLayout::Pandas}};

void run(const Options& options, Console& console) {
  requireEnding(options.output, {".h5"});
  Provenance provenance = console.provenance();
  std::vector<NamedEmbeddings> parts;
  std::vector<std::pair<std::string, std::string>> attributes;
  const double share = 1 / static_cast<double>(options.parts.size());
  for (std::size_t i = 0; i < options.parts.size(); ++i) {
    const fs::path& path = options.parts[i];
    const Progress progress =
        console.progress().part(static_cast<double>(i) * share, static_cast<double>(i + 1) * share);
    progress.at(0, path.filename().string());
    parts.push_back({path.string(), readEmbeddings(path, progress.part(0, 0.5))});
    provenance.add("part", path, progress.part(0.5, 1));
    attributes.emplace_back("part_" + std::to_string(i + 1),
                            H5File::open(path)->attribute("provenance", "provenance").value_or(""));
  }
  const EmbeddingFile joined = joinParts(parts);
  attributes.emplace_back("provenance", provenance.json().dump());
  writeEmbeddings(options.output, joined, attributes, options.layout);
}

}  // namespace

void addLayoutOption(CLI::App& app, EmbeddingLayout& layout) {
  addChoice(app, "--layout", layout, layouts,
            "plain: with the genes' names; pandas: the layout that seq2cells reads, rows in the "
            "order of the windows");
}

Action declareMerge(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("PART", options->parts, "Outputs of 'embed --shard', all of one run, in any order")
      ->required();
  addLayoutOption(app, options->layout);
  app.add_option("-o", options->output, "Output, .h5, as 'embed' writes it")
      ->option_text("FILE")
      ->required();
  app.footer(
      "Example, on the demo world:\n"
      "  cellocus-cli make-demo demo\n"
      "  cellocus-cli embed --enformer demo/trunk --genome demo/genome.fa --windows "
      "demo/windows.tsv --shard 1/2 -o part1.h5\n"
      "  cellocus-cli embed --enformer demo/trunk --genome demo/genome.fa --windows "
      "demo/windows.tsv --shard 2/2 -o part2.h5\n"
      "  cellocus-cli merge part1.h5 part2.h5 -o emb.h5");
  return [options](Console& console) { run(*options, console); };
}

}  // namespace cellocus::cli
