// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>
#include <QString>
#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

#include "plot/palette.h"

namespace cellocus {

/// One line of a LineChart. `colour` counts through colours that colour-blind people tell apart;
/// lines of the same colour differ by being dashed.
struct Curve {
  QString name;
  int colour = 0;
  enum class Stroke { Solid, Dashed } stroke = Stroke::Solid;
  QList<QPointF> points;  ///< a point whose y is not finite interrupts nothing: it is left out
};

/// Curves over a whole-numbered axis that grow while something runs (loss and correlations over
/// epochs). The y axis follows the values; a marked x (the epoch whose model is kept) is a dotted
/// line. Tooltip: the values at the x nearest to the mouse.
class LineChart : public QWidget {
  Q_OBJECT

 public:
  LineChart(const QString& xName, const QString& yName, QWidget* parent = nullptr);
  ~LineChart() override;

  void setCurves(const std::vector<Curve>& curves);
  void setMarked(std::optional<double> x, const QString& name = {});
  /// Shown while there is no curve with a point.
  void setMessage(const QString& message);
  /// The one way to draw for export.
  void paint(QPainter& painter, const QSize& size) const;
  /// "epoch 3: train 0.41, validation 0.39" at the x nearest to the position; empty if none.
  QString readout(const QPointF& position) const;

  QSize sizeHint() const override { return {360, 220}; }

 protected:
  void changeEvent(QEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  struct Parts;
  void buildChart(const QString& xName, const QString& yName);
  void fitAxes();
  void restyle();

  std::unique_ptr<Parts> m;
};

}  // namespace cellocus
