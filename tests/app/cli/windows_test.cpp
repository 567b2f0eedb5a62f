// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <fstream>

#include "base/text.h"
#include "clirun.h"
#include "support/shared.h"

namespace cellocus {

namespace fs = std::filesystem;
using testing::CliResult;
using testing::fileText;
using testing::runCli;
using testing::sharedPath;

namespace {

constexpr const char* golden = "conformance/seq2cells/S3_query_windows";

class CliWindows : public ::testing::Test {
 protected:
  CliWindows() {
    file("sizes.tsv", "chr1\t400000\nchr2\t1000000\n");
    file("tss.bed",
         "chr1\t65418\t65419\tT1\t.\t+\tG1.7\tAAA\n"
         "chr2\t499999\t500000\tT2\t.\t-\tG2.1\tBBB\n"
         "chr2\t10\t11\tT3\t.\t-\tG3.1\tCCC\n");
  }
  fs::path file(const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
    return folder / name;
  }
  CliResult windows(const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"windows", "--sizes", folder / "sizes.tsv", "-o",
                                          folder / "w.tsv"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return runCli(arguments);
  }
  CliResult listed(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"--tss", folder / "tss.bed"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return windows(arguments);
  }
  std::string text() const { return fileText(folder / "w.tsv"); }

  const fs::path folder = testing::scratchFolder("windows");
};

}  // namespace

TEST_F(CliWindows, WritesTheThirteenColumnsAndSaysWhatIsLost) {
  const CliResult result = listed({"--position-base", "1"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(text(),
            "chr\tseq_start\tseq_end\tseq_strand\tpatch_id\tgroup_id\tadd_id\tcenter\tnum_roi\t"
            "stretch\tstrands_roi\tpositions_roi\tbins_roi\n"
            "chr1\t1\t196608\t+\tG1.7_0\tG1.7\tAAA\t98369\t1\t0\t['+']\t65419\t191\n"
            "chr2\t401632\t598239\t-\tG2.1_0\tG2.1\tBBB\t500000\t1\t0\t['-']\t500000\t448\n");
  EXPECT_NE(result.err.find("1 gene (CCC)"), std::string::npos) << result.err;
  EXPECT_NE(fileText(folder / "w.tsv.json").find("sha256"), std::string::npos);
}

TEST_F(CliWindows, ListsWhatIsLost) {
  ASSERT_EQ(listed({"--lost", folder / "lost.tsv"}).status, 0);
  const std::string lost = fileText(folder / "lost.tsv");
  EXPECT_NE(lost.find("\nG3.1\tCCC\tchr2\t11\ttoo near to the end"), std::string::npos) << lost;
}

TEST_F(CliWindows, WarnsWhereTwoBasesArePlausible) {
  EXPECT_NE(listed().err.find("use the base of the embeddings"), std::string::npos);
  EXPECT_NE(listed({"--position-base", "0"}).err.find("one base to the right"), std::string::npos);
  EXPECT_EQ(listed({"--position-base", "1"}).err.find("BED"), std::string::npos);
}

TEST_F(CliWindows, TakesOtherColumnsSizesAndStitching) {
  file("tss.bed", "G\t200000\tchr2\nG\t200900\tchr2\n");
  const std::vector<std::string> columns = {"--columns", "gene=1,position=2,chrom=3"};
  auto arguments = columns;
  ASSERT_EQ(listed(arguments).status, 0);
  EXPECT_EQ(split(text(), '\n').size(), 4u);
  arguments.insert(arguments.end(), {"--stitch", "--window", "8192", "--predicted", "5120"});
  ASSERT_EQ(listed(arguments).status, 0);
  EXPECT_EQ(split(text(), '\n').at(1),
            "chr2\t196290\t204481\t+\tG_0\tG\tG\t200450\t2\t900\t['.', '.']\t200000,200900\t16,24");
  arguments = columns;
  arguments.insert(arguments.end(), {"--stitch", "500"});
  ASSERT_EQ(listed(arguments).status, 0);
  EXPECT_NE(text().find("\tG_1\t"), std::string::npos) << text();
}

TEST_F(CliWindows, AddsTheSetOfEnformersRegions) {
  const auto regions = file("regions.bed",
                            "chr2\t400000\t560000\ttest\n"
                            "chr1\t80000\t120000\tvalid\n");
  ASSERT_EQ(listed({"--split", regions, "--split-files", folder / "s", "--strip"}).status, 0);
  auto lines = split(text(), '\n');
  EXPECT_TRUE(lines[0].ends_with("\tbins_roi\tset"));
  EXPECT_TRUE(lines[1].ends_with("\tvalid")) << "as published the centre of the window counts";
  EXPECT_TRUE(lines[2].ends_with("\ttest"));
  EXPECT_EQ(fileText(folder / "s_valid.txt"), "G1\n");
  EXPECT_EQ(fileText(folder / "s_train.txt"), "");
  EXPECT_NE(
      fileText(folder / "s_full_test.tsv").find("\tG2\t1\t500000\tchr2\t408192\t551808\ttest"),
      std::string::npos);
  const CliResult corrected = listed({"--split", regions, "--split-rule", "corrected"});
  ASSERT_EQ(corrected.status, 0) << corrected.err;
  const std::string all = text();
  EXPECT_TRUE(split(all, '\n')[1].ends_with("\tnone"));
  EXPECT_NE(corrected.err.find("1 in none (in no set)"), std::string::npos) << corrected.err;
}

TEST_F(CliWindows, ReadsAnAnnotation) {
  const auto gtf = file("genes.gtf",
                        "chr2\tx\tgene\t300000\t320000\t.\t-\t.\tgene_id \"ENSG00000000001.2\"; "
                        "gene_type \"protein_coding\"; gene_name \"AAA\";\n");
  const CliResult result = windows({"--gtf", gtf});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_NE(text().find("\tENSG00000000001_0\tENSG00000000001\tAAA\t320000\t"), std::string::npos)
      << text();
  EXPECT_NE(result.err.find("canonical"), std::string::npos) << result.err;
}

TEST_F(CliWindows, WrongUsageAndBadInputAreToldApart) {
  EXPECT_EQ(windows({}).status, 2);
  EXPECT_EQ(listed({"--gtf", "x.gtf"}).status, 2);
  EXPECT_EQ(listed({"--genome", "g.fa"}).status, 2);
  EXPECT_EQ(listed({"--columns", "chrom=1"}).status, 2);
  EXPECT_EQ(listed({"--columns", "chrom=1,position=zwei"}).status, 2);
  EXPECT_EQ(listed({"--columns", "chrom=1,position=3,colour=9"}).status, 2);
  EXPECT_EQ(listed({"--split-files", "s"}).status, 2);
  EXPECT_EQ(listed({"--predicted", "1000"}).status, 3);
  EXPECT_FALSE(fs::exists(folder / "w.tsv"));
  const CliResult column = listed({"--columns", "chrom=1,position=4"});
  EXPECT_EQ(column.status, 3);
  EXPECT_NE(column.err.find("line 1"), std::string::npos) << column.err;
  EXPECT_NE(column.err.find("'T1'"), std::string::npos) << column.err;
  file("sizes.tsv", "chrX\t400000\n");
  const CliResult none = listed();
  EXPECT_EQ(none.status, 3);
  EXPECT_NE(none.err.find("no such contig"), std::string::npos) << none.err;
}

TEST_F(CliWindows, WritesWhatSeq2cellsWrites) {
  CELLOCUS_NEEDS_SHARED(golden);
  const fs::path cases = sharedPath(golden);
  struct Case {
    std::string output, input;
    std::vector<std::string> options;
  };
  for (const Case& one :
       {Case{"toy_query_nostitch_base0.tsv", "toy_tss.bed", {"--position-base", "0"}},
        Case{"gencode_h10_query_base1.tsv", "gencode_h10.bed", {"--position-base", "1"}},
        Case{"edges_query_oddbins.tsv", "edges_tss.bed", {"--predicted", "114560"}},
        Case{"edges_query_nostrand_noaddid.tsv",
             "edges_tss.bed",
             {"--columns", "chrom=1,position=3,gene=7"}},
        Case{"multi_query_stitch.tsv", "multi_tss.bed", {"--stitch"}},
        Case{"multi_query_stitch_threshold10000.tsv",
             "multi_tss.bed",
             {"--stitch", "10000", "--position-base", "0"}},
        Case{"quirk_multi_query_nostitch.tsv", "multi_tss.bed", {"--separate", "as-published"}},
        Case{"nogroup_query.tsv", "nogroup.vcf", {"--columns", "chrom=1,position=2"}}}) {
    std::vector<std::string> arguments = {
        "windows", "--tss",         cases / one.input, "--sizes", cases / "hg38.fa.fai",
        "-o",      folder / "w.tsv"};
    arguments.insert(arguments.end(), one.options.begin(), one.options.end());
    const CliResult result = runCli(arguments);
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(text(), fileText(cases / one.output)) << one.output;
  }
}

TEST_F(CliWindows, SplitsAsSeq2cellsDoes) {
  CELLOCUS_NEEDS_SHARED(golden);
  const fs::path cases = sharedPath(golden);
  ASSERT_EQ(runCli({"windows", "--tss", cases / "toy_tss.bed", "--sizes", cases / "hg38.fa.fai",
                    "--position-base", "0", "--split", cases / "enformer_sequence.bed",
                    "--split-files", folder / "toy", "--strip", "-o", folder / "w.tsv"})
                .status,
            0);
  for (const std::string set : {"train", "valid", "test"}) {
    EXPECT_EQ(fileText(folder / ("toy_" + set + ".txt")),
              fileText(cases / ("toy_intersect_" + set + ".txt")));
    EXPECT_EQ(fileText(folder / ("toy_full_" + set + ".tsv")),
              fileText(cases / ("toy_intersect_full_" + set + ".tsv")));
  }
}

}  // namespace cellocus
