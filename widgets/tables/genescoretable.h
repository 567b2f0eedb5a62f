// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <memory>

#include "analysis/evaluation.h"

namespace cellocus {

/// The genes of an evaluation, one a row: set, r across cells, means, how far to trust it. Headers
/// carry the formula as tooltip; Qt::UserRole gives the bare value, for sorting with a proxy (NaN
/// last).
class GeneScoreTable : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { Gene, Set, Correlation, Observed, Predicted, Trust, ColumnCount };

  explicit GeneScoreTable(QObject* parent = nullptr);

  /// `unit` is that of both means. Null empties the table.
  void setEvaluation(std::shared_ptr<const Evaluation> evaluation, const QString& unit);
  const std::shared_ptr<const Evaluation>& evaluation() const { return m_evaluation; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation,
                      int role = Qt::DisplayRole) const override;

 private:
  QString shown(const GeneEvaluation& gene, int column) const;
  QVariant sortKey(const GeneEvaluation& gene, int column) const;

  std::shared_ptr<const Evaluation> m_evaluation;
  QString m_unit;
};

}  // namespace cellocus
