// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "analysis/querywindows.h"
#include "base/matrix.h"
#include "base/progress.h"
#include "genome/genome.h"
#include "models/enformer.h"

namespace cellocus {

/// How a trunk's embeddings of start sites compare with published ones.
struct WeightCheck {
  struct Row {
    std::string name;          ///< of the window
    float largest = 0;         ///< largest absolute difference over the channels
    std::int64_t channel = 0;  ///< where it is
    double correlation = 0;    ///< Pearson, over the channels
  };
  std::vector<Row> rows;
  float largest = 0;

  /// 1e-3 tells right weights from wrong ones: float32 in another order of summation differs by
  /// less, wrong weights or the other gamma convention by more than a hundred times as much.
  static constexpr float tolerance = 1e-3f;
  bool passed() const { return largest <= tolerance; }
};

/// Computes the embedding of each window and compares it with the row of `published` [windows, 2 *
/// dim] at the same place.
/// @throws Error "VERIFY_SHAPE" if the numbers of rows or channels differ; "VERIFY_NOT_EMBEDDINGS"
/// if a published value lies below -0.1637, which no output of the trunk's last GELU can
WeightCheck verifyWeights(const Enformer& model, const Genome& genome,
                          const std::vector<QueryWindow>& windows, const Matrix& published,
                          const Progress& progress = {});

}  // namespace cellocus
