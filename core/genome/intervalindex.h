// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "genome/locus.h"

namespace cellocus {

/// Finds the intervals that overlap a locus in O(log n + hits) for intervals of similar lengths.
/// The intervals stay where they are, sorted by contigBefore and start; the index knows them by
/// their place.
class IntervalIndex {
 public:
  /// Must be called for all intervals in their order.
  void append(const Locus& locus);

  /// Calls `visit(place)` for each overlapping interval by ascending start; contigs may be named by
  /// an alias.
  template <typename Visit>
  void forOverlapping(const Locus& locus, const Visit& visit) const {
    const auto [first, last] = rangeOf(locus.contig);
    // The farthest end so far never falls, so all before the first one beyond the start end before
    // it, too.
    const auto reach = m_reach.begin();
    auto i = std::upper_bound(reach + first, reach + last, locus.start) - reach;
    for (; i < last && m_starts[static_cast<std::size_t>(i)] < locus.end; ++i)
      if (m_ends[static_cast<std::size_t>(i)] > locus.start) visit(static_cast<std::size_t>(i));
  }

 private:
  struct Range {
    std::ptrdiff_t first = 0, last = 0;
  };
  Range rangeOf(const std::string& contig) const;

  std::unordered_map<std::string, Range> m_contigs;  ///< by contigKey
  std::string m_lastContig, m_lastKey;  ///< of append, which sees long runs of one contig
  std::vector<std::int64_t> m_starts, m_ends, m_reach;
};

/// The place of each contig in the order of contigBefore; spellings of one contig share it.
std::unordered_map<std::string, std::size_t> contigRanks(std::vector<std::string> contigs);

/// Sorts items by contig and start, long ones first; `locusOf(item)` is an item's place. The order
/// in which IntervalIndex wants them.
template <typename Item, typename LocusOf>
void sortByLocus(std::vector<Item>& items, const LocusOf& locusOf) {
  std::vector<std::string> contigs;
  for (const Item& item : items)
    if (contigs.empty() || contigs.back() != locusOf(item).contig)
      contigs.push_back(locusOf(item).contig);
  const auto ranks = contigRanks(std::move(contigs));
  std::stable_sort(items.begin(), items.end(), [&](const Item& a, const Item& b) {
    const Locus& first = locusOf(a);
    const Locus& second = locusOf(b);
    if (first.contig != second.contig) {
      const std::size_t rank = ranks.at(first.contig), other = ranks.at(second.contig);
      if (rank != other) return rank < other;
    }
    return first.start != second.start ? first.start < second.start : first.end > second.end;
  });
}

}  // namespace cellocus
