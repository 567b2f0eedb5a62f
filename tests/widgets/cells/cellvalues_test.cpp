// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPolygonF>
#include <QtTest>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "base/error.h"
#include "cells/cellcolouring.h"
#include "cells/cellselection.h"
#include "cells/groupstatistics.h"
#include "cells/histogramview.h"
#include "cells/lasso.h"
#include "cells/pointgrid.h"
#include "cells/splat.h"

using namespace cellocus;

namespace {

constexpr float missing = std::numeric_limits<float>::quiet_NaN();

Vector vectorOf(std::initializer_list<float> values) {
  Vector vector(static_cast<Eigen::Index>(values.size()));
  std::copy(values.begin(), values.end(), vector.begin());
  return vector;
}

Matrix randomPoints(int count, float spread) {
  std::mt19937 random(7);
  std::uniform_real_distribution<float> place(-spread, spread);
  Matrix points(count, 2);
  for (int i = 0; i < count; ++i) points.row(i) << place(random), place(random);
  return points;
}

template <typename Action>
std::string codeOf(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return "nothing thrown";
}

/// Winding number by summed angles: another method than the one tested, and slow.
bool slowlyInside(const std::vector<QPointF>& corners, double x, double y) {
  double turned = 0;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const QPointF a = corners[i] - QPointF(x, y);
    const QPointF b = corners[(i + 1) % corners.size()] - QPointF(x, y);
    turned += std::atan2(a.x() * b.y() - a.y() * b.x(), a.x() * b.x() + a.y() * b.y());
  }
  return std::abs(turned) > 1;
}

void compareWithSlow(const std::vector<QPointF>& corners) {
  const Matrix points = randomPoints(20'000, 3);
  const CellSelection inside = Lasso(corners).select(points);
  for (Eigen::Index cell = 0; cell < points.rows(); ++cell)
    QCOMPARE(inside.test(cell), slowlyInside(corners, points(cell, 0), points(cell, 1)));
  QVERIFY(inside.count() > 100);
  QVERIFY(inside.count() < points.rows() - 100);
}

}  // namespace

class CellValuesTest : public QObject {
  Q_OBJECT

 private slots:
  void setOperationsActOnEveryCell();
  void invertLeavesNoCellsBeyondTheEnd();
  void equalSelectionsHaveEqualHashes();
  void selectionsOfOtherDatasetsAreRefused();
  void lassoHoldsExactlyThePointsInside();
  void lassoThatCrossesItselfHasNoHole();
  void lassoWithoutAreaHoldsNothing();
  void lassoIgnoresPointsWithoutPlace();
  void nearestPointIsTheNearest();
  void squaresAndDiscsStandWhereTheTransformSays();
  void sequentialLimitsAreTheOuterPercentiles();
  void mostlyZeroValuesStartAtZeroAndZerosAreGrey();
  void divergingLimitsAreSymmetric();
  void limitsIgnoreMissingValues();
  void constantAndEmptyColumnsHaveUsableLimits();
  void lockedLimitsAreKept();
  void missingCellsAreGreyAndCounted();
  void wrongCategoryCodesAreRefused();
  void moreCategoriesThanColoursStillDraw();
  void highValuesAndStrongDifferencesAreOnTop();
  void categoriesAreDrawnInAFixedRandomOrder();
  void quartilesAndWhiskersAreThoseOfR();
  void violinEndsAtTheExtremesAndPeaksAtOne();
  void violinOfConstantAndOfNothing();
  void largeGroupsAreSampledAndSaySo();
  void groupsKeepEmptyOnesAndDropUngrouped();
  void histogramCountsEveryValueOnce();
  void rangeChoosesCellsIncludingItsEnds();
};

void CellValuesTest::setOperationsActOnEveryCell() {
  const std::vector<std::int64_t> a{0, 63, 64, 99}, b{63, 70, 99};
  CellSelection united = CellSelection::of(100, a);
  united.unite(CellSelection::of(100, b));
  QCOMPARE(united.cells(), (std::vector<std::int64_t>{0, 63, 64, 70, 99}));
  CellSelection rest = CellSelection::of(100, a);
  rest.subtract(CellSelection::of(100, b));
  QCOMPARE(rest.cells(), (std::vector<std::int64_t>{0, 64}));
  CellSelection both = CellSelection::of(100, a);
  both.intersect(CellSelection::of(100, b));
  QCOMPARE(both.cells(), (std::vector<std::int64_t>{63, 99}));
  both.reset(63);
  QVERIFY(!both.test(63) && both.test(99) && !both.test(-1) && !both.test(100));
}

