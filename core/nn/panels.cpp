// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/panels.h"

#include <algorithm>
#include <cassert>

// Highway compiles what lies between its BEFORE and AFTER marks once for every instruction set, by
// including this file again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/panels.cpp"
#include <hwy/foreach_target.h>
// (after foreach_target.h)
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#ifndef CELLOCUS_NN_PANELS_TILE
#define CELLOCUS_NN_PANELS_TILE
namespace cellocus::nn {

/// One panel's part of a product: c [rows, width] = or += a [rows, depth] · panel [depth, width].
struct PanelProduct {
  const float* a;
  std::int64_t aStride, rows;
  const float* panel;
  std::int64_t depth;
  float* c;
  std::int64_t cStride;
  bool add;
};

}  // namespace cellocus::nn
#endif

HWY_BEFORE_NAMESPACE();
namespace cellocus::nn::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Wide = hn::ScalableTag<float>;

/// Rows whose sums are kept in registers: two vectors each, of 32 registers or of 16.
#if HWY_TARGET <= HWY_AVX3
constexpr int mostRows = 12;
#else
constexpr int mostRows = 6;
#endif

std::int64_t PanelWidth() {
  return 2 * static_cast<std::int64_t>(hn::Lanes(Wide()));
}

template <int rows>
HWY_INLINE void someRows(const PanelProduct& product, std::int64_t first) {
  const Wide d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const float* HWY_RESTRICT a = product.a + first * product.aStride;
  const float* HWY_RESTRICT panel = product.panel;
  float* HWY_RESTRICT c = product.c + first * product.cStride;
  hn::Vec<Wide> left[rows], right[rows];
#pragma GCC unroll 12
  for (int row = 0; row < rows; ++row) {
    left[row] = product.add ? hn::LoadU(d, c + row * product.cStride) : hn::Zero(d);
    right[row] = product.add ? hn::LoadU(d, c + row * product.cStride + lanes) : hn::Zero(d);
  }
  for (std::int64_t k = 0; k < product.depth; ++k, panel += 2 * lanes) {
    const auto leftFactor = hn::LoadU(d, panel), rightFactor = hn::LoadU(d, panel + lanes);
#pragma GCC unroll 12
    for (int row = 0; row < rows; ++row) {
      const auto factor = hn::Set(d, a[row * product.aStride + k]);
      left[row] = hn::MulAdd(factor, leftFactor, left[row]);
      right[row] = hn::MulAdd(factor, rightFactor, right[row]);
    }
  }
#pragma GCC unroll 12
  for (int row = 0; row < rows; ++row) {
    hn::StoreU(left[row], d, c + row * product.cStride);
    hn::StoreU(right[row], d, c + row * product.cStride + lanes);
  }
}

void MultiplyPanel(const PanelProduct& product) {
  std::int64_t row = 0;
  for (; row + mostRows <= product.rows; row += mostRows) someRows<mostRows>(product, row);
  for (; row + 3 <= product.rows; row += 3) someRows<3>(product, row);
  for (; row < product.rows; ++row) someRows<1>(product, row);
}

float AddToSoftmax(float* HWY_RESTRICT logits, const float* HWY_RESTRICT more, std::int64_t count,
                   OpenSoftmax& softmax) {
  const Wide d;
  const hn::CappedTag<float, 1> single;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  auto largest = hn::Set(d, softmax.maximum);
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto logit = hn::Add(hn::LoadU(d, logits + i), hn::LoadU(d, more + i));
    hn::StoreU(logit, d, logits + i);
    largest = hn::Max(largest, logit);
  }
  float maximum = hn::GetLane(hn::MaxOfLanes(d, largest));
  for (; i < count; ++i) {
    logits[i] += more[i];
    maximum = HWY_MAX(maximum, logits[i]);
  }
  auto sums = hn::Zero(d);
  const auto above = hn::Set(d, maximum);
  for (i = 0; i + lanes <= count; i += lanes) {
    const auto e = hn::Exp(d, hn::Sub(hn::LoadU(d, logits + i), above));
    hn::StoreU(e, d, logits + i);
    sums = hn::Add(sums, e);
  }
  float sum = hn::GetLane(hn::SumOfLanes(d, sums));
  const auto expOf = [&](float x)
                         HWY_ATTR { return hn::GetLane(hn::Exp(single, hn::Set(single, x))); };
  for (; i < count; ++i) sum += logits[i] = expOf(logits[i] - maximum);
  const float factor = expOf(softmax.maximum - maximum);
  softmax = {maximum, softmax.sum * factor + sum};
  return factor;
}

