// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/correlation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "analysis/epochmetrics.h"
#include "support/golden.h"
#include "support/random.h"
#include "support/shared.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

const std::vector<std::string> cases = {"plain",          "constant_rows",       "constant_cols",
                                        "zero_rows_cols", "single_row",          "two_rows",
                                        "even_counts",    "nearly_constant_row", "tiny_values"};

std::filesystem::path golden() {
  return dataPath("seq2cells/S4_metrics.h5");
}

void expectEqual(double actual, double expected) {
  if (std::isnan(expected))
    EXPECT_TRUE(std::isnan(actual)) << actual;
  else
    EXPECT_NEAR(actual, expected, 1e-6 * std::max(1.0, std::abs(expected)));
}

void expectEqual(const std::vector<double>& actual, const std::vector<double>& expected,
                 const std::set<std::int64_t>& except = {}) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i)
    if (!except.contains(static_cast<std::int64_t>(i))) {
      SCOPED_TRACE(i);
      expectEqual(actual[i], expected[i]);
    }
}

/// Entries "[5 7 11]" of an attribute.
std::set<std::int64_t> listedIn(const std::string& attribute) {
  std::set<std::int64_t> numbers;
  std::istringstream stream(attribute);
  for (std::int64_t number = 0; stream >> number;) numbers.insert(number);
  return numbers;
}

bool flagOf(const std::string& name, const std::string& flag) {
  return name.find(flag + "=1") != std::string::npos;
}

MetricOptions optionsOf(const std::string& name) {
  return {flagOf(name, "target_is_log"), flagOf(name, "log_train"), flagOf(name, "log_validate"),
          flagOf(name, "std_validate")};
}

struct Pair {
  Matrix predicted, observed;
  Pair transformed(Transform transform) const {
    Pair result = *this;
    apply(transform, result.predicted);
    apply(transform, result.observed);
    return result;
  }
};

CorrelationSums sumsOf(const Pair& pair) {
  CorrelationSums sums;
  sums.add(pair.predicted, pair.observed);
  return sums;
}

CorrelationMeans meansOf(const Pair& pair, const CellStatistics& statistics) {
  EpochMetrics metrics(statistics);
  metrics.add(pair.predicted, pair.observed);
  return metrics.means();
}

void expectMeans(const CorrelationMeans& means, const std::string& place) {
  SCOPED_TRACE(place);
  expectEqual(means.crossGene, goldenArray(golden(), place + "_across_tss").values.at(0));
  expectEqual(means.crossCell, goldenArray(golden(), place + "_across_celltypes").values.at(0));
  expectEqual(means.overall, goldenArray(golden(), place).values.at(0));
}

}  // namespace

TEST(Correlation, EqualsTheEvaluationOfSeq2cells) {
  for (const std::string& group : cases) {
    SCOPED_TRACE(group);
    const Matrix predicted = goldenArray(golden(), group + "/pred").matrix();
    const Matrix observed = goldenArray(golden(), group + "/target").matrix();
    const auto crossGene = crossGeneCorrelation(predicted, observed);
    const auto crossCell = crossCellCorrelation(predicted, observed);
    const std::string genes = group + "/eval_anndata_axis0", cells = group + "/eval_anndata_axis1";
    expectEqual(crossGene, goldenArray(golden(), genes + "/per_entry").values);
    expectEqual(crossCell, goldenArray(golden(), cells + "/per_entry").values);
    expectEqual(meanCorrelation(crossGene, Undefined::Skipped),
                goldenArray(golden(), genes + "/mean").values.at(0));
    expectEqual(meanCorrelation(crossCell, Undefined::Skipped),
                goldenArray(golden(), cells + "/mean").values.at(0));
  }
}

namespace {

/// The reference's training metrics lose digits for a row that is nearly constant; where they are
/// apart from its own evaluation of the same numbers, that is right.
std::vector<double> moreExact(std::vector<double> training, const std::vector<double>& evaluation) {
  for (std::size_t i = 0; i < training.size(); ++i)
    if (std::abs(training[i] - evaluation[i]) > 1e-6) training[i] = evaluation[i];
  return training;
}

}  // namespace

TEST(Correlation, EqualsTheTrainingMetricsOfSeq2cells) {
  int compared = 0;
  for (const std::string& group : cases) {
    SCOPED_TRACE(group);
    const Matrix predicted = goldenArray(golden(), group + "/pred").matrix();
    const Matrix observed = goldenArray(golden(), group + "/target").matrix();
    const auto compare = [&](const std::string& name, const std::string& axis,
                             const std::vector<double>& actual) {
      const std::string place = group + "/torchmetrics_pearson_" + name;
      if (!goldenHas(golden(), place)) return;
      auto expected = goldenArray(golden(), place).values;
      if (group == "nearly_constant_row")
        expected = moreExact(
            expected, goldenArray(golden(), group + "/eval_anndata_" + axis + "/per_entry").values);
      expectEqual(actual, expected,
                  listedIn(goldenAttribute(golden(), place, "roundoff_dependent_entries")));
      ++compared;
    };
    compare("across_tss", "axis0", crossGeneCorrelation(predicted, observed));
    compare("across_celltypes", "axis1", crossCellCorrelation(predicted, observed));
  }
  EXPECT_GE(compared, 17);
}

