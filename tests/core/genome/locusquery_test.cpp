// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/locusquery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "files.h"
#include "genome/haplotype.h"
#include "support/shared.h"

namespace cellocus {
namespace {

using testing::errorCode;
using testing::errorText;
using ::testing::HasSubstr;

class LocusQueryTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    testing::Random random(2);
    std::string bases = random.bases(100'000);
    bases.replace(999, 8, "CATTTGAC");  // base 1,000 is C
    s_genome = testing::genomeOf(
        "query", {{"chr8", bases}, {"chr1", bases.substr(0, 5000)}, {"HLA:01", "ACGT"}});
    std::string gtf;
    const auto gene = [&](const char* contig, int start, int end, const char* id,
                          const char* symbol) {
      gtf += std::string(contig) + "\tx\tgene\t" + std::to_string(start) + '\t' +
             std::to_string(end) + "\t.\t+\t.\tgene_id \"" + id + "\"; gene_name \"" + symbol +
             "\"; gene_type \"protein_coding\";\n";
    };
    gene("chr8", 20'001, 30'000, "ENSG00000136574.14", "GATA4");
    gene("chr8", 40'001, 41'000, "ENSG3", "GATA3");
    gene("chr8", 42'001, 43'000, "ENSG6", "GATA6");
    gene("chr8", 50'001, 51'000, "ENSG7", "RS1");
    gene("chr8", 60'001, 61'000, "ENSG8", "TWIN");
    gene("chr1", 1'001, 1'500, "ENSG9", "TWIN");
    gene("chr1", 4'901, 5'500, "ENSG10", "LONG");
    gene("chr9", 1, 500, "ENSG11", "LOST");
    gene("chr1", 2'001, 2'500, "ENSG12", "HLA-DRA");
    s_annotation = Annotation::open(
        testing::writeFile(testing::scratchFolder("query-genes") / "gencode.gtf", gtf));
  }
  static void TearDownTestSuite() {
    s_genome.reset();
    s_annotation.reset();
  }
  static LocusAnswer ask(std::string_view text, const Locus& current = {}) {
    return resolveLocus(text, *s_genome, s_annotation.get(), current);
  }
  static std::string where(std::string_view text, const Locus& current = {}) {
    return plainLocusText(ask(text, current).locus);
  }
  static std::string codeOf(std::string_view text) {
    return errorCode([&] { ask(text); });
  }
  static std::string textOf(std::string_view text) {
    return errorText([&] { ask(text); });
  }
  static std::shared_ptr<const Genome> s_genome;
  static std::shared_ptr<const Annotation> s_annotation;
};

std::shared_ptr<const Genome> LocusQueryTest::s_genome;
std::shared_ptr<const Annotation> LocusQueryTest::s_annotation;

TEST_F(LocusQueryTest, UnderstandsRegionsInManySpellings) {
  for (const char* text :
       {"chr8:11,700-11,760", "chr8:11700-11760", "8:11700-11760", "chr8:11700..11760",
        "chr8 11700 11760", "8\t11700\t11760", "  chr8 : 11_700 - 11_760 ", "chr8:11.7k-11.76k",
        "chr8:11.7kb-11.76KB", "chr8:0.0117M-0.01176Mb", "CHR8:11700bp-11760bp",
        "chr8:11700\u201311760", "chr8:11700 11760", "chr8 11,700-11,760"})
    EXPECT_EQ(where(text), "chr8:11700-11760") << text;
}

TEST_F(LocusQueryTest, UnderstandsMegabasesOfAWholeChromosome) {
  CELLOCUS_NEEDS_SHARED("data/genome/hg38_sparse.fa.gz");
  const auto hg38 = Genome::open(testing::sharedPath("data/genome/hg38_sparse.fa.gz"));
  const auto at = [&](const char* text) {
    return plainLocusText(resolveLocus(text, *hg38, nullptr).locus);
  };
  EXPECT_EQ(at("chr8:34M-35M"), "chr8:34000000-35000000");
  EXPECT_EQ(at("NC_000008.11:11.7M-11.76M"), "chr8:11700000-11760000");
  EXPECT_EQ(at("chr8"), "chr8:1-145138636");
  const auto variant = resolveLocus("NC_000008.11:g.11708313A>G", *hg38, nullptr);
  EXPECT_EQ(variant.variant, (Variant{"chr8", 11'708'312, "A", "G"}));
  const auto old = [&] { resolveLocus("NC_000008.10:g.11708313A>G", *hg38, nullptr); };
  EXPECT_EQ(errorCode(old), "LOCUS_UNKNOWN");
  EXPECT_THAT(errorText(old), HasSubstr("another genome build"));
}

TEST_F(LocusQueryTest, APointIsCentredAndKeepsTheWidth) {
  EXPECT_EQ(where("chr8:11,735"), "chr8:11715-11754");
  EXPECT_EQ(ask("chr8:11,735").locus.length(), 40);
  EXPECT_EQ(where("chr8:11,735", {"chr1", 0, 1000}), "chr8:11235-12234");
  EXPECT_EQ(where("chr8:500b"), "chr8:480-519");
  EXPECT_EQ(where("chr8:10", {"chr1", 0, 1000}), "chr8:1-1000");
  EXPECT_EQ(where("chr8:99990", {"chr1", 0, 1000}), "chr8:99001-100000");
}

TEST_F(LocusQueryTest, ARegionIsNeverNarrowerThanFortyBases) {
  EXPECT_EQ(ask("chr8:100-101").locus.length(), 40);
  EXPECT_TRUE(ask("chr8:100-101").locus.contains(99));
  EXPECT_EQ(where("HLA:01:1-2"), "HLA:01:1-4");
}

TEST_F(LocusQueryTest, PositionsAloneMeanTheContigThatIsShown) {
  EXPECT_EQ(where("1,000-2,000", {"chr8", 0, 100}), "chr8:1000-2000");
  EXPECT_EQ(codeOf("1,000-2,000"), "LOCUS_UNKNOWN");
  EXPECT_EQ(where("8", {"chr1", 0, 100}), "chr8:1-100000");
}

TEST_F(LocusQueryTest, EndsOutsideAreMovedAndSaidSo) {
  const LocusAnswer answer = ask("chr8:99,000-200,000");
  EXPECT_EQ(plainLocusText(answer.locus), "chr8:99000-100000");
  EXPECT_EQ(answer.note, "The end was moved to the end of chr8.");
  EXPECT_EQ(ask("chr8:0-200").note, "The start was moved to the beginning of chr8.");
  EXPECT_EQ(codeOf("chr8:200,000-300,000"), "LOCUS_UNKNOWN");
  EXPECT_EQ(codeOf("chr8:200,000"), "LOCUS_UNKNOWN");
}

TEST_F(LocusQueryTest, FindsGenesByNameAndId) {
  for (const char* text : {"GATA4", "gata4", "ENSG00000136574", "ENSG00000136574.99"}) {
    const LocusAnswer answer = ask(text);
    EXPECT_EQ(plainLocusText(answer.locus), "chr8:20001-30000") << text;
    ASSERT_NE(answer.gene, nullptr);
    EXPECT_EQ(answer.gene->symbol, "GATA4");
  }
  EXPECT_EQ(where("HLA-DRA"), "chr1:2001-2500");
  EXPECT_EQ(where("RS1"), "chr8:50001-51000");
  EXPECT_EQ(ask("LONG").note, "The end was moved to the end of chr1.");
  EXPECT_EQ(codeOf("LOST"), "LOCUS_UNKNOWN");
  EXPECT_THAT(textOf("LOST"), HasSubstr("chr9, which this genome lacks"));
}

TEST_F(LocusQueryTest, SaysThatANameIsAmbiguous) {
  EXPECT_THAT(ask("TWIN").note, HasSubstr("2 genes are called TWIN"));
  EXPECT_THAT(ask("TWIN").note, HasSubstr("ENSG9 at chr1:1,001-1,500"));
}

TEST_F(LocusQueryTest, WidensGenesPointsAndRegions) {
  for (const char* text :
       {"GATA4 \u00B15kb", "GATA4\u00B15,000", "gata4 +/- 5 kb", "GATA4 +-5000bp"}) {
    EXPECT_EQ(where(text), "chr8:15001-35000") << text;
    EXPECT_EQ(ask(text).gene->symbol, "GATA4");
  }
  EXPECT_EQ(where("chr8:1000 \u00B1200", {"chr1", 0, 3000}), "chr8:800-1200");
  EXPECT_EQ(where("chr8:1000\u00B11"), "chr8:980-1019");
  EXPECT_EQ(where("chr8:1000+200"), "chr8:1000-1199");
  EXPECT_EQ(ask("GATA4 \u00B11Mb").note,
            "The start was moved to the beginning of chr8. The end was moved to the end of chr8.");
  EXPECT_EQ(codeOf("GATA4 \u00B1wide"), "LOCUS_SYNTAX");
  EXPECT_EQ(codeOf("GATA4+200"), "LOCUS_SYNTAX");
}

TEST_F(LocusQueryTest, UnderstandsVariantsInManySpellings) {
  for (const char* text :
       {"chr8:1000:C:T", "chr8-1000-C-T", "8-1,000-c-t", "chr8:1000 C>T", "chr8:1000C>T",
        "chr8 1000 C T", "chr8:g.1000C>T", "8:g.1000C>T", "chr8:1000:CA:TA"}) {
    const LocusAnswer answer = ask(text);
    ASSERT_TRUE(answer.variant) << text;
    EXPECT_EQ(*answer.variant, (Variant{"chr8", 999, "C", "T"})) << text;
    EXPECT_EQ(answer.locus.length(), 40);
    EXPECT_TRUE(answer.locus.contains(999));
  }
}

TEST_F(LocusQueryTest, KnowsWhatWasNamedExactlyWhereTheViewIsWider) {
  const auto target = [&](const char* text) { return plainLocusText(ask(text).target); };
  EXPECT_EQ(target("chr8:1000"), "chr8:1000");
  EXPECT_EQ(target("chr8:5"), "chr8:5");
  EXPECT_EQ(target("chr8:11-20"), "chr8:11-20");
  EXPECT_EQ(target("chr8:11-20 +-5"), "chr8:6-25");
  EXPECT_EQ(target("chr8:1000:CA:TA"), "chr8:1000-1001");
  EXPECT_EQ(target("chr8:11-20; chr8:31-35"), "chr8:11-35");
}

TEST_F(LocusQueryTest, AVariantThatDoesNotFitIsShownButNotTakenOver) {
  const LocusAnswer answer = ask("chr8:1000:G:T");
  EXPECT_FALSE(answer.variant);
  EXPECT_THAT(answer.note, HasSubstr("The reference has C at chr8:1,000, not G"));
  EXPECT_TRUE(answer.locus.contains(999));
  EXPECT_EQ(codeOf("chr8:100001:A:T"), "LOCUS_UNKNOWN");
  EXPECT_EQ(codeOf("chr8:0:A:T"), "LOCUS_UNKNOWN");
}

TEST_F(LocusQueryTest, UnderstandsHgvsNames) {  // CATTTGAC from 1,000 on
  const auto variant = [&](const char* text) { return ask(text).variant.value_or(Variant{}); };
  EXPECT_EQ(variant("chr8:g.1001del"), (Variant{"chr8", 1000, "A", ""}));
  EXPECT_EQ(variant("chr8:g.1000_1001delCA"), (Variant{"chr8", 999, "CA", ""}));
  EXPECT_EQ(variant("chr8:g.1000_1001insGG"), (Variant{"chr8", 1000, "", "GG"}));
  EXPECT_EQ(variant("chr8:g.1000_1001dup"), (Variant{"chr8", 1001, "", "CA"}));
  EXPECT_EQ(variant("chr8:g.1000_1001inv"), (Variant{"chr8", 999, "CA", "TG"}));
  EXPECT_EQ(variant("chr8:g.1000_1001delinsGTG"), (Variant{"chr8", 999, "CA", "GTG"}));
  EXPECT_FALSE(ask("chr8:g.1000=").variant);
  EXPECT_THAT(ask("chr8:g.1000=").note, HasSubstr("nothing is changed"));
  for (const char* text : {"chr8:g.", "chr8:g.x", "chr8:g.1000", "chr8:g.1000C>", "chr8:g.1000E>T",
                           "chr8:g.1000_1002insA", "chr8:g.1000_1001ins", "chr8:g.1001_1000del",
                           "chr8:g.1000_1001delC", "GATA4:c.12A>T", "KRAS:p.G12C"})
    EXPECT_EQ(codeOf(text), "LOCUS_SYNTAX") << text;
  EXPECT_EQ(codeOf("chr8:g.100001A>T"), "LOCUS_UNKNOWN");
  EXPECT_EQ(codeOf("chr7:g.1000A>T"), "LOCUS_UNKNOWN");
}

TEST_F(LocusQueryTest, ReadsBackTheHgvsNamesThatItWrites) {
  testing::Random random(41);
  const std::string bases = s_genome->sequence({"chr8", 0, 5000});
  for (int i = 0; i < 300; ++i) {
    const std::int64_t start = random.below(4000);
    const std::string ref =
        bases.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(random.below(4)));
    const Variant edit{"chr8", start, ref, random.bases(random.below(4))};
    if (trimmed(edit).ref.empty() && trimmed(edit).alt.empty()) continue;
    const std::string name = hgvs(edit, *s_genome);
    const LocusAnswer answer = ask(name);
    ASSERT_TRUE(answer.variant) << name;
    const Locus around{"chr8", 0, 5000};
    EXPECT_EQ(Haplotype().with(*answer.variant, *s_genome).sequence(*s_genome, around),
              Haplotype().with(edit, *s_genome).sequence(*s_genome, around))
        << name;
  }
}

