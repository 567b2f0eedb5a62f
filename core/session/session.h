// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QTimer>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "analysis/cellprediction.h"
#include "analysis/modelwindow.h"
#include "analysis/predictor.h"
#include "cells/celldataset.h"
#include "genome/annotation.h"
#include "genome/bedtrack.h"
#include "genome/genome.h"
#include "session/cellvalues.h"
#include "session/columncache.h"
#include "session/job.h"
#include "session/predictioncost.h"
#include "session/sessionstate.h"

namespace cellocus {

class HeadFitting;

/// The one object that changes while the program runs, only on the main thread. It owns what is
/// open (shared, const), the context (locus, gene, edits, colours) and the job queues; views never
/// see it.
class Session : public QObject {
  Q_OBJECT

 public:
  explicit Session(QObject* parent = nullptr);
  ~Session() override;

  // What is open.
  const std::shared_ptr<const Genome>& genome() const { return m_genome; }
  const std::shared_ptr<const Annotation>& annotation() const { return m_annotation; }
  const std::vector<std::shared_ptr<const BedTrack>>& bedTracks() const { return m_bedTracks; }
  const std::vector<CytoBand>& bands() const { return m_bands; }
  const std::shared_ptr<const Predictor>& predictor() const { return m_predictor; }
  const std::shared_ptr<const Emb2Cell>& head() const { return m_head; }
  const std::shared_ptr<const CellDataset>& cells() const { return m_cells; }
  const CellMatch& cellMatch() const { return m_cellMatch; }

  void openGenome(const QString& path);
  void openAnnotation(const QString& path);  ///< added to the annotation that is open
  void openBedTrack(const QString& path);
  void openBands(const QString& path);
  void openTrunk(const QString& path);
  void openHead(const QString& path);
  void openCells(const QString& path);
  /// Reads edits from a VCF and gives them with editsRead; nothing changes by itself.
  void openEdits(const QString& path);
  /// Files of any kind the program knows, told apart by name and content.
  void openFiles(const QStringList& paths);
  void closeBedTrack(std::size_t index);

  // Context.
  const Locus& locus() const { return m_locus; }
  void setLocus(const Locus& locus);
  const Gene* gene() const { return m_gene; }
  void selectGene(const QString& id);  ///< empty = none
  std::optional<ModelWindow> modelWindow() const;
  /// Puts a position (a start site) into the middle of the model window.
  void centreWindowOn(const QString& contig, std::int64_t position);
  const EditState& edits() const { return m_edits; }
  void setEdits(const EditState& edits);
  const std::vector<std::int64_t>& tracks() const { return m_tracks; }
  void setTracks(std::vector<std::int64_t> tracks);
  const ColourBy& colourBy() const { return m_colourBy; }
  void setColourBy(const ColourBy& by);
  const QString& embeddingName() const { return m_embeddingName; }
  void setEmbedding(const QString& name);
  const QString& groupBy() const { return m_groupBy; }
  void setGroupBy(const QString& column);
  const std::vector<std::int64_t>& selectedCells() const { return m_selectedCells; }
  void setSelectedCells(std::vector<std::int64_t> cells);

  // Results. Shared and const: a view may keep them.
  void predict();
  void setAutoPredict(bool on) { m_autoPredict = on; }
  bool autoPredict() const { return m_autoPredict; }
  /// bfloat16 is for looking at tracks of the reference: twice as fast, some percent off.
  void setTrackPrecision(Precision precision);
  Precision trackPrecision() const { return m_trackPrecision; }
  PredictionState predictionState() const;
  const QString& predictionProblem() const { return m_predictionProblem; }
  /// What predict() would have to do now, and how long that takes on this machine.
  PredictionCost predictionCost() const;
  /// Seconds that the open sequence model needs for a pass; 0 while that is not known.
  double secondsFor(const EnformerPass& pass, Precision precision = Precision::Float32) const;
  const std::shared_ptr<const Prediction>& reference() const { return m_reference; }
  /// Null while no edit lies in the window.
  const std::shared_ptr<const Prediction>& edited() const { return m_edited; }
  const std::shared_ptr<const CellPrediction>& cellPrediction() const { return m_cellPrediction; }
  bool cellPredictionIsCurrent() const;
  const std::shared_ptr<const Matrix>& embedding() const { return m_embedding; }
  const std::shared_ptr<const CellValues>& cellValues() const { return m_cellValues; }
  const std::shared_ptr<const CellColumn>& groupColumn() const { return m_groupColumn; }
  /// Asks for the bases of a locus; they come with sequenceReady.
  void requestSequence(const Locus& locus);

