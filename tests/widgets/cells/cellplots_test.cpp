// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QBuffer>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSvgGenerator>
#include <QToolButton>
#include <QXmlStreamReader>
#include <QtCharts/QChart>
#include <QtCharts/QChartView>
#include <QtTest>
#include <limits>

#include "cells/categorylist.h"
#include "cells/colourbar.h"
#include "cells/grouptable.h"
#include "cells/histogramview.h"
#include "cells/legendview.h"
#include "cells/violinview.h"

using namespace cellocus;

namespace {

constexpr float missing = std::numeric_limits<float>::quiet_NaN();

CellColouring types(int categories, int perCategory) {
  QStringList names;
  std::vector<std::int32_t> codes;
  for (int category = 0; category < categories; ++category) {
    names << QString("Type %1").arg(category);
    codes.insert(codes.end(), static_cast<std::size_t>(perCategory), category);
  }
  codes.push_back(-1);
  return CellColouring::category("Cell type", names, codes);
}

CellColouring ramp() {
  Vector values(101);
  for (int i = 0; i <= 100; ++i) values[i] = static_cast<float>(i);
  values[50] = missing;
  return CellColouring::sequential("GATA4", values, "log1p counts", "log(1 + x)");
}

GroupedValues groups() {
  GroupedValues values;
  values.title = "GATA4 by cell type";
  values.valueName = "Expression";
  values.unit = "log1p counts";
  values.formula = "log(1 + counts)";
  values.groups = {{"Cardiomyocyte", Qt::red, {1, 2, 3, missing}, {}},
                   {"Fibroblast", Qt::blue, {0, 0, 0, 4}, {}},
                   {"Nobody", Qt::green, {}, {}}};
  return values;
}

GroupedValues pairs() {
  GroupedValues values = groups();
  values.groups[0].alt = {2, 2, 5, 9};
  values.groups[1].alt = {0, 0, 0, 3};
  return values;
}

QRect rowOf(const LegendView& legend, int row) {
  auto* list = legend.findChild<QListView*>();
  return list->visualRect(list->model()->index(row, 0));
}

void clickName(const LegendView& legend, int row) {
  QTest::mouseClick(legend.findChild<QListView*>()->viewport(), Qt::LeftButton, {},
                    rowOf(legend, row).center());
}

QStringList textsOfSvg(const std::function<void(QPainter&)>& paint, const QSize& size) {
  QBuffer buffer;
  QSvgGenerator generator;
  generator.setOutputDevice(&buffer);
  generator.setSize(size);
  generator.setViewBox(QRect(QPoint(), size));
  QPainter painter(&generator);
  paint(painter);
  painter.end();
  QStringList texts;
  QXmlStreamReader reader(buffer.data());
  while (!reader.atEnd())
    if (reader.readNext() == QXmlStreamReader::StartElement && reader.name() == u"text")
      texts << reader.readElementText().trimmed();
  return texts;
}

}  // namespace

class CellPlotsTest : public QObject {
  Q_OBJECT

 private slots:
  void clickHighlightsAndDoubleClickIsolates();
  void checkBoxHidesACategory();
  void longLegendsCanBeSearched();
  void legendCountsMissingAndConstantCells();
  void draggingAHandleClipsTheScale();
  void handlesOfADifferenceMoveTogether();
  void lockIsPartOfTheLimits();
  void paintedLegendHoldsEveryEntryOrCountsTheRest();
  void categoryModelIsSound();
  void violinsShowNamesCountsAndUnit();
  void manyViolinsScroll();
  void violinIsActivatedByMouseAndKeys();
  void violinsWithoutValuesSayWhy();
  void brushTellsItsRange();
  void brushIsClearedByAClickAndEscape();
  void histogramOfCategoriesSaysWhyNot();
  void logarithmicCountsShowRareValues();
  void groupTableHoldsTheNumbers();
  void groupTableOfPairsHoldsTheDifference();
  void groupTableSortsWithMissingLast();
  void groupTableIsExportedWithUnits();
};

