// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <functional>
#include <memory>
#include <vector>

#include "base/matrix.h"
#include "cells/cellcolouring.h"
#include "cells/cellselection.h"
#include "plot/palette.h"

QT_BEGIN_NAMESPACE
class QPushButton;
QT_END_NAMESPACE

namespace cellocus {

class ScatterScene;

/// Cells as points (UMAP, PCA, ...), up to several millions: coloured, hovered, chosen by lasso or
/// rectangle. Points are written straight into an image, because Qt Charts needs minutes for what
/// this does in milliseconds. Keys and mouse: V pan, S lasso, R rectangle, Space held pans, Shift
/// adds, Alt subtracts, Shift+Alt intersects, Shift+drag in pan mode is a quick lasso, wheel and
/// +/- zoom, 0 fits, Shift+Z zooms to the selection, Esc or a click on nothing clears, Ctrl+A all,
/// Ctrl+Shift+A none, Ctrl+I inverts, 1 and 2 set group A and B, X swaps them, G asks for a gene,
/// Ctrl+F for a barcode.
class ScatterView : public QWidget {
  Q_OBJECT

 public:
  enum class Mode { Pan, Lasso, Rectangle };
  Q_ENUM(Mode)
  /// How far what is shown can be trusted. Stale colours look stale: OutOfDate and Computing dim
  /// them.
  enum class State { Empty, Computing, Ready, OutOfDate, Failed };
  Q_ENUM(State)
  enum class Legend { Without, Beside };
  /// Whether the names of categories stand on the cells themselves, so that colour is not all there
  /// is.
  enum class CategoryLabels { Without, OnCells };

  explicit ScatterView(QWidget* parent = nullptr);
  ~ScatterView() override;

  /// Positions [cells, 2]; a cell with a NaN or infinite coordinate is not shown. Forgets
  /// colouring, selection and visibility if the number of cells changes; fits the view.
  void setPoints(Matrix xy);
  std::int64_t cellCount() const;
  /// Colours. @throws Error "CELL_COUNT" if it is of another number of cells
  void setColouring(const CellColouring& colouring);
  const CellColouring& colouring() const;

  const CellSelection& selection() const;
  Mode mode() const;
  State state() const;
  /// Diameter in pixels as drawn now.
  double dotSize() const;
  /// The diameter of a dot of 120,000 / cells square pixels (scanpy's rule), between 1 and 8
  /// pixels.
  static double automaticDotSize(std::int64_t cells);
  /// Where a cell stands in widget coordinates; may be outside the widget.
  QPointF positionOf(std::int64_t cell) const;
  /// Nearest visible cell within 8 pixels of a widget position, -1 if none.
  std::int64_t cellAt(const QPointF& position) const;
  /// The part of the embedding that is seen, in its own units.
  QRectF visibleRegion() const;

  /// Title and axis names as shown ("UMAP", "UMAP 1", "UMAP 2").
  void setTitle(const QString& title);
  void setAxisNames(const QString& horizontal, const QString& vertical);
  /// Barcodes for hover and screen readers: asked for one cell at a time, so that no list is
  /// copied.
  void setCellNames(std::function<QString(std::int64_t cell)> nameOf);

  /// The one way to draw, on screen and for export, in a figure of `size`: above 30,000 points an
  /// image under vector axes, below vector dots where the device is SVG or PDF.
  void paint(QPainter& painter, const QSize& size, const Theme& theme,
             Legend legend = Legend::Without) const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 public slots:
  /// Shows a selection without telling anybody. @throws Error "CELL_COUNT"
  void setSelection(const CellSelection& selection);
  /// Only these cells are drawn and can be hovered or chosen; an empty value of size 0 shows all.
  void setVisibleCells(const CellSelection& visible);
  /// Categories not drawn (check boxes of the legend).
  void setHiddenCategories(const std::vector<int>& categories);
  /// Other categories fade; -1 for none.
  void setHighlightedCategory(int category);
  void setLimits(const ColourLimits& limits);
  void setMode(Mode mode);
  /// `message` says what is wrong or awaited; a non-empty `action` is shown as a button in an empty
  /// or failed view.
  void setState(State state, const QString& message = {}, const QString& action = {});
  /// Pixels; 0 for automatic.
  void setDotSize(double pixels);
  void setCategoryLabels(cellocus::ScatterView::CategoryLabels labels);
  void fit();
  void zoomToSelection();
  void zoomBy(double factor);
  void setVisibleRegion(const QRectF& region);

 signals:
  void selectionChanged(const cellocus::CellSelection& selection);
  void cellHovered(qint64 cell);  ///< -1: none
  void cellClicked(qint64 cell);
  void cellActivated(qint64 cell);                                    ///< double click
  void cellMenuRequested(qint64 cell, const QPoint& globalPosition);  ///< -1: the background
  void modeChanged(cellocus::ScatterView::Mode mode);
  void groupRequested(int group);  ///< 1: A, 2: B, from the selection
  void groupsSwapRequested();
  void geneBoxRequested();
  void barcodeSearchRequested();
  void stateActionRequested();
  void visibleRegionChanged(const QRectF& region);

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void keyReleaseEvent(QKeyEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;

 private:
  struct Gesture;
  void buildStateButton();
  void placeStateButton();
  void changed();
  void announce();
  void choose(const CellSelection& chosen, Qt::KeyboardModifiers modifiers);
  void changeSelection(CellSelection selection);
  void startGesture(const QPointF& position, Qt::MouseButton button,
                    Qt::KeyboardModifiers modifiers);
  void finishOutline(Qt::KeyboardModifiers modifiers);
  void finishClick(const QPointF& position, Qt::KeyboardModifiers modifiers);
  void cancelGesture();
  void hover(const QPointF& position);
  void moveView(const QPointF& pixels);
  void zoomAt(const QPointF& position, double factor);
  void updateCursor();
  void paintGesture(QPainter& painter, const Theme& theme) const;
  void showCellToolTip(const QPoint& position, const QPoint& globalPosition);
  bool handlesKey(const QKeyEvent& event) const;
  bool selectByKey(const QKeyEvent& event);
  bool moveByKey(const QKeyEvent& event);
  bool askByKey(const QKeyEvent& event);

  std::unique_ptr<ScatterScene> m_scene;
  std::unique_ptr<Gesture> m_gesture;
  std::function<QString(std::int64_t cell)> m_cellName;
  QPushButton* m_stateButton = nullptr;
  Mode m_mode = Mode::Pan;
  State m_state = State::Empty;
  bool m_spaceHeld = false;
  std::int64_t m_hovered = -1;
};

}  // namespace cellocus
