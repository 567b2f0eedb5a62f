// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <limits>

#include "plot/ticks.h"
#include "plot/viewport.h"

using namespace cellocus;

class AxesTest : public QObject {
  Q_OBJECT

 private slots:
  void zoomKeepsTheValueUnderTheCursor() {
    Viewport view(1000, 3000, 130, 800);
    const double value = view.toValue(400);
    for (int i = 0; i < 20; ++i) view = view.zoomed(1.25, 400);
    QVERIFY(std::abs(view.toValue(400) - value) < 1e-6);
    QVERIFY(std::abs(view.span() - 2000 / std::pow(1.25, 20)) < 1e-6);
  }

  void clampMovesBeforeItShrinks() {
    const Viewport view = Viewport(-50, 50, 0, 100).clamped({0, 1000, 10});
    QCOMPARE(view.start(), 0.0);
    QCOMPARE(view.span(), 100.0);
    const Viewport all = Viewport(-5000, 5000, 0, 100).clamped({0, 1000, 10});
    QCOMPARE(all.start(), 0.0);
    QCOMPARE(all.end(), 1000.0);
    QCOMPARE(Viewport(500, 501, 0, 100).clamped({0, 1000, 10}).span(), 10.0);
  }

  void clampOfAContigShorterThanTheSmallestSpanShowsItWhole() {
    const Viewport view = Viewport(0, 100, 0, 100).clamped({0, 4, 10});
    QCOMPARE(view.start(), 0.0);
    QCOMPARE(view.span(), 4.0);
  }

  void nothingDividesByZero() {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    for (const Viewport& view :
         {Viewport(0, 0, 0, 0), Viewport(nan, nan, nan, nan), Viewport(5, 1, 0, -3)}) {
      QVERIFY(std::isfinite(view.toPixel(1)));
      QVERIFY(std::isfinite(view.toValue(1)));
      QVERIFY(std::isfinite(view.zoomed(0, 1).span()));
      QVERIFY(std::isfinite(view.clamped({0, 0, 10}).span()));
    }
  }

  void ticksAreNiceAndInside() {
    const auto ticks = niceTicks(0, 12.3, 4);
    QCOMPARE(ticks.size(), std::size_t(3));
    QCOMPARE(ticks[2].value, 10.0);
    QCOMPARE(ticks[1].label, QString("5"));
    QCOMPARE(niceTicks(-0.02, 0.02, 4).front().label, QString::fromUtf8("−0.02"));
    QCOMPARE(niceTicks(0, 4100, 2).back().label, QString("4,000"));
    QVERIFY(niceTicks(3, 3, 4).empty());
    QVERIFY(niceTicks(0, std::numeric_limits<double>::infinity(), 4).empty());
  }

  void ceilingIsTheEndOfAnAxis() {
    QCOMPARE(niceCeiling(0), 1.0);
    QCOMPARE(niceCeiling(0.7), 0.8);
    QCOMPARE(niceCeiling(12.1), 15.0);
    QCOMPARE(niceCeiling(8.5), 10.0);
    QCOMPARE(niceCeiling(21), 25.0);
    QCOMPARE(niceCeiling(5e-7), 5e-7);
  }

  void positionsAreLabelledFromOne() {
    // The bases 1..20 of a contig: position 10 is the base [9, 10).
    const auto ticks = genomicTicks(0, 20, 4);
    QCOMPARE(ticks.front().label, QString("5"));
    QCOMPARE(ticks.front().value, 4.5);
    QCOMPARE(genomicTicks(11'699'990, 11'760'000, 6).front().label, QString("11,700 kb"));
    QCOMPARE(genomicTicks(0, 145'138'636, 7)[0].label, QString("20 Mb"));
  }

  void ticksOfAHugeContigAreFew() {
    for (double span = 10; span < 4e9; span *= 3) {
      const auto ticks = genomicTicks(3e9 - span, 3e9, 8);
      QVERIFY(ticks.size() <= 20);
      QVERIFY(!ticks.empty());
    }
  }
};

QTEST_GUILESS_MAIN(AxesTest)
#include "axes_test.moc"
