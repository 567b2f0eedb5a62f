// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/densesource.h"

#include <algorithm>

namespace cellocus {

namespace {

/// Read between two looks at whether the user has stopped: about 16 MiB.
constexpr std::int64_t blockElements = std::int64_t{4} << 20;
/// A block of single columns touches many chunks or disk blocks a number, so it is bounded by rows
/// as well.
constexpr std::int64_t blockRows = 16384;
constexpr std::int64_t samplePieces = 8, sampleElements = 20'000;

}  // namespace

DenseSource::DenseSource(std::shared_ptr<const H5File> file, std::string path)
    : MatrixSource(file->shape(path).at(0), file->shape(path).at(1)),
      m_file(std::move(file)),
      m_path(std::move(path)) {}

Matrix DenseSource::lines(Axis axis, std::int64_t first, std::int64_t last,
                          const Progress& progress) const {
  const bool byRows = axis == Axis::Rows;
  const std::int64_t width = byRows ? columns() : last - first;
  const std::int64_t firstRow = byRows ? first : 0, lastRow = byRows ? last : rows();
  Matrix result(last - first, byRows ? columns() : rows());
  const std::int64_t step =
      std::clamp<std::int64_t>(blockElements / std::max<std::int64_t>(width, 1), 1, blockRows);
  for (std::int64_t row = firstRow; row < lastRow; row += step) {
    progress.at(static_cast<double>(row - firstRow) / static_cast<double>(lastRow - firstRow),
                "reading expression");
    const std::int64_t count = std::min(step, lastRow - row);
    const std::vector<float> values =
        m_file->floats(m_path, {{row, byRows ? 0 : first}, {count, width}, {}});
    const Eigen::Map<const Matrix> block(values.data(), count, width);
    if (byRows)
      result.middleRows(row - first, count) = block;
    else
      result.middleCols(row, count) = block.transpose();
  }
  return result;
}

std::vector<float> DenseSource::sample() const {
  std::vector<float> values;
  if (rows() == 0 || columns() == 0) return values;
  const std::int64_t width = std::min(columns(), sampleElements);
  const std::int64_t count = std::clamp<std::int64_t>(sampleElements / width, 1, rows());
  for (std::int64_t piece = 0; piece < samplePieces; ++piece) {
    const std::int64_t row = (rows() - count) * piece / (samplePieces - 1);
    const std::vector<float> part = m_file->floats(m_path, {{row, 0}, {count, width}, {}});
    values.insert(values.end(), part.begin(), part.end());
  }
  return values;
}

}  // namespace cellocus