TEST_F(LocusQueryTest, ASemicolonSpansBoth) {
  EXPECT_EQ(where("GATA4; GATA6"), "chr8:20001-43000");
  EXPECT_EQ(codeOf("GATA4; HLA-DRA"), "LOCUS_SYNTAX");
}

TEST_F(LocusQueryTest, SuggestsNearNames) {
  EXPECT_EQ(codeOf("GATA44"), "LOCUS_UNKNOWN");
  EXPECT_THAT(textOf("GATA44"), HasSubstr("Did you mean GATA4, GATA3, GATA6?"));
  EXPECT_THAT(textOf("GATA44"), HasSubstr("gencode.gtf"));
  EXPECT_THAT(textOf("chr88:1-100"), HasSubstr("Did you mean chr8"));
  EXPECT_EQ(codeOf("chr88:1-100"), "LOCUS_UNKNOWN");
}

TEST_F(LocusQueryTest, SaysThatRsNumbersNeedAVcf) {
  EXPECT_EQ(codeOf("rs123"), "LOCUS_UNKNOWN");
  EXPECT_THAT(textOf("rs123"), HasSubstr("VCF"));
}

TEST_F(LocusQueryTest, RefusesWhatItCannotRead) {
  for (const char* text : {"", "  ", "chr8:", "chr8:x", "chr8:1-2-3", "chr8:12abc", "chr8:1.5",
                           "chr8:-5", "chr8:20-10", "chr8:1..", "chr8:1e5", "chr8 1 2 3",
                           "chr8:1:2", "chr8:99999999999999999999"})
    EXPECT_EQ(codeOf(text), "LOCUS_SYNTAX") << text;
  for (const char* text : {"nonsense", "@", ":", ";", "\u00B1", "chr7", "\xFF\xFE", "-", "+"})
    EXPECT_THAT(codeOf(text), ::testing::StartsWith("LOCUS_")) << text;
  EXPECT_THAT(textOf("chr8:20-10"), HasSubstr("Did you mean chr8:10-20?"));
}

