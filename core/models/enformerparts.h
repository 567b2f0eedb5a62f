// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/enformer.h"
#include "nn/attention.h"
#include "nn/conv.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/pool.h"

/// The parts of Enformer, each built by (reader, scope) like the layers of nn. Only enformer.cpp
/// uses them.
namespace cellocus {

/// The convolutions: a stem and `downsamples - 1` blocks, each of which halves the number of
/// positions.
class ConvTower {
 public:
  ConvTower(WeightReader& reader, const EnformerConfig& config);

  /// Positions that each level has for a sequence: bases, then the output of each level.
  std::vector<std::int64_t> lengths(std::int64_t bases) const;
  /// Bases to the left of a token's first and to the right of its last that it depends on.
  std::int64_t reachInBases() const;

  /// Output rows `tokens` [tokens, dim] of the whole sequence `bases`.
  Matrix run(std::string_view bases, BinRange tokens, const Progress& progress,
             const Enformer::Observer& observer) const;

  /// What every level gives for some tokens and what they depend on.
  struct Piece {
    std::vector<BinRange> ranges;  ///< of each level's input; last, the tokens
    std::vector<Matrix> rows;      ///< of each level's output
    BinRange tokens() const { return ranges.back(); }
  };
  Piece piece(std::string_view bases, BinRange tokens, const Progress& progress) const;
  struct Rows {
    BinRange tokens;
    Matrix values;  ///< [tokens, dim]
  };
  /// A sequence that differs from the one of `piece` only within `changed`.
  struct Edit {
    const Piece& piece;
    std::string_view bases;
    BinRange changed;
  };
  /// The output rows that each edit changes: at every level no more is computed than it reaches,
  /// and the edits go through the products together, because reading the weights is what so few
  /// rows cost. All of an edit's rows have to belong to its piece; all sequences are equally long.
  std::vector<Rows> changedRows(std::span<const Edit> edits, const Progress& progress) const;

 private:
  /// norm -> GELU -> convolution, plus the same pointwise, then pooling. The stem has no norm in
  /// front.
  struct Level {
    std::vector<nn::NormalisedGelu> before;  ///< none for the stem
    nn::Convolution convolution;
    nn::NormalisedGelu pointwiseNorm;
    nn::Linear pointwise;
    nn::AttentionPool pool;
    std::string stage;  ///< name for the observer
  };
  Level stem(WeightReader& reader, std::int64_t channels) const;
  Level block(WeightReader& reader, std::int64_t index, std::int64_t in, std::int64_t out) const;

  std::vector<BinRange> inputRanges(const std::vector<std::int64_t>& lengths,
                                    BinRange tokens) const;
  Matrix stemRows(std::string_view bases, BinRange out, const Progress& progress) const;
  Matrix levelRows(const Level& level, const Matrix& input, BinRange inputRows,
                   std::int64_t inputLength, BinRange out, const Progress& progress) const;
  void changeLevel(std::size_t number, std::int64_t length, std::span<const Edit> edits,
                   std::span<Rows> rows, const Progress& progress) const;
  Matrix convolvedRows(const Level& level, const Matrix& activated, const Progress& progress) const;
  void convolve(const Level& level, const nn::Operand& input, std::int64_t count,
                nn::MatrixBlock out, nn::Scratch& scratch) const;

  Precision m_precision;
  std::vector<Level> m_levels;
};

/// Attention and feed-forward, both pre-normalised and residual.
class TransformerBlock {
 public:
  TransformerBlock(WeightReader& reader, std::int64_t index, const EnformerConfig& config);

  using RelativeKeys = nn::RelativeAttention::RelativeKeys;
  /// Memory of one run, used again from block to block.
  struct Work {
    Matrix projected;
    nn::RelativeAttention::Memory memory;
    nn::RelativeAttention::Sums sums;
  };

  const nn::RelativeAttention& attention() const { return m_attention; }
  /// Replaces x [positions, dim] by the block's output in the rows `wanted`; the other rows are
  /// used as keys and values and are undefined afterwards. Few rows of the last block are computed
  /// without the keys and values of the others.
  void run(Matrix& x, const RelativeKeys& relativeKeys, BinRange wanted, Work& work,
           const Progress& progress, const Enformer::Observer& observer) const;

  /// The block's attention before it sees some of the positions: what inputs that differ only
  /// there share.
  struct Rest {
    Matrix queries;                        ///< [positions, heads * keyDim]
    nn::RelativeAttention::Memory memory;  ///< of all positions
    std::vector<BinRange> without;         ///< the positions left out
    nn::RelativeAttention::Sums sums;
    std::size_t floats() const;
  };
  Rest rest(MatrixView x, const RelativeKeys& relativeKeys, const std::vector<BinRange>& without,
            const Progress& progress) const;
  /// As run() for all rows, where x differs from the input of `rest` only in what that leaves out.
  void run(Matrix& x, const Rest& rest, const RelativeKeys& relativeKeys, Work& work,
           const Progress& progress) const;

 private:
  using Traces = std::vector<nn::RelativeAttention::Trace>;
  void project(MatrixView x, const Progress& progress, Matrix& projected) const;
  void feedForward(Matrix& x, MatrixView attended, BinRange wanted, const Progress& progress,
                   Matrix* middle) const;
  void runFew(Matrix& x, const RelativeKeys& relativeKeys, BinRange wanted,
              const Progress& progress) const;
  Traces blankTraces(std::int64_t positions) const;
  void report(const Enformer::Observer& observer, const Traces& traces, const Matrix& middle) const;

  std::int64_t m_index;
  Precision m_precision;
  bool m_last;
  nn::LayerNorm m_attentionNorm;
  nn::RelativeAttention m_attention;
  nn::LayerNorm m_feedForwardNorm;
  nn::Linear m_widen, m_narrow;
};

}  // namespace cellocus