void CellValuesTest::invertLeavesNoCellsBeyondTheEnd() {
  for (const std::int64_t cells : {0, 1, 63, 64, 65, 128, 1000}) {
    CellSelection selection(cells);
    selection.invert();
    QCOMPARE(selection.count(), cells);
    QCOMPARE(selection, CellSelection::all(cells));
    selection.invert();
    QVERIFY(selection.empty());
  }
}

void CellValuesTest::equalSelectionsHaveEqualHashes() {
  const std::vector<std::int64_t> one{3}, other{4};
  QCOMPARE(CellSelection::of(10, one).hash(), CellSelection::of(10, one).hash());
  QVERIFY(CellSelection::of(10, one).hash() != CellSelection::of(10, other).hash());
  QVERIFY(CellSelection(10).hash() != CellSelection(11).hash());
}

void CellValuesTest::selectionsOfOtherDatasetsAreRefused() {
  CellSelection ten(10);
  QCOMPARE(codeOf([&] { ten.unite(CellSelection(11)); }), std::string("CELL_COUNT"));
  const std::vector<std::int64_t> outside{10};
  QCOMPARE(codeOf([&] { CellSelection::of(10, outside); }), std::string("CELL_INDEX"));
}

void CellValuesTest::lassoHoldsExactlyThePointsInside() {
  std::vector<QPointF> star;
  for (int i = 0; i < 300; ++i) {
    const double angle = i * 2 * M_PI / 300, radius = 1.8 + 0.7 * std::sin(9 * angle);
    star.emplace_back(radius * std::cos(angle), radius * std::sin(angle));
  }
  compareWithSlow(star);
  compareWithSlow({{-2, -1}, {2, -1}, {2, 1.5}, {-2, 1.5}});  // level and upright edges
}

void CellValuesTest::lassoThatCrossesItselfHasNoHole() {
  std::vector<QPointF> twice;
  for (int i = 0; i < 100; ++i) {
    const double angle = i * 4 * M_PI / 100, radius = 1 + 0.01 * i;
    twice.emplace_back(radius * std::cos(angle), radius * std::sin(angle));
  }
  compareWithSlow(twice);
  QVERIFY(Lasso(twice).contains(0, 0));
}

void CellValuesTest::lassoWithoutAreaHoldsNothing() {
  const Matrix points = randomPoints(100, 1);
  QVERIFY(Lasso({}).select(points).empty());
  QVERIFY(Lasso({{0, 0}, {1, 1}}).select(points).empty());
  QVERIFY(Lasso({{0, 0}, {1, 0}, {2, 0}}).select(points).empty());
}

void CellValuesTest::lassoIgnoresPointsWithoutPlace() {
  Matrix points(3, 2);
  points << 0, 0, missing, 0, 0, std::numeric_limits<float>::infinity();
  const CellSelection inside = Lasso({{-1, -1}, {1, -1}, {1, 1}, {-1, 1}}).select(points);
  QCOMPARE(inside.cells(), (std::vector<std::int64_t>{0}));
}

