// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "nn/blocks.h"
#include "nn/linear.h"
#include "nn/panels.h"
#include "weights/weightreader.h"

namespace cellocus::nn {

/// Enformer's attention with relative positions (doi:10.1038/s41592-021-01252-x). For head h, query
/// i, key j: logit = (q_i + contentBias) · k_j + (q_i + positionBias) · r_(j-i), where q is scaled
/// by keyDim^-1/2 before the biases are added and r are the relative keys, which do not depend on
/// the input.
///
/// The softmax is taken while the keys go by, a tile of them at a time, and stays open: keys can be
/// added later. So what all other keys give is summed up once when only a few keys change.
class RelativeAttention {
 public:
  struct Size {
    std::int64_t dim, heads, keyDim;
    std::int64_t valueDim() const { return dim / heads; }
    std::int64_t relativeFeatures() const { return dim / heads; }
    std::int64_t keys() const { return heads * keyDim; }
    /// Queries, keys and values of a position side by side.
    std::int64_t projected() const { return 2 * keys() + dim; }
  };
  /// Reads `scope`.to_q, .to_k, .to_v, .to_rel_k (no biases), .to_out, .rel_content_bias,
  /// .rel_pos_bias.
  struct Options {
    Precision precision = Precision::Float32;
    bool fewQueries = false;  ///< keep what attendFew() needs
  };
  RelativeAttention(WeightReader& reader, const std::string& scope, const Size& size,
                    const Options& options);

  const Size& size() const { return m_size; }
  /// Scaled queries, keys and values [positions, projected()] of normalised activations [positions,
  /// dim].
  void project(const Operand& x, MatrixBlock projected) const { m_projection.apply(x, projected); }
  /// The last step: adds the output layer of attended values [positions, dim] to y.
  void addOutput(MatrixView attended, MatrixBlock y, Scratch& scratch) const;

  /// For each head, the keys of the distances -(n-1)..n-1.
  using RelativeKeys = std::vector<Panels>;
  /// Of the features of these distances [2n - 1, features].
  RelativeKeys relativeKeys(MatrixView features) const;

  /// Keys and values of neighbouring positions, a head each.
  struct Memory {
    BinRange positions;
    std::vector<Panels> keys, values;
  };
  /// Fills one from the rows of `positions`, on all threads, in the memory it has.
  void remember(MatrixView projected, BinRange positions, Memory& memory) const;

  /// What queries have seen of their keys so far.
  struct Sums {
    Matrix values;  ///< [queries, dim], not yet divided by the sums
    std::int64_t heads = 0;
    std::vector<OpenSoftmax> softmax;  ///< [queries, heads]
    /// Nothing seen yet.
    void restart(std::int64_t queries, const Size& size);
    OpenSoftmax& at(std::int64_t query, std::int64_t head) {
      return softmax[static_cast<std::size_t>(query * heads + head)];
    }
  };
  /// What a head looks at, for the comparison with the original; each [queries, positions].
  struct Trace {
    Matrix content, relative, weights;
  };
  struct Keys {
    const Memory& memory;
    const RelativeKeys& relative;
    std::int64_t positions;                  ///< of the whole sequence
    std::span<const BinRange> without = {};  ///< positions that are left out
  };
  /// Adds keys to the rows `rows` of `sums`, which are the queries of these positions; `projected`
  /// [positions, projected()] is asked for these rows only. With `traces` (a head each, for all
  /// positions at once) the keys are those of the whole sequence. Resets the scratch.
  void addKeys(MatrixView projected, BinRange rows, const Keys& keys, Sums& sums, Scratch& scratch,
               std::vector<Trace>* traces = nullptr) const;
  /// Forgets what some queries have seen.
  static void restart(BinRange rows, Sums& sums);
  /// Divides the rows by their sums: attended values.
  void finish(BinRange rows, Sums& sums) const;

  /// The attended values [queries, dim] of a few queries among the normalised activations
  /// `normal` [positions, dim]. As q · (W x) = (Wᵀ q) · x and sum(a W x) = W sum(a x), keys and
  /// values of the other positions are not computed. Asks for Options::fewQueries.
  Matrix attendFew(MatrixView normal, BinRange queries, const RelativeKeys& relative) const;

 private:
  RelativeAttention(WeightReader& reader, const std::string& scope, const Size& size,
                    const Options& options, const Matrix& projection);
  struct Tile;
  void tileLogits(MatrixView projected, const Keys& keys, Tile& tile) const;
  Matrix fewLogits(MatrixView normal, const Matrix& projected) const;
  void fewSoftmax(const Matrix& projected, BinRange queries, const RelativeKeys& relative,
                  Matrix& logits) const;
  void addTile(const Keys& keys, Tile& tile, Sums& sums, Trace* trace) const;

  Size m_size;
  Precision m_precision;
  Linear m_projection, m_relativeKey, m_output;
  Matrix m_contentBias, m_positionBias;  ///< [heads, keyDim]
  Matrix m_keyWeight, m_valueWeight;     ///< [heads * keyDim, dim], [dim, dim]; for few queries
};

}  // namespace cellocus::nn
