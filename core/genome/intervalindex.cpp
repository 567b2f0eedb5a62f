// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/intervalindex.h"

#include "genome/genome.h"

namespace cellocus {

void IntervalIndex::append(const Locus& locus) {
  if (m_lastKey.empty() || locus.contig != m_lastContig) {
    m_lastContig = locus.contig;
    m_lastKey = contigKey(locus.contig);
  }
  const std::ptrdiff_t place = std::ssize(m_starts);
  Range& range = m_contigs.try_emplace(m_lastKey, Range{place, place}).first->second;
  const bool isFirst = range.first == range.last;
  range.last = place + 1;
  m_reach.push_back(isFirst ? locus.end : std::max(m_reach.back(), locus.end));
  m_starts.push_back(locus.start);
  m_ends.push_back(locus.end);
}

IntervalIndex::Range IntervalIndex::rangeOf(const std::string& contig) const {
  const auto found = m_contigs.find(contigKey(contig));
  return found == m_contigs.end() ? Range{} : found->second;
}

std::unordered_map<std::string, std::size_t> contigRanks(std::vector<std::string> contigs) {
  std::sort(contigs.begin(), contigs.end());
  contigs.erase(std::unique(contigs.begin(), contigs.end()), contigs.end());
  std::sort(contigs.begin(), contigs.end(), contigBefore);
  std::unordered_map<std::string, std::size_t> ranks;
  for (std::size_t i = 0; i < contigs.size(); ++i) {
    const bool sameAsBefore = i > 0 && !contigBefore(contigs[i - 1], contigs[i]);
    ranks[contigs[i]] = sameAsBefore ? ranks[contigs[i - 1]] : i;
  }
  return ranks;
}

}  // namespace cellocus
