// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/predictorcache.h"

#include <algorithm>

namespace cellocus {

std::size_t PredictorCache::Entry::bytes() const {
  constexpr std::size_t bookkeeping = 200;
  return bookkeeping + key.size() +
         (rows ? static_cast<std::size_t>(rows->size()) * sizeof(float) : 0) +
         (site ? site->bytes() : 0);
}

std::shared_ptr<const Matrix> PredictorCache::find(std::string_view key) {
  const std::lock_guard lock(m_mutex);
  const auto found = m_places.find(key);
  if (found == m_places.end()) return nullptr;
  m_entries.splice(m_entries.begin(), m_entries, found->second);
  return found->second->rows;
}

void PredictorCache::insert(std::string key, Matrix rows) {
  add({std::move(key), std::make_shared<const Matrix>(std::move(rows)), nullptr});
}

std::shared_ptr<const EditSite> PredictorCache::siteFor(std::string_view bases) {
  const std::lock_guard lock(m_mutex);
  const auto found = std::ranges::find_if(
      m_entries, [&](const Entry& entry) { return entry.site && entry.site->accepts(bases); });
  if (found == m_entries.end()) return nullptr;
  m_entries.splice(m_entries.begin(), m_entries, found);
  return found->site;
}

void PredictorCache::insert(std::shared_ptr<const EditSite> site) {
  add({{}, nullptr, std::move(site)});
}

void PredictorCache::add(Entry entry) {
  const std::lock_guard lock(m_mutex);
  if (!entry.key.empty() && m_places.contains(entry.key)) return;
  m_bytes += entry.bytes();
  m_entries.push_front(std::move(entry));
  if (!m_entries.front().key.empty()) m_places.emplace(m_entries.front().key, m_entries.begin());
  while (m_bytes > m_limit && !m_entries.empty()) remove(std::prev(m_entries.end()));
}

void PredictorCache::remove(std::list<Entry>::iterator entry) {
  m_bytes -= entry->bytes();
  if (!entry->key.empty()) m_places.erase(entry->key);
  m_entries.erase(entry);
}

}  // namespace cellocus
