// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <cstring>

#include "base/matrix.h"

namespace cellocus::nn {

using MatrixMap = Eigen::Map<Matrix>;

/// How products are computed. Sums, norms, softmax and residuals are float32 in both.
enum class Precision {
  Float32,
  BFloat16  ///< factors rounded to 8 significant bits: about twice as fast, too rough for
            ///< differences
};

/// One factor of a product: rows of activations in the precision of the model, row-major. A look at
/// memory that something else owns (see Scratch).
struct Operand {
  Precision precision = Precision::Float32;
  void* data = nullptr;
  std::int64_t rows = 0, columns = 0;
  std::int64_t stride = 0;  ///< elements from row to row

  Operand() = default;
  Operand(Precision kind, void* memory, std::int64_t rowCount, std::int64_t columnCount)
      : precision(kind), data(memory), rows(rowCount), columns(columnCount), stride(columnCount) {}
  /// Looks at a matrix; what it looks at is not changed where an operand is only read.
  Operand(MatrixView matrix)  // NOLINT(google-explicit-constructor)
      : data(const_cast<float*>(matrix.data())),
        rows(matrix.rows()),
        columns(matrix.cols()),
        stride(matrix.rows() > 1 ? matrix.outerStride() : matrix.cols()) {}

  Operand(const MatrixMap& matrix) : Operand(MatrixView(matrix)) {}  // NOLINT

  std::int64_t elementBytes() const { return precision == Precision::Float32 ? 4 : 2; }
  /// The start of a row, to be read as float or as the upper halves of floats.
  void* row(std::int64_t index) const {
    return static_cast<char*>(data) + index * stride * elementBytes();
  }
  Operand middleRows(std::int64_t first, std::int64_t count) const {
    Operand part = *this;
    part.data = row(first);
    part.rows = count;
    return part;
  }
  /// Both precisions write zero as zero bytes. Rows have to lie side by side.
  void setZero() const {
    std::memset(data, 0, static_cast<std::size_t>(rows * stride * elementBytes()));
  }
};

}  // namespace cellocus::nn
