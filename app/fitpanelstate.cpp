// SPDX-License-Identifier: GPL-3.0-or-later
// What the panel shows and does; its construction is in fitpanel.cpp.
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QRegularExpression>
#include <QSpinBox>
#include <algorithm>

#include "base/text.h"
#include "costtext.h"
#include "export/embedgenes.h"
#include "fitpanel.h"
#include "genematchdialog.h"
#include "plot/linechart.h"
#include "session/headfitting.h"

namespace cellocus {

namespace {

QString text(const std::string& value) {
  return QString::fromStdString(value);
}

QString count(std::int64_t value) {
  return text(withThousands(value));
}

void choose(QComboBox* box, const QVariant& value) {
  box->setCurrentIndex(std::max(0, box->findData(value)));
}

QList<QPointF> pointsOf(const std::vector<EpochReport>& history,
                        const std::function<double(const EpochReport&)>& value) {
  QList<QPointF> points;
  for (const EpochReport& epoch : history)
    points << QPointF(static_cast<double>(epoch.epoch), value(epoch));
  return points;
}

}  // namespace

void FitPanel::connectChoices() {
  for (QComboBox* box :
       {m_layer, m_transform, m_split, m_model, m_loss, m_centring, m_optimizer, m_schedule})
    connect(box, &QComboBox::activated, this, &FitPanel::takeChoices);
  for (QSpinBox* box : {m_bottleneck, m_warmUp, m_batch, m_epochs, m_patience, m_seed})
    connect(box, &QSpinBox::valueChanged, this, &FitPanel::takeChoices);
  for (QDoubleSpinBox* box :
       {m_dropout, m_geneWeight, m_cellWeight, m_rate, m_decay, m_valid, m_test})
    connect(box, &QDoubleSpinBox::valueChanged, this, &FitPanel::takeChoices);
  for (QCheckBox* box : {m_relu, m_softplus})
    connect(box, &QCheckBox::toggled, this, &FitPanel::takeChoices);
  connect(m_splitName, &QLineEdit::editingFinished, this, &FitPanel::takeChoices);
  connect(m_splitBrowse, &QPushButton::clicked, this, [this] {
    const QString path =
        QFileDialog::getOpenFileName(this, tr("Enformer's regions"), m_splitName->text(),
                                     tr("Regions (*.bed *.bed.gz *.txt);;All files (*)"));
    if (path.isEmpty()) return;
    m_splitName->setText(path);
    takeChoices();
  });
}

void FitPanel::connectFitting() {
  connect(m_open, &QPushButton::clicked, this, &FitPanel::openEmbeddings);
  connect(m_compute, &QPushButton::clicked, this, &FitPanel::computeEmbeddings);
  connect(m_report, &QPushButton::clicked, this, &FitPanel::showMatches);
  connect(m_start, &QPushButton::clicked, this, &FitPanel::fit);
  connect(m_pause, &QPushButton::clicked, this,
          [this] { m_fitting.isPaused() ? m_fitting.resume() : m_fitting.pause(); });
  connect(m_keep, &QPushButton::clicked, this, [this] { m_fitting.stopAndKeep(); });
  connect(m_stop, &QPushButton::clicked, this, [this] { m_fitting.cancel(); });
  connect(&m_fitting, &HeadFitting::embeddingsChanged, this, &FitPanel::showData);
  connect(&m_fitting, &HeadFitting::joinChanged, this, &FitPanel::showData);
  connect(&m_fitting, &HeadFitting::choicesChanged, this, &FitPanel::showChoices);
  connect(&m_fitting, &HeadFitting::fitChanged, this, &FitPanel::showState);
  connect(&m_fitting, &HeadFitting::historyChanged, this, &FitPanel::showHistory);
  connect(&m_session, &Session::cellsChanged, this, [this] {
    showLayers();
    showData();
  });
  for (auto signal : {&Session::trunkChanged, &Session::genomeChanged, &Session::annotationChanged,
                      &Session::predictionStateChanged})
    connect(&m_session, signal, this, &FitPanel::showState);
  connect(&m_fitting.queue(), &JobQueue::jobChanged, this, &FitPanel::showState);
}

void FitPanel::openEmbeddings() {
  const QString path =
      QFileDialog::getOpenFileName(this, tr("Open embeddings"), m_fitting.embeddingsPath(),
                                   tr("Embeddings (*.h5 *.hdf5 *.h5ad);;All files (*)"));
  if (path.isEmpty()) return;
  // The query file that the program writes beside its embeddings.
  QString windows = path;
  windows.replace(QRegularExpression("\\.[^.]*$"), ".windows.tsv");
  if (!QFileInfo::exists(windows)) {
    windows = QFileDialog::getOpenFileName(
        this, tr("Windows of these embeddings (Cancel: there are none)"),
        QFileInfo(path).absolutePath(), tr("Query files (*.tsv *.txt);;All files (*)"));
  }
  m_fitting.openEmbeddings(path, windows);
}

void FitPanel::computeEmbeddings() {
  const QString path = QFileDialog::getSaveFileName(
      this, tr("Embed genes into"), QStringLiteral("embeddings.h5"), tr("Embeddings (*.h5)"));
  if (!path.isEmpty()) m_fitting.computeEmbeddings(path.endsWith(".h5") ? path : path + ".h5");
  showState();
}

void FitPanel::fit() {
  const QString path = QFileDialog::getSaveFileName(
      this, tr("Fit a head and save it as"), QStringLiteral("head.safetensors"),
      tr("Cell heads (*.safetensors);;Lightning checkpoints of seq2cells (*.ckpt)"));
  if (path.isEmpty()) return;
  const QStringList endings{".safetensors", ".ckpt"};
  const bool ends = std::any_of(endings.begin(), endings.end(),
                                [&](const QString& ending) { return path.endsWith(ending); });
  m_fitting.start(ends ? path : path + endings.front());
}

void FitPanel::showMatches() {
  if (!m_fitting.join()) return;
  GeneMatchDialog dialog(*m_fitting.join(), this);
  dialog.exec();
}

void FitPanel::takeChoices() {
  if (m_showing) return;
  FitChoices choices = m_fitting.choices();
  choices.layer = m_layer->currentData().toString();
  const int transform = m_transform->currentData().toInt();
  choices.transform.reset();
  if (transform >= 0) choices.transform = static_cast<ExpressionTransform>(transform);
  const auto split = static_cast<SplitChoice::Kind>(m_split->currentData().toInt());
  if (split != choices.split.kind) m_splitName->clear();
  choices.split = {split, m_valid->value() / 100, m_test->value() / 100,
                   m_splitName->text().trimmed().toStdString()};
  TrainingOptions& o = choices.options;
  o.bottleneck = m_model->currentData().toBool();
  o.bottleneckSize = m_bottleneck->value();
  o.relu = m_relu->isChecked();
  o.softplus = m_softplus->isChecked();
  o.dropout = m_dropout->value();
  o.loss.loss = static_cast<ExpressionLoss>(m_loss->currentData().toInt());
  o.loss.centring = static_cast<Centring>(m_centring->currentData().toInt());
  o.loss.geneWeight = m_geneWeight->value();
  o.loss.cellWeight = m_cellWeight->value();
  o.optimizer = {static_cast<OptimizerKind>(m_optimizer->currentData().toInt()), m_rate->value(),
                 m_decay->value()};
  o.schedule = {static_cast<Schedule>(m_schedule->currentData().toInt()), m_warmUp->value(),
                m_epochs->value()};
  o.batchGenes = m_batch->value();
  o.epochs = m_epochs->value();
  o.patience = m_patience->value();
  o.seed = static_cast<std::uint64_t>(m_seed->value());
  m_fitting.setChoices(choices);
}

void FitPanel::showChoices() {
  m_showing = true;
  const FitChoices& choices = m_fitting.choices();
  const TrainingOptions& o = choices.options;
  showLayers();
  choose(m_transform, choices.transform ? static_cast<int>(*choices.transform) : -1);
  choose(m_split, static_cast<int>(choices.split.kind));
  m_valid->setValue(choices.split.validShare * 100);
  m_test->setValue(choices.split.testShare * 100);
  m_splitName->setText(text(choices.split.name));
  choose(m_model, o.bottleneck);
  m_bottleneck->setValue(static_cast<int>(o.bottleneckSize));
  m_relu->setChecked(o.relu);
  m_softplus->setChecked(o.softplus);
  m_dropout->setValue(o.dropout);
  choose(m_loss, static_cast<int>(o.loss.loss));
  choose(m_centring, static_cast<int>(o.loss.centring));
  m_geneWeight->setValue(o.loss.geneWeight);
  m_cellWeight->setValue(o.loss.cellWeight);
  choose(m_optimizer, static_cast<int>(o.optimizer.kind));
  m_rate->setValue(o.optimizer.learningRate);
  m_decay->setValue(o.optimizer.weightDecay);
  choose(m_schedule, static_cast<int>(o.schedule.schedule));
  m_warmUp->setValue(static_cast<int>(o.schedule.warmUpEpochs));
  m_batch->setValue(static_cast<int>(o.batchGenes));
  m_epochs->setValue(static_cast<int>(o.epochs));
  m_patience->setValue(static_cast<int>(o.patience));
  m_seed->setValue(static_cast<int>(o.seed));
  m_showing = false;
  showSplit();
  showState();
}

void FitPanel::showSplit() {
  using Kind = SplitChoice::Kind;
  const FitChoices& choices = m_fitting.choices();
  const Kind kind = choices.split.kind;
  m_splitShares->setVisible(kind == Kind::Random);
  m_splitFile->setVisible(kind != Kind::Random);
  m_splitBrowse->setVisible(kind == Kind::Regions);
  m_splitName->setPlaceholderText(kind == Kind::Regions ? tr("sequences.bed") : tr("enf_set"));
  m_splitName->setAccessibleName(kind == Kind::Regions ? tr("File of the regions")
                                                       : tr("Name of the column"));
  const bool pearson = choices.options.loss.loss == ExpressionLoss::Pearson;
  m_geneWeight->setEnabled(pearson);
  m_cellWeight->setEnabled(pearson);
  m_centring->setEnabled(pearson);
  for (QWidget* widget : {static_cast<QWidget*>(m_bottleneck), static_cast<QWidget*>(m_relu),
                          static_cast<QWidget*>(m_dropout)})
    widget->setEnabled(choices.options.bottleneck);
  const Schedule schedule = choices.options.schedule.schedule;
  m_warmUp->setEnabled(schedule == Schedule::LinearWarmUp ||
                       schedule == Schedule::LinearWarmUpCosineDecay);
}

void FitPanel::showLayers() {
  m_layer->clear();
  if (m_session.cells())
    for (const ExpressionLayer& layer : m_session.cells()->layers()) {
      m_layer->addItem(text(layer.path), text(layer.path));
      m_layer->setItemData(m_layer->count() - 1, text(layer.evidence), Qt::ToolTipRole);
    }
  choose(m_layer, m_fitting.choices().layer);
}

void FitPanel::showData() {
  const auto& embeddings = m_fitting.embeddings();
  if (embeddings)
    m_embeddings->setText(
        tr("%1: %2 × %3")
            .arg(QFileInfo(m_fitting.embeddingsPath()).fileName(),
                 count(embeddings->embedding.rows()), count(embeddings->embedding.cols())) +
        (embeddings->gamma.empty() ? QString() : tr(", gamma: %1").arg(text(embeddings->gamma))));
  else
    m_embeddings->setText(tr("None. Open a file, or compute them from the open genome."));
  const auto& join = m_fitting.join();
  m_matches->setText(join ? tr("%1 of %2 embeddings found their gene among the cells' %3")
                                .arg(count(std::ssize(join->pairs)),
                                     count(embeddings->embedding.rows()),
                                     count(m_session.cells()->geneCount()))
                          : tr("Not matched yet"));
  m_report->setEnabled(join != nullptr);
  showState();
}

void FitPanel::showState() {
  const bool running = m_fitting.isRunning();
  QString obstacle = m_fitting.obstacle();
  if (obstacle.isEmpty()) obstacle = problemOf(m_fitting.choices());
  m_start->setEnabled(!running && obstacle.isEmpty());
  m_start->setToolTip(obstacle.isEmpty() ? tr("Fit a head to these cells and save it") : obstacle);
  m_pause->setEnabled(running);
  m_pause->setText(m_fitting.isPaused() ? tr("&Go on") : tr("&Pause"));
  m_keep->setEnabled(running && !m_fitting.history().empty());
  m_stop->setEnabled(running);
  const QString noEmbedding = m_fitting.obstacleToEmbedding();
  m_compute->setEnabled(noEmbedding.isEmpty() && !m_fitting.isEmbedding());
  m_compute->setToolTip(noEmbedding.isEmpty()
                            ? tr("Embed the start sites of the annotation's genes; stopped, it "
                                 "goes on where it was")
                            : noEmbedding);
  if (running)
    m_state->setText(progressText());
  else if (!m_fitting.outcome().isEmpty())
    m_state->setText(m_fitting.outcome());
  else
    m_state->setText(obstacle.isEmpty() ? tr("Ready to fit.") : obstacle);
}

QString FitPanel::progressText() const {
  if (m_fitting.isPaused()) return tr("Paused.");
  const StepReport& step = m_fitting.lastStep();
  if (step.step == 0) return tr("Reading expression…");
  const std::int64_t inEpoch = (step.step - 1) % std::max<std::int64_t>(1, step.stepsPerEpoch) + 1;
  QString progress = tr("Epoch %1 of at most %2, step %3 of %4, loss %5, rate %6")
                         .arg(step.epoch)
                         .arg(m_fitting.choices().options.epochs)
                         .arg(inEpoch)
                         .arg(step.stepsPerEpoch)
                         .arg(text(readable(step.loss, 4)), text(readable(step.learningRate, 3)));
  if (!m_fitting.history().empty())
    progress += tr("; %1 an epoch").arg(durationText(m_fitting.history().back().seconds));
  return progress;
}

void FitPanel::showHistory() {
  const auto& history = m_fitting.history();
  using Stroke = Curve::Stroke;
  const auto curve = [&](const QString& name, int colour, Stroke stroke, auto value) {
    return Curve{name, colour, stroke, pointsOf(history, value)};
  };
  m_lossChart->setCurves(
      {curve(tr("train"), 0, Stroke::Solid, [](const EpochReport& e) { return e.meanLoss; }),
       curve(tr("validation"), 0, Stroke::Dashed,
             [](const EpochReport& e) { return e.validLoss; })});
  m_correlationChart->setCurves({curve(tr("across genes, train"), 0, Stroke::Solid,
                                       [](const EpochReport& e) { return e.train.crossGene; }),
                                 curve(tr("validation"), 0, Stroke::Dashed,
                                       [](const EpochReport& e) { return e.valid.crossGene; }),
                                 curve(tr("across cells, train"), 1, Stroke::Solid,
                                       [](const EpochReport& e) { return e.train.crossCell; }),
                                 curve(tr("validation"), 1, Stroke::Dashed,
                                       [](const EpochReport& e) { return e.valid.crossCell; })});
  const std::int64_t best = m_fitting.bestEpoch();
  const std::optional<double> marked =
      best > 0 ? std::optional(static_cast<double>(best)) : std::nullopt;
  m_lossChart->setMarked(marked, tr("kept"));
  m_correlationChart->setMarked(marked, tr("kept"));
  showState();
}

void FitPanel::paintCurves(QPainter& painter, const QSize& size) const {
  const QSize half(size.width() / 2, size.height());
  m_lossChart->paint(painter, half);
  painter.translate(half.width(), 0);
  m_correlationChart->paint(painter, half);
}

}  // namespace cellocus