void ScaleRow(float* x, std::int64_t count, float factor) {
  const Wide d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes)
    hn::StoreU(hn::Mul(hn::LoadU(d, x + i), hn::Set(d, factor)), d, x + i);
  for (; i < count; ++i) x[i] *= factor;
}

}  // namespace cellocus::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cellocus::nn {

HWY_EXPORT(PanelWidth);
HWY_EXPORT(MultiplyPanel);
HWY_EXPORT(AddToSoftmax);
HWY_EXPORT(ScaleRow);

std::int64_t Panels::width() {
  static const std::int64_t width = HWY_DYNAMIC_DISPATCH(PanelWidth)();
  return width;
}

void Panels::resize(std::int64_t depth, std::int64_t columns) {
  if (depth == m_depth && columns == m_columns) return;
  m_depth = depth;
  m_columns = columns;
  m_values.assign(static_cast<std::size_t>(depth * roundedUp(columns)), 0.0f);
}

std::size_t Panels::placeOf(std::int64_t depth, std::int64_t column) const {
  return static_cast<std::size_t>((column / width() * m_depth + depth) * width() +
                                  column % width());
}

void Panels::assignTransposed(MatrixView rows) {
  resize(rows.cols(), rows.rows());
  const std::int64_t wide = width();
  for (std::int64_t column = 0; column < rows.rows(); ++column) {
    const float* from = rows.row(column).data();
    float* to = m_values.data() + placeOf(0, column);
    for (std::int64_t depth = 0; depth < rows.cols(); ++depth) to[depth * wide] = from[depth];
  }
}

void Panels::assign(MatrixView matrix) {
  resize(matrix.rows(), matrix.cols());
  for (std::int64_t first = 0; first < matrix.cols(); first += width()) {
    const std::int64_t count = std::min(width(), matrix.cols() - first);
    for (std::int64_t depth = 0; depth < matrix.rows(); ++depth)
      std::copy_n(matrix.row(depth).data() + first, count, m_values.data() + placeOf(depth, first));
  }
}

void Panels::multiply(MatrixView a, BinRange depths, BinRange columns, MatrixBlock c,
                      Into into) const {
  assert(a.cols() == depths.count() && c.cols() == columns.count() && a.rows() == c.rows());
  assert(columns.first % width() == 0 && columns.count() % width() == 0);
  const auto kernel = HWY_DYNAMIC_DISPATCH(MultiplyPanel);
  PanelProduct product{a.data(),       a.outerStride(), a.rows(),        nullptr,
                       depths.count(), nullptr,         c.outerStride(), into == Into::Add};
  for (std::int64_t column = 0; column < columns.count(); column += width()) {
    product.panel = m_values.data() + placeOf(depths.first, columns.first + column);
    product.c = c.data() + column;
    kernel(product);
  }
}

float addToSoftmax(float* logits, const float* more, std::int64_t count, OpenSoftmax& softmax) {
  return HWY_DYNAMIC_DISPATCH(AddToSoftmax)(logits, more, count, softmax);
}

void scaleRow(float* x, std::int64_t count, float factor) {
  HWY_DYNAMIC_DISPATCH(ScaleRow)(x, count, factor);
}

}  // namespace cellocus::nn
#endif
