// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace cellocus {

namespace {
std::atomic<int> configuredThreads{0};
}

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
  {
    std::vector<std::jthread> threads;
    for (std::int64_t worker = 1; worker < workers; ++worker) threads.emplace_back(run, worker);
    run(0);
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace cellocus
