// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/predictor.h"

#include <algorithm>
#include <chrono>
#include <list>
#include <mutex>
#include <unordered_map>

namespace cellocus {

namespace {

/// Tokens that are kept together. Few, so that an edit (which reaches five or six tokens) costs
/// little; what is missing side by side is computed in one go.
constexpr std::int64_t unitTokens = 8;
/// Tokens computed in one go, so that memory stays small.
constexpr std::int64_t mostTokens = 128;

BinRange unitRange(std::int64_t unit, std::int64_t tokens) {
  return {unit * unitTokens, std::min(tokens, (unit + 1) * unitTokens)};
}

/// Units that lie side by side, as ranges of at most `mostTokens`.
std::vector<BinRange> neighbouringRuns(const std::vector<std::int64_t>& units) {
  std::vector<BinRange> runs;
  for (const std::int64_t unit : units) {
    if (!runs.empty() && runs.back().last == unit && runs.back().count() < mostTokens / unitTokens)
      ++runs.back().last;
    else
      runs.push_back({unit, unit + 1});
  }
  return runs;
}

}  // namespace

/// Tower rows of small pieces, least recently used first to go. The key is all that they depend on:
/// the bases of the piece and its halo themselves (no hash that could collide), where in them the
/// piece begins, and whether the sequence ends there.
struct Predictor::Cache {
  explicit Cache(std::size_t bytes) : m_limit(bytes) {}

  /// Copies the rows to `rows` if they are there.
  bool find(const std::string& key, Eigen::Ref<Matrix> rows) {
    const std::lock_guard lock(m_mutex);
    const auto found = m_places.find(key);
    if (found == m_places.end()) return false;
    m_entries.splice(m_entries.begin(), m_entries, found->second);
    rows = found->second->rows;
    return true;
  }

  void insert(const std::string& key, MatrixView rows) {
    const std::lock_guard lock(m_mutex);
    if (m_places.contains(key)) return;
    m_entries.push_front({key, rows});
    m_places.emplace(m_entries.front().key, m_entries.begin());
    m_bytes += size(m_entries.front());
    while (m_bytes > m_limit && !m_entries.empty()) {
      m_bytes -= size(m_entries.back());
      m_places.erase(m_entries.back().key);
      m_entries.pop_back();
    }
  }

 private:
  struct Entry {
    std::string key;
    Matrix rows;
  };
  static std::size_t size(const Entry& entry) {
    constexpr std::size_t bookkeeping = 200;
    return entry.key.size() + static_cast<std::size_t>(entry.rows.size()) * sizeof(float) +
           bookkeeping;
  }

  std::mutex m_mutex;
  std::size_t m_limit, m_bytes = 0;
  std::list<Entry> m_entries;
  std::unordered_map<std::string_view, std::list<Entry>::iterator> m_places;
};

Locus windowAround(const EnformerConfig& config, const std::string& contig, std::int64_t position) {
  const BinRange kept = config.croppedBins(config.tokenCount());
  const std::int64_t centralToken = kept.first + kept.count() / 2;
  const std::int64_t start = position - centralToken * config.binSize() - config.binSize() / 2;
  return {contig, start, start + config.windowLength};
}

Predictor::Predictor(std::shared_ptr<const Enformer> model, std::size_t cacheBytes)
    : m_model(std::move(model)), m_cache(std::make_unique<Cache>(cacheBytes)) {}

Predictor::~Predictor() = default;

/// All that the tower rows `tokens` depend on.
std::string Predictor::pieceKey(std::string_view bases, BinRange tokens) const {
  const std::int64_t bin = m_model->config().binSize(), reach = m_model->towerReachInTokens() * bin;
  const auto length = static_cast<std::int64_t>(bases.size());
  const std::int64_t first = std::max<std::int64_t>(0, tokens.first * bin - reach);
  const std::int64_t last = std::min(length, tokens.last * bin + reach);
  std::string key(
      bases.substr(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first)));
  key += '|' + std::to_string(tokens.first * bin - first) + (first == 0 ? '|' : '<') +
         (last == length ? '|' : '>');
  return key;
}

