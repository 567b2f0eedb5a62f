// SPDX-License-Identifier: GPL-3.0-or-later
#include "evaluatepanel.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTableView>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "cells/scatterview.h"
#include "plot/pointchart.h"
#include "session/headfitting.h"
#include "tables/genescoretable.h"

namespace cellocus {

namespace {

enum SummaryColumn { Genes, AcrossGenes, AcrossCells, SummaryColumnCount };

QString text(std::string_view value) {
  return QString::fromUtf8(value.data(), static_cast<qsizetype>(value.size()));
}

QString number(double value, int digits = 3) {
  return std::isfinite(value) ? QString::fromStdString(readable(value, digits))
                              : QStringLiteral("–");
}

QString titleOf(const std::optional<SplitSet>& set) {
  if (!set) return EvaluatePanel::tr("all genes");
  switch (*set) {
    case SplitSet::Train:
      return EvaluatePanel::tr("train");
    case SplitSet::Valid:
      return EvaluatePanel::tr("validation");
    case SplitSet::Test:
      return EvaluatePanel::tr("test");
    case SplitSet::Unassigned:
      break;
  }
  return EvaluatePanel::tr("in no set");
}

/// The limits that both of two plots can share.
ColourLimits joined(const ColourLimits& a, const ColourLimits& b) {
  ColourLimits limits = a;
  limits.low = std::min(a.low, b.low);
  limits.high = std::max(a.high, b.high);
  return limits;
}

}  // namespace

EvaluatePanel::EvaluatePanel(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_fitting(session.fitting()) {
  buildControls();
  buildTables();
  buildViews();
  layOut();
  connectParts();
  showEvaluation();
  showEmbedding();
}

void EvaluatePanel::buildControls() {
  m_evaluate = new QPushButton(tr("&Evaluate"), this);
  m_evaluate->setObjectName("evaluateStart");
  m_selection = new QComboBox(this);
  m_selection->setObjectName("evaluateSelection");
  m_selection->setAccessibleName(tr("Genes that count"));
  m_selection->addItem(tr("All genes"), static_cast<int>(GeneSelection::All));
  m_selection->addItem(tr("Highly variable"), static_cast<int>(GeneSelection::HighlyVariable));
  m_selection->addItem(tr("Highly expressed"), static_cast<int>(GeneSelection::HighlyExpressed));
  m_selection->setToolTip(tr("Which genes the correlations are taken over"));
  m_state = new QLabel(this);
  m_state->setObjectName("evaluateState");
  m_state->setTextFormat(Qt::PlainText);
  m_state->setWordWrap(true);
  m_filter = new QLineEdit(this);
  m_filter->setObjectName("evaluateFilter");
  m_filter->setPlaceholderText(tr("Filter genes"));
  m_filter->setAccessibleName(tr("Filter genes"));
  m_filter->setClearButtonEnabled(true);
  m_sameScale = new QCheckBox(tr("Same colours"), this);
  m_sameScale->setObjectName("evaluateSameScale");
  m_sameScale->setChecked(true);
  m_sameScale->setToolTip(
      tr("Measured and predicted share one colour scale. A head fitted for "
         "correlation is free in its scale: then each may have its own"));
  const PublishedCorrelation published;
  m_context = new QLabel(tr("For comparison, on genes never seen, published: %1 across genes, %2 "
                            "across cells. A low r across cells is what such models reach.")
                             .arg(published.crossGene)
                             .arg(published.crossCell),
                         this);
  m_context->setObjectName("evaluateContext");
  m_context->setToolTip(text(published.citation));
  m_context->setTextFormat(Qt::PlainText);
  m_context->setWordWrap(true);
  m_context->setForegroundRole(QPalette::PlaceholderText);
}

void EvaluatePanel::buildTables() {
  m_summary = new QTableWidget(0, SummaryColumnCount, this);
  m_summary->setObjectName("evaluateSummary");
  m_summary->setAccessibleName(tr("Correlations by set"));
  m_summary->setHorizontalHeaderLabels({tr("Genes"), tr("r across genes"), tr("r across cells")});
  const QStringList tips{
      tr("Genes of the set"),
      tr("Pearson's r across the genes, mean over cells; cells without one do not count"),
      tr("Pearson's r across the cells, mean over genes; genes without one do not count")};
  for (int column = 0; column < SummaryColumnCount; ++column)
    m_summary->horizontalHeaderItem(column)->setToolTip(tips[column]);
  m_summary->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  m_summary->setEditTriggers(QAbstractItemView::NoEditTriggers);
  m_summary->setSelectionMode(QAbstractItemView::NoSelection);
  m_summary->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
  m_summary->horizontalHeader()->setStretchLastSection(true);
  m_summary->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_genes = new GeneScoreTable(this);
  m_sorted = new QSortFilterProxyModel(this);
  m_sorted->setSourceModel(m_genes);
  m_sorted->setSortRole(Qt::UserRole);
  m_sorted->setFilterCaseSensitivity(Qt::CaseInsensitive);
  m_table = new QTableView(this);
  m_table->setObjectName("evaluateGenes");
  m_table->setAccessibleName(tr("Genes"));
  m_table->setModel(m_sorted);
  m_table->setSortingEnabled(true);
  m_table->sortByColumn(GeneScoreTable::Correlation, Qt::DescendingOrder);
  m_table->verticalHeader()->hide();
  m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
  m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_table->setSelectionMode(QAbstractItemView::SingleSelection);
  m_table->horizontalHeader()->setStretchLastSection(true);
}

void EvaluatePanel::buildViews() {
  m_means = new PointChart(this);
  m_means->setObjectName("evaluateMeans");
  m_points = new PointChart(this);
  m_points->setObjectName("evaluatePoints");
  const auto scatter = [this](const char* name, const QString& title) {
    auto* view = new ScatterView(this);
    view->setObjectName(QString::fromLatin1(name));
    view->setTitle(title);
    view->setMinimumSize(140, 120);
    return view;
  };
  m_measured = scatter("evaluateMeasured", tr("Measured"));
  m_predicted = scatter("evaluatePredicted", tr("Predicted"));
}

void EvaluatePanel::layOut() {
  auto* controls = new QHBoxLayout;
  controls->addWidget(m_evaluate);
  controls->addWidget(m_selection);
  controls->addWidget(m_sameScale);
  controls->addWidget(m_filter, 1);
  auto* left = new QWidget(this);
  auto* column = new QVBoxLayout(left);
  column->setContentsMargins(6, 6, 0, 6);
  column->addLayout(controls);
  column->addWidget(m_state);
  column->addWidget(m_summary);
  column->addWidget(m_context);
  column->addWidget(m_table, 3);
  auto* charts = new QSplitter(Qt::Vertical, this);
  charts->addWidget(m_means);
  charts->addWidget(m_points);
  auto* maps = new QSplitter(Qt::Vertical, this);
  maps->addWidget(m_measured);
  maps->addWidget(m_predicted);
  auto* parts = new QSplitter(Qt::Horizontal, this);
  parts->addWidget(left);
  parts->addWidget(charts);
  parts->addWidget(maps);
  for (QSplitter* splitter : {charts, maps, parts}) splitter->setChildrenCollapsible(false);
  parts->setSizes({520, 240, 300});
  parts->setStretchFactor(0, 2);
  parts->setStretchFactor(1, 3);
  parts->setStretchFactor(2, 3);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(parts);
}

void EvaluatePanel::connectParts() {
  connect(m_evaluate, &QPushButton::clicked, this, [this] {
    m_fitting.evaluate();
    showState();
  });
  connect(m_filter, &QLineEdit::textChanged, m_sorted,
          &QSortFilterProxyModel::setFilterFixedString);
  connect(m_sameScale, &QCheckBox::toggled, this, [this] { m_fitting.requestGene(currentRow()); });
  connect(m_selection, &QComboBox::activated, this, &EvaluatePanel::showEvaluation);
  connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex& current) {
            if (current.isValid()) m_fitting.requestGene(currentRow());
          });
  connect(m_table, &QTableView::activated, this, [this] {
    if (const int row = currentRow(); row >= 0)
      m_session.selectGene(QString::fromStdString(
          m_fitting.evaluation()->genes[static_cast<std::size_t>(row)].gene.id));
  });
  connect(&m_fitting, &HeadFitting::evaluationChanged, this, &EvaluatePanel::showEvaluation);
  connect(&m_fitting, &HeadFitting::geneReady, this, &EvaluatePanel::showGene);
  connect(&m_fitting, &HeadFitting::joinChanged, this, &EvaluatePanel::showState);
  connect(&m_fitting.queue(), &JobQueue::jobChanged, this, &EvaluatePanel::showState);
  connect(&m_session, &Session::headChanged, this, &EvaluatePanel::showState);
  connect(&m_session, &Session::cellsChanged, this, &EvaluatePanel::showState);
  connect(&m_session, &Session::embeddingChanged, this, &EvaluatePanel::showEmbedding);
}

