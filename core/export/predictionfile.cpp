// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/predictionfile.h"

#include <algorithm>

namespace cellocus {

void writeRecord(H5Writer& writer, const PredictionRecord& record) {
  std::string group = "/" + record.name;
  std::replace(group.begin() + 1, group.end(), '/', '_');
  writer.group(group);
  writer.attribute(group, "contig", record.contig);
  writer.attribute(group, "start", record.start);
  writer.attribute(group, "bin_size", record.binSize);
  writer.attribute(group, "gamma", record.gamma);
  for (const auto& [name, values] : record.arrays) writer.matrix(group + "/" + name, values);
  for (const auto& [head, numbers] : record.tracks)
    writer.integers(group + "/" + head + "_tracks", numbers);
}

void writeProvenance(H5Writer& writer, const Provenance& provenance) {
  writer.attribute("/", "provenance", provenance.json().dump());
}

}  // namespace cellocus
