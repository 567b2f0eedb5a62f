// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/pool.h"

#include "nn/kernels.h"

namespace cellocus::nn {

AttentionPool::AttentionPool(WeightReader& reader, const std::string& scope,
                             std::int64_t channels) {
  const std::vector<float> values =
      reader.read(scope + ".to_attn_logits.weight", {channels, channels, 1, 1});
  m_weight = Eigen::Map<const Matrix>(values.data(), channels, channels).transpose();
  Matrix others = m_weight;
  others.diagonal().setZero();
  if (!others.isZero(0)) return;
  m_diagonal = m_weight.diagonal();
  m_weight.resize(0, 0);
}

void AttentionPool::apply(MatrixView x, MatrixBlock out, Scratch& scratch) const {
  const std::int64_t pairs = x.rows() / 2;
  MatrixMap differences = scratch.take(pairs, x.cols());
  pairDifferences(x, differences);
  if (m_diagonal.size() > 0) {
    gatedPairsByFactor(x, differences, m_diagonal, out);
    return;
  }
  MatrixMap logits = scratch.take(pairs, x.cols());
  multiply(differences, m_weight, logits);
  gatedPairs(x, differences, logits, out);
}

}  // namespace cellocus::nn