int EvaluatePanel::currentRow() const {
  const QModelIndex index = m_table->currentIndex();
  return index.isValid() ? m_sorted->mapToSource(index).row() : -1;
}

void EvaluatePanel::showState() {
  const QString obstacle = m_fitting.obstacleToEvaluation();
  m_evaluate->setEnabled(obstacle.isEmpty() && !m_fitting.isEvaluating());
  m_evaluate->setToolTip(
      obstacle.isEmpty() ? tr("Compare what the head predicts with what was measured") : obstacle);
  QString state = obstacle;
  if (obstacle.isEmpty()) state = tr("Not evaluated yet.");
  if (m_fitting.evaluation())
    state = tr("%1 on %2")
                .arg(QString::fromStdString(m_session.head()->path().filename().string()),
                     QString::fromStdString(m_session.cells()->path().filename().string()));
  if (m_fitting.isEvaluating()) state = tr("Evaluating…");
  m_state->setText(state);
}

void EvaluatePanel::showEvaluation() {
  const auto& evaluation = m_fitting.evaluation();
  showState();
  const QString unit =
      m_session.head() ? QString::fromStdString(m_session.head()->parts().unit) : QString();
  if (evaluation != m_genes->evaluation()) m_genes->setEvaluation(evaluation, unit);
  m_table->resizeColumnsToContents();
  m_summary->setRowCount(0);
  m_points->setMessage(tr("Choose a gene in the table."));
  for (ScatterView* view : {m_measured, m_predicted}) view->setColouring({});
  if (!evaluation) {
    m_means->setMessage(tr("Evaluate the head to see how it does on each gene."));
    return;
  }
  showSummary(*evaluation);
  showMeans();
  if (m_sorted->rowCount() > 0) m_table->selectRow(0);
}