  // The session as a document.
  SessionState state() const;
  /// Opens what the state names; the context follows as each file arrives.
  void restore(const SessionState& state);
  bool isRestoring() const { return m_pending.has_value(); }

  HeadFitting& fitting() const { return *m_fitting; }
  JobQueue& loads() { return m_loads; }
  JobQueue& computes() { return m_computes; }

 signals:
  void genomeChanged();
  void annotationChanged();
  void bedTracksChanged();
  void bandsChanged();
  void trunkChanged();
  void headChanged();
  void cellsChanged();
  void locusChanged();
  void geneChanged();
  void modelWindowChanged();
  void editsChanged();
  void tracksChanged();
  void predictionStateChanged();  ///< or what the next one costs or how precise it is to be
  void predictionChanged();
  void embeddingChanged();
  void cellValuesChanged();
  void groupColumnChanged();
  void selectedCellsChanged();
  void sequenceReady(const cellocus::Locus& locus, const QString& bases);
  void editsRead(const cellocus::EditState& edits, const QString& name);
  void restored();
  /// Something to tell in the log and the status bar.
  void remarked(const QString& text);
  /// A file could not be opened, a computation failed: one sentence.
  void failed(const QString& text);

 private:
  struct Results;

  template <typename T>
  void load(const QString& key, const QString& title, std::function<T(const Progress&)> read,
            std::function<void(T)> take);
  void genomeOpened(std::shared_ptr<const Genome> genome);
  void annotationOpened(std::shared_ptr<const Annotation> annotation);
  void trunkOpened(std::shared_ptr<const Predictor> predictor);
  void cellsOpened(std::shared_ptr<const CellDataset> cells);
  void matchHeadToCells();
  void applyPending();

  std::optional<Predictor::Request> wantedPrediction() const;
  Precision shownPrecision(const Predictor::Request& request) const;
  Precision computedPrecision(const Predictor::Request& request) const;
  bool readsCellsOff(const Predictor::Request& request) const;
  void addStartSiteCost(const Predictor::Request& request, PredictionCost& cost) const;
  void measureSpeed();
  void learnSpeed(const Results& results);
  void dropPredictions();
  void takeResults(Results results);
  void refreshPredictionState();
  void schedulePrediction();
  void followEditWithColours(bool hadEdit);

  void refreshCellValues();
  void setCellValues(CellValues values);
  void loadColumn(const QString& name, ColumnCache::Take take);
  void loadObserved();

  std::shared_ptr<const Genome> m_genome;
  std::shared_ptr<const Annotation> m_annotation;
  std::vector<std::shared_ptr<const Annotation>> m_annotationParts;
  std::vector<std::shared_ptr<const BedTrack>> m_bedTracks;
  std::vector<CytoBand> m_bands;
  QString m_bandsPath;
  std::shared_ptr<const Predictor> m_predictor, m_roughPredictor;  ///< the latter if ever needed
  std::shared_ptr<const Emb2Cell> m_head;
  std::shared_ptr<const CellDataset> m_cells;
  CellMatch m_cellMatch;

  Locus m_locus;
  QString m_geneId;
  const Gene* m_gene = nullptr;                                  ///< of m_annotation
  std::optional<std::pair<std::string, std::int64_t>> m_window;  ///< contig, anchor
  EditState m_edits;
  std::vector<std::int64_t> m_tracks;
  Precision m_trackPrecision = Precision::Float32;
  ColourBy m_colourBy;
  QString m_embeddingName, m_groupBy;
  std::vector<std::int64_t> m_selectedCells;

  std::shared_ptr<const Prediction> m_reference, m_edited;
  std::shared_ptr<const CellPrediction> m_cellPrediction;
  Haplotype m_predictedHaplotype;
  QString m_predictedGene, m_predictionProblem;
  bool m_predicting = false, m_autoPredict = true;
  quint64 m_predictJob = 0;
  PredictionSpeed m_speed;
  QTimer m_predictTimer;

  std::shared_ptr<const Matrix> m_embedding;
  std::shared_ptr<const CellValues> m_cellValues;
  std::shared_ptr<const CellColumn> m_groupColumn;
  ColumnCache m_columns{m_loads};
  QString m_observedGene;
  Vector m_observed;

  std::optional<SessionState> m_pending;
  std::set<QString> m_pendingLoads;

  JobQueue m_loads, m_computes;            ///< their threads end before what they use
  std::unique_ptr<HeadFitting> m_fitting;  ///< last: its thread uses what the session owns
};

}  // namespace cellocus
