// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <array>
#include <cmath>
#include <numbers>

namespace cellocus::testing {

using Triple = std::array<double, 3>;

inline double linearChannel(double channel) {
  return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

inline Triple linearRgb(const QColor& colour) {
  return {linearChannel(colour.redF()), linearChannel(colour.greenF()),
          linearChannel(colour.blueF())};
}

inline Triple times(const std::array<Triple, 3>& matrix, const Triple& vector) {
  Triple result{};
  for (std::size_t row = 0; row < 3; ++row)
    for (std::size_t column = 0; column < 3; ++column)
      result[row] += matrix[row][column] * vector[column];
  return result;
}

enum class Vision { Normal, Protan, Deutan, Tritan };

/// Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB. doi:10.1109/TVCG.2009.113
inline Triple seen(const Triple& rgb, Vision vision) {
  static constexpr std::array<Triple, 3> protan = {{{0.152286, 1.052583, -0.204868},
                                                    {0.114503, 0.786281, 0.099216},
                                                    {-0.003882, -0.048116, 1.051998}}};
  static constexpr std::array<Triple, 3> deutan = {{{0.367322, 0.860646, -0.227968},
                                                    {0.280085, 0.672501, 0.047413},
                                                    {-0.011820, 0.042940, 0.968881}}};
  static constexpr std::array<Triple, 3> tritan = {{{1.255528, -0.076749, -0.178779},
                                                    {-0.078411, 0.930809, 0.147602},
                                                    {0.004733, 0.691367, 0.303900}}};
  if (vision == Vision::Normal) return rgb;
  Triple result = times(vision == Vision::Protan   ? protan
                        : vision == Vision::Deutan ? deutan
                                                   : tritan,
                        rgb);
  for (double& channel : result) channel = std::min(1.0, std::max(0.0, channel));
  return result;
}

/// CIE L*a*b* of linear sRGB, D65.
inline Triple lab(const Triple& rgb) {
  static constexpr std::array<Triple, 3> toXyz = {{{0.4124564, 0.3575761, 0.1804375},
                                                   {0.2126729, 0.7151522, 0.0721750},
                                                   {0.0193339, 0.1191920, 0.9503041}}};
  Triple xyz = times(toXyz, rgb);
  static constexpr Triple white = {0.95047, 1.0, 1.08883};
  for (std::size_t i = 0; i < 3; ++i) {
    const double t = xyz[i] / white[i];
    xyz[i] = t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116;
  }
  return {116 * xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])};
}

/// CIEDE2000 after Sharma, Wu and Dalal (2005), doi:10.1002/col.20070.
inline double ciede2000(const Triple& one, const Triple& other) {
  constexpr double pi = std::numbers::pi, degree = pi / 180;
  const double c1 = std::hypot(one[1], one[2]), c2 = std::hypot(other[1], other[2]);
  const double mean7 = std::pow((c1 + c2) / 2, 7), twentyFive7 = std::pow(25.0, 7);
  const double g = 0.5 * (1 - std::sqrt(mean7 / (mean7 + twentyFive7)));
  const double a1 = one[1] * (1 + g), a2 = other[1] * (1 + g);
  const double C1 = std::hypot(a1, one[2]), C2 = std::hypot(a2, other[2]);
  const auto hue = [](double a, double b) {
    if (a == 0 && b == 0) return 0.0;
    const double h = std::atan2(b, a);
    return h < 0 ? h + 2 * std::numbers::pi : h;
  };
  const double h1 = hue(a1, one[2]), h2 = hue(a2, other[2]);
  double dh = C1 * C2 == 0 ? 0 : h2 - h1;
  if (dh > pi) dh -= 2 * pi;
  if (dh < -pi) dh += 2 * pi;
  const double dL = other[0] - one[0], dC = C2 - C1, dH = 2 * std::sqrt(C1 * C2) * std::sin(dh / 2);
  const double L = (one[0] + other[0]) / 2, C = (C1 + C2) / 2;
  double h = h1 + h2;
  if (C1 * C2 != 0) {
    if (std::abs(h1 - h2) > pi) h += h < 2 * pi ? 2 * pi : -2 * pi;
    h /= 2;
  }
  const double T = 1 - 0.17 * std::cos(h - 30 * degree) + 0.24 * std::cos(2 * h) +
                   0.32 * std::cos(3 * h + 6 * degree) - 0.20 * std::cos(4 * h - 63 * degree);
  const double turn = 30 * degree * std::exp(-std::pow((h / degree - 275) / 25, 2));
  const double C7 = std::pow(C, 7);
  const double rc = 2 * std::sqrt(C7 / (C7 + twentyFive7));
  const double sl = 1 + 0.015 * std::pow(L - 50, 2) / std::sqrt(20 + std::pow(L - 50, 2));
  const double sc = 1 + 0.045 * C, sh = 1 + 0.015 * C * T;
  const double x = dL / sl, y = dC / sc, z = dH / sh;
  return std::sqrt(x * x + y * y + z * z - std::sin(2 * turn) * rc * y * z);
}

inline double difference(const QColor& one, const QColor& other, Vision vision) {
  return ciede2000(lab(seen(linearRgb(one), vision)), lab(seen(linearRgb(other), vision)));
}

}  // namespace cellocus::testing
