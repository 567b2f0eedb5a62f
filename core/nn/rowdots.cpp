// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/rowdots.h"

#include <algorithm>
#include <cassert>

// As in kernels.cpp: compiled once for every instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/rowdots.cpp"
#include <hwy/foreach_target.h>
// (after foreach_target.h)
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace cellocus::nn::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// sums[0] = row · x, sums[1] = row · y. Four partial sums each, so that no addition waits for the
/// one before it; with two vectors beside the row all of it fits into registers.
void DotPair(const float* row, const float* x, const float* y, std::int64_t columns, float* sums) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  auto x0 = hn::Zero(d), x1 = x0, x2 = x0, x3 = x0, y0 = x0, y1 = x0, y2 = x0, y3 = x0;
  std::int64_t i = 0;
  const auto add = [=](std::int64_t at, auto& xSum, auto& ySum) HWY_ATTR {
    const auto weights = hn::LoadU(d, row + at);
    xSum = hn::MulAdd(weights, hn::LoadU(d, x + at), xSum);
    ySum = hn::MulAdd(weights, hn::LoadU(d, y + at), ySum);
  };
  for (; i + 4 * lanes <= columns; i += 4 * lanes) {
    add(i, x0, y0);
    add(i + lanes, x1, y1);
    add(i + 2 * lanes, x2, y2);
    add(i + 3 * lanes, x3, y3);
  }
  for (; i + lanes <= columns; i += lanes) add(i, x0, y0);
  sums[0] = hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(x0, x1), hn::Add(x2, x3))));
  sums[1] = hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(y0, y1), hn::Add(y2, y3))));
  const hn::CappedTag<float, 1> single;
  for (; i < columns; ++i) {
    const auto weight = hn::LoadU(single, row + i);
    const auto dot = [=](const float* of, float sum) HWY_ATTR {
      return hn::GetLane(hn::MulAdd(weight, hn::LoadU(single, of + i), hn::Set(single, sum)));
    };
    sums[0] = dot(x, sums[0]);
    sums[1] = dot(y, sums[1]);
  }
}

}  // namespace cellocus::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cellocus::nn {

HWY_EXPORT(DotPair);

void rowDots(MatrixView x, MatrixView weight, MatrixBlock out) {
  assert(x.cols() == weight.cols() && x.rows() == out.rows() && weight.rows() == out.cols());
  // So many rows of the weight stay in a core's cache while all pairs of rows of x are gone
  // through.
  constexpr Eigen::Index rowsAtOnce = 16;
  const auto kernel = HWY_DYNAMIC_DISPATCH(DotPair);
  for (Eigen::Index first = 0; first < weight.rows(); first += rowsAtOnce) {
    const Eigen::Index last = std::min(first + rowsAtOnce, weight.rows());
    for (Eigen::Index pair = 0; pair < x.rows(); pair += 2) {
      // A lone last row is its own partner: no other kernel that might add up differently.
      const Eigen::Index partner = std::min(pair + 1, x.rows() - 1);
      for (Eigen::Index row = first; row < last; ++row) {
        float sums[2];
        kernel(weight.row(row).data(), x.row(pair).data(), x.row(partner).data(), x.cols(), sums);
        out(pair, row) = sums[0];
        out(partner, row) = sums[1];
      }
    }
  }
}

}  // namespace cellocus::nn
#endif
