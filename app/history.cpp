// SPDX-License-Identifier: GPL-3.0-or-later
#include "history.h"

namespace cellocus {

void History::visit(const Locus& locus) {
  constexpr std::size_t most = 500;
  if (locus.contig.empty() || (!m_places.empty() && m_places[m_at] == locus)) return;
  if (!m_places.empty()) m_places.resize(m_at + 1);
  m_places.push_back(locus);
  if (m_places.size() > most) m_places.erase(m_places.begin());
  m_at = m_places.size() - 1;
}

}  // namespace cellocus
