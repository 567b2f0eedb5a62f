// SPDX-License-Identifier: GPL-3.0-or-later
// Predictions: one job computes what is missing of reference, edited haplotype and cells.
#include <algorithm>
#include <cassert>

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

bool isRough(const std::shared_ptr<const Prediction>& prediction) {
  return prediction && prediction->precision != Precision::Float32;
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
  std::shared_ptr<const Predictor> rough;
  Predictor::Request request;
  QString gene;
};

namespace {

/// Everything the worker needs, copied or shared and const.
struct PredictionJob {
  std::shared_ptr<const Predictor> predictor;
  std::shared_ptr<const Predictor> rough;    ///< null until it is needed
  Precision precision = Precision::Float32;  ///< of the reference, if it has to be computed
  std::shared_ptr<const Emb2Cell> head;
  std::shared_ptr<const Genome> genome;
  std::shared_ptr<const Annotation> annotation;  ///< keeps `gene` alive
  const Gene* gene = nullptr;
  CellMatch match;
  Predictor::Request request;
  std::shared_ptr<const Prediction> reference, edited;  ///< already computed, or null

  std::shared_ptr<const Prediction> predicted(const Predictor& with, const Haplotype& haplotype,
                                              const Progress& progress) const {
    Predictor::Request wanted = request;
    wanted.haplotype = haplotype;
    return std::make_shared<const Prediction>(with.predict(*genome, wanted, progress));
  }

  void predictReference(const Progress& progress) {
    const bool isExact = precision == Precision::Float32, opens = !isExact && !rough;
    const Enformer& model = predictor->model();
    if (opens)
      rough = std::make_shared<const Predictor>(
          Enformer::open(model.path(), {.gamma = model.config().gamma, .precision = precision},
                         progress.part(0, 0.3)));
    reference =
        predicted(isExact ? *predictor : *rough, Haplotype(), progress.part(opens ? 0.3 : 0, 1));
  }

  std::shared_ptr<const CellPrediction> cells(const Progress& progress) const {
    if (!head || !gene || !match.usable()) return nullptr;
    CellPredictionRequest wanted;
    wanted.gene = gene;
    wanted.haplotype = request.haplotype;
    wanted.reference = isRough(reference) ? nullptr : reference.get();
    wanted.edited = edited.get();
    return std::make_shared<const CellPrediction>(
        predictCells(*predictor, *head, match, *genome, wanted, progress));
  }
};

/// `roughest` is good enough, and what is known better is kept.
bool matches(const std::shared_ptr<const Prediction>& prediction, const Predictor::Request& request,
             const Haplotype& haplotype, Precision roughest = Precision::Float32) {
  return prediction && prediction->window == request.window && prediction->haplotype == haplotype &&
         prediction->tracks == request.tracks &&
         (!isRough(prediction) || prediction->precision == roughest);
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

/// In which precision the reference may be shown: roughly if nothing is subtracted from it.
Precision Session::shownPrecision(const Predictor::Request& request) const {
  return request.haplotype.isReference() ? m_trackPrecision : Precision::Float32;
}

/// In which precision the reference is computed: one float32 pass is less work than a rough one for
/// the tracks and another for the cells.
Precision Session::computedPrecision(const Predictor::Request& request) const {
  return readsCellsOff(request) ? Precision::Float32 : shownPrecision(request);
}

/// Whether the prediction of a window holds the embedding that the cells need.
bool Session::readsCellsOff(const Predictor::Request& request) const {
  return m_head && m_gene && m_cellMatch.usable() && m_gene->strand != Strand::Minus &&
         windowAround(m_predictor->model().config(), m_gene->locus.contig, m_gene->tss()) ==
             request.window;
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
  PredictionJob job{m_predictor,
                    m_roughPredictor,
                    computedPrecision(*request),
                    m_head,
                    m_genome,
                    m_annotation,
                    m_gene,
                    m_cellMatch,
                    *request,
                    {},
                    {}};
  const bool hasEdits = !request->haplotype.isReference();
  if (matches(m_reference, *request, Haplotype(), shownPrecision(*request)))
    job.reference = m_reference;
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
        if (!job.reference) job.predictReference(progress.part(0, 0.4));
        if (hasEdits && !job.edited)
          job.edited =
              job.predicted(*job.predictor, job.request.haplotype, progress.part(0.4, 0.7));
        results.reference = job.reference;
        results.edited = job.edited;
        results.rough = job.rough;
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

double Session::secondsFor(const EnformerPass& pass, Precision precision) const {
  return m_predictor ? m_speed.seconds(pass, m_predictor->model().config(), precision) : 0;
}

PredictionCost Session::predictionCost() const {
  using Extent = PredictionCost::Extent;
  const auto request = wantedPrediction();
  PredictionCost cost;
  if (!request) return cost;
  const Enformer& model = m_predictor->model();
  EnformerPass pass = wholePass(model.config(), std::ssize(m_tracks));
  if (!matches(m_reference, *request, Haplotype(), shownPrecision(*request)))
    cost.add(Extent::WholeWindow, secondsFor(pass, computedPrecision(*request)));
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
  const bool keepsRough =
      isRough(m_reference) && matches(m_reference, request, Haplotype(), shownPrecision(request));
  if (readsCellsOff(request) && !keepsRough) return;
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
    m_speed.learn(pass, config, results.reference->seconds, results.reference->precision);
  if (!results.edited || results.edited == m_edited || results.edited->reuse == Reuse::Everything)
    return;
  pass.towerTokens = changedTokens(m_predictor->model(), results.request);
  const bool mostlyTransformer = 16 * pass.towerTokens <= config.tokenCount();
  if (mostlyTransformer) m_speed.learn(pass, config, results.edited->seconds);
}

void Session::takeResults(Results results) {
  const bool hadEdit = m_edited != nullptr;
  assert(!results.edited || !isRough(results.reference));
  learnSpeed(results);
  m_predicting = false;
  m_reference = std::move(results.reference);
  m_edited = std::move(results.edited);
  m_cellPrediction = std::move(results.cells);
  if (m_trackPrecision == Precision::BFloat16) m_roughPredictor = std::move(results.rough);
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
  const auto request = wantedPrediction();
  const bool current = request && request->haplotype == m_predictedHaplotype &&
                       matches(m_reference, *request, Haplotype(), shownPrecision(*request));
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
