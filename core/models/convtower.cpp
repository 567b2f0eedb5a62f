// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "base/nucleotide.h"
#include "models/enformerparts.h"
#include "nn/blocks.h"
#include "nn/kernels.h"

namespace cellocus {

namespace {

constexpr std::int64_t stemKernel = 15, blockKernel = 5, letters = 4;

/// Row r holds the one-hot bases at first + r .. first + r + taps, side by side; nothing beyond the
/// ends.
void gatherOneHot(std::string_view bases, std::int64_t first, std::int64_t taps,
                  nn::MatrixMap columns) {
  columns.setZero();
  const auto length = static_cast<std::int64_t>(bases.size());
  for (std::int64_t row = 0; row < columns.rows(); ++row)
    for (std::int64_t tap = 0; tap < taps; ++tap) {
      const std::int64_t at = first + row + tap;
      if (at < 0 || at >= length) continue;
      const char base = bases[static_cast<std::size_t>(at)];
      if (base == '.')
        columns.row(row).segment(tap * letters, letters).setConstant(0.25f);
      else if (const int column = nucleotideNumber(base); column >= 0)
        columns(row, tap * letters + column) = 1;
    }
}

nn::MatrixBlock pooledRows(Matrix& pooled, BinRange unpooled) {
  return pooled.middleRows(unpooled.first / 2, nn::AttentionPool::pooledRows(unpooled.count()));
}

/// The rows of a level's output that changed rows of its input reach and that the piece knows.
BinRange reachedRows(BinRange changed, std::int64_t reach, const ConvTower::Piece& piece,
                     std::size_t level) {
  const BinRange& known = piece.ranges[level + 1];
  return {std::max(known.first, std::max<std::int64_t>(0, changed.first - reach) / 2),
          std::min(known.last, (changed.last + reach + 1) / 2)};
}

std::string poolScope(const std::string& scope) {
  return scope + ".2";
}

}  // namespace

Matrix oneHot(std::string_view bases) {
  Matrix result(static_cast<Eigen::Index>(bases.size()), letters);
  gatherOneHot(bases, 0, 1, nn::MatrixMap(result.data(), result.rows(), letters));
  return result;
}

/// The convolution of the one-hot bases is a small part and stays float32.
ConvTower::Level ConvTower::stem(WeightReader& reader, std::int64_t channels) const {
  return {{},
          {reader, "stem.0", {letters, channels, stemKernel}, {nn::Convolution::Input::Columns}},
          {reader, "stem.1.fn.0", channels},
          {reader, "stem.1.fn.2", {channels, channels, 1}, {.precision = m_precision}},
          {reader, poolScope("stem"), channels, m_precision},
          "stem"};
}

ConvTower::Level ConvTower::block(WeightReader& reader, std::int64_t index, std::int64_t in,
                                  std::int64_t out) const {
  const std::string scope = "conv_tower." + std::to_string(index);
  return {{{reader, scope + ".0.0", in}},
          {reader, scope + ".0.2", {in, out, blockKernel}, {.precision = m_precision}},
          {reader, scope + ".1.fn.0", out},
          {reader, scope + ".1.fn.2", {out, out, 1}, {.precision = m_precision}},
          {reader, poolScope(scope), out, m_precision},
          "conv_tower_" + std::to_string(index)};
}

ConvTower::ConvTower(WeightReader& reader, const EnformerConfig& config)
    : m_precision(config.precision) {
  const std::vector<std::int64_t> channels = config.towerChannels();
  m_levels.push_back(stem(reader, channels.front()));
  for (std::size_t i = 1; i < channels.size(); ++i)
    m_levels.push_back(
        block(reader, static_cast<std::int64_t>(i) - 1, channels[i - 1], channels[i]));
}

std::vector<std::int64_t> ConvTower::lengths(std::int64_t bases) const {
  std::vector<std::int64_t> lengths{bases};
  for (std::size_t i = 0; i < m_levels.size(); ++i)
    lengths.push_back(nn::AttentionPool::pooledRows(lengths.back()));
  return lengths;
}

std::int64_t ConvTower::reachInBases() const {
  std::int64_t reach = 0;
  for (auto level = m_levels.rbegin(); level != m_levels.rend(); ++level)
    reach = 2 * reach + level->convolution.reach();
  return reach;
}

/// Which rows of each level's input the output rows `tokens` depend on; last, `tokens` itself.
std::vector<BinRange> ConvTower::inputRanges(const std::vector<std::int64_t>& lengths,
                                             BinRange tokens) const {
  std::vector<BinRange> ranges(lengths.size());
  ranges.back() = tokens;
  for (std::size_t i = m_levels.size(); i-- > 0;) {
    const std::int64_t reach = m_levels[i].convolution.reach();
    ranges[i] = {std::max<std::int64_t>(0, 2 * ranges[i + 1].first - reach),
                 std::min(lengths[i], 2 * ranges[i + 1].last + reach)};
  }
  return ranges;
}

Matrix ConvTower::run(std::string_view bases, BinRange tokens, const Progress& progress,
                      const Enformer::Observer& observer) const {
  const std::vector<std::int64_t> lengths = this->lengths(static_cast<std::int64_t>(bases.size()));
  const std::vector<BinRange> ranges = inputRanges(lengths, tokens);
  const auto share = [&](std::size_t level) {
    return static_cast<double>(level) / static_cast<double>(m_levels.size());
  };
  progress.at(0, "convolutions");
  Matrix rows = stemRows(bases, ranges[1], progress);
  if (observer) observer(m_levels[0].stage, rows);
  for (std::size_t i = 1; i < m_levels.size(); ++i) {
    progress.at(share(i), "convolutions");
    rows = levelRows(m_levels[i], rows, ranges[i], lengths[i], ranges[i + 1], progress);
    if (observer) observer(m_levels[i].stage, rows);
  }
  return rows;
}

ConvTower::Piece ConvTower::piece(std::string_view bases, BinRange tokens,
                                  const Progress& progress) const {
  Piece piece{inputRanges(lengths(static_cast<std::int64_t>(bases.size())), tokens), {}};
  run(bases, tokens, progress,
      [&](const std::string&, const Matrix& rows) { piece.rows.push_back(rows); });
  return piece;
}

std::vector<ConvTower::Rows> ConvTower::changedRows(std::span<const Edit> edits,
                                                    const Progress& progress) const {
  const std::vector<std::int64_t> lengths =
      this->lengths(static_cast<std::int64_t>(edits.front().bases.size()));
  std::vector<Rows> rows;
  for (const Edit& edit : edits) {
    const BinRange out = reachedRows(edit.changed, m_levels[0].convolution.reach(), edit.piece, 0);
    rows.push_back({out, stemRows(edit.bases, out, progress)});
  }
  // A row without a partner, at the end of a level of odd length, has to be the last of all.
  const bool isPaired =
      std::none_of(lengths.begin(), lengths.end() - 1, [](auto length) { return length % 2 == 1; });
  const std::size_t together = isPaired ? edits.size() : 1;
  for (std::size_t first = 0; first < edits.size(); first += together)
    for (std::size_t level = 1; level < m_levels.size(); ++level)
      changeLevel(level, lengths[level], edits.subspan(first, together),
                  std::span(rows).subspan(first, together), progress);
  return rows;
}

/// Replaces the changed rows of a level's input by those of its output. The rows of all edits lie
/// one below the other, each with its halo, as if they were one sequence; what comes out across
/// their borders is left alone.
void ConvTower::changeLevel(std::size_t number, std::int64_t length, std::span<const Edit> edits,
                            std::span<Rows> rows, const Progress& progress) const {
  const Level& level = m_levels[number];
  const std::int64_t reach = level.convolution.reach();
  std::vector<BinRange> outs, unpooled;
  std::int64_t count = 0;
  for (std::size_t i = 0; i < edits.size(); ++i) {
    outs.push_back(reachedRows(rows[i].tokens, reach, edits[i].piece, number));
    unpooled.push_back({2 * outs[i].first, std::min(length, 2 * outs[i].last)});
    count += unpooled[i].count() + 2 * reach;
  }
  Matrix activated = Matrix::Zero(count, rows.front().values.cols());
  std::int64_t at = 0;
  for (std::size_t i = 0; i < edits.size(); ++i) {
    const BinRange& known = edits[i].piece.ranges[number];
    const BinRange in{std::max<std::int64_t>(0, unpooled[i].first - reach),
                      std::min(length, unpooled[i].last + reach)};
    Matrix input = edits[i].piece.rows[number - 1].middleRows(in.first - known.first, in.count());
    input.middleRows(rows[i].tokens.first - in.first, rows[i].tokens.count()) = rows[i].values;
    level.before.front().apply(
        input, nn::Operand(MatrixView(activated))
                   .middleRows(at + in.first - (unpooled[i].first - reach), in.count()));
    at += unpooled[i].count() + 2 * reach;
  }
  const Matrix pooled = convolvedRows(level, activated, progress);
  at = 0;
  for (std::size_t i = 0; i < edits.size(); ++i) {
    rows[i] = {outs[i], pooled.middleRows(at / 2, outs[i].count())};
    at += unpooled[i].count() + 2 * reach;
  }
}

/// What a level makes of rows that are activated and have their halo.
Matrix ConvTower::convolvedRows(const Level& level, const Matrix& activated,
                                const Progress& progress) const {
  const std::int64_t halo = 2 * level.convolution.reach(), count = activated.rows() - halo;
  Matrix pooled(nn::AttentionPool::pooledRows(count), level.convolution.outputs());
  nn::forRowBlocks(
      count, nn::blockRows(pooled.cols()), progress, [&](BinRange block, nn::Scratch& scratch) {
        const nn::Operand own =
            nn::Operand(MatrixView(activated)).middleRows(block.first, block.count() + halo);
        convolve(level, own, block.count(), pooledRows(pooled, block), scratch);
      });
  return pooled;
}

/// A level from its convolution on, for `count` rows that begin with the first of a pair; `input`
/// as the convolution wants it.
void ConvTower::convolve(const Level& level, const nn::Operand& input, std::int64_t count,
                         nn::MatrixBlock out, nn::Scratch& scratch) const {
  nn::MatrixMap convolved = scratch.take(count, level.convolution.outputs());
  level.convolution.apply(input, convolved);
  if (!level.pointwise.isZero()) {
    const nn::Operand activated = scratch.operand(m_precision, count, convolved.cols());
    level.pointwiseNorm.apply(convolved, activated);
    level.pointwise.addTo(activated, convolved);
  }
  level.pool.apply(convolved, out, scratch);
}

Matrix ConvTower::stemRows(std::string_view bases, BinRange out, const Progress& progress) const {
  const Level& level = m_levels.front();
  const auto length = static_cast<std::int64_t>(bases.size());
  Matrix result(out.count(), level.convolution.outputs());
  const BinRange unpooled{2 * out.first, std::min(length, 2 * out.last)};
  const auto work = [&](BinRange block, nn::Scratch& scratch) {
    const std::int64_t first = unpooled.first + block.first;
    nn::MatrixMap columns = scratch.take(block.count(), stemKernel * letters);
    gatherOneHot(bases, first - level.convolution.reach(), stemKernel, columns);
    convolve(level, MatrixView(columns), block.count(), pooledRows(result, block), scratch);
  };
  nn::forRowBlocks(unpooled.count(), nn::blockRows(result.cols()), progress, work);
  return result;
}

/// `input` holds the rows `inputRows` of the level's input, which is `inputLength` long.
Matrix ConvTower::levelRows(const Level& level, const Matrix& input, BinRange inputRows,
                            std::int64_t inputLength, BinRange out,
                            const Progress& progress) const {
  const std::int64_t reach = level.convolution.reach();
  Matrix result(out.count(), level.convolution.outputs());
  const BinRange unpooled{2 * out.first, std::min(inputLength, 2 * out.last)};
  const auto work = [&](BinRange block, nn::Scratch& scratch) {
    const std::int64_t first = unpooled.first + block.first - reach,
                       last = first + block.count() + 2 * reach;
    // Beyond the ends of the sequence there are zeros after the activation, not before.
    const BinRange inside{std::max<std::int64_t>(0, first), std::min(inputLength, last)};
    const nn::Operand activated = scratch.operand(m_precision, last - first, input.cols());
    activated.middleRows(0, inside.first - first).setZero();
    activated.middleRows(inside.last - first, last - inside.last).setZero();
    level.before.front().apply(input.middleRows(inside.first - inputRows.first, inside.count()),
                               activated.middleRows(inside.first - first, inside.count()));
    convolve(level, activated, block.count(), pooledRows(result, block), scratch);
  };
  nn::forRowBlocks(unpooled.count(), nn::blockRows(std::max(input.cols(), result.cols())), progress,
                   work);
  return result;
}

}  // namespace cellocus
