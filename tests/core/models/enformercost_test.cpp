// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/enformercost.h"

#include <gtest/gtest.h>

namespace cellocus {

namespace {

/// The published model.
EnformerConfig publishedConfig() {
  EnformerConfig config;
  config.outputHeads = {{"human", 5313}, {"mouse", 1643}};
  return config;
}

/// Thousand millions of multiply-adds, the unit of the literature.
double gmac(double operations) {
  return operations / 2e9;
}

}  // namespace

TEST(EnformerCost, TheDefinitionStageByStage) {
  const EnformerCost cost = definedCost(publishedConfig());
  const double stages[] = {241.0, 405.9, 248.0, 164.3, 105.1, 65.4, 44.7};
  ASSERT_EQ(cost.tower.size(), std::size(stages));
  for (std::size_t level = 0; level < std::size(stages); ++level)
    EXPECT_NEAR(gmac(cost.tower[level]), stages[level], 0.05) << "level " << level;
  EXPECT_NEAR(gmac(cost.towerTotal()), 1274.4, 0.05);
  EXPECT_NEAR(gmac(cost.transformer), 348.8, 0.05);
  EXPECT_NEAR(gmac(cost.pointwise), 4.2, 0.05);
  EXPECT_NEAR(gmac(cost.tracks), 14.6 + 4.5, 0.1);
  EXPECT_NEAR(gmac(cost.trunk()), 1627.4, 0.05);
  EXPECT_NEAR(cost.trunk(), 3.25e12, 0.01e12);
}

TEST(EnformerCost, TheExactSavingsOfAWholeWindow) {
  const EnformerConfig config = publishedConfig();
  EXPECT_NEAR(gmac(costOf(wholePass(config, 5313), config).total()), 1469, 0.5);
  // 1,431 if the last block's keys and values were left out for one bin; they are computed.
  const double lastKeysAndValues = 4.8;
  EXPECT_NEAR(gmac(costOf({1536, 1, 0}, config).total()), 1431 + lastKeysAndValues, 0.5);
}

TEST(EnformerCost, TheTransformerIsTheFloorOfAnEdit) {
  const EnformerConfig config = publishedConfig();
  const EnformerCost known = costOf({0, 1, 0}, config);
  EXPECT_EQ(known.towerTotal(), 0);
  EXPECT_NEAR(gmac(known.total()), 302 + 4.8, 0.5);
  const EnformerCost edit = costOf({6, 896, 16}, config);
  EXPECT_EQ(edit.transformer, costOf(wholePass(config, 16), config).transformer);
  EXPECT_GT(edit.towerTotal(), 0);
  EXPECT_LT(edit.towerTotal(), 0.03 * edit.transformer);
  EXPECT_LT(edit.total(), 0.25 * costOf(wholePass(config, 16), config).total());
}

TEST(EnformerCost, APieceOfTheTowerCountsWithItsHalo) {
  const EnformerConfig config = publishedConfig();
  const EnformerCost one = costOf({1, 1, 0}, config);
  // One position of the last level needs 2, then 2 + 4, then 2 * 6 + 4 ... before each pooling.
  const double blocksAndPointwise = 5.0 * 1280 + 1536 + 1536.0 / 2;
  EXPECT_DOUBLE_EQ(one.tower.back(), 2 * 2 * blocksAndPointwise * 1536);
  const double before = 5.0 * 1152 + 1280 + 1280.0 / 2;
  EXPECT_DOUBLE_EQ(one.tower[5], 2 * 12 * before * 1280);
  const auto tower = [&](std::int64_t tokens) {
    return costOf({tokens, 1, 0}, config).towerTotal();
  };
  EXPECT_LT(tower(16), 2 * tower(8));
  EXPECT_LT(tower(1535), tower(1536) + 1);
}

TEST(EnformerCost, ManyTracksCostMoreThanFew) {
  const EnformerConfig config = publishedConfig();
  const double one = costOf({0, 896, 1}, config).tracks;
  EXPECT_DOUBLE_EQ(costOf({0, 896, 10}, config).tracks, 10 * one);
  EXPECT_DOUBLE_EQ(one, 2.0 * 896 * 3072);
}

TEST(EnformerCost, TheRateOfProductsIsMeasuredAndCanBeStopped) {
  EnformerConfig config;
  config.dim = 96;
  const double rate = measuredProductRate(config);
  EXPECT_GT(rate, 1e7);
  EXPECT_LT(rate, 1e15);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(measuredProductRate(config, Progress(stop.get_token())), Cancelled);
}

}  // namespace cellocus
