// SPDX-License-Identifier: GPL-3.0-or-later
// Faster, rougher tracks on the demo world, with keys as a person presses them.
#include <QApplication>
#include <QLabel>
#include <QMenu>
#include <QSettings>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "demosession.h"
#include "nn/packedproduct.h"
#include "theme.h"
#include "windowdriver.h"

namespace cellocus {

using testing::WindowDriver;

class RoughTracksTest : public QObject {
  Q_OBJECT

 private:
  std::unique_ptr<MainWindow> m_window;
  std::unique_ptr<WindowDriver> m_user;
  QTemporaryDir m_folder;

  Session& session() { return m_window->session(); }
  QString modelStatus() const { return m_window->findChild<QLabel*>("modelStatus")->text(); }

  /// Alt+R, F.
  void switchByMenu() {
    QTest::keyClick(m_window.get(), Qt::Key_R, Qt::AltModifier);
    auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
    QVERIFY2(menu, "the Run menu opens");
    QTest::keyClick(menu, Qt::Key_F);
  }
  /// Shows a place of the demo, puts the model window there (W) and predicts (Ctrl+R).
  void predictAt(const QString& locus) {
    m_user->typeLocus(locus);
    QVERIFY(m_user->settle());
    m_user->key(Qt::Key_W);
    m_user->press(Qt::Key_R, Qt::ControlModifier);
    QVERIFY(m_user->settle());
    QCOMPARE(session().predictionState(), PredictionState::Ready);
  }

 private slots:
  void initTestCase() {
    if (!nn::canMultiply(Precision::BFloat16)) QSKIP("this processor has no bfloat16");
    QStandardPaths::setTestModeEnabled(true);
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, m_folder.path());
    setApplicationTheme("light");
    QVERIFY2(findDemo(), "the build makes the demo world");
    m_window = std::make_unique<MainWindow>();
    m_user = std::make_unique<WindowDriver>(*m_window);
    m_window->openDemo();
    QVERIFY(m_user->settle());
  }

  void itIsOffAtFirst() {
    QVERIFY(!m_user->action("roughTracks")->isChecked());
    predictAt("demo1:500,000-500,200");
    QCOMPARE(session().reference()->precision, Precision::Float32);
    QVERIFY2(modelStatus().endsWith("CPU float32"), qPrintable(modelStatus()));
  }

  void switchedOnItIsSaidWhereTracksAreRough() {
    switchByMenu();
    QVERIFY(m_user->action("roughTracks")->isChecked());
    QVERIFY2(modelStatus().endsWith("CPU float32"), "the tracks shown are still those from before");
    predictAt("demo1:700,000-700,040");
    QCOMPARE(session().reference()->precision, Precision::BFloat16);
    QVERIFY2(modelStatus().endsWith("CPU bfloat16, rough"), qPrintable(modelStatus()));
  }

  void figuresAndTheirProvenanceSayIt() {
    for (const FigureSource& source : m_window->figures()) {
      if (source.id != "genome") continue;
      FigureOptions options;
      options.millimetres = source.millimetres;
      options.format = FigureFormat::Svg;
      QSignalSpy saved(&m_window->exporter(), &Exporter::saved);
      m_window->exporter().exportFigure(m_folder.filePath("rough.svg"), source, options,
                                        Exporter::Sidecar::Json);
      QTRY_COMPARE_WITH_TIMEOUT(saved.count(), 1, 30000);
    }
    QFile figure(m_folder.filePath("rough.svg")), sidecar(m_folder.filePath("rough.json"));
    QVERIFY(figure.open(QIODevice::ReadOnly) && sidecar.open(QIODevice::ReadOnly));
    QVERIFY(figure.readAll().contains("REF (bfloat16, rough)"));
    QVERIFY(sidecar.readAll().contains("\"precision\": \"bfloat16"));
  }

  void anEditBringsFloat32Back() {
    const std::int64_t position = session().locus().centre();
    const auto base = m_user->find([position](const GenomeHit& hit) {
      return hit.kind == GenomeHit::Kind::Base && hit.position == position;
    });
    QVERIFY2(base, "bases are drawn at this zoom");
    m_user->click(*base);
    const std::string contig = session().locus().contig;
    const bool isA = session().genome()->sequence({contig, position, position + 1}) == "A";
    m_user->key(isA ? Qt::Key_C : Qt::Key_A);
    m_user->press(Qt::Key_R, Qt::ControlModifier);
    QVERIFY(m_user->settle());
    QVERIFY(session().edited());
    QCOMPARE(session().reference()->precision, Precision::Float32);
    QCOMPARE(session().edited()->precision, Precision::Float32);
    QVERIFY2(modelStatus().endsWith("CPU float32"), qPrintable(modelStatus()));
    QVERIFY2(m_user->action("roughTracks")->isChecked(), "the choice is still the user's");
  }

  void theChoiceComesBackWithTheSessionAndTheProgram() {
    const QString path = m_folder.filePath("rough.ccsession");
    QVERIFY(m_window->saveSessionFile(path));
    MainWindow next;
    QVERIFY(next.actions().roughTracks->isChecked());
    QCOMPARE(next.session().trackPrecision(), Precision::BFloat16);
    switchByMenu();
    QCOMPARE(session().trackPrecision(), Precision::Float32);
    MainWindow other;
    QVERIFY(!other.actions().roughTracks->isChecked());
    other.openSessionFile(path);
    QVERIFY(waitUntilIdle(other.session(), 120));
    QVERIFY(other.actions().roughTracks->isChecked());
  }

  void cleanupTestCase() {
    m_user.reset();
    m_window.reset();
  }
};

}  // namespace cellocus

QTEST_MAIN(cellocus::RoughTracksTest)
#include "roughtracks_test.moc"
