// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <mutex>

#include "base/progress.h"

namespace cellocus {

/// How a person holds a running training, from another thread. What is asked for happens between
/// two steps.
class TrainingControl {
 public:
  void pause();
  void resume();
  bool paused() const;
  /// Ends after the current step; the best head so far is the result. Also out of a pause.
  void stopAndKeep();
  bool stopAsked() const;

  /// For the training thread: waits while paused. @throws Cancelled within 100 ms
  void waitWhilePaused(const Progress& progress) const;

 private:
  mutable std::mutex m_mutex;
  mutable std::condition_variable m_changed;
  bool m_paused = false, m_stop = false;
};

}  // namespace cellocus
