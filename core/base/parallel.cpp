// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace cellocus {

namespace {

std::atomic<int> configuredThreads{0};

/// A thread that waits for something to do. It is kept, because a new thread for each of the
/// hundreds of short stretches of one prediction would begin with cold memory every time.
class Worker {
 public:
  void start(std::function<void()> work) {
    const std::lock_guard lock(m_mutex);
    m_work = std::move(work);
    m_changed.notify_all();
  }
  void wait() {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return !m_work; });
  }

 private:
  void run(const std::stop_token& stop) {
    std::unique_lock lock(m_mutex);
    while (m_changed.wait(lock, stop, [this] { return static_cast<bool>(m_work); })) {
      lock.unlock();
      m_work();
      lock.lock();
      m_work = nullptr;
      m_changed.notify_all();
    }
  }

  std::mutex m_mutex;
  std::condition_variable_any m_changed;
  std::function<void()> m_work;  ///< nothing while idle
  std::jthread m_thread{[this](const std::stop_token& stop) { run(stop); }};
};

/// Workers that nobody uses at the moment. Jobs that run side by side take different ones.
class IdleWorkers {
 public:
  std::unique_ptr<Worker> take() {
    const std::lock_guard lock(m_mutex);
    if (m_idle.empty()) return std::make_unique<Worker>();
    std::unique_ptr<Worker> worker = std::move(m_idle.back());
    m_idle.pop_back();
    return worker;
  }
  void giveBack(std::unique_ptr<Worker> worker) {
    const std::lock_guard lock(m_mutex);
    m_idle.push_back(std::move(worker));
  }

 private:
  std::mutex m_mutex;
  std::vector<std::unique_ptr<Worker>> m_idle;
};

IdleWorkers& idleWorkers() {
  static IdleWorkers workers;
  return workers;
}

}  // namespace

int threadCount() {
  const int configured = configuredThreads.load();
  return configured > 0 ? configured
                        : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void setThreadCount(int count) {
  configuredThreads = std::max(1, count);
}

void parallelFor(std::int64_t count, std::int64_t grain,
                 const std::function<void(std::int64_t, std::int64_t)>& work) {
  const std::int64_t most = (count + grain - 1) / std::max<std::int64_t>(1, grain);
  const std::int64_t workers = std::min<std::int64_t>(threadCount(), most);
  if (workers <= 1) {
    if (count > 0) work(0, count);
    return;
  }
  std::exception_ptr failure;
  std::mutex mutex;
  const auto run = [&](std::int64_t worker) {
    try {
      work(count * worker / workers, count * (worker + 1) / workers);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::unique_ptr<Worker>> others;
  for (std::int64_t worker = 1; worker < workers; ++worker) {
    others.push_back(idleWorkers().take());
    others.back()->start([&run, worker] { run(worker); });
  }
  run(0);
  for (std::unique_ptr<Worker>& other : others) {
    other->wait();
    idleWorkers().giveBack(std::move(other));
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace cellocus
