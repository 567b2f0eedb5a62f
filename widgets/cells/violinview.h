// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractScrollArea>
#include <QString>
#include <memory>

#include "cells/groupstatistics.h"
#include "plot/palette.h"

namespace cellocus {

class ViolinPlot;

/// Distributions of a value by group: kernel density violins of equal width with a box (quartiles,
/// whiskers 1.5 IQR) and a median bar, n under each. With REF and ALT values a violin is split: REF
/// left, ALT right. Groups that do not fit are reached by scrolling. A click or Enter activates a
/// group; arrows move.
class ViolinView : public QAbstractScrollArea {
  Q_OBJECT

 public:
  explicit ViolinView(QWidget* parent = nullptr);
  ~ViolinView() override;

  void setValues(const GroupedValues& values);
  const GroupedValues& values() const;
  /// Shown instead of violins: "Choose a gene." Empty to show violins again.
  void setMessage(const QString& message);
  /// The group marked by the keyboard or a click; -1 for none.
  int currentGroup() const;
  void setCurrentGroup(int group);

  /// The one way to draw, on screen and for export: all groups in a figure of `size`.
  void paint(QPainter& painter, const QSize& size, const Theme& theme) const;
  /// Width at which no two labels collide, for export and scrolling.
  int naturalWidth() const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 signals:
  void groupActivated(const QString& name);

 protected:
  bool viewportEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  int groupAt(const QPoint& position) const;
  void updateScrollBar();
  void showGroup(int group);
  void activate(int group);
  QString groupToolTip(int group) const;
  void announce();

  std::unique_ptr<ViolinPlot> m_plot;
  QString m_message;
  int m_current = -1;
};

}  // namespace cellocus
