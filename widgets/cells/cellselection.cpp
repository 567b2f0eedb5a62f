// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/cellselection.h"

#include <bit>

#include "base/error.h"
#include "base/text.h"

namespace cellocus {

CellSelection::CellSelection(std::int64_t cells)
    : m_size(cells), m_words(static_cast<std::size_t>((cells + 63) / 64), 0) {}

CellSelection CellSelection::all(std::int64_t cells) {
  CellSelection selection(cells);
  selection.invert();
  return selection;
}

CellSelection CellSelection::of(std::int64_t cells, std::span<const std::int64_t> chosen) {
  CellSelection selection(cells);
  for (const std::int64_t cell : chosen) {
    if (cell < 0 || cell >= cells)
      throw Error(
          "CELL_INDEX", "selection",
          "cell " + std::to_string(cell) + " of a dataset of " + withThousands(cells) + " cells.",
          "Make the selection again for this dataset.");
    selection.set(cell);
  }
  return selection;
}

std::int64_t CellSelection::count() const {
  std::int64_t total = 0;
  for (const std::uint64_t bits : m_words) total += std::popcount(bits);
  return total;
}

bool CellSelection::empty() const {
  for (const std::uint64_t bits : m_words)
    if (bits != 0) return false;
  return true;
}

void CellSelection::unite(const CellSelection& other) {
  requireSameSize(other);
  for (std::size_t i = 0; i < m_words.size(); ++i) m_words[i] |= other.m_words[i];
}

void CellSelection::subtract(const CellSelection& other) {
  requireSameSize(other);
  for (std::size_t i = 0; i < m_words.size(); ++i) m_words[i] &= ~other.m_words[i];
}

void CellSelection::intersect(const CellSelection& other) {
  requireSameSize(other);
  for (std::size_t i = 0; i < m_words.size(); ++i) m_words[i] &= other.m_words[i];
}

void CellSelection::invert() {
  for (std::uint64_t& bits : m_words) bits = ~bits;
  if (const int used = static_cast<int>(m_size & 63); used != 0)
    m_words.back() &= (std::uint64_t{1} << used) - 1;
}

std::vector<std::int64_t> CellSelection::cells() const {
  std::vector<std::int64_t> chosen;
  chosen.reserve(static_cast<std::size_t>(count()));
  for (std::size_t i = 0; i < m_words.size(); ++i)
    for (std::uint64_t bits = m_words[i]; bits != 0; bits &= bits - 1)
      chosen.push_back(static_cast<std::int64_t>(i) * 64 + std::countr_zero(bits));
  return chosen;
}

std::uint64_t CellSelection::hash() const {
  std::uint64_t value = 0xcbf29ce484222325u;
  const auto add = [&value](std::uint64_t bits) {
    for (int shift = 0; shift < 64; shift += 8) {
      value ^= (bits >> shift) & 0xFF;
      value *= 0x100000001b3u;
    }
  };
  add(static_cast<std::uint64_t>(m_size));
  for (const std::uint64_t bits : m_words) add(bits);
  return value;
}

void CellSelection::requireSameSize(const CellSelection& other) const {
  if (m_size != other.m_size)
    throw Error("CELL_COUNT", "selection",
                "it is of a dataset of " + withThousands(other.m_size) + " cells, this one has " +
                    withThousands(m_size) + ".",
                "Make the selection again for this dataset.");
}

}  // namespace cellocus
