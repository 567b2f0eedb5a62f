// SPDX-License-Identifier: GPL-3.0-or-later
// Embeddings of start sites with both alleles of many variants, window by window.
#include <algorithm>
#include <set>

#include "analysis/varianteffect.h"
#include "base/text.h"

namespace cellocus {

namespace {

constexpr std::size_t batchRows = 64;
/// Substitutions that lie within so many tokens are computed from one place that was prepared for
/// them; a Predictor prepares up to 96 tokens, rounded up to units of 8 at both ends.
constexpr std::int64_t placeTokens = 80;
/// What a whole window costs, in passes of the transformer after a substitution. For the progress.
constexpr double windowCost = 5;

/// How one window is read: in which direction, and which of its bins.
struct Reading {
  std::string plus;      ///< the window's bases on the plus strand, in capitals
  std::string oriented;  ///< as the model reads them
  bool reverse = false;
  std::vector<std::int64_t>
      bins;  ///< of the oriented window, sorted; their embeddings are averaged
};

/// What is wanted of one sequence.
struct Wanted {
  Matrix embedding;  ///< [1, 2 * dim]
  Matrix tracks;     ///< [1, tracks]
};

/// A scored task with the sequences that it needs.
struct Scored {
  const VariantTask* task = nullptr;
  Variant variant;            ///< trimmed unless as published
  bool wholeWindow = false;   ///< its length changes: nothing of the window can be used again
  bool ownReference = false;  ///< its reference allele is not the genome's
};

class WindowScorer {
 public:
  WindowScorer(const VariantInputs& inputs, const VariantOptions& options,
               const QueryWindow& window)
      : m_predictor(*inputs.predictor),
        m_model(inputs.predictor->model()),
        m_genome(*inputs.genome),
        m_options(options),
        m_window(window) {
    readWindow();
  }

  std::vector<Scored> scoredOf(const std::vector<const VariantTask*>& tasks,
                               const std::vector<ListedVariant>& variants) const;
  static double costOf(const std::vector<Scored>& scored) {
    double cost = windowCost;
    for (const Scored& one : scored)
      cost += (one.wholeWindow ? windowCost : 1) + (one.ownReference ? 1 : 0);
    return cost;
  }
  void score(const std::vector<Scored>& scored,
             const std::function<void(const VariantBatch&)>& take, const Progress& progress);

 private:
  void readWindow();
  BinRange wantedRange() const;
  Wanted wantedOf(const Matrix& embedding) const;
  std::string oriented(const std::string& plus) const {
    return m_reading.reverse ? reverseComplement(plus) : plus;
  }
  std::string withAllele(const Scored& scored, const std::string& allele) const;
  std::vector<std::span<const Scored>> batches(const std::vector<Scored>& scored) const;
  BinRange tokensOf(const Scored& scored) const;
  VariantBatch scoreBatch(std::span<const Scored> scored, const Wanted& reference,
                          const Progress& progress) const;

