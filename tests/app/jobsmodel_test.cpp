// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobsmodel.h"

#include <QAbstractItemModelTester>
#include <QTest>
#include <chrono>
#include <thread>

#include "costtext.h"

namespace cellocus {

class JobsModelTest : public QObject {
  Q_OBJECT

 private:
  static bool workUntilStopped(const Progress& progress) {
    for (;;) {
      progress.at(0.25, "layer 3");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  static QString cell(const JobsModel& model, int row, int column) {
    return model.index(row, column).data().toString();
  }

 private slots:
  void jobsOfTwoQueuesStandInOneTableNewestFirst() {
    JobQueue loads, computes;
    JobsModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.addQueue(loads);
    model.addQueue(computes);
    loads.start(
        "a", "Open genome", [](const Progress&) { return 1; }, [](int) {});
    computes.start("b", "Predict", workUntilStopped, [](bool) {});
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(cell(model, 0, JobsModel::Title), QString("Predict"));
    QTRY_COMPARE(cell(model, 1, JobsModel::State), QString("done"));
    QTRY_COMPARE(cell(model, 0, JobsModel::State), QString("25 %"));
    QVERIFY(model.summary().startsWith("Predict, 25 %"));
    QCOMPARE(model.openCount(), 1);
    model.cancel(0);
    QTRY_COMPARE(cell(model, 0, JobsModel::State), QString("stopped"));
    QCOMPARE(model.summary(), QString());
  }

  void whatAJobShouldTakeIsSaidBeforeItCanBeMeasured() {
    JobQueue queue;
    JobsModel model;
    model.addQueue(queue);
    queue.expect(queue.start("a", "Predict", workUntilStopped, [](bool) {}), 8.2);
    QCOMPARE(cell(model, 0, JobsModel::Time), QString("≈ 8 s"));
    QTRY_COMPARE(cell(model, 0, JobsModel::State), QString("25 %"));
    QCOMPARE(model.summary(), QString("Predict, 25 %, ≈ 8 s"));
    model.cancel(0);
    QTRY_COMPARE(cell(model, 0, JobsModel::State), QString("stopped"));
    QVERIFY(!cell(model, 0, JobsModel::Time).contains("≈"));
  }

  void whatTakesLessThanASecondIsNotWorthAWord() {
    QCOMPARE(costText(0), QString());
    QCOMPARE(costText(0.9), QString());
    QCOMPARE(costText(1.44), QString("≈ 1.4 s"));
    QCOMPARE(costText(8.2), QString("≈ 8 s"));
    QCOMPARE(costText(38.4), QString("≈ 38 s"));
    QCOMPARE(costText(200), QString("≈ 3 min"));
    using Extent = PredictionCost::Extent;
    QCOMPARE(costSentence({Extent::WholeWindow, 0.1}), QString());
    QVERIFY(costSentence({Extent::WholeWindow, 8}).contains("≈ 8 s"));
    QVERIFY(costSentence({Extent::MovedBases, 8}).startsWith("Insertion or deletion"));
    QVERIFY(costSentence({Extent::EditedBases, 1.4}).startsWith("Substitution"));
  }

  void aFailedJobSaysWhy() {
    JobQueue queue;
    JobsModel model;
    model.addQueue(queue);
    queue.start(
        "a", "Open cells",
        [](const Progress&) -> bool {
          throw Error("X", "a.h5ad", "it is empty.", "Choose another.");
        },
        [](bool) {});
    QTRY_COMPARE(cell(model, 0, JobsModel::State), QString("a.h5ad: it is empty. Choose another."));
  }

  void aJobWithoutATitleIsNotListed() {
    JobQueue queue;
    JobsModel model;
    model.addQueue(queue);
    int done = 0;
    queue.start(
        "sequence", QString(), [](const Progress&) { return 1; }, [&](int value) { done = value; });
    QTRY_COMPARE(done, 1);
    QCOMPARE(model.rowCount(), 0);
  }
};

}  // namespace cellocus

QTEST_GUILESS_MAIN(cellocus::JobsModelTest)
#include "jobsmodel_test.moc"
