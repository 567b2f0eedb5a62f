// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/kernels.h"

#include <cmath>

// Highway compiles what lies between its BEFORE and AFTER marks once for every instruction set, by
// including this file again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels.cpp"
#include <hwy/foreach_target.h>
// (after foreach_target.h)
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#ifndef CELLOCUS_NN_KERNELS_ROW
#define CELLOCUS_NN_KERNELS_ROW
namespace cellocus::nn {

/// A row of an operand: one of the two is set.
struct Row {
  float* floats = nullptr;
  std::uint16_t* halves = nullptr;
};

struct LayerNormOf {
  const float *weight, *bias;
  float epsilon;
};

}  // namespace cellocus::nn
#endif

HWY_BEFORE_NAMESPACE();
namespace cellocus::nn::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Calls step(d, i) for whole vectors from column i, then for the columns left over one by one.
template <class Step>
HWY_INLINE void alongRow(std::int64_t columns, const Step& step) {
  const hn::ScalableTag<float> wide;
  const hn::CappedTag<float, 1> single;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(wide));
  std::int64_t i = 0;
  for (; i + lanes <= columns; i += lanes) step(wide, i);
  for (; i < columns; ++i) step(single, i);
}

/// 1 + e^-x. Highway's Exp gives nonsense where the result does not fit, so it is kept just below
/// that.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V onePlusExpOfMinus(D d, V x) {
  const V exponent = hn::Min(hn::Neg(x), hn::Set(d, 88.0f));
  return hn::Add(hn::Set(d, 1.0f), hn::Exp(d, exponent));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V sigmoid(D d, V x) {
  return hn::Div(hn::Set(d, 1.0f), onePlusExpOfMinus(d, x));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V geluOf(D d, V x) {
  return hn::Div(x, onePlusExpOfMinus(d, hn::Mul(x, hn::Set(d, 1.702f))));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V softplusOf(D d, V x) {
  const V threshold = hn::Set(d, 20.0f);
  const V curved = hn::Log1p(d, hn::Exp(d, hn::Min(x, threshold)));
  return hn::IfThenElse(hn::Gt(x, threshold), x, curved);
}

/// Stores a vector as float32, or as bfloat16 rounded to nearest, ties to even.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void store(D d, V x, float* out) {
  hn::StoreU(x, d, out);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE void store(D /*d*/, V x, std::uint16_t* out) {
  const hn::RebindToUnsigned<D> bits;
  const hn::Rebind<std::uint16_t, D> half;
  const auto value = hn::BitCast(bits, x);
  const auto odd = hn::And(hn::ShiftRight<16>(value), hn::Set(bits, 1));
  const auto rounded = hn::Add(value, hn::Add(odd, hn::Set(bits, 0x7FFF)));
  hn::StoreU(hn::TruncateTo(half, hn::ShiftRight<16>(rounded)), half, out);
}

template <class Out>
HWY_INLINE void geluOfAffineTo(const float* x, const float* scale, const float* shift, Out* out,
                               std::int64_t columns) {
  alongRow(columns, [=](auto d, std::int64_t i) HWY_ATTR {
    const auto y =
        hn::MulAdd(hn::LoadU(d, x + i), hn::LoadU(d, scale + i), hn::LoadU(d, shift + i));
    store(d, geluOf(d, y), out + i);
  });
}

void GeluOfAffine(const float* x, const float* scale, const float* shift, const Row& out,
                  std::int64_t columns) {
  if (out.floats)
    geluOfAffineTo(x, scale, shift, out.floats, columns);
  else
    geluOfAffineTo(x, scale, shift, out.halves, columns);
}

void Round(const float* x, std::uint16_t* out, std::int64_t columns) {
  alongRow(columns,
           [=](auto d, std::int64_t i) HWY_ATTR { store(d, hn::LoadU(d, x + i), out + i); });
}

void Relu(float* x, std::int64_t columns) {
  alongRow(columns, [=](auto d, std::int64_t i) HWY_ATTR {
    hn::StoreU(hn::Max(hn::LoadU(d, x + i), hn::Zero(d)), d, x + i);
  });
}

void Softplus(float* x, std::int64_t columns) {
  alongRow(columns, [=](auto d, std::int64_t i)
                        HWY_ATTR { hn::StoreU(softplusOf(d, hn::LoadU(d, x + i)), d, x + i); });
}

template <class Out>
HWY_INLINE void subtractTo(const float* first, const float* second, Out* out,
                           std::int64_t columns) {
  alongRow(columns, [=](auto d, std::int64_t i) HWY_ATTR {
    store(d, hn::Sub(hn::LoadU(d, first + i), hn::LoadU(d, second + i)), out + i);
  });
}

void Subtract(const float* first, const float* second, const Row& out, std::int64_t columns) {
  if (out.floats)
    subtractTo(first, second, out.floats, columns);
  else
    subtractTo(first, second, out.halves, columns);
}

/// second + sigmoid(logit) * (first - second)
template <class D, class V = hn::Vec<D>>
HWY_INLINE V gated(D d, V first, V second, V logit) {
  return hn::MulAdd(sigmoid(d, logit), hn::Sub(first, second), second);
}

void Gate(const float* first, const float* second, const float* logit, float* out,
          std::int64_t columns) {
  alongRow(columns, [=](auto d, std::int64_t i) HWY_ATTR {
    hn::StoreU(gated(d, hn::LoadU(d, first + i), hn::LoadU(d, second + i), hn::LoadU(d, logit + i)),
               d, out + i);
  });
}

void GateBy(const float* first, const float* second, const float* factor, float* out,
            std::int64_t columns) {
  alongRow(columns, [=](auto d, std::int64_t i) HWY_ATTR {
    const auto a = hn::LoadU(d, first + i), b = hn::LoadU(d, second + i);
    hn::StoreU(gated(d, a, b, hn::Mul(hn::Sub(a, b), hn::LoadU(d, factor + i))), d, out + i);
  });
}

/// The sum of f over a row; partial sums of the lanes are added at the end.
template <class F>
HWY_INLINE float rowSum(std::int64_t columns, const F& f) {
  const hn::ScalableTag<float> wide;
  const hn::CappedTag<float, 1> single;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(wide));
  auto sums = hn::Zero(wide);
  std::int64_t i = 0;
  for (; i + lanes <= columns; i += lanes) sums = hn::Add(sums, f(wide, i));
  float sum = hn::GetLane(hn::SumOfLanes(wide, sums));
  for (; i < columns; ++i) sum += hn::GetLane(f(single, i));
  return sum;
}

template <class Out>
HWY_INLINE void layerNormTo(const float* x, const LayerNormOf& norm, Out* out,
                            std::int64_t columns) {
  const auto count = static_cast<float>(columns);
  const float mean =
      rowSum(columns, [=](auto d, std::int64_t i) HWY_ATTR { return hn::LoadU(d, x + i); }) / count;
  const float variance = rowSum(columns,
                                [=](auto d, std::int64_t i) HWY_ATTR {
                                  const auto apart = hn::Sub(hn::LoadU(d, x + i), hn::Set(d, mean));
                                  return hn::Mul(apart, apart);
                                }) /
                         count;
  const float factor = 1.0f / std::sqrt(variance + norm.epsilon);
  alongRow(columns, [=](auto d, std::int64_t i) HWY_ATTR {
    const auto normal = hn::Mul(hn::Sub(hn::LoadU(d, x + i), hn::Set(d, mean)), hn::Set(d, factor));
    store(d, hn::MulAdd(normal, hn::LoadU(d, norm.weight + i), hn::LoadU(d, norm.bias + i)),
          out + i);
  });
}

void LayerNormRow(const float* x, const LayerNormOf& norm, const Row& out, std::int64_t columns) {
  if (out.floats)
    layerNormTo(x, norm, out.floats, columns);
  else
    layerNormTo(x, norm, out.halves, columns);
}

}  // namespace cellocus::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cellocus::nn {