Matrix Predictor::tower(std::string_view bases, const Progress& progress, bool& reused) const {
  const std::int64_t bin = m_model->config().binSize();
  const std::int64_t tokens = (static_cast<std::int64_t>(bases.size()) + bin - 1) / bin;
  const std::int64_t units = (tokens + unitTokens - 1) / unitTokens;
  Matrix rows(tokens, m_model->config().dim);
  std::vector<std::int64_t> missing;
  for (std::int64_t unit = 0; unit < units; ++unit) {
    const BinRange range = unitRange(unit, tokens);
    if (m_cache->find(pieceKey(bases, range), rows.middleRows(range.first, range.count())))
      reused = true;
    else
      missing.push_back(unit);
  }
  const auto share = [&](std::size_t count) {
    return static_cast<double>(count) / static_cast<double>(missing.size());
  };
  std::size_t done = 0;
  for (const BinRange& run : neighbouringRuns(missing)) {
    const BinRange range{run.first * unitTokens, std::min(tokens, run.last * unitTokens)};
    const std::size_t after = done + static_cast<std::size_t>(run.count());
    rows.middleRows(range.first, range.count()) =
        m_model->tower(bases, range, progress.part(share(done), share(after)));
    for (std::int64_t unit = run.first; unit < run.last; ++unit) {
      const BinRange own = unitRange(unit, tokens);
      m_cache->insert(pieceKey(bases, own), rows.middleRows(own.first, own.count()));
    }
    done = after;
  }
  return rows;
}

Matrix Predictor::embedding(std::string_view bases, const Progress& progress) const {
  bool reused = false;
  const Matrix rows = tower(bases, progress.part(0, 0.75), reused);
  return m_model->trunk(rows, m_model->config().croppedBins(rows.rows()), progress.part(0.75, 1));
}

Matrix Predictor::embedding(std::string_view bases, BinRange bins, const Progress& progress) const {
  bool reused = false;
  const Matrix rows = tower(bases, progress.part(0, 0.75), reused);
  const BinRange kept = m_model->config().croppedBins(rows.rows());
  return m_model->trunk(rows, {kept.first + bins.first, kept.first + bins.last},
                        progress.part(0.75, 1));
}

Prediction Predictor::predict(const Genome& genome, const Request& request,
                              const Progress& progress) const {
  const auto started = std::chrono::steady_clock::now();
  const EnformerConfig& config = m_model->config();
  const HaplotypeSequence sequence =
      request.haplotype.sequence(genome, request.window, request.anchor);
  Prediction prediction;
  const Matrix rows = tower(sequence.bases, progress.part(0, 0.7), prediction.towerReused);
  const BinRange kept = config.croppedBins(rows.rows());
  const std::int64_t firstBase = kept.first * config.binSize();

  prediction.window = request.window;
  prediction.binSize = config.binSize();
  prediction.predicted = {request.window.contig, request.window.start + firstBase,
                          request.window.start + kept.last * config.binSize()};
  prediction.haplotype = request.haplotype;
  prediction.head = request.head;
  prediction.padded = sequence.padded;
  prediction.embedding = m_model->trunk(rows, kept, progress.part(0.7, 0.95));
  const Matrix values =
      m_model->tracks(prediction.embedding, request.head, request.tracks, progress.part(0.95, 1));
  prediction.values = alignedToReference(values, sequence, firstBase, config.binSize());
  prediction.tracks = request.tracks;
  if (request.tracks.empty())
    for (std::int64_t track = 0; track < values.cols(); ++track) prediction.tracks.push_back(track);
  prediction.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return prediction;
}

TssEmbedding tssEmbedding(const Predictor& predictor, const Genome& genome, const Gene& gene,
                          const Haplotype& haplotype, const Progress& progress) {
  const EnformerConfig& config = predictor.model().config();
  const Locus window = windowAround(config, gene.locus.contig, gene.tss());
  std::string bases = haplotype.sequence(genome, window, gene.tss()).bases;
  TssEmbedding result;
  result.reverse = gene.strand == Strand::Minus;
  result.bin = config.binCount() / 2;
  if (result.reverse) {
    bases = reverseComplement(bases);
    result.bin = config.binCount() - 1 - result.bin;
  }
  result.embedding = predictor.embedding(bases, {result.bin, result.bin + 1}, progress);
  return result;
}

}  // namespace cellocus
