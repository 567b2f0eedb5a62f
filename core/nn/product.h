// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/matrix.h"

namespace cellocus::nn {

/// A writable look at a Matrix or at a block of its rows or columns.
using MatrixBlock = Eigen::Ref<Matrix, 0, Eigen::OuterStride<>>;

enum class Into {
  Replace,  ///< c = product
  Add       ///< c += product
};

/// c = a · b, or c += a · b: [m, k] · [k, n] -> [m, n]. On the calling thread alone: the models
/// divide their work into blocks of rows (see forRowBlocks), so that what one block touches stays
/// in one core's cache.
void multiply(MatrixView a, MatrixView b, MatrixBlock c, Into into = Into::Replace);

/// The same with b given as its transpose: [m, k] · [n, k]ᵀ -> [m, n].
void multiplyTransposed(MatrixView a, MatrixView b, MatrixBlock c, Into into = Into::Replace);

}  // namespace cellocus::nn
