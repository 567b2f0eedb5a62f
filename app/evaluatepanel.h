// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "session/session.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSortFilterProxyModel;
class QTableView;
class QTableWidget;

namespace cellocus {

class GeneScoreTable;
class HeadFitting;
class PointChart;
class ScatterView;
struct Evaluation;
struct GeneComparison;

/// How good the open head is on the open cells: correlations by set, a table of genes, and for the
/// chosen gene what was measured against what is predicted, as points and on the embedding.
class EvaluatePanel : public QWidget {
  Q_OBJECT

 public:
  explicit EvaluatePanel(Session& session, QWidget* parent = nullptr);

 private:
  void buildControls();
  void buildTables();
  void buildViews();
  void layOut();
  void connectParts();

  void showState();
  void showEvaluation();
  void showSummary(const Evaluation& evaluation);
  void showEmbedding();
  void showMeans();
  void showGene(const GeneComparison& gene);
  int currentRow() const;

  Session& m_session;
  HeadFitting& m_fitting;
  QPushButton* m_evaluate = nullptr;
  QComboBox* m_selection = nullptr;
  QCheckBox* m_sameScale = nullptr;
  QLineEdit* m_filter = nullptr;
  QLabel *m_state = nullptr, *m_context = nullptr;
  QTableWidget* m_summary = nullptr;
  GeneScoreTable* m_genes = nullptr;
  QSortFilterProxyModel* m_sorted = nullptr;
  QTableView* m_table = nullptr;
  PointChart *m_means = nullptr, *m_points = nullptr;
  ScatterView *m_measured = nullptr, *m_predicted = nullptr;
};

}  // namespace cellocus
