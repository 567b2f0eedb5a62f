// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/genomeview.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <cmath>

#include "syntheticscene.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

constexpr int width = 1000, height = 520, gutter = 140, axisWidth = width - gutter - 14;

/// Pixel of a position in a view of the test's size.
QPoint at(const GenomeView& view, std::int64_t position, int y) {
  const Locus shown = view.locus();
  const double part = (static_cast<double>(position) + 0.5 - static_cast<double>(shown.start)) /
                      static_cast<double>(shown.length());
  return {static_cast<int>(std::lround(gutter + part * axisWidth)), y};
}

std::int64_t positionAt(const GenomeView& view, int x) {
  const Locus shown = view.locus();
  return shown.start + static_cast<std::int64_t>((x - gutter + 0.0) / axisWidth *
                                                 static_cast<double>(shown.length()));
}

constexpr int rulerY = 38, startSiteY = 90, geneY = 112, trackY = 240, overviewY = 14, editY = 486;

void turnWheel(GenomeView& view, QPoint place, QPoint angle,
               Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
  QWheelEvent event(place, view.mapToGlobal(place), {}, angle, Qt::NoButton, modifiers,
                    Qt::NoScrollPhase, false);
  QApplication::sendEvent(&view, &event);
}

void drag(GenomeView& view, QPoint from, QPoint to,
          Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
  QTest::mousePress(&view, Qt::LeftButton, modifiers, from);
  QTest::mouseMove(&view, (from + to) / 2);
  QTest::mouseMove(&view, to);
  QTest::mouseRelease(&view, Qt::LeftButton, modifiers, to);
}

}  // namespace

class GenomeViewTest : public QObject {
  Q_OBJECT

  std::unique_ptr<GenomeView> m_view;

 private slots:
  void init() {
    m_view = std::make_unique<GenomeView>();
    m_view->resize(width, height);
    furnish(*m_view);
    m_view->setPredictions(madeUpPrediction({}, 3.1f), nullptr);
    m_view->setPredictionState(PredictionState::Ready);
    m_view->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
  }

  void settingALocusTellsNobody() {
    QSignalSpy changed(m_view.get(), &GenomeView::locusChanged);
    m_view->setLocus({"chr8", 11'700'000, 11'710'000});
    QVERIFY((m_view->locus() == Locus{"chr8", 11'700'000, 11'710'000}));
    QCOMPARE(changed.count(), 0);
  }

