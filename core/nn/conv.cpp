// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/conv.h"

#include "nn/linear.h"

namespace cellocus::nn {

Convolution::Convolution(WeightReader& reader, const std::string& scope, const Size& size)
    : m_inputs(size.inputs),
      m_kernel(size.kernel),
      m_weight(size.kernel * size.inputs, size.outputs) {
  const std::vector<float> values =
      reader.read(scope + ".weight", {size.outputs, size.inputs, size.kernel});
  m_bias = readVector(reader, scope + ".bias", size.outputs);
  const Eigen::Map<const Matrix> stored(values.data(), size.outputs, size.inputs * size.kernel);
  for (std::int64_t tap = 0; tap < m_kernel; ++tap) {
    auto block = m_weight.middleRows(tap * m_inputs, m_inputs);
    for (std::int64_t input = 0; input < m_inputs; ++input)
      block.row(input) = stored.col(input * m_kernel + tap).transpose();
    if (!block.isZero(0)) m_taps.push_back(tap);
  }
}

void Convolution::apply(MatrixView x, MatrixBlock y) const {
  y.rowwise() = m_bias.transpose();
  for (const std::int64_t tap : m_taps)
    multiply(x.middleRows(tap, y.rows()), m_weight.middleRows(tap * m_inputs, m_inputs), y,
             Into::Add);
}

void Convolution::applyToColumns(MatrixView columns, MatrixBlock y) const {
  y.rowwise() = m_bias.transpose();
  multiply(columns, m_weight, y, Into::Add);
}

}  // namespace cellocus::nn
