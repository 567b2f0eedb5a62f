// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "base/matrix.h"
#include "nn/packedproduct.h"
#include "weights/weightreader.h"

namespace cellocus::nn {

/// A tensor of one dimension, e.g. a bias.
Vector readVector(WeightReader& reader, const std::string& name, std::int64_t size);

/// y = x · weightᵀ + bias for every row. A pointwise convolution is one, too.
class Linear {
 public:
  enum class Bias { None, Present };
  struct Options {
    Bias bias = Bias::Present;
    Finish finish = Finish::Nothing;
    Precision precision = Precision::Float32;
  };

  /// Reads `scope`.weight of `shape` ([out, in], further dimensions being 1) and `scope`.bias
  /// [out].
  Linear(WeightReader& reader, const std::string& scope, const Shape& shape,
         const Options& options);
  Linear(WeightReader& reader, const std::string& scope, const Shape& shape)
      : Linear(reader, scope, shape, Options{}) {}
  /// From weights [out, in] at hand, without a bias.
  Linear(const Matrix& weight, const Options& options);

  std::int64_t inputs() const { return m_inputs; }
  std::int64_t outputs() const { return m_outputs; }
  /// True if the layer gives nothing but zeros, so that a residual branch that ends with it can be
  /// left out.
  bool isZero() const { return !m_product; }

  /// y = layer(x): [rows, in] -> [rows, out]
  void apply(const Operand& x, MatrixBlock y) const;
  void applyToOperand(const Operand& x, const Operand& y) const;
  /// y += layer(x)
  void addTo(const Operand& x, MatrixBlock y) const;

 private:
  std::int64_t m_inputs, m_outputs;
  std::optional<PackedProduct> m_product;
};

}  // namespace cellocus::nn
