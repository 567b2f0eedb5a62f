// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/matrix.h"
#include "base/progress.h"
#include "cells/h5file.h"

namespace cellocus {

/// A matrix that stays in its file and is read by rows or by columns.
class MatrixSource {
 public:
  enum class Axis { Rows, Columns };

  /// A dense dataset, or a group of CSR or CSC (of AnnData from 0.5 on).
  /// @throws Error "H5AD_MATRIX" naming what is wrong, also within indptr
  static std::unique_ptr<MatrixSource> open(std::shared_ptr<const H5File> file, std::string path);

  /// How a compressed sparse matrix lies: `indptr` bounds the lines of one axis, `indices` counts
  /// along the other.
  struct SparseLayout {
    std::string path;  ///< group of data, indices and indptr
    Axis lines = Axis::Rows;
    std::int64_t rows = 0, columns = 0;
  };
  static std::unique_ptr<MatrixSource> openSparse(std::shared_ptr<const H5File> file,
                                                  SparseLayout layout);
  virtual ~MatrixSource() = default;

  std::int64_t rows() const { return m_rows; }
  std::int64_t columns() const { return m_columns; }

  /// Rows first..last as [last - first, columns], or columns first..last as [last - first, rows].
  virtual Matrix lines(Axis axis, std::int64_t first, std::int64_t last,
                       const Progress& progress) const = 0;
  /// The lines that lie together in the file.
  virtual Axis storedLines() const = 0;
  /// Some thousands of stored values from places all over the matrix; of a sparse one the stored
  /// values.
  virtual std::vector<float> sample() const = 0;

 protected:
  MatrixSource(std::int64_t rows, std::int64_t columns) : m_rows(rows), m_columns(columns) {}

 private:
  std::int64_t m_rows, m_columns;
};

}  // namespace cellocus
