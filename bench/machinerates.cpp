// SPDX-License-Identifier: GPL-3.0-or-later
#include "machinerates.h"

#include <algorithm>
#include <chrono>

#include "nn/blocks.h"
#include "nn/kernels.h"
#include "nn/packedproduct.h"

namespace cellocus::bench {

namespace {

/// Blocks as the models use them; the weights of one product stay in the shared cache.
constexpr std::int64_t rows = 8192, rowsAtOnce = 256, size = 768;

double measured(nn::Precision precision) {
  const Matrix weight = Matrix::Random(size, size), x = Matrix::Random(rowsAtOnce, size);
  const nn::PackedProduct product(
      {{weight.data(), static_cast<std::size_t>(weight.size())}, size, size}, Vector(), precision);
  double best = 0;
  for (int i = 0; i < 60; ++i) {
    const auto started = std::chrono::steady_clock::now();
    nn::forRowBlocks(rows, rowsAtOnce, {}, [&](BinRange block, nn::Scratch& scratch) {
      product.apply(nn::asOperand(x.topRows(block.count()), precision, scratch),
                    scratch.take(block.count(), size));
    });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    best = std::max(best, 2.0 * static_cast<double>(rows * size * size) / took.count());
  }
  return best;
}

}  // namespace

double productRate(nn::Precision precision) {
  static const double float32 = measured(nn::Precision::Float32);
  if (precision == nn::Precision::Float32) return float32;
  static const double bfloat16 = measured(nn::Precision::BFloat16);
  return bfloat16;
}

}  // namespace cellocus::bench
