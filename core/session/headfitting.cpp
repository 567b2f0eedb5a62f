// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/headfitting.h"

#include <QFileInfo>
#include <filesystem>
#include <mutex>

#include "analysis/querywindows.h"
#include "base/text.h"
#include "export/embedgenes.h"
#include "session/session.h"

namespace cellocus {

namespace {

constexpr int feedPauseMs = 100;

std::filesystem::path filePath(const QString& path) {
  return {path.toStdString()};
}

}  // namespace

/// What the training thread tells; the main thread reads it ten times a second.
struct HeadFitting::Feed {
  std::mutex mutex;
  std::vector<EpochReport> history;
  StepReport step;
  bool isNew = false;
};

HeadFitting::HeadFitting(Session& session) : m_session(session) {
  m_feedTimer.setInterval(feedPauseMs);
  connect(&m_feedTimer, &QTimer::timeout, this, &HeadFitting::readFeed);
  connect(&session, &Session::cellsChanged, this, &HeadFitting::joinAgain);
  connect(&session, &Session::headChanged, this, &HeadFitting::dropEvaluation);
  connect(&m_queue, &JobQueue::jobChanged, this, [this](quint64 id) {
    if (id != m_fitJob) return;
    if (m_queue.jobs().at(id).state == JobState::Cancelled)
      fitFailed(
          tr("Stopped. The last finished epoch is kept: fit again with the same choices to "
             "go on."));
  });
}

HeadFitting::~HeadFitting() = default;

void HeadFitting::openEmbeddings(const QString& path, const QString& windows) {
  struct Read {
    EmbeddingFile file;
    std::vector<QueryWindow> windows;
    std::string remark;
  };
  m_session.loads().start(
      "embeddings", tr("Open embeddings %1").arg(QFileInfo(path).fileName()),
      [path, windows](const Progress& progress) {
        Read read{readEmbeddings(filePath(path), progress), {}, {}};
        if (windows.isEmpty()) return read;
        read.windows = readQueryWindows(filePath(windows));
        read.remark = nameByWindows(read.file, read.windows);
        return read;
      },
      [this, path, windows](Read read) {
        if (!read.remark.empty()) emit m_session.remarked(QString::fromStdString(read.remark));
        takeEmbeddings(std::move(read.file), std::move(read.windows), path, windows);
      },
      [this](const QString& why) { emit failed(why); });
}

void HeadFitting::computeEmbeddings(const QString& output) {
  if (const QString missing = obstacleToEmbedding(); !missing.isEmpty()) {
    emit failed(missing);
    return;
  }
  GeneEmbeddingRequest request;
  request.genome = m_session.genome();
  request.annotation = m_session.annotation();
  request.cells = m_session.cells();
  request.output = filePath(output);
  m_embedJob = m_queue.start(
      "embed", tr("Embed genes into %1").arg(QFileInfo(output).fileName()),
      [request, predictor = m_session.predictor()](const Progress& progress) mutable {
        // The job keeps the predictor, and with it the model, alive.
        request.model = std::shared_ptr<const Enformer>(predictor, &predictor->model());
        const Progress sums = progress.part(0, 0.01);
        request.provenance.addTrunk(*request.model, sums);
        request.provenance.add("genome", request.genome->path(), sums);
        if (!request.annotation->path().empty())
          request.provenance.add("annotation", request.annotation->path(), sums);
        return embedGenes(request, progress.part(0.01, 1));
      },
      [this, output](GeneEmbeddings made) {
        for (const std::string& remark : made.remarks)
          emit m_session.remarked(QString::fromStdString(remark));
        takeEmbeddings(std::move(made.file), std::move(made.windows), output,
                       QString::fromStdString(made.windowsPath.string()));
      },
      [this](const QString& why) { emit failed(why); });
}

QString HeadFitting::obstacleToEmbedding() const {
  if (!m_session.predictor()) return tr("Open a sequence model first.");
  if (!m_session.genome()) return tr("Open a genome first.");
  if (!m_session.annotation()) return tr("Open an annotation with genes first.");
  if (m_session.predictor()->model().config().precision != Precision::Float32)
    return tr("Embeddings are computed in float32.");
  return {};
}

void HeadFitting::takeEmbeddings(EmbeddingFile file, std::vector<QueryWindow> windows,
                                 const QString& path, const QString& windowsPath) {
  m_embeddings = std::make_shared<const EmbeddingFile>(std::move(file));
  m_windows = std::move(windows);
  m_embeddingsPath = path;
  m_windowsPath = windowsPath;
  emit embeddingsChanged();
  joinAgain();
}

void HeadFitting::joinAgain() {
  m_join.reset();
  dropEvaluation();
  const auto& cells = m_session.cells();
  emit joinChanged();
  if (!m_embeddings || !cells) return;
  m_session.loads().start(
      "join", tr("Match genes"),
      [embeddings = m_embeddings, cells](const Progress&) {
        return std::make_shared<const GeneJoin>(joinGenes(*embeddings, cells->genes()));
      },
      [this](std::shared_ptr<const GeneJoin> join) {
        m_join = std::move(join);
        emit joinChanged();
      },
      [this](const QString& why) { emit failed(why); });
}

void HeadFitting::setChoices(const FitChoices& choices) {
  m_choices = choices;
  emit choicesChanged();
}

QString HeadFitting::obstacle() const {
  if (!m_session.cells()) return tr("Open the cells (.h5ad) that the head is to predict.");
  if (!m_embeddings) return tr("Open embeddings of genes, or compute them from the open genome.");
  if (!m_join) return tr("The genes are being matched.");
  if (m_join->pairs.empty())
    return tr("No gene of the embeddings is among the genes of %1.")
        .arg(QString::fromStdString(m_session.cells()->path().filename().string()));
  return {};
}

QString HeadFitting::obstacleToEvaluation() const {
  if (!m_session.head()) return tr("Open a cell head, or fit one.");
  if (const QString missing = obstacle(); !missing.isEmpty()) return missing;
  if (m_session.head()->embeddingSize() != m_embeddings->embedding.cols())
    return tr("The head takes embeddings of %1 numbers; these have %2.")
        .arg(m_session.head()->embeddingSize())
        .arg(m_embeddings->embedding.cols());
  if (!m_session.cellMatch().usable()) return QString::fromStdString(m_session.cellMatch().text);
  return {};
}

FitRequest HeadFitting::request() const {
  FitRequest request;
  request.embeddings = m_embeddings;
  request.cells = m_session.cells();
  request.join = m_join;
  request.split = m_choices.split;
  request.seed = m_choices.options.seed;
  request.windows = m_windows;
  request.expression.layer = m_choices.layer.toStdString();
  request.expression.transform =
      m_choices.transform.value_or(usualTransform(*request.cells, request.expression.layer));
  return request;
}

bool HeadFitting::isOpen(quint64 job) const {
  const auto found = m_queue.jobs().find(job);
  return found != m_queue.jobs().end() && found->second.isOpen();
}

void HeadFitting::start(const QString& output) {
  if (isRunning() || !obstacle().isEmpty()) return;
  m_history.clear();
  m_lastStep = {};
  m_outcome.clear();
  m_control = std::make_shared<TrainingControl>();
  m_feed = std::make_shared<Feed>();
  TrainingOptions options = m_choices.options;
  options.folder = filePath(output + ".fit");
  m_fitJob = m_queue.start(
      "fit", tr("Fit %1").arg(QFileInfo(output).fileName()),
      [request = request(), options, control = m_control, feed = m_feed,
       path = filePath(output)](const Progress& progress) {
        const FitData data = gatherFitData(request, progress.part(0, 0.05));
        TrainingCallbacks callbacks;
        callbacks.control = control.get();
        callbacks.afterStep = [&](const StepReport& step) {
          const std::lock_guard lock(feed->mutex);
          feed->step = step;
          feed->isNew = true;
        };
        callbacks.afterEpoch = [&](const EpochReport& epoch) {
          const std::lock_guard lock(feed->mutex);
          feed->history.push_back(epoch);
          feed->isNew = true;
        };
        TrainingResult result =
            trainHead(data.training, options, callbacks, progress.part(0.05, 1));
        result.best->saveAs(path, progress.unreported());
        std::filesystem::remove_all(options.folder);
        return result;
      },
      [this, output](const TrainingResult& result) { fitEnded(result, output); },
      [this](const QString& why) { fitFailed(why); });
  m_feedTimer.start();
  emit historyChanged();
  emit fitChanged();
}

void HeadFitting::readFeed() {
  {
    const std::lock_guard lock(m_feed->mutex);
    if (!std::exchange(m_feed->isNew, false)) return;
    m_history = m_feed->history;
    m_lastStep = m_feed->step;
  }
  emit historyChanged();
}

void HeadFitting::fitEnded(const TrainingResult& result, const QString& output) {
  m_feedTimer.stop();
  m_control.reset();
  m_history = result.history;
  const QString end = QString::fromStdString(endText(result.end, m_choices.options));
  m_outcome = result.bestEpoch > 0
                  ? tr("Ended: %1. The head of epoch %2 is saved as %3 and open.")
                        .arg(end)
                        .arg(result.bestEpoch)
                        .arg(QFileInfo(output).fileName())
                  : tr("Ended: %1. The head after the last step is saved as %2 and open.")
                        .arg(end, QFileInfo(output).fileName());
  m_session.openHead(output);
  emit historyChanged();
  emit fitChanged();
}

void HeadFitting::fitFailed(const QString& why) {
  m_feedTimer.stop();
  m_control.reset();
  m_outcome = why;
  emit fitChanged();
}

void HeadFitting::pause() {
  if (m_control) m_control->pause();
  emit fitChanged();
}

void HeadFitting::resume() {
  if (m_control) m_control->resume();
  emit fitChanged();
}

void HeadFitting::stopAndKeep() {
  if (m_control) m_control->stopAndKeep();
  emit fitChanged();
}

void HeadFitting::cancel() {
  m_queue.cancel(m_fitJob);
}

std::int64_t HeadFitting::bestEpoch() const {
  std::int64_t best = 0;
  for (const EpochReport& epoch : m_history)
    if (epoch.best) best = epoch.epoch;
  return best;
}

void HeadFitting::describe(SessionState& state) const {
  state.embeddings = m_embeddingsPath;
  state.embeddingWindows = m_windowsPath;
  state.fit = fitJson(m_choices);
}

void HeadFitting::restore(const SessionState& state) {
  setChoices(fitFrom(state.fit));
  if (!state.embeddings.isEmpty()) openEmbeddings(state.embeddings, state.embeddingWindows);
}

void HeadFitting::dropEvaluation() {
  if (!m_evaluation) return;
  m_evaluation.reset();
  m_data.reset();
  emit evaluationChanged();
}

void HeadFitting::evaluate() {
  if (!obstacleToEvaluation().isEmpty()) return;
  struct Judged {
    std::shared_ptr<const FitData> data;
    std::shared_ptr<const Evaluation> evaluation;
  };
  m_evaluateJob = m_queue.start(
      "evaluate", tr("Evaluate the head"),
      [request = request(), head = m_session.head(),
       match = m_session.cellMatch()](const Progress& progress) {
        Judged judged;
        const auto data =
            std::make_shared<const FitData>(gatherFitData(request, progress.part(0, 0.3)));
        const EvaluationInput input = evaluationInput(
            *data,
            [&](MatrixView embeddings) {
              return predictMatched(*head, match, embeddings, progress.unreported());
            },
            progress.unreported());
        judged.data = data;
        judged.evaluation =
            std::make_shared<const Evaluation>(cellocus::evaluate(input, progress.part(0.3, 1)));
        return judged;
      },
      [this, head = m_session.head(), cells = m_session.cells()](const Judged& judged) {
        if (head != m_session.head() || cells != m_session.cells()) return;
        m_data = judged.data;
        m_evaluation = judged.evaluation;
        emit evaluationChanged();
      },
      [this](const QString& why) { emit failed(why); });
}

void HeadFitting::requestGene(std::int64_t row) {
  if (!m_evaluation || row < 0 || row >= std::ssize(m_data->genes)) return;
  m_session.loads().start(
      "evaluated gene", QString(),
      [data = m_data, head = m_session.head(), match = m_session.cellMatch(),
       row](const Progress& progress) {
        GeneComparison gene{row,
                            QString::fromStdString(data->symbol(row)),
                            QString::fromStdString(data->training.unit),
                            {},
                            {}};
        gene.observed = data->training.expression(std::span(&row, 1), progress).row(0);
        gene.predicted =
            predictMatched(*head, match, data->training.embeddings.row(row), progress).row(0);
        return gene;
      },
      [this](const GeneComparison& gene) { emit geneReady(gene); },
      [this](const QString& why) { emit failed(why); });
}

}  // namespace cellocus
