// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/headtraining.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "base/parallel.h"
#include "support/random.h"
#include "support/shared.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

constexpr std::int64_t geneCount = 240, dimension = 12, cellCount = 50;

/// Expression that a small head can learn: softplus of a product of low rank.
Matrix learnable(const Matrix& embeddings) {
  const Matrix weights = randomMatrix(3, dimension, 5) * randomMatrix(dimension, dimension, 6);
  const Matrix product =
      embeddings * weights.transpose() * randomMatrix(3, cellCount, 7) * (0.5f / dimension);
  return product.unaryExpr([](float x) { return std::log1p(std::exp(x)); });
}

TrainingData makeData() {
  TrainingData data;
  data.embeddings = randomMatrix(geneCount, dimension, 4);
  const Matrix all = learnable(data.embeddings);
  data.expression = [all](std::span<const std::int64_t> genes, const Progress&) {
    Matrix rows(std::ssize(genes), all.cols());
    for (Eigen::Index row = 0; row < rows.rows(); ++row)
      rows.row(row) = all.row(genes[static_cast<std::size_t>(row)]);
    return rows;
  };
  for (std::int64_t gene = 0; gene < geneCount; ++gene) {
    data.geneIds.push_back("GENE" + std::to_string(gene));
    data.sets.push_back(gene % 6 == 0   ? SplitSet::Valid
                        : gene % 6 == 1 ? SplitSet::Test
                                        : SplitSet::Train);
  }
  for (std::int64_t cell = 0; cell < cellCount; ++cell)
    data.cellNames.push_back("cell" + std::to_string(cell));
  data.unit = "log1p counts";
  data.gamma = "tf";
  return data;
}

TrainingOptions smallOptions() {
  TrainingOptions options;
  options.bottleneckSize = 24;
  options.optimizer.learningRate = 5e-3;
  options.optimizer.weightDecay = 1e-3;
  options.epochs = 5;
  options.patience = 0;
  options.batchGenes = 16;
  return options;
}

TrainingData shifted(TrainingData data, float by) {
  const TrainingData::Rows rows = data.expression;
  data.expression = [rows, by](std::span<const std::int64_t> genes, const Progress& progress) {
    return Matrix(rows(genes, progress).array() + by);
  };
  return data;
}

std::string codeOf(const TrainingData& data, const TrainingOptions& options) {
  try {
    trainHead(data, options);
  } catch (const Error& error) {
    return error.code();
  }
  return "nothing was thrown";
}

void expectSameHead(const Emb2Cell& a, const Emb2Cell& b) {
  EXPECT_EQ(a.parts().first.weight, b.parts().first.weight);
  EXPECT_EQ(a.parts().first.bias, b.parts().first.bias);
  ASSERT_EQ(a.parts().second.has_value(), b.parts().second.has_value());
  if (!a.parts().second) return;
  EXPECT_EQ(a.parts().second->weight, b.parts().second->weight);
  EXPECT_EQ(a.parts().second->bias, b.parts().second->bias);
}

/// Bit by bit, but for the seconds.
void expectSameResult(const TrainingResult& a, const TrainingResult& b) {
  expectSameHead(*a.best, *b.best);
  expectSameHead(*a.last, *b.last);
  EXPECT_EQ(a.bestEpoch, b.bestEpoch);
  EXPECT_EQ(a.end, b.end);
  ASSERT_EQ(a.history.size(), b.history.size());
  for (std::size_t i = 0; i < a.history.size(); ++i) {
    EXPECT_EQ(a.history[i].meanLoss, b.history[i].meanLoss);
    EXPECT_EQ(a.history[i].lastLoss, b.history[i].lastLoss);
    EXPECT_EQ(a.history[i].validLoss, b.history[i].validLoss);
    EXPECT_EQ(a.history[i].train, b.history[i].train);
    EXPECT_EQ(a.history[i].valid, b.history[i].valid);
    EXPECT_EQ(a.history[i].learningRate, b.history[i].learningRate);
    EXPECT_EQ(a.history[i].best, b.history[i].best);
    EXPECT_EQ(a.history[i].step, b.history[i].step);
  }
}

