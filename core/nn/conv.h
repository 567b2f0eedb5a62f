// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "base/matrix.h"
#include "nn/product.h"
#include "weights/weightreader.h"

namespace cellocus::nn {

/// A convolution along positions with stride 1, as a sum of matrix products, one per tap. The
/// caller provides `reach` rows more on each side; that they are zero beyond the ends of a sequence
/// is what 'same' padding is.
class Convolution {
 public:
  struct Size {
    std::int64_t inputs, outputs, kernel;  ///< kernel odd
  };
  /// Reads `scope`.weight [out, in, kernel] and `scope`.bias [out].
  Convolution(WeightReader& reader, const std::string& scope, const Size& size);

  std::int64_t inputs() const { return m_inputs; }
  std::int64_t outputs() const { return m_bias.size(); }
  std::int64_t kernel() const { return m_kernel; }
  /// Rows needed beyond each end of the output.
  std::int64_t reach() const { return m_kernel / 2; }

  /// [rows + 2 * reach, in] -> [rows, out]. Taps whose weights are all zero are left out.
  void apply(MatrixView x, MatrixBlock y) const;
  /// The same where each row of `columns` already holds all taps' inputs, tap by tap: [rows, kernel
  /// * in] -> [rows, out]. Faster where there are few input channels.
  void applyToColumns(MatrixView columns, MatrixBlock y) const;

 private:
  std::int64_t m_inputs, m_kernel;
  Matrix m_weight;                   ///< [kernel * in, out]
  Vector m_bias;                     ///< [out]
  std::vector<std::int64_t> m_taps;  ///< those with weights other than zero
};

}  // namespace cellocus::nn
