// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <random>

#include "base/parallel.h"
#include "nn/attention.h"
#include "nn/blocks.h"
#include "nn/conv.h"
#include "nn/kernels.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/pool.h"
#include "support/golden.h"
#include "support/shared.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

std::vector<float> randomValues(std::int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = normal(random);
  return values;
}

Matrix randomMatrix(Eigen::Index rows, Eigen::Index columns, unsigned seed = 1) {
  const std::vector<float> values = randomValues(rows * columns, seed);
  return Eigen::Map<const Matrix>(values.data(), rows, columns);
}

/// A reader of tensors that a test makes.
WeightReader readerOf(const std::vector<NamedTensor>& tensors) {
  const auto file = scratchFolder("layers") / "layer.safetensors";
  writeSafetensors(file, tensors);
  return WeightReader(Checkpoint::open(file));
}

NamedTensor randomTensor(const std::string& name, const Shape& shape, unsigned seed) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return {name, shape, randomValues(count, seed)};
}

}  // namespace

TEST(Product, AgreesWithTheDefinitionForBlocksOfMatrices) {
  const Matrix a = randomMatrix(9, 20), b = randomMatrix(20, 30, 2);
  Matrix c = Matrix::Constant(9, 40, 7);
  nn::multiply(a.middleCols(2, 11), b.block(3, 4, 11, 17), c.middleCols(1, 17));
  EXPECT_TRUE(within(c.middleCols(1, 17), a.middleCols(2, 11) * b.block(3, 4, 11, 17), 1e-5));
  EXPECT_EQ(c.col(0), Vector::Constant(9, 7));
  EXPECT_EQ(c.rightCols(22), Matrix::Constant(9, 22, 7));
  nn::multiplyTransposed(a.leftCols(5), randomMatrix(30, 5, 3), c.leftCols(30), nn::Into::Replace);
  EXPECT_TRUE(within(c.leftCols(30), a.leftCols(5) * randomMatrix(30, 5, 3).transpose(), 1e-5));
}

TEST(Product, AddsToWhatIsThereIfAsked) {
  const Matrix a = randomMatrix(4, 6), b = randomMatrix(6, 5, 2);
  Matrix c = Matrix::Ones(4, 5);
  nn::multiply(a, b, c, nn::Into::Add);
  EXPECT_TRUE(within(c, (a * b).array() + 1, 1e-5));
}

TEST(Blocks, CoverEveryRowOnceInEvenBlocks) {
  for (const std::int64_t count : {1, 2, 15, 16, 17, 100, 1001}) {
    std::vector<std::atomic<int>> seen(static_cast<std::size_t>(count));
    nn::forRowBlocks(count, 64, {}, [&](BinRange block, nn::Scratch&) {
      EXPECT_EQ(block.first % 2, 0);
      EXPECT_LE(block.count(), 64);
      for (std::int64_t row = block.first; row < block.last; ++row)
        ++seen[static_cast<std::size_t>(row)];
    });
    for (const auto& times : seen) EXPECT_EQ(times, 1);
  }
}

TEST(Blocks, NothingToDoCallsNothing) {
  nn::forRowBlocks(0, 64, {}, [](BinRange, nn::Scratch&) { FAIL(); });
}

