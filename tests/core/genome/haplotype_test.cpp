// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/haplotype.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "files.h"
#include "support/shared.h"

namespace cellocus {
namespace {

using ::testing::ElementsAre;
using testing::errorCode;
using testing::errorText;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

//                         0         10        20        30
constexpr const char* one = "ACGTACGTACGGGTTTAACCATATATCGATCG";

class HaplotypeTest : public ::testing::Test {
 protected:
  Variant edit(std::int64_t start, const std::string& ref, const std::string& alt) const {
    return {"one", start, ref, alt};
  }
  Haplotype of(const std::vector<Variant>& edits) const {
    Haplotype haplotype;
    for (const Variant& variant : edits) haplotype = haplotype.with(variant, *genome);
    return haplotype;
  }
  std::string whole(const Haplotype& haplotype) const {
    return haplotype.sequence(*genome, {"one", 0, genome->contigs()[0].length});
  }
  std::shared_ptr<const Genome> genome =
      testing::genomeOf("haplotype", {{"one", one}, {"two", "acgtACGTNN"}});
};

TEST_F(HaplotypeTest, WithoutEditsIsTheReference) {
  const Haplotype haplotype;
  EXPECT_TRUE(haplotype.isReference());
  EXPECT_EQ(whole(haplotype), one);
  const HaplotypeSequence window = haplotype.sequence(*genome, {"one", -3, 5}, 0);
  EXPECT_EQ(window.bases, "...ACGTA");
  EXPECT_EQ(window.padded, 3);
}

TEST_F(HaplotypeTest, EditsAreValuesAndLeaveTheOldOneAsItWas) {
  const Haplotype first = of({edit(0, "A", "T")});
  const Haplotype second = first.with(edit(4, "A", "G"), *genome);
  EXPECT_EQ(first.variants().size(), 1u);
  EXPECT_EQ(second.variants().size(), 2u);
  EXPECT_EQ(second.without(edit(4, "A", "G")), first);
  EXPECT_EQ(first.without(edit(9, "C", "G")), first);
  EXPECT_TRUE(first.without(edit(0, "A", "T")).isReference());
}

TEST_F(HaplotypeTest, TakesLowerCaseAndUntrimmedEdits) {
  EXPECT_THAT(of({edit(0, "acg", "aTg")}).variants(), ElementsAre(edit(1, "C", "T")));
  EXPECT_THAT(of({edit(0, "AC", "ACG")}).variants(), ElementsAre(edit(2, "", "G")));
  EXPECT_THAT(Haplotype().with({"two", 0, "ACG", "TCA"}, *genome).variants(),
              ElementsAre(Variant{"two", 0, "A", "T"}, Variant{"two", 2, "G", "A"}));
}

TEST_F(HaplotypeTest, ASecondEditOfABaseReplacesTheFirst) {
  EXPECT_THAT(of({edit(4, "A", "G"), edit(4, "A", "T")}).variants(),
              ElementsAre(edit(4, "A", "T")));
  EXPECT_THAT(of({edit(4, "", "GG"), edit(4, "", "TT")}).variants(),
              ElementsAre(edit(4, "", "TT")));
}

TEST_F(HaplotypeTest, AnEditBackToTheReferenceRemovesIt) {
  EXPECT_TRUE(of({edit(4, "A", "G"), edit(4, "A", "A")}).isReference());
  EXPECT_TRUE(of({edit(4, "ACG", ""), edit(3, "TACGT", "TACGT")}).isReference());
  EXPECT_TRUE(of({edit(4, "", "GG"), edit(3, "TA", "TA")}).isReference());
  EXPECT_THAT(of({edit(4, "ACG", "TTT"), edit(5, "C", "C")}).variants(),
              ElementsAre(edit(4, "A", "T"), edit(6, "G", "T")));
}

TEST_F(HaplotypeTest, TouchingSubstitutionsAreMerged) {
  const Haplotype haplotype = of({edit(4, "A", "G"), edit(6, "G", "T"), edit(5, "C", "A")});
  EXPECT_THAT(haplotype.variants(), ElementsAre(edit(4, "ACG", "GAT")));
}

TEST_F(HaplotypeTest, OverlappingEditsKeepWhatIsLeftOfTheOldOne) {
  const Haplotype haplotype = of({edit(4, "ACGT", ""), edit(6, "G", "C")});
  EXPECT_THAT(haplotype.variants(), ElementsAre(edit(4, "ACGT", "C")));
  EXPECT_THAT(of({edit(4, "A", "G"), edit(3, "TACG", "")}).variants(),
              ElementsAre(edit(3, "TACG", "")));
}

TEST_F(HaplotypeTest, VariantsAreSortedByContigAndPosition) {
  const Haplotype haplotype = of({{"two", 0, "A", "G"}, edit(9, "C", "T"), edit(0, "A", "T")});
  EXPECT_THAT(haplotype.variants(),
              ElementsAre(edit(0, "A", "T"), edit(9, "C", "T"), Variant{"two", 0, "A", "G"}));
}

TEST_F(HaplotypeTest, RefusesEditsThatDoNotFitTheReference) {
  EXPECT_EQ(errorCode([&] { of({edit(0, "C", "T")}); }), "REF_MISMATCH");
  EXPECT_THAT(errorText([&] { of({edit(3, "TC", "T")}); }),
              HasSubstr("one:5: the reference has \"A\" there, but the edit expects \"C\""));
  EXPECT_EQ(errorCode([&] { of({edit(-1, "", "T")}); }), "EDIT_OUTSIDE");
  EXPECT_EQ(errorCode([&] { of({edit(33, "", "T")}); }), "EDIT_OUTSIDE");
  EXPECT_EQ(errorCode([&] { of({edit(31, "GG", "T")}); }), "EDIT_OUTSIDE");
  EXPECT_EQ(errorCode([&] { of({edit(0, "A", "E")}); }), "EDIT_LETTERS");
  EXPECT_EQ(errorCode([&] { of({{"three", 0, "A", "C"}}); }), "CONTIG_UNKNOWN");
  EXPECT_EQ(whole(of({edit(32, "", "TT")})), std::string(one) + "TT");
}

TEST_F(HaplotypeTest, TellsWhatLiesWithinALocus) {
  const Haplotype haplotype = of({edit(0, "A", "T"), edit(10, "", "GG"), edit(20, "A", "C")});
  EXPECT_EQ(haplotype.within({"one", 0, 5}).size(), 1u);
  EXPECT_EQ(haplotype.within({"one", 2, 9}).size(), 0u);
  EXPECT_EQ(haplotype.within({"one", 0, 32}).size(), 3u);
  EXPECT_EQ(haplotype.within({"two", 0, 32}).size(), 0u);
  EXPECT_TRUE(haplotype.hasIndelWithin({"one", 5, 15}));
  EXPECT_FALSE(haplotype.hasIndelWithin({"one", 15, 32}));
}

TEST_F(HaplotypeTest, AWindowKeepsItsLengthAndItsAnchor) {
  const Haplotype haplotype = of({edit(10, "", "CCC"), edit(20, "AT", "")});
  const Locus window{"one", 5, 25};
  for (std::int64_t anchor = 5; anchor < 25; ++anchor) {
    if (anchor == 20 || anchor == 21) continue;  // deleted
    const HaplotypeSequence result = haplotype.sequence(*genome, window, anchor);
    ASSERT_EQ(result.bases.size(), 20u);
    EXPECT_EQ(result.bases[static_cast<std::size_t>(anchor - 5)], one[anchor]);
    EXPECT_THAT(whole(haplotype), HasSubstr(result.bases));
  }
}

TEST_F(HaplotypeTest, BasesThatAreMissingComeFromBeyondTheWindow) {
  const HaplotypeSequence deleted =
      of({edit(10, "GGGTTT", "")}).sequence(*genome, {"one", 8, 20}, 8);
  EXPECT_EQ(deleted.bases, "ACAACCATATAT");
  const HaplotypeSequence inserted =
      of({edit(10, "", "CCC")}).sequence(*genome, {"one", 8, 20}, 19);
  EXPECT_EQ(inserted.bases, "CCGGGTTTAACC");
}

TEST_F(HaplotypeTest, BlocksSayWhereEachBaseComesFrom) {
  testing::Random random(4);
  for (int round = 0; round < 100; ++round) {
    Haplotype haplotype;
    for (int i = 0; i < 3; ++i) {
      const std::int64_t start = random.below(30);
      const std::string ref(one + start, static_cast<std::size_t>(random.below(3)));
      haplotype = haplotype.with(edit(start, ref, random.bases(random.below(4))), *genome);
    }
    const Locus window{"one", random.below(20) - 5, 25 + random.below(12)};
    const std::int64_t anchor = window.start + random.below(window.length() + 1);
    const HaplotypeSequence result = haplotype.sequence(*genome, window, anchor);
    ASSERT_EQ(std::ssize(result.bases), window.length());
    std::int64_t last = -1;
    std::int64_t padding = std::count(result.bases.begin(), result.bases.end(), '.');
    EXPECT_EQ(result.padded, padding);
    for (const auto& block : result.blocks) {
      EXPECT_GT(block.at, last);
      last = block.at + block.length - 1;
      EXPECT_LT(last, window.length());
      for (std::int64_t i = 0; i < block.length; ++i) {
        const std::int64_t at = block.reference + i;
        const char base = result.bases[static_cast<std::size_t>(block.at + i)];
        const bool outside = at < 0 || at >= 32;
        const bool edited = !haplotype.within({"one", at, at + 1}).empty();
        if (outside || !edited) {
          EXPECT_EQ(base, outside ? '.' : one[at]);
        }
      }
    }
  }
}

TEST_F(HaplotypeTest, AWindowIsPartOfTheWholeEditedSequence) {
  testing::Random random(5);
  for (int round = 0; round < 200; ++round) {
    Haplotype haplotype;
    for (int i = 0; i < 4; ++i) {
      const std::int64_t start = random.below(30);
      const std::string ref(one + start, static_cast<std::size_t>(random.below(3)));
      haplotype = haplotype.with(edit(start, ref, random.bases(random.below(3))), *genome);
    }
    const std::int64_t start = random.below(32);
    const Locus window{"one", start, start + 1 + random.below(32 - start)};
    const std::string bases =
        haplotype.sequence(*genome, window, start + random.below(window.length() + 1)).bases;
    EXPECT_THAT(std::string(40, '.') + whole(haplotype) + std::string(40, '.'), HasSubstr(bases));
  }
}

TEST_F(HaplotypeTest, PartsOfAContigMakeUpTheWholeEditedContig) {
  testing::Random random(6);
  for (int round = 0; round < 200; ++round) {
    Haplotype haplotype;
    for (int i = 0; i < 4; ++i) {
      const std::int64_t start = random.below(33);
      const std::string ref = std::string(one).substr(static_cast<std::size_t>(start),
                                                      static_cast<std::size_t>(random.below(4)));
      haplotype = haplotype.with(edit(start, ref, random.bases(random.below(4))), *genome);
    }
    const std::int64_t cut = random.below(32);
    EXPECT_EQ(haplotype.sequence(*genome, {"one", 0, cut}) +
                  haplotype.sequence(*genome, {"one", cut, 32}),
              whole(haplotype));
  }
}

TEST_F(HaplotypeTest, EachEditChangesItsBasesAndNoOthers) {
  testing::Random random(8);
  for (int round = 0; round < 200; ++round) {
    Haplotype haplotype;
    for (int i = 0; i < 5; ++i) {
      const std::int64_t start = random.below(30);
      const auto length = static_cast<std::size_t>(1 + random.below(3));
      const std::string ref(one + start,
                            std::min<std::size_t>(length, 32 - static_cast<std::size_t>(start)));
      const std::int64_t end = start + std::ssize(ref);
      const std::string alt = random.bases(random.below(4));
      const Haplotype next = haplotype.with(edit(start, ref, alt), *genome);
      std::string before = haplotype.sequence(*genome, {"one", 0, start});
      const std::string after = haplotype.sequence(*genome, {"one", end, 32});
      // Bases inserted directly before the edit stay.
      for (const Variant& variant : haplotype.variants())
        if (variant.ref.empty() && variant.start == start) before += variant.alt;
      EXPECT_EQ(whole(next), before + alt + after);
      for (std::size_t k = 1; k < next.variants().size(); ++k)
        EXPECT_LT(next.variants()[k - 1].end(), next.variants()[k].start) << "they touch";
      haplotype = next;
    }
  }
}

TEST_F(HaplotypeTest, UndoneAndRedoneIsTheSame) {
  testing::Random random(9);
  std::vector<Haplotype> history = {Haplotype()};
  std::vector<std::string> sequences = {one};
  std::vector<Variant> edits;
  for (int i = 0; i < 100; ++i) {
    const std::int64_t start = random.below(30);
    const std::string ref(one + start, static_cast<std::size_t>(random.below(3)));
    edits.push_back(edit(start, ref, random.bases(random.below(4))));
    history.push_back(history.back().with(edits.back(), *genome));
    sequences.push_back(whole(history.back()));
  }
  for (std::size_t i = 0; i < edits.size(); ++i) {
    EXPECT_EQ(whole(history[i]), sequences[i]);
    EXPECT_EQ(history[i].with(edits[i], *genome), history[i + 1]);
    EXPECT_EQ(Haplotype(history[i]).with(edits[i], *genome), history[i + 1]);
  }
  const std::string all = one;
  EXPECT_TRUE(history.back()
                  .with(edit(0, all, all), *genome)
                  .without(edit(0, "", ""))
                  .within({"one", 1, 31})
                  .empty());
}

TEST_F(HaplotypeTest, ValuesOfSubstitutionsStayAsTheyAre) {
  const HaplotypeSequence sequence =
      of({edit(4, "ACG", "TTT"), edit(20, "A", "C")}).sequence(*genome, {"one", -8, 40}, 3);
  const Matrix values = Matrix::Random(10, 3);
  EXPECT_EQ(alignedToReference(values, sequence, 4, 4), values);
}

TEST_F(HaplotypeTest, InsertedBinsGiveTheirMaximumAndDeletedOnesAGap) {
  const Locus window{"one", 0, 32};
  Matrix values(8, 1);
  for (int i = 0; i < 8; ++i) values(i, 0) = static_cast<float>(i + 1);
  values(3, 0) = 9;
  const Matrix inserted =
      alignedToReference(values, of({edit(8, "", "CCCCCCCC")}).sequence(*genome, window, 0), 0, 4);
  EXPECT_EQ(inserted(0, 0), 1);
  EXPECT_EQ(inserted(1, 0), 9);  // of the bins 2, 9 and 3
  EXPECT_EQ(inserted(2, 0), 5);
  EXPECT_EQ(inserted(5, 0), 8);
  EXPECT_TRUE(std::isnan(inserted(6, 0)));  // pushed out of the window
  const Matrix deleted =
      alignedToReference(values, of({edit(8, "ACGGGTTT", "")}).sequence(*genome, window, 0), 0, 4);
  EXPECT_EQ(deleted(1, 0), 2);
  EXPECT_TRUE(std::isnan(deleted(2, 0)));
  EXPECT_TRUE(std::isnan(deleted(3, 0)));
  EXPECT_EQ(deleted(4, 0), 3);
  EXPECT_EQ(deleted(5, 0), 9);
}

TEST_F(HaplotypeTest, HgvsNamesFollowTheThreePrimeRule) {
  const auto name = [&](std::int64_t start, const char* ref, const char* alt) {
    return hgvs(edit(start, ref, alt), *genome);
  };
  EXPECT_EQ(name(0, "A", "T"), "one:g.1A>T");
  EXPECT_EQ(name(10, "G", ""), "one:g.13del");  // any of GGG is the last
  EXPECT_EQ(name(10, "GG", ""), "one:g.12_13del");
  EXPECT_EQ(name(20, "AT", ""), "one:g.25_26del");  // ATATAT, the last unit
  EXPECT_EQ(name(10, "", "G"), "one:g.13dup");
  EXPECT_EQ(name(20, "", "AT"), "one:g.25_26dup");
  EXPECT_EQ(name(0, "", "C"), "one:g.1delinsCA");
  EXPECT_EQ(name(32, "", "C"), "one:g.32delinsGC");
  EXPECT_EQ(name(4, "", "TT"), "one:g.4_5insTT");
  EXPECT_EQ(name(4, "AC", "GGG"), "one:g.5_6delinsGGG");
  EXPECT_EQ(name(10, "GGGTTTAACC", "GGTTAAACCC"), "one:g.13_18inv");
  EXPECT_EQ(name(10, "GGG", "TAT"), "one:g.11_13delinsTAT");
  EXPECT_EQ(name(12, "GTTT", "AAAC"), "one:g.13_16inv");
  EXPECT_EQ(name(3, "TA", "TA"), "one:g.=");
  EXPECT_EQ(hgvs(Variant{"two", 8, "N", ""}, *genome), "two:g.9del");
}

TEST_F(HaplotypeTest, HgvsJoinsSeveralEdits) {
  EXPECT_EQ(hgvs(of({edit(0, "A", "T"), edit(20, "A", "C")}), *genome), "one:g.[1A>T;21A>C]");
  EXPECT_EQ(hgvs(of({edit(0, "A", "T"), {"two", 0, "A", "C"}}), *genome), "one:g.1A>T two:g.1A>C");
  EXPECT_EQ(hgvs(Haplotype(), *genome), "");
}

TEST_F(HaplotypeTest, HgvsOfHg38UsesTheAccession) {
  CELLOCUS_NEEDS_SHARED("data/genome/hg38_sparse.fa.gz");
  const auto hg38 = Genome::open(testing::sharedPath("data/genome/hg38_sparse.fa.gz"));
  EXPECT_EQ(hgvs(Variant{"chr8", 11'708'312, "A", "G"}, *hg38), "NC_000008.11:g.11708313A>G");
}

}  // namespace
}  // namespace cellocus
