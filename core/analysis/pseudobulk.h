// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "base/progress.h"
#include "cells/celldataset.h"

namespace cellocus {

/// Cells sorted into groups by a categorical column.
struct CellGroups {
  std::string column;
  std::vector<std::string> names;         ///< in alphabetical order, each with at least one cell
  std::vector<std::int32_t> groupOfCell;  ///< -1: none
  std::vector<std::int64_t> cellCounts;   ///< per group

  /// @throws Error "GROUPS_COLUMN" if the column is numeric or no cell has a value
  static CellGroups of(const CellColumn& column);
};

/// One number per gene and group out of expression, as seq2cells' pseudobulk_anndata makes it.
enum class PseudoBulk {
  Mean,
  Sum,
  /// Cells above the threshold. NaN, not 0, where there is none, as published.
  CountExpressing,
  ShareExpressing  ///< the same as a share of the group's cells, 0..1
};

/// [genes, groups]. `rows` gives expression of genes first..last as [last - first, cells].
Matrix pseudoBulk(PseudoBulk what, std::int64_t genes, const CellGroups& groups,
                  const std::function<Matrix(std::int64_t first, std::int64_t last)>& rows,
                  float threshold = 0.5f, const Progress& progress = {});

}  // namespace cellocus
