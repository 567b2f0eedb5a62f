// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector.h"

#include <QHeaderView>
#include <QLabel>
#include <QTableView>
#include <QVBoxLayout>
#include <cmath>

#include "base/text.h"

namespace cellocus {

namespace {

QString number(float value) {
  return std::isnan(value) ? QStringLiteral("–") : QString::fromStdString(readable(value));
}

/// Share of the column's values that are not above `value`, in percent.
double percentileOf(const Matrix& values, Eigen::Index column, float value) {
  Eigen::Index below = 0, counted = 0;
  for (Eigen::Index row = 0; row < values.rows(); ++row) {
    if (std::isnan(values(row, column))) continue;
    ++counted;
    if (values(row, column) <= value) ++below;
  }
  return counted == 0 ? 0 : 100.0 * static_cast<double>(below) / static_cast<double>(counted);
}

}  // namespace

BinTable::BinTable(Session& session, QObject* parent)
    : QAbstractTableModel(parent), m_session(session) {
  connect(&m_session, &Session::predictionChanged, this, &BinTable::refresh);
  connect(&m_session, &Session::tracksChanged, this, &BinTable::refresh);
}

void BinTable::setBin(std::int64_t bin) {
  m_bin = bin;
  refresh();
}

void BinTable::refresh() {
  beginResetModel();
  m_rows.clear();
  const auto& reference = m_session.reference();
  const auto& edited = m_session.edited();
  m_hasEdit = edited != nullptr;
  if (reference && m_bin >= 0 && m_bin < reference->values.rows()) {
    const auto& names = m_session.predictor()->model().config().trackNames;
    for (Eigen::Index column = 0; column < reference->values.cols(); ++column) {
      const auto track =
          static_cast<std::size_t>(reference->tracks[static_cast<std::size_t>(column)]);
      Row row;
      row.track =
          track < names.size() ? QString::fromStdString(names[track]) : tr("Track %1").arg(track);
      row.reference = reference->values(m_bin, column);
      row.alternative = edited ? edited->values(m_bin, column) : row.reference;
      row.percentile = percentileOf(reference->values, column, row.alternative);
      m_rows.push_back(row);
    }
  }
  endResetModel();
}

int BinTable::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int BinTable::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QVariant BinTable::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const Row& row = m_rows[static_cast<std::size_t>(index.row())];
  if (role == Qt::TextAlignmentRole)
    return QVariant(index.column() == Track ? Qt::AlignLeft | Qt::AlignVCenter
                                            : Qt::AlignRight | Qt::AlignVCenter);
  if (role == Qt::ToolTipRole && index.column() == Track) return row.track;
  if (role != Qt::DisplayRole) return {};
  switch (index.column()) {
    case Track:
      return row.track;
    case Reference:
      return number(row.reference);
    case Alternative:
      return m_hasEdit ? number(row.alternative) : QString();
    case Difference:
      return m_hasEdit ? number(row.alternative - row.reference) : QString();
    case Percentile:
      return QString::number(row.percentile, 'f', 0);
    default:
      return {};
  }
}

QVariant BinTable::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::DisplayRole)
    return QStringList{tr("Track"), tr("REF"), tr("ALT"), tr("Δ"), tr("Pct.")}.value(section);
  if (role == Qt::ToolTipRole)
    return QStringList{tr("Predicted track"),
                       tr("Predicted from the reference sequence, in the unit of the track"),
                       tr("Predicted from the edited sequence, in the unit of the track"),
                       tr("Δ = ALT − REF, in the unit of the track"),
                       tr("Percentile: share of the window's bins whose REF value is not above "
                          "this bin's value, in %")}
        .value(section);
  return {};
}

InspectorPanel::InspectorPanel(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session) {
  build();
  connect(&m_session, &Session::geneChanged, this, &InspectorPanel::showGene);
  connect(&m_session, &Session::predictionChanged, this, &InspectorPanel::showGene);
  connect(&m_session, &Session::predictionChanged, this, &InspectorPanel::showBin);
  showGene();
  showBin();
}

