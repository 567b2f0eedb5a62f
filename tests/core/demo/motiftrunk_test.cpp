// SPDX-License-Identifier: GPL-3.0-or-later
#include "demo/motiftrunk.h"

#include <gtest/gtest.h>

#include <cmath>

#include "analysis/predictor.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "genome/genome.h"
#include "support/golden.h"
#include "support/shared.h"

namespace cellocus {
namespace {

namespace tc = trunkchannel;
using cellocus::testing::scratchFolder;
using cellocus::testing::sharedPath;
using cellocus::testing::within;

std::vector<std::vector<std::string>> table(const std::filesystem::path& path) {
  const std::string text = InputFile::open(path)->readAll(1 << 20);
  std::vector<std::vector<std::string>> rows;
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty() || line[0] == '#') continue;
    std::vector<std::string>& row = rows.emplace_back();
    for (const std::string_view field : split(line, '\t')) row.emplace_back(field);
  }
  return rows;
}

double number(const std::string& text) {
  return parseNumber(text).value();
}

/// The published matrices with the recipe's pseudo-counts.
TrunkPlan publishedPlan() {
  std::vector<Motif> motifs = readMotifs(sharedPath("data/motifs/demo_motifs.meme"));
  for (const auto& row : table(sharedPath("data/motifs/demo_channels.tsv")))
    if (const auto channel = parseInteger(row[0]); channel && *channel < tc::motifs)
      motifs.at(static_cast<std::size_t>(*channel)).pseudoFraction = number(row[6]);
  return planTrunk(std::move(motifs));
}

/// The recipe's means and deviations, measured on human DNA.
TrunkCalibration publishedCalibration() {
  TrunkCalibration calibration = TrunkCalibration::unset();
  for (const auto& row : table(sharedPath("data/motifs/demo_transformer_channels.tsv")))
    if (const auto channel = parseInteger(row[0])) {
      const auto at = static_cast<std::size_t>(*channel);
      calibration.mean.at(at) = number(row[2]);
      calibration.deviation.at(at) = number(row[3]);
    }
  for (const auto& row : table(sharedPath("data/motifs/demo_channels.tsv")))
    if (const auto channel = parseInteger(row[0]))
      calibration.clusterUnit.at(static_cast<std::size_t>(tc::near + *channel)) =
          number(row.back());
  constexpr std::array<double, 6> pairUnits = {.233, .133, .212, .213, .197, .172};
  std::copy(pairUnits.begin(), pairUnits.end(), calibration.clusterUnit.begin() + tc::pairNear);
  calibration.clusterMean = {8.869, 6.823, 4.374, 3.448, 4.557, 3.786};
  calibration.clusterDeviation = {5.301, 4.664, 2.959, 2.559, 3.411, 2.848};
  return calibration;
}

std::shared_ptr<const Enformer> published() {
  static const auto model = [] {
    const auto folder = scratchFolder("published-trunk");
    writeTrunk(folder, publishedPlan(), publishedCalibration(), "test");
    return Enformer::open(folder);
  }();
  return model;
}

Matrix tracksOf(const Enformer& model, const Predictor& predictor, const std::string& bases) {
  return model.tracks(predictor.embedding(bases), "human");
}

