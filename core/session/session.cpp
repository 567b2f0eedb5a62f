// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/session.h"

#include <algorithm>

#include "nn/packedproduct.h"
#include "session/headfitting.h"

namespace cellocus {

namespace {
constexpr int typingPauseMs = 600;
}

Session::Session(QObject* parent)
    : QObject(parent), m_fitting(std::make_unique<HeadFitting>(*this)) {
  m_predictTimer.setSingleShot(true);
  m_predictTimer.setInterval(typingPauseMs);
  connect(&m_predictTimer, &QTimer::timeout, this, &Session::predict);
  // A job that the user cancels brings nothing more; a superseded one has a successor.
  connect(&m_computes, &JobQueue::jobChanged, this, [this](quint64 id) {
    if (id != m_predictJob || m_computes.jobs().at(id).state != JobState::Cancelled) return;
    m_predicting = false;
    emit predictionStateChanged();
  });
}

Session::~Session() = default;

void Session::setLocus(const Locus& locus) {
  if (locus == m_locus) return;
  m_locus = locus;
  emit locusChanged();
}

void Session::selectGene(const QString& id) {
  const Gene* gene = nullptr;
  if (m_annotation && !id.isEmpty()) {
    const auto found = m_annotation->find(id.toStdString());
    if (!found.empty()) gene = found.front();
  }
  if (gene == m_gene && id == m_geneId) return;
  m_gene = gene;
  m_geneId = gene ? QString::fromStdString(gene->id) : QString();
  if (gene && !m_window) centreWindowOn(QString::fromStdString(gene->locus.contig), gene->tss());
  emit geneChanged();
  refreshCellValues();
  refreshPredictionState();
}

std::optional<ModelWindow> Session::modelWindow() const {
  if (!m_window || !m_predictor) return std::nullopt;
  const EnformerConfig& config = m_predictor->model().config();
  ModelWindow window;
  window.tss = m_window->second;
  window.binSize = config.binSize();
  window.input = windowAround(config, m_window->first, m_window->second);
  const BinRange bins = config.croppedBins(config.tokenCount());
  window.predicted = {window.input.contig, window.input.start + bins.first * window.binSize,
                      window.input.start + bins.last * window.binSize};
  return window;
}

void Session::centreWindowOn(const QString& contig, std::int64_t position) {
  const std::pair<std::string, std::int64_t> window(contig.toStdString(), position);
  if (m_window == window) return;
  m_window = window;
  emit modelWindowChanged();
  refreshPredictionState();
}

void Session::setEdits(const EditState& edits) {
  if (edits == m_edits) return;
  m_edits = edits;
  emit editsChanged();
  refreshPredictionState();
}

void Session::setTracks(std::vector<std::int64_t> tracks) {
  if (tracks == m_tracks) return;
  m_tracks = std::move(tracks);
  emit tracksChanged();
  refreshPredictionState();
}

void Session::setTrackPrecision(Precision precision) {
  if (precision == m_trackPrecision) return;
  if (!nn::canMultiply(precision)) {
    emit remarked(tr("This processor cannot compute in bfloat16; tracks stay in float32."));
    return;
  }
  m_trackPrecision = precision;
  if (precision == Precision::Float32) m_roughPredictor.reset();
  refreshPredictionState();
}

void Session::setSelectedCells(std::vector<std::int64_t> cells) {
  if (cells == m_selectedCells) return;
  m_selectedCells = std::move(cells);
  emit selectedCellsChanged();
}

void Session::requestSequence(const Locus& locus) {
  if (!m_genome) return;
  m_loads.start(
      "sequence", QString(),
      [genome = m_genome, locus](const Progress&) { return genome->sequence(locus); },
      [this, locus](const std::string& bases) {
        emit sequenceReady(locus,
                           QString::fromLatin1(bases.data(), static_cast<qsizetype>(bases.size())));
      },
      [this](const QString& why) { emit failed(why); });
}

SessionState Session::state() const {
  const auto text = [](const std::filesystem::path& path) {
    return QString::fromStdString(path.string());
  };
  SessionState state;
  if (m_genome) state.genome = text(m_genome->path());
  for (const auto& part : m_annotationParts) state.annotations << text(part->path());
  for (const auto& track : m_bedTracks) state.bedTracks << text(track->path());
  state.bands = m_bandsPath;
  if (m_predictor) state.trunk = text(m_predictor->model().path());
  if (m_head) state.head = text(m_head->path());
  if (m_cells) state.cells = text(m_cells->path());
  state.locus = m_locus;
  state.gene = m_geneId;
  if (m_window) {
    state.windowAnchor = m_window->second;
    if (state.locus.contig.empty()) state.locus.contig = m_window->first;
  }
  state.edits = m_edits.haplotype.variants();
  state.disabledEdits = m_edits.disabled;
  state.tracks = m_tracks;
  state.trackPrecision = m_trackPrecision;
  state.colourBy = m_colourBy;
  state.embedding = m_embeddingName;
  state.groupBy = m_groupBy;
  state.selectedCells = m_selectedCells;
  m_fitting->describe(state);
  return state;
}

}  // namespace cellocus
