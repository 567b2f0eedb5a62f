// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <QListView>
#include <QStyledItemDelegate>
#include <vector>

#include "cells/cellcolouring.h"

namespace cellocus {

/// The categories of a colouring: name, colour, number of cells, whether they are drawn, and which
/// one is highlighted.
class CategoryList : public QAbstractListModel {
  Q_OBJECT

 public:
  enum Role { ColourRole = Qt::UserRole, CountRole, HighlightedRole };

  using QAbstractListModel::QAbstractListModel;

  void setColouring(const CellColouring& colouring);
  int highlighted() const { return m_highlighted; }
  void setHighlighted(int category);
  std::vector<int> hidden() const;
  void setHidden(const std::vector<int>& categories);

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;

 signals:
  void hiddenChanged();

 private:
  void refresh();
  QString describe(int category) const;

  QStringList m_names;
  std::vector<QColor> m_colours;
  std::vector<std::int64_t> m_counts;
  std::vector<bool> m_hidden;
  std::int64_t m_cells = 0;
  int m_highlighted = -1;
};

/// Draws a category: its colour as the check box (filled: drawn; hollow: hidden), name, number of
/// cells.
class CategoryDelegate : public QStyledItemDelegate {
  Q_OBJECT

 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  /// The colour square of a row, in which a click checks or unchecks.
  static QRect squareOf(const QRect& row);

 protected:
  bool editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option,
                   const QModelIndex& index) override;
};

/// Tells a click on a name from one on the square and from a double click. Space checks, Enter
/// highlights.
class CategoryView : public QListView {
  Q_OBJECT

 public:
  explicit CategoryView(QWidget* parent = nullptr);

 signals:
  void nameClicked(const QModelIndex& index);
  void nameDoubleClicked(const QModelIndex& index);

 protected:
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  bool onName(const QPoint& position) const;
  bool m_doubleClicked = false;
};

}  // namespace cellocus
