// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/progress.h"

namespace cellocus {
namespace {

TEST(ParallelFor, VisitsEveryItemOnceWhateverTheNumberOfThreads) {
  for (const int threads : {1, 2, 7}) {
    setThreadCount(threads);
    std::vector<std::atomic<int>> visits(1001);
    parallelFor(1001, 10, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i) ++visits[static_cast<std::size_t>(i)];
    });
    for (const auto& count : visits) EXPECT_EQ(count, 1);
  }
  parallelFor(0, 10, [](std::int64_t, std::int64_t) { FAIL() << "there is nothing to visit"; });
}

TEST(ParallelFor, BringsAnExceptionBackToTheCaller) {
  setThreadCount(4);
  EXPECT_THROW(parallelFor(100, 1,
                           [](std::int64_t first, std::int64_t) {
                             if (first > 0) throw std::runtime_error("worker");
                           }),
               std::runtime_error);
}

TEST(ParallelFor, MayRunFromSeveralThreadsAtOnce) {
  setThreadCount(3);
  std::atomic<int> items = 0;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 4; ++i)
      callers.emplace_back([&] {
        for (int round = 0; round < 200; ++round)
          parallelFor(9, 1, [&](std::int64_t first, std::int64_t last) {
            items += static_cast<int>(last - first);
          });
      });
  }
  EXPECT_EQ(items, 4 * 200 * 9);
}

TEST(Progress, APartReportsWithinItsShareOfTheWhole) {
  std::vector<double> seen;
  const Progress whole(std::stop_token(), [&](double fraction, std::string_view) { seen.push_back(fraction); });
  whole.part(0.5, 1).part(0, 0.5).at(1);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_DOUBLE_EQ(seen[0], 0.75);
}

TEST(Progress, AStopAskedForIsThrownAtTheNextCheck) {
  std::stop_source source;
  const Progress progress(source.get_token());
  progress.check();
  source.request_stop();
  EXPECT_THROW(progress.check(), Cancelled);
  EXPECT_THROW(progress.at(0.5), Cancelled);
}

}  // namespace
}  // namespace cellocus
