// SPDX-License-Identifier: GPL-3.0-or-later
// Opening files: each is a job on the load queue; what it gives is taken over on the main thread.
#include <QFileInfo>

#include "analysis/filekind.h"
#include "genome/vcf.h"
#include "session/headfitting.h"
#include "session/session.h"

namespace cellocus {

namespace {

std::filesystem::path filePath(const QString& path) {
  return {path.toStdString()};
}

QString fileName(const QString& path) {
  return QFileInfo(path).fileName();
}

/// A start site with what regulates it nearby, for a session that names a gene and no place.
Locus surroundings(const Gene& gene) {
  constexpr std::int64_t reach = 12'000;
  return {gene.locus.contig, gene.tss() - reach, gene.tss() + reach};
}

void remarkAll(Session& session, const std::filesystem::path& path,
               const std::vector<std::string>& remarks) {
  for (const std::string& remark : remarks)
    emit session.remarked(QString::fromStdString(path.filename().string() + ": " + remark));
}

}  // namespace

template <typename T>
void Session::load(const QString& key, const QString& title, std::function<T(const Progress&)> read,
                   std::function<void(T)> take) {
  m_pendingLoads.insert(key);
  const auto ended = [this, key] {
    m_pendingLoads.erase(key);
    applyPending();
  };
  m_loads.start(
      key, title, std::move(read),
      [take, ended](T value) {
        take(std::move(value));
        ended();
      },
      [this, ended](const QString& why) {
        emit failed(why);
        ended();
      });
}

void Session::openGenome(const QString& path) {
  load<std::shared_ptr<const Genome>>(
      "genome", tr("Open genome %1").arg(fileName(path)),
      [file = filePath(path)](const Progress& progress) { return Genome::open(file, progress); },
      [this](std::shared_ptr<const Genome> genome) { genomeOpened(std::move(genome)); });
}

void Session::genomeOpened(std::shared_ptr<const Genome> genome) {
  remarkAll(*this, genome->path(), genome->remarks());
  m_genome = std::move(genome);
  m_edits = {};
  m_window.reset();
  dropPredictions();
  emit genomeChanged();
  emit editsChanged();
  emit modelWindowChanged();
  if (!m_genome->contigs().empty()) {
    const Contig& first = m_genome->contigs().front();
    setLocus({first.name, 0, first.length});
  }
}

void Session::openAnnotation(const QString& path) {
  load<std::shared_ptr<const Annotation>>(
      "annotation " + path, tr("Open annotation %1").arg(fileName(path)),
      [file = filePath(path)](const Progress& progress) {
        return Annotation::open(file, progress);
      },
      [this](std::shared_ptr<const Annotation> annotation) {
        annotationOpened(std::move(annotation));
      });
}

void Session::annotationOpened(std::shared_ptr<const Annotation> annotation) {
  remarkAll(*this, annotation->path(), annotation->remarks());
  m_annotationParts.push_back(std::move(annotation));
  m_annotation = m_annotationParts.size() == 1 ? m_annotationParts.front()
                                               : Annotation::merged(m_annotationParts);
  m_gene = nullptr;
  const QString id = std::exchange(m_geneId, QString());
  emit annotationChanged();
  selectGene(id);
}

void Session::openBedTrack(const QString& path) {
  load<std::shared_ptr<const BedTrack>>(
      "intervals " + path, tr("Open intervals %1").arg(fileName(path)),
      [file = filePath(path)](const Progress& progress) { return BedTrack::open(file, progress); },
      [this](std::shared_ptr<const BedTrack> track) {
        remarkAll(*this, track->path(), track->remarks());
        m_bedTracks.push_back(std::move(track));
        emit bedTracksChanged();
      });
}

void Session::closeBedTrack(std::size_t index) {
  if (index >= m_bedTracks.size()) return;
  m_bedTracks.erase(m_bedTracks.begin() + static_cast<std::ptrdiff_t>(index));
  emit bedTracksChanged();
}

void Session::openBands(const QString& path) {
  load<std::vector<CytoBand>>(
      "bands", tr("Open bands %1").arg(fileName(path)),
      [file = filePath(path)](const Progress&) { return readCytoBands(file); },
      [this, path](std::vector<CytoBand> bands) {
        m_bands = std::move(bands);
        m_bandsPath = path;
        emit bandsChanged();
      });
}

void Session::openTrunk(const QString& path) {
  load<std::shared_ptr<const Predictor>>(
      "trunk", tr("Open sequence model %1").arg(fileName(path)),
      [file = filePath(path)](const Progress& progress) -> std::shared_ptr<const Predictor> {
        return std::make_shared<const Predictor>(Enformer::open(file, progress));
      },
      [this](std::shared_ptr<const Predictor> predictor) { trunkOpened(std::move(predictor)); });
}

void Session::trunkOpened(std::shared_ptr<const Predictor> predictor) {
  m_predictor = std::move(predictor);
  m_roughPredictor.reset();
  measureSpeed();
  const auto& heads = m_predictor->model().config().outputHeads;
  const std::int64_t available = heads.empty() ? 0 : heads.front().tracks;
  std::vector<std::int64_t> shown;
  for (std::int64_t track = 0; track < std::min<std::int64_t>(available, 16); ++track)
    shown.push_back(track);
  m_tracks = shown;
  dropPredictions();
  emit trunkChanged();
  emit tracksChanged();
  emit modelWindowChanged();
}

void Session::openHead(const QString& path) {
  load<std::shared_ptr<const Emb2Cell>>(
      "head", tr("Open cell head %1").arg(fileName(path)),
      [file = filePath(path)](const Progress& progress) { return Emb2Cell::open(file, progress); },
      [this](std::shared_ptr<const Emb2Cell> head) {
        m_head = std::move(head);
        m_cellPrediction.reset();
        matchHeadToCells();
        emit headChanged();
        refreshCellValues();
        refreshPredictionState();
      });
}

void Session::openCells(const QString& path) {
  load<std::shared_ptr<const CellDataset>>(
      "cells", tr("Open cells %1").arg(fileName(path)),
      [file = filePath(path)](const Progress& progress) {
        return CellDataset::open(file, progress);
      },
      [this](std::shared_ptr<const CellDataset> cells) { cellsOpened(std::move(cells)); });
}

void Session::cellsOpened(std::shared_ptr<const CellDataset> cells) {
  remarkAll(*this, cells->path(), cells->remarks());
  m_cells = std::move(cells);
  m_columns.reset(m_cells);
  m_observedGene.clear();
  m_cellPrediction.reset();
  m_embedding.reset();
  m_cellValues.reset();
  m_groupColumn.reset();
  m_selectedCells.clear();
  matchHeadToCells();
  emit cellsChanged();
  emit selectedCellsChanged();

  const auto& names = m_cells->embeddingNames();
  const auto umap = std::find(names.begin(), names.end(), "X_umap");
  m_embeddingName.clear();
  if (!names.empty())
    setEmbedding(QString::fromStdString(umap != names.end() ? *umap : names.front()));
}

void Session::matchHeadToCells() {
  m_cellMatch = {};
  if (!m_head || !m_cells) return;
  m_cellMatch = matchCells(*m_head, m_cells->cellNames());
  emit remarked(QString::fromStdString(m_cellMatch.text));
}

void Session::openEdits(const QString& path) {
  if (!m_genome) {
    emit failed(
        tr("%1 holds variants. Open the genome that they belong to first.").arg(fileName(path)));
    return;
  }
  load<std::pair<EditState, std::vector<std::string>>>(
      "edits", tr("Read edits of %1").arg(fileName(path)),
      [file = filePath(path), genome = m_genome](const Progress& progress) {
        const auto vcf = VcfFile::open(file, progress);
        EditState edits;
        edits.haplotype = haplotypeFrom(*vcf, *genome);
        return std::pair(edits, vcf->remarks);
      },
      [this, path](std::pair<EditState, std::vector<std::string>> read) {
        remarkAll(*this, filePath(path), read.second);
        emit editsRead(read.first, fileName(path));
      });
}

void Session::openFiles(const QStringList& paths) {
  for (const QString& path : paths) {
    try {
      switch (recogniseFile(filePath(path))) {
        case FileKind::Genome:
          openGenome(path);
          break;
        case FileKind::Annotation:
          openAnnotation(path);
          break;
        case FileKind::Intervals:
          openBedTrack(path);
          break;
        case FileKind::CytoBands:
          openBands(path);
          break;
        case FileKind::Variants:
          openEdits(path);
          break;
        case FileKind::SequenceModel:
          openTrunk(path);
          break;
        case FileKind::CellHead:
          openHead(path);
          break;
        case FileKind::Cells:
          openCells(path);
          break;
        case FileKind::Embeddings:
          m_fitting->openEmbeddings(path);
          break;
        default:
          emit failed(tr("%1 is not a file that can be opened here yet.").arg(fileName(path)));
      }
    } catch (const Error& error) {
      emit failed(QString::fromUtf8(error.what()));
    }
  }
}

void Session::restore(const SessionState& state) {
  m_pending = state;
  m_annotationParts.clear();
  m_annotation.reset();
  m_bedTracks.clear();
  m_colourBy = state.colourBy;
  if (!state.genome.isEmpty()) openGenome(state.genome);
  for (const QString& path : state.annotations) openAnnotation(path);
  for (const QString& path : state.bedTracks) openBedTrack(path);
  if (!state.bands.isEmpty()) openBands(state.bands);
  if (!state.trunk.isEmpty()) openTrunk(state.trunk);
  if (!state.cells.isEmpty()) openCells(state.cells);
  if (!state.head.isEmpty()) openHead(state.head);
  m_fitting->restore(state);
  applyPending();
}

void Session::applyPending() {
  if (!m_pending || !m_pendingLoads.empty()) return;
  const SessionState state = *std::exchange(m_pending, std::nullopt);
  if (m_genome && m_genome->find(state.locus.contig)) {
    setLocus(state.locus);
    if (state.windowAnchor >= 0)
      centreWindowOn(QString::fromStdString(state.locus.contig), state.windowAnchor);
    EditState edits;
    edits.disabled = state.disabledEdits;
    for (const Variant& edit : state.edits) {
      try {
        edits.haplotype = edits.haplotype.with(edit, *m_genome);
      } catch (const Error& error) {
        emit failed(tr("An edit of the session could not be restored. %1").arg(error.what()));
      }
    }
    setEdits(edits);
  }
  if (!state.tracks.empty()) setTracks(state.tracks);
  if (state.trackPrecision) setTrackPrecision(*state.trackPrecision);
  selectGene(state.gene);
  if (m_gene && state.locus.contig.empty()) setLocus(surroundings(*m_gene));
  if (m_cells) {
    if (!state.embedding.isEmpty()) setEmbedding(state.embedding);
    if (!state.groupBy.isEmpty()) setGroupBy(state.groupBy);
    setSelectedCells(state.selectedCells);
  }
  emit restored();
  refreshCellValues();
}

}  // namespace cellocus
