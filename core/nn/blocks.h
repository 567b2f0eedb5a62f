// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/matrix.h"
#include "base/progress.h"
#include "nn/operand.h"

namespace cellocus::nn {

/// Working memory of one thread, used again from block to block and kept as long as the thread.
class Scratch {
 public:
  /// A matrix [rows, columns] with undefined contents, valid until reset().
  MatrixMap take(std::int64_t rows, std::int64_t columns);
  /// The same in the precision of a product.
  Operand operand(Precision precision, std::int64_t rows, std::int64_t columns);
  /// Ends the life of all matrices handed out.
  void reset() { m_taken = 0; }

 private:
  std::vector<std::vector<float>> m_slots;
  std::size_t m_taken = 0;
};

/// Rows of a block such that a block of `columns` channels fits into a core's second-level cache
/// several times over. Even, because pooling joins pairs.
std::int64_t blockRows(std::int64_t columns);

/// Calls `work(block, scratch)` for consecutive blocks of at most `rows` rows (an even number) of
/// 0..count, on all threads, each taking the next block when it is done with one. A few rows are
/// still divided among the threads. Checks `progress` and resets the scratch before each block. The
/// layers inside run on one thread.
/// @throws Cancelled, and what `work` throws
void forRowBlocks(std::int64_t count, std::int64_t rows, const Progress& progress,
                  const std::function<void(BinRange block, Scratch& scratch)>& work);

}  // namespace cellocus::nn
