// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobsmodel.h"

#include <QAbstractItemModelTester>
#include <QTest>
#include <chrono>
#include <thread>

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
