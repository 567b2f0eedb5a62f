// SPDX-License-Identifier: GPL-3.0-or-later
// What a head predicts. With hundreds of thousands of cells the last layer is nearly all the work,
// and for a few genes that work is fetching its weight from memory: each row is fetched once.
#include <algorithm>
#include <atomic>
#include <functional>
#include <numeric>
#include <thread>

#include "base/parallel.h"
#include "base/text.h"
#include "models/emb2cell.h"
#include "models/streamedweight.h"
#include "nn/blocks.h"
#include "nn/kernels.h"
#include "nn/rowdots.h"

namespace cellocus {

namespace {

constexpr std::int64_t genesAtOnce = 256, outputsAtOnce = StreamedWeight::tileRows;
/// Where a tile may have to be read from the file, it is read for so many genes. With more of them
/// it would take too long to stop.
constexpr std::int64_t genesOfATile = 32 * genesAtOnce;
/// For so many genes or fewer, fetching the weights takes longer than the products.
constexpr std::int64_t fewGenes = 16;

/// Part of a layer's result, [genes, outputs].
struct Block {
  BinRange genes, outputs;
};

/// Some outputs of a layer.
struct LayerRows {
  MatrixView weight;              ///< [outputs, in]
  Eigen::Ref<const Vector> bias;  ///< [outputs]
};

using BlockWork = std::function<void(const Block& block, nn::Scratch& scratch)>;

BinRange piece(std::int64_t index, std::int64_t size, std::int64_t end) {
  return {index * size, std::min((index + 1) * size, end)};
}

/// Calls `work` for blocks of `result` with at most `genesPerBlock` rows, those of the same columns
/// one after the other, on all threads. Only the calling thread reports. Whatever is thrown ends
/// the work of all.
void forEachBlock(MatrixView result, std::int64_t genesPerBlock, const Progress& progress,
                  const BlockWork& work) {
  const std::int64_t genes = result.rows(), outputs = result.cols();
  const std::int64_t across = (genes + genesPerBlock - 1) / genesPerBlock;
  const std::int64_t count = across * ((outputs + outputsAtOnce - 1) / outputsAtOnce);
  const auto caller = std::this_thread::get_id();
  std::atomic<std::int64_t> next = 0;
  const auto takeBlocks = [&](std::int64_t, std::int64_t) {
    nn::Scratch scratch;
    try {
      for (std::int64_t i = next++; i < count; i = next++) {
        const double done = static_cast<double>(i) / static_cast<double>(count);
        if (std::this_thread::get_id() == caller)
          progress.at(done, "expression of each cell");
        else
          progress.check();
        scratch.reset();
        work({piece(i % across, genesPerBlock, genes), piece(i / across, outputsAtOnce, outputs)},
             scratch);
      }
    } catch (...) {
      next = count;
      throw;
    }
  };
  parallelFor(std::min<std::int64_t>(threadCount(), count), 1, takeBlocks);
}

/// The library may add up in another order if a matrix has another size or its rows other
/// distances, so it is always given as many outputs and a result of its own: what a cell gets does
/// not depend on which cells it is computed with.
void multiplyTile(MatrixView x, MatrixView tile, nn::MatrixBlock out, nn::Scratch& scratch) {
  nn::MatrixMap product = scratch.take(genesAtOnce, outputsAtOnce);
  for (std::int64_t first = 0; first < x.rows(); first += genesAtOnce) {
    const std::int64_t genes = std::min(genesAtOnce, x.rows() - first);
    const MatrixView some = x.middleRows(first, genes);
    nn::MatrixBlock result = out.middleRows(first, genes);
    if (genes <= fewGenes) {
      nn::rowDots(some, tile.topRows(out.cols()), result);
    } else {
      nn::multiplyTransposed(some, tile, product.topRows(genes));
      result = product.topRows(genes).leftCols(out.cols());
    }
  }
}

/// out = x · weightᵀ + bias
void apply(const LayerRows& layer, MatrixView x, nn::MatrixBlock out, nn::Scratch& scratch) {
  if (x.rows() <= fewGenes) {
    nn::rowDots(x, layer.weight, out);
  } else if (layer.weight.rows() == outputsAtOnce) {
    multiplyTile(x, layer.weight, out, scratch);
  } else {
    nn::MatrixMap tile = scratch.take(outputsAtOnce, layer.weight.cols());
    tile.topRows(layer.weight.rows()) = layer.weight;
    tile.bottomRows(outputsAtOnce - layer.weight.rows()).setZero();
    multiplyTile(x, tile, out, scratch);
  }
  out.rowwise() += layer.bias.transpose();
}

std::string nameOf(const Emb2Cell& head) {
  return head.path().empty() ? "the cell head" : head.path().string();
}

auto rowsOf(const auto& values, BinRange rows) {
  return values.middleRows(rows.first, rows.count());
}

auto blockOf(Matrix& result, const Block& block) {
  return result.block(block.genes.first, block.outputs.first, block.genes.count(),
                      block.outputs.count());
}

/// The places of the cells in ascending order, in which neighbours of the file are read together.
std::vector<std::size_t> ascendingOrder(std::span<const std::int64_t> cells) {
  std::vector<std::size_t> places(cells.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::ranges::sort(places, {}, [&](std::size_t place) { return cells[place]; });
  return places;
}

void requireCells(const Emb2Cell& head, std::span<const std::int64_t> cells) {
  for (const std::int64_t cell : cells)
    if (cell < 0 || cell >= head.cellCount())
      throw Error("CELL_UNKNOWN", nameOf(head),
                  "cell number " + withThousands(cell) + " (the first is 0) was asked for, and " +
                      withThousands(head.cellCount()) + " cells are known.",
                  "Choose cells that the head was fitted on.");
}

}  // namespace

Matrix Emb2Cell::hiddenOf(MatrixView embedding, const Progress& progress) const {
  if (embedding.cols() != embeddingSize())
    throw Error("EMBEDDING_SIZE", nameOf(*this),
                "the embedding has " + std::to_string(embedding.cols()) +
                    " numbers a gene, the head expects " + std::to_string(embeddingSize()) + ".",
                "Use the head with the sequence model that it was fitted on.");
  if (!m_parts.second) return embedding;
  const Layer& layer = m_parts.first;
  Matrix hidden(embedding.rows(), layer.bias.size());
  const auto work = [&](const Block& block, nn::Scratch& scratch) {
    nn::MatrixBlock out = blockOf(hidden, block);
    apply({rowsOf(layer.weight, block.outputs), rowsOf(layer.bias, block.outputs)},
          rowsOf(embedding, block.genes), out, scratch);
    if (m_parts.relu) nn::relu(out);
  };
  forEachBlock(hidden, genesAtOnce, progress, work);
  return hidden;
}

Matrix Emb2Cell::predict(MatrixView embedding, const Progress& progress) const {
  const Matrix hidden = hiddenOf(embedding, progress.part(0, 0.05));
  const Layer& last = output();
  Matrix result(hidden.rows(), cellCount());
  const auto work = [&](const Block& block, nn::Scratch& scratch) {
    const BinRange cells = block.outputs;
    const auto bias = rowsOf(last.bias, cells);
    const auto genes = rowsOf(hidden, block.genes);
    nn::MatrixBlock out = blockOf(result, block);
    if (m_streamed) {
      const auto tile = m_streamed->tile(cells.first / outputsAtOnce);
      const Eigen::Map<const Matrix> weight(tile->data(), cells.count(), hidden.cols());
      apply({weight, bias}, genes, out, scratch);
    } else {
      apply({rowsOf(last.weight, cells), bias}, genes, out, scratch);
    }
    if (m_parts.softplus) nn::softplus(out);
  };
  forEachBlock(result, m_streamed ? genesOfATile : genesAtOnce, progress.part(0.05, 1), work);
  return result;
}

Matrix Emb2Cell::predict(MatrixView embedding, std::span<const std::int64_t> cells,
                         const Progress& progress) const {
  requireCells(*this, cells);
  const Matrix hidden = hiddenOf(embedding, progress.part(0, 0.05));
  const std::vector<std::size_t> places = ascendingOrder(cells);
  const Layer& last = output();
  Matrix result(hidden.rows(), std::ssize(cells));
  const auto work = [&](const Block& block, nn::Scratch& scratch) {
    const auto here = std::span(places).subspan(static_cast<std::size_t>(block.outputs.first),
                                                static_cast<std::size_t>(block.outputs.count()));
    std::vector<std::int64_t> wanted;
    for (const std::size_t place : here) wanted.push_back(cells[place]);
    nn::MatrixMap weight = scratch.take(block.outputs.count(), hidden.cols());
    if (m_streamed)
      m_streamed->copyRows(wanted, weight, progress);
    else
      weight = last.weight(wanted, Eigen::all);
    nn::MatrixMap out = scratch.take(block.genes.count(), block.outputs.count());
    const Vector bias = last.bias(wanted);
    apply({weight, bias}, rowsOf(hidden, block.genes), out, scratch);
    if (m_parts.softplus) nn::softplus(out);
    result(Eigen::seqN(block.genes.first, block.genes.count()), here) = out;
  };
  forEachBlock(result, m_streamed ? genesOfATile : genesAtOnce, progress.part(0.05, 1), work);
  return result;
}

}  // namespace cellocus