HWY_EXPORT(GeluOfAffine);
HWY_EXPORT(Round);
HWY_EXPORT(Relu);
HWY_EXPORT(Softplus);
HWY_EXPORT(Subtract);
HWY_EXPORT(Gate);
HWY_EXPORT(GateBy);
HWY_EXPORT(LayerNormRow);

namespace {

Row rowOf(const Operand& operand, std::int64_t index) {
  if (operand.precision == Precision::Float32)
    return {static_cast<float*>(operand.row(index)), nullptr};
  return {nullptr, static_cast<std::uint16_t*>(operand.row(index))};
}

}  // namespace

void geluOfAffine(MatrixView x, const Vector& scale, const Vector& shift, const Operand& out) {
  const auto kernel = HWY_DYNAMIC_DISPATCH(GeluOfAffine);
  for (Eigen::Index row = 0; row < x.rows(); ++row)
    kernel(x.row(row).data(), scale.data(), shift.data(), rowOf(out, row), x.cols());
}

Operand asOperand(MatrixView x, Precision precision, Scratch& scratch) {
  if (precision == Precision::Float32) return x;
  const Operand rounded = scratch.operand(precision, x.rows(), x.cols());
  const auto kernel = HWY_DYNAMIC_DISPATCH(Round);
  for (Eigen::Index row = 0; row < x.rows(); ++row)
    kernel(x.row(row).data(), static_cast<std::uint16_t*>(rounded.row(row)), x.cols());
  return rounded;
}

