// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <thread>

namespace cellocus::cli {

/// Turns Ctrl+C and SIGTERM into a request to stop, which the work sees through its Progress. Make
/// it before any other thread: the signals are blocked in all of them and taken by a thread of its
/// own, where, unlike in a signal handler, everything is allowed.
class StopOnSignal {
 public:
  StopOnSignal();
  std::stop_token token() const { return m_work.get_token(); }

 private:
  std::stop_source m_work;
  std::jthread m_watcher;
};

}  // namespace cellocus::cli
