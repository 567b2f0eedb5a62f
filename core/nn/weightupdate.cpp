// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/weightupdate.h"

// Highway compiles what lies between its BEFORE and AFTER marks once for every instruction set, by
// including this file again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/weightupdate.cpp"
#include <hwy/foreach_target.h>
// (after foreach_target.h)
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace cellocus::nn::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Calls step(d, i) for whole vectors, then for the numbers left over one by one.
template <class Step>
HWY_INLINE void alongRun(std::int64_t count, const Step& step) {
  const hn::ScalableTag<float> wide;
  const hn::CappedTag<float, 1> single;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(wide));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) step(wide, i);
  for (; i < count; ++i) step(single, i);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V withoutTiny(D d, V x) {
  return hn::IfThenElseZero(hn::Ge(hn::Abs(x), hn::Set(d, 1e-30f)), x);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V meanOfSquares(D d, const WeightUpdate& update, float* place, V gradient) {
  const V kept = hn::Mul(hn::LoadU(d, place), hn::Set(d, update.secondDecay));
  const V square = hn::Mul(gradient, gradient);
  const V mean = withoutTiny(d, hn::MulAdd(square, hn::Set(d, update.secondShare), kept));
  hn::StoreU(mean, d, place);
  return mean;
}

void AdamW(const WeightUpdate& update, const WeightRun& run) {
  alongRun(run.count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto gradient = hn::LoadU(d, run.gradient + i);
    const auto kept = hn::Mul(hn::LoadU(d, run.first + i), hn::Set(d, update.firstDecay));
    const auto mean = withoutTiny(d, hn::MulAdd(gradient, hn::Set(d, update.firstShare), kept));
    hn::StoreU(mean, d, run.first + i);
    const auto squares = meanOfSquares(d, update, run.second + i, gradient);
    const auto root =
        hn::MulAdd(hn::Sqrt(squares), hn::Set(d, update.rootScale), hn::Set(d, 1e-8f));
    const auto weight = hn::Mul(hn::LoadU(d, run.weights + i), hn::Set(d, update.kept));
    const auto change = hn::Div(hn::Mul(mean, hn::Set(d, update.rate)), root);
    hn::StoreU(hn::Sub(weight, change), d, run.weights + i);
  });
}

void Sgd(const WeightUpdate& update, const WeightRun& run) {
  alongRun(run.count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto weight = hn::LoadU(d, run.weights + i);
    const auto gradient =
        hn::MulAdd(weight, hn::Set(d, update.decay), hn::LoadU(d, run.gradient + i));
    hn::StoreU(hn::NegMulAdd(gradient, hn::Set(d, update.rate), weight), d, run.weights + i);
  });
}

void RmsProp(const WeightUpdate& update, const WeightRun& run) {
  alongRun(run.count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto weight = hn::LoadU(d, run.weights + i);
    const auto gradient =
        hn::MulAdd(weight, hn::Set(d, update.decay), hn::LoadU(d, run.gradient + i));
    const auto squares = meanOfSquares(d, update, run.second + i, gradient);
    const auto root = hn::Add(hn::Sqrt(squares), hn::Set(d, 1e-8f));
    const auto change = hn::Div(hn::Mul(gradient, hn::Set(d, update.rate)), root);
    hn::StoreU(hn::Sub(weight, change), d, run.weights + i);
  });
}

void MultiplyBySoftplusSlope(const float* softplus, float* gradient, std::int64_t count) {
  alongRun(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto slope = hn::Neg(hn::Expm1(d, hn::Neg(hn::LoadU(d, softplus + i))));
    hn::StoreU(hn::Mul(hn::LoadU(d, gradient + i), slope), d, gradient + i);
  });
}

}  // namespace cellocus::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace cellocus::nn {

HWY_EXPORT(AdamW);
HWY_EXPORT(Sgd);
HWY_EXPORT(RmsProp);
HWY_EXPORT(MultiplyBySoftplusSlope);

void updateWeights(const WeightUpdate& update, const WeightRun& run) {
  switch (update.rule) {
    case WeightUpdate::Rule::AdamW:
      return HWY_DYNAMIC_DISPATCH(AdamW)(update, run);
    case WeightUpdate::Rule::Sgd:
      return HWY_DYNAMIC_DISPATCH(Sgd)(update, run);
    case WeightUpdate::Rule::RmsProp:
      return HWY_DYNAMIC_DISPATCH(RmsProp)(update, run);
  }
}

void softplusGradient(MatrixView softplus, MatrixBlock gradient) {
  for (Eigen::Index row = 0; row < gradient.rows(); ++row)
    HWY_DYNAMIC_DISPATCH(MultiplyBySoftplusSlope)
  (softplus.data() + row * softplus.outerStride(), gradient.data() + row * gradient.outerStride(),
   gradient.cols());
}

}  // namespace cellocus::nn

#endif
