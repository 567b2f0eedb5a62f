// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/embeddingrun.h"

#include <algorithm>
#include <optional>

#include "analysis/rowjournal.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace cellocus {

namespace {

using Clock = std::chrono::steady_clock;

std::string nameOf(Aggregate aggregate) {
  if (aggregate == Aggregate::Mean) return "mean";
  return aggregate == Aggregate::Sum ? "sum" : "median";
}

std::string nameOf(StrandReading reading) {
  if (reading == StrandReading::Own) return "never";
  return reading == StrandReading::Opposite ? "always" : "average";
}

/// Rows as they get done, saved now and then.
class Run {
 public:
  Run(const EmbeddingJournal& journal, EmbeddingRun& result)
      : m_saveEvery(journal.saveEvery), m_rows(result.embedding), m_journal(journal) {
    m_done = m_journal.read(result.embedding, result.remarks);
    result.fromBefore = std::ranges::count(m_done, true);
  }

  std::vector<std::int64_t> left() const {
    std::vector<std::int64_t> rows;
    for (std::size_t i = 0; i < m_done.size(); ++i)
      if (!m_done[i]) rows.push_back(static_cast<std::int64_t>(i));
    return rows;
  }

  void take(std::int64_t row, const Matrix& embedding) {
    if (row != m_pending.last) save();
    if (m_pending.count() == 0) m_pending = {row, row};
    m_rows.row(row) = embedding;
    m_pending.last = row + 1;
    // The first row at once, so that a run which cannot keep rows ends before it has cost much.
    if (!m_saved || Clock::now() - *m_saved >= m_saveEvery) save();
  }

  void save() {
    m_journal.save(m_rows, m_pending);
    m_pending.first = m_pending.last;
    m_saved = Clock::now();
  }

 private:
  const std::chrono::milliseconds m_saveEvery;
  Matrix& m_rows;
  RowJournal m_journal;
  std::vector<bool> m_done;
  BinRange m_pending;  // finished rows that are not on disk yet
  std::optional<Clock::time_point> m_saved;
};

}  // namespace

std::string embeddingFormula(const WindowEmbeddingOptions& options) {
  std::string shifts;
  for (const std::int64_t shift : options.shifts)
    shifts += (shifts.empty() ? "" : ",") + std::to_string(shift);
  return (options.what == EmbeddingOf::StartSites
              ? "trunk embedding at the bins of the gene's start sites, " +
                    std::to_string(options.addBins) + " neighbours to each side"
              : std::string("trunk embedding over all bins of the window")) +
         "; aggregate: " + nameOf(options.aggregate) +
         "; reverse complement besides the gene's own strand: " + nameOf(options.reading) +
         "; shifts averaged: " + shifts + " bp";
}

RunFacts runFacts(const std::vector<QueryWindow>& windows, const WindowEmbeddingOptions& options) {
  return {{"windows", sha256(queryFileText(windows))}, {"embedding", embeddingFormula(options)}};
}

std::string fingerprintOf(const RunFacts& facts) {
  std::string text;
  for (const auto& [name, value] : facts) text += name + '\t' + value + '\n';
  return sha256(text);
}

std::filesystem::path journalFolder(const std::filesystem::path& output) {
  return output.string() + ".part";
}

void removeJournal(const std::filesystem::path& folder) {
  RowJournal::remove(folder);
}

EmbeddingRun embedWindows(const Enformer& model, const Genome& genome,
                          std::span<const QueryWindow> windows,
                          const WindowEmbeddingOptions& options, const EmbeddingJournal& journal,
                          const Progress& progress) {
  // Before hours of work, not after.
  for (const QueryWindow& window : windows) checkWindow(model.config(), window, options);
  EmbeddingRun result;
  result.embedding.resize(std::ssize(windows), model.config().embeddingSize());
  Run run(journal, result);
  const std::vector<std::int64_t> left = run.left();
  const double share = 1 / static_cast<double>(left.size());
  try {
    for (std::size_t i = 0; i < left.size(); ++i) {
      const QueryWindow& window = windows[static_cast<std::size_t>(left[i])];
      const Progress part =
          progress.part(static_cast<double>(i) * share, static_cast<double>(i + 1) * share);
      part.at(0, window.symbol);
      run.take(left[i], embedWindow(model, genome, window, options, part));
    }
  } catch (...) {
    run.save();
    throw;
  }
  run.save();
  return result;
}

}  // namespace cellocus
