// SPDX-License-Identifier: GPL-3.0-or-later
// embed that is stopped and goes on, that is shared among machines, and that writes pandas' layout.
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "cells/celldataset.h"
#include "clirun.h"
#include "support/golden.h"
#include "support/shared.h"

namespace cellocus {

namespace fs = std::filesystem;
using testing::CliResult;
using testing::runCli;

namespace {

constexpr std::int64_t windowLength = 65'536, windowCount = 40;

class CliResume : public ::testing::Test {
 protected:
  CliResume() {
    testing::writeFasta(folder / "g.fa", "chr1", testing::randomBases(100'000, 5));
    trunk = testing::tinyTrunk(folder, windowLength);
    std::ofstream windows(folder / "w.tsv");
    windows << testing::queryColumns();
    for (std::int64_t i = 0; i < windowCount; ++i) {
      const std::int64_t start = 1 + 800 * i;
      windows << "chr1\t" << start << '\t' << start + windowLength - 1 << "\t+\tG" << i << "_0\tG"
              << i << "\tS" << i << "\t0\t1\t0\t['+']\t" << start << "\t20\n";
    }
  }

  std::vector<std::string> arguments(const std::string& output,
                                     const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {
        "embed",     "--enformer",     trunk, "--genome",     folder / "g.fa",
        "--windows", folder / "w.tsv", "-o",  folder / output};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  CliResult embed(const std::string& output, const std::vector<std::string>& more = {}) const {
    return runCli(arguments(output, more));
  }
  CliResult merge(const std::vector<std::string>& parts, const std::string& output,
                  const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {"merge"};
    for (const std::string& part : parts) all.push_back(folder / part);
    all.insert(all.end(), {"-o", folder / output});
    all.insert(all.end(), more.begin(), more.end());
    return runCli(all);
  }
  bool hasRows(const std::string& output) const {
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator(folder / (output + ".part"), missing))
      if (entry.path().filename().string().starts_with("rows-")) return true;
    return false;
  }
  EmbeddingFile read(const std::string& output) const { return readEmbeddings(folder / output); }

  const fs::path folder = testing::scratchFolder("resume");
  fs::path trunk;
};

}  // namespace

TEST_F(CliResume, GoesOnAfterAKill) {
  const CliResult killed =
      testing::runCliAndSignal(arguments("emb.h5"), SIGKILL, [this] { return hasRows("emb.h5"); });
  ASSERT_EQ(killed.status, 128 + SIGKILL) << "it was done before it could be killed";
  EXPECT_FALSE(fs::exists(folder / "emb.h5"));
  const CliResult resumed = embed("emb.h5");
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_NE(resumed.err.find(" of 40 rows were there from an earlier run"), std::string::npos)
      << resumed.err;
  EXPECT_FALSE(fs::exists(folder / "emb.h5.part"));
  ASSERT_EQ(embed("whole.h5").status, 0);
  EXPECT_EQ(read("emb.h5").embedding, read("whole.h5").embedding);
  EXPECT_EQ(read("emb.h5").geneIds, read("whole.h5").geneIds);
}

TEST_F(CliResume, AStopSaysHowToGoOnAndOtherInputsAreRefused) {
  const CliResult stopped =
      testing::runCliAndSignal(arguments("emb.h5"), SIGTERM, [this] { return hasRows("emb.h5"); });
  ASSERT_EQ(stopped.status, 4) << stopped.err;
  EXPECT_NE(stopped.err.find("the same command goes on there"), std::string::npos) << stopped.err;
  const CliResult other = embed("emb.h5", {"--add-bins", "1", "--gamma", "tf"});
  EXPECT_EQ(other.status, 3);
  EXPECT_NE(other.err.find("gamma (there 'torch', now 'tf')"), std::string::npos) << other.err;
  EXPECT_NE(other.err.find("1 neighbours"), std::string::npos) << other.err;
  EXPECT_TRUE(hasRows("emb.h5"));
}

TEST_F(CliResume, PartsAreTheWhole) {
  ASSERT_EQ(embed("whole.h5").status, 0);
  for (const std::string number : {"1", "2", "3"}) {
    const CliResult part = embed("p" + number + ".h5", {"--shard", number + "/3"});
    ASSERT_EQ(part.status, 0) << part.err;
  }
  EXPECT_EQ(read("p2.h5").geneIds.front(), "G13");
  const CliResult merged = merge({"p3.h5", "p1.h5", "p2.h5"}, "merged.h5");
  ASSERT_EQ(merged.status, 0) << merged.err;
  const EmbeddingFile whole = read("whole.h5"), joined = read("merged.h5");
  EXPECT_EQ(joined.embedding, whole.embedding);
  EXPECT_EQ(joined.geneIds, whole.geneIds);
  EXPECT_EQ(joined.windows, whole.windows);
  EXPECT_EQ(joined.gamma, "torch");
  EXPECT_FALSE(joined.part);
  EXPECT_NE(testing::goldenAttribute(folder / "merged.h5", "provenance", "part_1").find("genome"),
            std::string::npos);
  EXPECT_EQ(merge({"p1.h5", "p3.h5"}, "no.h5").status, 3);
  EXPECT_EQ(merge({"p1.h5", "p2.h5", "p2.h5", "p3.h5"}, "no.h5").status, 3);
  EXPECT_EQ(merge({"whole.h5"}, "no.h5").status, 3);
  ASSERT_EQ(embed("p2.h5", {"--shard", "2/3", "--add-bins", "1"}).status, 0);
  const CliResult mixed = merge({"p1.h5", "p2.h5", "p3.h5"}, "no.h5");
  EXPECT_EQ(mixed.status, 3);
  EXPECT_NE(mixed.err.find("p2.h5"), std::string::npos) << mixed.err;
  EXPECT_FALSE(fs::exists(folder / "no.h5"));
}

TEST_F(CliResume, WritesPandasLayout) {
  ASSERT_EQ(embed("whole.h5").status, 0);
  const CliResult result = embed("pandas.h5", {"--layout", "pandas"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(read("pandas.h5").embedding, read("whole.h5").embedding);
  EXPECT_EQ(read("pandas.h5").gamma, "torch");
  EXPECT_EQ(testing::goldenAttribute(folder / "pandas.h5", "emb", "pandas_type"), "frame");
  EXPECT_NE(testing::goldenAttribute(folder / "pandas.h5", "/", "provenance").find("sha256"),
            std::string::npos);
}

TEST_F(CliResume, PartsThatCannotBeAreWrongUsage) {
  for (const std::string shard : {"0/3", "4/3", "1", "1/2/3", "a/b", "1/41"})
    EXPECT_EQ(embed("x.h5", {"--shard", shard}).status, 2) << shard;
  EXPECT_EQ(embed("x.h5", {"--shard", "1/2", "--layout", "pandas"}).status, 2);
}

}  // namespace cellocus
