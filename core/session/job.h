// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "base/progress.h"

namespace cellocus {

enum class JobState { Queued, Running, Cancelling, Done, Failed, Cancelled, Superseded };

/// One piece of work on the worker thread, as the user sees it.
struct Job {
  quint64 id = 0;
  QString key, title, step, message;  ///< `message`: why it failed
  JobState state = JobState::Queued;
  double fraction = 0;
  double seconds = 0;   ///< since it started running
  double expected = 0;  ///< seconds that it should take in all; 0 = not known

  bool isOpen() const { return state <= JobState::Cancelling; }
  /// Seconds left, or -1 while that would be a guess (before 2 s and 5 %).
  double secondsLeft() const;
};

/// Runs jobs one after the other on one worker thread and brings their results to the main thread.
/// A newer job of the same key cancels the older: only the newest request of a kind is answered.
/// All public functions are for the main thread. The destructor asks the running job to stop and
/// waits for it.
class JobQueue : public QObject {
  Q_OBJECT

 public:
  explicit JobQueue(QObject* parent = nullptr);
  ~JobQueue() override;

  /// `work(progress)` runs on the worker with whatever it captured by value; `done(result)` runs on
  /// the main thread, but only if the job was not cancelled or superseded meanwhile.
  /// `failed(message)` likewise.
  template <typename Work, typename Done>
  quint64 start(const QString& key, const QString& title, Work work, Done done,
                std::function<void(const QString&)> failed = {}) {
    using Result = std::invoke_result_t<Work, const Progress&>;
    auto run = [work = std::move(work), done = std::move(done)](const Progress& progress) mutable {
      auto result = std::make_shared<Result>(work(progress));
      return std::function<void()>([result, done]() mutable { done(std::move(*result)); });
    };
    return enqueue(key, title, std::move(run), std::move(failed));
  }

  /// Notes how long an open job should take.
  void expect(quint64 id, double seconds);
  void cancel(quint64 id);
  void cancelAll();
  const std::map<quint64, Job>& jobs() const { return m_jobs; }  ///< by age, ended ones too
  bool isBusy() const;
  void forget(quint64 id);  ///< removes an ended job from the history

 signals:
  void jobAdded(quint64 id);
  void jobChanged(quint64 id);

 private:
  /// Returns what shall happen with the result on the main thread.
  using Run = std::function<std::function<void()>(const Progress&)>;
  struct Task {
    quint64 id = 0;
    Run run;
    std::function<void(const QString&)> failed;
    std::stop_source stop;
  };
  struct Report;

  quint64 enqueue(const QString& key, const QString& title, Run run,
                  std::function<void(const QString&)> failed);
  void supersede(const QString& key);
  void serve(std::stop_token stop);
  void runTask(const std::shared_ptr<Task>& task);
  Progress progressOf(const std::shared_ptr<Task>& task);
  void post(std::function<void()> onMainThread);
  void finish(quint64 id, JobState state, const QString& message = {});
  void stopTask(quint64 id);

  std::map<quint64, Job> m_jobs;
  std::map<quint64, std::shared_ptr<Task>> m_tasks;  ///< of the open jobs
  quint64 m_nextId = 1;

  std::mutex m_mutex;
  std::condition_variable_any m_wake;
  std::deque<std::shared_ptr<Task>> m_waiting;
  std::jthread m_thread;  ///< last: joined before anything it uses is gone
};

}  // namespace cellocus
