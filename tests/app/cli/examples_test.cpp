// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "clirun.h"
#include "support/shared.h"

namespace cellocus {

using testing::CliResult;

namespace {

/// The command lines under "Example" in a command's help, without the program's name.
std::vector<std::vector<std::string>> examplesOf(const std::string& command) {
  std::vector<std::vector<std::string>> examples;
  std::istringstream help(testing::runCli({command, "--help"}).out);
  for (std::string line; std::getline(help, line);) {
    if (!line.starts_with("  cellocus-cli ")) continue;
    const auto words = split(trimmed(line), ' ');
    examples.emplace_back(words.begin() + 1, words.end());
  }
  return examples;
}

}  // namespace

TEST(CliExamples, EveryExampleOfTheHelpRunsOnTheDemoWorld) {
  const auto folder = testing::scratchFolder("examples");
  // The only file that a user brings along.
  std::ofstream(folder / "variants.vcf")
      << "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
      << "demo1\t150000\tv1\tA\tC\t.\t.\t.\n";
  std::vector<std::string> done;
  for (const char* command :
       {"make-demo", "info", "sequence", "predict", "windows", "embed", "merge", "train-head",
        "predict-cells", "evaluate", "variants", "verify-weights"}) {
    const auto examples = examplesOf(command);
    EXPECT_FALSE(examples.empty()) << command;
    for (const auto& example : examples) {
      std::string line;
      for (const std::string& word : example) line += word + ' ';
      // The world and the embeddings of a start are those of the next example too.
      if (std::ranges::find(done, line) != done.end()) continue;
      done.push_back(line);
      const CliResult result = testing::runCliIn(folder, example);
      EXPECT_EQ(result.status, 0) << line << '\n' << result.err;
    }
  }
  for (const char* made :
       {"demo/genome.fa", "tracks.tsv", "windows.tsv", "emb.h5", "head.training.tsv",
        "predicted.h5ad", "metrics.tsv", "metrics.cells.tsv", "effects.tsv"})
    EXPECT_TRUE(std::filesystem::exists(folder / made)) << made;
}

}  // namespace cellocus
