// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cellocus {

/// Which cells of a dataset are chosen: one bit a cell, so that a million cells take 125 kB and
/// changing all of them is instant. A value: copied, compared, no thread questions. Indices are
/// 0-based rows of the cell table.
class CellSelection {
 public:
  CellSelection() = default;
  /// Nothing chosen out of `cells` cells.
  explicit CellSelection(std::int64_t cells);
  static CellSelection all(std::int64_t cells);
  /// The given rows. @throws Error "CELL_INDEX" if one is outside 0..cells
  static CellSelection of(std::int64_t cells, std::span<const std::int64_t> chosen);

  /// Cells of the dataset, chosen or not.
  std::int64_t size() const { return m_size; }
  /// Chosen cells.
  std::int64_t count() const;
  bool empty() const;

  /// Whether a cell is chosen; false outside 0..size.
  bool test(std::int64_t cell) const {
    return cell >= 0 && cell < m_size && ((m_words[word(cell)] >> (cell & 63)) & 1u);
  }
  /// @pre 0 <= cell < size()
  void set(std::int64_t cell) { m_words[word(cell)] |= std::uint64_t{1} << (cell & 63); }
  /// @pre 0 <= cell < size()
  void reset(std::int64_t cell) { m_words[word(cell)] &= ~(std::uint64_t{1} << (cell & 63)); }

  /// Set operations. @throws Error "CELL_COUNT" if `other` is of a dataset with another number of
  /// cells
  void unite(const CellSelection& other);
  void subtract(const CellSelection& other);
  void intersect(const CellSelection& other);
  void invert();

  /// The chosen rows in ascending order.
  std::vector<std::int64_t> cells() const;
  /// The same for the same choice on every machine (FNV-1a over size and bits), for provenance and
  /// caches.
  std::uint64_t hash() const;

  /// 64 cells a word, cell 0 in the lowest bit, for writing many at once. Bits beyond size() must
  /// stay 0.
  std::span<std::uint64_t> words() { return m_words; }

  bool operator==(const CellSelection&) const = default;

 private:
  static std::size_t word(std::int64_t cell) { return static_cast<std::size_t>(cell >> 6); }
  void requireSameSize(const CellSelection& other) const;

  std::int64_t m_size = 0;
  std::vector<std::uint64_t> m_words;  ///< bits beyond m_size are always 0
};

}  // namespace cellocus