  const Predictor& m_predictor;
  const Enformer& m_model;
  const Genome& m_genome;
  const VariantOptions& m_options;
  const QueryWindow& m_window;
  Reading m_reading;
};

void WindowScorer::readWindow() {
  const bool minus = m_window.strand == Strand::Minus;
  m_reading.reverse = minus && m_options.mode != StrandMode::AsPublished;
  m_reading.plus = uppered(m_genome.sequence(m_window.window, '.'));
  m_reading.oriented = oriented(m_reading.plus);
  const bool mirrored = minus && m_options.mode == StrandMode::Corrected;
  const std::int64_t count = m_model.config().binCount();
  std::set<std::int64_t> bins;
  for (const std::int64_t centre : m_window.bins) {
    const std::int64_t own = mirrored ? count - 1 - centre : centre;
    for (std::int64_t bin = own - m_options.addBins; bin <= own + m_options.addBins; ++bin)
      if (bin >= 0 && bin < count) bins.insert(bin);
  }
  m_reading.bins.assign(bins.begin(), bins.end());
}

BinRange WindowScorer::wantedRange() const {
  if (!m_options.tracks.empty()) return {0, m_model.config().binCount()};
  return {m_reading.bins.front(), m_reading.bins.back() + 1};
}

Wanted WindowScorer::wantedOf(const Matrix& embedding) const {
  const std::int64_t first = wantedRange().first;
  Wanted wanted;
  wanted.embedding = Matrix::Zero(1, embedding.cols());
  for (const std::int64_t bin : m_reading.bins) wanted.embedding += embedding.row(bin - first);
  wanted.embedding /= static_cast<float>(m_reading.bins.size());
  std::vector<float> sums;
  for (const auto& [head, numbers] : m_options.tracks) {
    const Matrix values = m_model.tracks(embedding, head, numbers);
    for (Eigen::Index track = 0; track < values.cols(); ++track)
      sums.push_back(static_cast<float>(values.col(track).cast<double>().sum()));
  }
  wanted.tracks = Eigen::Map<const Matrix>(sums.data(), 1, std::ssize(sums));
  return wanted;
}

std::vector<Scored> WindowScorer::scoredOf(const std::vector<const VariantTask*>& tasks,
                                           const std::vector<ListedVariant>& variants) const {
  const bool corrected = m_options.mode == StrandMode::Corrected;
  std::vector<Scored> result;
  for (const VariantTask* task : tasks) {
    Scored scored;
    scored.task = task;
    scored.variant = variants[task->variant].variant;
    scored.variant.contig = requireContig(m_genome, m_window.window.contig).name;
    scored.variant.ref = uppered(scored.variant.ref);
    scored.variant.alt = uppered(scored.variant.alt);
    if (corrected) {
      scored.variant = trimmed(scored.variant);
      scored.wholeWindow = scored.variant.lengthChange() != 0;
    } else {
      const auto at = static_cast<std::size_t>(scored.variant.start - m_window.window.start);
      scored.ownReference = m_reading.plus[at] != scored.variant.ref.front();
    }
    result.push_back(std::move(scored));
  }
  // Neighbours are computed together; what changes the length comes last, each on its own.
  std::ranges::stable_sort(result, {}, [](const Scored& scored) {
    return std::pair(scored.wholeWindow, scored.variant.start);
  });
  return result;
}

/// The window as the model reads it, with one allele in place.
std::string WindowScorer::withAllele(const Scored& scored, const std::string& allele) const {
  const Variant& variant = scored.variant;
  if (scored.wholeWindow) {
    const std::int64_t anchor =
        m_window.sites.empty()
            ? m_window.window.centre()
            : std::clamp(m_window.sites.front(), m_window.window.start, m_window.window.end - 1);
    return oriented(uppered(
        Haplotype().with(variant, m_genome).sequence(m_genome, m_window.window, anchor).bases));
  }
  std::string bases = m_reading.plus;
  bases.replace(static_cast<std::size_t>(variant.start - m_window.window.start), allele.size(),
                allele);
  return oriented(bases);
}

/// The tokens that a substitution reaches in the window on the plus strand; their distances are the
/// same on the other.
BinRange WindowScorer::tokensOf(const Scored& scored) const {
  const std::int64_t length = m_window.window.length();
  const std::int64_t start = scored.variant.start - m_window.window.start;
  const std::int64_t last = std::max(start, scored.variant.end() - m_window.window.start - 1);
  return {m_model.tokensReached(start, length).first, m_model.tokensReached(last, length).last};
}

std::vector<std::span<const Scored>> WindowScorer::batches(
    const std::vector<Scored>& scored) const {
  std::vector<std::span<const Scored>> result;
  for (std::size_t first = 0; first < scored.size();) {
    std::size_t last = first + 1;
    if (!scored[first].wholeWindow) {
      const std::int64_t begin = tokensOf(scored[first]).first;
      while (last < scored.size() && last - first < batchRows && !scored[last].wholeWindow &&
             tokensOf(scored[last]).last - begin <= placeTokens)
        ++last;
    }
    result.push_back(std::span(scored).subspan(first, last - first));
    first = last;
  }
  return result;
}

VariantBatch WindowScorer::scoreBatch(std::span<const Scored> scored, const Wanted& reference,
                                      const Progress& progress) const {
  std::vector<std::string> sequences;
  std::vector<Wanted> wanted;
  for (const Scored& one : scored) sequences.push_back(withAllele(one, one.variant.alt));
  for (const Scored& one : scored)
    if (one.ownReference) sequences.push_back(withAllele(one, one.variant.ref));
  wanted.resize(sequences.size());
  m_predictor.embeddings(
      m_reading.oriented, sequences, wantedRange(),
      [&](std::size_t number, const Matrix& embedding) { wanted[number] = wantedOf(embedding); },
      progress);
  VariantBatch batch;
  const auto rows = static_cast<Eigen::Index>(scored.size());
  for (Matrix* matrix : {&batch.reference, &batch.alternative})
    matrix->resize(rows, reference.embedding.cols());
  for (Matrix* matrix : {&batch.referenceTracks, &batch.alternativeTracks})
    matrix->resize(rows, reference.tracks.cols());
  std::size_t nextReference = scored.size();
  for (std::size_t i = 0; i < scored.size(); ++i) {
    const Wanted& before = scored[i].ownReference ? wanted[nextReference++] : reference;
    const auto row = static_cast<Eigen::Index>(i);
    batch.rows.push_back(scored[i].task->row);
    batch.reference.row(row) = before.embedding.row(0);
    batch.alternative.row(row) = wanted[i].embedding.row(0);
    batch.referenceTracks.row(row) = before.tracks.row(0);
    batch.alternativeTracks.row(row) = wanted[i].tracks.row(0);
  }
  return batch;
}

void WindowScorer::score(const std::vector<Scored>& scored,
                         const std::function<void(const VariantBatch&)>& take,
                         const Progress& progress) {
  const double all = costOf(scored);
  double done = windowCost;
  progress.at(0, m_window.symbol.empty() ? m_window.geneId : m_window.symbol);
  const Wanted reference = wantedOf(
      m_predictor.embedding(m_reading.oriented, wantedRange(), progress.part(0, done / all)));
  for (const std::span<const Scored> batch : batches(scored)) {
    const double cost = costOf(std::vector<Scored>(batch.begin(), batch.end())) - windowCost;
    take(scoreBatch(batch, reference, progress.part(done / all, (done + cost) / all)));
    done += cost;
  }
}

}  // namespace

void embedVariants(const VariantInputs& inputs, const VariantPlan& plan,
                   const VariantOptions& options,
                   const std::function<void(const VariantBatch&)>& take, const Progress& progress) {
  requireExact(inputs.predictor->model());
  std::vector<std::vector<const VariantTask*>> byWindow(inputs.windows->size());
  double all = 0;
  for (const VariantTask& task : plan.tasks)
    if (task.state == VariantState::Scored) {
      auto& own = byWindow[static_cast<std::size_t>(task.window)];
      all += own.empty() ? windowCost + 1 : 1;
      own.push_back(&task);
    }
  double done = 0;
  for (std::size_t window = 0; window < byWindow.size(); ++window) {
    if (byWindow[window].empty()) continue;
    const double cost = windowCost + static_cast<double>(byWindow[window].size());
    WindowScorer scorer(inputs, options, (*inputs.windows)[window]);
    scorer.score(scorer.scoredOf(byWindow[window], *inputs.variants), take,
                 progress.part(done / all, (done + cost) / all));
    done += cost;
  }
  progress.at(1);
}

}  // namespace cellocus
