// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/matrix.h"
#include "base/progress.h"
#include "cells/celldataset.h"

namespace cellocus {

/// What is done to stored expression before a model sees it.
enum class ExpressionTransform {
  AsStored,
  LogPerTenThousand  ///< ln(1 + 10,000 * count / sum over all genes of the cell)
};

/// Counts are to be brought to a logarithmic scale; everything else stays as it is.
ExpressionTransform usualTransform(const ExpressionLayer& layer);
/// The same for a layer by its name, "X" if empty.
ExpressionTransform usualTransform(const CellDataset& cells, std::string_view layer);

/// Expression of a dataset gene by gene, for fitting and judging: datasets lie cell by cell, so
/// that one gene costs as much to read as all of them. Made in one pass over blocks of cells; small
/// ones stay in memory, larger ones lie in a file of the cache folder, which is used again while
/// the dataset is the same. Zeros take no room. Never changed after it was made; may be used from
/// any thread.
class GeneMajor {
 public:
  struct Options {
    std::string layer = {};  ///< "X" if empty
    ExpressionTransform transform = ExpressionTransform::AsStored;
    std::uint64_t memory = 512u << 20;  ///< bytes that it may keep; beyond that it goes to a file
    std::filesystem::path folder = {};  ///< for that file; cacheFolder() if empty
  };
  /// @throws Error "EXPRESSION_VALUES" (not a number, infinite, or negative where counts are
  /// needed), "EXPRESSION_LOGGED" if logarithms of what are logarithms already are asked for,
  /// "H5AD_LAYER", "SAVE_FAILED"
  static std::shared_ptr<const GeneMajor> make(const CellDataset& dataset, const Options& options,
                                               const Progress& progress = {});
  virtual ~GeneMajor() = default;

  std::int64_t geneCount() const { return m_geneCount; }
  std::int64_t cellCount() const { return m_cellCount; }
  /// Expression of some genes, in any order, in every cell: [genes.size(), cells].
  /// @throws Error "H5AD_GENE", "GENE_FILE_DAMAGED" if the cached file changed since
  virtual Matrix rows(std::span<const std::int64_t> genes, const Progress& progress = {}) const = 0;

  /// What rows() gives: of the layer, or LogNormalised after the transform.
  ExpressionLayer::Content content() const { return m_content; }
  /// "log1p counts per 10,000", "counts", "as in layers/scaled".
  const std::string& unit() const { return m_unit; }
  /// The least and the largest value; a negative one rules out Poisson losses and softplus heads.
  float least() const { return m_least; }
  float largest() const { return m_largest; }
  bool inMemory() const { return m_file.empty(); }
  const std::filesystem::path& file() const { return m_file; }  ///< empty if in memory

 protected:
  std::int64_t m_geneCount = 0, m_cellCount = 0;
  ExpressionLayer::Content m_content = ExpressionLayer::Content::Unknown;
  std::string m_unit;
  float m_least = 0, m_largest = 0;
  std::filesystem::path m_file;
};

}  // namespace cellocus
