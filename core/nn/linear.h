// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "base/matrix.h"
#include "nn/product.h"
#include "weights/weightreader.h"

namespace cellocus::nn {

/// A tensor of one dimension, e.g. a bias.
Vector readVector(WeightReader& reader, const std::string& name, std::int64_t size);

/// y = x · weightᵀ + bias for every row. A pointwise convolution is one, too.
class Linear {
 public:
  enum class Bias { None, Present };

  /// Reads `scope`.weight of `shape` ([out, in], further dimensions being 1) and `scope`.bias
  /// [out].
  Linear(WeightReader& reader, const std::string& scope, const Shape& shape,
         Bias bias = Bias::Present);

  std::int64_t inputs() const { return m_weight.rows(); }
  std::int64_t outputs() const { return m_weight.cols(); }
  /// True if the layer gives nothing but zeros, so that a residual branch that ends with it can be
  /// left out.
  bool isZero() const { return m_zeroWeight && (m_bias.size() == 0 || m_bias.isZero(0)); }

  /// y = layer(x): [rows, in] -> [rows, out]
  void apply(MatrixView x, MatrixBlock y) const;
  /// y += layer(x)
  void addTo(MatrixView x, MatrixBlock y) const;

 private:
  Matrix m_weight;  ///< [in, out]: the product reads it row by row
  Vector m_bias;    ///< [out] or empty
  bool m_zeroWeight = false;
};

}  // namespace cellocus::nn
