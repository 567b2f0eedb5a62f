// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/enformerparts.h"
#include "nn/blocks.h"
#include "nn/kernels.h"

namespace cellocus {

namespace {

/// Queries of one attention block: their logits over a tile of keys stay in the second-level cache.
/// A multiple of every machine's panels, so that relative keys begin at a panel's border.
constexpr std::int64_t queriesAtOnce = 96;
/// Rows that go through the dense layers together, so that their weights are read seldom.
constexpr std::int64_t rowsAtOnce = 256;

/// Up to here it pays not to compute the other positions' keys and values.
constexpr std::int64_t fewQueries = 8;

std::string scopeOf(std::int64_t index) {
  return "transformer." + std::to_string(index);
}

}  // namespace

TransformerBlock::TransformerBlock(WeightReader& reader, std::int64_t index,
                                   const EnformerConfig& config)
    : m_index(index),
      m_precision(config.precision),
      m_last(index + 1 == config.depth),
      m_attentionNorm(reader, scopeOf(index) + ".0.fn.0", config.dim),
      m_attention(reader, scopeOf(index) + ".0.fn.1", {config.dim, config.heads, config.keyDim},
                  {.precision = config.precision, .fewQueries = m_last}),
      m_feedForwardNorm(reader, scopeOf(index) + ".1.fn.0", config.dim),
      m_widen(reader, scopeOf(index) + ".1.fn.1", {2 * config.dim, config.dim},
              {.finish = nn::Finish::Relu, .precision = config.precision}),
      m_narrow(reader, scopeOf(index) + ".1.fn.4", {config.dim, 2 * config.dim},
               {.precision = config.precision}) {}

void TransformerBlock::run(Matrix& x, const RelativeKeys& relativeKeys, BinRange wanted, Work& work,
                           const Progress& progress, const Enformer::Observer& observer) const {
  if (m_last && !observer && wanted.count() <= fewQueries) {
    runFew(x, relativeKeys, wanted, progress);
    return;
  }
  const std::int64_t positions = x.rows();
  project(x, progress, work.projected);
  m_attention.remember(work.projected, {0, positions}, work.memory);
  work.sums.restart(positions, m_attention.size());
  Traces traces = observer ? blankTraces(positions) : Traces();
  nn::forRowBlocks(
      wanted.count(), queriesAtOnce, progress, [&](BinRange block, nn::Scratch& scratch) {
        const BinRange rows{wanted.first + block.first, wanted.first + block.last};
        m_attention.addKeys(work.projected, rows, {work.memory, relativeKeys, positions}, work.sums,
                            scratch, observer ? &traces : nullptr);
        m_attention.finish(rows, work.sums);
      });
  Matrix middle;
  feedForward(x, work.sums.values, wanted, progress, observer ? &middle : nullptr);
  if (!observer) return;
  report(observer, traces, middle);
  observer("transformer_" + std::to_string(m_index), x);
}

void TransformerBlock::runFew(Matrix& x, const RelativeKeys& relativeKeys, BinRange wanted,
                              const Progress& progress) const {
  Matrix normal(x.rows(), x.cols());
  nn::forRowBlocks(x.rows(), rowsAtOnce, progress, [&](BinRange rows, nn::Scratch&) {
    m_attentionNorm.apply(x.middleRows(rows.first, rows.count()),
                          nn::Operand(MatrixView(normal)).middleRows(rows.first, rows.count()));
  });
  Matrix attended(x.rows(), x.cols());
  attended.middleRows(wanted.first, wanted.count()) =
      m_attention.attendFew(normal, wanted, relativeKeys);
  feedForward(x, attended, wanted, progress, nullptr);
}

/// Queries, keys, and twice the values: remembered and summed up.
std::size_t TransformerBlock::Rest::floats() const {
  return static_cast<std::size_t>(2 * queries.size() + 2 * sums.values.size()) +
         2 * sums.softmax.size();
}

TransformerBlock::Rest TransformerBlock::rest(MatrixView x, const RelativeKeys& relativeKeys,
                                              const std::vector<BinRange>& without,
                                              const Progress& progress) const {
  Rest rest;
  rest.without = without;
  Matrix projected;
  project(x, progress, projected);
  rest.queries = projected.leftCols(m_attention.size().keys());
  m_attention.remember(projected, {0, x.rows()}, rest.memory);
  rest.sums.restart(x.rows(), m_attention.size());
  nn::forRowBlocks(x.rows(), queriesAtOnce, progress, [&](BinRange rows, nn::Scratch& scratch) {
    m_attention.addKeys(projected, rows, {rest.memory, relativeKeys, x.rows(), rest.without},
                        rest.sums, scratch);
  });
  return rest;
}

void TransformerBlock::run(Matrix& x, const Rest& rest, const RelativeKeys& relativeKeys,
                           Work& work, const Progress& progress) const {
  const std::int64_t positions = x.rows();
  Matrix queries = rest.queries;
  work.sums = rest.sums;
  std::vector<nn::RelativeAttention::Memory> late(rest.without.size());
  nn::Scratch scratch;
  for (std::size_t i = 0; i < late.size(); ++i) {
    const BinRange& own = rest.without[i];
    project(x.middleRows(own.first, own.count()), progress, work.projected);
    queries.middleRows(own.first, own.count()) = work.projected.leftCols(queries.cols());
    m_attention.remember(work.projected, own, late[i]);
    // These queries are new, so they have to see the other positions, too.
    nn::RelativeAttention::restart(own, work.sums);
    m_attention.addKeys(queries, own, {rest.memory, relativeKeys, positions, rest.without},
                        work.sums, scratch);
  }
  nn::forRowBlocks(positions, queriesAtOnce, progress, [&](BinRange rows, nn::Scratch& own) {
    for (const nn::RelativeAttention::Memory& memory : late)
      m_attention.addKeys(queries, rows, {memory, relativeKeys, positions}, work.sums, own);
    m_attention.finish(rows, work.sums);
  });
  feedForward(x, work.sums.values, {0, positions}, progress, nullptr);
}

void TransformerBlock::project(MatrixView x, const Progress& progress, Matrix& projected) const {
  projected.resize(x.rows(), m_attention.size().projected());
  nn::forRowBlocks(x.rows(), rowsAtOnce, progress, [&](BinRange rows, nn::Scratch& scratch) {
    const nn::Operand normal = scratch.operand(m_precision, rows.count(), x.cols());
    m_attentionNorm.apply(x.middleRows(rows.first, rows.count()), normal);
    m_attention.project(normal, projected.middleRows(rows.first, rows.count()));
  });
}

/// The attention's output layer and what follows it. `middle`, if given, gets what lies between the
/// two halves of the block.
void TransformerBlock::feedForward(Matrix& x, MatrixView attended, BinRange wanted,
                                   const Progress& progress, Matrix* middle) const {
  if (middle) *middle = x;
  nn::forRowBlocks(wanted.count(), rowsAtOnce, progress, [&](BinRange block, nn::Scratch& scratch) {
    const std::int64_t first = wanted.first + block.first, count = block.count();
    nn::MatrixBlock rows = x.middleRows(first, count);
    m_attention.addOutput(attended.middleRows(first, count), rows, scratch);
    if (middle) middle->middleRows(first, count) = rows;
    if (m_narrow.isZero()) return;
    const nn::Operand normal = scratch.operand(m_precision, count, x.cols());
    const nn::Operand wide = scratch.operand(m_precision, count, 2 * x.cols());
    m_feedForwardNorm.apply(rows, normal);
    m_widen.applyToOperand(normal, wide);
    m_narrow.addTo(wide, rows);
  });
}

TransformerBlock::Traces TransformerBlock::blankTraces(std::int64_t positions) const {
  const Matrix blank = Matrix::Zero(positions, positions);
  return Traces(static_cast<std::size_t>(m_attention.size().heads), {blank, blank, blank});
}

void TransformerBlock::report(const Enformer::Observer& observer, const Traces& traces,
                              const Matrix& middle) const {
  for (std::size_t head = 0; head < traces.size(); ++head) {
    const std::string name = '_' + std::to_string(m_index) + "/head_" + std::to_string(head);
    observer("content_logits" + name, traces[head].content);
    observer("rel_logits" + name, traces[head].relative);
    observer("attn" + name, traces[head].weights);
  }
  observer("transformer_" + std::to_string(m_index) + "_mid", middle);
}

}  // namespace cellocus
