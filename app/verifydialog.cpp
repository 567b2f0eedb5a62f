// SPDX-License-Identifier: GPL-3.0-or-later
#include "verifydialog.h"

#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <cmath>

#include "base/text.h"
#include "costtext.h"

namespace cellocus {

namespace {

enum Column { Site, Window, Difference, Verdict, ColumnCount };

QString text(const std::string& value) {
  return QString::fromStdString(value);
}

QString resultText(WeightCheck::Result result) {
  if (result == WeightCheck::Result::Agrees) return VerifyDialog::tr("✔ agrees");
  if (result == WeightCheck::Result::Differs) return VerifyDialog::tr("✖ differs");
  return VerifyDialog::tr("– not checked");
}

QString gammaText(Gamma gamma) {
  return gamma == Gamma::TensorFlow ? QStringLiteral("TensorFlow") : QStringLiteral("torch");
}

QString limitText() {
  return text(numberText(WeightCheck::tolerance));
}

QString exchangeText(Gamma gamma) {
  const bool isTensorFlow = gamma == Gamma::TensorFlow;
  return VerifyDialog::tr(
             "Right weights, wrong gamma convention: the model is open with the %1 convention and "
             "agrees with the published embeddings under the other one. Set \"use_tf_gamma\" to "
             "%2 in its config.json and open it again.")
      .arg(gammaText(gamma), isTensorFlow ? QStringLiteral("false") : QStringLiteral("true"));
}

QString verdictText(const WeightCheck& check, WeightVerdict verdict, Gamma gamma) {
  switch (verdict) {
    case WeightVerdict::Right:
      return VerifyDialog::tr(
                 "Right weights: the embeddings of %n start site(s) agree with the published ones "
                 "(largest difference %1, limit %2).",
                 nullptr, static_cast<int>(check.count(WeightCheck::Result::Agrees)))
          .arg(text(readable(check.largest)), limitText());
    case WeightVerdict::OtherGamma:
      return exchangeText(gamma);
    case WeightVerdict::Wrong:
      return VerifyDialog::tr(
                 "Wrong weights: the embeddings differ from the published ones by up to %1; right "
                 "weights stay below %2. Check that the weights and the genome (hg38) are those "
                 "of the publication.")
          .arg(std::isnan(check.largest) ? VerifyDialog::tr("no number (NaN)")
                                         : text(readable(check.largest)),
               limitText());
    case WeightVerdict::NotChecked:
      break;
  }
  return VerifyDialog::tr(
      "Could not be checked: the open genome knows less than half of the bases of each of these "
      "windows. Open the whole genome of the publication (hg38).");
}

}  // namespace

VerifyDialog::VerifyDialog(Session& session, QWidget* parent)
    : QDialog(parent), m_session(session) {
  setObjectName("verifyDialog");
  setWindowTitle(tr("Verify weights"));
  buildFields();
  buildResults();
  layOut();
  connectParts();
  forget();
  resize(640, 460);
}

void VerifyDialog::buildFields() {
  m_subject = new QLabel(this);
  m_subject->setObjectName("verifySubject");
  m_subject->setTextFormat(Qt::PlainText);
  m_subject->setWordWrap(true);
  m_windows = new QLineEdit(this);
  m_windows->setObjectName("verifyWindows");
  m_windows->setPlaceholderText(tr("Query file of seq2cells (.tsv)"));
  m_embeddings = new QLineEdit(this);
  m_embeddings->setObjectName("verifyEmbeddings");
  m_embeddings->setPlaceholderText(tr("One row a start site, in the same order (.h5, .h5ad)"));
  m_most = new QSpinBox(this);
  m_most->setObjectName("verifyMost");
  m_most->setRange(1, 100'000);
  m_most->setValue(5);
  m_most->setToolTip(tr("Each start site costs one pass of the model; a few are enough"));
  m_cost = new QLabel(this);
  m_cost->setObjectName("verifyCost");
  m_start = new QPushButton(tr("&Verify"), this);
  m_start->setObjectName("verifyStart");
  m_start->setDefault(true);
  m_stop = new QPushButton(tr("&Stop"), this);
  m_stop->setObjectName("verifyStop");
}

void VerifyDialog::buildResults() {
  m_progress = new QProgressBar(this);
  m_progress->setObjectName("verifyProgress");
  m_progress->setRange(0, 1000);
  m_progress->setAccessibleName(tr("Progress"));
  m_table = new QTreeWidget(this);
  m_table->setObjectName("verifyTable");
  m_table->setAccessibleName(tr("Start sites"));
  m_table->setRootIsDecorated(false);
  m_table->setHeaderLabels({tr("Start site"), tr("Window"), tr("Difference"), tr("Result")});
  m_table->headerItem()->setToolTip(
      Difference,
      tr("Largest absolute difference over the channels of the embedding; right weights stay "
         "below %1")
          .arg(limitText()));
  m_table->header()->setStretchLastSection(false);
  m_table->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
  m_table->header()->setSectionResizeMode(Window, QHeaderView::Stretch);
  m_verdict = new QLabel(this);
  m_verdict->setObjectName("verifyVerdict");
  m_verdict->setTextFormat(Qt::PlainText);
  m_verdict->setWordWrap(true);
  m_verdict->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
}

QLayout* VerifyDialog::withBrowse(QLineEdit* field, const QString& title, const QString& filter) {
  auto* button = new QPushButton(tr("Browse…"), this);
  button->setAutoDefault(false);
  connect(button, &QPushButton::clicked, this, [this, field, title, filter] {
    const QString path = QFileDialog::getOpenFileName(this, title, field->text(), filter);
    if (!path.isEmpty()) field->setText(path);
  });
  field->setAccessibleName(title);
  auto* row = new QHBoxLayout;
  row->addWidget(field, 1);
  row->addWidget(button);
  return row;
}

void VerifyDialog::layOut() {
  auto* form = new QFormLayout;
  form->addRow(tr("Start sites"), withBrowse(m_windows, tr("Windows of the start sites"),
                                             tr("Query files (*.tsv *.txt);;All files (*)")));
  form->addRow(tr("Embeddings"), withBrowse(m_embeddings, tr("Published embeddings"),
                                            tr("Embeddings (*.h5 *.hdf5 *.h5ad);;All files (*)")));
  auto* amount = new QHBoxLayout;
  amount->addWidget(m_most);
  amount->addWidget(m_cost, 1);
  form->addRow(tr("At most"), amount);
  auto* run = new QHBoxLayout;
  run->addWidget(m_start);
  run->addWidget(m_stop);
  run->addWidget(m_progress, 1);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
  buttons->button(QDialogButtonBox::Close)->setAutoDefault(false);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(m_subject);
  layout->addLayout(form);
  layout->addLayout(run);
  layout->addWidget(m_table, 1);
  layout->addWidget(m_verdict);
  layout->addWidget(buttons);
}

void VerifyDialog::connectParts() {
  connect(m_start, &QPushButton::clicked, this, &VerifyDialog::verify);
  connect(m_stop, &QPushButton::clicked, this, [this] { m_session.computes().cancel(m_job); });
  for (const QLineEdit* field : {m_windows, m_embeddings})
    connect(field, &QLineEdit::textChanged, this, &VerifyDialog::refresh);
  connect(m_most, &QSpinBox::valueChanged, this, &VerifyDialog::refresh);
  connect(&m_session, &Session::predictionStateChanged, this, &VerifyDialog::refresh);
  connect(&m_session, &Session::trunkChanged, this, &VerifyDialog::forget);
  connect(&m_session, &Session::genomeChanged, this, &VerifyDialog::forget);
  connect(&m_session.computes(), &JobQueue::jobChanged, this, [this](quint64 id) {
    if (id != m_job) return;
    const Job& job = m_session.computes().jobs().at(id);
    m_progress->setValue(static_cast<int>(job.fraction * 1000));
    if (job.state == JobState::Cancelling) m_verdict->setText(tr("Stopping…"));
    if (job.state == JobState::Cancelled) m_verdict->setText(tr("Stopped."));
    refresh();
  });
}

void VerifyDialog::verify() {
  m_table->clear();
  m_verdict->clear();
  struct Files {
    std::filesystem::path windows, embeddings;
  };
  const Files files{m_windows->text().trimmed().toStdString(),
                    m_embeddings->text().trimmed().toStdString()};
  m_job = m_session.computes().start(
      "verify", tr("Verify weights"),
      [files, predictor = m_session.predictor(), genome = m_session.genome(),
       most = static_cast<std::size_t>(m_most->value())](const Progress& progress) {
        const Enformer& model = predictor->model();
        PublishedEmbeddings published =
            readPublished(files.windows, files.embeddings, progress.part(0, 0.02));
        published.most = most;
        Outcome outcome;
        outcome.gamma = model.config().gamma;
        outcome.check = verifyWeights(model, *genome, published, progress.part(0.02, 0.9));
        outcome.verdict =
            judgeWeights(outcome.check, model, *genome, published, progress.part(0.9, 1));
        return outcome;
      },
      [this](const Outcome& outcome) { showOutcome(outcome); },
      [this](const QString& why) { m_verdict->setText(tr("Could not be checked. %1").arg(why)); });
  refresh();
}

bool VerifyDialog::isRunning() const {
  const auto& jobs = m_session.computes().jobs();
  const auto job = jobs.find(m_job);
  return job != jobs.end() && job->second.isOpen();
}

/// Another model or genome: what was found says nothing of it.
void VerifyDialog::forget() {
  m_session.computes().cancel(m_job);
  m_job = 0;
  m_table->clear();
  m_verdict->clear();
  m_progress->setValue(0);
  const auto& predictor = m_session.predictor();
  const auto& genome = m_session.genome();
  if (predictor && genome)
    m_subject->setText(
        tr("Compares embeddings of start sites that %1 (gamma: %2) computes from %3 with published "
           "ones. Different weights, or the wrong gamma convention, show at once.")
            .arg(text(predictor->model().config().modelName),
                 gammaText(predictor->model().config().gamma),
                 text(printable(genome->path().filename().string()))));
  else
    m_subject->setText(tr("Open a sequence model and a genome first."));
  refresh();
}

void VerifyDialog::refresh() {
  const bool ready = m_session.predictor() && m_session.genome() &&
                     !m_windows->text().trimmed().isEmpty() &&
                     !m_embeddings->text().trimmed().isEmpty();
  m_start->setEnabled(ready && !isRunning());
  m_start->setToolTip(ready ? QString() : tr("Name both files first"));
  m_stop->setEnabled(isRunning());
  const auto& predictor = m_session.predictor();
  const double each =
      predictor ? m_session.secondsFor({predictor->model().config().tokenCount(), 1, 0}) : 0;
  m_cost->setText(costText(each * m_most->value()));
}

void VerifyDialog::showOutcome(const Outcome& outcome) {
  for (const WeightCheck::Row& row : outcome.check.rows) addRow(row);
  m_verdict->setText(verdictText(outcome.check, outcome.verdict, outcome.gamma));
}

void VerifyDialog::addRow(const WeightCheck::Row& row) {
  const QueryWindow& window = row.window;
  auto* item = new QTreeWidgetItem(m_table);
  item->setText(Site, text(printable(window.symbol.empty() ? window.geneId : window.symbol)));
  item->setToolTip(Site, text(printable(window.geneId)));
  item->setText(Window, text(locusText(window.window)));
  item->setText(Verdict, resultText(row.result));
  if (row.result == WeightCheck::Result::NotChecked) {
    item->setToolTip(Verdict,
                     tr("The open genome knows less than half of the bases of this window"));
    return;
  }
  item->setText(Difference, text(readable(row.largest)));
  item->setTextAlignment(Difference, Qt::AlignRight | Qt::AlignVCenter);
  item->setToolTip(Difference, tr("At channel %1; correlation over the channels %2")
                                   .arg(row.channel)
                                   .arg(text(readable(row.correlation, 6))));
}

}  // namespace cellocus
