// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/headfit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "base/error.h"

namespace cellocus {
namespace {

std::string codeOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return "no error";
}

/// Sixty genes whose expression in 40 cells really follows from three of the twenty numbers of
/// their embedding.
struct Example {
  Matrix embeddings = Matrix(60, 20), expression = Matrix(60, 40);
  Example() {
    std::mt19937 random(5);  // its numbers are fixed by the standard
    for (Eigen::Index gene = 0; gene < 60; ++gene) {
      for (Eigen::Index k = 0; k < 20; ++k)
        embeddings(gene, k) = static_cast<float>(random()) / 0x1p31F - 1;
      for (Eigen::Index cell = 0; cell < 40; ++cell) {
        const auto part = static_cast<Eigen::Index>(cell % 3);
        expression(gene, cell) =
            std::max(0.0F, 2.5F + embeddings(gene, part) + 0.5F * embeddings(gene, 3));
      }
    }
  }
};

TEST(HeadFit, FindsWhatExpressionFollowsFromAlsoForGenesItHasNotSeen) {
  const Example example;
  HeadFitReport report;
  const Emb2Cell head = fitHead(example.embeddings, example.expression, {}, &report);
  EXPECT_EQ(head.embeddingSize(), 20);
  EXPECT_EQ(head.cellCount(), 40);
  EXPECT_EQ(report.heldOutGenes.size(), 10u);
  EXPECT_GT(report.crossGene, 0.9);
  EXPECT_GT(report.crossCell, 0.9);
  EXPECT_LT(report.trainingError, 0.15);
}

TEST(HeadFit, ReportsNoSkillWhereThereIsNothingToLearn) {
  Example example;
  // Expression of another gene: what the embedding says has nothing to do with it.
  const Matrix shuffled = example.expression.colwise().reverse();
  HeadFitReport report;
  fitHead(example.embeddings, shuffled, {}, &report);
  EXPECT_LT(report.crossGene, 0.6);
}

TEST(HeadFit, TheSameInputGivesTheSameHead) {
  const Example example;
  const Emb2Cell a = fitHead(example.embeddings, example.expression, {});
  const Emb2Cell b = fitHead(example.embeddings, example.expression, {});
  EXPECT_EQ(a.parts().first.weight, b.parts().first.weight);
  EXPECT_EQ(a.parts().second->weight, b.parts().second->weight);
}

TEST(HeadFit, HoldingNothingOutLeavesTheReportUnknown) {
  const Example example;
  HeadFitOptions options;
  options.holdOutEvery = 0;
  HeadFitReport report;
  fitHead(example.embeddings, example.expression, options, &report);
  EXPECT_TRUE(report.heldOutGenes.empty());
  EXPECT_TRUE(std::isnan(report.crossGene));
}

TEST(HeadFit, WrongInputIsRefused) {
  const Example example;
  EXPECT_EQ(codeOf([&] { fitHead(example.embeddings, example.expression.topRows(5), {}); }),
            "HEADFIT_SHAPE");
  EXPECT_EQ(
      codeOf([&] { fitHead(example.embeddings.topRows(2), example.expression.topRows(2), {}); }),
      "HEADFIT_SHAPE");
  Matrix negative = example.expression;
  negative(3, 4) = -1;
  EXPECT_EQ(codeOf([&] { fitHead(example.embeddings, negative, {}); }), "HEADFIT_VALUES");
  negative(3, 4) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(codeOf([&] { fitHead(example.embeddings, negative, {}); }), "HEADFIT_VALUES");
  HeadFitOptions options;
  options.penalties.clear();
  EXPECT_EQ(codeOf([&] { fitHead(example.embeddings, example.expression, options); }),
            "HEADFIT_OPTIONS");
}

TEST(MeanRowCorrelation, LeavesRowsWithoutVarianceOut) {
  Matrix a(3, 3), b(3, 3);
  a << 1, 2, 3, 5, 5, 5, 3, 2, 1;
  b << 2, 4, 6, 1, 2, 3, 1, 2, 3;
  EXPECT_NEAR(meanRowCorrelation(a, b), 0, 1e-9);
  EXPECT_NEAR(meanRowCorrelation(a.topRows(2), b.topRows(2)), 1, 1e-9);
  EXPECT_TRUE(std::isnan(meanRowCorrelation(a.middleRows(1, 1), b.middleRows(1, 1))));
}

}  // namespace
}  // namespace cellocus
