// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/linear.h"

#include <algorithm>

namespace cellocus::nn {

namespace {

bool allZero(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return value == 0; });
}

std::optional<PackedProduct> packed(std::span<const float> weight, const Shape& shape,
                                    const Vector& bias, const Linear::Options& options) {
  if (allZero(weight) && allZero({bias.data(), static_cast<std::size_t>(bias.size())})) return {};
  return PackedProduct({weight, shape[0], shape[1]}, bias, options.precision, options.finish);
}

}  // namespace

Vector readVector(WeightReader& reader, const std::string& name, std::int64_t size) {
  const std::vector<float> values = reader.read(name, {size});
  return Eigen::Map<const Vector>(values.data(), size);
}

Linear::Linear(WeightReader& reader, const std::string& scope, const Shape& shape,
               const Options& options)
    : m_inputs(shape[1]), m_outputs(shape[0]) {
  const std::vector<float> weight = reader.read(scope + ".weight", shape);
  Vector bias;
  if (options.bias == Bias::Present) bias = readVector(reader, scope + ".bias", m_outputs);
  m_product = packed(weight, shape, bias, options);
}

Linear::Linear(const Matrix& weight, const Options& options)
    : m_inputs(weight.cols()), m_outputs(weight.rows()) {
  m_product = packed({weight.data(), static_cast<std::size_t>(weight.size())},
                     {m_outputs, m_inputs}, Vector(), options);
}

void Linear::apply(const Operand& x, MatrixBlock y) const {
  if (m_product)
    m_product->apply(x, y);
  else
    y.setZero();
}

void Linear::applyToOperand(const Operand& x, const Operand& y) const {
  if (m_product)
    m_product->applyToOperand(x, y);
  else
    y.setZero();
}

void Linear::addTo(const Operand& x, MatrixBlock y) const {
  if (m_product) m_product->apply(x, y, Into::Add);
}

}  // namespace cellocus::nn
