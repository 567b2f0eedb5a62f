// SPDX-License-Identifier: GPL-3.0-or-later
// The same walk on real input: hg38 around NPPA, GATA4 ChIP-seq peaks, hiPSC-derived cardiac cells,
// with the demo's motif scanner, built from measured matrices. A head is fitted to the real cells
// first; with few genes, so that it takes seconds.
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "demo/realhead.h"
#include "demosession.h"
#include "support/shared.h"
#include "theme.h"
#include "windowdriver.h"

namespace cellocus {

using testing::WindowDriver;

class RealJobsTest : public QObject {
  Q_OBJECT

 private:
  /// The better of the two classical GATA sites of NPPA's promoter, AGATAA read on the other
  /// strand, inside the GATA4 peak: chr1:11,848,076 C>G. 0-based.
  static constexpr std::int64_t sitePosition = 11'848'075;

  std::unique_ptr<MainWindow> m_window;
  std::unique_ptr<WindowDriver> m_user;
  QTemporaryDir m_folder;

  Session& session() { return m_window->session(); }

 private slots:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    qputenv("XDG_CACHE_HOME", m_folder.path().toLocal8Bit());
    setApplicationTheme("light");
    if (!testing::haveShared("data/genome/hg38_sparse.fa.gz"))
      QSKIP("needs ../shared/data/genome, which is not on this machine");
    QVERIFY2(findDemo(), "the build makes the demo world");
    m_window = std::make_unique<MainWindow>();
    m_user = std::make_unique<WindowDriver>(*m_window);
    const QString data = QString::fromStdString(testing::sharedPath("data").string());
    m_window->openState(realState(data, scannerFor(data, *findDemo())));
    QVERIFY(m_user->settle());
    QVERIFY(session().genome() && session().annotation() && session().cells() &&
            session().predictor());
    QCOMPARE(session().cells()->cellCount(), 1090);
    QCOMPARE(session().bedTracks().size(), std::size_t(1));
  }

  void aHeadIsFittedToTheRealCellsAndSaysThatItIsWeak() {
    RealHeadRequest request{*session().genome(), *session().annotation(), *session().cells(),
                            *session().predictor()};
    request.mostGenes = 16;
    const Emb2Cell head = fitRealHead(request);
    QCOMPARE(head.cellCount(), session().cells()->cellCount());
    const std::string path = m_folder.filePath("head.safetensors").toStdString();
    head.save(path);
    session().openHead(QString::fromStdString(path));
    QVERIFY(m_user->settle());
    QVERIFY(session().head());
    QVERIFY(session().head()->parts().label.find("Weak head") != std::string::npos);
    QCOMPARE(session().cellMatch().matched, 1090);
  }

  void inspectNppa() {
    m_user->typeLocus("NPPA");
    QVERIFY(session().gene());
    QCOMPARE(session().gene()->tss() + 1, 11'847'783);
    m_user->press(Qt::Key_R, Qt::ControlModifier);
    QVERIFY(m_user->settle(300));
    QCOMPARE(session().predictionState(), PredictionState::Ready);
    const auto peaks = session().bedTracks().front()->overlapping({"chr1", 11'847'798, 11'848'161});
    QVERIFY(!peaks.empty());
    const auto tss =
        m_user->find([](const GenomeHit& hit) { return hit.kind == GenomeHit::Kind::Tss; });
    QVERIFY(tss);
    m_user->click(*tss);
    QVERIFY(m_user->settle(300));
    QCOMPARE(session().colourBy().kind, ColourBy::Kind::Predicted);
    QCOMPARE(session().cellValues()->numbers.size(), 1090);
    QVERIFY(!session().cellValues()->label.isEmpty());
  }

  void editingTheGataSiteLowersTheGataTrackThere() {
    m_user->typeLocus("chr1:11,848,060-11,848,095");
    QVERIFY(m_user->settle());
    const auto base = m_user->find([](const GenomeHit& hit) {
      return hit.kind == GenomeHit::Kind::Base && hit.position == sitePosition;
    });
    QVERIFY(base);
    m_user->click(*base);
    m_user->key(Qt::Key_G);
    QCOMPARE(session().edits().haplotype.variants().size(), std::size_t(1));
    QCOMPARE(QString::fromStdString(hgvs(session().edits().haplotype, *session().genome())),
             QString("NC_000001.11:g.11848076C>G"));
    if (!session().edited()) m_user->press(Qt::Key_R, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(session().edited() != nullptr, 120000);
    QVERIFY(m_user->settle(300));
    const auto& names = session().predictor()->model().config().trackNames;
    const auto gata = std::find_if(names.begin(), names.end(), [](const std::string& name) {
      return name.find("GATA motif (this bin)") != std::string::npos;
    });
    QVERIFY(gata != names.end());
    const auto column = gata - names.begin();
    const std::int64_t bin = session().reference()->binAt(sitePosition);
    QVERIFY(session().edited()->values(bin, column) <
            session().reference()->values(bin, column) - 0.1f);
    QCOMPARE(session().colourBy().kind, ColourBy::Kind::Difference);
    QVERIFY(session().cellPrediction()->hasEdit());
    QVERIFY(session().cellPrediction()->difference().cwiseAbs().maxCoeff() > 0);
  }

  void undoRestores() {
    m_user->press(Qt::Key_Z, Qt::ControlModifier);
    if (session().edited()) m_user->press(Qt::Key_R, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(session().edited() == nullptr, 60000);
    QVERIFY(session().edits().haplotype.isReference());
  }

  void cleanupTestCase() {
    m_user.reset();
    m_window.reset();
  }
};

}  // namespace cellocus

QTEST_MAIN(cellocus::RealJobsTest)
#include "realjobs_test.moc"
