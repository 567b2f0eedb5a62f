// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "genome/locus.h"

namespace cellocus {

/// What a sequence model reads and what it answers for. It stays where it is when the view moves.
struct ModelWindow {
  Locus input;      ///< e.g. 196,608 bases; may reach beyond the contig
  Locus predicted;  ///< e.g. the middle 114,688 bases
  std::int64_t binSize = 128;
  std::int64_t tss = -1;  ///< the position the window is centred on, usually a start site

  std::int64_t binCount() const { return binSize > 0 ? predicted.length() / binSize : 0; }
  Locus bin(std::int64_t bin) const {
    return {predicted.contig, predicted.start + bin * binSize,
            predicted.start + (bin + 1) * binSize};
  }
  /// The bin that holds a position, or -1.
  std::int64_t binAt(std::int64_t position) const {
    return binSize > 0 && predicted.contains(position) ? (position - predicted.start) / binSize
                                                       : -1;
  }
  bool operator==(const ModelWindow&) const = default;
};

/// How far a shown prediction answers what is asked for now.
enum class PredictionState { Empty, Computing, Ready, OutOfDate, Failed };

}  // namespace cellocus
