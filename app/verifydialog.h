// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "analysis/verifyweights.h"
#include "session/session.h"

class QFormLayout;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QTreeWidget;

namespace cellocus {

/// Tells right weights from wrong ones: compares what the open sequence model says of start sites
/// with published embeddings. Not modal; its result stays until another model or genome is opened.
class VerifyDialog : public QDialog {
  Q_OBJECT

 public:
  explicit VerifyDialog(Session& session, QWidget* parent = nullptr);

 private:
  struct Outcome {
    WeightCheck check;
    WeightVerdict verdict = WeightVerdict::NotChecked;
    Gamma gamma = Gamma::Torch;  ///< of the model that was checked
  };

  void buildFields();
  void buildResults();
  void layOut();
  void connectParts();
  QLayout* withBrowse(QLineEdit* field, const QString& title, const QString& filter);

  void verify();
  bool isRunning() const;
  void forget();
  void refresh();
  void showOutcome(const Outcome& outcome);
  void addRow(const WeightCheck::Row& row);

  Session& m_session;
  quint64 m_job = 0;
  QLabel *m_subject = nullptr, *m_cost = nullptr, *m_verdict = nullptr;
  QLineEdit *m_windows = nullptr, *m_embeddings = nullptr;
  QSpinBox* m_most = nullptr;
  QPushButton *m_start = nullptr, *m_stop = nullptr;
  QProgressBar* m_progress = nullptr;
  QTreeWidget* m_table = nullptr;
};

}  // namespace cellocus
