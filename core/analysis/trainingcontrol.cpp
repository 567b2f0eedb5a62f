// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/trainingcontrol.h"

#include <chrono>

namespace cellocus {

void TrainingControl::pause() {
  const std::scoped_lock lock(m_mutex);
  m_paused = true;
}

void TrainingControl::resume() {
  const std::scoped_lock lock(m_mutex);
  m_paused = false;
  m_changed.notify_all();
}

bool TrainingControl::paused() const {
  const std::scoped_lock lock(m_mutex);
  return m_paused;
}

void TrainingControl::stopAndKeep() {
  const std::scoped_lock lock(m_mutex);
  m_stop = true;
  m_changed.notify_all();
}

bool TrainingControl::stopAsked() const {
  const std::scoped_lock lock(m_mutex);
  return m_stop;
}

void TrainingControl::waitWhilePaused(const Progress& progress) const {
  constexpr auto betweenChecks = std::chrono::milliseconds(50);
  std::unique_lock lock(m_mutex);
  while (m_paused && !m_stop) {
    progress.check();
    m_changed.wait_for(lock, betweenChecks);
  }
}

}  // namespace cellocus
