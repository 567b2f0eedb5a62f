// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QString>
#include <vector>

#include "cells/groupstatistics.h"

namespace cellocus {

/// The numbers behind the violins, one row a group: cells, mean, median, % of cells above 0; for
/// paired values also mean REF, mean ALT and mean Δ (ALT − REF, over cells that have both). Headers
/// carry the unit, their tooltips the formula. Qt::UserRole gives the bare number, for sorting with
/// a proxy.
class GroupTable : public QAbstractTableModel {
  Q_OBJECT

 public:
  explicit GroupTable(QObject* parent = nullptr);

  void setValues(const GroupedValues& values);
  /// Header and rows, tab-separated, numbers with full precision in C notation, NA where there is
  /// none.
  QString tsv() const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation,
                      int role = Qt::DisplayRole) const override;
  void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

 private:
  enum class Column { Group, Cells, Mean, Median, Positive, MeanRef, MeanAlt, MeanDelta };
  struct Row {
    QString name;
    QColor colour;
    GroupStatistics statistics;
    double meanAlt = 0, meanDelta = 0;
  };
  std::vector<Column> columns() const;
  QString columnTitle(Column column) const;
  double number(const Row& row, Column column) const;

  std::vector<Row> m_rows;
  QString m_unit, m_formula;
  bool m_paired = false;
};

}  // namespace cellocus
