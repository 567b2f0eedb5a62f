// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/product.h"

#include <dnnl.h>
#include <omp.h>

#include <algorithm>
#include <cassert>

#include "base/error.h"
#include "nn/librarythread.h"

namespace cellocus::nn {

namespace {

/// Rows apart from each other; a matrix of one row may report any stride.
dnnl_dim_t rowStride(Eigen::Index outerStride, Eigen::Index columns) {
  return std::max<dnnl_dim_t>({1, outerStride, columns});
}

void product(char transposed, MatrixView a, MatrixView b, MatrixBlock c, Into into) {
  if (c.size() == 0) return;
  keepLibraryOnThisThread();
  const float beta = into == Into::Add ? 1.0f : 0.0f;
  const dnnl_status_t status = dnnl_sgemm('N', transposed, c.rows(), c.cols(), a.cols(), 1.0f,
                                          a.data(), rowStride(a.outerStride(), a.cols()), b.data(),
                                          rowStride(b.outerStride(), b.cols()), beta, c.data(),
                                          rowStride(c.outerStride(), c.cols()));
  if (status != dnnl_success)
    throw Error("MATRIX_PRODUCT_FAILED", "oneDNN",
                "a matrix product failed with status " + std::to_string(status) + ".",
                "The computer may be out of memory; close other programs and try again.");
}

}  // namespace

void keepLibraryOnThisThread() {
  thread_local const bool said = [] {
    omp_set_num_threads(1);
    return true;
  }();
  static_cast<void>(said);
}

void multiply(MatrixView a, MatrixView b, MatrixBlock c, Into into) {
  assert(a.cols() == b.rows() && a.rows() == c.rows() && b.cols() == c.cols());
  product('N', a, b, c, into);
}

void multiplyTransposed(MatrixView a, MatrixView b, MatrixBlock c, Into into) {
  assert(a.cols() == b.cols() && a.rows() == c.rows() && b.rows() == c.cols());
  product('T', a, b, c, into);
}

}  // namespace cellocus::nn
