// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/norm.h"

#include "nn/kernels.h"
#include "nn/linear.h"

namespace cellocus::nn {

NormalisedGelu::NormalisedGelu(WeightReader& reader, const std::string& scope,
                               std::int64_t channels) {
  const Eigen::VectorXd weight = readVector(reader, scope + ".weight", channels).cast<double>();
  const Eigen::VectorXd bias = readVector(reader, scope + ".bias", channels).cast<double>();
  const Eigen::VectorXd mean = readVector(reader, scope + ".running_mean", channels).cast<double>();
  const Eigen::VectorXd variance =
      readVector(reader, scope + ".running_var", channels).cast<double>();
  reader.ignore(scope + ".num_batches_tracked");
  const Eigen::VectorXd scale = weight.array() / (variance.array() + 1e-5).sqrt();
  m_scale = scale.cast<float>();
  m_shift = (bias.array() - mean.array() * scale.array()).cast<float>();
}

void NormalisedGelu::apply(MatrixView x, const Operand& out) const {
  geluOfAffine(x, m_scale, m_shift, out);
}

LayerNorm::LayerNorm(WeightReader& reader, const std::string& scope, std::int64_t channels,
                     float epsilon)
    : m_weight(readVector(reader, scope + ".weight", channels)),
      m_bias(readVector(reader, scope + ".bias", channels)),
      m_epsilon(epsilon) {}

void LayerNorm::apply(MatrixView x, const Operand& out) const {
  layerNorm(x, m_weight, m_bias, m_epsilon, out);
}

}  // namespace cellocus::nn
