// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QClipboard>
#include <QSignalSpy>
#include <QTest>

#include "genome/genomeview.h"
#include "syntheticscene.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

constexpr std::int64_t place = 11'717'900;
const Locus bases{"chr8", place - 30, place + 50};

std::string reference(std::int64_t position, std::int64_t count = 1) {
  return MadeUpGenome().sequence({"chr8", position, position + count}, 'N');
}

char other(std::int64_t position) {
  return reference(position) == "A" ? 'G' : 'A';
}

}  // namespace

class GenomeKeysTest : public QObject {
  Q_OBJECT

  std::unique_ptr<GenomeView> m_view;
  void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
    QTest::keyClick(m_view.get(), key, modifiers);
  }
  void clickBase(std::int64_t position) {
    const double part =
        (static_cast<double>(position - bases.start) + 0.5) / static_cast<double>(bases.length());
    QTest::mouseClick(m_view.get(), Qt::LeftButton, {},
                      QPoint(static_cast<int>(140 + part * 846), 507));
  }

 private slots:
  void init() {
    m_view = std::make_unique<GenomeView>();
    m_view->resize(1000, 520);
    furnish(*m_view);
    m_view->setLocus(bases);
    m_view->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
    m_view->setFocus();
  }

  void clickAndTypeAsksForASubstitution() {
    QSignalSpy edits(m_view.get(), &GenomeView::editRequested);
    QSignalSpy carets(m_view.get(), &GenomeView::caretMoved);
    clickBase(place);
    QCOMPARE(m_view->caret(), place);
    QTest::keyClick(m_view.get(), other(place));
    QCOMPARE(edits.count(), 1);
    QVERIFY((edits[0][0].value<Variant>() ==
             Variant{"chr8", place, reference(place), std::string(1, other(place))}));
    QCOMPARE(m_view->caret(), place + 1);
    QCOMPARE(carets.last()[0].toLongLong(), place + 1);
  }

  void lettersDoNothingWithoutACaret() {
    QSignalSpy edits(m_view.get(), &GenomeView::editRequested);
    for (const char letter : std::string("ACGTN")) QTest::keyClick(m_view.get(), letter);
    QCOMPARE(edits.count(), 0);
  }

  void lettersDoNothingWhereBasesCannotBeSeen() {
    QSignalSpy edits(m_view.get(), &GenomeView::editRequested);
    m_view->setCaret(place);
    m_view->setLocus(geneRegion);
    QTest::keyClick(m_view.get(), 'A');
    QTest::keyClick(m_view.get(), 'C');
    QCOMPARE(edits.count(), 0);
  }

  void insertKeyTogglesTheMode() {
    QSignalSpy modes(m_view.get(), &GenomeView::typingModeChanged);
    QSignalSpy edits(m_view.get(), &GenomeView::editRequested);
    m_view->setCaret(place);
    press(Qt::Key_Insert);
    QCOMPARE(modes.count(), 1);
    QCOMPARE(m_view->typingMode(), TypingMode::Insert);
    QTest::keyClick(m_view.get(), 'T');
    QVERIFY((edits[0][0].value<Variant>() == Variant{"chr8", place, "", "T"}));
    QCOMPARE(m_view->caret(), place);
  }

  void deleteAsksForADeletionAndSaysSo() {
    QSignalSpy edits(m_view.get(), &GenomeView::editRequested);
    QSignalSpy hints(m_view.get(), &GenomeView::hint);
    m_view->setCaret(place);
    press(Qt::Key_Delete);
    QVERIFY((edits[0][0].value<Variant>() == Variant{"chr8", place, reference(place), ""}));
    QCOMPARE(hints.count(), 1);
  }

  void shiftArrowsSelectAndTypingReplaces() {
    QSignalSpy edits(m_view.get(), &GenomeView::editRequested);
    m_view->setCaret(place);
    for (int i = 0; i < 3; ++i) press(Qt::Key_Right, Qt::ShiftModifier);
    QVERIFY((m_view->selection() == Locus{"chr8", place, place + 4}));
    QTest::keyClick(m_view.get(), 'N');
    QVERIFY((edits[0][0].value<Variant>() == Variant{"chr8", place, reference(place, 4), "N"}));
    QVERIFY(!m_view->selection());
  }

  void pasteOfAForeignLetterIsRefusedByName() {
    QSignalSpy edits(m_view.get(), &GenomeView::editRequested);
    QSignalSpy hints(m_view.get(), &GenomeView::hint);
    m_view->setCaret(place);
    QApplication::clipboard()->setText("ACGZ");
    press(Qt::Key_V, Qt::ControlModifier);
    QCOMPARE(edits.count(), 0);
    QCOMPARE(hints.count(), 1);
    QVERIFY(hints[0][0].toString().contains("Z"));
  }

  void copyAndPasteCarryBases() {
    m_view->setCaret(place);
    press(Qt::Key_Right, Qt::ShiftModifier);
    press(Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QApplication::clipboard()->text(), QString::fromStdString(reference(place, 2)));
    m_view->setSelection({});
    m_view->setCaret(place + 10);
    QSignalSpy edits(m_view.get(), &GenomeView::editRequested);
    press(Qt::Key_V, Qt::ControlModifier);
    const auto edit = edits[0][0].value<Variant>();
    QCOMPARE(edit.start, place + 10);
    QCOMPARE(edit.alt, reference(place, 2));
    QCOMPARE(edit.ref, reference(place + 10, 2));
  }

  void editsAreWalkedAndReverted() {
    Haplotype haplotype;
    const std::int64_t places[] = {place, place + 30};
    for (const std::int64_t one : places)
      haplotype =
          haplotype.with({"chr8", one, reference(one), std::string(1, other(one))}, MadeUpGenome());
    m_view->setHaplotype(haplotype);
    m_view->setCaret(place);
    press(Qt::Key_Down, Qt::AltModifier);
    QCOMPARE(m_view->caret(), place + 30);
    QSignalSpy reverts(m_view.get(), &GenomeView::revertRequested);
    press(Qt::Key_Backspace, Qt::ControlModifier);
    QVERIFY(reverts[0][0].value<Variant>() == haplotype.variants()[1]);
    press(Qt::Key_Up, Qt::AltModifier);
    QCOMPARE(m_view->caret(), place);
  }

  void escapeTakesOneLayerAtATime() {
    m_view->setPinnedBin(400);
    m_view->setCaret(place);
    press(Qt::Key_Right, Qt::ShiftModifier);
    QVERIFY(m_view->selection());
    press(Qt::Key_Escape);
    QVERIFY(!m_view->selection());
    QVERIFY(m_view->caret() >= 0);
    press(Qt::Key_Escape);
    QCOMPARE(m_view->caret(), std::int64_t(-1));
    QCOMPARE(m_view->pinnedBin(), std::int64_t(400));
    press(Qt::Key_Escape);
    QCOMPARE(m_view->pinnedBin(), std::int64_t(-1));
  }

  void escapeDuringADragPutsEverythingBack() {
    m_view->setLocus(geneRegion);
    QTest::mousePress(m_view.get(), Qt::LeftButton, {}, {500, 240});
    QTest::mouseMove(m_view.get(), {300, 240});
    QVERIFY(m_view->locus() != geneRegion);
    press(Qt::Key_Escape);
    QVERIFY(m_view->locus() == geneRegion);
    QTest::mouseRelease(m_view.get(), Qt::LeftButton, {}, {300, 240});
    QVERIFY(m_view->locus() == geneRegion);
  }

  void arrowsPanWithoutACaret() {
    m_view->setLocus(geneRegion);
    press(Qt::Key_Right);
    QVERIFY(std::abs(m_view->locus().start - geneRegion.start - 20'000) <= 1);
    press(Qt::Key_Left, Qt::ControlModifier);
    QVERIFY(std::abs(m_view->locus().start - geneRegion.start + 80'000) <= 1);
  }

  void homeAndEndGoByScreensAndToTheEnds() {
    m_view->setLocus(geneRegion);
    press(Qt::Key_End);
    QVERIFY(std::abs(m_view->locus().start - geneRegion.end) <= 1);
    press(Qt::Key_End, Qt::ControlModifier);
    QCOMPARE(m_view->locus().end, contigLength);
    press(Qt::Key_Home, Qt::ControlModifier);
    QCOMPARE(m_view->locus().start, std::int64_t(0));
  }

  void plusAndMinusZoomAroundTheMiddle() {
    m_view->setLocus(geneRegion);
    press(Qt::Key_Plus);
    QVERIFY(m_view->locus().length() < geneRegion.length());
    QVERIFY(std::abs(m_view->locus().centre() - geneRegion.centre()) <= 1);
    press(Qt::Key_Minus, Qt::ControlModifier);
    QVERIFY(std::abs(m_view->locus().length() - geneRegion.length()) <= 2);
    press(Qt::Key_0, Qt::ControlModifier);
    QVERIFY(m_view->locus() == madeUpWindow().input);
  }

  void nextAndPreviousGene() {
    m_view->setLocus({"chr8", 11'676'934, 11'760'002});
    press(Qt::Key_F);
    QVERIFY(m_view->locus().contains(11'762'239));  // the middle of C8orf49
    press(Qt::Key_B);
    QVERIFY(std::abs(m_view->locus().centre() - (11'676'934 + 11'760'002) / 2) <= 1);
  }

  void recentreNamesTheMiddle() {
    QSignalSpy recentre(m_view.get(), &GenomeView::recentreRequested);
    m_view->setLocus(geneRegion);
    press(Qt::Key_W);
    QCOMPARE(recentre[0][0].value<Locus>().start, geneRegion.centre());
  }

  void deleteOnAFocusedTrackAsksToRemoveIt() {
    QSignalSpy removed(m_view.get(), &GenomeView::trackRemovalRequested);
    press(Qt::Key_Delete);
    QCOMPARE(removed.count(), 0);
    press(Qt::Key_Down);
    press(Qt::Key_Down);
    press(Qt::Key_Delete);
    QCOMPARE(removed.count(), 1);
    QCOMPARE(removed[0][0].toLongLong(), 12);
  }

  void caretAtTheEdgeScrollsTheView() {
    m_view->setCaret(bases.end - 4);
    const std::int64_t before = m_view->locus().start;
    for (int i = 0; i < 10; ++i) press(Qt::Key_Right);
    QVERIFY(m_view->locus().start > before);
    QVERIFY(m_view->locus().contains(m_view->caret()));
  }
};

QTEST_MAIN(GenomeKeysTest)
#include "genomekeys_test.moc"