void relu(MatrixBlock x) {
  const auto kernel = HWY_DYNAMIC_DISPATCH(Relu);
  for (Eigen::Index row = 0; row < x.rows(); ++row) kernel(x.row(row).data(), x.cols());
}

void softplus(MatrixBlock x) {
  const auto kernel = HWY_DYNAMIC_DISPATCH(Softplus);
  for (Eigen::Index row = 0; row < x.rows(); ++row) kernel(x.row(row).data(), x.cols());
}

void layerNorm(MatrixView x, const Vector& weight, const Vector& bias, float epsilon,
               const Operand& out) {
  const auto kernel = HWY_DYNAMIC_DISPATCH(LayerNormRow);
  for (Eigen::Index row = 0; row < x.rows(); ++row)
    kernel(x.row(row).data(), {weight.data(), bias.data(), epsilon}, rowOf(out, row), x.cols());
}

void pairDifferences(MatrixView x, const Operand& out) {
  const auto kernel = HWY_DYNAMIC_DISPATCH(Subtract);
  for (Eigen::Index pair = 0; pair < x.rows() / 2; ++pair)
    kernel(x.row(2 * pair).data(), x.row(2 * pair + 1).data(), rowOf(out, pair), x.cols());
}

void gatedPairs(MatrixView x, MatrixView logits, MatrixBlock out) {
  const auto kernel = HWY_DYNAMIC_DISPATCH(Gate);
  for (Eigen::Index pair = 0; pair < x.rows() / 2; ++pair)
    kernel(x.row(2 * pair).data(), x.row(2 * pair + 1).data(), logits.row(pair).data(),
           out.row(pair).data(), x.cols());
  if (x.rows() % 2 == 1) out.row(x.rows() / 2) = x.row(x.rows() - 1);
}

void gatedPairsByFactor(MatrixView x, const Vector& factors, MatrixBlock out) {
  const auto kernel = HWY_DYNAMIC_DISPATCH(GateBy);
  for (Eigen::Index pair = 0; pair < x.rows() / 2; ++pair)
    kernel(x.row(2 * pair).data(), x.row(2 * pair + 1).data(), factors.data(), out.row(pair).data(),
           x.cols());
  if (x.rows() % 2 == 1) out.row(x.rows() / 2) = x.row(x.rows() - 1);
}

}  // namespace cellocus::nn
#endif
