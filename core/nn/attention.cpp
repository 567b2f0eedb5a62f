// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/attention.h"

#include <cmath>

#include "nn/kernels.h"

namespace cellocus::nn {

namespace {

Matrix readHeadBias(WeightReader& reader, const std::string& name,
                    const RelativeAttention::Size& size) {
  const std::vector<float> values = reader.read(name, {1, size.heads, 1, size.keyDim});
  return Eigen::Map<const Matrix>(values.data(), size.heads, size.keyDim);
}

}  // namespace

RelativeAttention::RelativeAttention(WeightReader& reader, const std::string& scope,
                                     const Size& size)
    : m_size(size),
      m_query(reader, scope + ".to_q", {size.heads * size.keyDim, size.dim}, {Linear::Bias::None}),
      m_key(reader, scope + ".to_k", {size.heads * size.keyDim, size.dim}, {Linear::Bias::None}),
      m_value(reader, scope + ".to_v", {size.dim, size.dim}, {Linear::Bias::None}),
      m_relativeKey(reader, scope + ".to_rel_k",
                    {size.heads * size.keyDim, size.relativeFeatures()}, {Linear::Bias::None}),
      m_output(reader, scope + ".to_out", {size.dim, size.dim}),
      m_contentBias(readHeadBias(reader, scope + ".rel_content_bias", size)),
      m_positionBias(readHeadBias(reader, scope + ".rel_pos_bias", size)) {}

RelativeAttention::Inputs::Inputs(std::int64_t positions, const Size& size)
    : queries(positions, size.heads * size.keyDim),
      keys(positions, size.heads * size.keyDim),
      values(positions, size.dim) {}

void RelativeAttention::project(MatrixView x, BinRange rows, Inputs& into) const {
  MatrixBlock queries = into.queries.middleRows(rows.first, rows.count());
  m_query.apply(x, queries);
  queries *= 1.0f / std::sqrt(static_cast<float>(m_size.keyDim));
  m_key.apply(x, into.keys.middleRows(rows.first, rows.count()));
  m_value.apply(x, into.values.middleRows(rows.first, rows.count()));
}

Matrix RelativeAttention::relativeKeys(MatrixView features) const {
  Matrix keys(features.rows(), m_relativeKey.outputs());
  m_relativeKey.apply(features, keys);
  return keys;
}

void RelativeAttention::headLogits(const Inputs& inputs, MatrixView relativeKeys, BinRange rows,
                                   std::int64_t head, Work& work) const {
  const std::int64_t keyDim = m_size.keyDim, column = head * keyDim;
  const auto queries = inputs.queries.block(rows.first, column, rows.count(), keyDim);
  work.biased = queries.rowwise() + m_contentBias.row(head);
  multiplyTransposed(work.biased, inputs.keys.middleCols(column, keyDim), work.logits);

  // Query i needs the distances -i..n-1-i: for the whole block these are n + rows - 1 neighbouring
  // keys, of which each query's own n begin one key earlier than those of the query before it.
  work.biased = queries.rowwise() + m_positionBias.row(head);
  const std::int64_t first = work.logits.cols() - rows.last;
  multiplyTransposed(work.biased, relativeKeys.block(first, column, work.relative.cols(), keyDim),
                     work.relative);
}

void RelativeAttention::addAttended(const Inputs& inputs, MatrixView relativeKeys, BinRange rows,
                                    MatrixBlock out, Scratch& scratch,
                                    std::vector<Trace>* traces) const {
  const std::int64_t positions = inputs.keys.rows(), count = rows.count(),
                     valueDim = m_size.valueDim();
  Work work{scratch.take(count, m_size.keyDim), scratch.take(count, positions + count - 1),
            scratch.take(count, positions)};
  MatrixMap attended = scratch.take(count, m_size.dim);
  for (std::int64_t head = 0; head < m_size.heads; ++head) {
    Trace* trace = traces ? &(*traces)[static_cast<std::size_t>(head)] : nullptr;
    headLogits(inputs, relativeKeys, rows, head, work);
    if (trace) trace->content.middleRows(rows.first, count) = work.logits;
    for (std::int64_t row = 0; row < count; ++row) {
      if (trace) trace->relative.row(rows.first + row) = ownDistances(work, row);
      addRows(work.logits.row(row), ownDistances(work, row));
    }
    softmaxRows(work.logits);
    if (trace) trace->weights.middleRows(rows.first, count) = work.logits;
    multiply(work.logits, inputs.values.middleCols(head * valueDim, valueDim),
             attended.middleCols(head * valueDim, valueDim));
  }
  m_output.addTo(attended, out);
}

}  // namespace cellocus::nn
