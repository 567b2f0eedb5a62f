// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "jobsmodel.h"

class QPushButton;
class QTableView;

namespace cellocus {

/// The list of jobs with progress, time left and a Stop button.
class JobsPanel : public QWidget {
  Q_OBJECT

 public:
  explicit JobsPanel(JobsModel& model, QWidget* parent = nullptr);

 private:
  void build();
  void stopSelected();
  void refreshButton();

  JobsModel& m_model;
  QTableView* m_table = nullptr;
  QPushButton* m_stop = nullptr;
};

}  // namespace cellocus