void EvaluatePanel::showSummary(const Evaluation& evaluation) {
  const auto selection = static_cast<GeneSelection>(m_selection->currentData().toInt());
  QStringList titles;
  for (const EvaluationSummary& summary : evaluation.summaries) {
    if (summary.selection != selection) continue;
    const int row = m_summary->rowCount();
    m_summary->insertRow(row);
    titles << titleOf(summary.set);
    const QStringList values{QString::fromStdString(withThousands(summary.genes)),
                             number(summary.crossGene.skipping),
                             number(summary.crossCell.skipping)};
    for (int column = 0; column < SummaryColumnCount; ++column) {
      auto* item = new QTableWidgetItem(values[column]);
      item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
      m_summary->setItem(row, column, item);
    }
    m_summary->item(row, Genes)
        ->setToolTip(tr("r of all values of all genes and cells together: %1")
                         .arg(number(summary.flattened, 4)));
    m_summary->item(row, AcrossGenes)
        ->setToolTip(tr("%n cell(s) without an r do not count; with 0 for each it is %1, as while "
                        "fitting",
                        nullptr, static_cast<int>(summary.crossGene.undefined))
                         .arg(number(summary.crossGene.asZero, 4)));
    m_summary->item(row, AcrossCells)
        ->setToolTip(tr("%n gene(s) without an r do not count; with 0 for each it is %1, as while "
                        "fitting",
                        nullptr, static_cast<int>(summary.crossCell.undefined))
                         .arg(number(summary.crossCell.asZero, 4)));
  }
  m_summary->setVerticalHeaderLabels(titles);
  m_summary->setFixedHeight(m_summary->horizontalHeader()->height() +
                            m_summary->verticalHeader()->length() + 2 * m_summary->frameWidth());
  const std::string& formula = selection == GeneSelection::HighlyVariable
                                   ? evaluation.highlyVariableFormula
                                   : evaluation.highlyExpressedFormula;
  m_selection->setToolTip(selection == GeneSelection::All
                              ? tr("Which genes the correlations are taken over")
                              : QString::fromStdString(formula));
}