void InspectorPanel::build() {
  const auto label = [this](const char* name) {
    auto* made = new QLabel(this);
    made->setObjectName(QString::fromLatin1(name));
    made->setTextFormat(Qt::PlainText);
    made->setWordWrap(true);
    made->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return made;
  };
  m_geneLabel = label("inspectedGene");
  m_binLabel = label("inspectedBin");
  m_cellLabel = label("inspectedCell");
  m_bins = new BinTable(m_session, this);
  m_table = new QTableView(this);
  m_table->setObjectName("binTable");
  m_table->setAccessibleName(tr("Tracks of the pinned bin"));
  m_table->setModel(m_bins);
  m_table->setShowGrid(false);
  m_table->setAlternatingRowColors(true);
  m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_table->verticalHeader()->hide();
  m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + 6);
  m_table->horizontalHeader()->setMinimumSectionSize(36);
  m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  m_table->horizontalHeader()->setSectionResizeMode(BinTable::Track, QHeaderView::Stretch);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(8, 6, 8, 6);
  layout->addWidget(m_geneLabel);
  layout->addWidget(m_binLabel);
  layout->addWidget(m_table, 1);
  layout->addWidget(m_cellLabel);
  layout->addStretch();
}

void InspectorPanel::setPinnedBin(qint64 bin) {
  m_bins->setBin(bin);
  showBin();
}

void InspectorPanel::showBin() {
  const auto& reference = m_session.reference();
  const std::int64_t bin = m_bins->bin();
  if (!reference || bin < 0 || bin >= reference->binCount()) {
    m_binLabel->setText(tr("Click a bin of a track to see its values."));
    m_table->hide();
    return;
  }
  m_table->show();
  m_binLabel->setText(
      tr("Bin %1 · %2").arg(bin).arg(QString::fromStdString(locusText(reference->bin(bin)))));
}

void InspectorPanel::showGene() {
  const Gene* gene = m_session.gene();
  if (!gene) return m_geneLabel->setText(tr("No gene selected."));
  const QString strand = gene->strand == Strand::Minus ? tr("minus strand") : tr("plus strand");
  QStringList lines;
  lines << tr("%1 · %2").arg(QString::fromStdString(gene->symbol),
                             QString::fromStdString(gene->id));
  if (!gene->description.empty()) lines << QString::fromStdString(gene->description);
  lines << tr("TSS %1:%2, %3")
               .arg(QString::fromStdString(gene->locus.contig),
                    QString::fromStdString(withThousands(gene->tss() + 1)), strand);
  const auto& cells = m_session.cellPrediction();
  if (cells && cells->geneId == gene->id) {
    const auto mean = [](const Vector& values) {
      double sum = 0;
      Eigen::Index counted = 0;
      for (const float value : values)
        if (!std::isnan(value)) {
          sum += value;
          ++counted;
        }
      return counted ? sum / static_cast<double>(counted) : std::nan("");
    };
    const double reference = mean(cells->reference);
    QString line = tr("Mean over cells: REF %1").arg(QString::fromStdString(readable(reference)));
    if (cells->hasEdit()) {
      const double edited = mean(cells->edited);
      line = tr("%1, ALT %2, Δ %3")
                 .arg(line, QString::fromStdString(readable(edited)),
                      QString::fromStdString(readable(edited - reference)));
    }
    lines << tr("%1 %2").arg(line, QString::fromStdString(cells->unit));
  }
  if (const auto& reference = m_session.reference(); reference && reference->padded > 0)
    lines << tr("%1 bp of the model window (%2 %) lie beyond the contig and are unknown bases.")
                 .arg(QString::fromStdString(withThousands(reference->padded)))
                 .arg(100 * reference->padded / reference->window.length());
  m_geneLabel->setText(lines.join('\n'));
}

void InspectorPanel::showCell(qint64 cell) {
  const auto& cells = m_session.cells();
  if (!cells || cell < 0 || cell >= cells->cellCount()) return m_cellLabel->clear();
  QStringList lines{QString::fromStdString(cells->cellNames()[static_cast<std::size_t>(cell)])};
  const auto& prediction = m_session.cellPrediction();
  if (prediction && cell < prediction->reference.size()) {
    lines << tr("%1 predicted: REF %2")
                 .arg(QString::fromStdString(prediction->geneSymbol),
                      number(prediction->reference[cell]));
    if (prediction->hasEdit()) lines.back() += tr(", ALT %1").arg(number(prediction->edited[cell]));
  }
  m_cellLabel->setText(lines.join('\n'));
}

}  // namespace cellocus
