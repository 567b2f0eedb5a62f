// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLinearGradient>
#include <QWidget>

#include "cells/cellcolouring.h"

namespace cellocus {

/// A colour scale over the range of the data with two handles that clip it. The handles of a
/// diverging scale move together, so that zero stays neutral. Arrow keys move the handle that was
/// used last (Shift: ten times), Tab-reachable; Up and Down choose the other one; a double click
/// resets.
class ColourBar : public QWidget {
  Q_OBJECT

 public:
  explicit ColourBar(QWidget* parent = nullptr);

  /// Takes scale, limits and range of the data.
  void setColouring(const CellColouring& colouring);
  const ColourLimits& limits() const { return m_limits; }
  void setLimits(const ColourLimits& limits);
  /// Where the handles stand, in widget coordinates.
  double lowHandle() const { return pixelOf(m_limits.low); }
  double highHandle() const { return pixelOf(m_limits.high); }

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

 signals:
  void limitsDragged(const cellocus::ColourLimits& limits);
  void resetRequested();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  enum class Handle { Low, High };
  QRectF bar() const;
  double pixelOf(double value) const;
  double valueOf(double pixel) const;
  void moveHandle(Handle handle, double value);
  void paintHandle(QPainter& painter, Handle handle, const Theme& theme) const;
  void paintNumbers(QPainter& painter, const Theme& theme) const;

  CellColouring::Kind m_kind = CellColouring::Kind::None;
  SequentialMap m_map = SequentialMap::Viridis;
  ColourLimits m_limits;
  double m_least = 0, m_most = 1;  ///< of data and limits: the ends of the bar
  Handle m_handle = Handle::High;
  bool m_dragging = false;
};

/// The colours of a scale as a gradient from `from` to `to`, with `low` and `high` (0..1 along it)
/// being where its first and last colour are reached.
QLinearGradient scaleGradient(const CellColouring& colouring, const Theme& theme, double low = 0,
                              double high = 1);

}  // namespace cellocus
