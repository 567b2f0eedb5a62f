// SPDX-License-Identifier: GPL-3.0-or-later
// From start sites to a fitted and judged head in the window, on the demo world.
#include <QChart>
#include <QChartView>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTableView>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "demosession.h"
#include "plot/pointchart.h"
#include "session/headfitting.h"
#include "windowdriver.h"

namespace cellocus {

using testing::WindowDriver;

class FitJobsTest : public QObject {
  Q_OBJECT

 private:
  std::unique_ptr<MainWindow> m_window;
  std::unique_ptr<WindowDriver> m_user;
  QTemporaryDir m_folder;

  HeadFitting& fitting() { return m_window->session().fitting(); }
  QString path(const char* name) { return m_folder.filePath(QString::fromLatin1(name)); }

  template <typename Widget>
  Widget* part(const char* name) {
    return m_window->findChild<Widget*>(QString::fromLatin1(name));
  }
  void click(const char* button) { QTest::mouseClick(part<QPushButton>(button), Qt::LeftButton); }
  void choose(const char* box, const QString& text) {
    auto* combo = part<QComboBox>(box);
    combo->setCurrentText(text);
    emit combo->activated(combo->currentIndex());
  }

 private slots:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QVERIFY2(findDemo(), "the demo world was built");
    m_window = std::make_unique<MainWindow>();
    m_user = std::make_unique<WindowDriver>(*m_window);
    m_window->openDemo();
    QVERIFY(m_user->settle());
  }

  void withoutEmbeddingsTheTabSaysWhatIsMissing() {
    m_user->action("fitHead")->trigger();
    QCOMPARE(part<QTabWidget>("lowerTabs")->currentWidget()->objectName(), QString("fitPanel"));
    QVERIFY(!part<QPushButton>("fitStart")->isEnabled());
    QVERIFY(part<QLabel>("fitState")->text().contains("embeddings"));
    QVERIFY(part<QPushButton>("fitCompute")->isEnabled());
  }

