// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/panels.h"

#include <gtest/gtest.h>

#include <limits>

#include "support/golden.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

Matrix random(Eigen::Index rows, Eigen::Index columns, unsigned seed) {
  std::srand(seed);
  return Matrix::Random(rows, columns);
}

}  // namespace

TEST(Panels, GiveTheProductOfTheDefinitionForAnyNumberOfRows) {
  const Matrix b = random(40, 3 * nn::Panels::width() - 5, 1);
  nn::Panels panels, transposed;
  panels.assign(b);
  transposed.assignTransposed(b.transpose().eval());
  const std::int64_t columns = nn::Panels::roundedUp(b.cols());
  for (const Eigen::Index rows : {1, 2, 3, 5, 11, 12, 13, 31}) {
    const Matrix a = random(rows, 40, 2);
    Matrix c(rows, columns), again(rows, columns);
    panels.multiply(a, {0, 40}, {0, columns}, c);
    EXPECT_TRUE(within(c.leftCols(b.cols()), a * b, 1e-5)) << rows;
    EXPECT_EQ(c.rightCols(5), Matrix::Zero(rows, 5));
    transposed.multiply(a, {0, 40}, {0, columns}, again);
    EXPECT_EQ(c, again);
  }
}

TEST(Panels, MultiplySomeOfTheirRowsAndColumnsAndAdd) {
  const std::int64_t width = nn::Panels::width();
  const Matrix b = random(20, 4 * width, 1), a = random(7, 9, 2);
  nn::Panels panels;
  panels.assign(b);
  Matrix c = Matrix::Ones(7, 2 * width);
  panels.multiply(a, {5, 14}, {width, 3 * width}, c, nn::Into::Add);
  EXPECT_TRUE(within(c, (a * b.block(5, width, 9, 2 * width)).array() + 1, 1e-5));
}

TEST(Panels, AreFilledUpWithZerosAfterAnotherUse) {
  nn::Panels panels;
  panels.assign(random(3, 2 * nn::Panels::width(), 1));
  panels.assign(random(3, 1, 2));
  Matrix c(1, nn::Panels::width());
  panels.multiply(Matrix::Ones(1, 3), {0, 3}, {0, nn::Panels::width()}, c);
  EXPECT_EQ(c.rightCols(c.cols() - 1), Matrix::Zero(1, c.cols() - 1));
}

TEST(OpenSoftmax, PiecesGiveWhatTheWholeGives) {
  const Matrix logits = 30 * random(1, 37, 1);
  const Matrix zeros = Matrix::Zero(1, 37);
  const Eigen::ArrayXd exact = (logits.row(0).cast<double>().array() - logits.maxCoeff()).exp();
  for (const std::int64_t first : {1, 16, 20, 36}) {
    Matrix e = logits;
    nn::OpenSoftmax softmax;
    nn::addToSoftmax(e.data(), zeros.data(), first, softmax);
    const float factor = nn::addToSoftmax(e.data() + first, zeros.data(), 37 - first, softmax);
    e.leftCols(first) *= factor;
    EXPECT_EQ(softmax.maximum, logits.maxCoeff());
    EXPECT_NEAR(softmax.sum, exact.sum(), 1e-5);
    EXPECT_TRUE(within(e, exact.matrix().cast<float>().transpose(), 1e-6)) << first;
  }
}

TEST(OpenSoftmax, MinusInfinityCountsForNothing) {
  constexpr float none = -std::numeric_limits<float>::infinity();
  Matrix logits = Matrix::Constant(1, 20, none);
  const Matrix zeros = Matrix::Zero(1, 20);
  nn::OpenSoftmax softmax;
  nn::addToSoftmax(logits.data(), zeros.data(), 20, softmax);
  EXPECT_EQ(softmax.sum, 0);
  EXPECT_EQ(logits, zeros);
  Matrix more = (Matrix(1, 3) << 2, none, 1).finished();
  nn::addToSoftmax(more.data(), zeros.data(), 3, softmax);
  EXPECT_NEAR(softmax.sum, 1 + std::exp(-1.0), 1e-6);
  EXPECT_EQ(more(1), 0);
}
