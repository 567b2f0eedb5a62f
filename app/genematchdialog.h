// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "analysis/genejoin.h"

class QTreeWidget;

namespace cellocus {

/// What became of every embedding and every gene of the dataset: matched by what, ambiguous or
/// missing, each with its reason.
class GeneMatchDialog : public QDialog {
  Q_OBJECT

 public:
  explicit GeneMatchDialog(const GeneJoin& join, QWidget* parent = nullptr);

 private:
  void buildTree(const GeneJoin& join);
  void layOut(const GeneJoin& join);

  QTreeWidget* m_tree = nullptr;
};

}  // namespace cellocus
