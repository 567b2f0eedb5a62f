// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/varianteffect.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "base/text.h"
#include "support/golden.h"
#include "support/shared.h"
#include "support/tinyinputs.h"

namespace cellocus {

namespace fs = std::filesystem;
using testing::goldenArray;
using testing::goldenHas;
using testing::sharedPath;
using testing::within;

namespace {

constexpr std::int64_t windowLength = 8'192;

/// Two genes on random bases, one on each strand, and the golden tiny trunk with a head of random
/// weights.
class VariantEffectTest : public ::testing::Test {
 protected:
  VariantEffectTest() {
    m_bases = testing::randomBases(24'000, 21);
    testing::writeFasta(m_folder / "g.fa", "chr1", m_bases);
    m_genome = Genome::open(m_folder / "g.fa");
    m_predictor = std::make_unique<Predictor>(Enformer::open(testing::tinyTrunk(m_folder)));
    std::ofstream(m_folder / "w.tsv")
        << testing::queryColumns() << testing::queryRow(101, "+", "20", "ENSG00000000001")
        << testing::queryRow(8'001, "-", "3", "ENSG00000000002");
    m_windows = readQueryWindows(m_folder / "w.tsv");
    for (QueryWindow& window : m_windows)
      window.sites = {window.window.start + (12 + window.bins.front()) * 128 + 64};
    Emb2Cell::Parts parts;
    parts.first = {Matrix::Random(5, 192) * 0.3f, Vector::Random(5)};
    parts.cellNames = {"c1", "c2", "c3", "c4", "c5"};
    m_head = std::make_unique<Emb2Cell>(parts);
  }

  /// A change of the base at a 0-based position to the next letter.
  ListedVariant substitution(std::int64_t position, const std::string& gene) const {
    const char ref = m_bases[static_cast<std::size_t>(position)];
    const std::string letters = "ACGTA";
    const std::string alt(1, letters[letters.find(ref) + 1]);
    return {
        "v" + std::to_string(position), {"chr1", position, std::string(1, ref), alt}, gene, 1, {}};
  }
  ListedVariant listed(std::int64_t position, const std::string& ref, const std::string& alt,
                       const std::string& gene) const {
    return {"v", {"chr1", position, ref, alt}, gene, 1, {}};
  }
  std::string at(std::int64_t position, std::size_t count) const {
    return m_bases.substr(static_cast<std::size_t>(position), count);
  }
  VariantPlan plan(const std::vector<ListedVariant>& variants,
                   StrandMode mode = StrandMode::Corrected) const {
    return planVariants(variants, m_windows, *m_genome, m_predictor->model().config(), mode);
  }
  VariantEffects effects(const std::vector<ListedVariant>& variants,
                         const CellEffectOptions& options = {}) const {
    const VariantInputs inputs{m_predictor.get(), m_genome.get(), &variants, &m_windows};
    return scoreVariants(inputs, m_head.get(), options);
  }
  /// What the head says of a window of bases as they are given, at one bin.
  Matrix direct(const std::string& bases, std::int64_t bin) const {
    const Predictor fresh(Enformer::open(m_folder / "trunk"));
    return m_head->predict(fresh.embedding(bases, {bin, bin + 1}));
  }
  std::string window(std::int64_t start) const { return at(start, windowLength); }

  const fs::path m_folder = testing::scratchFolder("varianteffect");
  std::string m_bases;
  std::shared_ptr<const Genome> m_genome;
  std::unique_ptr<Predictor> m_predictor;
  std::vector<QueryWindow> m_windows;
  std::unique_ptr<Emb2Cell> m_head;
};

std::vector<VariantState> statesOf(const VariantPlan& plan) {
  std::vector<VariantState> states;
  for (const VariantTask& task : plan.tasks) states.push_back(task.state);
  return states;
}

}  // namespace

TEST_F(VariantEffectTest, PlusGenesAreReadFromTheWindowAsItIs) {
  const ListedVariant variant = substitution(4'000, "ENSG00000000001");
  const VariantEffects result = effects({variant});
  ASSERT_EQ(result.plan.scored, 1);
  std::string edited = window(100);
  EXPECT_TRUE(within(result.reference, direct(edited, 20), 1e-4));
  edited.replace(4'000 - 100, 1, variant.variant.alt);
  EXPECT_TRUE(within(result.alternative, direct(edited, 20), 1e-4));
  EXPECT_GT((result.alternative - result.reference).cwiseAbs().maxCoeff(), 1e-4f);
}

TEST_F(VariantEffectTest, MinusGenesAreReadFromTheirStrandAndTheMirroredBin) {
  const ListedVariant variant = substitution(10'000, "ENSG00000000002.7");
  const VariantEffects corrected = effects({variant});
  std::string edited = window(8'000);
  edited.replace(2'000, 1, variant.variant.alt);
  EXPECT_TRUE(within(corrected.alternative, direct(reverseComplement(edited), 36), 1e-4));

  CellEffectOptions options;
  options.variants.mode = StrandMode::AsPublished;
  EXPECT_TRUE(within(effects({variant}, options).alternative, direct(edited, 3), 1e-4));
  options.variants.mode = StrandMode::AsPublishedStrandSpecific;
  EXPECT_TRUE(
      within(effects({variant}, options).alternative, direct(reverseComplement(edited), 3), 1e-4));
}

TEST_F(VariantEffectTest, ManyVariantsGiveWhatEachGivesAlone) {
  std::vector<ListedVariant> variants;
  for (const std::int64_t position : {7'900, 300, 4'000, 4'010, 8'200, 4'001})
    variants.push_back(substitution(position, "ENSG00000000001"));
  const VariantEffects together = effects(variants);
  ASSERT_EQ(together.plan.scored, 6);
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const VariantEffects alone = effects({variants[i]});
    const auto row = static_cast<Eigen::Index>(i);
    EXPECT_TRUE(within(together.alternative.row(row), alone.alternative, 1e-4)) << i;
    EXPECT_TRUE(within(together.reference.row(row), alone.reference, 1e-4)) << i;
  }
}

TEST_F(VariantEffectTest, InsertionsDeletionsAndLongerSubstitutionsAreScored) {
  const std::string gene = "ENSG00000000001";
  const std::vector<ListedVariant> variants = {
      listed(5'000, at(5'000, 1), at(5'000, 1) + "ACG", gene),
      listed(1'000, at(1'000, 4), at(1'000, 1), gene),
      listed(
          4'000, at(4'000, 2),
          reverseComplement(at(4'000, 2)) == at(4'000, 2) ? "NN" : reverseComplement(at(4'000, 2)),
          gene)};
  const VariantEffects result = effects(variants);
  ASSERT_EQ(result.plan.scored, 3);
  // Beyond the start site bases move to the right, before it to the left.
  const std::string inserted = at(100, 4'901) + "ACG" + at(5'001, windowLength - 4'904);
  EXPECT_TRUE(within(result.alternative.row(0), direct(inserted, 20), 1e-4));
  const std::string deleted = at(97, 904) + at(1'004, windowLength - 904);
  EXPECT_TRUE(within(result.alternative.row(1), direct(deleted, 20), 1e-4));
  std::string replaced = window(100);
  replaced.replace(3'900, 2, variants[2].variant.alt);
  EXPECT_TRUE(within(result.alternative.row(2), direct(replaced, 20), 1e-4));
}

TEST_F(VariantEffectTest, EveryLineHasAStateAndAReason) {
  const std::string gene = "ENSG00000000001", ref = at(4'000, 1);
  std::vector<ListedVariant> variants = {
      substitution(4'000, gene),
      listed(4'000, ref == "A" ? "C" : "A", ref == "G" ? "T" : "G", gene),
      substitution(20'000, gene),
      substitution(4'000, "ENSG00000000099"),
      substitution(4'000, gene),
      substitution(4'000, gene)};
  variants[4].variant.contig = "chr2";
  variants[5].fault = "The line has 2 columns; five are needed.";
  const VariantPlan result = plan(variants);
  using enum VariantState;
  EXPECT_EQ(statesOf(result), (std::vector{Scored, ReferenceMismatch, OutOfWindow, Unmatched,
                                           Unmatched, Unsupported}));
  EXPECT_EQ(result.scored, 1);
  for (std::size_t i = 1; i < result.tasks.size(); ++i)
    EXPECT_FALSE(result.tasks[i].reason.empty()) << i;
  EXPECT_NE(result.tasks[4].reason.find("chr2"), std::string::npos);
}

TEST_F(VariantEffectTest, WithoutAGeneAllWindowsThatHoldItAreScored) {
  const VariantPlan both = plan({substitution(8'100, "")});
  ASSERT_EQ(both.tasks.size(), 2u);
  EXPECT_EQ(both.scored, 2);
  const VariantPlan none = plan({substitution(20'000, "")});
  ASSERT_EQ(none.tasks.size(), 1u);
  EXPECT_EQ(none.tasks[0].state, VariantState::OutOfWindow);
}

TEST_F(VariantEffectTest, AsPublishedAWrongReferenceIsPutInPlaceAndSaid) {
  const std::string ref = at(4'000, 1), wrong = ref == "A" ? "C" : "A";
  const std::string alt = ref == "G" ? "T" : "G";
  CellEffectOptions options;
  options.variants.mode = StrandMode::AsPublished;
  const VariantEffects result = effects({listed(4'000, wrong, alt, "ENSG00000000001"),
                                         listed(4'000, ref + "A", ref, "ENSG00000000001")},
                                        options);
  ASSERT_EQ(result.plan.scored, 1);
  EXPECT_EQ(result.plan.tasks[1].state, VariantState::Unsupported);
  EXPECT_NE(result.plan.tasks[0].reason.find("The genome has " + ref), std::string::npos);
  std::string edited = window(100);
  edited.replace(3'900, 1, wrong);
  EXPECT_TRUE(within(result.reference, direct(edited, 20), 1e-4));
}

TEST_F(VariantEffectTest, GroupsHaveMeansAndAreComparedByTheirDifference) {
  CellEffectOptions options;
  options.groups = {"type", {"B", "T"}, {0, 0, -1, 1, 1}, {2, 2}};
  options.variants.tracks = {{"human", {0, 2}}};
  const std::vector<ListedVariant> variants = {substitution(300, "ENSG00000000001"),
                                               substitution(2'700, "ENSG00000000001"),
                                               substitution(10'000, "ENSG00000000002")};
  const VariantEffects result = effects(variants, options);
  const Matrix effect = result.alternative - result.reference;
  for (Eigen::Index row = 0; row < 3; ++row) {
    EXPECT_NEAR(result.groupMean(row, 0), (effect(row, 0) + effect(row, 1)) / 2, 1e-6);
    EXPECT_NEAR(result.groupMeanAbsolute(row, 1),
                (std::abs(effect(row, 3)) + std::abs(effect(row, 4))) / 2, 1e-6);
    EXPECT_NEAR(result.mean(row), effect.row(row).mean(), 1e-6);
  }
  const auto ranked = transferEffects(result, "B", "T");
  ASSERT_EQ(ranked.size(), 3u);
  EXPECT_GE(std::abs(ranked[0].difference), std::abs(ranked[1].difference));
  EXPECT_NEAR(ranked[0].difference,
              result.groupMean(ranked[0].row, 1) - result.groupMean(ranked[0].row, 0), 1e-7);
  EXPECT_EQ(result.trackNames, (std::vector<std::string>{"human:0", "human:2"}));
  const Matrix all = m_predictor->embedding(window(100));
  const std::vector<std::int64_t> numbers = {0, 2};
  const Matrix tracks = m_predictor->model().tracks(all, "human", numbers);
  EXPECT_NEAR(result.referenceTracks(0, 1), tracks.col(1).sum(), 1e-2);
  try {
    transferEffects(result, "B", "t");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "GROUP_UNKNOWN");
  }
}

TEST_F(VariantEffectTest, WhatDoesNotFitIntoMemoryIsRefusedBeforeTheWork) {
  CellEffectOptions options;
  options.memory = 39;
  try {
    effects({substitution(300, "ENSG00000000001")}, options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "EFFECTS_TOO_LARGE");
  }
  options.keep = KeepCells::No;
  const VariantEffects means = effects({substitution(300, "ENSG00000000001")}, options);
  EXPECT_EQ(means.reference.size(), 0);
  EXPECT_EQ(means.mean.size(), 1);
}

TEST_F(VariantEffectTest, StopsWhenAsked) {
  std::stop_source stop;
  const Progress progress(stop.get_token(), [&](double fraction, std::string_view) {
    if (fraction > 0.2) stop.request_stop();
  });
  const std::vector<ListedVariant> variants = {substitution(300, "ENSG00000000001"),
                                               substitution(10'000, "ENSG00000000002")};
  const VariantInputs inputs{m_predictor.get(), m_genome.get(), &variants, &m_windows};
  EXPECT_THROW(scoreVariants(inputs, m_head.get(), {}, progress), Cancelled);
}

TEST_F(VariantEffectTest, WindowsOfAnotherModelAreRefused) {
  m_windows[0].window.end += 128;
  try {
    plan({substitution(300, "ENSG00000000001")});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "WINDOW_LENGTH");
  }
  m_windows[0].window.end -= 128;
  for (const std::vector<std::int64_t>& bins : {std::vector<std::int64_t>{}, {40}}) {
    m_windows[0].bins = bins;
    try {
      plan({substitution(300, "ENSG00000000001")});
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "WINDOW_BIN");
    }
  }
}

namespace {

/// The published step with its own trunk, head and genome.
class PublishedVariants : public ::testing::Test {
 protected:
  static constexpr const char* golden = "conformance/seq2cells/S5_variant_effect/expected.h5";

  void SetUp() override {
    CELLOCUS_NEEDS_SHARED(golden);
    CELLOCUS_NEEDS_SHARED("conformance/enformer/E3_full_window/pytorch_model.bin");
    CELLOCUS_NEEDS_SHARED("data/enformer/tf_gammas.pt");
    const fs::path folder = testing::scratchFolder("publishedvariants");
    for (const char* name : {"config.json", "pytorch_model.bin"})
      fs::copy_file(sharedPath("conformance/enformer/E3_full_window") / name, folder / name);
    fs::copy_file(sharedPath("data/enformer/tf_gammas.pt"), folder / "tf_gammas.pt");
    for (const char* name : {"genome.fa.gz", "genome.fa.gz.fai", "genome.fa.gz.gzi"})
      fs::copy_file(m_data / name, folder / name);
    m_genome = Genome::open(folder / "genome.fa.gz");
    m_predictor = std::make_unique<Predictor>(Enformer::open(folder));
    m_head = Emb2Cell::open(m_data / "head.ckpt");
    m_windows = readQueryWindows(m_data / "query.tsv");
    m_list = readVariantTable(m_data / "variants.tsv", PositionBase::One);
  }
  VariantInputs inputs() const {
    return {m_predictor.get(), m_genome.get(), &m_list.variants, &m_windows};
  }
  VariantEffects effects(StrandMode mode, std::int64_t addBins = 0) const {
    CellEffectOptions options;
    options.variants.mode = mode;
    options.variants.addBins = addBins;
    return scoreVariants(inputs(), m_head.get(), options);
  }
  /// The rows that a golden group holds.
  std::vector<Eigen::Index> rowsOf(const std::string& group) const {
    std::vector<Eigen::Index> rows;
    for (const double row : goldenArray(m_expected, group + "/rows").values)
      rows.push_back(static_cast<Eigen::Index>(row));
    return rows;
  }
  Matrix expected(const std::string& name) const { return goldenArray(m_expected, name).matrix(); }

  const fs::path m_data = sharedPath("conformance/seq2cells/S5_variant_effect");
  const fs::path m_expected = sharedPath(golden);
  std::shared_ptr<const Genome> m_genome;
  std::unique_ptr<Predictor> m_predictor;
  std::shared_ptr<const Emb2Cell> m_head;
  std::vector<QueryWindow> m_windows;
  VariantList m_list;
};

}  // namespace

TEST_F(PublishedVariants, PredictionsAreThoseOfTheOriginal) {
  const VariantEffects result = effects(StrandMode::AsPublished);
  ASSERT_EQ(result.plan.scored, 16);
  EXPECT_TRUE(within(result.reference, expected("pred_ref"), 1e-4));
  EXPECT_TRUE(within(result.alternative, expected("pred_var"), 1e-4));
  EXPECT_TRUE(within(result.alternative - result.reference, expected("delta"), 1e-4));
}

TEST_F(PublishedVariants, EmbeddingsAreThoseOfTheOriginal) {
  VariantOptions options;
  options.mode = StrandMode::AsPublished;
  const VariantPlan plan = planVariants(m_list.variants, m_windows, *m_genome,
                                        m_predictor->model().config(), options.mode);
  Matrix reference(plan.scored, 384), alternative(plan.scored, 384);
  embedVariants(inputs(), plan, options, [&](const VariantBatch& batch) {
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
      reference.row(batch.rows[i]) = batch.reference.row(static_cast<Eigen::Index>(i));
      alternative.row(batch.rows[i]) = batch.alternative.row(static_cast<Eigen::Index>(i));
    }
  });
  EXPECT_TRUE(within(reference, expected("emb_ref"), 3e-4));
  EXPECT_TRUE(within(alternative, expected("emb_var"), 3e-4));
}

TEST_F(PublishedVariants, NeighbouringBinsAreAveragedAsInTheOriginal) {
  const VariantEffects result = effects(StrandMode::AsPublished, 1);
  const auto rows = rowsOf("merge_adjacent_bins1");
  EXPECT_TRUE(
      within(result.reference(rows, Eigen::all), expected("merge_adjacent_bins1/pred_ref"), 1e-4));
  EXPECT_TRUE(within(result.alternative(rows, Eigen::all),
                     expected("merge_adjacent_bins1/pred_var"), 1e-4));
}

TEST_F(PublishedVariants, StrandSpecificModeIsThatOfTheOriginal) {
  const VariantEffects result = effects(StrandMode::AsPublishedStrandSpecific);
  const auto rows = rowsOf("strand_specific");
  EXPECT_TRUE(
      within(result.reference(rows, Eigen::all), expected("strand_specific/pred_ref"), 1e-4));
  EXPECT_TRUE(
      within(result.alternative(rows, Eigen::all), expected("strand_specific/pred_var"), 1e-4));
}

TEST_F(PublishedVariants, CorrectedReferencesAreTheEmbeddingsOfTraining) {
  VariantOptions options;
  const VariantPlan plan = planVariants(m_list.variants, m_windows, *m_genome,
                                        m_predictor->model().config(), options.mode);
  // Wrong references are refused, also that of the substitution of two bases; indels are scored.
  EXPECT_EQ(plan.count(VariantState::ReferenceMismatch), 2);
  EXPECT_EQ(plan.count(VariantState::Unmatched), 1);
  EXPECT_EQ(plan.count(VariantState::OutOfWindow), 2);
  EXPECT_EQ(plan.scored, 17);
  const Matrix trained = expected("calc_embeddings/default/emb");
  std::vector<std::int64_t> windowOfRow(static_cast<std::size_t>(plan.scored));
  for (const VariantTask& task : plan.tasks)
    if (task.row >= 0) windowOfRow[static_cast<std::size_t>(task.row)] = task.window;
  embedVariants(inputs(), plan, options, [&](const VariantBatch& batch) {
    for (std::size_t i = 0; i < batch.rows.size(); ++i)
      EXPECT_TRUE(within(batch.reference.row(static_cast<Eigen::Index>(i)),
                         trained.row(windowOfRow[static_cast<std::size_t>(batch.rows[i])]), 3e-4));
  });
}

}  // namespace cellocus
