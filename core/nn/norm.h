// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "base/matrix.h"
#include "nn/operand.h"
#include "weights/weightreader.h"

namespace cellocus::nn {

/// Batch normalisation with its stored statistics (epsilon 1e-5), followed by GELU, in one pass:
/// the start of every convolution block of Enformer.
class NormalisedGelu {
 public:
  /// Reads `scope`.weight, .bias, .running_mean, .running_var, all [channels].
  NormalisedGelu(WeightReader& reader, const std::string& scope, std::int64_t channels);
  std::int64_t channels() const { return m_scale.size(); }
  /// [rows, channels] -> [rows, channels]
  void apply(MatrixView x, const Operand& out) const;

 private:
  Vector m_scale, m_shift;
};

/// Layer normalisation over the channels of each row.
class LayerNorm {
 public:
  /// Reads `scope`.weight and `scope`.bias [channels].
  LayerNorm(WeightReader& reader, const std::string& scope, std::int64_t channels,
            float epsilon = 1e-5f);
  void apply(MatrixView x, const Operand& out) const;

 private:
  Vector m_weight, m_bias;
  float m_epsilon;
};

}  // namespace cellocus::nn
