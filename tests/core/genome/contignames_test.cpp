// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "files.h"
#include "genome/genome.h"
#include "support/shared.h"

namespace cellocus {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

TEST(ContigNames, SpellingsOfOneContigShareAKey) {
  for (const char* name :
       {"chr8", "8", "Chr8", "CHR8", "NC_000008.11", "NC_000008.10", "CM000670.2"})
    EXPECT_EQ(contigKey(name), "8") << name;
  for (const char* name : {"chrM", "MT", "chrMT", "M", "NC_012920.1"})
    EXPECT_EQ(contigKey(name), "MT") << name;
  EXPECT_EQ(contigKey("chrx"), "X");
  EXPECT_EQ(contigKey("chr1_KI270706v1_random"), contigKey("KI270706.1"));
}

TEST(ContigNames, ForeignAccessionsAreLeftAlone) {
  EXPECT_EQ(contigKey("NC_000008.7"), "NC_000008.7");
  EXPECT_EQ(contigKey("NC_000067.7"), "NC_000067.7");
  EXPECT_EQ(contigKey("NC_.1"), "NC_.1");
  EXPECT_EQ(contigKey("CM"), "CM");
  EXPECT_EQ(contigKey(""), "");
}

TEST(ContigNames, AliasesBeginWithTheNameItself) {
  EXPECT_EQ(contigAliases("chr8").front(), "chr8");
  EXPECT_THAT(contigAliases("chr8"), Contains("8"));
  EXPECT_THAT(contigAliases("8"), Contains("NC_000008.11"));
  EXPECT_THAT(contigAliases("MT"), Contains("chrM"));
  EXPECT_THAT(contigAliases("2L"), Contains("chr2L"));
  EXPECT_EQ(contigAliases("scaffold_12").size(), 1u);
  EXPECT_THAT(contigAliases("NC_000008.10"), ::testing::Not(Contains("NC_000008.11")));
}

TEST(ContigNames, RefSeqAccessionsAreThoseOfGRCh38) {
  EXPECT_EQ(refSeqAccession("chr8"), "NC_000008.11");
  EXPECT_EQ(refSeqAccession("1"), "NC_000001.11");
  EXPECT_EQ(refSeqAccession("chrX"), "NC_000023.11");
  EXPECT_EQ(refSeqAccession("chrM"), "NC_012920.1");
  EXPECT_EQ(refSeqAccession("chr8_KI270821v1_alt"), "");
}

TEST(ContigNames, SortNumbersByValueBeforeSexChromosomes) {
  EXPECT_TRUE(contigBefore("chr2", "chr10"));
  EXPECT_TRUE(contigBefore("chr22", "chrX"));
  EXPECT_TRUE(contigBefore("chrY", "chrM"));
  EXPECT_TRUE(contigBefore("chrM", "GL000220.1"));
  EXPECT_FALSE(contigBefore("chr8", "8"));
}

TEST(ContigNames, TheAssemblyIsKnownByItsLengths) {
  EXPECT_EQ(assemblyName({{"chr8", 145138636}, {"chr1", 248956422}}), "GRCh38");
  EXPECT_EQ(assemblyName({{"8", 146364022}}), "GRCh37");
  EXPECT_EQ(assemblyName({{"chr8", 1000}}), "");
}

TEST(ContigNames, AnAccessionFindsOnlyItsOwnAssembly) {
  const auto genome = testing::genomeOf("accession", {{"chr8", "ACGT"}, {"NC_000009.11", "ACGTA"}});
  EXPECT_EQ(genome->find("8")->name, "chr8");
  EXPECT_EQ(genome->find("CHR8")->name, "chr8");
  EXPECT_EQ(genome->find("NC_000008.11"), nullptr);
  EXPECT_EQ(genome->find("chr9")->name, "NC_000009.11");
  EXPECT_EQ(genome->find("NC_000009.12"), nullptr);
}

TEST(ContigNames, AnUnknownContigIsAnsweredWithNearNames) {
  const auto genome = testing::genomeOf("near", {{"chr8", "ACGT"}, {"scaffold_12", "ACGTA"}});
  const auto ask = [&] { requireContig(*genome, "scaffold_13"); };
  EXPECT_EQ(testing::errorCode(ask), "CONTIG_UNKNOWN");
  EXPECT_THAT(testing::errorText(ask), HasSubstr("Did you mean scaffold_12?"));
}

TEST(ContigNames, OfTheRealGenomeResolveByAccession) {
  CELLOCUS_NEEDS_SHARED("data/genome/hg38_sparse.fa.gz");
  const auto genome = Genome::open(testing::sharedPath("data/genome/hg38_sparse.fa.gz"));
  EXPECT_EQ(genome->find("NC_000008.11")->name, "chr8");
  EXPECT_EQ(genome->find("NC_000008.10"), nullptr);
  EXPECT_EQ(assemblyName(genome->contigs()), "GRCh38");
}

}  // namespace
}  // namespace cellocus
