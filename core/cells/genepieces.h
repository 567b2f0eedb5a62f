// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "cells/genemajor.h"

namespace cellocus {

/// Expression of one gene in consecutive cells, packed: the values that are not 0 with their cells,
/// or, where that is shorter, all values.
struct GenePiece {
  std::int64_t gene = 0, firstCell = 0, lastCell = 0;
  std::uint64_t offset = 0, bytes = 0;  ///< where it lies in what holds it
  std::uint64_t check = 0;              ///< hash of its bytes
};

/// Pieces and their packed bytes, one behind the other.
struct GeneChunk {
  std::vector<GenePiece> pieces;  ///< offsets from the beginning of `bytes`
  std::vector<std::byte> bytes;
};

/// FNV-1a, to notice damage on the disk.
std::uint64_t hashOf(std::span<const std::byte> bytes);

/// Adds the values of cells firstCell.. to a chunk.
void pack(GeneChunk& chunk, std::int64_t gene, std::int64_t firstCell,
          std::span<const float> values);
/// The opposite: `values` has one entry for each cell of the piece. False if the bytes make no
/// sense.
bool unpack(const GenePiece& piece, std::span<const std::byte> bytes, std::span<float> values);

/// The least and the largest of the values that went by.
struct ValueRange {
  float least = std::numeric_limits<float>::infinity();
  float largest = -std::numeric_limits<float>::infinity();
};

/// Reads a layer the way it lies in its file, transforms it and hands it out in chunks of a bounded
/// size.
class GenePieceReader {
 public:
  static std::unique_ptr<GenePieceReader> open(const CellDataset& dataset,
                                               const GeneMajor::Options& options);
  GenePieceReader(const CellDataset& dataset, GeneMajor::Options options)
      : m_dataset(dataset), m_options(std::move(options)) {}
  virtual ~GenePieceReader() = default;
  /// False once everything was handed out. `progress` is that of the whole.
  virtual bool next(GeneChunk& chunk, const Progress& progress) = 0;
  const ValueRange& range() const { return m_range; }

 protected:
  /// Transforms a value of a cell whose counts sum up to `total`.
  float transformed(float value, double total, std::int64_t cell, std::int64_t gene);

  const CellDataset& m_dataset;
  GeneMajor::Options m_options;
  ValueRange m_range;
};

}  // namespace cellocus
