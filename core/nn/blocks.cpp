// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/blocks.h"

#include <algorithm>
#include <atomic>

#include "base/parallel.h"

namespace cellocus::nn {

namespace {

/// A matrix product on fewer rows than this does not get faster by being divided.
constexpr std::int64_t fewestRows = 16;

std::int64_t evenlyDivided(std::int64_t count, std::int64_t rows) {
  const std::int64_t perThread = (count + threadCount() - 1) / threadCount();
  const std::int64_t wanted = std::clamp(perThread, fewestRows, std::max(rows, fewestRows));
  return wanted + wanted % 2;
}

}  // namespace

MatrixMap Scratch::take(std::int64_t rows, std::int64_t columns) {
  if (m_taken == m_slots.size()) m_slots.emplace_back();
  std::vector<float>& memory = m_slots[m_taken++];
  const auto size = static_cast<std::size_t>(rows * columns);
  if (memory.size() < size) memory.resize(size);
  return {memory.data(), rows, columns};
}

Operand Scratch::operand(Precision precision, std::int64_t rows, std::int64_t columns) {
  // Two bfloat16 fit into the place of a float.
  const std::int64_t share = precision == Precision::BFloat16 ? 2 : 1;
  return {precision, take((rows * columns + share - 1) / share, 1).data(), rows, columns};
}

std::int64_t blockRows(std::int64_t columns) {
  constexpr std::int64_t values = 192 * 1024;
  const std::int64_t rows =
      std::clamp<std::int64_t>(values / std::max<std::int64_t>(1, columns), 64, 1024);
  return rows - rows % 2;
}

void forRowBlocks(std::int64_t count, std::int64_t rows, const Progress& progress,
                  const std::function<void(BinRange, Scratch&)>& work) {
  const std::int64_t step = evenlyDivided(count, rows);
  const std::int64_t blocks = (count + step - 1) / step;
  std::atomic<std::int64_t> next = 0;
  parallelFor(std::min<std::int64_t>(threadCount(), blocks), 1, [&](std::int64_t, std::int64_t) {
    thread_local Scratch scratch;
    for (std::int64_t block = next++; block < blocks; block = next++) {
      progress.check();
      scratch.reset();
      work({block * step, std::min(count, (block + 1) * step)}, scratch);
    }
  });
}

}  // namespace cellocus::nn
