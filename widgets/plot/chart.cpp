// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/chart.h"

#include <QAbstractAxis>
#include <QChart>
#include <QChartView>
#include <QLegend>
#include <QPen>

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

QChartView* makeChartView(QChart* chart, const QString& accessibleName, QWidget* parent) {
  auto* view = new QChartView(chart, parent);
  view->setRenderHint(QPainter::Antialiasing);
  view->setFrameShape(QFrame::NoFrame);
  view->setFocusPolicy(Qt::StrongFocus);
  view->setAccessibleName(accessibleName);
  return view;
}

}  // namespace cellocus
