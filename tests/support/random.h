// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <random>

#include "base/matrix.h"

namespace cellocus::testing {

/// Normally distributed numbers, row by row; the same for the same seed.
inline Matrix randomMatrix(Eigen::Index rows, Eigen::Index columns, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  return Matrix::NullaryExpr(rows, columns, [&] { return normal(random); });
}

}  // namespace cellocus::testing
