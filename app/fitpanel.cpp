// SPDX-License-Identifier: GPL-3.0-or-later
// Construction of the panel. What it shows and does is in fitpanelstate.cpp.
#include "fitpanel.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QSplitter>
#include <QVBoxLayout>

#include "plot/linechart.h"
#include "session/headfitting.h"

namespace cellocus {

FitPanel::FitPanel(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_fitting(session.fitting()) {
  buildData();
  buildHead();
  buildTraining();
  buildRun();
  buildCharts();
  layOut();
  connectChoices();
  connectFitting();
  showData();
  showChoices();
  showHistory();
  showState();
}

QComboBox* FitPanel::makeBox(const char* name, const QString& label, const QString& tip) {
  auto* box = new QComboBox(this);
  box->setObjectName(QString::fromLatin1(name));
  box->setAccessibleName(label);
  box->setToolTip(tip);
  box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  box->setMinimumContentsLength(12);
  return box;
}

QSpinBox* FitPanel::makeCount(const char* name, const QString& label, const QString& tip, int least,
                              int most) {
  auto* box = new QSpinBox(this);
  box->setObjectName(QString::fromLatin1(name));
  box->setAccessibleName(label);
  box->setToolTip(tip);
  box->setRange(least, most);
  box->setGroupSeparatorShown(true);
  box->setKeyboardTracking(false);
  return box;
}

QDoubleSpinBox* FitPanel::makeNumber(const char* name, const QString& label, const QString& tip,
                                     double most, int decimals) {
  auto* box = new QDoubleSpinBox(this);
  box->setObjectName(QString::fromLatin1(name));
  box->setAccessibleName(label);
  box->setToolTip(tip);
  box->setDecimals(decimals);
  box->setRange(0, most);
  box->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
  box->setKeyboardTracking(false);
  return box;
}

QPushButton* FitPanel::makeButton(const char* name, const QString& text, const QString& tip) {
  auto* button = new QPushButton(text, this);
  button->setObjectName(QString::fromLatin1(name));
  button->setToolTip(tip);
  return button;
}

void FitPanel::buildData() {
  const auto label = [this](const char* name) {
    auto* text = new QLabel(this);
    text->setObjectName(QString::fromLatin1(name));
    text->setTextFormat(Qt::PlainText);
    text->setWordWrap(true);
    return text;
  };
  m_embeddings = label("fitEmbeddings");
  m_matches = label("fitMatches");
  m_open = makeButton("fitOpen", tr("Open…"), tr("Open a file of embeddings (.h5, .h5ad)"));
  m_compute = makeButton("fitCompute", tr("Compute…"), {});
  m_report = makeButton("fitReport", tr("Show…"),
                        tr("Which genes were matched, by what, and which were not"));
  m_layer = makeBox("fitLayer", tr("Expression"), tr("The layer of the dataset to be predicted"));
  m_transform =
      makeBox("fitTransform", tr("Scale"), tr("What is done to the values before the fit"));
  m_transform->addItem(tr("Counts to log scale"), -1);
  m_transform->setItemData(0,
                           tr("log(1 + 10,000 × count / counts of the cell) where the layer holds "
                              "counts, as stored otherwise"),
                           Qt::ToolTipRole);
  m_transform->addItem(tr("As stored"), static_cast<int>(ExpressionTransform::AsStored));
  m_split = makeBox("fitSplit", tr("Sets"),
                    tr("Which genes the head learns from (train), which end the fit (valid) and "
                       "which it never sees (test)"));
  using Kind = SplitChoice::Kind;
  m_split->addItem(tr("Genes at random"), static_cast<int>(Kind::Random));
  m_split->addItem(tr("Enformer's regions"), static_cast<int>(Kind::Regions));
  m_split->addItem(tr("Column of the genes"), static_cast<int>(Kind::Column));
  m_valid = makeNumber("fitValid", tr("Validation"), tr("Share of genes that end the fit"), 33, 0);
  m_test = makeNumber("fitTest", tr("Test"), tr("Share of genes that the fit never sees"), 33, 0);
  for (QDoubleSpinBox* share : {m_valid, m_test}) share->setSuffix(tr(" %"));
  m_splitName = new QLineEdit(this);
  m_splitName->setObjectName("fitSplitName");
  m_splitBrowse = makeButton("fitSplitBrowse", tr("Browse…"), tr("Choose the BED file"));
}

void FitPanel::buildHead() {
  m_model = makeBox("fitModel", tr("Head"), tr("What lies between embedding and cells"));
  m_model->addItem(tr("Bottleneck"), true);
  m_model->addItem(tr("Linear"), false);
  m_bottleneck = makeCount("fitBottleneck", tr("Width"),
                           tr("Units of the bottleneck; published: 2,000"), 1, 100'000);
  m_relu = new QCheckBox(tr("ReLU"), this);
  m_relu->setObjectName("fitRelu");
  m_relu->setToolTip(tr("max(0, x) after the bottleneck"));
  m_softplus = new QCheckBox(tr("Softplus"), this);
  m_softplus->setObjectName("fitSoftplus");
  m_softplus->setToolTip(tr("log(1 + eˣ) at the end: no prediction below 0"));
  m_dropout = makeNumber("fitDropout", tr("Dropout"),
                         tr("Share of bottleneck units that are silenced in each step"), 0.95, 2);
}

void FitPanel::buildTraining() {
  m_loss = makeBox("fitLoss", tr("Loss"), tr("What is made small"));
  m_loss->addItem(tr("Balanced Pearson"), static_cast<int>(ExpressionLoss::Pearson));
  m_loss->addItem(tr("Poisson NLL"), static_cast<int>(ExpressionLoss::PoissonNll));
  m_loss->addItem(tr("Poisson"), static_cast<int>(ExpressionLoss::Poisson));
  m_loss->addItem(tr("Mean squared error"), static_cast<int>(ExpressionLoss::MeanSquaredError));
  m_centring = makeBox("fitCentring", tr("Centring"),
                       tr("What is taken from the values before they are correlated"));
  m_centring->addItem(tr("From the mean"), static_cast<int>(Centring::Mean));
  m_centring->addItem(tr("From the median without zeros"),
                      static_cast<int>(Centring::NonzeroMedian));
  m_geneWeight = makeNumber("fitGeneWeight", tr("Weight of r across genes"),
                            tr("Weight of the correlation across genes"), 1000, 2);
  m_cellWeight = makeNumber("fitCellWeight", tr("Weight of r across cells"),
                            tr("Weight of the correlation across cells"), 1000, 2);
  m_optimizer = makeBox("fitOptimizer", tr("Optimiser"), {});
  for (const OptimizerKind kind :
       {OptimizerKind::AdamW, OptimizerKind::Sgd, OptimizerKind::RmsProp})
    m_optimizer->addItem(QString::fromUtf8(optimizerName(kind).data()), static_cast<int>(kind));
  m_rate = makeNumber("fitRate", tr("Learning rate"), tr("Published: 0.0001"), 10, 6);
  m_decay = makeNumber("fitDecay", tr("Weight decay"), tr("Published: 0.1"), 10, 4);
  m_schedule = makeBox("fitSchedule", tr("Schedule"), tr("How the learning rate goes"));
  m_schedule->addItem(tr("Down on a plateau"), static_cast<int>(Schedule::ReduceOnPlateau));
  m_schedule->addItem(tr("Constant"), static_cast<int>(Schedule::Constant));
  m_schedule->addItem(tr("Warm-up"), static_cast<int>(Schedule::LinearWarmUp));
  m_schedule->addItem(tr("Warm-up, then cosine"),
                      static_cast<int>(Schedule::LinearWarmUpCosineDecay));
  m_warmUp = makeCount("fitWarmUp", tr("Warm-up"), tr("Epochs until the full rate"), 0, 10'000);
  m_batch = makeCount("fitBatch", tr("Genes a batch"), tr("Published: 10"), 1, 100'000);
  m_epochs = makeCount("fitEpochs", tr("Epochs"), tr("At most"), 1, 100'000);
  m_patience = makeCount("fitPatience", tr("Patience"),
                         tr("Epochs without a better r across cells on the validation genes, after "
                            "which the fit ends; 0: never"),
                         0, 100'000);
  m_seed = makeCount("fitSeed", tr("Seed"),
                     tr("Of first weights, batches, dropout and a random division of the genes; "
                        "the same seed gives the same head"),
                     0, 1'000'000'000);
  m_seed->setGroupSeparatorShown(false);
}

void FitPanel::buildRun() {
  m_start = makeButton("fitStart", tr("&Fit…"), {});
  m_pause = makeButton("fitPause", tr("&Pause"), tr("Hold after the current step"));
  m_keep = makeButton("fitKeep", tr("Stop and &keep"),
                      tr("End after the current step and keep the best head so far"));
  m_stop = makeButton("fitStop", tr("&Stop"),
                      tr("Stop; the same fit goes on later from its last finished epoch"));
  m_state = new QLabel(this);
  m_state->setObjectName("fitState");
  m_state->setTextFormat(Qt::PlainText);
  m_state->setWordWrap(true);
  m_cost = new QLabel(this);
  m_cost->setObjectName("fitCost");
  m_cost->setTextFormat(Qt::PlainText);
}

void FitPanel::buildCharts() {
  m_lossChart = new LineChart(tr("Epoch"), tr("Loss"), this);
  m_lossChart->setObjectName("lossChart");
  m_correlationChart = new LineChart(tr("Epoch"), tr("Pearson's r"), this);
  m_correlationChart->setObjectName("correlationChart");
  m_lossChart->setMessage(tr("The loss of each epoch appears here while a head is fitted."));
  m_correlationChart->setMessage(
      tr("Correlations across genes and across cells appear here after the first epoch."));
}

QLayout* FitPanel::dataRows() {
  const auto row = [](std::initializer_list<QWidget*> widgets) {
    auto* layout = new QHBoxLayout;
    for (QWidget* widget : widgets) layout->addWidget(widget);
    return layout;
  };
  m_splitShares = new QWidget(this);
  auto* shares = new QHBoxLayout(m_splitShares);
  shares->setContentsMargins(0, 0, 0, 0);
  for (QWidget* widget :
       {static_cast<QWidget*>(new QLabel(tr("valid"), this)), static_cast<QWidget*>(m_valid),
        static_cast<QWidget*>(new QLabel(tr("test"), this)), static_cast<QWidget*>(m_test)})
    shares->addWidget(widget);
  m_splitFile = new QWidget(this);
  auto* file = new QHBoxLayout(m_splitFile);
  file->setContentsMargins(0, 0, 0, 0);
  file->addWidget(m_splitName, 1);
  file->addWidget(m_splitBrowse);
  auto* form = new QFormLayout;
  form->addRow(tr("Embeddings"), m_embeddings);
  form->addRow(QString(), row({m_open, m_compute}));
  form->addRow(tr("Genes"), m_matches);
  form->addRow(QString(), m_report);
  form->addRow(tr("Expression"), m_layer);
  form->addRow(QString(), m_transform);
  form->addRow(tr("Sets"), m_split);
  form->addRow(QString(), m_splitShares);
  form->addRow(QString(), m_splitFile);
  return form;
}

QLayout* FitPanel::headRows() {
  auto* finish = new QHBoxLayout;
  finish->addWidget(m_relu);
  finish->addWidget(m_softplus);
  finish->addStretch();
  auto* form = new QFormLayout;
  form->addRow(tr("Model"), m_model);
  form->addRow(tr("Width"), m_bottleneck);
  form->addRow(tr("Dropout"), m_dropout);
  form->addRow(QString(), finish);
  return form;
}

QLayout* FitPanel::trainingRows() {
  auto* weights = new QHBoxLayout;
  weights->addWidget(new QLabel(tr("genes"), this));
  weights->addWidget(m_geneWeight);
  weights->addWidget(new QLabel(tr("cells"), this));
  weights->addWidget(m_cellWeight);
  auto* form = new QFormLayout;
  form->addRow(tr("Loss"), m_loss);
  form->addRow(QString(), weights);
  form->addRow(QString(), m_centring);
  form->addRow(tr("Optimiser"), m_optimizer);
  form->addRow(tr("Rate"), m_rate);
  form->addRow(tr("Decay"), m_decay);
  form->addRow(tr("Schedule"), m_schedule);
  form->addRow(tr("Warm-up"), m_warmUp);
  form->addRow(tr("Batch"), m_batch);
  form->addRow(tr("Epochs"), m_epochs);
  form->addRow(tr("Patience"), m_patience);
  form->addRow(tr("Seed"), m_seed);
  return form;
}

QScrollArea* FitPanel::buildForm() {
  auto* content = new QWidget(this);
  auto* column = new QVBoxLayout(content);
  const auto group = [&](const QString& title, QLayout* rows) {
    auto* box = new QGroupBox(title, content);
    box->setLayout(rows);
    column->addWidget(box);
  };
  group(tr("Data"), dataRows());
  group(tr("Head"), headRows());
  group(tr("Training"), trainingRows());
  column->addStretch();
  auto* area = new QScrollArea(this);
  area->setObjectName("fitForm");
  area->setWidget(content);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->setMinimumWidth(content->minimumSizeHint().width() + 24);
  return area;
}

void FitPanel::layOut() {
  auto* buttons = new QHBoxLayout;
  for (QPushButton* button : {m_start, m_pause, m_keep, m_stop}) buttons->addWidget(button);
  buttons->addWidget(m_cost);
  buttons->addStretch();
  auto* charts = new QSplitter(Qt::Horizontal, this);
  charts->addWidget(m_lossChart);
  charts->addWidget(m_correlationChart);
  charts->setChildrenCollapsible(false);
  auto* right = new QWidget(this);
  auto* column = new QVBoxLayout(right);
  column->setContentsMargins(0, 6, 6, 6);
  column->addLayout(buttons);
  column->addWidget(m_state);
  column->addWidget(charts, 1);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(buildForm());
  layout->addWidget(right, 1);
}

}  // namespace cellocus
