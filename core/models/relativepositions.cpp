// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <numbers>

#include "models/enformer.h"

namespace cellocus {

namespace {

template <typename Real>
Real logGamma(Real x) {
  int sign;  // the plain functions write a global variable
  if constexpr (std::is_same_v<Real, float>)
    return ::lgammaf_r(x, &sign);
  else
    return ::lgamma_r(x, &sign);
}

/// `count` numbers from first to last, both included.
template <typename Real>
Real spaced(Real first, Real last, std::int64_t count, std::int64_t i) {
  return count == 1
             ? first
             : first + static_cast<Real>(i) * ((last - first) / static_cast<Real>(count - 1));
}

double exponentialFeature(std::int64_t tokens, std::int64_t count, std::int64_t i,
                          double distance) {
  const double halfLife = std::exp2(spaced(3.0, std::log2(static_cast<double>(tokens)), count, i));
  return std::exp(-std::numbers::ln2 / halfLife * distance);
}

double centralMask(std::int64_t i, double distance) {
  return std::exp2(static_cast<double>(i + 1)) - 1 > distance ? 1 : 0;
}

/// Gamma densities [distances 0..tokens-1, count] plus 1e-8, not yet normalised. In double for the
/// PyTorch convention. DeepMind's weights have seen values that were computed in float32, whose
/// rounding (terms of 1e4 cancel) is part of the table they were trained with: there, the same
/// operations in the same order.
template <typename Real>
Eigen::Matrix<Real, -1, -1> gammaDensities(std::int64_t tokens, std::int64_t count) {
  const auto length = static_cast<Real>(tokens), classes = static_cast<Real>(count);
  const Real deviation = length / (2 * classes);
  Eigen::Matrix<Real, -1, -1> densities(tokens, count);
  for (std::int64_t i = 0; i < count; ++i) {
    const Real mean = spaced(length / classes, length, count, i);
    const Real concentration = (mean / deviation) * (mean / deviation);
    const Real rate = mean / (deviation * deviation);
    const Real normalisation = logGamma(concentration) - concentration * std::log(rate);
    for (std::int64_t d = 0; d < tokens; ++d) {
      const auto distance = static_cast<Real>(d);
      const Real unnormalised = (concentration - 1) * std::log(distance) - rate * distance;
      const Real density = d == 0 ? 0 : std::exp(unnormalised - normalisation);
      densities(d, i) = density + static_cast<Real>(1e-8);
    }
  }
  return densities;
}

Eigen::MatrixXd gammaFeatures(std::int64_t tokens, std::int64_t count, Gamma gamma) {
  if (gamma == Gamma::TensorFlow) {
    Eigen::MatrixXf densities = gammaDensities<float>(tokens, count);
    for (std::int64_t i = 0; i < count; ++i) densities.col(i) /= densities.col(i).maxCoeff();
    return densities.cast<double>();
  }
  Eigen::MatrixXd densities = gammaDensities<double>(tokens, count);
  for (std::int64_t d = 0; d < tokens; ++d) densities.row(d) /= densities.row(d).maxCoeff();
  return densities;
}

}  // namespace

Matrix relativePositionFeatures(std::int64_t tokens, std::int64_t features, Gamma gamma) {
  const std::int64_t count = features / 6;
  const Eigen::MatrixXd gammas = gammaFeatures(tokens, count, gamma);
  Matrix result(2 * tokens - 1, 6 * count);
  for (std::int64_t d = 0; d < tokens; ++d) {
    const auto distance = static_cast<double>(d);
    auto right = result.row(tokens - 1 + d), left = result.row(tokens - 1 - d);
    for (std::int64_t i = 0; i < count; ++i) {
      right(i) = static_cast<float>(exponentialFeature(tokens, count, i, distance));
      right(count + i) = static_cast<float>(centralMask(i, distance));
      right(2 * count + i) = static_cast<float>(gammas(d, i));
    }
    const float sign = d == 0 ? 0.0f : 1.0f;
    right.tail(3 * count) = sign * right.head(3 * count);
    if (d == 0) continue;
    left.head(3 * count) = right.head(3 * count);
    left.tail(3 * count) = -right.head(3 * count);
  }
  return result;
}

}  // namespace cellocus
