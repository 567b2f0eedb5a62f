// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/trainablehead.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/golden.h"
#include "support/random.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

using Wide = Eigen::MatrixXd;

Emb2Cell::Parts partsOf(const HeadShape& shape) {
  const auto layer = [](std::int64_t out, std::int64_t in, unsigned seed) -> Emb2Cell::Layer {
    return {randomMatrix(out, in, seed) / std::sqrt(static_cast<float>(in)),
            randomMatrix(out, 1, seed + 1)};
  };
  Emb2Cell::Parts parts;
  parts.first = layer(shape.bottleneck > 0 ? shape.bottleneck : shape.cells, shape.inputs, 1);
  if (shape.bottleneck > 0) parts.second = layer(shape.cells, shape.bottleneck, 3);
  parts.relu = shape.relu;
  parts.softplus = shape.softplus;
  return parts;
}

Wide affine(const Wide& x, const Emb2Cell::Layer& layer) {
  Wide y = x * layer.weight.cast<double>().transpose();
  y.rowwise() += layer.bias.cast<double>().transpose();
  return y;
}

/// Prediction and gradients by the definition, in double precision.
struct ByDefinition {
  Wide predicted, firstWeight, firstBias, secondWeight, secondBias;

  ByDefinition(const Emb2Cell::Parts& parts, const Wide& x, const Wide& gradient) {
    const Wide hidden = affine(x, parts.first);
    const Wide active = parts.relu ? Wide(hidden.cwiseMax(0)) : hidden;
    const Wide logits = parts.second ? affine(active, *parts.second) : hidden;
    predicted = logits;
    Wide back = gradient;
    if (parts.softplus) {
      predicted = logits.unaryExpr([](double v) { return v > 20 ? v : std::log1p(std::exp(v)); });
      back.array() *= logits.array().unaryExpr([](double v) { return 1 / (1 + std::exp(-v)); });
    }
    if (parts.second) {
      secondWeight = back.transpose() * active;
      secondBias = back.colwise().sum().transpose();
      back = back * parts.second->weight.cast<double>();
      if (parts.relu) back.array() *= (hidden.array() > 0).cast<double>();
    }
    firstWeight = back.transpose() * x;
    firstBias = back.colwise().sum().transpose();
  }
};

void expectGradients(const HeadShape& shape, std::int64_t genes) {
  const Emb2Cell::Parts parts = partsOf(shape);
  const Matrix x = randomMatrix(genes, shape.inputs, 9);
  const Matrix gradient = randomMatrix(genes, shape.cells, 10);
  TrainableHead head(shape, nn::WeightUpdate::Rule::Sgd);
  head.set(Emb2Cell(parts));
  const ByDefinition expected(parts, x.cast<double>(), gradient.cast<double>());
  EXPECT_TRUE(within(head.predict(x, {}), expected.predicted.cast<float>(), 1e-4));
  EXPECT_TRUE(within(head.forward(x, 1, {}), expected.predicted.cast<float>(), 1e-4));
  Matrix usedUp = gradient;
  head.backward(usedUp, {.rate = 1}, {});
  const Emb2Cell::Parts moved = head.parts();
  const auto compare = [](const Matrix& before, const Matrix& after, const Wide& slope) {
    EXPECT_TRUE(within(before - after, slope.cast<float>(), 2e-5 * slope.cwiseAbs().maxCoeff()));
  };
  compare(parts.first.weight, moved.first.weight, expected.firstWeight);
  compare(parts.first.bias, moved.first.bias, expected.firstBias);
  if (!parts.second) return;
  compare(parts.second->weight, moved.second->weight, expected.secondWeight);
  compare(parts.second->bias, moved.second->bias, expected.secondBias);
}

}  // namespace

/// Sizes with and without several pieces, blocks and a way of its own for few genes.
TEST(TrainableHead, GradientsAreThoseOfTheDefinition) {
  for (const std::int64_t genes : {1, 10, 40}) {
    expectGradients({19, 0, 33}, genes);
    expectGradients({19, 7, 33}, genes);
    expectGradients({70, 130, 4001}, genes);
    expectGradients({19, 40, 301, false, true}, genes);
    expectGradients({19, 40, 301, true, false}, genes);
  }
}

TEST(TrainableHead, DropoutLeavesOutHalfAndKeepsTheMean) {
  constexpr std::int64_t hidden = 4000;
  TrainableHead head({1, hidden, 1, false, false, 0.5}, nn::WeightUpdate::Rule::Sgd);
  Emb2Cell::Parts parts;
  parts.first = {Matrix::Ones(hidden, 1), Vector::Zero(hidden)};
  parts.second.emplace(Matrix::Ones(1, hidden), Vector::Zero(1));
  head.set(Emb2Cell(parts));
  const Matrix one = Matrix::Ones(1, 1);
  const float first = head.forward(one, 1, {})(0, 0), second = head.forward(one, 2, {})(0, 0);
  EXPECT_NE(first, second);
  EXPECT_EQ(head.forward(one, 1, {})(0, 0), first);
  EXPECT_NEAR(static_cast<double>(first), hidden, 300);  // 5 deviations
  EXPECT_NEAR(static_cast<double>(second), hidden, 300);
  EXPECT_EQ(head.predict(one, {})(0, 0), static_cast<float>(hidden));
  Matrix gradient = one;
  head.backward(gradient, {.rate = 1}, {});
  const Emb2Cell::Parts moved = head.parts();
  for (std::int64_t i = 0; i < hidden; ++i) {
    const float slope = 1 - moved.second->weight(0, i);  // 0 or 2: what passed
    EXPECT_TRUE(slope == 0 || slope == 2);
    EXPECT_EQ(1 - moved.first.weight(i, 0), slope);
  }
}

TEST(TrainableHead, RefusesAHeadOfAnotherSize) {
  TrainableHead head({10, 5, 3}, nn::WeightUpdate::Rule::AdamW);
  try {
    head.set(Emb2Cell(partsOf({10, 6, 3})));
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "TRAINING_OPTIONS");
  }
}
