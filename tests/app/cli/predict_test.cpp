// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/file.h"
#include "base/text.h"
#include "clirun.h"
#include "models/enformer.h"
#include "nn/packedproduct.h"
#include "support/golden.h"
#include "support/shared.h"

namespace cellocus {

namespace fs = std::filesystem;
using testing::CliResult;
using testing::goldenArray;
using testing::runCli;

namespace {

/// The tolerance that the golden cases give for float32.
constexpr double tolerance = 3e-4;

class CliPredict : public ::testing::Test {
 protected:
  const fs::path folder = testing::scratchFolder("predict");
  const fs::path golden = testing::dataPath("enformer/E1_tiny/expected.h5");

  CliResult predict(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "predict");
    return runCli(arguments);
  }
  std::vector<std::string> fromRecords(const std::string& output) const {
    return {"--enformer", testing::dataPath("enformer/E1_tiny"),
            "--fasta",    testing::tinySequences(folder),
            "-o",         folder / output};
  }
  /// A genome of random bases and the tiny trunk with windows of 8,192 bp.
  std::vector<std::string> fromGenome(const std::string& output) const {
    testing::writeFasta(folder / "genome.fa", "chr1", testing::randomBases(20'000, 7));
    return {"--enformer",   testing::tinyTrunk(folder), "--genome", folder / "genome.fa", "-o",
            folder / output};
  }
};

std::vector<std::string> operator+(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<std::string> dataLines(const fs::path& path) {
  std::vector<std::string> lines;
  std::istringstream text(testing::fileText(path));
  for (std::string line; std::getline(text, line);)
    if (!line.starts_with('#')) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_F(CliPredict, AgreesWithTheOriginalOnEveryRecord) {
  const CliResult result =
      predict(fromRecords("out.h5") + std::vector<std::string>{"--gamma", "torch"});
  ASSERT_EQ(result.status, 0) << result.err;
  for (const std::string record : {"e1_plain", "e1_withN", "e1_softmask", "e1_iupac"})
    for (const std::string what : {"embedding", "human", "mouse"}) {
      SCOPED_TRACE(record + "/" + what);
      EXPECT_TRUE(testing::within(goldenArray(folder / "out.h5", record + "/" + what).matrix(),
                                  goldenArray(golden, "sequences/" + record + "/" + what).matrix(),
                                  tolerance));
    }
  EXPECT_EQ(testing::goldenAttribute(folder / "out.h5", "e1_plain", "gamma"), "torch");
  EXPECT_EQ(testing::goldenAttribute(folder / "out.h5", "e1_plain", "bin_size"), "128");
  EXPECT_EQ(testing::goldenAttribute(folder / "out.h5", "e1_plain", "start"), "1536");
  EXPECT_EQ(testing::goldenAttribute(folder / "out.h5", "e1_plain", "contig"), "e1_plain");
}

TEST_F(CliPredict, WritesTheTowerAndEveryTransformerBlock) {
  const CliResult result =
      predict(fromRecords("out.h5") + std::vector<std::string>{"--what", "tower,layers,embedding"});
  ASSERT_EQ(result.status, 0) << result.err;
  const auto same = [&](const std::string& ours, const std::string& original) {
    return testing::within(goldenArray(folder / "out.h5", "e1_plain/" + ours).matrix(),
                           goldenArray(golden, "sequences/e1_plain/" + original).matrix(),
                           tolerance);
  };
  EXPECT_TRUE(same("tower", "transformer_in"));
  EXPECT_TRUE(same("layer_0", "transformer_0"));
  EXPECT_TRUE(same("layer_1", "transformer_1"));
  EXPECT_TRUE(same("embedding", "embedding"));
  EXPECT_FALSE(testing::goldenHas(folder / "out.h5", "e1_plain/human"));
}

TEST_F(CliPredict, ChoosesTracksAndBins) {
  const CliResult result =
      predict(fromRecords("out.h5") +
              std::vector<std::string>{"--tracks", "human:3,7-8,mouse:1", "--bins", "17-18"});
  ASSERT_EQ(result.status, 0) << result.err;
  const Matrix human = goldenArray(golden, "sequences/e1_plain/human").matrix();
  Matrix expected(2, 3);
  expected << human.block(17, 3, 2, 1), human.block(17, 7, 2, 2);
  EXPECT_TRUE(testing::within(goldenArray(folder / "out.h5", "e1_plain/human").matrix(), expected,
                              tolerance));
  EXPECT_EQ(goldenArray(folder / "out.h5", "e1_plain/human_tracks").values,
            (std::vector<double>{3, 7, 8}));
  EXPECT_EQ(goldenArray(folder / "out.h5", "e1_plain/mouse").shape,
            (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(testing::goldenAttribute(folder / "out.h5", "e1_plain", "start"),
            std::to_string(1536 + 17 * 128));
}

TEST_F(CliPredict, TableHasOneLineABinInCoordinatesOfPeople) {
  const CliResult result =
      predict(fromGenome("out.tsv") +
              std::vector<std::string>{"--locus", "chr1:10,001", "--tracks", "human:2"});
  ASSERT_EQ(result.status, 0) << result.err;
  const auto lines = dataLines(folder / "out.tsv");
  ASSERT_EQ(lines.size(), 41u);
  EXPECT_EQ(lines[0], "record\tcontig\tstart\tend\thuman:2");
  const auto first = split(lines[1], '\t'), second = split(lines[2], '\t');
  EXPECT_EQ(parseInteger(first[3]).value() - parseInteger(first[2]).value(), 127);
  EXPECT_EQ(parseInteger(second[2]).value() - parseInteger(first[3]).value(), 1);
  // Position 10,000 (0-based) is the middle of bin 20 of 40, as in seq2cells.
  const auto central = split(lines[21], '\t');
  EXPECT_EQ(parseInteger(central[2]).value(), 10'000 - 64 + 1);
  const std::string text = testing::fileText(folder / "out.tsv");
  for (const char* fact : {"# command: cellocus-cli predict", "# trunk file: ", "SHA-256 ",
                           "# genome file: ", "# contig: chr1 (20,000 bp)",
                           "# haplotype: reference", "# label: Random weights."})
    EXPECT_NE(text.find(fact), std::string::npos) << fact;
}

TEST_F(CliPredict, BedGraphHoldsTheSameNumbersAsTheTable) {
  const auto arguments = std::vector<std::string>{"--locus", "chr1:10,001", "--tracks", "human:2"};
  ASSERT_EQ(predict(fromGenome("out.tsv") + arguments).status, 0);
  ASSERT_EQ(predict(fromGenome("out.bedgraph") + arguments).status, 0);
  const auto table = dataLines(folder / "out.tsv"), graph = dataLines(folder / "out.bedgraph");
  ASSERT_EQ(graph.size() + 1, table.size());
  for (std::size_t i = 0; i < graph.size(); ++i) {
    const auto row = split(table[i + 1], '\t'), bin = split(graph[i], '\t');
    EXPECT_EQ(bin[0], "chr1");
    EXPECT_EQ(parseInteger(bin[1]).value() + 1, parseInteger(row[2]).value());
    EXPECT_EQ(bin[2], row[3]);
    EXPECT_EQ(bin[3], row[4]);
  }
}

TEST_F(CliPredict, AnEditChangesThePredictionAndIsNamed) {
  const auto locus = std::vector<std::string>{"--locus", "chr1:10,001", "--tracks", "human:2"};
  ASSERT_EQ(predict(fromGenome("ref.tsv") + locus).status, 0);
  const char ref = testing::randomBases(20'000, 7)[9'999];
  const char alt = ref == 'G' ? 'A' : 'G';
  std::ofstream(folder / "edit.vcf")
      << "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
      << "chr1\t10000\t.\t" << ref << '\t' << alt << "\t.\t.\t.\n";
  const CliResult result = predict(fromGenome("alt.tsv") + locus +
                                   std::vector<std::string>{"--edits", folder / "edit.vcf"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_NE(dataLines(folder / "alt.tsv"), dataLines(folder / "ref.tsv"));
  const std::string name = std::string("g.10000") + ref + ">" + alt;
  EXPECT_NE(testing::fileText(folder / "alt.tsv").find(name), std::string::npos);
}

TEST_F(CliPredict, BFloat16IsNearFloat32AndNamed) {
  if (!nn::canMultiply(Precision::BFloat16)) GTEST_SKIP() << "this processor has no bfloat16";
  ASSERT_EQ(predict(fromRecords("exact.h5")).status, 0);
  const CliResult result =
      predict(fromRecords("rough.h5") + std::vector<std::string>{"--precision", "bfloat16"});
  ASSERT_EQ(result.status, 0) << result.err;
  const Matrix exact = goldenArray(folder / "exact.h5", "e1_plain/human").matrix();
  const Matrix rough = goldenArray(folder / "rough.h5", "e1_plain/human").matrix();
  EXPECT_GT((rough - exact).norm(), 0);
  EXPECT_LT((rough - exact).norm(), 0.08 * exact.norm());
  const auto precisionOf = [&](const char* name) {
    return nlohmann::json::parse(testing::goldenAttribute(folder / name, "/", "provenance"))
        .at("precision");
  };
  EXPECT_EQ(precisionOf("exact.h5"), "float32");
  EXPECT_EQ(precisionOf("rough.h5"), "bfloat16");
}

TEST_F(CliPredict, BFloat16IsRefusedForEdits) {
  if (!nn::canMultiply(Precision::BFloat16)) GTEST_SKIP() << "this processor has no bfloat16";
  const char ref = testing::randomBases(20'000, 7)[9'999];
  const std::string edit = std::string("chr1:10,000 ") + ref + ">" + (ref == 'G' ? "A" : "G");
  const CliResult exact =
      predict(fromGenome("exact.tsv") + std::vector<std::string>{"--locus", edit});
  ASSERT_EQ(exact.status, 0) << exact.err;
  const CliResult result =
      predict(fromGenome("rough.tsv") +
              std::vector<std::string>{"--locus", edit, "--precision", "bfloat16"});
  EXPECT_EQ(result.status, 3);
  EXPECT_NE(result.err.find("Predict edits in float32."), std::string::npos) << result.err;
  EXPECT_FALSE(fs::exists(folder / "rough.tsv"));
}

TEST_F(CliPredict, ARefThatIsNotTheGenomesIsRefused) {
  const char ref = testing::randomBases(20'000, 7)[9'999];
  std::ofstream(folder / "edit.vcf")
      << "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
      << "chr1\t10000\t.\t" << (ref == 'C' ? 'A' : 'C') << "\tT\t.\t.\t.\n";
  const CliResult result =
      predict(fromGenome("alt.tsv") +
              std::vector<std::string>{"--locus", "chr1:10,001", "--edits", folder / "edit.vcf"});
  EXPECT_EQ(result.status, 3);
  EXPECT_NE(result.err.find("10,000"), std::string::npos) << result.err;
  EXPECT_FALSE(fs::exists(folder / "alt.tsv"));
}

TEST_F(CliPredict, UnknownContigIsBadInput) {
  const CliResult result =
      predict(fromGenome("out.tsv") + std::vector<std::string>{"--locus", "chr99:5"});
  EXPECT_EQ(result.status, 3);
  EXPECT_NE(result.err.find("chr99"), std::string::npos) << result.err;
}

TEST_F(CliPredict, WhatTheModelDoesNotHaveIsWrongUsage) {
  using List = std::vector<std::string>;
  for (const List& wrong :
       {List{"--tracks", "human:12"}, List{"--tracks", "fly:0"}, List{"--bins", "40-41"},
        List{"--bins", "5-3"}, List{"--what", "everything"}, List{"--tracks", "1,,2"},
        List{"--precision", "half"}}) {
    const CliResult result = predict(fromRecords("out.h5") + wrong);
    EXPECT_EQ(result.status, 2) << wrong[1] << ": " << result.err;
    EXPECT_NE(result.err.find(wrong[0]), std::string::npos) << result.err;
  }
  EXPECT_EQ(predict(fromRecords("out.tsv") + List{"--what", "embedding"}).status, 2);
  EXPECT_EQ(predict(fromRecords("out.bedgraph")).status, 2);
  EXPECT_EQ(predict(fromRecords("out.h5") + List{"--locus", "chr1:1"}).status, 2);
}

TEST_F(CliPredict, TracksHaveTheNamesOfATrackFile) {
  std::ofstream names(folder / "targets.txt");
  names << "index\tgenome\tidentifier\tdescription\n";
  for (int i = 0; i < 12; ++i) names << i << "\t0\tX" << i << "\tDNASE:cell " << i << '\n';
  names.close();
  const CliResult result = predict(
      fromRecords("out.tsv") +
      std::vector<std::string>{"--track-file", folder / "targets.txt", "--tracks", "dnase:cell 4"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(split(dataLines(folder / "out.tsv")[0], '\t').back(), "human:4 DNASE:cell 4");
}

TEST_F(CliPredict, ATruncatedWeightsFileIsBadInput) {
  const fs::path trunk = testing::tinyTrunk(folder);
  fs::resize_file(trunk / "model.safetensors", fs::file_size(trunk / "model.safetensors") / 2);
  const CliResult result = predict(
      {"--enformer", trunk, "--fasta", testing::tinySequences(folder), "-o", folder / "out.h5"});
  EXPECT_EQ(result.status, 3);
  EXPECT_NE(result.err.find("model.safetensors"), std::string::npos) << result.err;
}

TEST_F(CliPredict, ProvenanceHoldsTheChecksumOfTheWeights) {
  ASSERT_EQ(predict(fromRecords("out.h5")).status, 0);
  const auto provenance =
      nlohmann::json::parse(testing::goldenAttribute(folder / "out.h5", "/", "provenance"));
  EXPECT_TRUE(
      provenance["command"].get<std::string>().starts_with("cellocus-cli predict --enformer"));
  bool found = false;
  for (const auto& file : provenance["files"])
    found |=
        file["sha256"] == sha256OfFile(testing::dataPath("enformer/E1_tiny/model.safetensors"));
  EXPECT_TRUE(found) << provenance.dump(2);
}

TEST_F(CliPredict, EveryFormOfTheWeightsGivesTheSame) {
  CELLOCUS_NEEDS_SHARED("conformance/enformer/E1_tiny/model_legacy.pt");
  const fs::path original = testing::sharedPath("conformance/enformer/E1_tiny");
  for (const char* name : {"model.bin", "model_legacy.pt", "model_half.pt", "model.safetensors"}) {
    SCOPED_TRACE(name);
    const CliResult result =
        predict({"--enformer", original / name, "--fasta", original / "input.fa", "-o",
                 folder / "out.h5", "--what", "embedding"});
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_TRUE(testing::within(goldenArray(folder / "out.h5", "e1_iupac/embedding").matrix(),
                                goldenArray(golden, "sequences/e1_iupac/embedding").matrix(),
                                tolerance));
  }
}

}  // namespace cellocus
