// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>
#include <QLineEdit>
#include <QStandardItemModel>
#include <QWidget>
#include <memory>

#include "genome/locusquery.h"

class QCompleter;

namespace cellocus {

/// Where the user types a gene, region, variant or HGVS name. Suggestions come from what is open;
/// an unknown name stays in the box with one sentence under it, never in a dialog.
class LocusBox : public QWidget {
  Q_OBJECT

 public:
  explicit LocusBox(QWidget* parent = nullptr);

  void setSources(std::shared_ptr<const Genome> genome,
                  std::shared_ptr<const Annotation> annotation);
  /// The place that is shown; brought back by Esc.
  void setCurrent(const Locus& locus, const QString& gene);
  void startTyping();
  QLineEdit* edit() const { return m_edit; }
  QString problem() const { return m_problem->text(); }

 signals:
  void answered(const cellocus::LocusAnswer& answer);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void buildEdit();
  void buildCompleter();
  void suggest(const QString& text);
  void submit();
  void showProblem(const QString& sentence);
  QString currentText() const;

  QLineEdit* m_edit = nullptr;
  QLabel* m_problem = nullptr;
  QCompleter* m_completer = nullptr;
  QStandardItemModel* m_suggestions = nullptr;
  std::shared_ptr<const Genome> m_genome;
  std::shared_ptr<const Annotation> m_annotation;
  Locus m_locus;
  QString m_gene;
};

}  // namespace cellocus
