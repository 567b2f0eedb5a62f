// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>

#include "cells/matrixsource.h"

namespace cellocus {

/// A compressed sparse matrix. "Lines" are what indptr bounds (the rows of CSR). Across the lines
/// every stored value has to be looked at, so the first such question turns a copy of the matrix
/// round and keeps it, if it is small enough. Unsorted indices are fine; values stored twice are
/// added, as SciPy does.
class SparseSource final : public MatrixSource {
 public:
  SparseSource(std::shared_ptr<const H5File> file, SparseLayout layout);
  Matrix lines(Axis axis, std::int64_t first, std::int64_t last,
               const Progress& progress) const override;
  Axis storedLines() const override { return m_layout.lines; }
  std::vector<float> sample() const override;

 private:
  /// The matrix turned round: values of line `across` at start[across]..start[across + 1].
  struct Turned {
    std::vector<std::int64_t> start;
    std::vector<std::uint32_t> line;
    std::vector<float> value;
  };
  enum class Reading { Indices, IndicesAndValues };
  std::int64_t storedCount() const { return m_indptr.back(); }
  void readIndptr();
  [[noreturn]] void throwAt(std::string_view dataset, const std::string& fact) const;
  template <typename Visit>
  void scan(std::int64_t firstLine, std::int64_t lastLine, Reading reading,
            const Progress& progress, Visit visit) const;
  const Turned& turned(const Progress& progress) const;
  std::unique_ptr<const Turned> turnRound(const Progress& progress) const;
  Matrix across(std::int64_t first, std::int64_t last, const Progress& progress) const;

  std::shared_ptr<const H5File> m_file;
  SparseLayout m_layout;
  std::int64_t m_lineCount, m_acrossCount;
  std::vector<std::int64_t> m_indptr;
  mutable std::timed_mutex m_turning;
  mutable std::unique_ptr<const Turned> m_turned;
};

}  // namespace cellocus
