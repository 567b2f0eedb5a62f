// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>
#include <memory>
#include <utility>

#include "base/matrix.h"

namespace cellocus {

/// Two values of the same things against each other (observed and predicted expression), with the
/// line where both agree. Of more than mostPoints a fixed sample is drawn, and the title says so.
class PointChart : public QWidget {
  Q_OBJECT

 public:
  static constexpr Eigen::Index mostPoints = 5000;

  explicit PointChart(QWidget* parent = nullptr);
  ~PointChart() override;

  struct Data {
    Vector x, y;  ///< equally many; pairs with a value that is not finite are left out
    QString title, xName, yName;
    QString pointName;  ///< what a point is, many of them: "cells"
  };
  void setData(const Data& values);
  /// Shown instead of points.
  void setMessage(const QString& message);
  Eigen::Index shownPoints() const;
  QString title() const;
  /// The one way to draw for export.
  void paint(QPainter& painter, const QSize& size) const;

  QSize sizeHint() const override { return {280, 240}; }

 protected:
  void changeEvent(QEvent* event) override;

 private:
  struct Parts;
  void buildChart();
  void restyle();

  std::unique_ptr<Parts> m;
};

}  // namespace cellocus