TEST_F(LocusQueryTest, WorksWithoutAnAnnotation) {
  EXPECT_EQ(plainLocusText(resolveLocus("chr8:100-200", *s_genome, nullptr).locus), "chr8:100-200");
  EXPECT_THAT(errorText([&] { resolveLocus("GATA4", *s_genome, nullptr); }),
              HasSubstr("Open a GTF"));
}

TEST_F(LocusQueryTest, ListsSuggestionsWhileTyping) {
  const auto texts = [&](const char* typed, std::size_t limit = 12) {
    std::vector<std::string> result;
    for (const LocusSuggestion& suggestion :
         suggestLoci(typed, *s_genome, s_annotation.get(), limit))
      result.push_back(suggestion.text);
    return result;
  };
  EXPECT_THAT(texts("gata"), ::testing::ElementsAre("GATA3", "GATA4", "GATA6"));
  EXPECT_THAT(texts("gata", 2), ::testing::ElementsAre("GATA3", "GATA4"));
  EXPECT_THAT(texts("chr"), ::testing::ElementsAre("chr8", "chr1"));
  EXPECT_THAT(texts("8"), ::testing::ElementsAre("chr8"));
  EXPECT_THAT(texts("TWIN"), ::testing::ElementsAre("ENSG9", "ENSG8"));
  EXPECT_TRUE(texts("").empty());
  const auto gata4 = suggestLoci("GATA4", *s_genome, s_annotation.get());
  EXPECT_EQ(gata4[0].detail, "chr8:20,001-30,000 \u00B7 protein_coding");
}

TEST_F(LocusQueryTest, SurvivesRandomText) {
  testing::Random random(43);
  for (int i = 0; i < 2000; ++i) {
    const std::string text =
        random.bases(random.below(12), "chr8:-+.,;>ACGT019 gM\xC2\xB1_=delinsup");
    try {
      const LocusAnswer answer = ask(text);
      EXPECT_GE(answer.locus.start, 0) << text;
      EXPECT_LT(answer.locus.start, answer.locus.end) << text;
      EXPECT_LE(answer.locus.end, s_genome->find(answer.locus.contig)->length) << text;
    } catch (const Error& error) {
      EXPECT_TRUE(error.code().starts_with("LOCUS_")) << text << ": " << error.what();
    }
  }
}

}  // namespace
}  // namespace cellocus
