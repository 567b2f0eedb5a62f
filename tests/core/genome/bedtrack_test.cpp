// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/bedtrack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "files.h"
#include "support/shared.h"

namespace cellocus {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using testing::errorCode;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::writeFile;

class BedTrackTest : public ::testing::Test {
 protected:
  std::shared_ptr<const BedTrack> open(std::string_view content) const {
    return BedTrack::open(writeFile(m_folder / "t.bed", content));
  }
  std::string codeOf(std::string_view content) const {
    return errorCode([&] { open(content); });
  }
  fs::path m_folder = testing::scratchFolder("bed");
};

TEST_F(BedTrackTest, ReadsThreeToTwelveColumns) {
  const auto track = open(
      "browser position chr1:1-10\ntrack name=\"x\"\n# comment\n\n"
      "chr10\t5\t9\n"
      "chr2\t10\t20\tpeak\t12.5\t-\t10\t20\t0\t1\t10\t0\n"
      "chr2\t1\t3\tother\t.\t+\n");
  ASSERT_EQ(track->features().size(), 3u);
  EXPECT_THAT(track->remarks(), IsEmpty());
  EXPECT_EQ(track->features()[0].name, "other");
  EXPECT_EQ(track->features()[0].strand, Strand::Plus);
  EXPECT_EQ(track->features()[1].locus, (Locus{"chr2", 10, 20}));
  EXPECT_EQ(track->features()[1].score, 12.5);
  EXPECT_EQ(track->features()[1].strand, Strand::Minus);
  EXPECT_EQ(track->features()[2].locus.contig, "chr10");
}

TEST_F(BedTrackTest, ReadsSpacesWhereThereAreNoTabs) {
  const auto track = open("chr1  10   20 peak 3\n");
  EXPECT_EQ(track->features()[0].locus, (Locus{"chr1", 10, 20}));
  EXPECT_EQ(track->features()[0].name, "peak");
}

TEST_F(BedTrackTest, FindsWhatOverlapsByAnySpelling) {
  const auto track = open(testing::gzipped("chr1\t10\t20\na\t1\t2\nchr1\t0\t1000\nchr1\t30\t40\n"));
  EXPECT_EQ(track->overlapping({"1", 20, 30}).size(), 1u);
  EXPECT_EQ(track->overlapping({"chr1", 19, 31}).size(), 3u);
  EXPECT_TRUE(track->overlapping({"chr2", 0, 100}).empty());
}

TEST_F(BedTrackTest, SkipsAndCountsLinesThatMakeNoSense) {
  const auto track =
      open("chrom\tstart\tend\nchr1\t10\t20\tp\thigh\nchr1\t20\t10\nchr1\t-5\t10\nchr1\t5\n");
  EXPECT_EQ(track->features().size(), 1u);
  EXPECT_THAT(track->remarks(), Contains("4 of 5 lines were skipped."));
  EXPECT_THAT(track->remarks(), Contains(HasSubstr("the start lies after the end")));
  EXPECT_THAT(track->remarks(), Contains(HasSubstr("score was taken as 0")));
}

TEST_F(BedTrackTest, RefusesWhatIsNoBed) {
  EXPECT_EQ(codeOf(""), "BED_EMPTY");
  EXPECT_EQ(codeOf("track name=x\n"), "BED_NO_FEATURES");
  EXPECT_EQ(codeOf("a\tb\tc\n"), "BED_NO_FEATURES");
  EXPECT_EQ(codeOf("<html>"), "BED_FORMAT");
  EXPECT_EQ(codeOf("##fileformat=VCFv4.2\n"), "BED_FORMAT");
}

TEST_F(BedTrackTest, OfGata4HasPeaksAtNppa) {
  CELLOCUS_NEEDS_SHARED("data/gene_sets/GATA4_ChIPseq_peaks_hg38.bed");
  const auto track =
      BedTrack::open(testing::sharedPath("data/gene_sets/GATA4_ChIPseq_peaks_hg38.bed"));
  EXPECT_GT(track->features().size(), 20'000u);
  EXPECT_FALSE(track->overlapping({"chr1", 11'847'799, 11'848'161}).empty());
}

TEST_F(BedTrackTest, CytoBandsAreReadStrictly) {
  const auto bands =
      readCytoBands(writeFile(m_folder / "bands.txt", "chr1\t0\t2300000\tp36.33\tgneg\n"));
  EXPECT_EQ(bands[0].locus, (Locus{"chr1", 0, 2'300'000}));
  EXPECT_EQ(bands[0].stain, "gneg");
  const fs::path bad =
      writeFile(m_folder / "bad.txt", "chr1\t0\t2300000\tp36.33\tgneg\nchr1\t0\tx\ta\tb\n");
  EXPECT_EQ(errorCode([&] { readCytoBands(bad); }), "CYTOBAND_LINE");
  EXPECT_THAT(testing::errorText([&] { readCytoBands(bad); }), HasSubstr("line 2"));
  EXPECT_EQ(errorCode([&] { readCytoBands(writeFile(m_folder / "e.txt", "#x\n")); }),
            "CYTOBAND_NO_BANDS");
}

TEST_F(BedTrackTest, CytoBandsOfHg38CoverTheChromosomes) {
  CELLOCUS_NEEDS_SHARED("data/annotation/ucsc_cytoBandIdeo_hg38.txt.gz");
  const auto bands =
      readCytoBands(testing::sharedPath("data/annotation/ucsc_cytoBandIdeo_hg38.txt.gz"));
  std::int64_t end = 0;
  for (const CytoBand& band : bands)
    if (band.locus.contig == "chr8") {
      EXPECT_EQ(band.locus.start, end);
      end = band.locus.end;
    }
  EXPECT_EQ(end, 145'138'636);
}

}  // namespace
}  // namespace cellocus
