// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "genome/locus.h"

namespace cellocus {

/// Places that were visited, with back and forward as in a web browser.
class History {
 public:
  void visit(const Locus& locus);
  bool canGoBack() const { return m_at > 0; }
  bool canGoForward() const { return m_at + 1 < m_places.size(); }
  const Locus& goBack() { return m_places[--m_at]; }
  const Locus& goForward() { return m_places[++m_at]; }

 private:
  std::vector<Locus> m_places;
  std::size_t m_at = 0;
};

}  // namespace cellocus
