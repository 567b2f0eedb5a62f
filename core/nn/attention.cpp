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
                                     const Size& size, const Options& options)
    : RelativeAttention(reader, scope, size, options, readProjection(reader, scope, size)) {}

RelativeAttention::RelativeAttention(WeightReader& reader, const std::string& scope,
                                     const Size& size, const Options& options,
                                     const Matrix& projection)
    : m_size(size),
      m_precision(options.precision),
      m_projection(projection, {.bias = Linear::Bias::None, .precision = options.precision}),
      m_relativeKey(reader, scope + ".to_rel_k", {size.keys(), size.relativeFeatures()},
                    {.bias = Linear::Bias::None}),
      m_output(reader, scope + ".to_out", {size.dim, size.dim}, {.precision = options.precision}),
      m_contentBias(readHeadBias(reader, scope + ".rel_content_bias", size)),
      m_positionBias(readHeadBias(reader, scope + ".rel_pos_bias", size)) {
  if (!options.fewQueries) return;
  m_keyWeight = projection.middleRows(size.keys(), size.keys());
  m_valueWeight = projection.bottomRows(size.dim);
}

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

void RelativeAttention::restart(BinRange rows, Sums& sums) {
  sums.values.middleRows(rows.first, rows.count()).setZero();
  std::fill_n(&sums.at(rows.first, 0), rows.count() * sums.heads, OpenSoftmax());
}

void RelativeAttention::finish(BinRange rows, Sums& sums) const {
  for (std::int64_t row = rows.first; row < rows.last; ++row)
    for (std::int64_t head = 0; head < m_size.heads; ++head)
      scaleRow(sums.values.row(row).data() + head * m_size.valueDim(), m_size.valueDim(),
               1.0f / sums.at(row, head).sum);
}

Matrix RelativeAttention::attendFew(MatrixView normal, BinRange queries,
                                    const RelativeKeys& relative) const {
  const std::int64_t count = queries.count(), valueDim = m_size.valueDim();
  Scratch scratch;
  Matrix projected(count, m_size.projected());
  m_projection.apply(asOperand(normal.middleRows(queries.first, count), m_precision, scratch),
                     projected);
  Matrix logits = fewLogits(normal, projected);
  fewSoftmax(projected, queries, relative, logits);
  Matrix seen(logits.rows(), m_size.dim), attended(count, m_size.dim);
  multiply(logits, normal, seen);
  for (std::int64_t head = 0; head < m_size.heads; ++head)
    multiplyTransposed(seen.middleRows(head * count, count),
                       m_valueWeight.middleRows(head * valueDim, valueDim),
                       attended.middleCols(head * valueDim, valueDim));
  return attended;
}

/// Content logits [heads * queries, positions], the queries of a head together.
Matrix RelativeAttention::fewLogits(MatrixView normal, const Matrix& projected) const {
  const std::int64_t count = projected.rows();
  Matrix turned(m_size.heads * count, m_size.dim), logits(turned.rows(), normal.rows());
  for (std::int64_t head = 0; head < m_size.heads; ++head) {
    const Matrix biased = projected.middleCols(head * m_size.keyDim, m_size.keyDim).rowwise() +
                          m_contentBias.row(head);
    multiply(biased, m_keyWeight.middleRows(head * m_size.keyDim, m_size.keyDim),
             turned.middleRows(head * count, count));
  }
  multiplyTransposed(turned, normal, logits);
  return logits;
}

/// Adds the relative logits and makes each row a softmax.
void RelativeAttention::fewSoftmax(const Matrix& projected, BinRange queries,
                                   const RelativeKeys& relative, Matrix& logits) const {
  const std::int64_t positions = logits.cols();
  for (std::int64_t head = 0; head < m_size.heads; ++head)
    for (std::int64_t row = 0; row < queries.count(); ++row) {
      const Matrix biased = projected.row(row).segment(head * m_size.keyDim, m_size.keyDim) +
                            m_positionBias.row(head);
      const std::int64_t first = positions - 1 - (queries.first + row);
      const std::int64_t border = first / Panels::width() * Panels::width();
      const std::int64_t last = Panels::roundedUp(first + positions);
      Matrix distances(1, last - border);
      relative[static_cast<std::size_t>(head)].multiply(biased, {0, m_size.keyDim}, {border, last},
                                                        distances);
      float* own = logits.row(head * queries.count() + row).data();
      OpenSoftmax softmax;
      addToSoftmax(own, distances.data() + (first - border), positions, softmax);
      scaleRow(own, positions, 1.0f / softmax.sum);
    }
}

}  // namespace cellocus::nn
