// SPDX-License-Identifier: GPL-3.0-or-later
#include "stoponsignal.h"

#include <csignal>
#include <ctime>

namespace cellocus::cli {

StopOnSignal::StopOnSignal() {
  // A reader that goes away (`| head`) must not end the program in the middle of a file.
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  m_watcher = std::jthread([this, signals](const std::stop_token& end) {
    const timespec moment{0, 100'000'000};  // how long the program's end may wait for this thread
    while (!end.stop_requested())
      if (sigtimedwait(&signals, nullptr, &moment) > 0) m_work.request_stop();
  });
}

}  // namespace cellocus::cli
