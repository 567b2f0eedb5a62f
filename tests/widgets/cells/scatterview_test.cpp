// SPDX-License-Identifier: GPL-3.0-or-later
#include <QBuffer>
#include <QPaintDevice>
#include <QPaintEngine>
#include <QPainter>
#include <QPushButton>
#include <QSignalSpy>
#include <QSvgGenerator>
#include <QWheelEvent>
#include <QXmlStreamReader>
#include <QtTest>
#include <cmath>
#include <limits>
#include <random>

#include "base/error.h"
#include "cells/scatterview.h"

using namespace cellocus;

namespace {

using Cells = std::vector<std::int64_t>;

/// A 20 x 20 lattice of cells, so that it is known which of them a rectangle holds.
Matrix lattice() {
  Matrix xy(400, 2);
  for (int i = 0; i < 400; ++i) xy.row(i) << static_cast<float>(i % 20), static_cast<float>(i / 20);
  return xy;
}

Matrix cloud(int cells) {
  std::mt19937 random(11);
  std::normal_distribution<float> normal;
  Matrix xy(cells, 2);
  for (int i = 0; i < cells; ++i) xy.row(i) << normal(random), normal(random);
  return xy;
}

struct Shown {
  ScatterView view;
  explicit Shown(const Matrix& xy) {
    view.resize(640, 480);
    view.setPoints(xy);
    view.setTitle("UMAP");
    view.setAxisNames("UMAP 1", "UMAP 2");
    view.setState(ScatterView::State::Ready);
    view.show();
    view.setFocus();
  }
};

void drag(ScatterView& view, const std::vector<QPointF>& path, Qt::KeyboardModifiers modifiers = {},
          Qt::MouseButton button = Qt::LeftButton) {
  QTest::mousePress(&view, button, modifiers, path.front().toPoint());
  for (const QPointF& point : path) {
    QMouseEvent move(QEvent::MouseMove, point, view.mapToGlobal(point), Qt::NoButton, button,
                     modifiers);
    QCoreApplication::sendEvent(&view, &move);
  }
  QTest::mouseRelease(&view, button, modifiers, path.back().toPoint());
}

/// Corners around cells first..last of the lattice, half a step outside.
std::vector<QPointF> around(const ScatterView& view, int first, int last) {
  const QPointF step = (view.positionOf(21) - view.positionOf(0)) / 2;
  return {view.positionOf(first) - step, view.positionOf(last) + step};
}

std::vector<QPointF> ring(const QPointF& centre, double radius) {
  std::vector<QPointF> path;
  for (int i = 0; i <= 60; ++i)
    path.push_back(centre +
                   radius * QPointF(std::cos(i * 2 * M_PI / 60), std::sin(i * 2 * M_PI / 60)));
  return path;
}

QStringList textsOfSvg(const QByteArray& svg) {
  QStringList texts;
  QXmlStreamReader reader(svg);
  while (!reader.atEnd())
    if (reader.readNext() == QXmlStreamReader::StartElement && reader.name() == u"text")
      texts << reader.readElementText();
  return texts;
}

QByteArray svgOf(const ScatterView& view, ScatterView::Legend legend) {
  QBuffer buffer;
  QSvgGenerator generator;
  generator.setOutputDevice(&buffer);
  generator.setSize({640, 480});
  generator.setViewBox(QRect(0, 0, 640, 480));
  QPainter painter(&generator);
  painter.setFont(view.font());
  view.paint(painter, {640, 480}, Theme::light(), legend);
  painter.end();
  return buffer.data();
}

/// Notes the texts that are painted, as a screen would get them.
class TextRecorder : public QPaintEngine {
 public:
  TextRecorder() : QPaintEngine(QPaintEngine::AllFeatures) {}
  bool begin(QPaintDevice*) override { return true; }
  bool end() override { return true; }
  void updateState(const QPaintEngineState&) override {}
  void drawPixmap(const QRectF&, const QPixmap&, const QRectF&) override {}
  void drawImage(const QRectF&, const QImage&, const QRectF&, Qt::ImageConversionFlags) override {
    ++images;
  }
  void drawPath(const QPainterPath&) override {}
  void drawPolygon(const QPointF*, int, PolygonDrawMode) override {}
  void drawTextItem(const QPointF&, const QTextItem& item) override { texts << item.text(); }
  Type type() const override { return QPaintEngine::User; }
  QStringList texts;
  int images = 0;
};

class RecordingDevice : public QPaintDevice {
 public:
  QPaintEngine* paintEngine() const override { return &engine; }
  mutable TextRecorder engine;