void CellPlotsTest::clickHighlightsAndDoubleClickIsolates() {
  LegendView legend;
  legend.resize(220, 400);
  legend.setColouring(types(5, 10));
  legend.show();
  QSignalSpy toggled(&legend, &LegendView::categoryToggled);
  QSignalSpy isolated(&legend, &LegendView::categoryIsolated);
  clickName(legend, 2);
  QCOMPARE(toggled.last()[0].toInt(), 2);
  QCOMPARE(legend.highlightedCategory(), 2);
  clickName(legend, 2);
  QCOMPARE(toggled.last()[0].toInt(), -1);
  auto* viewport = legend.findChild<QListView*>()->viewport();
  for (const int expected : {3, -1}) {
    const QPoint place = rowOf(legend, 3).center();
    QTest::mouseClick(viewport, Qt::LeftButton, {}, place);
    QTest::mouseDClick(viewport, Qt::LeftButton, {}, place);
    QCOMPARE(isolated.last()[0].toInt(), expected);
    QCOMPARE(legend.highlightedCategory(), -1);
    QCOMPARE(legend.hiddenCategories().size(), expected == 3 ? 4u : 0u);
    QTest::qWait(QApplication::doubleClickInterval() + 20);
  }
  QCOMPARE(isolated.count(), 2);
}

void CellPlotsTest::checkBoxHidesACategory() {
  LegendView legend;
  legend.resize(220, 400);
  legend.setColouring(types(5, 10));
  legend.show();
  QSignalSpy hidden(&legend, &LegendView::hiddenCategoriesChanged);
  QSignalSpy toggled(&legend, &LegendView::categoryToggled);
  auto* list = legend.findChild<QListView*>();
  QTest::mouseClick(list->viewport(), Qt::LeftButton, {},
                    CategoryDelegate::squareOf(rowOf(legend, 1)).center());
  QCOMPARE(hidden.count(), 1);
  QCOMPARE(legend.hiddenCategories(), std::vector<int>{1});
  QCOMPARE(toggled.count(), 0);
  list->setFocus();
  list->setCurrentIndex(list->model()->index(1, 0));
  QTest::keyClick(list, Qt::Key_Space);
  QVERIFY(legend.hiddenCategories().empty());
  QTest::keyClick(list, Qt::Key_Return);
  QCOMPARE(toggled.last()[0].toInt(), 1);
}

void CellPlotsTest::longLegendsCanBeSearched() {
  LegendView legend;
  legend.resize(220, 300);
  legend.setColouring(types(240, 2));
  legend.show();
  auto* search = legend.findChild<QLineEdit*>();
  auto* list = legend.findChild<QListView*>();
  QVERIFY(search->isVisible());
  QTest::keyClicks(search, "TYPE 23");
  QCOMPARE(list->model()->rowCount(), 11);  // 23 and 230 to 239
  QSignalSpy toggled(&legend, &LegendView::categoryToggled);
  clickName(legend, 1);
  QCOMPARE(toggled.last()[0].toInt(), 230);
  legend.setColouring(types(5, 2));
  QVERIFY(!search->isVisible());
  QCOMPARE(list->model()->rowCount(), 5);
}

void CellPlotsTest::legendCountsMissingAndConstantCells() {
  LegendView legend;
  const auto note = [&legend] {
    QString all;
    for (const QLabel* label : legend.findChildren<QLabel*>()) all += label->text() + '\n';
    return all;
  };
  legend.setColouring(ramp());
  QVERIFY(note().contains("Grey: 1 cells without a value"));
  QVERIFY(note().contains("log1p counts"));
  legend.setColouring(CellColouring::sequential("age", Vector::Constant(9, 4), "years"));
  QVERIFY(note().contains("Constant"));
  legend.setColouring(CellColouring::sequential("rare", Vector::Zero(9), ""));
  QVERIFY(note().contains("Grey: 9 cells with zero"));
}

void CellPlotsTest::draggingAHandleClipsTheScale() {
  LegendView legend;
  legend.resize(240, 200);
  legend.setColouring(ramp());
  legend.show();
  auto* bar = legend.findChild<ColourBar*>();
  QSignalSpy spy(&legend, &LegendView::limitsChanged);
  const int y = 12;
  const QPoint from(static_cast<int>(bar->highHandle()), y);
  const QPoint to((static_cast<int>(bar->lowHandle()) + from.x()) / 2, y);
  QTest::mousePress(bar, Qt::LeftButton, {}, from);
  QTest::mouseMove(bar, to);
  QTest::mouseRelease(bar, Qt::LeftButton, {}, to);
  QVERIFY(spy.count() >= 1);
  const auto limits = spy.last()[0].value<ColourLimits>();
  QCOMPARE(limits.low, 1.0);
  QVERIFY(limits.high > 45 && limits.high < 55);
  QTest::keyClick(bar, Qt::Key_Right);
  QVERIFY(spy.last()[0].value<ColourLimits>().high > limits.high);
  QTest::mouseDClick(bar, Qt::LeftButton, {}, QPoint(100, y));
  QCOMPARE(legend.colouring().limits, ramp().limits);
}