  void lociAreClampedToTheContig() {
    m_view->setLocus({"chr8", -500, 10'500});
    QVERIFY((m_view->locus() == Locus{"chr8", 0, 11'000}));
    m_view->setLocus({"chr8", 500, 501});
    QCOMPARE(m_view->locus().length(), std::int64_t(10));
    m_view->setLocus({"tiny", 0, 100});
    QVERIFY((m_view->locus() == Locus{"tiny", 0, 7}));
    m_view->setLocus({"chrUnknown", 0, 100});
    QCOMPARE(m_view->locus().contig, std::string("tiny"));
  }

  void controlWheelZoomsAtTheCursor() {
    QSignalSpy changed(m_view.get(), &GenomeView::locusChanged);
    const QPoint place(640, trackY);
    const std::int64_t before = positionAt(*m_view, place.x());
    for (int i = 0; i < 10; ++i) turnWheel(*m_view, place, {0, 120}, Qt::ControlModifier);
    QCOMPARE(changed.count(), 10);
    const double shrunk = 200'000 / std::pow(1.25, 10);
    QVERIFY(std::abs(static_cast<double>(m_view->locus().length()) - shrunk) < 2);
    QVERIFY(std::abs(positionAt(*m_view, place.x()) - before) < 60);
    for (int i = 0; i < 10; ++i) turnWheel(*m_view, place, {0, -120}, Qt::ControlModifier);
    QVERIFY(std::abs(m_view->locus().start - geneRegion.start) <= 1);
  }

  void plainWheelScrollsTracksAndNeverMovesTheLocus() {
    m_view->resize(width, 300);
    const int before = m_view->findChild<QScrollBar*>()->value();
    turnWheel(*m_view, {500, 200}, {0, -120});
    QVERIFY(m_view->findChild<QScrollBar*>()->value() > before);
    QVERIFY(m_view->locus() == geneRegion);
  }

  void firstPlainWheelOffersToZoomAlways() {
    QSignalSpy chosen(m_view.get(), &GenomeView::wheelActionChanged);
    turnWheel(*m_view, {500, 200}, {0, -120});
    auto* button = m_view->findChild<QPushButton*>("alwaysZoom");
    QVERIFY(button && button->isVisible());
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(chosen.count(), 1);
    turnWheel(*m_view, {500, 200}, {0, 120});
    QVERIFY(m_view->locus().length() < geneRegion.length());
  }

  void sidewaysWheelPans() {
    turnWheel(*m_view, {500, 200}, {0, -120}, Qt::ShiftModifier);
    QVERIFY(m_view->locus().start > geneRegion.start);
    QCOMPARE(m_view->locus().length(), geneRegion.length());
    turnWheel(*m_view, {500, 200}, {120, 0});
    QVERIFY(std::abs(m_view->locus().start - geneRegion.start) <= 1);
  }

  void dragPansAfterFourPixels() {
    QSignalSpy pinned(m_view.get(), &GenomeView::binPinned);
    drag(*m_view, {500, trackY}, {400, trackY + 3});
    const double moved = 100.0 / axisWidth * 200'000;
    QVERIFY(std::abs(static_cast<double>(m_view->locus().start - geneRegion.start) - moved) < 300);
    QCOMPARE(pinned.count(), 0);  // a drag is no click
    m_view->setLocus(geneRegion);
    drag(*m_view, {500, trackY}, {502, trackY});
    QVERIFY(m_view->locus() == geneRegion);
    QCOMPARE(pinned.count(), 1);
  }

  void clickPinsTheBinUnderTheMouse() {
    QSignalSpy pinned(m_view.get(), &GenomeView::binPinned);
    const ModelWindow window = madeUpWindow();
    m_view->setLocus(
        {"chr8", window.predicted.start + 400 * 128, window.predicted.start + 420 * 128});
    QTest::mouseClick(m_view.get(), Qt::LeftButton, {},
                      at(*m_view, window.bin(407).centre(), trackY));
    QCOMPARE(pinned.count(), 1);
    QCOMPARE(pinned[0][0].toLongLong(), 407);
    QCOMPARE(m_view->pinnedBin(), std::int64_t(407));
  }

  void clickOutsideThePredictedRangePinsNothing() {
    QSignalSpy pinned(m_view.get(), &GenomeView::binPinned);
    QTest::mouseClick(m_view.get(), Qt::LeftButton, {},
                      at(*m_view, madeUpWindow().predicted.end + 20'000, trackY));
    QCOMPARE(pinned.count(), 0);
  }

  void clickOnAGeneSelectsIt() {
    QSignalSpy activated(m_view.get(), &GenomeView::geneActivated);
    QTest::mouseClick(m_view.get(), Qt::LeftButton, {}, at(*m_view, 11'690'000, geneY));
    QCOMPARE(activated.count(), 1);
    QCOMPARE(activated[0][0].toString(), QString("ENSG_GATA4"));
  }

  void doubleClickOnAGeneZoomsToIt() {
    QTest::mouseDClick(m_view.get(), Qt::LeftButton, {}, at(*m_view, 11'690'000, geneY));
    const Locus shown = m_view->locus();
    QVERIFY(shown.contains(Locus{"chr8", 11'676'934, 11'760'002}));
    QVERIFY(shown.length() < 120'000);
  }

  void doubleClickOnATrackZoomsTwice() {
    QTest::mouseDClick(m_view.get(), Qt::LeftButton, {}, {640, trackY});
    QVERIFY(std::abs(m_view->locus().length() - 100'000) <= 1);
    QTest::mouseDClick(m_view.get(), Qt::LeftButton, Qt::ShiftModifier, {640, trackY});
    QVERIFY(std::abs(m_view->locus().length() - 200'000) <= 1);
  }

  void clickOnAStartSiteAsksForItsWindow() {
    QSignalSpy activated(m_view.get(), &GenomeView::tssActivated);
    QTest::mouseClick(m_view.get(), Qt::LeftButton, {},
                      at(*m_view, 11'676'934, startSiteY) + QPoint(2, 0));
    QCOMPARE(activated.count(), 1);
    QCOMPARE(activated[0][0].toString(), QString("ENSG_GATA4"));
  }

  void dragOnTheRulerChoosesARegionAndAsksWhatToDo() {
    QSignalSpy menu(m_view.get(), &GenomeView::regionMenuRequested);
    drag(*m_view, at(*m_view, 11'700'000, rulerY), at(*m_view, 11'720'000, rulerY));
    QCOMPARE(menu.count(), 1);
    const auto region = menu[0][0].value<Locus>();
    QVERIFY(std::abs(region.start - 11'700'000) < 300);
    QVERIFY(std::abs(region.end - 11'720'000) < 300);
    QVERIFY(m_view->selection() == region);
    QVERIFY(m_view->locus() == geneRegion);
  }

  void controlDragOnTheRulerZooms() {
    drag(*m_view, at(*m_view, 11'700'000, rulerY), at(*m_view, 11'720'000, rulerY),
         Qt::ControlModifier);
    QVERIFY(std::abs(m_view->locus().start - 11'700'000) < 300);
    QVERIFY(std::abs(m_view->locus().length() - 20'000) < 600);
    QVERIFY(!m_view->selection());
  }

  void shiftDragSelectsAnywhere() {
    QSignalSpy menu(m_view.get(), &GenomeView::regionMenuRequested);
    drag(*m_view, {300, trackY}, {500, trackY}, Qt::ShiftModifier);
    QCOMPARE(menu.count(), 1);
    QVERIFY(m_view->selection().has_value());
  }

  void clickOnTheOverviewGoesThere() {
    QTest::mouseClick(m_view.get(), Qt::LeftButton, {}, {gutter + axisWidth / 2, overviewY});
    QVERIFY(std::abs(m_view->locus().centre() - contigLength / 2) < contigLength / axisWidth);
    QCOMPARE(m_view->locus().length(), geneRegion.length());
  }

  void clickOnAnEditNamesIt() {
    const std::int64_t place = 11'717'900;
    const std::string base(1, MadeUpGenome::baseAt(place));
    const Variant edit{"chr8", place, base, base == "A" ? "C" : "A"};
    m_view->setHaplotype(Haplotype().with(edit, MadeUpGenome()));
    QSignalSpy activated(m_view.get(), &GenomeView::editActivated);
    QTest::mouseClick(m_view.get(), Qt::LeftButton, {}, at(*m_view, place, editY));
    QCOMPARE(activated.count(), 1);
    QVERIFY(activated[0][0].value<Variant>() == edit);
  }

  void hoverReadsAllTracks() {
    QSignalSpy hovered(m_view.get(), &GenomeView::hovered);
    const ModelWindow window = madeUpWindow();
    QTest::mouseMove(m_view.get(), at(*m_view, window.bin(448).centre(), trackY));
    QVERIFY(hovered.count() >= 1);
    const auto readout = hovered.last()[0].value<GenomeReadout>();
    QVERIFY(std::abs(readout.bin - 448) <= 2);
    QCOMPARE(readout.values.size(), std::size_t(4));
    QVERIFY(readout.values[0].reference > 2);
    QVERIFY(std::isnan(readout.values[0].edited));
  }

  void readoutOutsideThePredictedRangeHasNoValues() {
    const GenomeReadout readout = m_view->readoutAt(madeUpWindow().predicted.end);
    QCOMPARE(readout.bin, std::int64_t(-1));
    QVERIFY(readout.values.empty());
    QCOMPARE(m_view->readoutAt(-1).position, std::int64_t(-1));
  }

  void basesAreAskedForOnceAndOnlyWhereTheyCanBeSeen() {
    GenomeView view;
    view.resize(width, height);
    view.setContigs(MadeUpGenome().contigs());
    QSignalSpy needed(&view, &GenomeView::sequenceNeeded);
    view.setLocus({"chr8", 1'000'000, 1'010'000});
    QCOMPARE(needed.count(), 0);
    view.setLocus({"chr8", 1'000'000, 1'000'100});
    view.setLocus({"chr8", 1'000'010, 1'000'110});
    QCOMPARE(needed.count(), 1);
    QVERIFY(needed[0][0].value<Locus>().contains(Locus{"chr8", 1'000'000, 1'000'110}));
  }

  void askingForAPredictionWhereThereIsNone() {
    m_view->setPredictions(nullptr, nullptr);
    m_view->setPredictionState(PredictionState::Empty);
    QSignalSpy predict(m_view.get(), &GenomeView::predictRequested);
    const int middle = gutter + axisWidth / 2;
    for (int y = 190; y < 470 && predict.count() == 0; y += 8)
      QTest::mouseClick(m_view.get(), Qt::LeftButton, {}, {middle, y});
    QCOMPARE(predict.count(), 1);
  }

  void contextMenuSaysWhatItIsAbout() {
    QSignalSpy menu(m_view.get(), &GenomeView::menuRequested);
    const QPoint place = at(*m_view, 11'690'000, geneY);
    QContextMenuEvent event(QContextMenuEvent::Mouse, place, m_view->mapToGlobal(place));
    QApplication::sendEvent(m_view.get(), &event);
    QCOMPARE(menu.count(), 1);
    const auto hit = menu[0][0].value<GenomeHit>();
    QCOMPARE(hit.kind, GenomeHit::Kind::Gene);
    QCOMPARE(hit.geneId, QString("ENSG_GATA4"));
  }

  void settlesOnceAfterManyMoves() {
    QSignalSpy settled(m_view.get(), &GenomeView::locusSettled);
    for (int i = 0; i < 5; ++i) turnWheel(*m_view, {500, 200}, {0, 120}, Qt::ControlModifier);
    QCOMPARE(settled.count(), 0);
    QTRY_COMPARE_WITH_TIMEOUT(settled.count(), 1, 2000);
    QVERIFY(m_view->accessibleDescription().contains("chr8"));
  }
};

QTEST_MAIN(GenomeViewTest)
#include "genomeview_test.moc"
