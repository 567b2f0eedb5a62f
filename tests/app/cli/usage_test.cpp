// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "clirun.h"
#include "support/shared.h"

namespace cellocus {

using testing::CliResult;
using testing::runCli;

namespace {

constexpr const char* commands[] = {"make-demo", "info",     "sequence",      "predict",
                                    "windows",   "embed",    "merge",         "predict-cells",
                                    "evaluate",  "variants", "verify-weights"};

std::vector<std::string> predictE1(const std::filesystem::path& output) {
  return {"predict",
          "--enformer",
          testing::dataPath("enformer/E1_tiny"),
          "--fasta",
          testing::tinySequences(testing::scratchFolder("usage-input")),
          "-o",
          output};
}

}  // namespace

TEST(CliUsage, EveryCommandHasHelpWithAnExample) {
  const CliResult all = runCli({"--help"});
  EXPECT_EQ(all.status, 0);
  for (const char* command : commands) {
    EXPECT_NE(all.out.find(command), std::string::npos) << command;
    const CliResult help = runCli({command, "--help"});
    EXPECT_EQ(help.status, 0) << command;
    EXPECT_NE(help.out.find("Example"), std::string::npos) << command;
    EXPECT_NE(help.out.find("--threads"), std::string::npos) << command;
    EXPECT_NE(help.out.find("cellocus-cli " + std::string(command)), std::string::npos) << command;
  }
}

TEST(CliUsage, CommandsThatDoNotExistAreNotListed) {
  const CliResult all = runCli({"--help"});
  for (const char* command : {"ism", "perturb", "tokenize"})
    EXPECT_EQ(all.out.find(command), std::string::npos) << command;
}

TEST(CliUsage, SaysItsVersion) {
  const CliResult result = runCli({"--version"});
  EXPECT_EQ(result.status, 0);
  EXPECT_TRUE(result.out.starts_with("cellocus ")) << result.out;
}

TEST(CliUsage, WrongUsageIsStatusTwoAndNamesWhatIsWrong) {
  EXPECT_EQ(runCli({}).status, 2);
  EXPECT_EQ(runCli({"fly"}).status, 2);
  const CliResult missing = runCli({"predict", "-o", "x.h5"});
  EXPECT_EQ(missing.status, 2);
  EXPECT_NE(missing.err.find("--enformer"), std::string::npos) << missing.err;
  const CliResult threads = runCli({"info", "--threads", "many", "x"});
  EXPECT_EQ(threads.status, 2);
  EXPECT_NE(threads.err.find("--threads"), std::string::npos) << threads.err;
  const CliResult ending = runCli(predictE1("x.xlsx"));
  EXPECT_EQ(ending.status, 2);
  EXPECT_NE(ending.err.find(".h5"), std::string::npos) << ending.err;
  EXPECT_TRUE(ending.out.empty());
}

TEST(CliUsage, BadInputIsStatusThreeAndOneSentence) {
  const CliResult result = runCli({"info", "no/such/file.fa"});
  EXPECT_EQ(result.status, 3);
  EXPECT_NE(result.err.find("no/such/file.fa"), std::string::npos) << result.err;
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  EXPECT_TRUE(result.out.empty());
}

TEST(CliUsage, AnUnwritablePlaceIsAnErrorAndLeavesNothing) {
  const auto folder = testing::scratchFolder("usage");
  const CliResult result = runCli(predictE1(folder / "no" / "such" / "out.h5"));
  EXPECT_EQ(result.status, 3) << result.err;
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST(CliUsage, ProgressAsJsonIsOneObjectALine) {
  const auto folder = testing::scratchFolder("usage");
  auto arguments = predictE1(folder / "out.h5");
  arguments.insert(arguments.end(), {"--progress", "json"});
  const CliResult result = runCli(arguments);
  ASSERT_EQ(result.status, 0) << result.err;
  std::istringstream lines(result.err);
  double last = 0;
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto object = nlohmann::json::parse(line, nullptr, false);
    ASSERT_TRUE(object.is_object()) << line;
    EXPECT_EQ(object["job"], "predict");
    EXPECT_TRUE(object.contains("step") && object.contains("eta_s"));
    EXPECT_GE(object["fraction"].get<double>(), 0);
    EXPECT_LE(object["fraction"].get<double>(), 1);
    last = object["fraction"].get<double>();
  }
  EXPECT_GT(count, 1);
  EXPECT_EQ(last, 1);
}

TEST(CliUsage, QuietWritesNothingButErrors) {
  const auto folder = testing::scratchFolder("usage");
  auto arguments = predictE1(folder / "out.h5");
  arguments.push_back("--quiet");
  const CliResult result = runCli(arguments);
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.out, "");
}

TEST(CliUsage, ASignalStopsWithStatusFourAndNoHalfFile) {
  const auto folder = testing::scratchFolder("usage");
  // Long enough to be still at work when the signal comes.
  const std::string window = testing::randomBases(196'608, 1);
  std::ofstream fasta(folder / "many.fa");
  for (int i = 0; i < 100; ++i) fasta << ">w" << i << '\n' << window << '\n';
  fasta.close();
  for (const int signal : {SIGTERM, SIGINT}) {
    const CliResult result = testing::runCliAndSignal(
        {"predict", "--enformer", testing::dataPath("enformer/E1_tiny"), "--fasta",
         folder / "many.fa", "-o", folder / "out.h5", "--progress", "json"},
        signal);
    EXPECT_EQ(result.status, 4) << result.err;
    EXPECT_NE(result.err.find("stopped"), std::string::npos) << result.err;
    EXPECT_FALSE(std::filesystem::exists(folder / "out.h5"));
  }
}

}  // namespace cellocus