void CellPlotsTest::handlesOfADifferenceMoveTogether() {
  LegendView legend;
  legend.resize(240, 200);
  Vector values(3);
  values << -2, 0, 1;
  legend.setColouring(CellColouring::diverging("Δ", values, ""));
  legend.show();
  auto* bar = legend.findChild<ColourBar*>();
  const QPoint from(static_cast<int>(bar->lowHandle()), 12);
  QTest::mousePress(bar, Qt::LeftButton, {}, from);
  QTest::mouseMove(bar, from + QPoint(40, 0));
  QTest::mouseRelease(bar, Qt::LeftButton, {}, from + QPoint(40, 0));
  const ColourLimits limits = legend.colouring().limits;
  QVERIFY(limits.high < 1.9);
  QCOMPARE(limits.low, -limits.high);
}

void CellPlotsTest::lockIsPartOfTheLimits() {
  LegendView legend;
  legend.setColouring(ramp());
  legend.show();
  QSignalSpy spy(&legend, &LegendView::limitsChanged);
  auto* lock = legend.findChild<QToolButton*>();
  QTest::mouseClick(lock, Qt::LeftButton);
  QCOMPARE(spy.count(), 1);
  QVERIFY(spy[0][0].value<ColourLimits>().locked);
  legend.setLimits({0, 5, false});
  QVERIFY(!lock->isChecked());
  QCOMPARE(spy.count(), 1);
  QVERIFY(!lock->accessibleName().isEmpty());
}

