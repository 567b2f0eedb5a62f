// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/genepieces.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/text.h"

namespace cellocus {

namespace {

/// Memory of a block that is read at once, and of a chunk that is handed out.
constexpr std::int64_t blockBytes = std::int64_t{32} << 20;
constexpr std::size_t chunkBytes = std::size_t{128} << 20;
constexpr double scale = 10'000;

/// A value that is not 0 and its cell, counted from the piece's first.
struct Entry {
  std::uint32_t cell = 0;
  float value = 0;
};
static_assert(sizeof(Entry) == 8);

/// Cells in a piece that holds Entries: they are counted in 32 bits.
constexpr std::int64_t mostCells = std::numeric_limits<std::uint32_t>::max();

template <typename T>
void append(std::vector<std::byte>& bytes, std::span<const T> values) {
  const auto added = std::as_bytes(values);
  bytes.insert(bytes.end(), added.begin(), added.end());
}

void packEntries(GeneChunk& chunk, GenePiece piece, std::span<const Entry> entries) {
  piece.offset = chunk.bytes.size();
  const auto cells = static_cast<std::size_t>(piece.lastCell - piece.firstCell);
  if (2 * entries.size() < cells) {
    append(chunk.bytes, entries);
  } else {
    std::vector<float> values(cells);
    for (const Entry& entry : entries) values[entry.cell] = entry.value;
    append<float>(chunk.bytes, values);
  }
  piece.bytes = chunk.bytes.size() - piece.offset;
  piece.check = hashOf(std::span(chunk.bytes).subspan(piece.offset));
  chunk.pieces.push_back(piece);
}

/// Of a dataset that lies cell by cell: blocks of cells are turned round.
class ReaderByCells final : public GenePieceReader {
 public:
  using GenePieceReader::GenePieceReader;

  bool next(GeneChunk& chunk, const Progress& progress) override {
    chunk = {};
    if (m_cell >= m_dataset.cellCount()) return false;
    const std::int64_t genes = m_dataset.geneCount();
    const std::int64_t block = std::clamp<std::int64_t>(
        blockBytes / static_cast<std::int64_t>(sizeof(float)) / std::max<std::int64_t>(genes, 1), 1,
        m_dataset.cellCount());
    std::vector<std::vector<Entry>> entries(static_cast<std::size_t>(genes));
    const std::int64_t firstCell = m_cell;
    std::size_t count = 0;
    while (m_cell < m_dataset.cellCount() && count * sizeof(Entry) < chunkBytes &&
           m_cell + block - firstCell < mostCells) {
      const std::int64_t last = std::min(m_dataset.cellCount(), m_cell + block);
      progress.at(share(m_cell), "sorting expression by genes");
      count += take(m_cell, last, firstCell, entries, progress.part(share(m_cell), share(last)));
      m_cell = last;
    }
    for (std::int64_t gene = 0; gene < genes; ++gene)
      packEntries(chunk, {gene, firstCell, m_cell}, entries[static_cast<std::size_t>(gene)]);
    return true;
  }

 private:
  double share(std::int64_t cell) const {
    return static_cast<double>(cell) / static_cast<double>(m_dataset.cellCount());
  }

  std::size_t take(std::int64_t first, std::int64_t last, std::int64_t firstOfChunk,
                   std::vector<std::vector<Entry>>& entries, const Progress& progress) {
    const Matrix block = m_dataset.cells(first, last, m_options.layer, progress);
    std::size_t count = 0;
    for (Eigen::Index row = 0; row < block.rows(); ++row) {
      const double total = block.row(row).cast<double>().sum();
      const auto cell = static_cast<std::uint32_t>(first + row - firstOfChunk);
      for (Eigen::Index gene = 0; gene < block.cols(); ++gene) {
        const float value = transformed(block(row, gene), total, first + row, gene);
        if (value == 0) continue;
        entries[static_cast<std::size_t>(gene)].push_back({cell, value});
        ++count;
      }
    }
    return count;
  }

  std::int64_t m_cell = 0;
};

/// Of a dataset that lies gene by gene; for a transform that needs the cells' totals it is read
/// twice.
class ReaderByGenes final : public GenePieceReader {
 public:
  using GenePieceReader::GenePieceReader;

