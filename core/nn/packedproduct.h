// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <span>

#include "nn/operand.h"
#include "nn/product.h"

namespace cellocus::nn {

/// What is done with a product's result before it is stored.
enum class Finish {
  Nothing,
  Relu,
  Gelu  ///< x * sigmoid(1.702 x), Enformer's
};

/// Whether the matrix library has such products on this machine: bfloat16 needs AVX-512.
bool canMultiply(Precision precision);

/// Weights packed once, in the order in which the matrix library's kernels read them; products with
/// few rows then run nearly as fast as with many. Each call runs on the calling thread alone. With
/// AVX-512 a row gives bit for bit what it gives among others; the library's older kernels add up
/// in another order when there are few rows, which changes the last digits.
class PackedProduct {
 public:
  struct Weights {
    std::span<const float> values;  ///< [outputs, inputs, kernel]
    std::int64_t outputs = 0, inputs = 0, kernel = 1;
  };
  /// `bias` [outputs] may be empty. A kernel of several positions is a sum of products; nothing can
  /// follow those.
  PackedProduct(const Weights& weights, const Vector& bias, Precision precision,
                Finish finish = Finish::Nothing);

  std::int64_t outputs() const;

  /// [rows + kernel - 1, inputs] -> [rows, outputs], replacing or added to what is there.
  void apply(const Operand& x, MatrixBlock y, Into into = Into::Replace) const;
  /// The same into the factor of the next product.
  void applyToOperand(const Operand& x, const Operand& y) const;

 private:
  struct Packed;
  std::shared_ptr<const Packed> m_packed;  ///< never changes, so copies share it
};

}  // namespace cellocus::nn
