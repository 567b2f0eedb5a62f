// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/locus.h"

#include <gtest/gtest.h>

#include "files.h"

namespace cellocus {
namespace {

TEST(Locus, IsShownWithPositionsFromOneAndThousandsSeparators) {
  EXPECT_EQ(locusText({"chr8", 11'699'999, 11'760'000}), "chr8:11,700,000-11,760,000");
  EXPECT_EQ(plainLocusText({"chr8", 11'699'999, 11'760'000}), "chr8:11700000-11760000");
  EXPECT_EQ(locusText({"chr8", 11'699'999, 11'700'000}), "chr8:11,700,000");
}

TEST(Locus, LengthsReadAsBasePairsOrMegabases) {
  EXPECT_EQ(lengthText(196'608), "196,608 bp");
  EXPECT_EQ(lengthText(1'200'000), "1.2 Mb");
}

TEST(Locus, OverlapNeedsASharedBase) {
  const Locus locus{"chr1", 10, 20};
  EXPECT_TRUE(locus.overlaps({"chr1", 19, 30}));
  EXPECT_FALSE(locus.overlaps({"chr1", 20, 30}));
  EXPECT_FALSE(locus.overlaps({"chr2", 10, 20}));
  EXPECT_TRUE(locus.contains(10));
  EXPECT_FALSE(locus.contains(20));
}

TEST(Variant, TrimmingRemovesSharedBasesFromTheRightFirst) {
  EXPECT_EQ(trimmed({"1", 9, "CA", "CAA"}), (Variant{"1", 10, "", "A"}));
  EXPECT_EQ(trimmed({"1", 9, "CAA", "CA"}), (Variant{"1", 10, "A", ""}));
  EXPECT_EQ(trimmed({"1", 9, "ACG", "ATG"}), (Variant{"1", 10, "C", "T"}));
  EXPECT_EQ(trimmed({"1", 9, "ACG", "ACG"}), (Variant{"1", 9, "", ""}));
}

TEST(Variant, IsShownByWhatItChanges) {
  EXPECT_EQ(variantText({"chr8", 11'734'999, "C", "T"}), "chr8:11,735,000 C>T");
  EXPECT_EQ(variantText({"chr8", 99, "", "ACG"}), "chr8:99^100 insACG");
  EXPECT_EQ(variantText({"chr8", 99, "ACG", ""}), "chr8:100-102 delACG");
  EXPECT_LT(variantText({"chr8", 99, std::string(5000, 'A'), ""}).size(), 60u);
}

TEST(ReverseComplement, KeepsCaseAndKnowsAmbiguityCodes) {
  EXPECT_EQ(reverseComplement("AACGTNry"), "ryNACGTT");
  EXPECT_EQ(complement('U'), 'A');
  EXPECT_EQ(complement('.'), '.');
}

TEST(ReverseComplement, TwiceIsTheSameAgain) {
  testing::Random random(1);
  for (int i = 0; i < 50; ++i) {
    const std::string bases = random.bases(random.below(200), "ACGTNRYSWKMBDHVacgtn.");
    EXPECT_EQ(reverseComplement(reverseComplement(bases)), bases);
  }
}

}  // namespace
}  // namespace cellocus
