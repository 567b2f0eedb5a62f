// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/matrix.h"
#include "cells/cellcolouring.h"
#include "cells/cellselection.h"

namespace cellocus {

/// Counts of the finite values in equal bins from the lowest to the highest; NaN and infinite ones
/// are missing.
struct Histogram {
  double low = 0, high = 1;
  std::vector<std::int64_t> counts;
  std::int64_t missing = 0;
};
/// 50 bins; one, a unit wide, where all values agree; none where there is no value.
Histogram histogramOf(const Vector& values);

/// How the coloured value is distributed over the cells. Dragging over it brushes a range; a click,
/// Esc or a range of no width clears it. Arrow keys move the brush, Shift+arrows its upper end.
class HistogramView : public QWidget {
  Q_OBJECT

 public:
  enum class CountAxis { Linear, Logarithmic };
  Q_ENUM(CountAxis)

  explicit HistogramView(QWidget* parent = nullptr);
  ~HistogramView() override;

  /// Values, title and unit; categories have no histogram and show a sentence instead.
  void setColouring(const CellColouring& colouring);
  CountAxis countAxis() const;
  /// The brushed range of values, if any.
  std::optional<std::pair<double, double>> range() const;
  /// Draws the chart as shown.
  void paint(QPainter& painter, const QSize& size, const Theme& theme) const;

  QSize sizeHint() const override;

 public slots:
  void setCountAxis(cellocus::HistogramView::CountAxis axis);
  void setRange(double low, double high);  ///< without telling anybody
  void clearRange();                       ///< without telling anybody

 signals:
  void rangeSelected(double low, double high);
  void rangeCleared();

 protected:
  void changeEvent(QEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  struct Parts;
  void buildChart();
  void showHistogram();
  void showValueAxis();
  void showCountAxis();
  void showRange();
  void styleParts();
  void brushTo(const QPointF& position);
  void finishBrush();
  void moveBrush(int steps, Qt::KeyboardModifiers modifiers);
  double valueAt(const QPointF& position) const;

  std::unique_ptr<Parts> m;
};

/// The cells whose value lies in low..high (both included), as a brush of the histogram chooses
/// them.
CellSelection cellsInRange(const Vector& values, double low, double high);

}  // namespace cellocus
