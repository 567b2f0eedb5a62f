// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "analysis/embeddingrun.h"
#include "base/matrix.h"

namespace cellocus {

/// The folder of an EmbeddingJournal while a run works on it. No other program may open it then; a
/// program that is killed gives it free.
class RowJournal {
 public:
  /// Makes the folder if there is none. @throws Error "EMBED_RESUME", "EMBED_RUNNING",
  /// "SAVE_FAILED"
  explicit RowJournal(const EmbeddingJournal& journal);
  /// Leaves nothing behind where there are no rows.
  ~RowJournal();
  RowJournal(const RowJournal&) = delete;
  RowJournal& operator=(const RowJournal&) = delete;

  /// Fills the rows that are on disk and says which these are. A file that is damaged or does not
  /// fit is removed, so that its rows are made again, and named in `remarks`.
  std::vector<bool> read(Matrix& rows, std::vector<std::string>& remarks) const;
  /// @throws Error "SAVE_FAILED"
  void save(const Matrix& rows, BinRange which) const;

  static void remove(const std::filesystem::path& folder);

 private:
  void lock();
  void checkFacts() const;
  bool hasRows() const;
  bool readFile(const std::filesystem::path& file, Matrix& rows, std::vector<bool>& done) const;

  const EmbeddingJournal& m_journal;
  std::string m_fingerprint;
  int m_folder = -1;
};

}  // namespace cellocus
