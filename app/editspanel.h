// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "genomelink.h"
#include "session/session.h"

class QLabel;
class QPushButton;
class QTreeWidget;
class QTreeWidgetItem;

namespace cellocus {

/// The edits with their HGVS names: switch off and on, go to, revert.
class EditsPanel : public QWidget {
  Q_OBJECT

 public:
  EditsPanel(Session& session, GenomeLink& link, QUndoStack& undo, QWidget* parent = nullptr);

 signals:
  void goToRequested(const cellocus::Variant& edit);

 private:
  void build();
  void refresh();
  void showCost();
  void addRow(const Variant& edit, bool on);
  void toggle(QTreeWidgetItem* item);
  void revertSelected();

  Session& m_session;
  GenomeLink& m_link;
  QUndoStack& m_undo;
  QTreeWidget* m_list = nullptr;
  QPushButton* m_revert = nullptr;
  QLabel* m_cost = nullptr;  ///< why the next prediction takes long, where it does
  std::vector<Variant> m_rows;
  bool m_filling = false;
};

}  // namespace cellocus
