// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTreeWidget>

#include "session/session.h"

namespace cellocus {

/// What is open, what is still needed, and what each file turned out to be.
class DataPanel : public QTreeWidget {
  Q_OBJECT

 public:
  explicit DataPanel(Session& session, QWidget* parent = nullptr);

 signals:
  void openRequested();

 private:
  void refresh();
  QTreeWidgetItem* addPart(const QString& title, bool open, const QString& summary,
                           const QString& tip);
  void addGenome();
  void addModels();
  void addCells();

  Session& m_session;
};

}  // namespace cellocus
