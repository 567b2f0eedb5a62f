// SPDX-License-Identifier: GPL-3.0-or-later
#include "demo/demogenome.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/file.h"
#include "demo/democells.h"
#include "demo/motifs.h"
#include "genome/genome.h"
#include "support/shared.h"

namespace cellocus {
namespace {

using cellocus::testing::scratchFolder;

const DemoGenome& world() {
  static const DemoGenome genome = makeDemoGenome(1);
  return genome;
}

const std::string& basesOf(const DemoGenome& genome, const std::string& contig) {
  return std::find_if(genome.contigs.begin(), genome.contigs.end(),
                      [&](const auto& sequence) { return sequence.name == contig; })
      ->bases;
}

std::string basesAt(const DemoGenome& genome, const Locus& locus) {
  return basesOf(genome, locus.contig)
      .substr(static_cast<std::size_t>(locus.start), static_cast<std::size_t>(locus.length()));
}

TEST(DemoGenome, TheSameSeedMakesTheSameBasesAndAnotherSeedOthers) {
  const DemoGenome again = makeDemoGenome(1), other = makeDemoGenome(2);
  EXPECT_EQ(sha256(demoFasta(world())), sha256(demoFasta(again)));
  EXPECT_EQ(demoGtf(world()), demoGtf(again));
  EXPECT_NE(demoFasta(world()), demoFasta(other));
}

TEST(DemoGenome, EveryPlantedSiteReadsAsItsFactorsConsensusWhereTheTableSaysItIs) {
  ASSERT_GT(world().sites.size(), 300u);
  for (const PlantedSite& site : world().sites) {
    const std::string& expected = demoFactors()[site.factor].site;
    const std::string found = basesAt(world(), site.locus);
    EXPECT_EQ(site.strand == Strand::Plus ? found : reverseComplement(found), expected);
    const Gene& gene = world().genes[site.gene];
    const std::int64_t offset = site.locus.centre() - gene.tss();
    const std::int64_t distance = gene.strand == Strand::Minus ? -offset : offset;
    EXPECT_NEAR(static_cast<double>(distance), static_cast<double>(site.distance), 1.01)
        << gene.symbol;
  }
}

TEST(DemoGenome, NothingThatWasPlannedIsMissing) {
  for (std::size_t gene = 0; gene < world().genes.size(); ++gene) {
    const DemoGenePlan& plan = world().plans[gene];
    const auto planted = std::count_if(world().sites.begin(), world().sites.end(),
                                       [&](const PlantedSite& site) { return site.gene == gene; });
    EXPECT_EQ(static_cast<std::size_t>(planted), plan.promoter.size() + plan.enhancer.size())
        << plan.symbol;
  }
  for (const DemoFactor& factor : demoFactors())
    EXPECT_TRUE(std::any_of(world().genes.begin(), world().genes.end(), [&](const Gene& gene) {
      return gene.symbol == factor.regulator;
    })) << factor.regulator;
}

TEST(DemoGenome, PromotersHoldNoGataMatchThatWasNotPlanted) {
  const MotifScorer scorer = motifScorer(textbookMotifs()[0]);
  for (const Gene& gene : world().genes) {
    const std::int64_t first = gene.tss() - 1'000;
    const std::string region = basesAt(world(), {gene.locus.contig, first, gene.tss() + 1'000});
    for (const MotifMatch& match : findMatches(scorer, region)) {
      const Locus locus{gene.locus.contig, first + match.start, first + match.end};
      EXPECT_TRUE(std::any_of(world().sites.begin(), world().sites.end(),
                              [&](const PlantedSite& site) { return site.locus.overlaps(locus); }))
          << locusText(locus);
    }
  }
}

TEST(DemoGenome, ReadingFramesStartAndStopAndHaveNoStopBetween) {
  const std::set<std::string> stops = {"TAA", "TAG", "TGA"};
  for (const Gene& gene : world().genes) {
    const Transcript& transcript = gene.transcripts.front();
    std::string coding;
    for (const Locus& exon : transcript.exons) {
      const Locus part{exon.contig, std::max(exon.start, transcript.codingStart),
                       std::min(exon.end, transcript.codingEnd)};
      if (!part.empty()) coding += basesAt(world(), part);
    }
    if (gene.strand == Strand::Minus) coding = reverseComplement(coding);
    ASSERT_EQ(coding.size() % 3, 0u) << gene.symbol;
    EXPECT_EQ(coding.substr(0, 3), "ATG") << gene.symbol;
    for (std::size_t codon = 0; codon < coding.size(); codon += 3)
      EXPECT_EQ(stops.count(coding.substr(codon, 3)) > 0, codon + 3 == coding.size())
          << gene.symbol;
  }
}

TEST(DemoGenome, WindowsFitExceptForOneGeneNearAContigsEnd) {
  int padded = 0;
  for (const Gene& gene : world().genes) {
    const auto length = static_cast<std::int64_t>(basesOf(world(), gene.locus.contig).size());
    padded += gene.tss() - 98'368 < 0 || gene.tss() + 98'240 > length;
  }
  EXPECT_EQ(padded, 1);
}

TEST(DemoGenome, ItsFilesAreReadAsTheyWereMeant) {
  const auto folder = scratchFolder("demogenome");
  saveAtomic(folder / "genome.fa", demoFasta(world()));
  saveAtomic(folder / "genome.fa.fai", demoFastaIndex(world()));
  saveAtomic(folder / "genes.gtf", demoGtf(world()));
  const auto genome = Genome::open(folder / "genome.fa");
  EXPECT_TRUE(genome->remarks().empty());
  const PlantedSite& site = world().sites.back();
  EXPECT_EQ(genome->sequence(site.locus), basesAt(world(), site.locus));
  const auto annotation = Annotation::open(folder / "genes.gtf");
  EXPECT_TRUE(annotation->remarks().empty());
  ASSERT_EQ(annotation->genes().size(), world().genes.size());
  for (const Gene& gene : world().genes) {
    const auto found = annotation->find(gene.symbol);
    ASSERT_EQ(found.size(), 1u) << gene.symbol;
    EXPECT_EQ(found[0]->tss(), gene.tss()) << gene.symbol;
    EXPECT_EQ(found[0]->id, gene.id);
    EXPECT_EQ(found[0]->transcripts.front().exons, gene.transcripts.front().exons);
  }
}

TEST(DemoCells, EachTypeKeepsItsOwnFactorsActiveAndOnlyThose) {
  const DemoCells cells = makeDemoCells(world(), 1);
  for (std::size_t factor = 0; factor < demoFactors().size(); ++factor) {
    std::vector<std::size_t> expected;
    const std::string& name = demoFactors()[factor].regulator;
    for (std::size_t type = 0; type < demoCellTypes().size(); ++type) {
      const std::vector<std::size_t>& own = demoCellTypes()[type].factors;
      const bool everywhere = name == "SP1" || name == "NFYA" || name == "REST";
      if (everywhere || std::find(own.begin(), own.end(), factor) != own.end())
        expected.push_back(type);
    }
    EXPECT_EQ(cells.activeTypes(factor), expected) << name;
  }
}

TEST(DemoCells, CountsAreWholeNumbersAndGata4IsExpressedInCardiomyocytes) {
  const DemoCells cells = makeDemoCells(world(), 1);
  const Matrix& counts = cells.dataset.expression;
  ASSERT_EQ(counts.rows(), 1'200);
  EXPECT_EQ((counts.array() - counts.array().round()).abs().maxCoeff(), 0);
  EXPECT_GE(counts.minCoeff(), 0);
  const auto gata = std::find_if(world().genes.begin(), world().genes.end(),
                                 [](const Gene& gene) { return gene.symbol == "GATA4"; }) -
                    world().genes.begin();
  double inside = 0, outside = 0;
  for (std::size_t cell = 0; cell < cells.type.size(); ++cell) {
    const double value = cells.logExpression(gata, static_cast<Eigen::Index>(cell));
    (cells.type[cell] == 0 ? inside : outside) += value / (cells.type[cell] == 0 ? 300 : 900);
  }
  EXPECT_GT(inside, outside + 2);
}

}  // namespace
}  // namespace cellocus
