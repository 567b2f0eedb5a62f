// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <vector>

#include "figures.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QSpinBox;

namespace cellocus {

/// Which view, how large, how fine; with a preview that is painted by the export itself.
class ExportDialog : public QDialog {
  Q_OBJECT

 public:
  explicit ExportDialog(std::vector<FigureSource> sources, QWidget* parent = nullptr);

  const FigureSource& source() const;
  FigureOptions options() const;
  bool wantsSidecar() const;

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void buildFields();
  void layOut();
  void takeSourceSize();
  void showPreview();

  std::vector<FigureSource> m_sources;
  QComboBox *m_view = nullptr, *m_width = nullptr, *m_format = nullptr;
  QDoubleSpinBox* m_height = nullptr;
  QSpinBox* m_dpi = nullptr;
  QCheckBox *m_outlines = nullptr, *m_sidecar = nullptr;
  QLabel* m_preview = nullptr;
};

}  // namespace cellocus
