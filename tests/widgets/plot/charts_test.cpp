// SPDX-License-Identifier: GPL-3.0-or-later
#include <QChart>
#include <QChartView>
#include <QHelpEvent>
#include <QLabel>
#include <QLineSeries>
#include <QToolTip>
#include <QValueAxis>
#include <QtTest>
#include <limits>

#include "plot/linechart.h"
#include "plot/pointchart.h"

using namespace cellocus;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

std::vector<Curve> curves() {
  return {{"train", 0, Curve::Stroke::Solid, {{1, 0.2}, {2, 0.3}, {3, 0.5}}},
          {"validation", 0, Curve::Stroke::Dashed, {{1, missing}, {2, 0.25}, {3, 0.2}}},
          {"test", 1, Curve::Stroke::Solid, {{1, missing}}}};
}

QChart& chartOf(const QWidget& widget) {
  return *widget.findChild<QChartView*>()->chart();
}

/// The label that stands in place of the chart.
QLabel* messageOf(const QWidget& chart) {
  for (QLabel* label : chart.findChildren<QLabel*>())
    if (label->objectName().isEmpty()) return label;
  return nullptr;
}

bool isShown(const QWidget& widget, const QWidget& part) {
  return part.isVisibleTo(&widget);
}

}  // namespace

class ChartsTest : public QObject {
  Q_OBJECT

 private slots:
  void curvesAreDrawnWhereTheyHaveValues();
  void aCurveWithoutValuesIsNotInTheLegend();
  void theTooltipReadsAllCurvesAtTheNearestEpoch();
  void withoutAnyValueTheMessageStands();
  void newCurvesReplaceTheOldOnes();
  void pointsBeyondTheMostAreASampleAndTheTitleSaysSo();
  void pairsThatAreNotFiniteAreLeftOut();
  void aMessageReplacesThePoints();
};

void ChartsTest::curvesAreDrawnWhereTheyHaveValues() {
  LineChart chart("Epoch", "Pearson's r");
  chart.resize(400, 260);
  chart.setCurves(curves());
  chart.setMarked(3, "kept");
  chart.show();
  QVERIFY(QTest::qWaitForWindowExposed(&chart));
  int points = 0;
  for (QAbstractSeries* series : chartOf(chart).series()) {
    auto* line = qobject_cast<QLineSeries*>(series);
    QVERIFY(line);
    if (line->name() != "kept") points += line->count();
  }
  QCOMPARE(points, 5);
  auto* y = qobject_cast<QValueAxis*>(chartOf(chart).axes(Qt::Vertical).front());
  QVERIFY(y->min() < 0.2 && y->max() > 0.5);
  QVERIFY(y->min() > 0 && y->max() < 0.6);
}

void ChartsTest::aCurveWithoutValuesIsNotInTheLegend() {
  LineChart chart("Epoch", "r");
  chart.setCurves(curves());
  chart.show();
  QVERIFY(QTest::qWaitForWindowExposed(&chart));
  const QString legend = chart.findChild<QLabel*>("chartLegend")->text();
  QVERIFY(legend.contains("train") && legend.contains("validation"));
  QVERIFY(!legend.contains("test"));
  chart.setMarked(2, "kept");
  QVERIFY(chart.findChild<QLabel*>("chartLegend")->text().contains("kept"));
}

void ChartsTest::theTooltipReadsAllCurvesAtTheNearestEpoch() {
  LineChart chart("Epoch", "r");
  chart.resize(400, 260);
  chart.setCurves(curves());
  chart.show();
  QVERIFY(QTest::qWaitForWindowExposed(&chart));
  auto* line = qobject_cast<QLineSeries*>(chartOf(chart).series().back());
  const QPointF at = chartOf(chart).mapToPosition({2.2, 0.4}, line);
  QCOMPARE(chart.readout(at), QString("Epoch 2\ntrain: 0.3\nvalidation: 0.25"));
  QVERIFY(chart.readout({-500, 0}).isEmpty());
}

void ChartsTest::withoutAnyValueTheMessageStands() {
  LineChart chart("Epoch", "r");
  chart.setMessage("Nothing was fitted yet.");
  chart.show();
  auto* label = messageOf(chart);
  QVERIFY(isShown(chart, *label));
  QCOMPARE(label->text(), QString("Nothing was fitted yet."));
  chart.setCurves(curves());
  QVERIFY(!isShown(chart, *label));
  chart.setCurves({});
  QVERIFY(isShown(chart, *label));
}

void ChartsTest::newCurvesReplaceTheOldOnes() {
  LineChart chart("Epoch", "r");
  chart.setCurves(curves());
  chart.setCurves({{"loss", 0, Curve::Stroke::Solid, {{1, 4}, {2, 3}}}});
  QStringList names;
  for (const QAbstractSeries* series : chartOf(chart).series())
    if (!series->name().isEmpty()) names << series->name();
  QCOMPARE(names, QStringList({"loss"}));
}

void ChartsTest::pointsBeyondTheMostAreASampleAndTheTitleSaysSo() {
  PointChart chart;
  const Vector x = Vector::LinSpaced(12'000, 0, 5);
  chart.setData({x, 0.5F * x, "GATA4, r = 1", "Observed", "Predicted", "cells"});
  QCOMPARE(chart.shownPoints(), PointChart::mostPoints);
  QCOMPARE(chart.title(), QString("GATA4, r = 1 (5,000 of 12,000 cells drawn)"));
}

void ChartsTest::pairsThatAreNotFiniteAreLeftOut() {
  PointChart chart;
  Vector x(4), y(4);
  x << 1, 2, 3, std::numeric_limits<float>::quiet_NaN();
  y << 1, std::numeric_limits<float>::infinity(), 2, 5;
  chart.setData({x, y, "two", "Observed", "Predicted", "cells"});
  QCOMPARE(chart.shownPoints(), 2);
  QCOMPARE(chart.title(), QString("two"));
}

void ChartsTest::aMessageReplacesThePoints() {
  PointChart chart;
  chart.setData({Vector::Ones(3), Vector::Ones(3), "equal", "Observed", "Predicted", "cells"});
  chart.setMessage("Select a gene.");
  chart.show();
  QCOMPARE(chart.shownPoints(), 0);
  QVERIFY(isShown(chart, *messageOf(chart)));
}

QTEST_MAIN(ChartsTest)
#include "charts_test.moc"
