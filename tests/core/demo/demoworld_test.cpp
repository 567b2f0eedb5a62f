// SPDX-License-Identifier: GPL-3.0-or-later
#include "demo/demoworld.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "analysis/predictor.h"
#include "base/file.h"
#include "demo/democells.h"
#include "demo/demogenome.h"
#include "demo/motifs.h"
#include "genome/bedtrack.h"
#include "support/shared.h"

namespace cellocus {
namespace {

using cellocus::testing::scratchFolder;

/// A demo world on disk, and what the tests ask of it.
class World {
 public:
  explicit World(const std::filesystem::path& folder) : files(demoFiles(folder)) {
    makeDemo(folder);
    truth = makeDemoGenome(1);
    cells = makeDemoCells(truth, 1);
    genome = Genome::open(files.genome);
    trunk = Enformer::open(files.trunk);
    head = Emb2Cell::open(files.head);
    predictor = std::make_unique<Predictor>(trunk);
  }

  DemoFiles files;
  DemoGenome truth;
  DemoCells cells;
  std::shared_ptr<const Genome> genome;
  std::shared_ptr<const Enformer> trunk;
  std::shared_ptr<const Emb2Cell> head;
  std::unique_ptr<Predictor> predictor;

  /// Mean predicted expression of a gene per cell type.
  std::vector<double> perType(const Gene& gene, const Haplotype& haplotype) const {
    const Matrix predicted =
        head->predict(tssEmbedding(*predictor, *genome, gene, haplotype).embedding);
    std::vector<double> means(demoCellTypes().size(), 0);
    for (std::size_t cell = 0; cell < cells.type.size(); ++cell)
      means[cells.type[cell]] += predicted(0, static_cast<Eigen::Index>(cell)) /
                                 static_cast<double>(demoCellTypes()[cells.type[cell]].cells);
    return means;
  }