/// One point a gene: what the model gets right first, and what r across genes measures.
void EvaluatePanel::showMeans() {
  const Evaluation& evaluation = *m_fitting.evaluation();
  const auto genes = static_cast<Eigen::Index>(evaluation.genes.size());
  PointChart::Data means{Vector(genes), Vector(genes), {}, {}, {}, tr("genes")};
  for (Eigen::Index i = 0; i < genes; ++i) {
    const GeneEvaluation& gene = evaluation.genes[static_cast<std::size_t>(i)];
    means.x[i] = static_cast<float>(gene.meanObserved);
    means.y[i] = static_cast<float>(gene.meanPredicted);
  }
  means.title = tr("Means of all genes");
  means.xName = tr("Measured");
  means.yName = tr("Predicted");
  m_means->setData(means);
}

void EvaluatePanel::showEmbedding() {
  const auto& embedding = m_session.embedding();
  for (ScatterView* view : {m_measured, m_predicted}) {
    if (!embedding || embedding->cols() < 2 || embedding->rows() == 0) {
      view->setState(ScatterView::State::Empty, tr("The cells have no embedding to be drawn on."));
      continue;
    }
    view->setPoints(embedding->leftCols(2));
    view->setState(ScatterView::State::Ready);
  }
  if (const int row = currentRow(); row >= 0) m_fitting.requestGene(row);
}

void EvaluatePanel::showGene(const GeneComparison& gene) {
  if (gene.row != currentRow() || !m_fitting.evaluation()) return;
  const GeneEvaluation& scores = m_fitting.evaluation()->genes[static_cast<std::size_t>(gene.row)];
  m_points->setData({gene.observed, gene.predicted,
                     tr("%1: r = %2").arg(gene.gene, number(scores.r)), tr("Measured"),
                     tr("Predicted"), tr("cells")});
  m_points->setToolTip(tr("A point a cell, in %1; the dashed line is where both agree. r is "
                          "Pearson's, across cells.")
                           .arg(gene.unit));
  if (m_measured->cellCount() != gene.observed.size()) return;
  CellColouring measured =
      CellColouring::sequential(tr("%1 measured").arg(gene.gene), gene.observed, gene.unit, {});
  CellColouring predicted =
      CellColouring::sequential(tr("%1 predicted").arg(gene.gene), gene.predicted, gene.unit, {});
  if (m_sameScale->isChecked())
    measured.limits = predicted.limits = joined(measured.limits, predicted.limits);
  m_measured->setColouring(measured);
  m_predicted->setColouring(predicted);
  m_measured->setTitle(measured.title);
  m_predicted->setTitle(predicted.title);
}

}  // namespace cellocus