/// Trains until the step and asks for the end there, as a Ctrl+C would.
void cancelAtStep(const TrainingData& data, const TrainingOptions& options, std::int64_t step) {
  std::stop_source stop;
  TrainingCallbacks callbacks;
  callbacks.afterStep = [&](const StepReport& report) {
    if (report.step == step) stop.request_stop();
  };
  EXPECT_THROW(trainHead(data, options, callbacks, Progress(stop.get_token())), Cancelled);
}

}  // namespace

TEST(HeadTraining, LearnsWhatCanBeLearnt) {
  TrainingOptions options = smallOptions();
  options.dropout = 0;
  options.epochs = 40;
  options.schedule.schedule = Schedule::Constant;
  const TrainingResult result = trainHead(makeData(), options);
  const EpochReport& best = result.history.at(static_cast<std::size_t>(result.bestEpoch - 1));
  EXPECT_GT(best.valid.crossGene, 0.9);
  EXPECT_GT(best.valid.crossCell, 0.9);
  EXPECT_LT(std::abs(result.untrained.valid.crossCell), 0.5);
  EXPECT_LT(result.history.back().meanLoss, result.history.front().meanLoss);
  EXPECT_EQ(result.history.size(), 40u);
}

TEST(HeadTraining, LearnsWithALinearHeadAndEachLoss) {
  for (const ExpressionLoss loss : {ExpressionLoss::Pearson, ExpressionLoss::PoissonNll,
                                    ExpressionLoss::Poisson, ExpressionLoss::MeanSquaredError}) {
    SCOPED_TRACE(lossName(loss));
    TrainingOptions options = smallOptions();
    options.bottleneck = false;
    options.loss.loss = loss;
    options.epochs = 25;
    options.optimizer.learningRate = 2e-2;
    const TrainingResult result = trainHead(makeData(), options);
    EXPECT_FALSE(result.best->parts().second);
    EXPECT_GT(result.history.back().valid.crossGene, 0.9);
  }
}

TEST(HeadTraining, IsTheSameForASeedOnAnyNumberOfThreads) {
  const TrainingData data = makeData();
  TrainingOptions options = smallOptions();
  options.epochs = 2;
  setThreadCount(1);
  const TrainingResult alone = trainHead(data, options);
  setThreadCount(3);
  const TrainingResult together = trainHead(data, options);
  expectSameResult(alone, together);
  options.seed = 99;
  EXPECT_NE(trainHead(data, options).last->parts().first.weight, alone.last->parts().first.weight);
}

TEST(HeadTraining, GoesOnAfterBeingCancelledAsIfItHadNotBeen) {
  const TrainingData data = makeData();
  TrainingOptions options = smallOptions();
  const TrainingResult whole = trainHead(data, options);
  EXPECT_FALSE(whole.resumed);
  options.folder = scratchFolder("training_cancelled");
  cancelAtStep(data, options, 3);   // in the first epoch
  cancelAtStep(data, options, 25);  // in the third
  const TrainingResult resumed = trainHead(data, options);
  EXPECT_TRUE(resumed.resumed);
  expectSameResult(whole, resumed);
  const TrainingResult again = trainHead(data, options);  // all is done already
  expectSameResult(whole, again);
}