  /// What scrambling a locus (A and C, G and T change places) does to a gene in each cell type.
  std::vector<double> effect(const Gene& gene, const Locus& locus) const {
    const std::string ref = genome->sequence(locus);
    std::string alt = ref;
    for (char& base : alt) base = "CATG"[std::string_view("ACGT").find(base)];
    const Haplotype haplotype = Haplotype().with({locus.contig, locus.start, ref, alt}, *genome);
    const std::vector<double> before = perType(gene, {});
    std::vector<double> change = perType(gene, haplotype);
    for (std::size_t type = 0; type < change.size(); ++type) change[type] -= before[type];
    return change;
  }
};

double meanOver(const std::vector<double>& values, const std::vector<std::size_t>& types,
                bool inside) {
  double sum = 0;
  int count = 0;
  for (std::size_t type = 0; type < values.size(); ++type)
    if ((std::find(types.begin(), types.end(), type) != types.end()) == inside) {
      sum += values[type];
      ++count;
    }
  return count == 0 ? 0 : sum / count;
}

void expectThatTheFilesBelongTogether(const World& world) {
  const auto cells = CellDataset::open(world.files.cells);
  EXPECT_EQ(cells->cellCount(), 1'200);
  EXPECT_EQ(cells->geneCount(), 82);
  ASSERT_TRUE(cells->findGene("GATA4").has_value());
  EXPECT_TRUE(cells->genes()[static_cast<std::size_t>(*cells->findGene("GATA4"))].id.starts_with(
      "ENSDEMOG"));
  EXPECT_EQ(cells->column("cell_type").categories.size(), 6u);
  EXPECT_EQ(cells->column("cell_type").colours.size(), 6u);
  EXPECT_EQ(cells->embedding("X_umap").cols(), 2);
  EXPECT_EQ(cells->cellNames(), world.head->parts().cellNames);
  EXPECT_EQ(world.head->embeddingSize(), world.trunk->config().embeddingSize());
  EXPECT_TRUE(world.trunk->loadReport().unexpected.empty()) << world.trunk->loadReport().text();
  EXPECT_FALSE(BedTrack::open(world.files.peaks)->features().empty());
  EXPECT_FALSE(readCytoBands(world.files.bands).empty());
  EXPECT_FALSE(std::filesystem::exists(world.files.trunk.parent_path() / ".trunk-draft"));
}

void expectThatEachFileSaysItIsSynthetic(const World& world) {
  for (const auto& path : {world.files.genome, world.files.annotation, world.files.truth,
                           world.files.peaks, world.files.readme})
    EXPECT_NE(InputFile::open(path)->readSome(0, 400).find("SYNTHETIC"), std::string::npos) << path;
  EXPECT_NE(world.trunk->config().label.find("not a trained Enformer"), std::string::npos);
  EXPECT_NE(world.head->parts().label.find("synthetic"), std::string::npos);
}

// Each test is a process of its own and making a world takes seconds: what needs one is asked of it
// together.
TEST(DemoWorld, TheSameSeedMakesTheSameFilesWhichOpenAndSayThatTheyAreSynthetic) {
  const World world(scratchFolder("demo"));
  expectThatTheFilesBelongTogether(world);
  expectThatEachFileSaysItIsSynthetic(world);
  const auto again = scratchFolder("demo-again");
  makeDemo(again);
  const DemoFiles first = world.files, second = demoFiles(again);
  for (const auto& [a, b] :
       {std::pair(first.genome, second.genome),
        {first.annotation, second.annotation},
        {first.truth, second.truth},
        {first.windows, second.windows},
        {first.trunk / "model.safetensors", second.trunk / "model.safetensors"},
        {first.trunk / "config.json", second.trunk / "config.json"},
        {first.head, second.head}})
    EXPECT_EQ(sha256OfFile(a), sha256OfFile(b)) << a;
}

void expectThatLosingGataLowersCardiomyocytesMost(const World& world) {
  int tried = 0;
  for (const PlantedSite& site : world.truth.sites) {
    if (site.factor != demoFactorNumber("GATA4") || site.enhancer || tried == 4) continue;
    const std::vector<double> change = world.effect(world.truth.genes[site.gene], site.locus);
    const std::string& gene = world.truth.genes[site.gene].symbol;
    EXPECT_LT(change[0], -0.2) << gene;
    for (std::size_t type = 1; type < change.size(); ++type)
      EXPECT_LT(change[0], change[type] - 0.1) << gene;
    ++tried;
  }
  EXPECT_EQ(tried, 4);
}

/// The first base of the first exon, from +40 on, that lies in no match of any motif and makes none
/// when it is replaced as `World::effect` replaces it.
Locus controlBase(const World& world, const Gene& gene) {
  constexpr std::int64_t reach = 20;
  for (std::int64_t position = gene.tss() + 40;; ++position) {
    std::string ref =
        world.genome->sequence({gene.locus.contig, position - reach, position + reach});
    std::string alt = ref;
    alt[reach] = "CATG"[std::string_view("ACGT").find(alt[reach])];
    const auto matches = [](const std::string& bases) {
      return std::any_of(textbookMotifs().begin(), textbookMotifs().end(), [&](const Motif& motif) {
        return !findMatches(motifScorer(motif), bases).empty();
      });
    };
    if (!matches(ref) && !matches(alt)) return {gene.locus.contig, position, position + 1};
  }
}

void expectThatAControlBaseChangesNothingVisible(const World& world) {
  for (const PlantedSite& site : {world.truth.sites.front(), world.truth.sites.back()}) {
    const Gene& gene = world.truth.genes[site.gene];
    for (const double change : world.effect(gene, controlBase(world, gene)))
      EXPECT_NEAR(change, 0, 0.02) << gene.symbol;
  }
}

void expectThatMostSitesActAsTheTableSays(const World& world) {
  int tried = 0, rightSign = 0, rightCells = 0;
  for (std::size_t i = 0; i < world.truth.sites.size(); i += 9) {
    const PlantedSite& site = world.truth.sites[i];
    if (site.enhancer) continue;
    std::vector<double> change = world.effect(world.truth.genes[site.gene], site.locus);
    for (double& value : change) value *= demoFactors()[site.factor].sign;
    const std::vector<std::size_t> types = world.cells.activeTypes(site.factor);
    const double inside = meanOver(change, types, true), outside = meanOver(change, types, false);
    ++tried;
    rightSign += inside < 0;
    rightCells += types.size() == change.size() || inside < outside;
  }
  ASSERT_GT(tried, 25);
  EXPECT_GE(rightSign, tried * 9 / 10);
  EXPECT_GE(rightCells, tried * 9 / 10);
}

TEST(DemoWorld, PlantedSitesActOnTheirGenesAsTheTruthTableSays) {
  const World world(scratchFolder("demo-signs"));
  expectThatLosingGataLowersCardiomyocytesMost(world);
  expectThatAControlBaseChangesNothingVisible(world);
  expectThatMostSitesActAsTheTableSays(world);
}

}  // namespace
}  // namespace cellocus
