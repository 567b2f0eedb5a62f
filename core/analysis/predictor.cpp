// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/predictor.h"

#include <algorithm>
#include <chrono>

#include "analysis/predictorcache.h"

namespace cellocus {

namespace {

/// Tokens that are kept together, and the grid on which places are prepared for edits, so that the
/// next edit nearby finds its place prepared.
constexpr std::int64_t unitTokens = 8;
/// More edited tokens than this, and the whole window is computed instead.
constexpr std::int64_t mostEditedTokens = 96;
/// Windows computed as a whole that edits may start from.
constexpr std::size_t mostWindows = 4;

BinRange unitRange(std::int64_t unit, std::int64_t tokens) {
  return {unit * unitTokens, std::min(tokens, (unit + 1) * unitTokens)};
}

/// Units that lie side by side, as ranges of units.
std::vector<BinRange> neighbouringRuns(const std::vector<std::int64_t>& units) {
  std::vector<BinRange> runs;
  for (const std::int64_t unit : units) {
    if (!runs.empty() && runs.back().last == unit)
      ++runs.back().last;
    else
      runs.push_back({unit, unit + 1});
  }
  return runs;
}

std::string embeddingKey(std::string_view bases, BinRange bins) {
  return "embedding " + std::to_string(bins.first) + ' ' + std::to_string(bins.last) + ' ' +
         std::string(bases);
}

}  // namespace

Locus windowAround(const EnformerConfig& config, const std::string& contig, std::int64_t position) {
  const BinRange kept = config.croppedBins(config.tokenCount());
  const std::int64_t centralToken = kept.first + kept.count() / 2;
  const std::int64_t start = position - centralToken * config.binSize() - config.binSize() / 2;
  return {contig, start, start + config.windowLength};
}

void requireExact(const Enformer& model) {
  if (model.config().precision == Precision::Float32) return;
  throw Error("PRECISION_TOO_LOW", model.path().string(),
              "an edited sequence was to be predicted in bfloat16, whose three significant digits "
              "hide what most edits change.",
              "Predict edits in float32.");
}

Predictor::Predictor(std::shared_ptr<const Enformer> model, std::size_t cacheBytes)
    : m_model(std::move(model)), m_cache(std::make_unique<PredictorCache>(cacheBytes)) {}

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

Matrix Predictor::tower(std::string_view bases, const Progress& progress, Reuse& reuse) const {
  const std::int64_t tokens = tokenCount(bases);
  const std::int64_t units = (tokens + unitTokens - 1) / unitTokens;
  Matrix rows(tokens, m_model->config().dim);
  std::vector<std::int64_t> missing;
  for (std::int64_t unit = 0; unit < units; ++unit) {
    const BinRange range = unitRange(unit, tokens);
    const auto known = m_cache->find(pieceKey(bases, range));
    if (known)
      rows.middleRows(range.first, range.count()) = *known;
    else
      missing.push_back(unit);
  }
  if (static_cast<std::int64_t>(missing.size()) < units) reuse = Reuse::Part;
  const auto share = [&](std::int64_t count) {
    return static_cast<double>(count) / static_cast<double>(missing.size());
  };
  std::int64_t done = 0;
  for (const BinRange& run : neighbouringRuns(missing)) {
    const BinRange range{run.first * unitTokens, std::min(tokens, run.last * unitTokens)};
    rows.middleRows(range.first, range.count()) =
        m_model->tower(bases, range, progress.part(share(done), share(done + run.count())));
    for (std::int64_t unit = run.first; unit < run.last; ++unit) {
      const BinRange own = unitRange(unit, tokens);
      m_cache->insert(pieceKey(bases, own), rows.middleRows(own.first, own.count()));
    }
    done += run.count();
  }
  return rows;
}

std::int64_t Predictor::tokenCount(std::string_view bases) const {
  const std::int64_t bin = m_model->config().binSize();
  return (static_cast<std::int64_t>(bases.size()) + bin - 1) / bin;
}

/// The units of tokens that have to be computed anew where sequences differ by substitutions.
std::vector<BinRange> Predictor::editedTokens(std::string_view window,
                                              std::span<const std::string_view> edited) const {
  const std::int64_t tokens = tokenCount(window);
  const auto length = static_cast<std::int64_t>(window.size());
  std::vector<bool> reached(static_cast<std::size_t>((tokens + unitTokens - 1) / unitTokens));
  for (const std::string_view bases : edited)
    for (std::int64_t base = 0; base < length; ++base) {
      if (bases[static_cast<std::size_t>(base)] == window[static_cast<std::size_t>(base)]) continue;
      const BinRange own = m_model->tokensReached(base, length);
      for (std::int64_t unit = own.first / unitTokens; unit <= (own.last - 1) / unitTokens; ++unit)
        reached[static_cast<std::size_t>(unit)] = true;
    }
  std::vector<std::int64_t> units;
  for (std::size_t unit = 0; unit < reached.size(); ++unit)
    if (reached[unit]) units.push_back(static_cast<std::int64_t>(unit));
  std::vector<BinRange> ranges = neighbouringRuns(units);
  for (BinRange& range : ranges)
    range = {range.first * unitTokens, std::min(tokens, range.last * unitTokens)};
  return ranges;
}

/// The place prepared for edits of one of the recent windows that lead to `bases`, or null if these
/// are not the same window with a few substitutions.
std::shared_ptr<const EditSite> Predictor::siteFor(std::span<const std::string_view> edited,
                                                   const Progress& progress) const {
  std::vector<std::string> windows;
  {
    const std::lock_guard lock(m_windowsMutex);
    windows.assign(m_windows.begin(), m_windows.end());
  }
  for (const std::string& window : windows) {
    const auto sameLength = [&](std::string_view bases) { return bases.size() == window.size(); };
    if (!std::ranges::all_of(edited, sameLength)) continue;
    const std::vector<BinRange> tokens = editedTokens(window, edited);
    std::int64_t count = 0;
    for (const BinRange& range : tokens) count += range.count();
    if (count == 0 || count > mostEditedTokens) continue;
    Reuse reuse = Reuse::Nothing;
    const Matrix rows = tower(window, progress.part(0, 0.8), reuse);
    const auto site = m_model->prepare(window, rows, tokens, progress.part(0.8, 1));
    m_cache->insert(site);
    return site;
  }
  return nullptr;
}

void Predictor::rememberWindow(std::string_view bases) const {
  const std::lock_guard lock(m_windowsMutex);
  std::erase(m_windows, bases);
  m_windows.emplace_front(bases);
  if (m_windows.size() > mostWindows) m_windows.pop_back();
}

Matrix Predictor::embedding(std::string_view bases, BinRange bins, const Progress& progress,
                            Reuse& reuse) const {
  const std::string key = embeddingKey(bases, bins);
  if (const auto known = m_cache->find(key)) {
    reuse = Reuse::Everything;
    return *known;
  }
  const BinRange kept = m_model->config().croppedBins(tokenCount(bases));
  const BinRange wanted{kept.first + bins.first, kept.first + bins.last};
  std::shared_ptr<const EditSite> site = m_cache->siteFor(bases);
  const bool isExact = m_model->config().precision == Precision::Float32;
  if (!site && isExact) site = siteFor(std::span(&bases, 1), progress.part(0, 0.1));
  Matrix embedding;
  if (site) {
    reuse = Reuse::Part;
    embedding = m_model->trunk(*site, bases, wanted, progress.part(0.1, 1));
  } else {
    const Matrix rows = tower(bases, progress.part(0, 0.75), reuse);
    embedding = m_model->trunk(rows, wanted, progress.part(0.75, 1));
    rememberWindow(bases);
  }
  m_cache->insert(key, embedding);
  return embedding;
}

Matrix Predictor::embedding(std::string_view bases, const Progress& progress) const {
  const std::int64_t bins = m_model->config().croppedBins(tokenCount(bases)).count();
  return embedding(bases, {0, bins}, progress);
}

Matrix Predictor::embedding(std::string_view bases, BinRange bins, const Progress& progress) const {
  Reuse reuse = Reuse::Nothing;
  return embedding(bases, bins, progress, reuse);
}

void Predictor::embeddings(std::string_view window, std::span<const std::string> edited,
                           BinRange bins, const TakeEmbedding& take,
                           const Progress& progress) const {
  requireExact(*m_model);
  rememberWindow(window);
  // One place for all of them, if they lie close enough together.
  const std::vector<std::string_view> all(edited.begin(), edited.end());
  const auto site = siteFor(all, progress.part(0, 0.05));
  const BinRange kept = m_model->config().croppedBins(tokenCount(window));
  const BinRange wanted{kept.first + bins.first, kept.first + bins.last};
  std::vector<std::string_view> here;
  std::vector<std::size_t> numbers, others;
  for (std::size_t i = 0; i < edited.size(); ++i) {
    const bool accepted = site && site->accepts(edited[i]);
    (accepted ? numbers : others).push_back(i);
    if (accepted) here.push_back(edited[i]);
  }
  const auto share = [&](std::size_t count) {
    return 0.05 + 0.95 * static_cast<double>(count) / static_cast<double>(edited.size());
  };
  if (!here.empty())
    m_model->trunks(
        *site, here, wanted, [&](std::size_t i, const Matrix& own) { take(numbers[i], own); },
        progress.part(share(0), share(here.size())));
  for (std::size_t i = 0; i < others.size(); ++i)
    take(others[i], embedding(edited[others[i]], bins,
                              progress.part(share(here.size() + i), share(here.size() + i + 1))));
}

Prediction Predictor::predict(const Genome& genome, const Request& request,
                              const Progress& progress) const {
  const auto started = std::chrono::steady_clock::now();
  const EnformerConfig& config = m_model->config();
  if (!request.haplotype.isReference()) requireExact(*m_model);
  const HaplotypeSequence sequence =
      request.haplotype.sequence(genome, request.window, request.anchor);
  Prediction prediction;
  const BinRange kept = config.croppedBins(tokenCount(sequence.bases));
  const std::int64_t firstBase = kept.first * config.binSize();

  prediction.window = request.window;
  prediction.binSize = config.binSize();
  prediction.predicted = {request.window.contig, request.window.start + firstBase,
                          request.window.start + kept.last * config.binSize()};
  prediction.haplotype = request.haplotype;
  prediction.head = request.head;
  prediction.precision = config.precision;
  prediction.padded = sequence.padded;
  prediction.embedding =
      embedding(sequence.bases, {0, kept.count()}, progress.part(0, 0.95), prediction.reuse);
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
