// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/kernels.h"
#include "nn/blocks.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "support/golden.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

/// Widths that leave every possible rest behind whole vectors.
const std::vector<Eigen::Index> widths{1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 33, 48, 100};

Matrix randomMatrix(Eigen::Index rows, Eigen::Index columns, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 3);
  return Matrix::NullaryExpr(rows, columns, [&] { return normal(random); });
}

float geluOf(double x) {
  return static_cast<float>(x / (1 + std::exp(-1.702 * x)));
}

}  // namespace

/// GELU alone: of 1 * x + 0.
Matrix geluOfEach(const Matrix& x) {
  Matrix out(x.rows(), x.cols());
  nn::geluOfAffine(x, Vector::Ones(x.cols()), Vector::Zero(x.cols()), MatrixView(out));
  return out;
}

TEST(Kernels, GeluIsTheSigmoidFormAndNotErfOrTanh) {
  const Matrix y = geluOfEach((Matrix(1, 3) << -0.7512f, 0, 3).finished());
  EXPECT_NEAR(y(0, 0), -0.163610, 1e-6);
  EXPECT_EQ(y(0, 1), 0);
  EXPECT_NEAR(y(0, 2), geluOf(3), 1e-6);
}

TEST(Kernels, GeluOfAffineAgreesForEveryWidth) {
  for (const Eigen::Index width : widths) {
    const Matrix x = randomMatrix(3, width);
    const Vector scale = randomMatrix(width, 1, 2), shift = randomMatrix(width, 1, 3);
    Matrix expected(3, width), out(3, width);
    for (Eigen::Index row = 0; row < 3; ++row)
      for (Eigen::Index i = 0; i < width; ++i)
        expected(row, i) = geluOf(static_cast<double>(x(row, i)) * scale(i) + shift(i));
    nn::geluOfAffine(x, scale, shift, MatrixView(out));
    EXPECT_TRUE(within(out, expected, 1e-5)) << width;
  }
}

TEST(Kernels, GeluStaysFiniteForVeryLargeInput) {
  const Matrix y = geluOfEach((Matrix(1, 4) << -1e30f, -200, 200, 1e30f).finished());
  EXPECT_NEAR(y(0, 0), 0, 1e-7);
  EXPECT_NEAR(y(0, 1), 0, 1e-30);
  EXPECT_EQ(y(0, 2), 200);
  EXPECT_EQ(y(0, 3), 1e30f);
}

TEST(Kernels, BFloat16IsRoundedToNearest) {
  const float step = 0x1p-7f;  // between neighbours above 1
  const std::vector<float> given{
      1, 1 + step / 4, 1 + step * 3 / 4, 1 + step / 2, 1 + step * 3 / 2, -1 - step * 3 / 4, 0};
  const std::vector<float> expected{1, 1, 1 + step, 1, 1 + 2 * step, -1 - step, 0};
  Matrix x(2, 7);  // differences from zero
  x << Eigen::Map<const Matrix>(given.data(), 1, 7), Matrix::Zero(1, 7);
  nn::Scratch scratch;
  const nn::Operand out = scratch.operand(nn::Precision::BFloat16, 1, 7);
  nn::pairDifferences(x, out);
  for (std::size_t i = 0; i < 7; ++i) {
    const std::uint32_t bits = static_cast<std::uint32_t>(static_cast<std::uint16_t*>(out.data)[i])
                               << 16;
    EXPECT_EQ(std::bit_cast<float>(bits), expected[i]) << given[i];
  }
}

TEST(Kernels, SoftplusIsLinearAboveTwenty) {
  Matrix x(1, 6);
  x << -100, -5, 0, 5, 20.5f, 1000;
  nn::softplus(x);
  EXPECT_NEAR(x(0, 0), 0, 1e-30);
  EXPECT_NEAR(x(0, 1), std::log1p(std::exp(-5.0)), 1e-8);
  EXPECT_NEAR(x(0, 2), std::log(2.0), 1e-7);
  EXPECT_NEAR(x(0, 3), std::log1p(std::exp(5.0)), 1e-6);
  EXPECT_EQ(x(0, 4), 20.5f);
  EXPECT_EQ(x(0, 5), 1000);
}

TEST(Kernels, LayerNormUsesTheBiasedVariance) {
  for (const Eigen::Index width : widths) {
    const Matrix x = randomMatrix(3, width);
    const Vector weight = randomMatrix(width, 1, 2), bias = randomMatrix(width, 1, 3);
    Matrix expected(3, width), out(3, width);
    for (Eigen::Index row = 0; row < 3; ++row) {
      const Eigen::ArrayXd values = x.row(row).cast<double>();
      const Eigen::ArrayXd centred = values - values.mean();
      const Eigen::ArrayXd normal = centred / std::sqrt(centred.square().mean() + 1e-5);
      expected.row(row) = (normal * weight.cast<double>().array() + bias.cast<double>().array())
                              .matrix()
                              .cast<float>()
                              .transpose();
    }
    nn::layerNorm(x, weight, bias, 1e-5f, MatrixView(out));
    EXPECT_TRUE(within(out, expected, 2e-5)) << width;
  }
}

TEST(Kernels, WorksOnABlockAndLeavesItsNeighboursAlone) {
  Matrix x = randomMatrix(5, 40);
  const Matrix before = x;
  nn::relu(x.block(1, 3, 3, 29));
  EXPECT_EQ(x.block(1, 3, 3, 29), before.block(1, 3, 3, 29).cwiseMax(0));
  x.block(1, 3, 3, 29) = before.block(1, 3, 3, 29);
  EXPECT_EQ(x, before);
}

TEST(Kernels, GatedPairsAreTheSoftmaxOfTwo) {
  const Matrix x = randomMatrix(7, 19), logits = randomMatrix(7, 19, 5);
  Matrix logitDifferences(3, 19), out(4, 19), expected(4, 19);
  nn::pairDifferences(logits, MatrixView(logitDifferences));
  for (Eigen::Index pair = 0; pair < 3; ++pair)
    for (Eigen::Index i = 0; i < 19; ++i) {
      const double a = std::exp(logits(2 * pair, i)), b = std::exp(logits(2 * pair + 1, i));
      expected(pair, i) =
          static_cast<float>((a * x(2 * pair, i) + b * x(2 * pair + 1, i)) / (a + b));
    }
  expected.row(3) = x.row(6);  // alone, it passes unchanged
  nn::gatedPairs(x, logitDifferences, out);
  EXPECT_TRUE(within(out, expected, 1e-5));
  EXPECT_EQ(out.row(3), x.row(6));
}
