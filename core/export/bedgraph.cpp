// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/bedgraph.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "export/tables.h"

namespace cellocus {

BinTrack binTrack(const Prediction& prediction, std::int64_t column, std::int64_t contigLength,
                  const std::string& name) {
  return {name, prediction.predicted, prediction.binSize, prediction.values.col(column),
          contigLength};
}

std::string bedGraphText(const BinTrack& track) {
  std::string text;
  for (Eigen::Index bin = 0; bin < track.values.size(); ++bin) {
    const std::int64_t begin = track.covered.start + bin * track.binSize;
    const std::int64_t first = std::max<std::int64_t>(begin, 0);
    const std::int64_t last = std::min(begin + track.binSize, track.contigLength);
    if (first >= last || std::isnan(track.values[bin])) continue;
    text += track.covered.contig + '\t' + std::to_string(first) + '\t' + std::to_string(last) +
            '\t' + numberText(track.values[bin]) + '\n';
  }
  return text;
}

void saveBedGraph(const std::filesystem::path& path, const BinTrack& track,
                  const Provenance& provenance, BedGraphHeader header) {
  std::string text;
  if (header == BedGraphHeader::Comment) {
    for (const std::string& line : provenance.headerLines()) text += line + '\n';
    text += "# track: " + printable(track.name, 1024) + '\n';
  }
  saveText(path, text + bedGraphText(track));
}

}  // namespace cellocus
