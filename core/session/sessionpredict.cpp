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

PredictionCost::Extent extentOf(const Predictor::Request& request) {
  return request.haplotype.hasIndelWithin(request.window) ? PredictionCost::Extent::MovedBases
                                                          : PredictionCost::Extent::EditedBases;
}

}  // namespace

/// What one run of the prediction job brings. Parts that were up to date are handed through.
struct Session::Results {
  std::shared_ptr<const Prediction> reference, edited;
  std::shared_ptr<const CellPrediction> cells;
  Predictor::Request request;
  QString gene;
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

/// What predict() would ask of the model now; nothing while something is missing.
std::optional<Predictor::Request> Session::wantedPrediction() const {
  const auto window = modelWindow();
  if (!m_genome || !window) return std::nullopt;
  Predictor::Request request;
  request.window = window->input;
  request.anchor = window->tss;
  request.haplotype = visible(m_edits.haplotype, window->input);
  const auto& heads = m_predictor->model().config().outputHeads;
  if (!heads.empty()) request.head = heads.front().name;
  request.tracks = m_tracks;
  return request;
}

void Session::predict() {
  m_predictTimer.stop();
  const auto request = wantedPrediction();
  if (!request) {
    emit failed(!m_genome      ? tr("Open a genome first.")
                : !m_predictor ? tr("Open a sequence model first.")
                               : tr("Go to a gene or a position first."));
    return;
  }
  PredictionJob job{m_predictor, m_head, m_genome, m_annotation, m_gene, m_cellMatch,
                    *request,    {},     {}};
  const bool hasEdits = !request->haplotype.isReference();
  if (matches(m_reference, *request, Haplotype())) job.reference = m_reference;
  if (hasEdits && matches(m_edited, *request, request->haplotype)) job.edited = m_edited;

  m_predicting = true;
  m_predictionProblem.clear();
  emit predictionStateChanged();
  const QString target = m_gene ? QString::fromStdString(m_gene->symbol)
                                : QString::fromStdString(locusText(modelWindow()->predicted));
  m_predictJob = m_computes.start(
      "predict", tr("Predict %1").arg(target),
      [job, hasEdits](const Progress& progress) mutable {
        Results results;
        if (!job.reference) job.reference = job.predicted(Haplotype(), progress.part(0, 0.4));
        if (hasEdits && !job.edited)
          job.edited = job.predicted(job.request.haplotype, progress.part(0.4, 0.7));
        results.reference = job.reference;
        results.edited = job.edited;
        results.request = job.request;
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
  m_computes.expect(m_predictJob, predictionCost().seconds);
}

double Session::secondsFor(const EnformerPass& pass) const {
  return m_predictor ? m_speed.seconds(pass, m_predictor->model().config()) : 0;
}

PredictionCost Session::predictionCost() const {
  using Extent = PredictionCost::Extent;
  const auto request = wantedPrediction();
  PredictionCost cost;
  if (!request) return cost;
  const Enformer& model = m_predictor->model();
  EnformerPass pass = wholePass(model.config(), std::ssize(m_tracks));
  if (!matches(m_reference, *request, Haplotype())) cost.add(Extent::WholeWindow, secondsFor(pass));
  if (!request->haplotype.isReference() && !matches(m_edited, *request, request->haplotype)) {
    pass.towerTokens = changedTokens(model, *request);
    cost.add(extentOf(*request), secondsFor(pass));
  }
  addStartSiteCost(*request, cost);
  return cost;
}

/// A start site on the minus strand, or in another window, is predicted by itself.
void Session::addStartSiteCost(const Predictor::Request& request, PredictionCost& cost) const {
  if (!m_head || !m_gene || !m_cellMatch.usable()) return;
  const EnformerConfig& config = m_predictor->model().config();
  Predictor::Request own = request;
  own.anchor = m_gene->tss();
  own.window = windowAround(config, request.window.contig, own.anchor);
  if (m_gene->strand != Strand::Minus && own.window == request.window) return;
  const bool known = m_cellPrediction && m_cellPrediction->geneId == m_gene->id;
  if (known)
    cost.add(PredictionCost::Extent::Nothing, secondsFor({0, 1, 0}));
  else
    cost.add(PredictionCost::Extent::WholeWindow, secondsFor({config.tokenCount(), 1, 0}));
  if (!own.haplotype.within(own.window).empty())
    cost.add(extentOf(own), secondsFor({changedTokens(m_predictor->model(), own), 1, 0}));
}

/// A first guess, before any prediction was made.
void Session::measureSpeed() {
  m_speed = {};
  m_computes.start(
      "speed", QString(),
      [predictor = m_predictor](const Progress& progress) {
        return measuredProductRate(predictor->model().config(), progress);
      },
      [this](double rate) {
        m_speed.setProductRate(rate);
        emit predictionStateChanged();
      });
}

/// Passes that may have found in the cache what they were to compute say nothing.
void Session::learnSpeed(const Results& results) {
  const EnformerConfig& config = m_predictor->model().config();
  EnformerPass pass = wholePass(config, std::ssize(results.request.tracks));
  if (results.reference != m_reference && results.reference->reuse == Reuse::Nothing)
    m_speed.learn(pass, config, results.reference->seconds);
  if (!results.edited || results.edited == m_edited || results.edited->reuse == Reuse::Everything)
    return;
  pass.towerTokens = changedTokens(m_predictor->model(), results.request);
  const bool mostlyTransformer = 16 * pass.towerTokens <= config.tokenCount();
  if (mostlyTransformer) m_speed.learn(pass, config, results.edited->seconds);
}

void Session::takeResults(Results results) {
  const bool hadEdit = m_edited != nullptr;
  learnSpeed(results);
  m_predicting = false;
  m_reference = std::move(results.reference);
  m_edited = std::move(results.edited);
  m_cellPrediction = std::move(results.cells);
  m_predictedHaplotype = std::move(results.request.haplotype);
  m_predictedGene = results.gene;
  emit predictionChanged();
  followEditWithColours(hadEdit);
  refreshPredictionState();
}

void Session::dropPredictions() {
  m_computes.cancel(m_predictJob);
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
  const PredictionCost cost = predictionCost();
  const bool quick = cost.isKnown() && cost.seconds < fastEnoughToFollowSeconds;
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