void CellValuesTest::nearestPointIsTheNearest() {
  Matrix points = randomPoints(5'000, 2);
  points(17, 0) = missing;
  const PointGrid grid(points);
  std::mt19937 random(3);
  std::uniform_real_distribution<double> place(-2.2, 2.2);
  for (int trial = 0; trial < 200; ++trial) {
    const double x = place(random), y = place(random);
    std::int64_t expected = -1;
    double best = 0.03 * 0.03;
    for (Eigen::Index cell = 1; cell < points.rows(); ++cell) {
      const double dx = points(cell, 0) - x, dy = points(cell, 1) - y;
      if (!(dx * dx + dy * dy <= best)) continue;
      best = dx * dx + dy * dy;
      expected = cell;
    }
    QCOMPARE(grid.nearest(x, y, 0.03, [](std::int64_t cell) { return cell != 0; }), expected);
  }
  QCOMPARE(PointGrid(Matrix(0, 2)).nearest(0, 0, 1, [](std::int64_t) { return true; }), -1);
}

void CellValuesTest::squaresAndDiscsStandWhereTheTransformSays() {
  ScatterTransform transform;
  transform.centre = {0, 0};
  transform.pixelCentre = {50, 50};
  transform.perUnit = 10;
  const std::vector<Dot> dots{
      {2, 3, qRgb(255, 0, 0)}, {missing, 0, qRgb(0, 255, 0)}, {100, 0, qRgb(0, 0, 255)}};
  for (const double diameter : {1.0, 2.0, 5.0}) {
    const QImage image = splat(dots, transform, {100, 100}, diameter);
    QPointF middle;
    double weight = 0;
    for (int y = 0; y < 100; ++y)
      for (int x = 0; x < 100; ++x) {
        const QRgb pixel = image.pixel(x, y);
        QVERIFY(qGreen(pixel) == 0 && qBlue(pixel) == 0);
        middle += QPointF(x + 0.5, y + 0.5) * qAlpha(pixel);
        weight += qAlpha(pixel);
      }
    middle /= weight;
    const double expected = diameter == 5 ? M_PI * 6.25 : diameter * diameter;
    QVERIFY2(std::abs(weight / 255 - expected) < 0.6, qPrintable(QString::number(weight / 255)));
    QVERIFY(std::abs(middle.x() - 70) <= 0.51 && std::abs(middle.y() - 20) <= 0.51);
  }
}

void CellValuesTest::sequentialLimitsAreTheOuterPercentiles() {
  Vector values(1'001);
  for (int i = 0; i <= 1'000; ++i) values[i] = static_cast<float>(1'000 - i);
  const ColourLimits limits = defaultLimits(values, CellColouring::Kind::Sequential);
  QCOMPARE(limits, (ColourLimits{10, 990, false}));
}

void CellValuesTest::mostlyZeroValuesStartAtZeroAndZerosAreGrey() {
  Vector values = Vector::Zero(1'000);
  for (int i = 0; i < 300; ++i) values[i] = 2 + 0.01f * static_cast<float>(i);
  const auto colouring = CellColouring::sequential("GATA4", values, "log1p counts");
  QCOMPARE(colouring.limits.low, 0.0);
  QVERIFY(colouring.limits.high > 4.5 && colouring.limits.high < 5);
  QCOMPARE(colouring.zeroCount(), 700);
  const auto indices = colourIndices(colouring, 1'000, Theme::light());
  QCOMPARE(indices.ofCell[999], 0);
  QVERIFY(indices.ofCell[0] > 0);
  // One expressing cell in a hundred and fewer: the percentiles are all zero, the range is shown
  // instead.
  Vector rare = Vector::Zero(1'000);
  rare[5] = 3;
  QCOMPARE(defaultLimits(rare, CellColouring::Kind::Sequential).high, 3.0);
}

void CellValuesTest::divergingLimitsAreSymmetric() {
  Vector values(200);
  for (int i = 0; i < 200; ++i) values[i] = static_cast<float>(i) - 50;
  const ColourLimits limits = defaultLimits(values, CellColouring::Kind::Diverging);
  QCOMPARE(limits.low, -limits.high);
  QVERIFY(limits.high >= 145 && limits.high <= 149);
  const auto colouring = CellColouring::diverging("Δ", vectorOf({-1, 0, 1}), "");
  const auto indices = colourIndices(colouring, 3, Theme::light());
  QVERIFY(std::abs(indices.ofCell[1] - 128) <= 1);  // zero in the middle
  QCOMPARE(indices.ofCell[0], 1);
  QCOMPARE(indices.ofCell[2], 256);
}

void CellValuesTest::limitsIgnoreMissingValues() {
  const float infinity = std::numeric_limits<float>::infinity();
  const auto limits =
      defaultLimits(vectorOf({missing, 1, 2, infinity, missing}), CellColouring::Kind::Sequential);
  QCOMPARE(limits, (ColourLimits{1, 2, false}));
}

void CellValuesTest::constantAndEmptyColumnsHaveUsableLimits() {
  using Kind = CellColouring::Kind;
  const auto constant = CellColouring::sequential("age", vectorOf({3, 3, missing, 3}), "years");
  QVERIFY(constant.constant());
  QCOMPARE(constant.limits, (ColourLimits{2.5, 3.5, false}));
  for (const Vector& values : {Vector(), vectorOf({missing, missing}), vectorOf({0, 0})})
    for (const Kind kind : {Kind::Sequential, Kind::Diverging}) {
      const ColourLimits limits = defaultLimits(values, kind);
      QVERIFY(std::isfinite(limits.low) && limits.low < limits.high);
    }
  QVERIFY(!CellColouring::sequential("x", vectorOf({missing, missing}), "").constant());
  QVERIFY(!CellColouring::sequential("x", vectorOf({1, 2}), "").constant());
}

void CellValuesTest::lockedLimitsAreKept() {
  auto before = CellColouring::sequential("a", vectorOf({0, 1, 2}), "");
  auto after = CellColouring::sequential("b", vectorOf({0, 10, 20}), "");
  const ColourLimits own = after.limits;
  after.keepLockedLimits(before);
  QCOMPARE(after.limits, own);
  before.limits = {0.5, 1.5, true};
  after.keepLockedLimits(before);
  QCOMPARE(after.limits, before.limits);
  auto difference = CellColouring::diverging("c", vectorOf({-1, 1}), "");
  difference.keepLockedLimits(before);
  QCOMPARE(difference.limits.low, -1.0);
}

void CellValuesTest::missingCellsAreGreyAndCounted() {
  const auto values = CellColouring::sequential("x", vectorOf({1, missing, 2, missing}), "TPM");
  QCOMPARE(values.missingCount(), 2);
  QCOMPARE(values.textOf(1), QString("no value"));
  QVERIFY(values.textOf(2).startsWith("2") && values.textOf(2).endsWith("TPM"));
  const auto types = CellColouring::category("Type", {"a", "b"}, {0, -1, 1, 1});
  QCOMPARE(types.missingCount(), 1);
  QCOMPARE(types.categoryCounts(), (std::vector<std::int64_t>{1, 2}));
  for (const Theme* theme : {&Theme::light(), &Theme::dark()})
    for (const auto* colouring : {&values, &types}) {
      const auto indices = colourIndices(*colouring, 4, *theme);
      QCOMPARE(indices.ofCell[1], 0);
      const QColor grey = indices.table[0];
      QCOMPARE(grey.alpha(), 255);
      QVERIFY(grey.saturationF() < 0.1);
      for (const QRgb colour : indices.table) QCOMPARE(qAlpha(colour), 255);
    }
}

void CellValuesTest::wrongCategoryCodesAreRefused() {
  QCOMPARE(codeOf([] {
             CellColouring::category("t", {"a"}, {0, 1});
           }),
           std::string("CATEGORY_CODE"));
  QCOMPARE(codeOf([] { CellColouring::category("t", {"a"}, {-2}); }), std::string("CATEGORY_CODE"));
  QStringList barcodes;
  for (int i = 0; i < 70'000; ++i) barcodes << QString::number(i);
  QCOMPARE(codeOf([&] { CellColouring::category("barcode", barcodes, {0}); }),
           std::string("CATEGORY_COUNT"));
}

void CellValuesTest::moreCategoriesThanColoursStillDraw() {
  QStringList names;
  std::vector<std::int32_t> codes;
  for (int i = 0; i < 250; ++i) {
    names << QString("cluster %1").arg(i);
    codes.push_back(i);
  }
  const auto colouring = CellColouring::category("Leiden", names, codes);
  const auto indices = colourIndices(colouring, 250, Theme::light());
  QCOMPARE(indices.table.size(), 251u);
  QCOMPARE(indices.ofCell[249], 250);
}

void CellValuesTest::highValuesAndStrongDifferencesAreOnTop() {
  const auto values = CellColouring::sequential("x", vectorOf({5, missing, -1, 2, 1e-9f}), "");
  QCOMPARE(drawOrder(values, 5), (std::vector<std::uint32_t>{1, 2, 4, 3, 0}));
  const auto changes = CellColouring::diverging("x", vectorOf({0.1f, -3, missing, 2, 0}), "");
  QCOMPARE(drawOrder(changes, 5), (std::vector<std::uint32_t>{2, 4, 0, 3, 1}));
}

void CellValuesTest::categoriesAreDrawnInAFixedRandomOrder() {
  std::vector<std::int32_t> codes(1'000);
  for (int i = 0; i < 1'000; ++i) codes[static_cast<std::size_t>(i)] = i < 10 ? -1 : i >= 500;
  const auto colouring = CellColouring::category("t", {"a", "b"}, codes);
  const auto order = drawOrder(colouring, 1'000);
  QCOMPARE(order, drawOrder(colouring, 1'000));
  auto sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (std::uint32_t i = 0; i < 1'000; ++i) QCOMPARE(sorted[i], i);
  for (std::size_t i = 0; i < 10; ++i) QVERIFY(order[i] < 10);  // missing at the bottom
  int late = 0;  // of the second category among the first half: about half if mixed
  for (std::size_t i = 10; i < 505; ++i) late += order[i] >= 500;
  QVERIFY(late > 200 && late < 300);
}

void CellValuesTest::quartilesAndWhiskersAreThoseOfR() {
  const GroupStatistics s = groupStatistics({1, 2, 3, 4, 100, missing, 0, -1});
  QCOMPARE(s.n, 7);
  QCOMPARE(s.missing, 1);
  QCOMPARE(s.median, 2.0);
  QCOMPARE(s.lowerQuartile, 0.5);
  QCOMPARE(s.upperQuartile, 3.5);
  QCOMPARE(s.lowerWhisker, -1.0);
  QCOMPARE(s.upperWhisker, 4.0);
  QCOMPARE(s.highest, 100.0);
  QCOMPARE(s.positive, 5.0 / 7);
  QVERIFY(qFuzzyCompare(s.mean, 109.0 / 7));
  const GroupStatistics nothing = groupStatistics({missing});
  QCOMPARE(nothing.n, 0);
  QVERIFY(std::isnan(nothing.mean) && std::isnan(nothing.positive));
}

void CellValuesTest::violinEndsAtTheExtremesAndPeaksAtOne() {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(5, 1);
  std::vector<float> values(2'000);
  for (float& value : values) value = normal(random);
  const ViolinShape shape = violinShape(values);
  QCOMPARE(static_cast<float>(shape.low), *std::min_element(values.begin(), values.end()));
  QCOMPARE(static_cast<float>(shape.high), *std::max_element(values.begin(), values.end()));
  const auto peak = std::max_element(shape.width.begin(), shape.width.end());
  QCOMPARE(*peak, 1.0);
  const double at = shape.low + (shape.high - shape.low) * double(peak - shape.width.begin()) /
                                    double(shape.width.size() - 1);
  QVERIFY(std::abs(at - 5) < 0.4);
  QCOMPARE(shape.sampledFrom, 0);
}

void CellValuesTest::violinOfConstantAndOfNothing() {
  QVERIFY(violinShape({}).width.empty());
  QVERIFY(violinShape({missing}).width.empty());
  QCOMPARE(violinShape({2, 2, 2}).width.size(), 1u);
  QCOMPARE(violinShape({2}).width.size(), 1u);
  std::vector<float> zeros(100, 0.0f);
  zeros[0] = 1;  // the spread of what is not zero vanishes too
  for (const double width : violinShape(zeros).width) QVERIFY(std::isfinite(width));
}

void CellValuesTest::largeGroupsAreSampledAndSaySo() {
  std::vector<float> values(20'000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 977);
  const ViolinShape shape = violinShape(values);
  QCOMPARE(shape.sampledFrom, 20'000);
  QCOMPARE(shape.width, violinShape(values).width);
  QCOMPARE(shape.high, 976.0);
}

void CellValuesTest::groupsKeepEmptyOnesAndDropUngrouped() {
  CodedValues coded{vectorOf({1, 2, 3}), vectorOf({4, 5, 6}), {0, -1, 0}, {"a", "empty"}, {}};
  const auto groups = violinGroups(coded);
  QCOMPARE(groups.size(), 2u);
  QCOMPARE(groups[0].values, (std::vector<float>{1, 3}));
  QCOMPARE(groups[0].alt, (std::vector<float>{4, 6}));
  QVERIFY(groups[1].values.empty());
  coded.codes.pop_back();
  QCOMPARE(codeOf([&] { violinGroups(coded); }), std::string("CELL_COUNT"));
}

void CellValuesTest::histogramCountsEveryValueOnce() {
  const Histogram histogram = histogramOf(vectorOf({0, 0, 1, 10, missing, 5}));
  QCOMPARE(histogram.missing, 1);
  QCOMPARE(std::accumulate(histogram.counts.begin(), histogram.counts.end(), std::int64_t{0}), 5);
  QCOMPARE(histogram.counts.front(), 2);
  QCOMPARE(histogram.counts.back(), 1);
  QCOMPARE(histogramOf(vectorOf({4, 4})).counts, (std::vector<std::int64_t>{2}));
  QVERIFY(histogramOf(vectorOf({missing})).counts.empty());
}

void CellValuesTest::rangeChoosesCellsIncludingItsEnds() {
  QCOMPARE(cellsInRange(vectorOf({0, 1, missing, 2, 3}), 1, 2).cells(),
           (std::vector<std::int64_t>{1, 3}));
}

QTEST_MAIN(CellValuesTest)
#include "cellvalues_test.moc"
