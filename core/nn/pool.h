// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "base/matrix.h"
#include "nn/blocks.h"
#include "nn/packedproduct.h"
#include "weights/weightreader.h"

namespace cellocus::nn {

/// Enformer's attention pooling over pairs of positions: per channel, a softmax-weighted mean of
/// the two, with logits W · x. As a softmax over two is the sigmoid of the difference, only W ·
/// (first - second) is needed: half the products of the definition, the same result.
class AttentionPool {
 public:
  /// Reads `scope`.to_attn_logits.weight [channels, channels, 1, 1].
  AttentionPool(WeightReader& reader, const std::string& scope, std::int64_t channels,
                Precision precision = Precision::Float32);

  static std::int64_t pooledRows(std::int64_t rows) { return (rows + 1) / 2; }
  /// [rows, channels] -> [(rows + 1) / 2, channels]; a lone last row passes unchanged.
  void apply(MatrixView x, MatrixBlock out, Scratch& scratch) const;

 private:
  AttentionPool(const std::vector<float>& weight, std::int64_t channels, Precision precision);

  Precision m_precision;
  std::optional<PackedProduct> m_product;  ///< none if W is diagonal
  Vector m_diagonal;
};

}  // namespace cellocus::nn
