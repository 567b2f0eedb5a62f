// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/matrix.h"
#include "nn/product.h"

namespace cellocus::nn {

/// out = x · weightᵀ for a few rows of x, [few, in] · [out, in]ᵀ -> [few, out], with each row of
/// `weight` taken from memory once: as fast as memory is read. The numbers of one product are added
/// up in the same order whatever else is computed beside it. On the calling thread.
void rowDots(MatrixView x, MatrixView weight, MatrixBlock out);

}  // namespace cellocus::nn
