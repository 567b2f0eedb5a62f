// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QWidget>
#include <vector>

#include "session/session.h"

class QLabel;
class QTableView;

namespace cellocus {

/// The shown tracks at one bin: REF, ALT, Δ and where the value stands among all bins of the
/// window.
class BinTable : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { Track, Reference, Alternative, Difference, Percentile, ColumnCount };
  explicit BinTable(Session& session, QObject* parent = nullptr);

  void setBin(std::int64_t bin);
  std::int64_t bin() const { return m_bin; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation,
                      int role = Qt::DisplayRole) const override;

 private:
  struct Row {
    QString track;
    float reference = 0, alternative = 0;
    double percentile = 0;
  };
  void refresh();

  Session& m_session;
  std::int64_t m_bin = -1;
  bool m_hasEdit = false;
  std::vector<Row> m_rows;
};

/// What was pinned or pointed at: the bin with its tracks, the gene, the cell.
class InspectorPanel : public QWidget {
  Q_OBJECT

 public:
  explicit InspectorPanel(Session& session, QWidget* parent = nullptr);

  void setPinnedBin(qint64 bin);
  void showCell(qint64 cell);
  BinTable& binTable() { return *m_bins; }

 private:
  void build();
  void showBin();
  void showGene();

  Session& m_session;
  QLabel *m_binLabel = nullptr, *m_geneLabel = nullptr, *m_cellLabel = nullptr;
  BinTable* m_bins = nullptr;
  QTableView* m_table = nullptr;
};

}  // namespace cellocus
