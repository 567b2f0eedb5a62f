// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/parallel.h"
#include "nn/kernels.h"

namespace cellocus::nn {

namespace {

/// Keys of one tile: with as many queries as go together, its logits and relative logits stay in
/// the second-level cache.
constexpr std::int64_t tileKeys = 768;

Matrix readMatrix(WeightReader& reader, const std::string& name, std::int64_t rows,
                  std::int64_t columns) {
  const std::vector<float> values = reader.read(name, {rows, columns});
  return Eigen::Map<const Matrix>(values.data(), rows, columns);
}

Matrix readHeadBias(WeightReader& reader, const std::string& name,
                    const RelativeAttention::Size& size) {
  const std::vector<float> values = reader.read(name, {1, size.heads, 1, size.keyDim});
  return Eigen::Map<const Matrix>(values.data(), size.heads, size.keyDim);
}

/// The three projections as one, the scale of the queries within.
Matrix readProjection(WeightReader& reader, const std::string& scope,
                      const RelativeAttention::Size& size) {
  Matrix weight(size.projected(), size.dim);
  weight << readMatrix(reader, scope + ".to_q.weight", size.keys(), size.dim) *
                (1.0f / std::sqrt(static_cast<float>(size.keyDim))),
      readMatrix(reader, scope + ".to_k.weight", size.keys(), size.dim),
      readMatrix(reader, scope + ".to_v.weight", size.dim, size.dim);
  return weight;
}

}  // namespace

RelativeAttention::RelativeAttention(WeightReader& reader, const std::string& scope,
                                     const Size& size, Precision precision)
    : m_size(size),
      m_precision(precision),
      m_projection(readProjection(reader, scope, size),
                   {.bias = Linear::Bias::None, .precision = precision}),
      m_relativeKey(reader, scope + ".to_rel_k", {size.keys(), size.relativeFeatures()},
                    {.bias = Linear::Bias::None}),
      m_output(reader, scope + ".to_out", {size.dim, size.dim}, {.precision = precision}),
      m_contentBias(readHeadBias(reader, scope + ".rel_content_bias", size)),
      m_positionBias(readHeadBias(reader, scope + ".rel_pos_bias", size)) {}

void RelativeAttention::addOutput(MatrixView attended, MatrixBlock y, Scratch& scratch) const {
  m_output.addTo(asOperand(attended, m_precision, scratch), y);
}

RelativeAttention::RelativeKeys RelativeAttention::relativeKeys(MatrixView features) const {
  Matrix keys(features.rows(), m_relativeKey.outputs());
  m_relativeKey.apply(features, keys);
  RelativeKeys heads;
  for (std::int64_t head = 0; head < m_size.heads; ++head)
    heads.emplace_back().assignTransposed(keys.middleCols(head * m_size.keyDim, m_size.keyDim));
  return heads;
}

void RelativeAttention::remember(MatrixView projected, BinRange positions, Memory& memory) const {
  memory.positions = positions;
  memory.keys.resize(static_cast<std::size_t>(m_size.heads));
  memory.values.resize(static_cast<std::size_t>(m_size.heads));
  parallelFor(m_size.heads, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t head = first; head < last; ++head) {
      const std::int64_t key = m_size.keys() + head * m_size.keyDim;
      const std::int64_t value = 2 * m_size.keys() + head * m_size.valueDim();
      const auto place = static_cast<std::size_t>(head);
      memory.keys[place].assignTransposed(projected.middleCols(key, m_size.keyDim));
      memory.values[place].assign(projected.middleCols(value, m_size.valueDim()));
    }
  });
}

void RelativeAttention::Sums::restart(std::int64_t queries, const Size& size) {
  values.setZero(queries, size.dim);
  heads = size.heads;
  softmax.assign(static_cast<std::size_t>(queries * size.heads), {});
}

/// Some queries and some keys of one head.
struct RelativeAttention::Tile {
  std::int64_t head;
  BinRange queries, keys;  ///< positions
  BinRange distances;      ///< columns of the relative keys, from border to border of panels
  std::int64_t skipped;    ///< of these, columns before that of the last query and the first key
  MatrixMap biased;        ///< [queries, keyDim]
  MatrixMap logits;        ///< [queries, keys rounded up]
  MatrixMap relative;      ///< [queries, distances]
  MatrixMap values;        ///< [queries, valueDim rounded up]

