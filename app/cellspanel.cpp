// SPDX-License-Identifier: GPL-3.0-or-later
#include "cellspanel.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSplitter>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

#include "cells/grouptable.h"
#include "cells/histogramview.h"
#include "cells/legendview.h"
#include "cells/scatterview.h"
#include "cells/violinview.h"

namespace cellocus {

namespace {

QString text(const std::string& value) {
  return QString::fromStdString(value);
}

QStringList texts(const std::vector<std::string>& values) {
  QStringList list;
  for (const std::string& value : values) list << text(value);
  return list;
}

/// What an axis calls the values; the gene stands in the title.
QString valueName(ColourBy::Kind kind) {
  switch (kind) {
    case ColourBy::Kind::Difference:
      return CellsPanel::tr("ALT − REF");
    case ColourBy::Kind::Predicted:
    case ColourBy::Kind::Edited:
      return CellsPanel::tr("Predicted");
    case ColourBy::Kind::Observed:
      return CellsPanel::tr("Observed");
    default:
      return CellsPanel::tr("Value");
  }
}

/// "X_umap" as people call it.
QString embeddingTitle(const QString& key) {
  const QString bare = key.startsWith("X_") ? key.mid(2) : key;
  return bare.size() <= 5 ? bare.toUpper() : bare;
}

}  // namespace

CellsPanel::CellsPanel(Session& session, Actions& actions, QWidget* parent)
    : QWidget(parent), m_session(session), m_actions(actions) {
  buildControls();
  buildViews();
  buildDetails();
  layOut();
  connectSession();
  connectViews();
  connectControls();
  showDataset();
}

void CellsPanel::buildControls() {
  const auto box = [this](const char* name, const QString& accessible, const QString& tip) {
    auto* combo = new QComboBox(this);
    combo->setObjectName(QString::fromLatin1(name));
    combo->setAccessibleName(accessible);
    combo->setToolTip(tip);
    combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    combo->setMinimumContentsLength(14);
    return combo;
  };
  m_colourBox = box("colourBox", tr("Colour by"), tr("What the cells are coloured by"));
  m_groupBox =
      box("groupBox", tr("Group by"), tr("By which column violins and table group the cells"));
  m_embeddingBox =
      box("embeddingBox", tr("Embedding"), tr("Which positions of the cells are shown"));
  m_embeddingBox->setMinimumContentsLength(8);
  m_selectionLabel = new QLabel(this);
  m_selectionLabel->setObjectName("selectionLabel");
  m_label = new QLabel(this);
  m_label->setObjectName("modelLabel");
  m_label->setTextFormat(Qt::PlainText);
  m_label->setWordWrap(true);
  m_label->hide();
}

void CellsPanel::buildViews() {
  m_scatter = new ScatterView(this);
  m_scatter->setObjectName("scatter");
  m_legend = new LegendView(this);
  m_legend->setObjectName("legend");
}

void CellsPanel::buildDetails() {
  m_violins = new ViolinView(this);
  m_violins->setObjectName("violins");
  m_histogram = new HistogramView(this);
  m_histogram->setObjectName("histogram");
  m_groupTable = new GroupTable(this);
  m_table = new QTableView(this);
  m_table->setObjectName("groupTable");
  m_table->setModel(m_groupTable);
  m_table->setSortingEnabled(true);
  m_table->verticalHeader()->hide();
  m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  m_details = new QTabWidget(this);
  m_details->setObjectName("cellDetails");
  m_details->setDocumentMode(true);
  m_details->addTab(m_violins, tr("Violins"));
  m_details->addTab(m_histogram, tr("Histogram"));
  m_details->addTab(m_table, tr("Table"));
}

void CellsPanel::layOut() {
  auto* controls = new QHBoxLayout;
  controls->setContentsMargins(8, 4, 8, 0);
  const auto labelled = [&](const QString& name, QComboBox* box) {
    auto* label = new QLabel(name, this);
    label->setBuddy(box);
    controls->addWidget(label);
    controls->addWidget(box);
    controls->addSpacing(8);
  };
  labelled(tr("Colour by"), m_colourBox);
  labelled(tr("Group by"), m_groupBox);
  labelled(tr("Embedding"), m_embeddingBox);
  controls->addStretch();
  controls->addWidget(m_selectionLabel);

  auto* splitter = new QSplitter(Qt::Horizontal, this);
  splitter->setObjectName("cellsSplitter");
  splitter->addWidget(m_scatter);
  splitter->addWidget(m_legend);
  splitter->addWidget(m_details);
  splitter->setStretchFactor(0, 5);
  splitter->setStretchFactor(1, 0);
  splitter->setStretchFactor(2, 4);
  splitter->setChildrenCollapsible(false);
  splitter->setSizes({360, 170, 400});

  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(4);
  layout->addLayout(controls);
  layout->addWidget(m_label);
  layout->addWidget(splitter, 1);
}

void CellsPanel::connectSession() {
  connect(&m_session, &Session::cellsChanged, this, &CellsPanel::showDataset);
  connect(&m_session, &Session::embeddingChanged, this, &CellsPanel::showEmbedding);
  connect(&m_session, &Session::cellValuesChanged, this, &CellsPanel::showColours);
  connect(&m_session, &Session::groupColumnChanged, this, &CellsPanel::showGroups);
  connect(&m_session, &Session::predictionChanged, this, &CellsPanel::showGroups);
  connect(&m_session, &Session::predictionStateChanged, this, &CellsPanel::showState);
  connect(&m_session, &Session::selectedCellsChanged, this, &CellsPanel::showSelection);
}

void CellsPanel::connectViews() {
  connect(m_scatter, &ScatterView::selectionChanged, this, &CellsPanel::setSelection);
  connect(m_scatter, &ScatterView::cellHovered, this, &CellsPanel::cellHovered);
  connect(m_scatter, &ScatterView::cellClicked, this, &CellsPanel::cellClicked);
  connect(m_scatter, &ScatterView::geneBoxRequested, m_actions.goTo, &QAction::trigger);
  connect(m_legend, &LegendView::categoryToggled, m_scatter, &ScatterView::setHighlightedCategory);
  connect(m_legend, &LegendView::hiddenCategoriesChanged, m_scatter,
          &ScatterView::setHiddenCategories);
  connect(m_legend, &LegendView::limitsChanged, m_scatter, &ScatterView::setLimits);
  connect(m_histogram, &HistogramView::rangeSelected, this, [this](double low, double high) {
    if (const auto& values = m_session.cellValues(); values && values->numbers.size() > 0)
      setSelection(cellsInRange(values->numbers, low, high));
  });
  connect(m_violins, &ViolinView::groupActivated, this, [this](const QString& name) {
    const auto& column = m_session.groupColumn();
    if (!column || !m_session.cells()) return;
    CellSelection chosen(m_session.cells()->cellCount());
    for (std::size_t cell = 0; cell < column->codes.size(); ++cell) {
      const std::int32_t code = column->codes[cell];
      if (code >= 0 && text(column->categories[static_cast<std::size_t>(code)]) == name)
        chosen.set(static_cast<std::int64_t>(cell));
    }
    setSelection(chosen);
  });
}

void CellsPanel::connectControls() {
  connect(m_colourBox, &QComboBox::activated, this, [this](int index) {
    const auto kind = static_cast<ColourBy::Kind>(m_colourBox->itemData(index).toInt());
    m_session.setColourBy({kind, m_colourBox->itemData(index, Qt::UserRole + 1).toString()});
  });
  connect(m_groupBox, &QComboBox::activated, this,
          [this](int index) { m_session.setGroupBy(m_groupBox->itemData(index).toString()); });
  connect(m_embeddingBox, &QComboBox::activated, this, [this](int index) {
    m_session.setEmbedding(m_embeddingBox->itemData(index).toString());
  });
}

void CellsPanel::fillColourBox() {
  m_colourBox->clear();
  using Kind = ColourBy::Kind;
  const auto add = [this](const QString& name, Kind kind, const QString& column = {}) {
    m_colourBox->addItem(name, static_cast<int>(kind));
    m_colourBox->setItemData(m_colourBox->count() - 1, column, Qt::UserRole + 1);
  };
  add(tr("Nothing"), Kind::Nothing);
  add(tr("Gene, observed"), Kind::Observed);
  add(tr("Gene, predicted (REF)"), Kind::Predicted);
  add(tr("Gene, predicted (ALT)"), Kind::Edited);
  add(tr("Gene, ALT − REF"), Kind::Difference);
  if (!m_session.cells()) return;
  m_colourBox->insertSeparator(m_colourBox->count());
  for (const std::string& name : m_session.cells()->columnNames())
    add(text(name), Kind::Column, text(name));
}

void CellsPanel::fillGroupBox() {
  m_groupBox->clear();
  m_groupBox->addItem(tr("No groups"), QString());
  m_embeddingBox->clear();
  if (!m_session.cells()) return;
  for (const std::string& name : m_session.cells()->columnNames())
    m_groupBox->addItem(text(name), text(name));
  for (const std::string& name : m_session.cells()->embeddingNames())
    m_embeddingBox->addItem(embeddingTitle(text(name)), text(name));
}

void CellsPanel::showDataset() {
  const auto& cells = m_session.cells();
  fillColourBox();
  fillGroupBox();
  const bool open = cells != nullptr;
  for (QWidget* widget : {static_cast<QWidget*>(m_colourBox), static_cast<QWidget*>(m_groupBox),
                          static_cast<QWidget*>(m_embeddingBox)})
    widget->setEnabled(open);
  if (!open) {
    m_scatter->setState(ScatterView::State::Empty, tr("No cells. Open an .h5ad file (Ctrl+O)."));
    m_violins->setMessage(tr("No cells."));
    return;
  }
  if (cells->cellCount() == 0)
    m_scatter->setState(ScatterView::State::Failed,
                        tr("%1 holds no cells. Open a dataset that does.")
                            .arg(text(cells->path().filename().string())));
  else if (cells->embeddingNames().empty())
    m_scatter->setState(
        ScatterView::State::Failed,
        tr("%1 has no embedding (obsm), so there are no positions to draw the cells at.")
            .arg(text(cells->path().filename().string())));
  else
    m_scatter->setState(ScatterView::State::Computing, tr("Reading the embedding…"));
  m_scatter->setCellNames([cells](std::int64_t cell) {
    return text(cells->cellNames()[static_cast<std::size_t>(cell)]);
  });
  showSelection();
}

void CellsPanel::showEmbedding() {
  const auto& embedding = m_session.embedding();
  if (!embedding || embedding->cols() < 2 || embedding->rows() == 0) return;
  const QString title = embeddingTitle(m_session.embeddingName());
  m_embeddingBox->setCurrentIndex(m_embeddingBox->findData(m_session.embeddingName()));
  m_scatter->setAxisNames(tr("%1 1").arg(title), tr("%1 2").arg(title));
  m_scatter->setPoints(embedding->leftCols(2));
  m_scatter->setState(ScatterView::State::Ready);
  showColours();
  showSelection();
}

CellColouring CellsPanel::colouring(const CellValues& values) const {
  using Kind = ColourBy::Kind;
  if (values.column && values.column->kind == CellColumn::Kind::Categorical)
    return CellColouring::category(values.title, texts(values.column->categories),
                                   values.column->codes, texts(values.column->colours));
  if (values.numbers.size() == 0) return {};
  if (values.by.kind == Kind::Difference)
    return CellColouring::diverging(values.title, values.numbers, values.unit, values.formula);
  return CellColouring::sequential(values.title, values.numbers, values.unit, values.formula);
}

void CellsPanel::showColours() {
  const auto& values = m_session.cellValues();
  if (!values || !m_session.embedding() || m_session.cells()->cellCount() == 0) return;
  int index = 0;
  for (int i = 0; i < m_colourBox->count(); ++i)
    if (m_colourBox->itemData(i).isValid() &&
        m_colourBox->itemData(i).toInt() == static_cast<int>(m_session.colourBy().kind) &&
        m_colourBox->itemData(i, Qt::UserRole + 1).toString() == m_session.colourBy().name)
      index = i;
  m_colourBox->setCurrentIndex(index);

  const CellColouring colours = colouring(*values);
  m_legend->setColouring(colours);
  if (colours.kind == CellColouring::Kind::None || colours.cellCount() == m_scatter->cellCount())
    m_scatter->setColouring(colours);
  m_scatter->setTitle(values->title);
  m_histogram->setColouring(colours);
  showGroups();
  showState();
}

/// The values of the violins: those of the colours, or, where the cells are coloured by a category,
/// the prediction of the selected gene.
CellValues CellsPanel::violinValues() const {
  const auto& shown = m_session.cellValues();
  if (shown && shown->numbers.size() > 0) return *shown;
  const auto& prediction = m_session.cellPrediction();
  if (!prediction) return {};
  CellValues values = predictedValues(*prediction, {ColourBy::Kind::Predicted, {}});
  // Both haplotypes stand side by side in a split violin.
  values.title = tr("%1 predicted").arg(text(prediction->geneSymbol));
  return values;
}

GroupedValues CellsPanel::groupedValues() const {
  const CellValues values = violinValues();
  const auto& column = m_session.groupColumn();
  GroupedValues grouped;
  if (values.numbers.size() == 0) return grouped;
  grouped.title = column ? tr("%1 by %2").arg(values.title, text(column->name)) : values.title;
  grouped.valueName = valueName(values.by.kind);
  grouped.unit = values.unit;
  grouped.formula = values.formula;
  CodedValues coded;
  coded.values = values.numbers;
  const auto& prediction = m_session.cellPrediction();
  const bool paired =
      prediction && prediction->hasEdit() &&
      (values.by.kind == ColourBy::Kind::Predicted || values.by.kind == ColourBy::Kind::Edited);
  if (paired) {
    coded.values = prediction->reference;
    coded.alt = prediction->edited;
  }
  if (column && column->kind == CellColumn::Kind::Categorical) {
    coded.codes = column->codes;
    coded.categories = texts(column->categories);
    coded.colours = categoryColours(coded.categories, texts(column->colours));
  } else {
    coded.codes.assign(static_cast<std::size_t>(coded.values.size()), 0);
    coded.categories = QStringList{tr("All cells")};
  }
  grouped.groups = violinGroups(coded);
  return grouped;
}

void CellsPanel::showGroups() {
  if (const auto& column = m_session.groupColumn())
    m_groupBox->setCurrentIndex(m_groupBox->findData(text(column->name)));
  const GroupedValues grouped = groupedValues();
  // What a head says of itself stands wherever its numbers do.
  const QString label = violinValues().label;
  m_label->setText(label);
  m_label->setVisible(!label.isEmpty());
  m_violins->setMessage(
      grouped.groups.empty()
          ? tr("Predict a gene, or colour the cells by a number, to see how it is distributed.")
          : QString());
  m_violins->setValues(grouped);
  m_groupTable->setValues(grouped);
}

void CellsPanel::showState() {
  if (!m_session.embedding() || !m_session.cellValues() || m_session.cells()->cellCount() == 0)
    return;
  using Kind = ColourBy::Kind;
  const Kind kind = m_session.cellValues()->by.kind;
  const bool predicted =
      kind == Kind::Predicted || kind == Kind::Edited || kind == Kind::Difference;
  if (!predicted) return m_scatter->setState(ScatterView::State::Ready);
  if (!m_session.head())
    return m_scatter->setState(ScatterView::State::Empty,
                               tr("No cell head is open, so nothing can be predicted for cells."));
  if (!m_session.cellMatch().usable())
    return m_scatter->setState(ScatterView::State::Failed, text(m_session.cellMatch().text));
  if (m_session.predictionState() == PredictionState::Computing)
    return m_scatter->setState(ScatterView::State::Computing, tr("Predicting…"));
  if (m_session.predictionState() == PredictionState::Failed)
    return m_scatter->setState(ScatterView::State::Failed, m_session.predictionProblem());
  if (!m_session.cellPrediction())
    return m_scatter->setState(ScatterView::State::Empty,
                               m_session.gene()
                                   ? tr("No prediction for this gene yet. Predict (Ctrl+R).")
                                   : tr("Choose a gene first (Ctrl+L)."));
  m_scatter->setState(
      m_session.cellPredictionIsCurrent() ? ScatterView::State::Ready
                                          : ScatterView::State::OutOfDate,
      m_session.cellPredictionIsCurrent() ? QString() : tr("Out of date. Predict again (Ctrl+R)."));
}

void CellsPanel::showSelection() {
  if (!m_session.cells()) return m_selectionLabel->clear();
  const std::int64_t cells = m_session.cells()->cellCount();
  const auto& chosen = m_session.selectedCells();
  if (m_scatter->cellCount() == cells) m_scatter->setSelection(CellSelection::of(cells, chosen));
  m_selectionLabel->setText(chosen.empty()
                                ? tr("%L1 cells").arg(cells)
                                : tr("%L1 of %L2 cells selected").arg(chosen.size()).arg(cells));
}

void CellsPanel::setSelection(const CellSelection& selection) {
  m_session.setSelectedCells(selection.cells());
}

void CellsPanel::selectAll() {
  if (m_session.cells()) setSelection(CellSelection::all(m_session.cells()->cellCount()));
}

void CellsPanel::selectNone() {
  m_session.setSelectedCells({});
}

void CellsPanel::selectInverse() {
  if (!m_session.cells()) return;
  CellSelection chosen =
      CellSelection::of(m_session.cells()->cellCount(), m_session.selectedCells());
  chosen.invert();
  setSelection(chosen);
}

}  // namespace cellocus
