// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/expressionloss.h"

#include <gtest/gtest.h>

#include "base/parallel.h"
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

bool isLoss(const std::string& name) {
  return name.starts_with("pearson_gene") || name.starts_with("poisson") || name == "mse";
}

/// "pearson_gene2.0_cell0.5_nonzero_median", "mse", ...
LossOptions optionsOf(const std::string& name) {
  for (const ExpressionLoss loss :
       {ExpressionLoss::Poisson, ExpressionLoss::PoissonNll, ExpressionLoss::MeanSquaredError})
    if (name == lossName(loss)) return {.loss = loss};
  LossOptions options;
  options.geneWeight = std::stod(name.substr(name.find("gene") + 4));
  options.cellWeight = std::stod(name.substr(name.find("cell") + 4));
  options.centring = name.ends_with("median") ? Centring::NonzeroMedian : Centring::Mean;
  return options;
}

}  // namespace

TEST(ExpressionLoss, EqualsSeq2cellsInValueAndGradient) {
  int compared = 0;
  for (const std::string& group : cases) {
    const Matrix predicted = goldenArray(golden(), group + "/pred").matrix();
    const Matrix observed = goldenArray(golden(), group + "/target").matrix();
    for (const std::string& name : goldenChildren(golden(), group)) {
      if (!isLoss(name)) continue;
      SCOPED_TRACE(group + " " + name);
      const LossValue loss = lossWithGradient(predicted, observed, optionsOf(name));
      const double value = goldenArray(golden(), group + "/" + name + "/loss").values.at(0);
      EXPECT_NEAR(loss.value, value, 1e-6 * std::max(1.0, std::abs(value)));
      EXPECT_DOUBLE_EQ(lossOf(predicted, observed, optionsOf(name)), loss.value);
      const Matrix gradient = goldenArray(golden(), group + "/" + name + "/grad").matrix();
      const auto largest = static_cast<double>(gradient.cwiseAbs().maxCoeff());
      EXPECT_TRUE(within(loss.gradient, gradient, 1e-4 * largest));
      ++compared;
    }
  }
  EXPECT_GE(compared, 50);
}

TEST(ExpressionLoss, MedianLeavesZerosOutAndIsTheLowerOne) {
  for (const std::string& group : cases)
    for (const std::string of : {"pred", "target"}) {
      const std::string along = group + "/nonzero_median_axis1_" + of;
      if (!goldenHas(golden(), along)) continue;
      SCOPED_TRACE(along);
      const Matrix values = goldenArray(golden(), group + "/" + of).matrix();
      const auto expected = goldenArray(golden(), along).values;
      ASSERT_EQ(std::ssize(expected), values.rows());
      for (Eigen::Index row = 0; row < values.rows(); ++row)
        EXPECT_NEAR(
            nonzeroMedian({values.row(row).data(), static_cast<std::size_t>(values.cols())}),
            expected[static_cast<std::size_t>(row)], 1e-6);
    }
  const std::vector<float> nothing = {0, 0}, even = {4, 0, 1, 3, 2};
  EXPECT_EQ(nonzeroMedian(nothing), 0);
  EXPECT_EQ(nonzeroMedian(even), 2);
}

TEST(ExpressionLoss, GradientIsTheSlopeOfTheValue) {
  const Matrix observed = randomMatrix(6, 700, 1).cwiseAbs();
  const Matrix predicted = randomMatrix(6, 700, 2).cwiseAbs().array() + 0.5f;
  for (const char* name : {"pearson_gene2.0_cell0.5_mean", "pearson_gene1_cell3_nonzero_median",
                           "poisson", "poissonnll", "mse"}) {
    SCOPED_TRACE(name);
    const LossOptions options = optionsOf(name);
    const LossValue loss = lossWithGradient(predicted, observed, options);
    const auto largest = static_cast<double>(loss.gradient.cwiseAbs().maxCoeff());
    for (const auto& [gene, cell] : {std::pair{0, 0}, {3, 255}, {5, 256}, {2, 699}}) {
      constexpr float step = 1.0f / 512;
      Matrix more = predicted, less = predicted;
      more(gene, cell) += step;
      less(gene, cell) -= step;
      const double slope = (lossOf(more, observed, options) - lossOf(less, observed, options)) /
                           (2 * static_cast<double>(step));
      EXPECT_NEAR(static_cast<double>(loss.gradient(gene, cell)), slope, 2e-3 * largest);
    }
  }
}

TEST(ExpressionLoss, DoesNotDependOnThreads) {
  const Matrix observed = randomMatrix(7, 1000, 3).cwiseAbs(), predicted = randomMatrix(7, 1000, 4);
  setThreadCount(1);
  const LossValue alone = lossWithGradient(predicted, observed, {});
  setThreadCount(3);
  const LossValue together = lossWithGradient(predicted, observed, {});
  EXPECT_EQ(alone.value, together.value);
  EXPECT_EQ(alone.gradient, together.gradient);
}
