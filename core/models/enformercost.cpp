// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/enformercost.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "nn/blocks.h"
#include "nn/product.h"

namespace cellocus {

namespace {

constexpr double operationsOfAProduct = 2;
constexpr std::int64_t bases = 4, stemKernel = 15, blockKernel = 5;

double product(std::int64_t rows, std::int64_t inner, std::int64_t columns) {
  return operationsOfAProduct * static_cast<double>(rows) * static_cast<double>(inner) *
         static_cast<double>(columns);
}

/// Positions before the pooling of each level of the tower.
std::vector<std::int64_t> levelLengths(const EnformerConfig& config) {
  std::vector<std::int64_t> lengths;
  std::int64_t length = config.windowLength;
  for (std::int64_t level = 0; level < config.downsamples; ++level) {
    lengths.push_back(length);
    length = (length + 1) / 2;
  }
  return lengths;
}

/// Positions that each level computes before its pooling for `tokens` of its last: twice as many
/// as it hands on, and a convolution reads two more to each side.
std::vector<std::int64_t> computedPositions(const EnformerConfig& config, std::int64_t tokens) {
  std::vector<std::int64_t> positions = levelLengths(config);
  std::int64_t wanted = tokens;
  for (auto level = positions.rbegin(); level != positions.rend(); ++level) {
    *level = std::min(*level, 2 * wanted);
    wanted = wanted == 0 ? 0 : *level + blockKernel - 1;
  }
  return positions;
}

/// The transformer's block for `queries` of the window's tokens. Keys and values are always those
/// of all.
struct BlockCost {
  double projections = 0;   ///< queries, keys, values, output
  double attention = 0;     ///< content logits and attended values
  double relative = 0;      ///< relative logits, each distance once
  double relativeKeys = 0;  ///< out of the features of all distances
  double feedForward = 0;
};

BlockCost blockCost(const EnformerConfig& config, std::int64_t queries) {
  const std::int64_t tokens = config.tokenCount(), dim = config.dim,
                     keys = config.heads * config.keyDim;
  BlockCost cost;
  cost.projections =
      product(queries, dim, keys) + product(tokens, dim, keys + dim) + product(queries, dim, dim);
  cost.attention = product(queries, tokens, keys + dim);
  cost.relative = product(queries, tokens, keys);
  cost.relativeKeys = product(2 * tokens, dim / config.heads, keys);
  cost.feedForward = 2 * product(queries, dim, 2 * dim);
  return cost;
}

double neededOf(const BlockCost& cost) {
  return cost.projections + cost.attention + cost.relative + cost.feedForward;
}

}  // namespace

double EnformerCost::towerTotal() const {
  return std::accumulate(tower.begin(), tower.end(), 0.0);
}

EnformerPass wholePass(const EnformerConfig& config, std::int64_t tracks) {
  return {config.tokenCount(), config.binCount(), tracks};
}

EnformerCost definedCost(const EnformerConfig& config) {
  EnformerCost cost;
  const std::vector<std::int64_t> positions = levelLengths(config),
                                  channels = config.towerChannels();
  std::int64_t in = bases, kernel = stemKernel;
  for (std::size_t level = 0; level < positions.size(); ++level) {
    const std::int64_t out = channels[level];
    // The convolution, the pointwise convolution beside it and the logits of the pooling.
    cost.tower.push_back(product(positions[level], in * kernel + 2 * out, out));
    in = out;
    kernel = blockKernel;
  }
  const BlockCost block = blockCost(config, config.tokenCount());
  // Relative logits are defined for all distances, of which each query uses half.
  cost.transformer =
      static_cast<double>(config.depth) * (neededOf(block) + block.relative + block.relativeKeys);
  cost.pointwise = product(config.binCount(), config.dim, 2 * config.dim);
  for (const EnformerConfig::Head& head : config.outputHeads)
    cost.tracks += product(config.binCount(), 2 * config.dim, head.tracks);
  return cost;
}

EnformerCost costOf(const EnformerPass& pass, const EnformerConfig& config) {
  EnformerCost cost;
  const std::vector<std::int64_t> positions = computedPositions(config, pass.towerTokens),
                                  channels = config.towerChannels();
  std::int64_t convolved = 0;  // channels and taps of the convolution; the stem adds up table rows
  for (std::size_t level = 0; level < positions.size(); ++level) {
    const std::int64_t out = channels[level];
    cost.tower.push_back(product(positions[level], convolved + out, out) +
                         product((positions[level] + 1) / 2, out, out));
    convolved = out * blockKernel;
  }
  cost.transformer =
      static_cast<double>(config.depth - 1) * neededOf(blockCost(config, config.tokenCount())) +
      neededOf(blockCost(config, pass.bins));
  cost.pointwise = product(pass.bins, config.dim, 2 * config.dim);
  cost.tracks = product(pass.bins, 2 * config.dim, pass.tracks);
  return cost;
}

double measuredProductRate(const EnformerConfig& config, const Progress& progress) {
  using Clock = std::chrono::steady_clock;
  constexpr std::int64_t rows = 2048, rowsAtOnce = 256;
  constexpr std::chrono::milliseconds enough(50);
  const Matrix a = Matrix::Ones(rows, config.dim), b = Matrix::Ones(config.dim, config.dim);
  Matrix c(rows, config.dim);
  const auto started = Clock::now();
  double best = 0;
  do {
    const auto before = Clock::now();
    nn::forRowBlocks(rows, rowsAtOnce, progress, [&](BinRange block, nn::Scratch&) {
      nn::multiply(a.middleRows(block.first, block.count()), b,
                   c.middleRows(block.first, block.count()));
    });
    const std::chrono::duration<double> took = Clock::now() - before;
    best = std::max(best, product(rows, config.dim, config.dim) / took.count());
  } while (Clock::now() - started < enough);
  return best;
}

}  // namespace cellocus
