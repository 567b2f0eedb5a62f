// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace cellocus {

/// Every activation, embedding and prediction of the project: rows are positions, tokens, genes or
/// cells, columns are channels, tracks or cells; row-major float32. There is no n-dimensional
/// tensor class, because every model here is positions x channels; heads and batches are loops.
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A read-only look at a Matrix or at a block of its rows or columns. Valid as long as what it
/// looks at.
using MatrixView = Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>;

/// One value per position, gene or cell.
using Vector = Eigen::VectorXf;

/// A half-open range of bins (or tokens), 0-based.
struct BinRange {
  std::int64_t first = 0;
  std::int64_t last = 0;  ///< not included
  std::int64_t count() const { return last - first; }
  bool operator==(const BinRange&) const = default;
};

}  // namespace cellocus
