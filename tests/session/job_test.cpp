// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/job.h"

#include <QSignalSpy>
#include <QTest>
#include <chrono>
#include <thread>

namespace cellocus {

class JobTest : public QObject {
  Q_OBJECT

 private:
  /// Works until it is told to stop, as a model does between its layers.
  static bool workUntilStopped(const Progress& progress) {
    for (;;) {
      progress.check();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  static JobState stateOf(JobQueue& queue, quint64 id) { return queue.jobs().at(id).state; }

 private slots:
  void aResultArrivesOnTheMainThread() {
    JobQueue queue;
    int got = 0;
    QThread* thread = nullptr;
    const quint64 id = queue.start(
        "sum", "Sum", [](const Progress&) { return 42; },
        [&](int value) {
          got = value;
          thread = QThread::currentThread();
        });
    QTRY_COMPARE(got, 42);
    QCOMPARE(thread, QCoreApplication::instance()->thread());
    QCOMPARE(stateOf(queue, id), JobState::Done);
  }

  void onlyTheNewestRequestOfAKindIsAnswered() {
    JobQueue queue;
    QList<int> answered;
    const quint64 first =
        queue.start("predict", "First", workUntilStopped, [&](bool) { answered << 1; });
    const quint64 second = queue.start(
        "predict", "Second", [](const Progress&) { return 2; }, [&](int n) { answered << n; });
    QTRY_COMPARE(stateOf(queue, second), JobState::Done);
    QCOMPARE(answered, QList<int>{2});
    QCOMPARE(stateOf(queue, first), JobState::Superseded);
  }

  void cancelStopsARunningJobAndItsResultIsNotDelivered() {
    JobQueue queue;
    bool delivered = false;
    const quint64 id = queue.start("a", "A", workUntilStopped, [&](bool) { delivered = true; });
    QTRY_COMPARE(stateOf(queue, id), JobState::Running);
    queue.cancel(id);
    QCOMPARE(stateOf(queue, id), JobState::Cancelling);
    QTRY_COMPARE(stateOf(queue, id), JobState::Cancelled);
    QVERIFY(!delivered);
  }

  void aWaitingJobIsCancelledAtOnce() {
    JobQueue queue;
    const quint64 running = queue.start("a", "A", workUntilStopped, [](bool) {});
    const quint64 waiting = queue.start("b", "B", workUntilStopped, [](bool) {});
    queue.cancel(waiting);
    QCOMPARE(stateOf(queue, waiting), JobState::Cancelled);
    queue.cancel(running);
    QTRY_VERIFY(!queue.isBusy());
  }

  void anErrorIsOneSentenceOnTheJobAndToTheCaller() {
    JobQueue queue;
    QString told;
    const quint64 id = queue.start(
        "a", "A",
        [](const Progress&) -> bool {
          throw Error("X", "a.fa", "it is empty.", "Choose another.");
        },
        [](bool) {}, [&](const QString& why) { told = why; });
    QTRY_COMPARE(stateOf(queue, id), JobState::Failed);
    QCOMPARE(told, QString("a.fa: it is empty. Choose another."));
    QCOMPARE(queue.jobs().at(id).message, told);
  }

  void progressReachesTheMainThreadAndTheQueueGoesOnAfterwards() {
    JobQueue queue;
    QSignalSpy changed(&queue, &JobQueue::jobChanged);
    std::atomic<bool> goOn{false};
    const quint64 id = queue.start(
        "a", "A",
        [&](const Progress& progress) {
          progress.at(0.5, "half");
          while (!goOn) std::this_thread::sleep_for(std::chrono::milliseconds(1));
          return true;
        },
        [](bool) {});
    QTRY_COMPARE(queue.jobs().at(id).fraction, 0.5);
    QCOMPARE(queue.jobs().at(id).step, QString("half"));
    goOn = true;
    QTRY_COMPARE(stateOf(queue, id), JobState::Done);
  }

  void thereIsNoGuessOfTheTimeLeftInTheFirstTwoSeconds() {
    Job job;
    job.state = JobState::Running;
    job.fraction = 0.5;
    job.seconds = 1.5;
    QCOMPARE(job.secondsLeft(), -1.0);
    job.seconds = 4;
    QCOMPARE(job.secondsLeft(), 4.0);
  }

  void aQueueThatIsDestroyedStopsItsWork() {
    for (int i = 0; i < 50; ++i) {
      JobQueue queue;
      queue.start("a", "A", workUntilStopped, [](bool) {});
      queue.start("b", "B", workUntilStopped, [](bool) {});
    }
  }
};

}  // namespace cellocus

QTEST_GUILESS_MAIN(cellocus::JobTest)
#include "job_test.moc"
