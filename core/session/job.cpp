// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/job.h"

#include <QElapsedTimer>
#include <QMetaObject>
#include <algorithm>
#include <new>

namespace cellocus {

double Job::secondsLeft() const {
  if (state != JobState::Running || seconds < 2 || fraction < 0.05) return -1;
  return seconds * (1 - fraction) / fraction;
}

JobQueue::JobQueue(QObject* parent)
    : QObject(parent), m_thread([this](std::stop_token stop) { serve(stop); }) {}

JobQueue::~JobQueue() {
  for (auto& [id, task] : m_tasks) task->stop.request_stop();
  m_thread.request_stop();
  m_wake.notify_all();
  m_thread.join();
}

quint64 JobQueue::enqueue(const QString& key, const QString& title, Run run,
                          std::function<void(const QString&)> failed) {
  supersede(key);
  const quint64 id = m_nextId++;
  Job job;
  job.id = id;
  job.key = key;
  job.title = title;
  m_jobs.emplace(id, job);
  auto task = std::make_shared<Task>();
  task->id = id;
  task->run = std::move(run);
  task->failed = std::move(failed);
  m_tasks.emplace(id, task);
  emit jobAdded(id);
  {
    const std::lock_guard lock(m_mutex);
    m_waiting.push_back(task);
  }
  m_wake.notify_one();
  return id;
}

void JobQueue::supersede(const QString& key) {
  std::vector<quint64> older;
  for (const auto& [id, job] : m_jobs)
    if (job.isOpen() && job.key == key) older.push_back(id);
  for (const quint64 id : older) {
    stopTask(id);
    finish(id, JobState::Superseded);
  }
}

void JobQueue::stopTask(quint64 id) {
  if (const auto task = m_tasks.find(id); task != m_tasks.end()) task->second->stop.request_stop();
}

void JobQueue::expect(quint64 id, double seconds) {
  const auto found = m_jobs.find(id);
  if (found == m_jobs.end() || !found->second.isOpen()) return;
  found->second.expected = seconds;
  emit jobChanged(id);
}

void JobQueue::cancel(quint64 id) {
  const auto found = m_jobs.find(id);
  if (found == m_jobs.end() || !found->second.isOpen()) return;
  stopTask(id);
  if (found->second.state == JobState::Queued) {
    finish(id, JobState::Cancelled);
    return;
  }
  found->second.state = JobState::Cancelling;
  emit jobChanged(id);
}

void JobQueue::cancelAll() {
  std::vector<quint64> open;
  for (const auto& [id, job] : m_jobs)
    if (job.isOpen()) open.push_back(id);
  for (const quint64 id : open) cancel(id);
}

bool JobQueue::isBusy() const {
  return std::any_of(m_jobs.begin(), m_jobs.end(),
                     [](const auto& entry) { return entry.second.isOpen(); });
}

void JobQueue::forget(quint64 id) {
  const auto found = m_jobs.find(id);
  if (found != m_jobs.end() && !found->second.isOpen()) m_jobs.erase(found);
}

void JobQueue::serve(std::stop_token stop) {
  for (;;) {
    std::shared_ptr<Task> task;
    {
      std::unique_lock lock(m_mutex);
      if (!m_wake.wait(lock, stop, [this] { return !m_waiting.empty(); })) return;
      if (stop.stop_requested()) return;
      task = m_waiting.front();
      m_waiting.pop_front();
    }
    if (!task->stop.stop_requested()) runTask(task);
  }
}

void JobQueue::runTask(const std::shared_ptr<Task>& task) {
  const quint64 id = task->id;
  post([this, id] {
    const auto found = m_jobs.find(id);
    if (found == m_jobs.end() || found->second.state != JobState::Queued) return;
    found->second.state = JobState::Running;
    emit jobChanged(id);
  });
  const auto fail = [&](const QString& message) {
    post([this, id, message, failed = task->failed] {
      const auto found = m_jobs.find(id);
      if (found == m_jobs.end() || !found->second.isOpen()) return;
      finish(id, JobState::Failed, message);
      if (failed) failed(message);
    });
  };
  try {
    const std::function<void()> deliver = task->run(progressOf(task));
    post([this, id, deliver] {
      const auto found = m_jobs.find(id);
      if (found == m_jobs.end() || !found->second.isOpen()) return;
      // A result that was ready when the user pressed Cancel is not shown: Cancel was answered.
      if (found->second.state == JobState::Cancelling) return finish(id, JobState::Cancelled);
      finish(id, JobState::Done);
      deliver();
    });
  } catch (const Cancelled&) {
    post([this, id] {
      if (const auto found = m_jobs.find(id); found != m_jobs.end() && found->second.isOpen())
        finish(id, JobState::Cancelled);
    });
  } catch (const std::bad_alloc&) {
    fail(tr(
        "There is not enough memory for this. Close other programs or choose a smaller region."));
  } catch (const std::exception& error) {
    fail(QString::fromUtf8(error.what()));
  }
}

/// The newest report of a running job, and whether the main thread has been told to look.
struct JobQueue::Report {
  std::mutex mutex;
  double fraction = 0;
  double seconds = 0;
  std::string step;
  bool posted = false;
};

Progress JobQueue::progressOf(const std::shared_ptr<Task>& task) {
  auto report = std::make_shared<Report>();
  QElapsedTimer running;
  running.start();
  const auto show = [this, id = task->id, report] {
    const auto found = m_jobs.find(id);
    const std::lock_guard lock(report->mutex);
    report->posted = false;
    if (found == m_jobs.end() || !found->second.isOpen()) return;
    found->second.fraction = report->fraction;
    found->second.seconds = report->seconds;
    found->second.step = QString::fromStdString(report->step);
    emit jobChanged(id);
  };
  return Progress(task->stop.get_token(),
                  [this, report, running, show](double fraction, std::string_view step) {
                    {
                      const std::lock_guard lock(report->mutex);
                      report->fraction = fraction;
                      report->seconds = static_cast<double>(running.elapsed()) / 1000;
                      if (!step.empty()) report->step = step;
                      // One message at a time is under way, so a fast loop cannot flood the main
                      // thread.
                      if (report->posted) return;
                      report->posted = true;
                    }
                    post(show);
                  });
}

void JobQueue::post(std::function<void()> onMainThread) {
  QMetaObject::invokeMethod(this, std::move(onMainThread), Qt::QueuedConnection);
}

void JobQueue::finish(quint64 id, JobState state, const QString& message) {
  Job& job = m_jobs.at(id);
  job.state = state;
  job.message = message;
  if (state == JobState::Done) job.fraction = 1;
  m_tasks.erase(id);
  emit jobChanged(id);
}

}  // namespace cellocus
