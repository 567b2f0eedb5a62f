// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "actions.h"
#include "cells/cellcolouring.h"
#include "cells/cellselection.h"
#include "cells/groupstatistics.h"
#include "session/session.h"

class QComboBox;
class QLabel;
class QTabWidget;
class QTableView;

namespace cellocus {

class GroupTable;
class HistogramView;
class LegendView;
class ScatterView;
class ViolinView;

/// The cells of the session: embedding with legend, violins by group, histogram and the table of
/// groups.
class CellsPanel : public QWidget {
  Q_OBJECT

 public:
  CellsPanel(Session& session, Actions& actions, QWidget* parent = nullptr);

  ScatterView& scatter() { return *m_scatter; }
  ViolinView& violins() { return *m_violins; }
  LegendView& legend() { return *m_legend; }
  GroupTable& groupTable() { return *m_groupTable; }
  void selectAll();
  void selectNone();
  void selectInverse();

 signals:
  void cellHovered(qint64 cell);
  void cellClicked(qint64 cell);

 private:
  void buildControls();
  void buildViews();
  void buildDetails();
  void layOut();
  void connectSession();
  void connectViews();
  void connectControls();

  void showDataset();
  void showEmbedding();
  void showColours();
  void showGroups();
  void showState();
  void fillColourBox();
  void fillGroupBox();
  void showSelection();
  void setSelection(const CellSelection& selection);
  CellColouring colouring(const CellValues& values) const;
  CellValues violinValues() const;
  GroupedValues groupedValues() const;

  Session& m_session;
  Actions& m_actions;
  QComboBox *m_colourBox = nullptr, *m_groupBox = nullptr, *m_embeddingBox = nullptr;
  QLabel* m_label = nullptr;
  QLabel* m_selectionLabel = nullptr;
  ScatterView* m_scatter = nullptr;
  LegendView* m_legend = nullptr;
  ViolinView* m_violins = nullptr;
  HistogramView* m_histogram = nullptr;
  QTabWidget* m_details = nullptr;
  QTableView* m_table = nullptr;
  GroupTable* m_groupTable = nullptr;
};

}  // namespace cellocus
