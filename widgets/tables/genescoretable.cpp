// SPDX-License-Identifier: GPL-3.0-or-later
#include "tables/genescoretable.h"

#include <cmath>
#include <limits>

#include "base/text.h"

namespace cellocus {

namespace {

QString text(const std::string& value) {
  return QString::fromStdString(value);
}

QString number(double value) {
  return std::isfinite(value) ? text(readable(value, 3)) : QStringLiteral("–");
}

QString setText(SplitSet set) {
  switch (set) {
    case SplitSet::Train:
      return GeneScoreTable::tr("train");
    case SplitSet::Valid:
      return GeneScoreTable::tr("validation");
    case SplitSet::Test:
      return GeneScoreTable::tr("test");
    case SplitSet::Unassigned:
      break;
  }
  return GeneScoreTable::tr("none");
}

QString trustText(Reliability reliability) {
  switch (reliability) {
    case Reliability::Good:
      return GeneScoreTable::tr("●●● good");
    case Reliability::Fair:
      return GeneScoreTable::tr("●●○ fair");
    case Reliability::Poor:
      return GeneScoreTable::tr("●○○ poor");
    case Reliability::Seen:
      return GeneScoreTable::tr("seen in training");
    case Reliability::Undefined:
      break;
  }
  return GeneScoreTable::tr("undefined");
}

}  // namespace

GeneScoreTable::GeneScoreTable(QObject* parent) : QAbstractTableModel(parent) {}

void GeneScoreTable::setEvaluation(std::shared_ptr<const Evaluation> evaluation,
                                   const QString& unit) {
  beginResetModel();
  m_evaluation = std::move(evaluation);
  m_unit = unit;
  endResetModel();
  emit headerDataChanged(Qt::Horizontal, 0, ColumnCount - 1);
}

int GeneScoreTable::rowCount(const QModelIndex& parent) const {
  return parent.isValid() || !m_evaluation ? 0 : static_cast<int>(m_evaluation->genes.size());
}

int GeneScoreTable::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QString GeneScoreTable::shown(const GeneEvaluation& gene, int column) const {
  switch (column) {
    case Gene:
      return text(printable(gene.gene.symbol.empty() ? gene.gene.id : gene.gene.symbol));
    case Set:
      return setText(gene.gene.set);
    case Correlation:
      return number(gene.r);
    case Observed:
      return number(gene.meanObserved);
    case Predicted:
      return number(gene.meanPredicted);
    default:
      return trustText(gene.reliability);
  }
}

QVariant GeneScoreTable::sortKey(const GeneEvaluation& gene, int column) const {
  constexpr double last = -std::numeric_limits<double>::infinity();
  switch (column) {
    case Set:
      return static_cast<int>(gene.gene.set);
    case Correlation:
      return std::isnan(gene.r) ? last : gene.r;
    case Observed:
      return gene.meanObserved;
    case Predicted:
      return gene.meanPredicted;
    case Trust:
      return static_cast<int>(gene.reliability);
    default:
      return shown(gene, column);
  }
}

QVariant GeneScoreTable::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const GeneEvaluation& gene = m_evaluation->genes[static_cast<std::size_t>(index.row())];
  const int column = index.column();
  const bool isNumber = column == Correlation || column == Observed || column == Predicted;
  switch (role) {
    case Qt::DisplayRole:
      return shown(gene, column);
    case Qt::UserRole:
      return sortKey(gene, column);
    case Qt::TextAlignmentRole:
      return QVariant(isNumber ? Qt::AlignRight | Qt::AlignVCenter
                               : Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::ToolTipRole:
      return column == Gene ? text(printable(gene.gene.id)) : QVariant();
    default:
      return {};
  }
}

QVariant GeneScoreTable::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount) return {};
  const QStringList titles{tr("Gene"),     tr("Set"),       tr("r across cells"),
                           tr("Measured"), tr("Predicted"), tr("Trust")};
  const QStringList formulas{
      tr("Symbol, or id where there is none"),
      tr("What the gene was used for: train (learned from), validation (ended the fit), test "
         "(never seen)"),
      tr("Pearson's r between measured and predicted expression over the cells; – where one of "
         "them is the same in all cells"),
      tr("Mean over the cells of the measured expression, in %1").arg(m_unit),
      tr("Mean over the cells of the predicted expression, in %1").arg(m_unit),
      tr("Only for genes that the head has not seen, by r across cells: good from 0.3, fair from "
         "0.1; poor below, or where the 95 % interval of r reaches 0")};
  if (role == Qt::DisplayRole) return titles[section];
  if (role == Qt::ToolTipRole) return formulas[section];
  return {};
}

}  // namespace cellocus
