// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/chart.h"

#include <QAbstractAxis>
#include <QChart>
#include <QChartView>
#include <QGraphicsLayout>
#include <QLegend>
#include <QPen>
#include <QValueAxis>
#include <algorithm>
#include <cmath>

#include "plot/ticks.h"

namespace cellocus {

void styleChart(QChart& chart, const Theme& theme) {
  chart.setBackgroundBrush(theme.background);
  chart.setBackgroundPen(Qt::NoPen);
  chart.setBackgroundRoundness(0);
  chart.setPlotAreaBackgroundVisible(false);
  chart.setMargins(QMargins(4, 4, 4, 4));
  chart.setAnimationOptions(QChart::NoAnimation);
  QFont titleFont = chart.titleFont();
  titleFont.setBold(false);
  chart.setTitleFont(titleFont);
  chart.setTitleBrush(theme.text);
  chart.legend()->setLabelBrush(theme.text);
  chart.legend()->setMarkerShape(QLegend::MarkerShapeFromSeries);
  for (QAbstractAxis* axis : chart.axes()) styleAxis(*axis, theme);
}

void styleAxis(QAbstractAxis& axis, const Theme& theme) {
  axis.setLinePen(QPen(theme.axis, 1));
  axis.setGridLinePen(QPen(theme.grid, 1));
  axis.setMinorGridLineVisible(false);
  axis.setLabelsBrush(theme.mutedText);
  axis.setTitleBrush(theme.text);
  QFont titleFont = axis.titleFont();
  titleFont.setBold(false);
  axis.setTitleFont(titleFont);
  axis.setShadesVisible(false);
}

void useFonts(QChart& chart, const QFont& font) {
  QFont small = font;
  if (font.pointSizeF() > 0) small.setPointSizeF(font.pointSizeF() * 0.88);
  for (QAbstractAxis* axis : chart.axes()) {
    axis->setLabelsFont(small);
    axis->setTitleFont(font);
  }
  chart.setTitleFont(font);
  chart.legend()->setFont(font);
}

void showRange(QValueAxis& axis, double low, double high, int ticks) {
  const double step = niceStep(high - low, ticks);
  const int decimals = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
  axis.setTickType(QValueAxis::TicksDynamic);
  axis.setTickAnchor(0);
  axis.setTickInterval(step);
  axis.setLabelFormat(QStringLiteral("%.%1f").arg(decimals));
  axis.setRange(low, high);
}

QChartView* makeChartView(QChart* chart, const QString& accessibleName, QWidget* parent) {
  chart->layout()->setContentsMargins(0, 0, 0, 0);
  auto* view = new QChartView(chart, parent);
  view->setRenderHint(QPainter::Antialiasing);
  view->setFrameShape(QFrame::NoFrame);
  view->setFocusPolicy(Qt::StrongFocus);
  view->setAccessibleName(accessibleName);
  return view;
}

}  // namespace cellocus
