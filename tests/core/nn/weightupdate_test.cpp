// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/weightupdate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/golden.h"
#include "support/random.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

constexpr Eigen::Index count = 1003;  // no multiple of any vector

using Numbers = Eigen::ArrayXd;

struct Weights {
  Matrix weights = randomMatrix(1, count, 1), first = Matrix::Zero(1, count),
         second = Matrix::Zero(1, count);
};

nn::WeightRun runOf(Weights& all, const Matrix& gradient) {
  return {all.weights.data(), gradient.data(), all.first.data(), all.second.data(), count};
}

Numbers wide(const Matrix& row) {
  return row.row(0).transpose().cast<double>().array();
}

Matrix narrow(const Numbers& numbers) {
  return numbers.matrix().transpose().cast<float>();
}

}  // namespace

TEST(WeightUpdate, AdamWKeepsMeansOfGradientsAndSquares) {
  nn::WeightUpdate update{.rule = nn::WeightUpdate::Rule::AdamW, .rate = 0.01f, .kept = 0.99f};
  update.rootScale = 1.5f;
  update.firstDecay = 0.9f;
  update.firstShare = 0.1f;
  update.secondDecay = 0.999f;
  update.secondShare = 0.001f;
  Weights all;
  Numbers weights = wide(all.weights), mean = Numbers::Zero(count), squares = Numbers::Zero(count);
  for (unsigned step = 1; step <= 5; ++step) {
    const Matrix gradient = randomMatrix(1, count, 10 + step);
    nn::updateWeights(update, runOf(all, gradient));
    mean = 0.9 * mean + 0.1 * wide(gradient);
    squares = 0.999 * squares + 0.001 * wide(gradient).square();
    weights = 0.99 * weights - 0.01 * mean / (squares.sqrt() * 1.5 + 1e-8);
  }
  EXPECT_TRUE(within(all.weights, narrow(weights), 1e-5));
  EXPECT_TRUE(within(all.first, narrow(mean), 1e-6));
  EXPECT_TRUE(within(all.second, narrow(squares), 1e-7));
}

TEST(WeightUpdate, SgdAndRmsPropAddTheDecayToTheGradient) {
  nn::WeightUpdate sgd{.rule = nn::WeightUpdate::Rule::Sgd, .rate = 0.1f, .decay = 0.2f};
  nn::WeightUpdate rmsProp{.rule = nn::WeightUpdate::Rule::RmsProp, .rate = 0.1f, .decay = 0.2f};
  rmsProp.secondDecay = 0.99f;
  rmsProp.secondShare = 0.01f;
  Weights a, b;
  Numbers plain = wide(a.weights), scaled = wide(b.weights), squares = Numbers::Zero(count);
  for (unsigned step = 1; step <= 3; ++step) {
    const Matrix gradient = randomMatrix(1, count, 20 + step);
    nn::WeightRun run = runOf(a, gradient);
    run.first = run.second = nullptr;
    nn::updateWeights(sgd, run);
    plain -= 0.1 * (wide(gradient) + 0.2 * plain);
    run = runOf(b, gradient);
    run.first = nullptr;
    nn::updateWeights(rmsProp, run);
    const Numbers withDecay = wide(gradient) + 0.2 * scaled;
    squares = 0.99 * squares + 0.01 * withDecay.square();
    scaled -= 0.1 * withDecay / (squares.sqrt() + 1e-8);
  }
  EXPECT_TRUE(within(a.weights, narrow(plain), 1e-5));
  EXPECT_TRUE(within(b.weights, narrow(scaled), 1e-4));
}

TEST(WeightUpdate, WhatIsNearlyNothingBecomesNothing) {
  nn::WeightUpdate update{.rule = nn::WeightUpdate::Rule::AdamW, .rate = 0.01f};
  update.firstDecay = update.secondDecay = 0.5f;
  Weights all;
  all.first.setConstant(1e-30f);
  all.second.setConstant(1e-30f);
  nn::updateWeights(update, runOf(all, Matrix::Zero(1, count)));
  EXPECT_EQ(all.first.cwiseAbs().maxCoeff(), 0);
  EXPECT_EQ(all.second.cwiseAbs().maxCoeff(), 0);
}

TEST(WeightUpdate, SlopeOfSoftplusFromItsValue) {
  const Matrix x = randomMatrix(3, 37, 5) * 12;
  const Matrix y = x.unaryExpr([](float v) { return v > 20 ? v : std::log1p(std::exp(v)); });
  Matrix gradient = Matrix::Constant(3, 37, 2);
  nn::softplusGradient(y, gradient);
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    const double expected = 2 / (1 + std::exp(-static_cast<double>(x.data()[i])));
    EXPECT_NEAR(static_cast<double>(gradient.data()[i]), expected, 2e-6 * expected);
  }
}
