// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "base/progress.h"
#include "models/enformer.h"

namespace cellocus {

/// Floating-point operations of an Enformer by part; a multiplication and an addition are two.
/// Products only: norms, activations and softmax are below one percent of them.
struct EnformerCost {
  std::vector<double> tower;  ///< of the stem, then of each block of the convolution tower
  double transformer = 0;     ///< all blocks
  double pointwise = 0;       ///< the last layer of the trunk
  double tracks = 0;

  double towerTotal() const;
  /// What an embedding costs.
  double trunk() const { return towerTotal() + transformer + pointwise; }
  double total() const { return trunk() + tracks; }
};

/// What is computed of one window.
struct EnformerPass {
  std::int64_t towerTokens = 0;  ///< side by side; the tower's other rows are known from before
  std::int64_t bins = 0;         ///< rows of the embedding
  std::int64_t tracks = 0;       ///< of each of these bins

  bool operator==(const EnformerPass&) const = default;
};

/// All bins of a window of which nothing is known.
EnformerPass wholePass(const EnformerConfig& config, std::int64_t tracks);

/// A whole window with all bins and all tracks of all heads as the paper and its code define it,
/// without any saving: 3.25 TFLOP for the trunk of the published model.
EnformerCost definedCost(const EnformerConfig& config);

/// What a pass needs with the exact savings of this program: pooling of pairs by one difference,
/// the stem as a table of bases, relative keys from before and only for distances that occur, and
/// of the last block and what follows only the wanted bins. Tower tokens count with the halo that
/// has to be computed with them. The transformer remains: it is the floor of every edit.
EnformerCost costOf(const EnformerPass& pass, const EnformerConfig& config);

/// Operations a second of this machine at matrix products as wide as the model's, on all threads:
/// the best of what fits into about 50 ms. @throws Cancelled
double measuredProductRate(const EnformerConfig& config, const Progress& progress = {});

}  // namespace cellocus
