// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/progress.h"
#include "genome/locus.h"

namespace cellocus {

class IntervalIndex;

/// A user's intervals from a BED file (plain or gzipped), e.g. ChIP-seq peaks. Never changed after
/// open().
class BedTrack {
 public:
  struct Feature {
    Locus locus;
    std::string name;
    double score = 0;
    Strand strand = Strand::Unknown;
  };
  /// Lines that make no sense are skipped and counted with their numbers in remarks().
  /// @throws Error "BED_..." if it is no such file or ends early
  static std::shared_ptr<const BedTrack> open(const std::filesystem::path& path,
                                              const Progress& progress = {});
  const std::filesystem::path& path() const { return m_path; }
  /// Sorted by contig and start.
  const std::vector<Feature>& features() const { return m_features; }
  const std::vector<std::string>& remarks() const { return m_remarks; }
  /// Features that touch the locus; the contig may be named by an alias.
  std::vector<const Feature*> overlapping(const Locus& locus) const;

 private:
  std::filesystem::path m_path;
  std::vector<Feature> m_features;
  std::vector<std::string> m_remarks;
  std::shared_ptr<const IntervalIndex> m_index;
};

/// The bands of an ideogram (UCSC cytoBandIdeo, plain or gzipped).
struct CytoBand {
  Locus locus;
  std::string name;   ///< "p23.1"
  std::string stain;  ///< "gneg", "gpos50", "acen", ...
};
/// @throws Error "CYTOBAND_..." naming the line
std::vector<CytoBand> readCytoBands(const std::filesystem::path& path);

}  // namespace cellocus