TEST(Blocks, StopWhenAsked) {
  std::stop_source stop;
  std::atomic<int> blocks = 0;
  const auto work = [&](BinRange, nn::Scratch&) {
    ++blocks;
    stop.request_stop();
  };
  EXPECT_THROW(nn::forRowBlocks(100'000, 16, Progress(stop.get_token()), work), Cancelled);
  EXPECT_LE(blocks, threadCount());
}

TEST(Scratch, GivesEachTakerItsOwnMemoryUntilReset) {
  nn::Scratch scratch;
  nn::MatrixMap first = scratch.take(3, 4), second = scratch.take(3, 4);
  first.setConstant(1);
  second.setConstant(2);
  EXPECT_EQ(first.sum(), 12);
  const float* memory = first.data();
  scratch.reset();
  EXPECT_EQ(scratch.take(2, 2).data(), memory);
}

TEST(Linear, AgreesWithTheDefinition) {
  WeightReader reader =
      readerOf({randomTensor("l.weight", {5, 7, 1}, 1), randomTensor("l.bias", {5}, 2)});
  const nn::Linear layer(reader, "l", {5, 7, 1});
  const Matrix x = randomMatrix(3, 7, 3), weight = randomMatrix(5, 7, 1);
  const Matrix expected = (x * weight.transpose()).rowwise() + randomMatrix(1, 5, 2).row(0);
  Matrix y(3, 5);
  layer.apply(MatrixView(x), y);
  EXPECT_TRUE(within(y, expected, 1e-5));
  layer.addTo(MatrixView(x), y);
  EXPECT_TRUE(within(y, 2 * expected, 1e-5));
  EXPECT_FALSE(layer.isZero());
}

TEST(Linear, WithZeroWeightsStillGivesItsBias) {
  const NamedTensor zero{"l.weight", {2, 3}, std::vector<float>(6)};
  WeightReader reader = readerOf({zero, {"l.bias", {2}, {4, 5}}});
  const nn::Linear layer(reader, "l", {2, 3});
  EXPECT_FALSE(layer.isZero());
  Matrix y(1, 2);
  layer.apply(MatrixView(Matrix::Ones(1, 3)), y);
  EXPECT_EQ(y, (Matrix(1, 2) << 4, 5).finished());
}

TEST(Linear, WithNothingButZerosSaysSoAndGivesZeros) {
  WeightReader reader =
      readerOf({{"l.weight", {2, 3}, std::vector<float>(6)}, {"l.bias", {2}, {0, 0}}});
  const nn::Linear layer(reader, "l", {2, 3});
  EXPECT_TRUE(layer.isZero());
  const Matrix x = Matrix::Ones(1, 3);
  Matrix y = Matrix::Ones(1, 2);
  layer.addTo(MatrixView(x), y);
  EXPECT_EQ(y, Matrix::Ones(1, 2));
  layer.apply(MatrixView(x), y);
  EXPECT_EQ(y, Matrix::Zero(1, 2));
}

TEST(PackedProduct, FewRowsGiveWhatTheyGiveAmongMany) {
  for (const nn::Precision precision : {nn::Precision::Float32, nn::Precision::BFloat16})
    for (const Eigen::Index inner : {60, 96, 768}) {
      if (!nn::canMultiply(precision)) continue;
      const Matrix weight = randomMatrix(96, inner, 2);
      const nn::PackedProduct product(
          {{weight.data(), static_cast<std::size_t>(weight.size())}, 96, inner}, Vector::Ones(96),
          precision);
      nn::Scratch scratch;
      const nn::Operand a = scratch.operand(precision, 64, inner);
      nn::layerNorm(randomMatrix(64, inner), Vector::Ones(inner), Vector::Zero(inner), 1e-5f, a);
      Matrix all(64, 96), alone(1, 96), some(7, 96);
      product.apply(a, all);
      product.apply(a.middleRows(5, 1), alone);
      product.apply(a.middleRows(30, 7), some);
      const double rounding = 1e-6 * all.cwiseAbs().maxCoeff();
      EXPECT_TRUE(within(alone, all.row(5), rounding)) << inner;
      EXPECT_TRUE(within(some, all.middleRows(30, 7), rounding)) << inner;
    }
}

TEST(PackedProduct, EndsWithTheFunctionAskedFor) {
  const Matrix weight = randomMatrix(5, 7), x = randomMatrix(3, 7, 2);
  const Matrix plain = x * weight.transpose();
  const auto resultOf = [&](nn::Finish finish) {
    Matrix y(3, 5);
    nn::PackedProduct({{weight.data(), 35}, 5, 7}, Vector(), nn::Precision::Float32, finish)
        .applyToOperand(MatrixView(x), MatrixView(y));
    return y;
  };
  EXPECT_TRUE(within(resultOf(nn::Finish::Relu), plain.cwiseMax(0), 1e-5));
  const Eigen::ArrayXXf gelu = plain.array() / (1 + (-1.702f * plain.array()).exp());
  EXPECT_TRUE(within(resultOf(nn::Finish::Gelu), gelu.matrix(), 1e-5));
}

TEST(Convolution, AgreesWithTheDefinitionBothWays) {
  const nn::Convolution::Size size{3, 4, 5};
  WeightReader reader =
      readerOf({randomTensor("c.weight", {4, 3, 5}, 1), randomTensor("c.bias", {4}, 2)});
  const nn::Convolution layer(reader, "c", size);
  const std::vector<float> weight = randomValues(60, 1), bias = randomValues(4, 2);
  const Matrix x = randomMatrix(10 + 4, 3, 3);
  Matrix expected(10, 4), columns(10, 15), y(10, 4);
  for (Eigen::Index row = 0; row < 10; ++row)
    for (Eigen::Index out = 0; out < 4; ++out) {
      double sum = bias[static_cast<std::size_t>(out)];
      for (Eigen::Index tap = 0; tap < 5; ++tap)
        for (Eigen::Index in = 0; in < 3; ++in) {
          sum += static_cast<double>(weight[static_cast<std::size_t>((out * 3 + in) * 5 + tap)]) *
                 x(row + tap, in);
          columns(row, tap * 3 + in) = x(row + tap, in);
        }
      expected(row, out) = static_cast<float>(sum);
    }
  EXPECT_EQ(layer.reach(), 2);
  layer.apply(MatrixView(x), y);
  EXPECT_TRUE(within(y, expected, 1e-5));
  const nn::Convolution ofColumns(reader, "c", size, {nn::Convolution::Input::Columns});
  ofColumns.apply(MatrixView(columns), y);
  EXPECT_TRUE(within(y, expected, 1e-5));
}

TEST(Convolution, LeavesOutOuterTapsThatAreZero) {
  std::vector<float> weight(2 * 3 * 5);
  for (std::size_t i = 0; i < weight.size(); ++i)
    if (i % 5 == 1 || i % 5 == 3) weight[i] = static_cast<float>(i);
  WeightReader reader = readerOf({{"c.weight", {2, 3, 5}, weight}, {"c.bias", {2}, {1, 2}}});
  const nn::Convolution layer(reader, "c", {3, 2, 5});
  const Matrix x = randomMatrix(6 + 4, 3);
  Matrix y(6, 2), expected(6, 2);
  for (Eigen::Index row = 0; row < 6; ++row)
    for (Eigen::Index out = 0; out < 2; ++out) {
      expected(row, out) = static_cast<float>(out + 1);
      for (Eigen::Index in = 0; in < 3; ++in)
        for (Eigen::Index tap = 0; tap < 5; ++tap)
          expected(row, out) +=
              weight[static_cast<std::size_t>((out * 3 + in) * 5 + tap)] * x(row + tap, in);
    }
  layer.apply(MatrixView(x), y);
  EXPECT_TRUE(within(y, expected, 1e-5));
}

TEST(NormalisedGelu, UsesTheStoredStatisticsWithItsEpsilon) {
  // A variance as small as epsilon tells 1e-5 from other choices.
  WeightReader reader = readerOf({{"n.weight", {1}, {2}},
                                  {"n.bias", {1}, {0.5f}},
                                  {"n.running_mean", {1}, {1}},
                                  {"n.running_var", {1}, {1e-5f}},
                                  {"n.num_batches_tracked", {1}, {3}}});
  const nn::NormalisedGelu layer(reader, "n", 1);
  Matrix x = Matrix::Constant(1, 1, 1.001f);
  layer.apply(x, MatrixView(x));
  const double y = (1.001 - 1) / std::sqrt(2e-5) * 2 + 0.5;
  EXPECT_NEAR(x(0, 0), y / (1 + std::exp(-1.702 * y)), 1e-4);
  EXPECT_TRUE(reader.report().unexpected.empty());
}

TEST(AttentionPool, ADiagonalMatrixGivesWhatTheFullProductGives) {
  Matrix weight = Matrix::Zero(6, 6);
  weight.diagonal() = randomMatrix(6, 1, 4);
  const auto pooled = [&](float offDiagonal) {
    Matrix stored = weight;
    stored(0, 5) = offDiagonal;
    const NamedTensor tensor{
        "p.to_attn_logits.weight", {6, 6, 1, 1}, {stored.data(), stored.data() + 36}};
    WeightReader reader = readerOf({tensor});
    nn::Scratch scratch;
    Matrix out(4, 6);
    nn::AttentionPool(reader, "p", 6).apply(randomMatrix(7, 6, 5), out, scratch);
    return out;
  };
  EXPECT_TRUE(within(pooled(0), pooled(1e-20f), 1e-6));
  EXPECT_FALSE(within(pooled(0), pooled(1), 1e-3));
}

namespace {

const nn::RelativeAttention::Size attentionSize{12, 2, 3};

std::vector<NamedTensor> attentionTensors() {
  return {randomTensor("a.to_q.weight", {6, 12}, 1),
          randomTensor("a.to_k.weight", {6, 12}, 2),
          randomTensor("a.to_v.weight", {12, 12}, 3),
          randomTensor("a.to_rel_k.weight", {6, 6}, 4),
          randomTensor("a.to_out.weight", {12, 12}, 5),
          randomTensor("a.to_out.bias", {12}, 6),
          randomTensor("a.rel_content_bias", {1, 2, 1, 3}, 7),
          randomTensor("a.rel_pos_bias", {1, 2, 1, 3}, 8)};
}

/// The definition, one query and one key at a time, in double.
Matrix attendedByDefinition(const Matrix& x, const Matrix& features) {
  using Exact = Eigen::MatrixXd;
  const auto weight = [](Eigen::Index rows, Eigen::Index columns, unsigned seed) -> Exact {
    return randomMatrix(rows, columns, seed).cast<double>();
  };
  const Exact input = x.cast<double>(), q = input * weight(6, 12, 1).transpose() / std::sqrt(3.0);
  const Exact k = input * weight(6, 12, 2).transpose(), v = input * weight(12, 12, 3).transpose();
  const Exact r = features.cast<double>() * weight(6, 6, 4).transpose();
  const Exact content = weight(2, 3, 7), position = weight(2, 3, 8);
  const Eigen::Index n = x.rows();
  Exact attended(n, 12);
  for (Eigen::Index head = 0; head < 2; ++head)
    for (Eigen::Index i = 0; i < n; ++i) {
      Eigen::ArrayXd logits(n);
      for (Eigen::Index j = 0; j < n; ++j)
        logits(j) = (q.block(i, head * 3, 1, 3) + content.row(head))
                        .row(0)
                        .dot(k.block(j, head * 3, 1, 3).row(0)) +
                    (q.block(i, head * 3, 1, 3) + position.row(head))
                        .row(0)
                        .dot(r.block(n - 1 + j - i, head * 3, 1, 3).row(0));
      const Eigen::ArrayXd e = (logits - logits.maxCoeff()).exp();
      attended.block(i, head * 6, 1, 6) =
          (e / e.sum()).matrix().transpose() * v.middleCols(head * 6, 6);
    }
  const Exact out = (attended * weight(12, 12, 5).transpose()).rowwise() + weight(1, 12, 6).row(0);
  return out.cast<float>();
}

}  // namespace

namespace {

/// The layer's output with all keys at once or, piece by piece, without some that are added last.
Matrix attendedByLayer(const Matrix& x, const Matrix& features, std::int64_t queriesAtOnce,
                       std::vector<BinRange> late = {}) {
  WeightReader reader = readerOf(attentionTensors());
  const nn::RelativeAttention layer(reader, "a", attentionSize, {.fewQueries = true});
  const std::int64_t n = x.rows();
  Matrix projected(n, attentionSize.projected());
  layer.project(MatrixView(x), projected);
  const auto relative = layer.relativeKeys(features);
  nn::RelativeAttention::Memory all, memory;
  layer.remember(projected, {0, n}, all);
  nn::RelativeAttention::Sums sums;
  sums.restart(n, attentionSize);
  nn::Scratch scratch;
  for (std::int64_t first = 0; first < n; first += queriesAtOnce) {
    const BinRange rows{first, std::min(n, first + queriesAtOnce)};
    layer.addKeys(projected, rows, {all, relative, n, late}, sums, scratch);
    for (const BinRange& some : late) {
      layer.remember(projected.middleRows(some.first, some.count()), some, memory);
      layer.addKeys(projected, rows, {memory, relative, n}, sums, scratch);
    }
    layer.finish(rows, sums);
  }
  Matrix out = Matrix::Zero(n, x.cols());
  layer.addOutput(sums.values, out, scratch);
  return out;
}

}  // namespace

TEST(RelativeAttention, AgreesWithTheDefinitionWhateverTheBlock) {
  const std::int64_t n = 9;
  const Matrix x = randomMatrix(n, 12, 9), features = randomMatrix(2 * n - 1, 6, 10);
  const Matrix expected = attendedByDefinition(x, features);
  for (const std::int64_t rows : {1, 2, 4, 9})
    EXPECT_TRUE(within(attendedByLayer(x, features, rows), expected, 2e-5)) << "blocks of " << rows;
}

TEST(RelativeAttention, KeysMayBeMoreThanOneTile) {
  const std::int64_t n = 1700;
  const Matrix x = 0.3f * randomMatrix(n, 12, 9), features = randomMatrix(2 * n - 1, 6, 10);
  EXPECT_TRUE(within(attendedByLayer(x, features, 96), attendedByDefinition(x, features), 2e-5));
}

TEST(RelativeAttention, KeysAddedLaterGiveWhatAllGiveTogether) {
  const std::int64_t n = 100;
  const Matrix x = randomMatrix(n, 12, 9), features = randomMatrix(2 * n - 1, 6, 10);
  const Matrix together = attendedByLayer(x, features, 32);
  EXPECT_TRUE(within(attendedByLayer(x, features, 32, {{7, 9}, {50, 77}}), together, 1e-5));
  EXPECT_TRUE(within(attendedByLayer(x, features, 32, {{0, 100}}), together, 1e-5));
}
