// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "session/session.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPainter;
class QPushButton;
class QScrollArea;
class QSpinBox;

namespace cellocus {

class HeadFitting;
class LineChart;

/// Fitting a head to the open cells: data and hyper-parameters at the left, the curves at the
/// right. Everything is a choice of the session; nothing is computed here.
class FitPanel : public QWidget {
  Q_OBJECT

 public:
  explicit FitPanel(Session& session, QWidget* parent = nullptr);

  /// Both charts beside each other, for export.
  void paintCurves(QPainter& painter, const QSize& size) const;

 private:
  void buildData();
  void buildHead();
  void buildTraining();
  void buildRun();
  void buildCharts();
  QLayout* dataRows();
  QLayout* headRows();
  QLayout* trainingRows();
  QScrollArea* buildForm();
  void layOut();
  void connectChoices();
  void connectFitting();

  void openEmbeddings();
  void computeEmbeddings();
  void fit();
  void showMatches();
  void takeChoices();
  void showChoices();
  void showData();
  void showLayers();
  void showSplit();
  void showState();
  void showHistory();
  QString progressText() const;

  QComboBox* makeBox(const char* name, const QString& label, const QString& tip);
  QSpinBox* makeCount(const char* name, const QString& label, const QString& tip, int least,
                      int most);
  QDoubleSpinBox* makeNumber(const char* name, const QString& label, const QString& tip,
                             double most, int decimals);
  QPushButton* makeButton(const char* name, const QString& text, const QString& tip);

  Session& m_session;
  HeadFitting& m_fitting;
  bool m_showing = false;  ///< the fields are being filled, not edited

  QLabel *m_embeddings = nullptr, *m_matches = nullptr, *m_state = nullptr, *m_cost = nullptr;
  QPushButton *m_open = nullptr, *m_compute = nullptr, *m_report = nullptr;
  QComboBox *m_layer = nullptr, *m_transform = nullptr, *m_split = nullptr;
  QLineEdit* m_splitName = nullptr;
  QPushButton* m_splitBrowse = nullptr;
  QDoubleSpinBox *m_valid = nullptr, *m_test = nullptr;
  QWidget *m_splitFile = nullptr, *m_splitShares = nullptr;

  QComboBox* m_model = nullptr;
  QSpinBox* m_bottleneck = nullptr;
  QCheckBox *m_relu = nullptr, *m_softplus = nullptr;
  QDoubleSpinBox* m_dropout = nullptr;

  QComboBox *m_loss = nullptr, *m_centring = nullptr, *m_optimizer = nullptr, *m_schedule = nullptr;
  QDoubleSpinBox *m_geneWeight = nullptr, *m_cellWeight = nullptr, *m_rate = nullptr,
                 *m_decay = nullptr;
  QSpinBox *m_warmUp = nullptr, *m_batch = nullptr, *m_epochs = nullptr, *m_patience = nullptr,
           *m_seed = nullptr;

  QPushButton *m_start = nullptr, *m_pause = nullptr, *m_keep = nullptr, *m_stop = nullptr;
  LineChart *m_lossChart = nullptr, *m_correlationChart = nullptr;
};

}  // namespace cellocus