 protected:
  int metric(PaintDeviceMetric what) const override {
    switch (what) {
      case PdmWidth:
        return 640;
      case PdmHeight:
        return 480;
      case PdmDpiX:
      case PdmDpiY:
      case PdmPhysicalDpiX:
      case PdmPhysicalDpiY:
        return 96;
      case PdmDepth:
        return 32;
      case PdmDevicePixelRatio:
        return 1;
      default:
        return QPaintDevice::metric(what);
    }
  }
};

CellColouring halves(int cells) {
  std::vector<std::int32_t> codes(static_cast<std::size_t>(cells));
  for (int i = 0; i < cells; ++i) codes[static_cast<std::size_t>(i)] = i < cells / 2 ? 0 : 1;
  return CellColouring::category("Cell type", {"Cardiomyocyte", "Fibroblast"}, codes);
}

}  // namespace

class ScatterViewTest : public QObject {
  Q_OBJECT

 private slots:
  void rectangleChoosesItsCells();
  void lassoChoosesExactlyTheCellsInside();
  void shiftAddsAltSubtractsBothIntersect();
  void quickLassoInPanModeReplaces();
  void tinyLassoIsAClick();
  void clickOnNothingClears();
  void hoverFindsTheNearestCell();
  void wheelZoomsAtTheCursor();
  void draggingAndSpacePan();
  void keysChooseAllNoneAndTheRest();
  void keysChangeModeAndAsk();
  void escapeFirstEndsTheLassoThenClears();
  void fitAndZoomToSelection();
  void hiddenCategoriesCannotBeChosen();
  void settingASelectionTellsNobody();
  void highlightAndSelectionFadeTheRest();
  void staleStatesLookStale();
  void emptyStateOffersItsAction();
  void wrongSizesAreRefused();
  void newDatasetForgetsTheOldSelection();
  void zeroOneAndUnplacedCellsAreHarmless();
  void svgHoldsTheTextsOfTheScreen();
  void largeCloudsAreAnImageUnderVectorAxes();
  void aMillionCells();
  void isNamedForScreenReaders();
};

void ScatterViewTest::rectangleChoosesItsCells() {
  Shown shown(lattice());
  shown.view.setMode(ScatterView::Mode::Rectangle);
  QSignalSpy spy(&shown.view, &ScatterView::selectionChanged);
  drag(shown.view, around(shown.view, 21, 43));
  QCOMPARE(spy.count(), 1);
  QCOMPARE(spy[0][0].value<CellSelection>().cells(), (Cells{21, 22, 23, 41, 42, 43}));
  QCOMPARE(shown.view.selection().count(), 6);
}