  bool next(GeneChunk& chunk, const Progress& progress) override {
    chunk = {};
    const std::int64_t genes = m_dataset.geneCount();
    if (m_gene >= genes) return false;
    const bool twice = m_options.transform == ExpressionTransform::LogPerTenThousand;
    if (twice && m_totals.empty()) sumUp(progress.part(0, 0.5));
    const Progress reading = twice ? progress.part(0.5, 1) : progress;
    while (m_gene < genes && chunk.bytes.size() < chunkBytes) {
      reading.at(static_cast<double>(m_gene) / static_cast<double>(genes), "reading expression");
      Vector values = m_dataset.gene(m_gene, m_options.layer);
      for (Eigen::Index cell = 0; cell < values.size(); ++cell)
        values(cell) = transformed(
            values(cell), twice ? m_totals[static_cast<std::size_t>(cell)] : 0, cell, m_gene);
      pack(chunk, m_gene++, 0, {values.data(), static_cast<std::size_t>(values.size())});
    }
    return true;
  }

 private:
  void sumUp(const Progress& progress) {
    m_totals.assign(static_cast<std::size_t>(m_dataset.cellCount()), 0);
    const std::int64_t genes = m_dataset.geneCount();
    for (std::int64_t gene = 0; gene < genes; ++gene) {
      progress.at(static_cast<double>(gene) / static_cast<double>(genes), "summing up cells");
      const Vector values = m_dataset.gene(gene, m_options.layer);
      for (Eigen::Index cell = 0; cell < values.size(); ++cell)
        m_totals[static_cast<std::size_t>(cell)] += values(cell);
    }
  }

  std::int64_t m_gene = 0;
  std::vector<double> m_totals;  ///< counts a cell
};

}  // namespace

std::uint64_t hashOf(std::span<const std::byte> bytes) {
  std::uint64_t hash = 14695981039346656037u;
  for (const std::byte byte : bytes) {
    hash ^= static_cast<std::uint64_t>(byte);
    hash *= 1099511628211u;
  }
  return hash;
}

void pack(GeneChunk& chunk, std::int64_t gene, std::int64_t firstCell,
          std::span<const float> values) {
  std::vector<Entry> entries;
  for (std::size_t cell = 0; cell < values.size(); ++cell)
    if (values[cell] != 0) entries.push_back({static_cast<std::uint32_t>(cell), values[cell]});
  packEntries(chunk, {gene, firstCell, firstCell + std::ssize(values)}, entries);
}

bool unpack(const GenePiece& piece, std::span<const std::byte> bytes, std::span<float> values) {
  if (bytes.size() != piece.bytes || hashOf(bytes) != piece.check) return false;
  if (bytes.size() == values.size_bytes()) {
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return true;
  }
  if (bytes.size() % sizeof(Entry) != 0) return false;
  std::ranges::fill(values, 0.0f);
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(Entry)) {
    Entry entry;
    std::memcpy(&entry, bytes.data() + at, sizeof(Entry));
    if (entry.cell >= values.size()) return false;
    values[entry.cell] = entry.value;
  }
  return true;
}

std::unique_ptr<GenePieceReader> GenePieceReader::open(const CellDataset& dataset,
                                                       const GeneMajor::Options& options) {
  if (dataset.storedBy(options.layer) == StoredBy::Genes)
    return std::make_unique<ReaderByGenes>(dataset, options);
  return std::make_unique<ReaderByCells>(dataset, options);
}

float GenePieceReader::transformed(float value, double total, std::int64_t cell,
                                   std::int64_t gene) {
  const bool counts = m_options.transform == ExpressionTransform::LogPerTenThousand;
  if (!std::isfinite(value) || (counts && value < 0))
    throw Error("EXPRESSION_VALUES", printable(m_dataset.path().filename().string()),
                "gene " + printable(m_dataset.genes()[static_cast<std::size_t>(gene)].index) +
                    " has the value " + numberText(value) + " in cell " +
                    printable(m_dataset.cellNames()[static_cast<std::size_t>(cell)]) + ".",
                counts ? "Choose a layer of counts, or use the layer as it is stored."
                       : "Choose a layer whose values are all numbers.");
  // The cell's total cannot be 0 where one of its counts is not.
  const float result =
      counts && value > 0 ? static_cast<float>(std::log1p(value / total * scale)) : value;
  m_range.least = std::min(m_range.least, result);
  m_range.largest = std::max(m_range.largest, result);
  return result;
}

}  // namespace cellocus
