// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/effecttables.h"

#include <gtest/gtest.h>


#include "base/text.h"
#include "support/golden.h"
#include "support/shared.h"

namespace cellocus {

namespace {

/// Three variants of one gene, of which two were scored, in two groups of cells.
struct SmallEffects {
  std::vector<ListedVariant> variants = {{"v1", {"chr1", 99, "A", "C"}, "G1", 1, {}},
                                         {"v2", {"chr1", 5'000, "A", "C"}, "G1", 2, {}},
                                         {"v3", {"chr1", 109, "G", "T"}, "G1", 3, {}}};
  std::vector<QueryWindow> windows;
  VariantEffects effects;

  SmallEffects() {
    QueryWindow window;
    window.name = "G1_0";
    window.geneId = "G1";
    window.symbol = "ONE";
    window.window = {"chr1", 0, 200};
    window.strand = Strand::Minus;
    window.bins = {1};
    window.sites = {104};
    windows.push_back(window);
    effects.plan.tasks = {{0, 0, VariantState::Scored, "", 5, 0},
                          {1, 0, VariantState::OutOfWindow, "Too far.", -4'896, -1},
                          {2, 0, VariantState::Scored, "", -5, 1}};
    effects.plan.scored = 2;
    effects.reference = Matrix::Constant(2, 3, 1);
    effects.alternative = Matrix::Constant(2, 3, 2);
    effects.mean = Vector::Constant(2, 1);
    effects.meanAbsolute = Vector::Constant(2, 1);
    effects.groups = {"type", {"B", "T"}, {0, 0, 1}, {2, 1}};
    effects.groupMean = Matrix::Zero(2, 2);
    effects.groupMean << 0.5f, 0.25f, 0.5f, -2;
    effects.groupMeanAbsolute = effects.groupMean.cwiseAbs();
    effects.referenceTracks = effects.alternativeTracks = Matrix(2, 0);
    effects.unit = "log1p counts";
  }
  EffectSource source() const { return {effects, variants, windows}; }
};

std::size_t columnOf(const Table& table, const std::string& name) {
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (table.columns[i].name == name) return i;
  ADD_FAILURE() << "no column " << name;
  return 0;
}

}  // namespace

TEST(EffectTables, EveryVariantHasARow) {
  const SmallEffects small;
  const Table table = effectTable(small.source());
  ASSERT_EQ(table.rows.size(), 3u);
  const std::size_t state = columnOf(table, "state"), mean = columnOf(table, "mean_effect");
  EXPECT_EQ(std::get<std::string>(table.rows[1][state]), "out of window");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(table.rows[1][mean]));
  EXPECT_EQ(std::get<float>(table.rows[2][columnOf(table, "mean_effect:T")]), -2);
  EXPECT_EQ(std::get<std::int64_t>(table.rows[0][columnOf(table, "position")]), 100);
  EXPECT_EQ(std::get<std::int64_t>(table.rows[2][columnOf(table, "tss_distance")]), -5);
  for (const auto& row : table.rows) EXPECT_EQ(row.size(), table.columns.size());
}

TEST(EffectTables, TransferIsRankedByTheDifference) {
  const SmallEffects small;
  const Table table = transferTable(small.source(), "B", "T");
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(std::get<std::string>(table.rows[0][0]), "v3");
  EXPECT_EQ(std::get<float>(table.rows[0].back()), -2.5f);
}

TEST(EffectTables, FilesHoldMatricesAndTheStateOfEveryLine) {
  const SmallEffects small;
  const auto file = testing::scratchFolder("effecttables") / "effects.h5";
  H5Writer::save(file, [&](H5Writer& writer) {
    writeEffects(writer, small.source(), {"c1", "c2", "c3"});
  });
  EXPECT_TRUE(testing::within(testing::goldenArray(file, "alternative").matrix(),
                              small.effects.alternative, 0));
  EXPECT_EQ(testing::goldenStrings(file, "variant_id"), (std::vector<std::string>{"v1", "v3"}));
  EXPECT_EQ(testing::goldenStrings(file, "lines/state"),
            (std::vector<std::string>{"scored", "out of window", "scored"}));
  EXPECT_EQ(testing::goldenArray(file, "lines/row").values, (std::vector<double>{0, -1, 1}));
  EXPECT_EQ(testing::goldenArray(file, "groups/mean_effect").shape,
            (std::vector<std::int64_t>{2, 2}));
}

TEST(EffectTables, NothingScoredIsStillWritten) {
  SmallEffects small;
  small.effects = {};
  small.effects.plan.tasks = {{1, 0, VariantState::OutOfWindow, "Too far.", -4'896, -1}};
  const auto file = testing::scratchFolder("effecttables") / "effects.h5";
  H5Writer::save(file, [&](H5Writer& writer) { writeEffects(writer, small.source(), {}); });
  EXPECT_EQ(testing::goldenStrings(file, "lines/state").size(), 1u);
  EXPECT_EQ(effectTable(small.source()).rows.size(), 1u);
}

TEST(EffectTables, TablesOfTheOriginalAreWrittenLetterByLetter) {
  const std::string folder = "conformance/seq2cells/S5_variant_effect/";
  CELLOCUS_NEEDS_SHARED(folder + "matched_variants.tsv");
  const auto data = testing::sharedPath(folder);
  const auto scratch = testing::scratchFolder("effecttables");
  for (const char* name : {"genome.fa.gz", "genome.fa.gz.fai", "genome.fa.gz.gzi"})
    std::filesystem::copy_file(data / name, scratch / name);
  const auto genome = Genome::open(scratch / "genome.fa.gz");
  const auto windows = readQueryWindows(data / "query.tsv");
  const VariantList list = readVariantTable(data / "variants.tsv", PositionBase::One);
  const VariantPlan plan =
      planVariants(list.variants, windows, *genome, EnformerConfig(), StrandMode::AsPublished);
  const PublishedTables tables = publishedTables(plan, list.variants, windows);
  EXPECT_EQ(tables.matched, testing::fileText(data / "matched_variants.tsv"));
  EXPECT_EQ(tables.filtered, testing::fileText(data / "filtered_variants.tsv"));
}

}  // namespace cellocus
