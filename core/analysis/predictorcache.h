// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/matrix.h"
#include "models/enformer.h"

namespace cellocus {

/// What a Predictor keeps: activations by all that they depend on (so nothing ever has to be
/// declared out of date), and places prepared for edits. Bounded in bytes; what was used longest
/// ago goes first. May be used from several threads.
class PredictorCache {
 public:
  explicit PredictorCache(std::size_t bytes) : m_limit(bytes) {}

  /// Null if nothing is kept under the key.
  std::shared_ptr<const Matrix> find(std::string_view key);
  void insert(std::string key, Matrix rows);
  /// A place that accepts the sequence, or null.
  std::shared_ptr<const EditSite> siteFor(std::string_view bases);
  void insert(std::shared_ptr<const EditSite> site);

 private:
  struct Entry {
    std::string key;  ///< empty for a site
    std::shared_ptr<const Matrix> rows;
    std::shared_ptr<const EditSite> site;
    std::size_t bytes() const;
  };
  void add(Entry entry);
  void remove(std::list<Entry>::iterator entry);

  std::mutex m_mutex;
  std::size_t m_limit, m_bytes = 0;
  std::list<Entry> m_entries;  ///< the one used last in front
  std::unordered_map<std::string_view, std::list<Entry>::iterator> m_places;
};

}  // namespace cellocus
