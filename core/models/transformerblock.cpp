// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/enformerparts.h"
#include "nn/blocks.h"
#include "nn/kernels.h"

namespace cellocus {

namespace {

/// Queries of one attention block: their logits over 1,536 positions stay in the second-level
/// cache.
constexpr std::int64_t queriesAtOnce = 64;
/// Rows that go through the dense layers together, so that their weights are read seldom.
constexpr std::int64_t rowsAtOnce = 256;

std::string scopeOf(std::int64_t index) {
  return "transformer." + std::to_string(index);
}

}  // namespace

TransformerBlock::TransformerBlock(WeightReader& reader, std::int64_t index,
                                   const EnformerConfig& config)
    : m_index(index),
      m_dim(config.dim),
      m_size{config.dim, config.heads, config.keyDim},
      m_attentionNorm(reader, scopeOf(index) + ".0.fn.0", config.dim),
      m_attention(reader, scopeOf(index) + ".0.fn.1", m_size),
      m_feedForwardNorm(reader, scopeOf(index) + ".1.fn.0", config.dim),
      m_widen(reader, scopeOf(index) + ".1.fn.1", {2 * config.dim, config.dim},
              {.finish = nn::Finish::Relu}),
      m_narrow(reader, scopeOf(index) + ".1.fn.4", {config.dim, 2 * config.dim}) {}

void TransformerBlock::run(Matrix& x, MatrixView relativeKeys, BinRange wanted,
                           const Progress& progress, const Enformer::Observer& observer) const {
  const std::int64_t positions = x.rows();
  Traces traces;
  if (observer)
    for (std::int64_t head = 0; head < m_size.heads; ++head) {
      const Matrix blank = Matrix::Zero(positions, positions);
      traces.push_back({blank, blank, blank});
    }
  attend(x, relativeKeys, wanted, progress, observer ? &traces : nullptr);
  if (observer) {
    report(observer, traces);
    observer("transformer_" + std::to_string(m_index) + "_mid", x);
  }
  feedForward(x, wanted, progress);
  if (observer) observer("transformer_" + std::to_string(m_index), x);
}

void TransformerBlock::attend(Matrix& x, MatrixView relativeKeys, BinRange wanted,
                              const Progress& progress, Traces* traces) const {
  nn::RelativeAttention::Inputs inputs(x.rows(), m_size);
  nn::forRowBlocks(x.rows(), rowsAtOnce, progress, [&](BinRange rows, nn::Scratch& scratch) {
    nn::MatrixMap normal = scratch.take(rows.count(), m_dim);
    m_attentionNorm.apply(x.middleRows(rows.first, rows.count()), normal);
    m_attention.project(normal, rows, inputs);
  });
  nn::forRowBlocks(
      wanted.count(), queriesAtOnce, progress, [&](BinRange block, nn::Scratch& scratch) {
        const BinRange rows{wanted.first + block.first, wanted.first + block.last};
        m_attention.addAttended(inputs, relativeKeys, rows, x.middleRows(rows.first, rows.count()),
                                scratch, traces);
      });
}

void TransformerBlock::feedForward(Matrix& x, BinRange wanted, const Progress& progress) const {
  if (m_narrow.isZero()) return;
  nn::forRowBlocks(wanted.count(), rowsAtOnce, progress, [&](BinRange block, nn::Scratch& scratch) {
    nn::MatrixBlock rows = x.middleRows(wanted.first + block.first, block.count());
    nn::MatrixMap normal = scratch.take(block.count(), m_dim);
    nn::MatrixMap wide = scratch.take(block.count(), 2 * m_dim);
    m_feedForwardNorm.apply(rows, normal);
    m_widen.applyToOperand(normal, wide);
    m_narrow.addTo(wide, rows);
  });
}

void TransformerBlock::report(const Enformer::Observer& observer, const Traces& traces) const {
  for (std::size_t head = 0; head < traces.size(); ++head) {
    const std::string name = '_' + std::to_string(m_index) + "/head_" + std::to_string(head);
    observer("content_logits" + name, traces[head].content);
    observer("rel_logits" + name, traces[head].relative);
    observer("attn" + name, traces[head].weights);
  }
}

}  // namespace cellocus