void ScatterViewTest::lassoChoosesExactlyTheCellsInside() {
  const Matrix xy = cloud(5'000);
  Shown shown(xy);
  shown.view.setMode(ScatterView::Mode::Lasso);
  const std::vector<QPointF> path = ring({300, 230}, 90);
  drag(shown.view, path);
  QPolygonF outline;
  outline << QPointF(path.front().toPoint());  // a press comes in whole pixels
  for (const QPointF& point : path) outline << point;
  for (std::int64_t cell = 0; cell < xy.rows(); ++cell)
    QCOMPARE(shown.view.selection().test(cell),
             outline.containsPoint(shown.view.positionOf(cell), Qt::WindingFill));
  QVERIFY(shown.view.selection().count() > 50);
}

void ScatterViewTest::shiftAddsAltSubtractsBothIntersect() {
  Shown shown(lattice());
  shown.view.setMode(ScatterView::Mode::Rectangle);
  drag(shown.view, around(shown.view, 0, 1));
  drag(shown.view, around(shown.view, 2, 3), Qt::ShiftModifier);
  QCOMPARE(shown.view.selection().cells(), (Cells{0, 1, 2, 3}));
  drag(shown.view, around(shown.view, 1, 1), Qt::AltModifier);
  QCOMPARE(shown.view.selection().cells(), (Cells{0, 2, 3}));
  drag(shown.view, around(shown.view, 1, 2), Qt::ShiftModifier | Qt::AltModifier);
  QCOMPARE(shown.view.selection().cells(), (Cells{2}));
  drag(shown.view, around(shown.view, 7, 7));
  QCOMPARE(shown.view.selection().cells(), (Cells{7}));
}

void ScatterViewTest::quickLassoInPanModeReplaces() {
  Shown shown(lattice());
  const std::vector<std::int64_t> before{399};
  shown.view.setSelection(CellSelection::of(400, before));
  const QRectF region = shown.view.visibleRegion();
  drag(shown.view, ring(shown.view.positionOf(42), 9), Qt::ShiftModifier);
  QCOMPARE(shown.view.selection().cells(), (Cells{42}));
  QCOMPARE(shown.view.visibleRegion(), region);
}

void ScatterViewTest::tinyLassoIsAClick() {
  Shown shown(lattice());
  shown.view.setMode(ScatterView::Mode::Lasso);
  QSignalSpy clicked(&shown.view, &ScatterView::cellClicked);
  QSignalSpy chosen(&shown.view, &ScatterView::selectionChanged);
  const QPointF place = shown.view.positionOf(25);
  drag(shown.view, {place, place + QPointF(3, 0), place + QPointF(3, 4), place + QPointF(1, 1)});
  QCOMPARE(clicked.count(), 1);
  QCOMPARE(clicked[0][0].toLongLong(), 25);
  QCOMPARE(chosen.count(), 0);
}

void ScatterViewTest::clickOnNothingClears() {
  Shown shown(lattice());
  shown.view.setSelection(CellSelection::all(400));
  QSignalSpy spy(&shown.view, &ScatterView::selectionChanged);
  QTest::mouseClick(&shown.view, Qt::LeftButton, {}, QPoint(630, 60));
  QCOMPARE(spy.count(), 1);
  QVERIFY(shown.view.selection().empty());
  QTest::mouseClick(&shown.view, Qt::LeftButton, {}, shown.view.positionOf(3).toPoint());
  QCOMPARE(spy.count(), 1);  // on a cell: its card, not the selection
}

void ScatterViewTest::hoverFindsTheNearestCell() {
  Shown shown(lattice());
  QSignalSpy spy(&shown.view, &ScatterView::cellHovered);
  const auto moveTo = [&](const QPointF& place) {
    QMouseEvent move(QEvent::MouseMove, place, shown.view.mapToGlobal(place), Qt::NoButton,
                     Qt::NoButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&shown.view, &move);
  };
  moveTo(shown.view.positionOf(207) + QPointF(2, -3));
  QCOMPARE(spy.last()[0].toLongLong(), 207);
  moveTo(shown.view.positionOf(208) + QPointF(-1, 1));
  QCOMPARE(spy.last()[0].toLongLong(), 208);
  moveTo({635, 100});
  QCOMPARE(spy.last()[0].toLongLong(), -1);
  QCOMPARE(spy.count(), 3);
}

void ScatterViewTest::wheelZoomsAtTheCursor() {
  Shown shown(lattice());
  const QPointF place = shown.view.positionOf(105) + QPointF(0.3, 0.2);
  const double before = (shown.view.positionOf(1) - shown.view.positionOf(0)).x();
  QWheelEvent wheel(place, shown.view.mapToGlobal(place), {}, {0, 240}, Qt::NoButton,
                    Qt::NoModifier, Qt::NoScrollPhase, false);
  QCoreApplication::sendEvent(&shown.view, &wheel);
  const QPointF moved = shown.view.positionOf(105) - place;
  QVERIFY(std::hypot(moved.x(), moved.y()) < 1);
  QVERIFY((shown.view.positionOf(1) - shown.view.positionOf(0)).x() > 1.4 * before);
}

void ScatterViewTest::draggingAndSpacePan() {
  Shown shown(lattice());
  const QPointF before = shown.view.positionOf(0);
  drag(shown.view, {{200, 200}, {230, 220}, {260, 240}});
  QCOMPARE((shown.view.positionOf(0) - before).toPoint(), QPoint(60, 40));
  shown.view.setMode(ScatterView::Mode::Lasso);
  QTest::keyPress(&shown.view, Qt::Key_Space);
  drag(shown.view, {{200, 200}, {190, 190}});
  QTest::keyRelease(&shown.view, Qt::Key_Space);
  QCOMPARE((shown.view.positionOf(0) - before).toPoint(), QPoint(50, 30));
  QVERIFY(shown.view.selection().empty());
  drag(shown.view, {{200, 200}, {250, 200}}, {}, Qt::MiddleButton);
  QCOMPARE((shown.view.positionOf(0) - before).toPoint(), QPoint(100, 30));
}

void ScatterViewTest::keysChooseAllNoneAndTheRest() {
  Shown shown(lattice());
  QTest::keyClick(&shown.view, Qt::Key_A, Qt::ControlModifier);
  QCOMPARE(shown.view.selection().count(), 400);
  QTest::keyClick(&shown.view, Qt::Key_A, Qt::ControlModifier | Qt::ShiftModifier);
  QCOMPARE(shown.view.selection().count(), 0);
  const std::vector<std::int64_t> some{0, 5};
  shown.view.setSelection(CellSelection::of(400, some));
  QTest::keyClick(&shown.view, Qt::Key_I, Qt::ControlModifier);
  QCOMPARE(shown.view.selection().count(), 398);
  QVERIFY(!shown.view.selection().test(5));
}

void ScatterViewTest::keysChangeModeAndAsk() {
  Shown shown(lattice());
  QSignalSpy modes(&shown.view, &ScatterView::modeChanged);
  QSignalSpy groups(&shown.view, &ScatterView::groupRequested);
  QSignalSpy swaps(&shown.view, &ScatterView::groupsSwapRequested);
  QSignalSpy genes(&shown.view, &ScatterView::geneBoxRequested);
  QSignalSpy barcodes(&shown.view, &ScatterView::barcodeSearchRequested);
  QTest::keyClick(&shown.view, Qt::Key_S);
  QCOMPARE(shown.view.mode(), ScatterView::Mode::Lasso);
  QTest::keyClick(&shown.view, Qt::Key_R);
  QCOMPARE(shown.view.mode(), ScatterView::Mode::Rectangle);
  QTest::keyClick(&shown.view, Qt::Key_V);
  QCOMPARE(modes.count(), 3);
  QTest::keyClick(&shown.view, Qt::Key_1);
  QTest::keyClick(&shown.view, Qt::Key_2);
  QCOMPARE(groups.count(), 2);
  QCOMPARE(groups[1][0].toInt(), 2);
  QTest::keyClick(&shown.view, Qt::Key_X);
  QTest::keyClick(&shown.view, Qt::Key_G);
  QTest::keyClick(&shown.view, Qt::Key_F, Qt::ControlModifier);
  QCOMPARE(swaps.count() + genes.count() + barcodes.count(), 3);
}

void ScatterViewTest::escapeFirstEndsTheLassoThenClears() {
  Shown shown(lattice());
  shown.view.setMode(ScatterView::Mode::Lasso);
  shown.view.setSelection(CellSelection::all(400));
  QTest::mousePress(&shown.view, Qt::LeftButton, {}, QPoint(100, 100));
  QTest::keyClick(&shown.view, Qt::Key_Escape);
  QCOMPARE(shown.view.selection().count(), 400);
  QTest::mouseRelease(&shown.view, Qt::LeftButton, {}, QPoint(300, 300));
  QCOMPARE(shown.view.selection().count(), 400);
  QTest::keyClick(&shown.view, Qt::Key_Escape);
  QVERIFY(shown.view.selection().empty());
}

void ScatterViewTest::fitAndZoomToSelection() {
  Shown shown(lattice());
  const QRectF whole = shown.view.visibleRegion();
  const std::vector<std::int64_t> corner{0, 1, 20, 21};
  shown.view.setSelection(CellSelection::of(400, corner));
  QSignalSpy spy(&shown.view, &ScatterView::visibleRegionChanged);
  QTest::keyClick(&shown.view, Qt::Key_Z, Qt::ShiftModifier);
  QVERIFY(shown.view.visibleRegion().contains(QRectF(0, 0, 1, 1)));
  QVERIFY(shown.view.visibleRegion().width() < 1.5);
  QTest::keyClick(&shown.view, Qt::Key_0);
  QCOMPARE(shown.view.visibleRegion(), whole);
  QTest::keyClick(&shown.view, Qt::Key_Plus);
  QVERIFY(shown.view.visibleRegion().width() < whole.width());
  QTest::keyClick(&shown.view, Qt::Key_Minus);
  QVERIFY(std::abs(shown.view.visibleRegion().width() - whole.width()) < 1e-6);
  QCOMPARE(spy.count(), 4);
  for (int i = 0; i < 500; ++i) QTest::keyClick(&shown.view, Qt::Key_Plus);
  QVERIFY(shown.view.visibleRegion().width() > 0);
  for (int i = 0; i < 500; ++i) QTest::keyClick(&shown.view, Qt::Key_Minus);
  QVERIFY(shown.view.visibleRegion().width() < 1'000);
}

void ScatterViewTest::hiddenCategoriesCannotBeChosen() {
  Shown shown(lattice());
  shown.view.setColouring(halves(400));
  shown.view.setHiddenCategories({0});
  QTest::keyClick(&shown.view, Qt::Key_A, Qt::ControlModifier);
  QCOMPARE(shown.view.selection().count(), 200);
  QVERIFY(!shown.view.selection().test(0));
  QCOMPARE(shown.view.cellAt(shown.view.positionOf(21)), -1);
  shown.view.setHiddenCategories({});
  shown.view.setVisibleCells(CellSelection::of(400, Cells{21}));
  QCOMPARE(shown.view.cellAt(shown.view.positionOf(21)), 21);
  QCOMPARE(shown.view.cellAt(shown.view.positionOf(300)), -1);
}

void ScatterViewTest::settingASelectionTellsNobody() {
  Shown shown(lattice());
  QSignalSpy spy(&shown.view, &ScatterView::selectionChanged);
  shown.view.setSelection(CellSelection::all(400));
  shown.view.setSelection({});
  QVERIFY(shown.view.selection().empty());
  QCOMPARE(shown.view.selection().size(), 400);
  QCOMPARE(spy.count(), 0);
}

void ScatterViewTest::highlightAndSelectionFadeTheRest() {
  Shown shown(lattice());
  shown.view.setCategoryLabels(ScatterView::CategoryLabels::Without);
  shown.view.setColouring(halves(400));
  const auto colourAt = [&](std::int64_t cell) {
    return shown.view.grab().toImage().pixelColor(shown.view.positionOf(cell).toPoint());
  };
  const QColor first = colourAt(0), last = colourAt(399);
  QVERIFY(first != last);
  shown.view.setHighlightedCategory(1);
  QVERIFY(colourAt(0) != first);
  QCOMPARE(colourAt(399), last);
  shown.view.setHighlightedCategory(-1);
  QCOMPARE(colourAt(0), first);
  shown.view.setSelection(CellSelection::of(400, Cells{0}));
  QCOMPARE(colourAt(0), first);
  QVERIFY(colourAt(399).saturation() < last.saturation());
}

void ScatterViewTest::staleStatesLookStale() {
  Shown shown(lattice());
  shown.view.setColouring(halves(400));
  const QImage ready = shown.view.grab().toImage();
  for (const auto state :
       {ScatterView::State::OutOfDate, ScatterView::State::Computing, ScatterView::State::Failed}) {
    shown.view.setState(state, "the sequence was edited");
    const QPoint place = shown.view.positionOf(0).toPoint();
    const QImage image = shown.view.grab().toImage();
    QVERIFY(image.pixelColor(place).saturation() < ready.pixelColor(place).saturation());
    QVERIFY(shown.view.accessibleDescription().contains("the sequence was edited"));
  }
}

void ScatterViewTest::emptyStateOffersItsAction() {
  ScatterView view;
  view.resize(400, 300);
  view.setState(ScatterView::State::Empty, "No cells.", "Open .h5ad…");
  view.show();
  auto* button = view.findChild<QPushButton*>();
  QVERIFY(button && button->isVisible());
  QSignalSpy spy(&view, &ScatterView::stateActionRequested);
  QTest::mouseClick(button, Qt::LeftButton);
  QCOMPARE(spy.count(), 1);
  view.setState(ScatterView::State::Ready);
  QVERIFY(!button->isVisible());
}

void ScatterViewTest::wrongSizesAreRefused() {
  Shown shown(lattice());
  const auto code = [](auto action) {
    try {
      action();
    } catch (const Error& error) {
      return error.code();
    }
    return std::string("nothing thrown");
  };
  QCOMPARE(code([&] { shown.view.setColouring(halves(399)); }), std::string("CELL_COUNT"));
  QCOMPARE(code([&] { shown.view.setSelection(CellSelection(10)); }), std::string("CELL_COUNT"));
  QCOMPARE(code([&] { shown.view.setVisibleCells(CellSelection(10)); }), std::string("CELL_COUNT"));
  QCOMPARE(code([&] { shown.view.setPoints(Matrix::Zero(4, 1)); }), std::string("EMBEDDING_SHAPE"));
  QCOMPARE(shown.view.cellCount(), 400);
}

void ScatterViewTest::newDatasetForgetsTheOldSelection() {
  Shown shown(lattice());
  shown.view.setColouring(halves(400));
  shown.view.setSelection(CellSelection::all(400));
  shown.view.setPoints(cloud(400));
  QCOMPARE(shown.view.selection().count(), 400);  // another embedding of the same cells
  shown.view.setPoints(cloud(50));
  QCOMPARE(shown.view.selection(), CellSelection(50));
  QCOMPARE(shown.view.colouring().kind, CellColouring::Kind::None);
  shown.view.grab();
}

void ScatterViewTest::zeroOneAndUnplacedCellsAreHarmless() {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  Matrix unplaced(3, 2);
  unplaced << nan, 0, nan, nan, 0, std::numeric_limits<float>::infinity();
  for (const Matrix& xy : {Matrix(0, 2), Matrix(Matrix::Constant(1, 2, 7)), unplaced,
                           Matrix(Matrix::Constant(5, 2, -1e6f))}) {
    Shown shown(xy);
    for (const auto mode : {ScatterView::Mode::Lasso, ScatterView::Mode::Pan}) {
      shown.view.setMode(mode);
      drag(shown.view, ring({300, 230}, 150));
    }
    shown.view.fit();
    shown.view.zoomToSelection();
    for (const auto key : {Qt::Key_Plus, Qt::Key_Minus, Qt::Key_0, Qt::Key_Left})
      QTest::keyClick(&shown.view, key);
    QTest::keyClick(&shown.view, Qt::Key_A, Qt::ControlModifier);
    QVERIFY(shown.view.selection().count() <= xy.rows());
    shown.view.grab();
    shown.view.resize(1, 1);
    shown.view.grab();
  }
  Shown one(Matrix::Constant(1, 2, 7));
  QCOMPARE(one.view.cellAt(one.view.positionOf(0)), 0);
}

void ScatterViewTest::svgHoldsTheTextsOfTheScreen() {
  Shown shown(cloud(2'000));
  shown.view.setColouring(halves(2'000));
  shown.view.setSelection(CellSelection::of(2'000, Cells{1, 2, 3}));
  RecordingDevice screen;
  QPainter painter(&screen);
  painter.setFont(shown.view.font());
  shown.view.paint(painter, {640, 480}, Theme::light(), ScatterView::Legend::Beside);
  painter.end();
  QStringList painted = screen.engine.texts;
  QStringList written = textsOfSvg(svgOf(shown.view, ScatterView::Legend::Beside));
  for (QString& text : written) text = text.trimmed();
  painted.sort();
  written.sort();
  QCOMPARE(written, painted);
  for (const char* text : {"UMAP", "UMAP 1", "UMAP 2", "Cell type", "Cardiomyocyte", "1,000",
                           "3 of 2,000 cells selected"})
    QVERIFY2(written.contains(text), text);
}

void ScatterViewTest::largeCloudsAreAnImageUnderVectorAxes() {
  Shown small(cloud(1'000)), large(cloud(30'001));
  const QByteArray dots = svgOf(small.view, ScatterView::Legend::Without);
  const QByteArray image = svgOf(large.view, ScatterView::Legend::Without);
  QVERIFY(dots.count("<circle") > 900 && !dots.contains("<image"));
  QVERIFY(!image.contains("<circle") && image.count("<image") == 1);
  QVERIFY(textsOfSvg(image).join(' ').contains("UMAP 1"));
}

void ScatterViewTest::aMillionCells() {
  constexpr int cells = 1'000'000;
  Shown shown(cloud(cells));
  Vector values(cells);
  for (int i = 0; i < cells; ++i) values[i] = static_cast<float>(i % 1'000);
  shown.view.setColouring(CellColouring::sequential("GATA4", values, "log1p counts"));
  shown.view.grab();
  shown.view.setMode(ScatterView::Mode::Lasso);
  drag(shown.view, ring({300, 230}, 100));
  QVERIFY(shown.view.selection().count() > 10'000);
  QVERIFY(shown.view.cellAt({300, 230}) >= 0);
  QCOMPARE(shown.view.dotSize(), 1.0);
  QTest::keyClick(&shown.view, Qt::Key_Plus);
  shown.view.grab();
}

void ScatterViewTest::isNamedForScreenReaders() {
  Shown shown(lattice());
  shown.view.setColouring(halves(400));
  shown.view.setSelection(CellSelection::of(400, Cells{4, 5}));
  QCOMPARE(shown.view.accessibleName(), QString("UMAP"));
  QCOMPARE(shown.view.accessibleDescription(),
           QString("400 cells, coloured by Cell type, 2 selected"));
  QVERIFY(shown.view.focusPolicy() & Qt::TabFocus);
}

QTEST_MAIN(ScatterViewTest)
#include "scatterview_test.moc"
