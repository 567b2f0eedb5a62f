// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/error.h"

namespace cellocus {

/// The one extra argument of long work: tells how far it is, and learns that it shall stop.
/// Cheap to copy. A default one reports to nobody and never stops.
class Progress {
 public:
  /// Called on the worker thread with a fraction in 0..1 and the name of the current step.
  using Sink = std::function<void(double fraction, std::string_view step)>;

  Progress() = default;
  explicit Progress(std::stop_token stop, Sink sink = {})
      : m_stop(std::move(stop)), m_sink(sink ? std::make_shared<Sink>(std::move(sink)) : nullptr) {}

  /// Reports a fraction in 0..1 of this (part of the) work. @throws Cancelled
  void at(double fraction, std::string_view step = {}) const {
    check();
    if (m_sink) (*m_sink)(m_from + fraction * (m_to - m_from), step);
  }

  /// @throws Cancelled if a stop was asked for. Call it at least every 100 ms.
  void check() const {
    if (m_stop.stop_requested()) throw Cancelled();
  }

  bool stopRequested() const { return m_stop.stop_requested(); }

  /// Only the stop: for a part that does not know how far the whole is.
  Progress unreported() const { return Progress(m_stop); }

  /// The same progress seen from inside one step: its 0..1 is `from`..`to` of this one.
  Progress part(double from, double to) const {
    Progress inner = *this;
    inner.m_from = m_from + from * (m_to - m_from);
    inner.m_to = m_from + to * (m_to - m_from);
    return inner;
  }

 private:
  std::stop_token m_stop;
  std::shared_ptr<Sink> m_sink;
  double m_from = 0, m_to = 1;
};

}  // namespace cellocus
