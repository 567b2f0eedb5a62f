// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace cellocus {

/// A linear mapping of the values [start, end) onto the pixels [left, left + width). A value;
/// always usable: an empty range or width is widened to something tiny instead of dividing by zero.
class Viewport {
 public:
  /// What the viewport may show: values between `low` and `high`, at least `smallestSpan` of them.
  struct Limits {
    double low = 0;
    double high = 1;
    double smallestSpan = 1;
  };

  Viewport() = default;
  Viewport(double start, double end, double left, double width);

  double start() const { return m_start; }
  double end() const { return m_start + m_span; }
  double span() const { return m_span; }
  double left() const { return m_left; }
  double right() const { return m_left + m_width; }
  double width() const { return m_width; }
  double pixelsPerUnit() const { return m_width / m_span; }

  double toPixel(double value) const { return m_left + (value - m_start) * pixelsPerUnit(); }
  double toValue(double pixel) const { return m_start + (pixel - m_left) / pixelsPerUnit(); }

  /// Shows `factor` times less; the value under `anchorPixel` stays there.
  Viewport zoomed(double factor, double anchorPixel) const;
  /// Moved by `pixels` to the right of the axis.
  Viewport panned(double pixels) const;
  /// Moved and, where it must, shrunk or widened to lie within the limits.
  Viewport clamped(const Limits& limits) const;
  /// The same values on other pixels.
  Viewport onPixels(double left, double width) const;

 private:
  double m_start = 0, m_span = 1, m_left = 0, m_width = 1;
};

}  // namespace cellocus
