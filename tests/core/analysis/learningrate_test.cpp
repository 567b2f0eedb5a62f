// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/learningrate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/golden.h"
#include "support/shared.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

std::filesystem::path golden() {
  return dataPath("seq2cells/S4_metrics.h5");
}

std::int64_t numberAfter(const std::string& name, const std::string& word) {
  return std::stoll(name.substr(name.find(word) + word.size()));
}

}  // namespace

TEST(LearningRate, FollowsTheWarmUpsOfSeq2cells) {
  for (const std::string group :
       {"schedule_linear_warm_up", "schedule_linear_warm_up_cosine_decay"})
    for (const std::string& name : goldenChildren(golden(), group)) {
      if (name.ends_with("_f32ref")) continue;
      SCOPED_TRACE(group + "/" + name);
      ScheduleOptions options;
      options.warmUpEpochs = numberAfter(name, "warmup");
      options.schedule = Schedule::LinearWarmUp;
      if (group.ends_with("decay")) {
        options.schedule = Schedule::LinearWarmUpCosineDecay;
        options.epochs = numberAfter(name, "max");
      }
      LearningRate rate(options, 2);
      for (const double factor : goldenArray(golden(), group + "/" + name).values) {
        EXPECT_NEAR(rate.now(), 2 * factor, 1e-6 * 2);
        rate.epochDone(0);
      }
    }
}

TEST(LearningRate, IsReducedOnAPlateauAsPyTorchDoes) {
  const auto metric = goldenArray(golden(), "reduce_on_plateau/metric").values;
  const auto expected = goldenArray(golden(), "reduce_on_plateau/lr_after").values;
  ASSERT_GT(expected.front(), expected.back());
  LearningRate rate({}, expected.front());
  for (std::size_t epoch = 0; epoch < metric.size(); ++epoch) {
    SCOPED_TRACE(epoch);
    rate.epochDone(metric[epoch]);
    EXPECT_NEAR(rate.now(), expected[epoch], 1e-12);
  }
}

TEST(LearningRate, GoesOnFromASavedState) {
  LearningRate rate({}, 1e-3);
  rate.epochDone(0.5);
  rate.epochDone(0.4);
  LearningRate again({}, 1e-3);
  again.restore(rate.state());
  for (const double value : {0.4, 0.3, 0.6, 0.1}) {
    rate.epochDone(value);
    again.epochDone(value);
    EXPECT_EQ(again.now(), rate.now());
  }
  EXPECT_LT(rate.now(), 1e-3);
}

TEST(EarlyStopping, StopsInTheEpochInWhichLightningStops) {
  for (const std::string number : {"0", "1", "2", "3"}) {
    SCOPED_TRACE(number);
    const auto metric = goldenArray(golden(), "early_stopping/metric" + number).values;
    const auto expected = goldenArray(golden(), "early_stopping/stop_epoch" + number).values.at(0);
    EarlyStopping stopping;
    int stoppedIn = -1;
    for (std::size_t epoch = 0; epoch < metric.size() && stoppedIn < 0; ++epoch)
      if (stopping.stopsAfter(metric[epoch])) stoppedIn = static_cast<int>(epoch);
    EXPECT_EQ(stoppedIn, static_cast<int>(expected));
  }
}

TEST(EarlyStopping, DoesNothingWithoutPatience) {
  EarlyStopping stopping{.patience = 0};
  EXPECT_FALSE(stopping.stopsAfter(std::nan("")));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(stopping.stopsAfter(0));
}
