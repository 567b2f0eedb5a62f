// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/pool.h"

#include "nn/kernels.h"

namespace cellocus::nn {

AttentionPool::AttentionPool(WeightReader& reader, const std::string& scope, std::int64_t channels,
                             Precision precision)
    : AttentionPool(reader.read(scope + ".to_attn_logits.weight", {channels, channels, 1, 1}),
                    channels, precision) {}

AttentionPool::AttentionPool(const std::vector<float>& weight, std::int64_t channels,
                             Precision precision)
    : m_precision(precision) {
  Matrix others = Eigen::Map<const Matrix>(weight.data(), channels, channels);
  m_diagonal = others.diagonal();
  others.diagonal().setZero();
  if (!others.isZero(0))
    m_product.emplace(PackedProduct::Weights{weight, channels, channels}, Vector(), precision);
}

void AttentionPool::apply(MatrixView x, MatrixBlock out, Scratch& scratch) const {
  if (!m_product) {
    gatedPairsByFactor(x, m_diagonal, out);
    return;
  }
  const std::int64_t pairs = x.rows() / 2;
  const Operand differences = scratch.operand(m_precision, pairs, x.cols());
  MatrixMap logits = scratch.take(pairs, x.cols());
  pairDifferences(x, differences);
  m_product->apply(differences, logits);
  gatedPairs(x, logits, out);
}

}  // namespace cellocus::nn
