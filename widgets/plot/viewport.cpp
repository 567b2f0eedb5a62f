// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/viewport.h"

#include <algorithm>
#include <cmath>

namespace cellocus {

namespace {

constexpr double tiny = 1e-9;

double sound(double value, double otherwise) {
  return std::isfinite(value) ? value : otherwise;
}

}  // namespace

Viewport::Viewport(double start, double end, double left, double width)
    : m_start(sound(start, 0)),
      m_span(std::max(sound(end, 1) - m_start, tiny)),
      m_left(sound(left, 0)),
      m_width(std::max(sound(width, 1), tiny)) {}

Viewport Viewport::zoomed(double factor, double anchorPixel) const {
  if (!std::isfinite(factor) || factor <= 0) return *this;
  const double anchor = toValue(anchorPixel);
  const double start = anchor - (anchor - m_start) / factor;
  return {start, start + m_span / factor, m_left, m_width};
}

Viewport Viewport::panned(double pixels) const {
  const double start = m_start + pixels / pixelsPerUnit();
  return {start, start + m_span, m_left, m_width};
}

Viewport Viewport::clamped(const Limits& limits) const {
  const double all = std::max(limits.high - limits.low, tiny);
  const double span = std::clamp(m_span, std::min(limits.smallestSpan, all), all);
  // Where the span has to change, the middle stays.
  const double wanted = m_start + (m_span - span) / 2;
  const double start = std::clamp(wanted, limits.low, limits.low + all - span);
  return {start, start + span, m_left, m_width};
}

Viewport Viewport::onPixels(double left, double width) const {
  return {m_start, m_start + m_span, left, width};
}

}  // namespace cellocus
