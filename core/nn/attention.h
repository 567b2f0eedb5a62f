// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "base/matrix.h"
#include "nn/blocks.h"
#include "nn/linear.h"
#include "weights/weightreader.h"

namespace cellocus::nn {

/// Enformer's attention with relative positions (doi:10.1038/s41592-021-01252-x). For head h, query
/// i, key j: logit = (q_i + contentBias) · k_j + (q_i + positionBias) · r_(j-i), where q is scaled
/// by keyDim^-1/2 before the biases are added and r are the relative keys, which do not depend on
/// the input.
class RelativeAttention {
 public:
  struct Size {
    std::int64_t dim, heads, keyDim;
    std::int64_t valueDim() const { return dim / heads; }
    std::int64_t relativeFeatures() const { return dim / heads; }
  };
  /// Reads `scope`.to_q, .to_k, .to_v, .to_rel_k (no biases), .to_out, .rel_content_bias,
  /// .rel_pos_bias.
  RelativeAttention(WeightReader& reader, const std::string& scope, const Size& size);

  /// Queries (scaled), keys and values of all positions.
  struct Inputs {
    Matrix queries, keys;  ///< [positions, heads * keyDim], a head's columns side by side
    Matrix values;         ///< [positions, dim]
    Inputs(std::int64_t positions, const Size& size);
  };
  /// Fills the rows `rows` of `into` from the normalised activations of these rows [rows, dim].
  void project(MatrixView x, BinRange rows, Inputs& into) const;

  /// Keys of the distances -(n-1)..n-1: [2n - 1, features] -> [2n - 1, heads * keyDim].
  Matrix relativeKeys(MatrixView features) const;

  /// What a head looks at, for the comparison with the original; each [queries, positions].
  struct Trace {
    Matrix content, relative, weights;
  };
  /// The attended values of the queries `rows`, heads side by side, through the output layer, added
  /// to `out` [rows, dim]. `traces`, if given, has one entry per head, which gets the rows `rows`.
  void addAttended(const Inputs& inputs, MatrixView relativeKeys, BinRange rows, MatrixBlock out,
                   Scratch& scratch, std::vector<Trace>* traces = nullptr) const;

 private:
  /// Memory of one block of queries, shared by the heads one after the other.
  struct Work {
    MatrixMap biased;    ///< [queries, keyDim]
    MatrixMap relative;  ///< [queries, positions + queries - 1]
    MatrixMap logits;    ///< [queries, positions]
  };
  void headLogits(const Inputs& inputs, MatrixView relativeKeys, BinRange rows, std::int64_t head,
                  Work& work) const;
  /// The part of work.relative that belongs to a row's own distances [1, positions].
  static auto ownDistances(Work& work, std::int64_t row) {
    return work.relative.block(row, work.logits.rows() - 1 - row, 1, work.logits.cols());
  }

  Size m_size;
  Linear m_query, m_key, m_value, m_relativeKey, m_output;
  Matrix m_contentBias, m_positionBias;  ///< [heads, keyDim]
};

}  // namespace cellocus::nn