  Tile(const Size& size, std::int64_t headNumber, BinRange rows, BinRange columns,
       std::int64_t positions, Scratch& scratch)
      : head(headNumber),
        queries(rows),
        keys(columns),
        distances(distancesOf(rows, columns, positions)),
        skipped(positions - rows.last + columns.first - distances.first),
        biased(scratch.take(rows.count(), size.keyDim)),
        logits(scratch.take(rows.count(), Panels::roundedUp(columns.count()))),
        relative(scratch.take(rows.count(), distances.count())),
        values(scratch.take(rows.count(), Panels::roundedUp(size.valueDim()))) {
    values.setZero();
  }

  /// Distance 0 is column positions - 1.
  static BinRange distancesOf(BinRange queries, BinRange keys, std::int64_t positions) {
    const std::int64_t first = positions - queries.last + keys.first;
    return {first / Panels::width() * Panels::width(),
            Panels::roundedUp(first + keys.count() + queries.count() - 1)};
  }
  /// The relative logits of a query [keys]. Each query's begin one distance before those of the
  /// next.
  const float* ownDistances(std::int64_t row) const {
    return relative.row(row).data() + skipped + queries.count() - 1 - row;
  }
};

void RelativeAttention::tileLogits(MatrixView projected, const Keys& keys, Tile& tile) const {
  const auto queries = projected.block(tile.queries.first, tile.head * m_size.keyDim,
                                       tile.queries.count(), m_size.keyDim);
  const auto head = static_cast<std::size_t>(tile.head);
  tile.biased = queries.rowwise() + m_contentBias.row(tile.head);
  const std::int64_t first = tile.keys.first - keys.memory.positions.first;
  keys.memory.keys[head].multiply(tile.biased, {0, m_size.keyDim},
                                  {first, first + tile.logits.cols()}, tile.logits);
  tile.biased = queries.rowwise() + m_positionBias.row(tile.head);
  keys.relative[head].multiply(tile.biased, {0, m_size.keyDim}, tile.distances, tile.relative);
}

void RelativeAttention::addTile(const Keys& keys, Tile& tile, Sums& sums, Trace* trace) const {
  const std::int64_t count = tile.keys.count(), column = tile.head * m_size.valueDim();
  const auto head = static_cast<std::size_t>(tile.head);
  for (const BinRange& out : keys.without) {
    const std::int64_t first = std::max(out.first, tile.keys.first) - tile.keys.first;
    const std::int64_t last = std::min(out.last, tile.keys.last) - tile.keys.first;
    if (first < last)
      tile.logits.middleCols(first, last - first)
          .setConstant(-std::numeric_limits<float>::infinity());
  }
  for (std::int64_t row = 0; row < tile.queries.count(); ++row) {
    const std::int64_t query = tile.queries.first + row;
    const float* relative = tile.ownDistances(row);
    if (trace) {
      trace->content.row(query) = tile.logits.row(row).head(count);
      trace->relative.row(query) = Eigen::Map<const Eigen::RowVectorXf>(relative, count);
    }
    OpenSoftmax& softmax = sums.at(query, tile.head);
    const float factor = addToSoftmax(tile.logits.row(row).data(), relative, count, softmax);
    tile.values.row(row).head(m_size.valueDim()) =
        factor * sums.values.row(query).segment(column, m_size.valueDim());
    if (trace) trace->weights.row(query) = tile.logits.row(row).head(count) / softmax.sum;
  }
  const std::int64_t first = tile.keys.first - keys.memory.positions.first;
  keys.memory.values[head].multiply(tile.logits.leftCols(count), {first, first + count},
                                    {0, tile.values.cols()}, tile.values, Into::Add);
  sums.values.block(tile.queries.first, column, tile.queries.count(), m_size.valueDim()) =
      tile.values.leftCols(m_size.valueDim());
}

void RelativeAttention::addKeys(MatrixView projected, BinRange rows, const Keys& keys, Sums& sums,
                                Scratch& scratch, std::vector<Trace>* traces) const {
  const BinRange& all = keys.memory.positions;
  const std::int64_t step = traces ? all.count() : tileKeys;
  for (std::int64_t head = 0; head < m_size.heads; ++head)
    for (std::int64_t first = all.first; first < all.last; first += step) {
      scratch.reset();
      Tile tile(m_size, head, rows, {first, std::min(all.last, first + step)}, keys.positions,
                scratch);
      tileLogits(projected, keys, tile);
      addTile(keys, tile, sums, traces ? &(*traces)[static_cast<std::size_t>(head)] : nullptr);
    }
}

void RelativeAttention::finish(BinRange rows, Sums& sums) const {
  for (std::int64_t row = rows.first; row < rows.last; ++row)
    for (std::int64_t head = 0; head < m_size.heads; ++head)
      scaleRow(sums.values.row(row).data() + head * m_size.valueDim(), m_size.valueDim(),
               1.0f / sums.at(row, head).sum);
}

}  // namespace cellocus::nn
