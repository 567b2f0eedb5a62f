// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/linear.h"

#include "nn/kernels.h"

namespace cellocus::nn {

Vector readVector(WeightReader& reader, const std::string& name, std::int64_t size) {
  const std::vector<float> values = reader.read(name, {size});
  return Eigen::Map<const Vector>(values.data(), size);
}

Linear::Linear(WeightReader& reader, const std::string& scope, const Shape& shape, Bias bias) {
  const std::vector<float> values = reader.read(scope + ".weight", shape);
  m_weight = Eigen::Map<const Matrix>(values.data(), shape[0], shape[1]).transpose();
  m_zeroWeight = m_weight.isZero(0);
  if (bias == Bias::Present) m_bias = readVector(reader, scope + ".bias", shape[0]);
}

void Linear::apply(MatrixView x, MatrixBlock y) const {
  if (m_bias.size() == 0) {
    if (m_zeroWeight)
      y.setZero();
    else
      multiply(x, m_weight, y);
    return;
  }
  y.rowwise() = m_bias.transpose();
  if (!m_zeroWeight) multiply(x, m_weight, y, Into::Add);
}

void Linear::addTo(MatrixView x, MatrixBlock y) const {
  if (m_bias.size() > 0) addBias(y, m_bias);
  if (!m_zeroWeight) multiply(x, m_weight, y, Into::Add);
}

}  // namespace cellocus::nn
