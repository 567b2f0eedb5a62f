// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QTimer>
#include <memory>
#include <vector>

#include "analysis/fitdata.h"
#include "session/fitchoices.h"
#include "session/job.h"

namespace cellocus {

class Session;
struct SessionState;

/// Expression of one gene, measured and predicted by the open head.
struct GeneComparison {
  std::int64_t row = -1;  ///< of the evaluation
  QString gene, unit;
  Vector observed, predicted;  ///< [cells]; NaN where the head does not know the cell
};

/// A head of the user's own cells in the making: embeddings of genes, how they match the dataset's
/// genes, the fit with its curves, and how good the head is. Owned by Session, changed on the main
/// thread. It has a worker of its own, so that the genome can be explored while a head is fitted.
class HeadFitting : public QObject {
  Q_OBJECT

 public:
  explicit HeadFitting(Session& session);
  ~HeadFitting() override;

  /// A file of embeddings; `windows`, the query file they were computed for, names the rows of one
  /// without names and says where the genes are.
  void openEmbeddings(const QString& path, const QString& windows = {});
  /// Embeds the start sites of the annotation's genes that the dataset has with the open sequence
  /// model, writes `output` with its windows beside it (".windows.tsv"), and opens it. Stopped, it
  /// goes on where it was.
  void computeEmbeddings(const QString& output);
  /// Why nothing can be embedded now; empty if it can.
  QString obstacleToEmbedding() const;
  bool isEmbedding() const { return isOpen(m_embedJob); }
  const QString& embeddingsPath() const { return m_embeddingsPath; }
  const QString& windowsPath() const { return m_windowsPath; }
  const std::shared_ptr<const EmbeddingFile>& embeddings() const { return m_embeddings; }
  /// How the embeddings match the open cells; null while one of them is missing.
  const std::shared_ptr<const GeneJoin>& join() const { return m_join; }

  const FitChoices& choices() const { return m_choices; }
  void setChoices(const FitChoices& choices);
  /// Why nothing can be fitted now; empty if it can.
  QString obstacle() const;
  /// Why the open head cannot be judged now; empty if it can.
  QString obstacleToEvaluation() const;

  /// Fits, writes the head to `output` (.safetensors, or .ckpt for seq2cells) and opens it. The
  /// state is kept in the folder `output`.fit, so that a fit that was interrupted goes on there.
  void start(const QString& output);
  void pause();
  void resume();
  void stopAndKeep();
  void cancel();
  bool isRunning() const { return isOpen(m_fitJob); }
  bool isPaused() const { return m_control && m_control->paused(); }

  const std::vector<EpochReport>& history() const { return m_history; }
  const StepReport& lastStep() const { return m_lastStep; }
  std::int64_t bestEpoch() const;  ///< 0: none yet
  /// How the last fit ended, as a sentence; empty while one runs.
  const QString& outcome() const { return m_outcome; }

  /// Judges the open head on the genes of the embeddings.
  void evaluate();
  bool isEvaluating() const { return isOpen(m_evaluateJob); }
  /// Null: not yet, or it was for another head or other cells.
  const std::shared_ptr<const Evaluation>& evaluation() const { return m_evaluation; }
  /// Measured and predicted expression of a gene of the evaluation; they come with geneReady.
  void requestGene(std::int64_t row);

  /// Its part of the session as a document.
  void describe(SessionState& state) const;
  void restore(const SessionState& state);

  JobQueue& queue() { return m_queue; }

 signals:
  void embeddingsChanged();
  void joinChanged();
  void choicesChanged();
  void fitChanged();      ///< started, paused, ended
  void historyChanged();  ///< at most ten times a second
  void evaluationChanged();
  void geneReady(const cellocus::GeneComparison& gene);
  void failed(const QString& text);

 private:
  struct Feed;

  void takeEmbeddings(EmbeddingFile file, std::vector<QueryWindow> windows, const QString& path,
                      const QString& windowsPath);
  void joinAgain();
  void dropEvaluation();
  void readFeed();
  void fitEnded(const TrainingResult& result, const QString& output);
  void fitFailed(const QString& why);
  FitRequest request() const;
  bool isOpen(quint64 job) const;

  Session& m_session;
  QString m_embeddingsPath, m_windowsPath;
  std::shared_ptr<const EmbeddingFile> m_embeddings;
  std::vector<QueryWindow> m_windows;
  std::shared_ptr<const GeneJoin> m_join;
  FitChoices m_choices;

  std::shared_ptr<TrainingControl> m_control;  ///< of the running fit
  std::shared_ptr<Feed> m_feed;
  QTimer m_feedTimer;
  quint64 m_fitJob = 0, m_embedJob = 0, m_evaluateJob = 0;
  std::vector<EpochReport> m_history;
  StepReport m_lastStep;
  QString m_outcome;

  std::shared_ptr<const FitData> m_data;  ///< of the evaluation
  std::shared_ptr<const Evaluation> m_evaluation;

  JobQueue m_queue;  ///< last: its thread ends before what it uses
};

}  // namespace cellocus
