// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "base/matrix.h"
#include "nn/product.h"

namespace cellocus::nn {

/// The right-hand factor of products that are made from activations, its columns cut into panels as
/// wide as two vectors of this machine: what the kernels below read without a gap. The last panel
/// is filled up with zeros.
class Panels {
 public:
  Panels() = default;
  /// Columns of one panel.
  static std::int64_t width();
  static std::int64_t roundedUp(std::int64_t columns) {
    return (columns + width() - 1) / width() * width();
  }
  /// Makes the factor the transpose of `rows` [columns, depth].
  void assignTransposed(MatrixView rows);
  /// Makes the factor `matrix` [depth, columns].
  void assign(MatrixView matrix);

  /// c = a · (some rows and columns of the factor), or c += that. a is [rows, depths.count()], c
  /// [rows, columns.count()]; `columns` begins and ends at borders of panels.
  void multiply(MatrixView a, BinRange depths, BinRange columns, MatrixBlock c,
                Into into = Into::Replace) const;

 private:
  void resize(std::int64_t depth, std::int64_t columns);
  std::size_t placeOf(std::int64_t depth, std::int64_t column) const;

  std::int64_t m_depth = 0, m_columns = 0;
  std::vector<float> m_values;  ///< [panel, depth, column of the panel]
};

/// A softmax that is not finished: keys can be added piece by piece, in any order.
struct OpenSoftmax {
  float maximum = -1e30f;  ///< of the logits so far
  float sum = 0;           ///< of exp(logit - maximum)
};

/// Adds `count` keys to a query's softmax. `logits` + `more` become exp(logit - maximum), the new
/// maximum; a logit of minus infinity counts for nothing. Returns the factor by which what was
/// summed up with the old maximum has to be multiplied.
float addToSoftmax(float* logits, const float* more, std::int64_t count, OpenSoftmax& softmax);

/// x *= factor
void scaleRow(float* x, std::int64_t count, float factor);

}  // namespace cellocus::nn