TEST(HeadTraining, GoesOnAfterBeingKilled) {
  const TrainingData data = makeData();
  TrainingOptions options = smallOptions();
  options.metrics = {true, false, true, true};
  const TrainingResult whole = trainHead(data, options);
  options.folder = scratchFolder("training_killed");
  setThreadCount(1);  // a forked process has no other threads
  const pid_t child = fork();
  if (child == 0) {
    TrainingCallbacks callbacks;
    callbacks.afterStep = [](const StepReport& report) {
      if (report.step == 34) std::raise(SIGKILL);
    };
    trainHead(data, options, callbacks);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  setThreadCount(2);
  ASSERT_TRUE(WIFSIGNALED(status));
  const TrainingResult resumed = trainHead(data, options);
  EXPECT_TRUE(resumed.resumed);
  expectSameResult(whole, resumed);
}

TEST(HeadTraining, RefusesTheStateOfOtherDataOrOptions) {
  const TrainingData data = makeData();
  TrainingOptions options = smallOptions();
  options.folder = scratchFolder("training_other");
  options.epochs = 1;
  trainHead(data, options);
  TrainingOptions other = options;
  other.dropout = 0.4;
  EXPECT_EQ(codeOf(data, other), "TRAINING_STATE");
  other = options;
  other.batchGenes = 7;
  EXPECT_EQ(codeOf(data, other), "TRAINING_STATE");
  EXPECT_EQ(codeOf(shifted(data, 0.5f), options), "TRAINING_STATE");
  TrainingData moved = data;
  std::swap(moved.sets[0], moved.sets[1]);
  EXPECT_EQ(codeOf(moved, options), "TRAINING_STATE");
  moved = data;
  moved.embeddings(3, 3) += 1;
  EXPECT_EQ(codeOf(moved, options), "TRAINING_STATE");
}

TEST(HeadTraining, KeepsTheBestHeadsInTheFolder) {
  const TrainingData data = makeData();
  TrainingOptions options = smallOptions();
  options.epochs = 6;
  options.checkpoints = 2;
  options.folder = scratchFolder("training_best");
  const TrainingResult result = trainHead(data, options);
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(options.folder))
    if (entry.path().filename().string().starts_with("epoch-")) files.push_back(entry.path());
  EXPECT_EQ(files.size(), 2u);
  const auto best = Emb2Cell::open(options.folder /
                                   ("epoch-" + std::to_string(result.bestEpoch) + ".safetensors"));
  expectSameHead(*best, *result.best);
  for (const EpochReport& report : result.history)
    EXPECT_LE(report.valid.crossCell,
              result.history[static_cast<std::size_t>(result.bestEpoch - 1)].valid.crossCell);
  EXPECT_EQ(best->parts().cellNames, data.cellNames);
  EXPECT_EQ(best->parts().unit, "log1p counts");
  EXPECT_EQ(best->parts().gamma, "tf");
  EXPECT_EQ(best->parts().hyperParameters.at("loss"), "pearson");
  EXPECT_EQ(best->parts().hyperParameters.at("dropout_prob"), 0.5);
  EXPECT_EQ(best->parts().training.at("epoch"), result.bestEpoch);
  EXPECT_EQ(best->parts().training.at("seed"), 1234);
}

TEST(HeadTraining, StopsWhenValidationNoLongerRises) {
  TrainingOptions options = smallOptions();
  options.patience = 2;
  options.minimalImprovement = 10;  // never
  options.epochs = 20;
  const TrainingResult result = trainHead(makeData(), options);
  EXPECT_EQ(result.end, TrainingEnd::NoImprovement);
  EXPECT_EQ(result.history.size(), 3u);  // the first is better than nothing
}

TEST(HeadTraining, StopsAndKeepsTheBestSoFar) {
  TrainingControl control;
  TrainingCallbacks callbacks;
  callbacks.control = &control;
  std::int64_t steps = 0;
  callbacks.afterStep = [&](const StepReport& report) {
    steps = report.step;
    if (report.step == 24) control.stopAndKeep();
  };
  TrainingOptions options = smallOptions();
  const TrainingResult result = trainHead(makeData(), options, callbacks);
  EXPECT_EQ(result.end, TrainingEnd::StoppedByUser);
  EXPECT_EQ(steps, 24);
  EXPECT_EQ(result.history.size(), 2u);
  options.epochs = 2;
  const TrainingResult two = trainHead(makeData(), options);
  expectSameHead(*result.best, *two.best);
}