TEST(MotifTrunk, EveryTensorIsOneThatEnformerAsksFor) {
  const auto folder = scratchFolder("textbook-trunk");
  writeTrunk(folder, planTrunk(textbookMotifs()), TrunkCalibration::unset(), "a label");
  const auto model = Enformer::open(folder);
  EXPECT_TRUE(model->loadReport().missing.empty()) << model->loadReport().text();
  EXPECT_TRUE(model->loadReport().unexpected.empty()) << model->loadReport().text();
  EXPECT_TRUE(model->loadReport().wrongShape.empty());
  EXPECT_EQ(model->config().windowLength, 196'608);
  EXPECT_EQ(model->config().binCount(), 896);
  EXPECT_EQ(model->config().trackNames.size(), 16u);
  EXPECT_EQ(model->config().label, "a label");
  EXPECT_EQ(model->config().modelName, "Demo motif scanner");
}

TEST(MotifTrunk, TheNumberOfParametersIsThatOfTheRecipe) {
  std::size_t count = 0;
  for (const NamedTensor& tensor :
       trunkTensors(planTrunk(textbookMotifs()), TrunkCalibration::unset()))
    if (tensor.name.find("running_") == std::string::npos &&
        tensor.name.find("num_batches") == std::string::npos)
      count += tensor.values.size();
  EXPECT_EQ(count, 1'486'736u);
}

TEST(MotifTrunk, AnySetOfMotifsMakesATrunk) {
  const TrunkPlan one = planTrunk({motifFromConsensus("MYB", "YAACKG")});
  EXPECT_EQ(one.tracks.size(), 16u);
  EXPECT_EQ(one.tracks[0].name, "MYB motif density within 0.8 kb");
  EXPECT_EQ(one.pairs[0].first, -1);
  EXPECT_THROW(planTrunk({}), Error);

  std::vector<Motif> many;
  for (int i = 0; i < 60; ++i)
    many.push_back(motifFromConsensus("X" + std::to_string(i), "ACGTACGT"));
  many.push_back(motifFromConsensus("gata4", "AGATAAGR"));
  const TrunkPlan chosen = planTrunk(many);
  EXPECT_EQ(chosen.motifs.size(), 46u);
  EXPECT_EQ(chosen.motifs[0].name, "gata4");
  EXPECT_EQ(chosen.unused.size(), 15u);
}

// The table of the recipe for the start site of NPPA on human chromosome 1 (a minus-strand gene).
TEST(MotifTrunk, PublishedMatricesGiveTheRecipesValuesAtNppa) {
  CELLOCUS_NEEDS_SHARED("data/genome/hg38_sparse.fa.gz");
  const auto genome = Genome::open(sharedPath("data/genome/hg38_sparse.fa.gz"));
  const auto model = published();
  const Predictor predictor(model);
  const Locus window = windowAround(model->config(), "chr1", 11'847'782);
  ASSERT_EQ(window.start, 11'749'414);
  const std::string reference = genome->sequence(window, '.');
  const auto edited = [&](std::int64_t oneBased, char ref, char alt) {
    std::string bases = reference;
    char& base = bases[static_cast<std::size_t>(oneBased - 1 - window.start)];
    EXPECT_EQ(base, ref);
    base = alt;
    return bases;
  };
  std::string both = edited(11'848'076, 'C', 'G');
  both[static_cast<std::size_t>(11'847'874 - 1 - window.start)] = 'A';
  struct Case {
    std::string bases;
    std::array<double, 4> expected;  // tracks 1, 6, 7, 10 in the bin of the start site
  };
  const std::vector<Case> cases = {{reference, {1.31, 1.36, .81, 3.06}},
                                   {edited(11'848'076, 'C', 'G'), {.45, .47, .42, 2.32}},
                                   {edited(11'847'874, 'G', 'A'), {.65, .67, .61, 2.55}},
                                   {both, {.18, .21, .31, 1.84}},
                                   {edited(11'847'950, 'T', 'C'), {1.31, 1.36, .81, 3.06}}};
  for (const Case& one : cases) {
    const Matrix tracks = tracksOf(*model, predictor, one.bases);
    for (std::size_t i = 0; i < 4; ++i) {
      constexpr std::array<Eigen::Index, 4> shown = {1, 6, 7, 10};
      EXPECT_NEAR(tracks(448, shown[i]), one.expected[i], 0.02)
          << "track " << shown[i] << " of case " << &one - cases.data();
    }
  }
}

TEST(MotifTrunk, TheReverseStrandGivesTheSameEmbeddingInTheMirroredBin) {
  CELLOCUS_NEEDS_SHARED("data/genome/hg38_sparse.fa.gz");
  const auto genome = Genome::open(sharedPath("data/genome/hg38_sparse.fa.gz"));
  const auto model = published();
  const Predictor predictor(model);
  const std::string bases = genome->sequence({"chr1", 11'749'414, 11'749'414 + 196'608}, '.');
  const Matrix forward = predictor.embedding(bases);
  const Matrix reverse = predictor.embedding(reverseComplement(bases)).colwise().reverse();
  EXPECT_TRUE(within(reverse, forward, 1e-3));
}

TEST(MotifTrunk, UnknownSequenceGivesBackground) {
  CELLOCUS_NEEDS_SHARED("data/motifs/demo_motifs.meme");
  const auto model = published();
  const Predictor predictor(model);
  const Matrix tracks = tracksOf(*model, predictor, std::string(196'608, 'N'));
  constexpr std::array<double, 16> expected = {.29, .18, .11, .19, .17, .30, .21, .07,
                                               .23, .15, .21, .22, .22, .30, .30, .20};
  for (Eigen::Index track = 0; track < 16; ++track)
    EXPECT_NEAR(tracks(448, track), expected[static_cast<std::size_t>(track)], 0.02) << track;
}

}  // namespace
}  // namespace cellocus
