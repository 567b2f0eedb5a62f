// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/fitdata.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "support/shared.h"

namespace cellocus {

namespace {

std::vector<std::string> names(int count) {
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) ids.push_back("ENSG" + std::to_string(10'000'000'000 + i));
  return ids;
}

std::int64_t countOf(const std::vector<SplitSet>& sets, SplitSet set) {
  return std::ranges::count(sets, set);
}

/// Four genes in three cells with counts, and embeddings of the last three in another order.
FitRequest request() {
  NewDataset dataset;
  dataset.cellNames = {"a", "b", "c"};
  for (const char* symbol : {"ACTB", "GATA4", "TBX5", "NKX2-5"})
    dataset.genes.push_back({symbol, "", symbol});
  dataset.expression = Matrix(3, 4);
  dataset.expression << 1, 2, 3, 4, 0, 5, 5, 0, 10, 0, 0, 0;
  const auto file = testing::scratchFolder("fitdata") / "cells.h5ad";
  writeH5ad(file, dataset);
  FitRequest request;
  request.cells = CellDataset::open(file);
  auto embeddings = std::make_shared<EmbeddingFile>();
  embeddings->embedding = Matrix(3, 2);
  embeddings->embedding << 1, 1, 2, 2, 3, 3;
  embeddings->geneSymbols = {"TBX5", "NKX2-5", "GATA4"};
  embeddings->gamma = "torch";
  request.join = std::make_shared<const GeneJoin>(joinGenes(*embeddings, request.cells->genes()));
  request.embeddings = embeddings;
  request.split.validShare = request.split.testShare = 0;
  return request;
}

}  // namespace

TEST(RandomSplit, GivesEverySetItsShare) {
  const auto sets = randomSplit(names(1000), 0.1, 0.2, 7);
  EXPECT_EQ(countOf(sets, SplitSet::Valid), 100);
  EXPECT_EQ(countOf(sets, SplitSet::Test), 200);
  EXPECT_EQ(countOf(sets, SplitSet::Train), 700);
  EXPECT_NE(sets, randomSplit(names(1000), 0.1, 0.2, 8));
  EXPECT_EQ(sets, randomSplit(names(1000), 0.1, 0.2, 7));
}

TEST(RandomSplit, AGeneStaysWhereItIsWhenOthersCome) {
  const auto few = randomSplit(names(900), 0.1, 0.1, 1),
             many = randomSplit(names(1000), 0.1, 0.1, 1);
  int moved = 0;
  for (std::size_t i = 0; i < few.size(); ++i) moved += few[i] != many[i];
  EXPECT_LE(moved, 45);  // only those at the borders of the sets; a new lot would move some 300
}

TEST(RandomSplit, SmallListsKeepGenesToLearnFrom) {
  const auto sets = randomSplit(names(3), 0.1, 0.1, 1);
  EXPECT_EQ(countOf(sets, SplitSet::Train), 1);
  EXPECT_EQ(countOf(sets, SplitSet::Valid), 1);
  EXPECT_EQ(countOf(sets, SplitSet::Test), 1);
  EXPECT_EQ(countOf(randomSplit(names(2), 0.3, 0.3, 1), SplitSet::Train), 2);
}

TEST(FitData, RowsAreTheSameGeneEverywhere) {
  const FitData data = gatherFitData(request());
  ASSERT_EQ(data.genes.size(), 3u);
  EXPECT_EQ(data.training.cellNames, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(data.training.gamma, "torch");
  const std::int64_t all[] = {0, 1, 2};
  const Matrix expression = data.training.expression(all, {});
  for (std::int64_t row = 0; row < 3; ++row) {
    SCOPED_TRACE(data.symbol(row));
    const bool gata4 = data.symbol(row) == "GATA4", tbx5 = data.symbol(row) == "TBX5";
    EXPECT_EQ(data.training.embeddings(row, 0), gata4 ? 3 : tbx5 ? 1 : 2);
    EXPECT_EQ(expression(row, 0), gata4 ? 2 : tbx5 ? 3 : 4);  // counts, as stored
    EXPECT_EQ(expression(row, 2), 0);
  }
}

TEST(FitData, CountsGoToALogScaleIfAsked) {
  FitRequest asked = request();
  asked.expression.transform = ExpressionTransform::LogPerTenThousand;
  const FitData data = gatherFitData(asked);
  const std::int64_t all[] = {0, 1, 2};
  const Matrix expression = data.training.expression(all, {});
  for (std::int64_t row = 0; row < 3; ++row) {
    const double count = data.symbol(row) == "GATA4" ? 2 : data.symbol(row) == "TBX5" ? 3 : 4;
    EXPECT_NEAR(expression(row, 0), std::log1p(1e4 * count / 10), 1e-5);
  }
  EXPECT_EQ(data.training.unit, "log1p counts per 10,000");
}

TEST(FitData, ASplitByRegionsNeedsTheWindows) {
  FitRequest asked = request();
  asked.split.kind = SplitChoice::Kind::Regions;
  asked.split.name = "sequences.bed";
  try {
    gatherFitData(asked);
    FAIL() << "a split without places";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "SPLIT_WINDOWS");
  }
}

TEST(FitData, ASplitByRegionsPutsGenesWhereTheyLie) {
  FitRequest asked = request();
  const auto bed = testing::scratchFolder("fitdata_regions") / "sequences.bed";
  std::ofstream(bed) << "chr1\t0\t131072\ttrain\nchr1\t200000\t331072\tvalid\n";
  asked.split.kind = SplitChoice::Kind::Regions;
  asked.split.name = bed.string();
  for (const std::int64_t site : {60'000, 260'000, 900'000}) {
    QueryWindow window;
    window.name = "w";
    window.window = {"chr1", site - 98'368, site + 98'240};
    window.centre = site;
    window.sites = {site};
    asked.windows.push_back(window);
  }
  const FitData data = gatherFitData(asked);
  for (std::size_t row = 0; row < 3; ++row) {
    const std::string& symbol = data.genes[row].symbol;
    EXPECT_EQ(data.genes[row].set, symbol == "TBX5"     ? SplitSet::Train
                                   : symbol == "NKX2-5" ? SplitSet::Valid
                                                        : SplitSet::Unassigned)
        << symbol;
  }
}

TEST(FitData, WithoutAGeneToLearnFromItSaysSo) {
  FitRequest asked = request();
  auto other = std::make_shared<EmbeddingFile>(*asked.embeddings);
  other->geneSymbols = {"A", "B", "C"};
  asked.embeddings = other;
  asked.join = std::make_shared<const GeneJoin>(joinGenes(*other, asked.cells->genes()));
  try {
    gatherFitData(asked);
    FAIL() << "nothing to learn from";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "SPLIT_EMPTY");
  }
}

}  // namespace cellocus
