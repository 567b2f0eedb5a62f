// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "base/progress.h"
#include "nn/product.h"
#include "weights/checkpoint.h"

namespace cellocus {

/// A weight [cells, in] too large to be read on opening. It stays in its file and comes a tile of
/// rows at a time, when a tile is first asked for. Tiles are kept until the budget is used up; from
/// then on the others are read anew each time. None is ever given up for another, because going
/// through all of them in order would then find none of them. May be used from several threads.
class StreamedWeight {
 public:
  /// Rows of a tile, about 3 MB of a seq2cells head: little to wait for if somebody stops.
  static constexpr std::int64_t tileRows = 336;
  using Values = std::shared_ptr<const std::vector<float>>;

  /// `budget` in bytes of float32, whatever type the file has.
  StreamedWeight(std::shared_ptr<const Checkpoint> checkpoint, std::string tensor,
                 std::uint64_t budget);

  std::int64_t rows() const { return m_rows; }
  std::int64_t columns() const { return m_columns; }
  std::uint64_t keptBytes() const;

  /// Rows index * tileRows.. of the weight, row-major; the last tile has what is left.
  /// @throws Error as Checkpoint::readRows
  Values tile(std::int64_t index) const;
  /// Copies rows that are named in ascending order. Tiles of which few rows are wanted are not read
  /// as a whole. @throws Error as Checkpoint::readRows
  void copyRows(std::span<const std::int64_t> rows, nn::MatrixBlock into,
                const Progress& progress) const;
  /// All of it. @throws Error as Checkpoint::read
  std::vector<float> read(const Progress& progress = {}) const;

 private:
  std::int64_t firstRow(std::int64_t index) const { return index * tileRows; }
  std::int64_t lastRow(std::int64_t index) const;
  /// Null if the tile is not in memory.
  Values kept(std::int64_t index) const;
  void copyFromFile(std::span<const std::int64_t> rows, nn::MatrixBlock into,
                    const Progress& progress) const;

  std::shared_ptr<const Checkpoint> m_checkpoint;
  std::string m_tensor;
  std::int64_t m_rows = 0, m_columns = 0;
  std::uint64_t m_budget = 0;

  mutable std::mutex m_mutex;
  mutable std::vector<Values> m_tiles;    // guarded by m_mutex
  mutable std::uint64_t m_keptBytes = 0;  // guarded by m_mutex
};

}  // namespace cellocus