  void embeddingsAreComputedFromTheOpenGenome() {
    fitting().computeEmbeddings(path("embeddings.h5"));
    QTRY_VERIFY_WITH_TIMEOUT(fitting().join(), 120'000);
    QVERIFY(QFile::exists(path("embeddings.h5")));
    QVERIFY(QFile::exists(path("embeddings.windows.tsv")));
    QVERIFY(!QFile::exists(path("embeddings.h5.part")));
    QVERIFY(fitting().join()->pairs.size() >= 40);
    QCOMPARE(fitting().join()->missingRows.size(), std::size_t{0});
    QVERIFY(part<QPushButton>("fitStart")->isEnabled());
    QVERIFY(part<QLabel>("fitMatches")->text().contains("found their gene"));
  }

  void fieldsAreTheChoicesOfTheSession() {
    part<QSpinBox>("fitBottleneck")->setValue(40);
    part<QDoubleSpinBox>("fitDropout")->setValue(0.1);
    part<QDoubleSpinBox>("fitRate")->setValue(0.001);
    part<QSpinBox>("fitEpochs")->setValue(25);
    part<QSpinBox>("fitPatience")->setValue(0);
    choose("fitSchedule", "Constant");
    choose("fitCentring", "From the median without zeros");
    QVERIFY(fitting().choices().options.loss.centring == Centring::NonzeroMedian);
    QVERIFY(fitFrom(fitJson(fitting().choices())).options.loss.centring == Centring::NonzeroMedian);
    choose("fitCentring", "From the mean");
    const TrainingOptions& options = fitting().choices().options;
    QCOMPARE(options.bottleneckSize, std::int64_t{40});
    QCOMPARE(options.optimizer.learningRate, 0.001);
    QVERIFY(options.schedule.schedule == Schedule::Constant);
    // They come back with the session.
    const FitChoices again = fitFrom(m_window->session().state().fit);
    QCOMPARE(again.options.bottleneckSize, options.bottleneckSize);
    QCOMPARE(again.options.patience, options.patience);
    QVERIFY(again.options.schedule.schedule == Schedule::Constant);
  }

  void aFitDrawsItsCurvesPausesAndOpensItsHead() {
    fitting().start(path("head.safetensors"));
    QVERIFY(fitting().isRunning());
    QTRY_VERIFY_WITH_TIMEOUT(!fitting().history().empty(), 60'000);
    click("fitPause");
    QVERIFY(fitting().isPaused());
    QTest::qWait(300);  // the step in work, and the last report
    const std::size_t epochs = fitting().history().size();
    QTest::qWait(300);
    QCOMPARE(fitting().history().size(), epochs);
    QVERIFY(epochs < 25);
    click("fitPause");
    QTRY_VERIFY_WITH_TIMEOUT(!fitting().isRunning(), 120'000);
    QTRY_COMPARE_WITH_TIMEOUT(
        QString::fromStdString(m_window->session().head()->path().filename().string()),
        QString("head.safetensors"), 20'000);
    QCOMPARE(fitting().history().size(), std::size_t{25});
    QVERIFY(fitting().history().back().meanLoss < fitting().history().front().meanLoss);
    QVERIFY2(fitting().history().back().train.crossGene > 0.5, "the head learns the demo's genes");
    QVERIFY(part<QLabel>("fitState")->text().contains("head.safetensors"));
    QVERIFY(!QFile::exists(path("head.safetensors.fit")));
    for (const char* name : {"lossChart", "correlationChart"})
      QVERIFY(part<QWidget>(name)->findChild<QChartView*>()->isVisibleTo(m_window.get()));
  }

  void theHeadIsJudgedGeneByGene() {
    m_user->action("evaluateHead")->trigger();
    QTRY_VERIFY(part<QPushButton>("evaluateStart")->isEnabled());
    click("evaluateStart");
    QSignalSpy shown(&fitting(), &HeadFitting::geneReady);
    QTRY_VERIFY_WITH_TIMEOUT(fitting().evaluation(), 60'000);
    QVERIFY(part<QTableWidget>("evaluateSummary")->rowCount() >= 3);  // all, train, test at least
    auto* table = part<QTableView>("evaluateGenes");
    QCOMPARE(table->model()->rowCount(), static_cast<int>(fitting().join()->pairs.size()));
    QTRY_VERIFY(!shown.empty());
    QCOMPARE(part<PointChart>("evaluatePoints")->shownPoints(),
             static_cast<Eigen::Index>(m_window->session().cells()->cellCount()));
    QVERIFY(part<PointChart>("evaluatePoints")->title().contains("r = 0."));
    QCOMPARE(part<ScatterView>("evaluatePredicted")->colouring().cellCount(),
             m_window->session().cells()->cellCount());
  }

  void evaluationAndMatchesAreExported() {
    QSignalSpy saved(&m_window->exporter(), &Exporter::saved);
    m_window->exporter().exportTable(path("evaluation.tsv"), TableKind::Evaluation);
    QTRY_COMPARE_WITH_TIMEOUT(saved.size(), 1, 20'000);
    m_window->exporter().exportTable(path("genes.tsv"), TableKind::GeneMatches);
    QTRY_COMPARE_WITH_TIMEOUT(saved.size(), 2, 20'000);
    const auto text = [](const QString& file) {
      QFile content(file);
      return content.open(QIODevice::ReadOnly) ? content.readAll() : QByteArray();
    };
    QVERIFY(text(path("evaluation.tsv")).contains("GATA4"));
    QVERIFY(text(path("evaluation.tsv")).contains("head.safetensors"));  // the provenance
    QVERIFY(text(path("genes.tsv")).contains("GATA4"));
  }

  void aHeadIsSavedForSeq2cellsToo() {
    FitChoices choices = fitting().choices();
    choices.options.epochs = 2;
    fitting().setChoices(choices);
    fitting().start(path("head.ckpt"));
    QTRY_VERIFY_WITH_TIMEOUT(!fitting().isRunning(), 60'000);
    QTRY_COMPARE_WITH_TIMEOUT(
        QString::fromStdString(m_window->session().head()->path().filename().string()),
        QString("head.ckpt"), 20'000);
    // That form has no names of cells: they are matched by position.
    QCOMPARE(m_window->session().cellMatch().matched, m_window->session().cells()->cellCount());
    choices.options.epochs = 25;
    fitting().setChoices(choices);
    m_window->session().openHead(path("head.safetensors"));
    QTRY_VERIFY(m_window->session().head()->path().filename() == "head.safetensors");
  }

  void aStoppedFitGoesOnFromItsLastEpoch() {
    fitting().start(path("second.safetensors"));
    QTRY_VERIFY_WITH_TIMEOUT(fitting().history().size() >= 2, 60'000);
    m_user->action("fitHead")->trigger();
    click("fitStop");
    QTRY_VERIFY(!fitting().isRunning());
    QVERIFY(QFile::exists(path("second.safetensors.fit")));
    QVERIFY(!QFile::exists(path("second.safetensors")));
    fitting().start(path("second.safetensors"));
    QTRY_VERIFY_WITH_TIMEOUT(!fitting().isRunning(), 120'000);
    QCOMPARE(fitting().history().size(), std::size_t{25});
    // Same choices, same head, whether it was stopped or not.
    const auto bytes = [](const QString& file) {
      QFile content(file);
      return content.open(QIODevice::ReadOnly) ? content.readAll() : QByteArray();
    };
    QVERIFY(!bytes(path("head.safetensors")).isEmpty());
    QCOMPARE(bytes(path("second.safetensors")), bytes(path("head.safetensors")));
  }
};

}  // namespace cellocus

QTEST_MAIN(cellocus::FitJobsTest)
#include "fitjobs_test.moc"
