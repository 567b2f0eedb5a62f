// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/grouptable.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "cells/plottext.h"

namespace cellocus {

namespace {

/// Means of ALT and of ALT − REF over the cells that have both.
std::pair<double, double> meansOfAlt(const ViolinGroup& group) {
  double alt = 0, delta = 0;
  std::int64_t both = 0;
  for (std::size_t i = 0; i < std::min(group.values.size(), group.alt.size()); ++i) {
    if (!std::isfinite(group.values[i]) || !std::isfinite(group.alt[i])) continue;
    alt += group.alt[i];
    delta += static_cast<double>(group.alt[i]) - group.values[i];
    ++both;
  }
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  if (both == 0) return {nothing, nothing};
  return {alt / static_cast<double>(both), delta / static_cast<double>(both)};
}

/// Tabs and line breaks would break the table.
QString cleaned(QString text) {
  for (QChar& c : text)
    if (c == QLatin1Char('\t') || c == QLatin1Char('\n') || c == QLatin1Char('\r'))
      c = QLatin1Char(' ');
  return text;
}

}  // namespace

GroupTable::GroupTable(QObject* parent) : QAbstractTableModel(parent) {}

void GroupTable::setValues(const GroupedValues& values) {
  beginResetModel();
  m_rows.clear();
  m_unit = values.unit;
  m_formula = values.formula;
  m_paired = values.paired();
  for (const ViolinGroup& group : values.groups) {
    const auto [alt, delta] = meansOfAlt(group);
    m_rows.push_back({group.name, group.colour, groupStatistics(group.values), alt, delta});
  }
  endResetModel();
}

std::vector<GroupTable::Column> GroupTable::columns() const {
  if (m_paired)
    return {Column::Group,     Column::Cells,  Column::MeanRef, Column::MeanAlt,
            Column::MeanDelta, Column::Median, Column::Positive};
  return {Column::Group, Column::Cells, Column::Mean, Column::Median, Column::Positive};
}

QString GroupTable::columnTitle(Column column) const {
  const auto withUnit = [this](const QString& name) {
    return m_unit.isEmpty() ? name : tr("%1 (%2)").arg(name, m_unit);
  };
  switch (column) {
    case Column::Group:
      return tr("Group");
    case Column::Cells:
      return tr("n (cells)");
    case Column::Mean:
      return withUnit(tr("Mean"));
    case Column::Median:
      return withUnit(m_paired ? tr("Median REF") : tr("Median"));
    case Column::Positive:
      return m_paired ? tr("REF > 0 (% of cells)") : tr("> 0 (% of cells)");
    case Column::MeanRef:
      return withUnit(tr("Mean REF"));
    case Column::MeanAlt:
      return withUnit(tr("Mean ALT"));
    case Column::MeanDelta:
      return withUnit(tr("Mean Δ"));
  }
  return {};
}

double GroupTable::number(const Row& row, Column column) const {
  switch (column) {
    case Column::Cells:
      return static_cast<double>(row.statistics.n);
    case Column::Mean:
    case Column::MeanRef:
      return row.statistics.mean;
    case Column::Median:
      return row.statistics.median;
    case Column::Positive:
      return 100 * row.statistics.positive;
    case Column::MeanAlt:
      return row.meanAlt;
    case Column::MeanDelta:
      return row.meanDelta;
    case Column::Group:
      break;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

int GroupTable::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int GroupTable::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(columns().size());
}

QVariant GroupTable::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Row& row = m_rows[static_cast<std::size_t>(index.row())];
  const Column column = columns()[static_cast<std::size_t>(index.column())];
  if (role == Qt::TextAlignmentRole && column != Column::Group)
    return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
  if (column == Column::Group) {
    if (role == Qt::DisplayRole || role == Qt::UserRole) return row.name;
    return role == Qt::DecorationRole ? QVariant(row.colour) : QVariant();
  }
  const double value = number(row, column);
  if (role == Qt::UserRole) return value;
  if (role == Qt::ToolTipRole && row.statistics.missing > 0)
    return tr("%1 cells without a value are not counted.")
        .arg(QString::fromStdString(withThousands(row.statistics.missing)));
  if (role != Qt::DisplayRole) return {};
  if (std::isnan(value)) return tr("–");
  if (column == Column::Cells) return QString::fromStdString(withThousands(row.statistics.n));
  if (column == Column::Positive) return QString::number(value, 'f', 1);
  return QString::fromStdString(readable(value));
}

QVariant GroupTable::headerData(int section, Qt::Orientation orientation, int role) const {
  const auto shown = columns();
  if (orientation != Qt::Horizontal || section < 0 || section >= static_cast<int>(shown.size()))
    return {};
  const Column column = shown[static_cast<std::size_t>(section)];
  if (role == Qt::DisplayRole) return columnTitle(column);
  if (role != Qt::ToolTipRole) return {};
  if (column == Column::MeanDelta)
    return plainToolTip(tr("Mean over the cells of ALT − REF. %1").arg(m_formula));
  return column == Column::Group ? QString() : plainToolTip(m_formula);
}

void GroupTable::sort(int column, Qt::SortOrder order) {
  const auto shown = columns();
  if (column < 0 || column >= static_cast<int>(shown.size())) return;
  const Column by = shown[static_cast<std::size_t>(column)];
  const auto less = [&](const Row& a, const Row& b) {
    if (by == Column::Group)
      return order == Qt::AscendingOrder ? a.name.localeAwareCompare(b.name) < 0
                                         : b.name.localeAwareCompare(a.name) < 0;
    const double x = number(a, by), y = number(b, by);
    if (std::isnan(x) || std::isnan(y)) return !std::isnan(x) && std::isnan(y);  // missing last
    return order == Qt::AscendingOrder ? x < y : y < x;
  };
  emit layoutAboutToBeChanged({}, VerticalSortHint);
  std::vector<std::size_t> places(m_rows.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
  std::stable_sort(places.begin(), places.end(),
                   [&](std::size_t a, std::size_t b) { return less(m_rows[a], m_rows[b]); });
  std::vector<Row> sorted;
  std::vector<int> newPlace(m_rows.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    sorted.push_back(m_rows[places[i]]);
    newPlace[places[i]] = static_cast<int>(i);
  }
  m_rows = std::move(sorted);
  const QModelIndexList old = persistentIndexList();
  QModelIndexList moved;
  for (const QModelIndex& one : old)
    moved << index(newPlace[static_cast<std::size_t>(one.row())], one.column());
  changePersistentIndexList(old, moved);
  emit layoutChanged({}, VerticalSortHint);
}

QString GroupTable::tsv() const {
  const auto shown = columns();
  QStringList lines, header;
  for (const Column column : shown) header << cleaned(columnTitle(column));
  lines << header.join(QLatin1Char('\t'));
  for (const Row& row : m_rows) {
    QStringList fields{cleaned(row.name)};
    for (std::size_t i = 1; i < shown.size(); ++i)
      fields << QString::fromStdString(numberText(number(row, shown[i])));
    lines << fields.join(QLatin1Char('\t'));
  }
  return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

}  // namespace cellocus