TEST(HeadTraining, WaitsWhilePausedAndCanBeCancelledThen) {
  using Clock = std::chrono::steady_clock;
  TrainingControl control;
  TrainingCallbacks callbacks;
  callbacks.control = &control;
  std::stop_source stop;
  std::int64_t steps = 0;
  callbacks.afterStep = [&](const StepReport& report) {
    steps = report.step;
    if (report.step == 5 || report.step == 9) control.pause();
  };
  Clock::time_point asked;
  std::jthread person([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    control.resume();
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    asked = Clock::now();
    stop.request_stop();
  });
  EXPECT_THROW(trainHead(makeData(), smallOptions(), callbacks, Progress(stop.get_token())),
               Cancelled);
  const auto took = Clock::now() - asked;
  person.join();
  EXPECT_EQ(steps, 9);
  EXPECT_LT(took, std::chrono::milliseconds(200));
}

TEST(HeadTraining, NegativeExpressionSuitsPearsonButNoPoissonLoss) {
  const TrainingData data = shifted(makeData(), -1);
  TrainingOptions options = smallOptions();
  options.epochs = 1;
  EXPECT_EQ(codeOf(data, options), "nothing was thrown");
  options.loss.loss = ExpressionLoss::Poisson;
  EXPECT_EQ(codeOf(data, options), "TRAINING_NEGATIVE");
  options.loss.loss = ExpressionLoss::PoissonNll;
  EXPECT_EQ(codeOf(data, options), "TRAINING_NEGATIVE");
}

TEST(HeadTraining, WithoutValidationGenesTheLastHeadIsTheBest) {
  TrainingData data = makeData();
  for (SplitSet& set : data.sets)
    if (set == SplitSet::Valid) set = SplitSet::Unassigned;
  TrainingOptions options = smallOptions();
  options.epochs = 2;
  EXPECT_EQ(codeOf(data, options), "TRAINING_OPTIONS");  // the plateau of what?
  options.schedule.schedule = Schedule::Constant;
  const TrainingResult result = trainHead(data, options);
  EXPECT_EQ(result.bestEpoch, 0);
  expectSameHead(*result.best, *result.last);
  EXPECT_TRUE(std::isnan(result.history.back().valid.crossCell));
}

TEST(HeadTraining, RefusesDataAndOptionsThatCannotBe) {
  const TrainingData data = makeData();
  const auto with = [&](auto change) {
    TrainingOptions options = smallOptions();
    change(options);
    return codeOf(data, options);
  };
  EXPECT_EQ(with([](auto& o) { o.dropout = 1; }), "TRAINING_OPTIONS");
  EXPECT_EQ(with([](auto& o) { o.bottleneckSize = 0; }), "TRAINING_OPTIONS");
  EXPECT_EQ(with([](auto& o) { o.batchGenes = 0; }), "TRAINING_OPTIONS");
  EXPECT_EQ(with([](auto& o) { o.optimizer.learningRate = 0; }), "TRAINING_OPTIONS");
  EXPECT_EQ(with([](auto& o) { o.batchOrder = {{0, 1, 1}}; }), "TRAINING_OPTIONS");
  TrainingData none = data;
  std::ranges::fill(none.sets, SplitSet::Test);
  TrainingOptions constant = smallOptions();
  constant.schedule.schedule = Schedule::Constant;
  EXPECT_EQ(codeOf(none, constant), "TRAINING_DATA");
  TrainingData infinite = data;
  infinite.embeddings(0, 0) = std::numeric_limits<float>::infinity();
  EXPECT_EQ(codeOf(infinite, smallOptions()), "TRAINING_DATA");
  EXPECT_EQ(codeOf(shifted(data, std::nanf("")), smallOptions()), "TRAINING_DATA");
}

TEST(HeadTraining, SaysWhenItDiverges) {
  TrainingOptions options = smallOptions();
  options.optimizer = {OptimizerKind::Sgd, 1e5, 0};
  options.loss.loss = ExpressionLoss::MeanSquaredError;
  options.softplus = false;
  EXPECT_EQ(codeOf(makeData(), options), "TRAINING_DIVERGED");
}