TEST(Correlation, IsUndefinedForWhatDoesNotVary) {
  Matrix predicted = randomMatrix(4, 5, 1), observed = randomMatrix(4, 5, 2);
  predicted.row(1).setConstant(0.1f);
  observed.col(2).setConstant(0.3f);
  const auto crossGene = crossGeneCorrelation(predicted, observed);
  const auto crossCell = crossCellCorrelation(predicted, observed);
  EXPECT_EQ(undefinedCount(crossGene), 1);
  EXPECT_TRUE(std::isnan(crossGene[2]));
  EXPECT_EQ(undefinedCount(crossCell), 1);
  EXPECT_TRUE(std::isnan(crossCell[1]));
  const std::vector<double> values = {0.5, std::nan(""), 0.1};
  EXPECT_DOUBLE_EQ(meanCorrelation(values, Undefined::CountsAsZero), 0.2);
  EXPECT_DOUBLE_EQ(meanCorrelation(values, Undefined::Skipped), 0.3);
  EXPECT_TRUE(std::isnan(meanCorrelation({}, Undefined::CountsAsZero)));
}

TEST(Correlation, IsTheSameInOnePieceAndInBlocksOfGenes) {
  const Matrix predicted = randomMatrix(30, 600, 3).array() + 1000,
               observed = randomMatrix(30, 600, 4);
  CorrelationSums whole, blocks;
  whole.add(predicted, observed);
  for (const auto& [from, count] : {std::pair{0, 7}, {7, 1}, {8, 22}})
    blocks.add(predicted.middleRows(from, count), observed.middleRows(from, count));
  EXPECT_EQ(whole.crossCell(), blocks.crossCell());
  const auto a = whole.crossGene(), b = blocks.crossGene();
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-12);
  EXPECT_NEAR(whole.overall(), blocks.overall(), 1e-12);
}

TEST(Correlation, PerChannelOverSeveralUpdates) {
  CorrelationSums sums;
  for (const char* number : {"0", "1", "2"}) {
    const auto predicted =
        goldenArray(golden(), std::string("mean_pearson_per_channel/pred") + number);
    const auto observed =
        goldenArray(golden(), std::string("mean_pearson_per_channel/target") + number);
    const auto flat = [](const GoldenArray& array) -> Matrix {
      return array.matrix().reshaped<Eigen::RowMajor>(array.shape[0] * array.shape[1],
                                                      array.shape[2]);
    };
    sums.add(flat(predicted), flat(observed));
  }
  expectEqual(sums.crossGene(), goldenArray(golden(), "mean_pearson_per_channel/result").values);
}

TEST(Correlation, CosineOfAnAngle) {
  expectEqual(cosineSimilarity(goldenArray(golden(), "cosine_sim/a").values,
                               goldenArray(golden(), "cosine_sim/b").values),
              goldenArray(golden(), "cosine_sim/result").values.at(0));
}

TEST(EpochMetrics, EqualsWhatSeq2cellsLogsUnderAllFlags) {
  int compared = 0;
  for (const std::string group : {"epoch_end/plain", "epoch_end/zeros"}) {
    const Pair valid{goldenArray(golden(), group + "/pred").matrix(),
                     goldenArray(golden(), group + "/target").matrix()};
    const Pair train{goldenArray(golden(), group + "/train_pred").matrix(),
                     goldenArray(golden(), group + "/train_target").matrix()};
    for (const std::string& flags : goldenChildren(golden(), group)) {
      if (flags.find('=') == std::string::npos) continue;
      const std::string place = group + "/" + flags;
      SCOPED_TRACE(place);
      const MetricOptions options = optionsOf(flags);
      const auto statisticsOf = [&](const Pair& pair) {
        return options.stdValidate ? CellStatistics::of(sumsOf(pair)) : CellStatistics();
      };
      const Pair first = valid.transformed(transformOf(Stage::Validation, options));
      const Pair trained = train.transformed(transformOf(Stage::TrainingMetrics, options));
      const Pair tested = valid.transformed(transformOf(Stage::Test, options));
      const CellStatistics ofTraining = statisticsOf(trained);
      expectMeans(meansOf(first, statisticsOf(first)), place + "/first_validation/valid_corr");
      expectMeans(meansOf(trained, ofTraining), place + "/training/train_corr");
      expectMeans(meansOf(first, ofTraining), place + "/second_validation/valid_corr");
      expectMeans(meansOf(tested, ofTraining), place + "/test/test_corr");
      ++compared;
    }
  }
  EXPECT_GE(compared, 40);
}
