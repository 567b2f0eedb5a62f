// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <vector>

#include "analysis/querywindows.h"
#include "base/matrix.h"
#include "base/progress.h"
#include "genome/genome.h"
#include "models/enformer.h"

namespace cellocus {

/// Published embeddings of start sites, row by row with the windows they were computed for.
struct PublishedEmbeddings {
  std::vector<QueryWindow> windows;
  Matrix embedding;                                            ///< [windows, 2 * dim]
  std::size_t most = std::numeric_limits<std::size_t>::max();  ///< only the first so many count
};

/// @throws Error "WINDOWS_FORMAT", "EMBEDDING_FILE", "FILE_..."
PublishedEmbeddings readPublished(const std::filesystem::path& windows,
                                  const std::filesystem::path& embeddings,
                                  const Progress& progress = {});

/// How a trunk's embeddings of start sites compare with published ones.
struct WeightCheck {
  enum class Result { Agrees, Differs, NotChecked };
  struct Row {
    QueryWindow window;
    /// NotChecked where the genome holds unknown bases for more than half of the window, as in a
    /// genome of which only some places are there; nothing was computed then.
    Result result = Result::NotChecked;
    float largest = 0;         ///< largest absolute difference over the channels
    std::int64_t channel = 0;  ///< where it is
    double correlation = 0;    ///< Pearson, over the channels
  };
  std::vector<Row> rows;
  float largest = 0;  ///< over all rows; NaN if any is

  /// 1e-3 tells right weights from wrong ones: float32 in another order of summation differs by
  /// less, wrong weights or the other gamma convention by more than a hundred times as much.
  static constexpr float tolerance = 1e-3f;
  std::int64_t count(Result result) const;
  /// Some rows agree and none differs.
  bool passed() const { return count(Result::Agrees) > 0 && count(Result::Differs) == 0; }
};

/// Computes the embedding of each window and compares it with the published one.
/// @throws Error "VERIFY_SHAPE" if the numbers of rows or channels differ; "VERIFY_NOT_EMBEDDINGS"
/// if a published value lies below -0.1637, which no output of the trunk's last GELU can
WeightCheck verifyWeights(const Enformer& model, const Genome& genome,
                          const PublishedEmbeddings& published, const Progress& progress = {});

enum class WeightVerdict {
  Right,
  OtherGamma,  ///< right weights: they agree once the gamma convention is exchanged
  Wrong,
  NotChecked  ///< the genome holds none of the windows
};

/// What a check says of the weights. Where it failed, the model is opened once more with the other
/// gamma convention and the first window that differed is compared again.
WeightVerdict judgeWeights(const WeightCheck& check, const Enformer& model, const Genome& genome,
                           const PublishedEmbeddings& published, const Progress& progress = {});

}  // namespace cellocus
