// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <vector>

#include "session/job.h"

namespace cellocus {

/// The jobs of several queues as a table, newest first: name, state or progress, time.
class JobsModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { Title, State, Time, ColumnCount };
  static constexpr int fractionRole = Qt::UserRole + 1;  ///< 0..1, or -1 while there is no bar

  explicit JobsModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
  void addQueue(JobQueue& queue);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation,
                      int role = Qt::DisplayRole) const override;

  void cancel(int row);
  bool isOpen(int row) const;
  int openCount() const;
  /// "Predict NPPA, 62 %, about 3 s left", or empty when nothing runs.
  QString summary() const;

 signals:
  void summaryChanged();

 private:
  struct Row {
    JobQueue* queue;
    quint64 id;
  };
  void add(JobQueue& queue, quint64 id);
  void change(JobQueue& queue, quint64 id);
  const Job* job(int row) const;

  std::vector<Row> m_rows;
};

QString jobStateText(JobState state);

}  // namespace cellocus
