// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/querydesign.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "base/text.h"
#include "support/codes.h"
#include "support/shared.h"

namespace cellocus {

namespace fs = std::filesystem;
using testing::sharedPath;

namespace {

constexpr const char* golden = "conformance/seq2cells/S3_query_windows";

const std::vector<Contig> contigs = {{"chr1", 400'000}, {"chr2", 1'000'000}, {"chrM", 16'000}};

/// A site at a position as a person counts, from 1.
StartSite site(const std::string& gene, std::int64_t position, Strand strand = Strand::Plus,
               const std::string& contig = "chr2") {
  return {contig, position - 1, strand, gene, "S" + gene};
}

fs::path written(const std::string& name, const std::string& text) {
  static const fs::path folder = testing::scratchFolder("querydesign");
  std::ofstream(folder / name) << text;
  return folder / name;
}

/// What a golden file of S3 was made with.
struct Case {
  std::string output, input;
  SiteColumns columns = {};
  PositionBase base = PositionBase::One;
  QueryDesign design = {};
};

std::vector<Case> goldenCases() {
  const SiteColumns noStrand{1, 3, std::nullopt, 7, std::nullopt};
  const SiteColumns onlyPosition{1, 2, std::nullopt, std::nullopt, std::nullopt};
  QueryDesign stitch, near, odd, shorter, published;
  stitch.several = near.several = SeveralSites::Stitched;
  near.stitchWithin = 10'000;
  odd.predictedLength = 114'560;
  shorter.windowLength = 131'072;
  published.several = SeveralSites::SeparateAsPublished;
  using enum PositionBase;
  return {{"toy_query_nostitch_base0.tsv", "toy_tss.bed", {}, Zero},
          {"toy_query_nostitch_base1.tsv", "toy_tss.bed"},
          {"toy_query_stitch_base0.tsv", "toy_tss.bed", {}, Zero, stitch},
          {"gencode_h10_query_base1.tsv", "gencode_h10.bed"},
          {"edges_query_base0.tsv", "edges_tss.bed", {}, Zero},
          {"edges_query_base1.tsv", "edges_tss.bed"},
          {"edges_query_oddbins.tsv", "edges_tss.bed", {}, One, odd},
          {"edges_query_window131072.tsv", "edges_tss.bed", {}, One, shorter},
          {"edges_query_nostrand_noaddid.tsv", "edges_tss.bed", noStrand},
          {"multi_query_stitch.tsv", "multi_tss.bed", {}, One, stitch},
          {"multi_query_stitch_threshold10000.tsv", "multi_tss.bed", {}, Zero, near},
          {"quirk_multi_query_nostitch.tsv", "multi_tss.bed", {}, One, published},
          {"nogroup_query.tsv", "nogroup.vcf", onlyPosition}};
}

}  // namespace

TEST(QueryDesign, WritesWhatSeq2cellsWrites) {
  CELLOCUS_NEEDS_SHARED(golden);
  const fs::path folder = sharedPath(golden);
  const auto sizes = readContigSizes(folder / "hg38.fa.fai");
  for (const Case& one : goldenCases()) {
    const StartSites sites = readStartSites(folder / one.input, one.columns, one.base);
    const DesignedQueries queries = designQueries(sites.sites, sizes, one.design);
    EXPECT_EQ(queryFileText(queries.windows), testing::fileText(folder / one.output)) << one.output;
  }
}

TEST(QueryDesign, ReadsBackWhatItWrites) {
  QueryDesign design;
  design.several = SeveralSites::Stitched;
  const auto made = designQueries(
      {site("A", 300'000), site("A", 300'500, Strand::Minus), site("B", 60'000)}, contigs, design);
  const auto read = readQueryWindows(written("own.tsv", queryFileText(made.windows)));
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[1].sites, (std::vector<std::int64_t>{299'999, 300'499}));
  EXPECT_EQ(read[1].siteStrands, (std::vector{Strand::Plus, Strand::Minus}));
  EXPECT_EQ(read[1].centre, made.windows[1].centre);
  EXPECT_EQ(queryFileText(read), queryFileText(made.windows));
}

TEST(QueryDesign, CentresTheSiteInTheMiddleOfTheCentralBin) {
  const auto even = designQueries({site("A", 500'000)}, contigs).windows.at(0);
  EXPECT_EQ(even.window, (Locus{"chr2", 499'999 - 98'304 - 64, 499'999 + 98'304 - 64}));
  EXPECT_EQ(even.bins, std::vector<std::int64_t>{448});
  EXPECT_EQ(even.centre, 499'999);
  QueryDesign odd;
  odd.predictedLength = 114'560;
  EXPECT_EQ(designQueries({site("A", 500'000)}, contigs, odd).windows.at(0).window.start,
            499'999 - 98'304);
}

TEST(QueryDesign, MovesWindowsAtTheEndsOfContigsAndTheirCentreToo) {
  const auto windows =
      designQueries({site("A", 65'419), site("B", 1'000'000 - 50'000)}, contigs).windows;
  ASSERT_EQ(windows.size(), 2u);
  EXPECT_EQ(windows[0].window, (Locus{"chr2", 0, 196'608}));
  EXPECT_EQ(windows[0].centre + 1, 98'369);
  EXPECT_EQ(windows[0].sites, std::vector<std::int64_t>{65'418});
  EXPECT_EQ(windows[0].bins, std::vector<std::int64_t>{191});
  EXPECT_EQ(windows[1].window.end, 1'000'000);
}

TEST(QueryDesign, CorrectedBinsHoldTheFirstBaseOfABinThemselves) {
  QueryDesign corrected;
  corrected.bins = BinRule::Corrected;
  for (const auto& [position, published, own] :
       {std::tuple{41'089, 0, 1}, {41'090, 1, 1}, {40'962, 0, 0}}) {
    const std::vector<StartSite> sites = {site("A", position)};
    EXPECT_EQ(designQueries(sites, contigs).windows.at(0).bins.at(0), published) << position;
    EXPECT_EQ(designQueries(sites, contigs, corrected).windows.at(0).bins.at(0), own) << position;
  }
  // The first base of the prediction is lost as published.
  EXPECT_TRUE(designQueries({site("A", 40'961)}, contigs).windows.empty());
  EXPECT_EQ(designQueries({site("A", 40'961)}, contigs, corrected).windows.at(0).bins.at(0), 0);
}

TEST(QueryDesign, BinsBeyondThePredictionAreRemarkedOnAsPublishedAndLostAsCorrected) {
  QueryDesign odd;
  odd.predictedLength = 114'560;
  const std::vector<StartSite> sites = {site("A", 1'000'000 - 41'000)};
  const auto published = designQueries(sites, contigs, odd);
  ASSERT_EQ(published.windows.size(), 1u);
  EXPECT_EQ(published.windows[0].bins.at(0), 895);
  ASSERT_EQ(published.remarks.size(), 1u);
  EXPECT_NE(published.remarks[0].find("beyond the last one of 895"), std::string::npos);
  odd.bins = BinRule::Corrected;
  const auto corrected = designQueries(sites, contigs, odd);
  EXPECT_TRUE(corrected.windows.empty());
  EXPECT_EQ(corrected.lost.size(), 1u);
}

TEST(QueryDesign, EachSiteHasItsOwnWindowUnlessStitched) {
  const std::vector<StartSite> sites = {site("A", 400'900, Strand::Minus), site("A", 400'000),
                                        site("A", 400'900)};
  const auto separate = designQueries(sites, contigs).windows;
  ASSERT_EQ(separate.size(), 2u);
  EXPECT_EQ(separate[0].name, "A_0");
  EXPECT_EQ(separate[0].sites, std::vector<std::int64_t>{399'999});
  EXPECT_EQ(separate[1].name, "A_1");
  EXPECT_EQ(separate[1].strand, Strand::Minus) << "of two at a position the first counts";
  QueryDesign design;
  design.several = SeveralSites::Stitched;
  const auto stitched = designQueries(sites, contigs, design).windows;
  ASSERT_EQ(stitched.size(), 1u);
  EXPECT_EQ(stitched[0].centre + 1, 400'450);
  EXPECT_EQ(stitched[0].bins, (std::vector<std::int64_t>{444, 452}));
  EXPECT_EQ(stitched[0].strand, Strand::Plus) << "as many of both: that of the first";
  design.several = SeveralSites::SeparateAsPublished;
  const auto published = designQueries(sites, contigs, design).windows;
  ASSERT_EQ(published.size(), 2u);
  EXPECT_EQ(published[0].sites.size(), 2u);
  EXPECT_EQ(published[1].strand, Strand::Plus) << "the last line overwrites the others";
}

TEST(QueryDesign, CutsFarSitesAtMultiplesOfTheReach) {
  QueryDesign design;
  design.several = SeveralSites::Stitched;
  const auto windows = designQueries({site("A", 300'000), site("A", 350'000), site("A", 350'001),
                                      site("A", 400'000), site("A", 410'000)},
                                     contigs, design)
                           .windows;
  ASSERT_EQ(windows.size(), 3u);
  EXPECT_EQ(windows[0].name, "A_1");
  EXPECT_EQ(windows[0].sites, (std::vector<std::int64_t>{299'999, 349'999}));
  EXPECT_EQ(windows[1].sites, (std::vector<std::int64_t>{350'000, 399'999}));
  EXPECT_EQ(windows[2].sites, (std::vector<std::int64_t>{409'999}));
}

TEST(QueryDesign, ListsWhatIsLost) {
  const auto made =
      designQueries({site("A", 100, Strand::Plus), site("B", 100, Strand::Plus, "chrUn"),
                     site("C", 100, Strand::Plus, "chrM"), site("D", 500'000), site("D", 999'990)},
                    contigs);
  ASSERT_EQ(made.windows.size(), 1u);
  EXPECT_EQ(made.windows[0].name, "D_0");
  ASSERT_EQ(made.lost.size(), 4u);
  EXPECT_EQ(made.lost[0].reason, LostSites::Reason::OutsidePrediction);
  EXPECT_EQ(made.lost[1].reason, LostSites::Reason::UnknownContig);
  EXPECT_EQ(made.lost[2].reason, LostSites::Reason::ContigTooShort);
  EXPECT_EQ(made.lost[3].gene, "D");
  EXPECT_EQ(made.lost[3].positions, std::vector<std::int64_t>{999'989});
}

TEST(QueryDesign, KeepsContigsOfOneNameApart) {
  const auto made =
      designQueries({site("A", 200'000, Strand::Plus, "chr1"), site("A", 500'000)}, contigs);
  ASSERT_EQ(made.windows.size(), 2u);
  EXPECT_EQ(made.windows[0].name, "A_0");
  EXPECT_EQ(made.windows[1].name, "A_1");
  EXPECT_EQ(made.remarks.size(), 1u);
}

TEST(QueryDesign, FindsContigsByTheirOtherNames) {
  const auto made = designQueries({site("A", 200'000, Strand::Plus, "1")}, contigs);
  ASSERT_EQ(made.windows.size(), 1u);
  EXPECT_EQ(made.windows[0].window.contig, "chr1");
}

TEST(QueryDesign, RefusesSizesThatDoNotGoTogether) {
  for (const QueryDesign& bad : {QueryDesign{1000, 2000, 128}, QueryDesign{4096, 1000, 128},
                                 QueryDesign{0, 0, 128}, QueryDesign{4096, 1024, 0}})
    EXPECT_EQ(testing::errorCode([&] { designQueries({site("A", 1)}, contigs, bad); }),
              "WINDOW_SIZES");
}

TEST(StartSites, ReadsBedInEitherBase) {
  const auto path = written("tss.bed",
                            "# start sites\n"
                            "chr1\t65418\t65419\tT1\t.\t+\tG1.7\tOR4F5\n"
                            "chr2\t10\t11\tT2\t.\t-\tG2\t\n");
  const StartSites one = readStartSites(path, {}, PositionBase::One);
  ASSERT_EQ(one.sites.size(), 2u);
  EXPECT_EQ(one.sites[0].position, 65'418);
  EXPECT_EQ(one.sites[0].gene, "G1.7");
  EXPECT_EQ(one.sites[1].strand, Strand::Minus);
  EXPECT_EQ(one.sites[1].symbol, "G2") << "the gene where there is no symbol";
  EXPECT_TRUE(one.remarks.empty());
  const StartSites zero = readStartSites(path, {}, PositionBase::Zero);
  EXPECT_EQ(zero.sites[0].position, 65'419);
  ASSERT_EQ(zero.remarks.size(), 1u);
  EXPECT_NE(zero.remarks[0].find("one base to the right"), std::string::npos);
  EXPECT_EQ(readStartSites(path, {}, std::nullopt).remarks.size(), 1u);
  const SiteColumns starts{1, 2, 6, 7, 8};
  EXPECT_TRUE(readStartSites(path, starts, PositionBase::Zero).remarks.empty());
  EXPECT_EQ(readStartSites(path, starts, PositionBase::Zero).sites[0].position, 65'418);
  EXPECT_EQ(readStartSites(path, starts, PositionBase::One).remarks.size(), 1u);
}

TEST(StartSites, NamesSitesWithoutAGeneByTheirPlace) {
  const auto path = written("sites.tsv", "#CHROM\tPOS\nchr1\t41090\n");
  const SiteColumns columns{1, 2, std::nullopt, std::nullopt, std::nullopt};
  const StartSites sites = readStartSites(path, columns, PositionBase::One);
  EXPECT_EQ(sites.sites.at(0).gene, "chr1_41090");
  EXPECT_EQ(readStartSites(path, columns, PositionBase::Zero).sites.at(0).gene, "chr1_41091");
  EXPECT_TRUE(sites.remarks.empty());
}

TEST(StartSites, BadLinesAreRefusedWithTheirNumber) {
  const auto refused = [](const std::string& text) {
    return testing::errorCode(
        [&] { readStartSites(written("bad.bed", text), {}, PositionBase::One); });
  };
  EXPECT_EQ(refused("chr1\t1\t2\n"), "TSS_LINE");
  EXPECT_EQ(refused("chrom\tstart\tend\tt\ts\tstrand\tgene\tsymbol\n"), "TSS_LINE");
  EXPECT_EQ(refused("chr1\t1\t2\tT\t.\tx\tG\tS\n"), "TSS_LINE");
  EXPECT_EQ(refused("chr1\t1\t0\tT\t.\t+\tG\tS\n"), "TSS_LINE");
  EXPECT_EQ(refused("# nothing\n"), "TSS_EMPTY");
  try {
    readStartSites(written("bad.bed", "# one\nchr1\t1\t-5\tT\t.\t+\tG\tS\n"), {}, {});
    FAIL() << "a negative position was taken";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("line 2"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("-5"), std::string::npos) << error.what();
  }
}

TEST(StartSites, TakesMarkedTranscriptsOfProteinCodingGenes) {
  const auto line = [](const std::string& type, const std::string& range, const std::string& strand,
                       const std::string& attributes) {
    return "chr1\tx\t" + type + '\t' + range + "\t.\t" + strand + "\t.\t" + attributes + '\n';
  };
  const std::string a = "gene_id \"ENSG00000000001.4\"; gene_type \"protein_coding\"; ",
                    b = "gene_id \"ENSG00000000002.1\"; gene_type \"lncRNA\"; ",
                    c = "gene_id \"ENSG00000000003.1\"; gene_type \"protein_coding\"; ";
  const auto path = written(
      "genes.gtf",
      line("gene", "1000\t9000", "-", a + "gene_name \"AAA\";") +
          line("transcript", "1000\t9000", "-", a + "transcript_id \"ENST00000000001.1\";") +
          line("transcript", "1000\t8000", "-",
               a + "transcript_id \"ENST00000000002.1\"; tag \"Ensembl_canonical\";") +
          line("gene", "20000\t30000", "+", b + "gene_name \"BBB\";") +
          line("gene", "40000\t50000", "+", c + "gene_name \"CCC\";"));
  const StartSites sites = startSitesOf(*Annotation::open(path));
  ASSERT_EQ(sites.sites.size(), 2u);
  EXPECT_EQ(sites.sites[0].position, 7'999);
  EXPECT_EQ(sites.sites[0].symbol, "AAA");
  EXPECT_EQ(sites.sites[1].position, 39'999);
  ASSERT_EQ(sites.remarks.size(), 1u);
  EXPECT_NE(sites.remarks[0].find("1 of 2 genes"), std::string::npos) << sites.remarks[0];
}

TEST(ContigSizes, ReadsIndexAndSizesTable) {
  const auto sizes = readContigSizes(written("g.fai", "chr1\t500\t6\t50\t51\nchr2\t70\n"));
  ASSERT_EQ(sizes.size(), 2u);
  EXPECT_EQ(sizes[0].length, 500);
  EXPECT_EQ(sizes[1].name, "chr2");
  EXPECT_EQ(testing::errorCode([] { readContigSizes(written("bad.fai", "chr1\tlong\n")); }),
            "SIZES_LINE");
}

}  // namespace cellocus