void CellPlotsTest::paintedLegendHoldsEveryEntryOrCountsTheRest() {
  const QStringList all = textsOfSvg(
      [](QPainter& painter) {
        LegendView::paint(&painter, QRectF(0, 0, 200, 390), types(6, 1'234), Theme::light());
      },
      {200, 400});
  QVERIFY(all.contains("Type 5") && all.contains("1,234") && all.contains("no value"));
  const QStringList some = textsOfSvg(
      [](QPainter& painter) {
        LegendView::paint(&painter, QRectF(0, 0, 200, 190), types(60, 3), Theme::light());
      },
      {200, 200});
  const int shown = static_cast<int>(some.filter(QRegularExpression("^Type ")).size());
  QVERIFY(shown > 3 && shown < 60);
  QVERIFY(some.contains(QString("and %1 more").arg(61 - shown)));
  const QStringList scale = textsOfSvg(
      [](QPainter& painter) {
        LegendView::paint(&painter, QRectF(0, 0, 200, 190), ramp(), Theme::light());
      },
      {200, 200});
  for (const char* text : {"GATA4", "log1p counts", "1", "99", "no value"})
    QVERIFY2(scale.contains(text), text);
  QVERIFY(LegendView::paint(nullptr, QRectF(0, 0, 200, 0), types(60, 3), Theme::light(), QFont()) >
          60 * 8);
}

void CellPlotsTest::categoryModelIsSound() {
  CategoryList model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  model.setColouring(types(3, 4));
  model.setData(model.index(1), Qt::Unchecked, Qt::CheckStateRole);
  QCOMPARE(model.hidden(), std::vector<int>{1});
  model.setHidden({0, 99});
  QCOMPARE(model.hidden(), std::vector<int>{0});
  model.setColouring({});
  QCOMPARE(model.rowCount(), 0);
}

void CellPlotsTest::violinsShowNamesCountsAndUnit() {
  ViolinView view;
  view.setValues(pairs());
  const QStringList texts = textsOfSvg(
      [&](QPainter& painter) {
        view.paint(painter, {600, 300}, Theme::light());
      },
      {600, 300});
  for (const char* text : {"GATA4 by cell type", "Expression (log1p counts)", "Cardiomyocyte",
                           "Nobody", "n = 3", "n = 4", "n = 0", "25 % > 0"})
    QVERIFY2(texts.contains(text), text);
  QVERIFY(texts.filter("sample").isEmpty());
  GroupedValues large = groups();
  large.groups[0].values.assign(5'001, 1.0f);
  large.groups[0].values[0] = 2;
  view.setValues(large);
  const QStringList said = textsOfSvg(
      [&](QPainter& painter) {
        view.paint(painter, {600, 300}, Theme::light());
      },
      {600, 300});
  QCOMPARE(said.filter("sample of 5,000").size(), 1);
  QVERIFY(said.contains("n = 5,001"));
}

void CellPlotsTest::manyViolinsScroll() {
  ViolinView view;
  GroupedValues many = groups();
  many.groups.assign(40, many.groups[0]);
  many.groups[39].name = "last";
  view.resize(400, 260);
  view.setValues(many);
  view.show();
  QVERIFY(view.horizontalScrollBar()->maximum() > 1'000);
  view.setCurrentGroup(39);
  QVERIFY(view.horizontalScrollBar()->value() > view.horizontalScrollBar()->maximum() - 60);
  QSignalSpy spy(&view, &ViolinView::groupActivated);
  QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, QPoint(370, 120));
  QCOMPARE(spy.last()[0].toString(), QString("last"));
}

void CellPlotsTest::violinIsActivatedByMouseAndKeys() {
  ViolinView view;
  view.resize(500, 300);
  view.setValues(groups());
  view.show();
  view.setFocus();
  QSignalSpy spy(&view, &ViolinView::groupActivated);
  QTest::keyClick(&view, Qt::Key_Right);
  QTest::keyClick(&view, Qt::Key_Right);
  QCOMPARE(spy.count(), 0);
  QTest::keyClick(&view, Qt::Key_Return);
  QCOMPARE(spy.last()[0].toString(), QString("Fibroblast"));
  QVERIFY(view.accessibleDescription().contains("Fibroblast"));
  QVERIFY(view.accessibleDescription().contains("n = 4"));
  QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, QPoint(5, 150));  // the axis
  QCOMPARE(spy.count(), 1);
}

void CellPlotsTest::violinsWithoutValuesSayWhy() {
  ViolinView view;
  view.resize(300, 200);
  view.grab();
  view.setMessage("Choose a gene.");
  const QStringList texts = textsOfSvg(
      [&](QPainter& painter) {
        view.paint(painter, {300, 200}, Theme::light());
      },
      {300, 200});
  QCOMPARE(texts.join(' '), QString("Choose a gene."));
  view.setMessage({});
  GroupedValues constant = groups();
  constant.groups = {{"one cell", Qt::red, {3}, {}}, {"missing", Qt::red, {missing, missing}, {}}};
  view.setValues(constant);
  view.grab();
}

void CellPlotsTest::brushTellsItsRange() {
  HistogramView view;
  view.resize(400, 240);
  view.setColouring(ramp());
  view.show();
  QCoreApplication::processEvents();
  auto* chart = view.findChild<QChartView*>();
  const QRectF plot = chart->chart()->plotArea();
  const auto at = [&](double fraction) {
    return QPoint(static_cast<int>(plot.left() + fraction * plot.width()),
                  static_cast<int>(plot.center().y()));
  };
  QSignalSpy spy(&view, &HistogramView::rangeSelected);
  QTest::mousePress(chart->viewport(), Qt::LeftButton, {}, at(0.75));
  QTest::mouseMove(chart->viewport(), at(0.5));
  QTest::mouseRelease(chart->viewport(), Qt::LeftButton, {}, at(0.25));
  QCOMPARE(spy.count(), 1);
  QVERIFY(std::abs(spy[0][0].toDouble() - 25) < 1.5);
  QVERIFY(std::abs(spy[0][1].toDouble() - 75) < 1.5);
  view.setFocus();
  QTest::keyClick(&view, Qt::Key_Right);
  QVERIFY(spy.last()[0].toDouble() > 25.5);
}

void CellPlotsTest::brushIsClearedByAClickAndEscape() {
  HistogramView view;
  view.resize(400, 240);
  view.setColouring(ramp());
  view.show();
  QCoreApplication::processEvents();
  QSignalSpy cleared(&view, &HistogramView::rangeCleared);
  view.setRange(20, 10);
  QCOMPARE(view.range()->first, 10.0);
  auto* chart = view.findChild<QChartView*>();
  QTest::mouseClick(chart->viewport(), Qt::LeftButton, {}, chart->viewport()->rect().center());
  QVERIFY(!view.range());
  QCOMPARE(cleared.count(), 1);
  view.setRange(1, 2);
  QTest::keyClick(&view, Qt::Key_Escape);
  QVERIFY(!view.range());
  QCOMPARE(cleared.count(), 2);
}

void CellPlotsTest::histogramOfCategoriesSaysWhyNot() {
  HistogramView view;
  view.resize(300, 200);
  view.setColouring(types(3, 3));
  view.show();
  QVERIFY(view.findChild<QLabel*>()->isVisible());
  QVERIFY(view.findChild<QLabel*>()->text().contains("legend"));
  view.setColouring(CellColouring::sequential("x", Vector::Constant(4, missing), ""));
  QCOMPARE(view.findChild<QLabel*>()->text(), QString("No cell has a value."));
  view.setColouring(ramp());
  QVERIFY(!view.findChild<QLabel*>()->isVisible());
}

void CellPlotsTest::logarithmicCountsShowRareValues() {
  Vector values = Vector::Zero(10'001);
  values[0] = 10;
  HistogramView view;
  view.resize(400, 240);
  view.setColouring(CellColouring::sequential("rare", values, ""));
  view.show();
  QCoreApplication::processEvents();
  const auto heightOfLastBin = [&] {
    auto* chart = view.findChild<QChartView*>();
    const QRectF plot = chart->chart()->plotArea();
    const QImage image = chart->grab().toImage();
    const int x = static_cast<int>(plot.right()) - 3;
    int height = 0;
    for (int y = static_cast<int>(plot.top()) + 2; y < static_cast<int>(plot.bottom()) - 1; ++y)
      height += image.pixelColor(x, y).saturation() > 100;
    return height;
  };
  const int linear = heightOfLastBin();
  view.setCountAxis(HistogramView::CountAxis::Logarithmic);
  QCoreApplication::processEvents();
  QVERIFY(heightOfLastBin() > linear + 4);
}

void CellPlotsTest::groupTableHoldsTheNumbers() {
  GroupTable table;
  QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::QtTest);
  table.setValues(groups());
  QCOMPARE(table.rowCount(), 3);
  QCOMPARE(table.columnCount(), 5);
  const auto number = [&](int row, int column) {
    return table.index(row, column).data(Qt::UserRole).toDouble();
  };
  QCOMPARE(table.index(0, 0).data().toString(), QString("Cardiomyocyte"));
  QCOMPARE(number(0, 1), 3.0);
  QCOMPARE(number(0, 2), 2.0);
  QCOMPARE(number(1, 3), 0.0);
  QCOMPARE(number(1, 4), 25.0);
  QCOMPARE(table.index(2, 2).data().toString(), QString("–"));
  QVERIFY(table.index(0, 1).data(Qt::ToolTipRole).toString().contains("1 cells without a value"));
}

void CellPlotsTest::groupTableOfPairsHoldsTheDifference() {
  GroupTable table;
  QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::QtTest);
  table.setValues(pairs());
  QCOMPARE(table.headerData(4, Qt::Horizontal).toString(), QString("Mean Δ (log1p counts)"));
  QCOMPARE(table.index(0, 4).data(Qt::UserRole).toDouble(), 1.0);  // (1 + 0 + 2) / 3
  QCOMPARE(table.index(1, 4).data(Qt::UserRole).toDouble(), -0.25);
  QVERIFY(table.headerData(4, Qt::Horizontal, Qt::ToolTipRole).toString().contains("ALT − REF"));
  table.setValues(groups());
  QCOMPARE(table.columnCount(), 5);
}

void CellPlotsTest::groupTableSortsWithMissingLast() {
  GroupTable table;
  QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::QtTest);
  table.setValues(groups());
  const QPersistentModelIndex fibroblast = table.index(1, 0);
  for (const auto order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
    table.sort(2, order);
    QCOMPARE(table.index(2, 0).data().toString(), QString("Nobody"));
    QCOMPARE(fibroblast.data().toString(), QString("Fibroblast"));
    QCOMPARE(fibroblast.row(), order == Qt::AscendingOrder ? 0 : 1);
  }
}

void CellPlotsTest::groupTableIsExportedWithUnits() {
  GroupTable table;
  GroupedValues values = groups();
  values.groups[0].name = "tab\there";
  table.setValues(values);
  const QStringList lines = table.tsv().split('\n');
  QCOMPARE(lines[0], QString("Group\tn (cells)\tMean (log1p counts)\tMedian (log1p counts)\t"
                             "> 0 (% of cells)"));
  QCOMPARE(lines[1], QString("tab here\t3\t2\t2\t100"));
  QCOMPARE(lines[3], QString("Nobody\t0\tNA\tNA\tNA"));
}

QTEST_MAIN(CellPlotsTest)
#include "cellplots_test.moc"
