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

ConvTower::Rows ConvTower::changedRows(const Piece& piece, std::string_view bases, BinRange changed,
                                       const Progress& progress) const {
  const std::vector<std::int64_t> lengths = this->lengths(static_cast<std::int64_t>(bases.size()));
  Rows result{changed, {}};
  for (std::size_t i = 0; i < m_levels.size(); ++i) {
    const std::int64_t reach = m_levels[i].convolution.reach();
    const BinRange& known = piece.ranges[i + 1];
    const BinRange out{
        std::max(known.first, std::max<std::int64_t>(0, result.tokens.first - reach) / 2),
        std::min(known.last, (result.tokens.last + reach + 1) / 2)};
    if (i == 0) {
      result = {out, stemRows(bases, out, progress)};
      continue;
    }
    const BinRange in{std::max<std::int64_t>(0, 2 * out.first - reach),
                      std::min(lengths[i], 2 * out.last + reach)};
    Matrix input = piece.rows[i - 1].middleRows(in.first - piece.ranges[i].first, in.count());
    input.middleRows(result.tokens.first - in.first, result.tokens.count()) = result.values;
    result = {out, levelRows(m_levels[i], input, in, lengths[i], out, progress)};
  }
  return result;
}

/// Everything of a level after its convolution, for a block of rows that begins with the first of a
/// pair.
void ConvTower::finish(const Level& level, nn::MatrixMap convolved, nn::MatrixBlock out,
                       nn::Scratch& scratch) const {
  if (!level.pointwise.isZero()) {
    const nn::Operand activated = scratch.operand(m_precision, convolved.rows(), convolved.cols());
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
    nn::MatrixMap convolved = scratch.take(block.count(), result.cols());
    level.convolution.apply(MatrixView(columns), convolved);
    finish(level, convolved,
           result.middleRows(block.first / 2, nn::AttentionPool::pooledRows(block.count())),
           scratch);
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
    nn::MatrixMap convolved = scratch.take(block.count(), result.cols());
    level.convolution.apply(activated, convolved);
    finish(level, convolved,
           result.middleRows(block.first / 2, nn::AttentionPool::pooledRows(block.count())),
           scratch);
  };
  nn::forRowBlocks(unpooled.count(), nn::blockRows(std::max(input.cols(), result.cols())), progress,
                   work);
  return result;
}

}  // namespace cellocus
