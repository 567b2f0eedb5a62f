// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "analysis/predictor.h"
#include "base/matrix.h"
#include "export/provenance.h"
#include "genome/locus.h"

namespace cellocus {

/// One predicted track over consecutive bins of a contig.
struct BinTrack {
  std::string name;
  Locus covered;                  ///< bin i begins at covered.start + i * binSize
  std::int64_t binSize = 128;     ///< bases
  Vector values;                  ///< one per bin; NaN = no value, e.g. deleted bases
  std::int64_t contigLength = 0;  ///< bins are clipped to 0..contigLength
};

/// Column `column` of a prediction as a track.
BinTrack binTrack(const Prediction& prediction, std::int64_t column, std::int64_t contigLength,
                  const std::string& name);

enum class BedGraphHeader {
  None,    ///< four columns and nothing else: what UCSC's tools want
  Comment  ///< provenance as '#' lines before the data
};

/// bedGraph: contig, start, end (0-based, end not included), value; sorted, not overlapping. Bins
/// without a value and what lies beyond the contig's ends are left out, so that no reader takes a
/// gap for a zero.
std::string bedGraphText(const BinTrack& track);

/// Writes it, whole or not at all, gzipped where the name ends with .gz. @throws Error
/// "SAVE_FAILED"
void saveBedGraph(const std::filesystem::path& path, const BinTrack& track,
                  const Provenance& provenance, BedGraphHeader header = BedGraphHeader::Comment);

}  // namespace cellocus
