// SPDX-License-Identifier: GPL-3.0-or-later
// Predictions: one job computes what is missing of reference, edited haplotype and cells.
#include <algorithm>

#include "session/session.h"

namespace cellocus {

namespace {

constexpr double fastEnoughToFollowSeconds = 2;

/// The edits that the model can see; others must not make a prediction look out of date.
Haplotype visible(const Haplotype& haplotype, const Locus& window) {
  const std::vector<Variant> inside = haplotype.within(window);
  Haplotype result = haplotype;
  for (const Variant& variant : haplotype.variants())
    if (std::find(inside.begin(), inside.end(), variant) == inside.end())
      result = result.without(variant);
  return result;
}

}  // namespace

/// What one run of the prediction job brings. Parts that were up to date are handed through.
struct Session::Results {
  std::shared_ptr<const Prediction> reference, edited;
  std::shared_ptr<const CellPrediction> cells;
  Haplotype haplotype;
  QString gene;
  double seconds = 0;  ///< of the sequence model; 0 if it did not run
};

namespace {

/// Everything the worker needs, copied or shared and const.
struct PredictionJob {
  std::shared_ptr<const Predictor> predictor;
  std::shared_ptr<const Emb2Cell> head;
  std::shared_ptr<const Genome> genome;
  std::shared_ptr<const Annotation> annotation;  ///< keeps `gene` alive
  const Gene* gene = nullptr;
  CellMatch match;
  Predictor::Request request;
  std::shared_ptr<const Prediction> reference, edited;  ///< already computed, or null

  std::shared_ptr<const Prediction> predicted(const Haplotype& haplotype,
                                              const Progress& progress) const {
    Predictor::Request wanted = request;
    wanted.haplotype = haplotype;
    return std::make_shared<const Prediction>(predictor->predict(*genome, wanted, progress));
  }

  std::shared_ptr<const CellPrediction> cells(const Progress& progress) const {
    if (!head || !gene || !match.usable()) return nullptr;
    CellPredictionRequest wanted;
    wanted.gene = gene;
    wanted.haplotype = request.haplotype;
    wanted.reference = reference.get();
    wanted.edited = edited.get();
    return std::make_shared<const CellPrediction>(
        predictCells(*predictor, *head, match, *genome, wanted, progress));
  }
};

bool matches(const std::shared_ptr<const Prediction>& prediction, const Predictor::Request& request,
             const Haplotype& haplotype) {
  return prediction && prediction->window == request.window && prediction->haplotype == haplotype &&
         prediction->tracks == request.tracks;
}

}  // namespace

void Session::predict() {
  m_predictTimer.stop();
  const auto window = modelWindow();
  if (!m_genome || !m_predictor || !window) {
    emit failed(!m_genome      ? tr("Open a genome first.")
                : !m_predictor ? tr("Open a sequence model first.")
                               : tr("Go to a gene or a position first."));
    return;
  }
  PredictionJob job{m_predictor, m_head, m_genome, m_annotation, m_gene, m_cellMatch, {}, {}, {}};
  job.request.window = window->input;
  job.request.anchor = window->tss;
  job.request.haplotype = visible(m_edits.haplotype, window->input);
  const auto& heads = m_predictor->model().config().outputHeads;
  if (!heads.empty()) job.request.head = heads.front().name;
  job.request.tracks = m_tracks;
  const bool hasEdits = !job.request.haplotype.isReference();
  if (matches(m_reference, job.request, Haplotype())) job.reference = m_reference;
  if (hasEdits && matches(m_edited, job.request, job.request.haplotype)) job.edited = m_edited;

  m_predicting = true;
  m_predictionProblem.clear();
  emit predictionStateChanged();
  const QString target = m_gene ? QString::fromStdString(m_gene->symbol)
                                : QString::fromStdString(locusText(window->predicted));
  m_predictJob = m_computes.start(
      "predict", tr("Predict %1").arg(target),
      [job, hasEdits](const Progress& progress) mutable {
        Results results;
        if (!job.reference) {
          job.reference = job.predicted(Haplotype(), progress.part(0, 0.4));
          results.seconds = job.reference->seconds;
        }
        if (hasEdits && !job.edited) {
          job.edited = job.predicted(job.request.haplotype, progress.part(0.4, 0.7));
          results.seconds = std::max(results.seconds, job.edited->seconds);
        }
        results.reference = job.reference;
        results.edited = job.edited;
        results.haplotype = job.request.haplotype;
        results.cells = job.cells(progress.part(0.7, 1));
        if (job.gene) results.gene = QString::fromStdString(job.gene->id);
        return results;
      },
      [this](Results results) { takeResults(std::move(results)); },
      [this](const QString& why) {
        m_predicting = false;
        m_predictionProblem = why;
        emit predictionStateChanged();
      });
}

void Session::takeResults(Results results) {
  const bool hadEdit = m_edited != nullptr;
  m_predicting = false;
  m_reference = std::move(results.reference);
  m_edited = std::move(results.edited);
  m_cellPrediction = std::move(results.cells);
  m_predictedHaplotype = std::move(results.haplotype);
  m_predictedGene = results.gene;
  if (results.seconds > 0) m_lastSeconds = results.seconds;
  emit predictionChanged();
  followEditWithColours(hadEdit);
  refreshPredictionState();
}

void Session::dropPredictions() {
  m_reference.reset();
  m_edited.reset();
  m_cellPrediction.reset();
  m_predictionProblem.clear();
  emit predictionChanged();
  emit predictionStateChanged();
}

PredictionState Session::predictionState() const {
  if (m_predicting) return PredictionState::Computing;
  if (!m_predictionProblem.isEmpty()) return PredictionState::Failed;
  if (!m_reference) return PredictionState::Empty;
  const auto window = modelWindow();
  const bool current = window && m_reference->window == window->input &&
                       m_reference->tracks == m_tracks &&
                       visible(m_edits.haplotype, window->input) == m_predictedHaplotype;
  return current ? PredictionState::Ready : PredictionState::OutOfDate;
}

bool Session::cellPredictionIsCurrent() const {
  return m_cellPrediction && predictionState() == PredictionState::Ready &&
         m_predictedGene == m_geneId;
}

void Session::refreshPredictionState() {
  if (!m_predicting) m_predictionProblem.clear();
  emit predictionStateChanged();
  schedulePrediction();
}

/// After a change, follows by itself where that is quick; otherwise the old result stays and is
/// marked.
void Session::schedulePrediction() {
  const bool stale = m_predicting || predictionState() == PredictionState::OutOfDate ||
                     (predictionState() == PredictionState::Ready && m_head && m_gene &&
                      m_cellMatch.usable() && m_predictedGene != m_geneId);
  const bool quick = m_lastSeconds > 0 && m_lastSeconds < fastEnoughToFollowSeconds;
  if (m_autoPredict && stale && quick && m_pendingLoads.empty()) m_predictTimer.start();
}

/// An edit shows its effect on the cells at once, and its undo the prediction again.
void Session::followEditWithColours(bool hadEdit) {
  const bool hasEdit = m_edited != nullptr;
  using Kind = ColourBy::Kind;
  if (!hadEdit && hasEdit &&
      (m_colourBy.kind == Kind::Predicted || m_colourBy.kind == Kind::Edited))
    m_colourBy.kind = Kind::Difference;
  else if (hadEdit && !hasEdit &&
           (m_colourBy.kind == Kind::Difference || m_colourBy.kind == Kind::Edited))
    m_colourBy.kind = Kind::Predicted;
  refreshCellValues();
}

}  // namespace cellocus
