// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <vector>

#include "cells/cellcolouring.h"
#include "plot/palette.h"

class QLabel;
class QLineEdit;
class QSortFilterProxyModel;
class QToolButton;

namespace cellocus {

class CategoryList;
class CategoryView;
class ColourBar;

/// What the colours mean. Categories with counts and check boxes (checked = drawn): a click
/// highlights one, a double click isolates it, again shows all; a search field above 30 of them.
/// Values: a colour bar with limits, unit, number of cells without a value, a lock and two handles
/// that clip the scale when dragged.
class LegendView : public QWidget {
  Q_OBJECT

 public:
  explicit LegendView(QWidget* parent = nullptr);

  void setColouring(const CellColouring& colouring);
  const CellColouring& colouring() const { return m_colouring; }
  int highlightedCategory() const;
  std::vector<int> hiddenCategories() const;

  /// Draws the legend for a figure and returns the height used. Entries that do not fit are counted
  /// in a last line. With a null painter it returns the height of all entries in `font`-sized
  /// lines.
  static double paint(QPainter* painter, const QRectF& area, const CellColouring& colouring,
                      const Theme& theme, const QFont& font = {});
  /// Width that holds the longest entry, at most `most`.
  static double preferredWidth(const CellColouring& colouring, const QFont& font, double most);

  QSize sizeHint() const override;

 public slots:
  void setHighlightedCategory(int category);  ///< without telling anybody; -1 for none
  void setHiddenCategories(const std::vector<int>& categories);
  void setLimits(const ColourLimits& limits);  ///< without telling anybody

 signals:
  void categoryToggled(int category);   ///< now highlighted; -1: none any more
  void categoryIsolated(int category);  ///< now alone; -1: all again
  void hiddenCategoriesChanged(const std::vector<int>& categories);
  void categoryMenuRequested(int category, const QPoint& globalPosition);
  void limitsChanged(const cellocus::ColourLimits& limits);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void buildHeading();
  void buildList();
  void buildBar();
  void showNote();
  void updateLockIcon();
  void toggleHighlight(int category);
  void toggleIsolated(int category);
  void changeLimits(const ColourLimits& limits);

  CellColouring m_colouring;
  QLabel* m_title = nullptr;
  QLabel* m_unit = nullptr;
  QLabel* m_note = nullptr;
  QLineEdit* m_search = nullptr;
  CategoryView* m_list = nullptr;
  CategoryList* m_categories = nullptr;
  QSortFilterProxyModel* m_found = nullptr;
  ColourBar* m_bar = nullptr;
  QToolButton* m_lock = nullptr;
};

}  // namespace cellocus
