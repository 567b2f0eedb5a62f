// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "clirun.h"
#include "support/shared.h"

namespace cellocus {

namespace fs = std::filesystem;
using testing::CliResult;
using testing::runCli;

namespace {

class CliSequence : public ::testing::Test {
 protected:
  CliSequence() { testing::writeFasta(folder / "g.fa", "chr1", bases); }

  CliResult sequence(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"sequence", "--genome", folder / "g.fa"});
    return runCli(arguments);
  }
  fs::path write(const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
    return folder / name;
  }

  const fs::path folder = testing::scratchFolder("sequence");
  const std::string bases = testing::randomBases(500, 3);
};

constexpr const char* vcfHead =
    "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";

}  // namespace

TEST_F(CliSequence, LociOfPeopleAreOneBasedAndInclusive) {
  const CliResult result = sequence({"chr1:11-20"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, ">chr1:11-20\n" + bases.substr(10, 10) + "\n");
}

TEST_F(CliSequence, LinesBreakAtSixtyBases) {
  const CliResult result = sequence({"1:1-130"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, ">chr1:1-130\n" + bases.substr(0, 60) + "\n" + bases.substr(60, 60) + "\n" +
                            bases.substr(120, 10) + "\n");
}

TEST_F(CliSequence, BedLinesAreZeroBasedAndKeepTheirOrder) {
  const CliResult result = sequence(
      {"--bed", write("a.bed", "track name=x\nchr1\t400\t410\tb\n# note\nchr1\t0\t5\ta\n")});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, ">chr1:401-410\n" + bases.substr(400, 10) + "\n>chr1:1-5\n" +
                            bases.substr(0, 5) + "\n");
}

TEST_F(CliSequence, ABedLineBeyondTheContigNamesTheLine) {
  const CliResult result = sequence({"--bed", write("a.bed", "chr1\t0\t5\nchr1\t490\t600\n")});
  EXPECT_EQ(result.status, 3);
  EXPECT_NE(result.err.find("line 2"), std::string::npos) << result.err;
  EXPECT_TRUE(result.out.empty());
}

TEST_F(CliSequence, ABedLineThatIsNoneNamesTheLine) {
  for (const char* line :
       {"chr1\t5\n", "chr1\t5\t5\n", "chr1\tfive\t9\n", "chr1\t-5\t9\n", "chr1 5 9\n"}) {
    const CliResult result = sequence({"--bed", write("a.bed", line)});
    EXPECT_EQ(result.status, 3) << line;
    EXPECT_NE(result.err.find("line 1"), std::string::npos) << result.err;
  }
}

TEST_F(CliSequence, EditsAreMadeAndNamed) {
  const std::string alt = bases[14] == 'A' ? "C" : "A";
  const auto vcf = write(
      "e.vcf", vcfHead + std::string("chr1\t15\t.\t") + bases[14] + "\t" + alt + "\t.\t.\t.\n");
  const CliResult result = sequence({"chr1:11-20", "chr1:101-105", "--edits", vcf});
  ASSERT_EQ(result.status, 0) << result.err;
  std::string edited = bases.substr(10, 10);
  edited[4] = alt[0];
  EXPECT_NE(result.out.find(edited), std::string::npos) << result.out;
  EXPECT_NE(result.out.find(std::string("g.15") + bases[14] + ">" + alt), std::string::npos)
      << result.out;
  EXPECT_NE(result.out.find(">chr1:101-105\n"), std::string::npos) << result.out;
}

TEST_F(CliSequence, AFileComesWithItsProvenance) {
  const CliResult result = sequence({"chr1:1-10", "-o", folder / "out.fa"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(testing::fileText(folder / "out.fa"), ">chr1:1-10\n" + bases.substr(0, 10) + "\n");
  const auto provenance = nlohmann::json::parse(testing::fileText(folder / "out.fa.json"));
  EXPECT_EQ(provenance["files"][0]["role"], "genome");
}

TEST_F(CliSequence, NeitherLociNorBedIsWrongUsage) {
  EXPECT_EQ(sequence({}).status, 2);
  EXPECT_EQ(sequence({"chr1:1-2", "--bed", write("a.bed", "chr1\t0\t5\n")}).status, 2);
}

TEST_F(CliSequence, AnUnknownContigIsBadInput) {
  const CliResult result = sequence({"chr8:1-10"});
  EXPECT_EQ(result.status, 3);
  EXPECT_NE(result.err.find("chr8"), std::string::npos) << result.err;
}

}  // namespace cellocus
