// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/querywindows.h"
#include "analysis/splitset.h"
#include "base/progress.h"
#include "genome/locus.h"

namespace cellocus {

/// A region of the genome that a trunk was trained, validated or tested on.
struct SetRegion {
  Locus locus;
  SplitSet set = SplitSet::Train;
};
/// Reads Enformer's (Basenji's) sequences.bed: contig, start, end, set; plain or gzipped.
/// @throws Error "REGIONS_LINE" naming the line, "REGIONS_..." if it is no such file
std::vector<SetRegion> readSetRegions(const std::filesystem::path& path,
                                      const Progress& progress = {});

enum class SplitRule {
  /// As seq2cells: what lies in a region is the window's centre, which at the ends of a contig is
  /// not the start site; of several regions the one that ends nearest to it wins, because the
  /// region's centre is computed as end - 1. What lies in none is trained on in the end.
  AsPublished,
  /// What lies in a region is the middle of the start sites; of several the one whose centre is
  /// nearest wins. What lies in none is in no set, so that nobody trains on it by accident.
  Corrected
};

struct SplitOptions {
  SplitRule rule = SplitRule::AsPublished;
  std::int64_t trim = 8'192;  ///< bp taken from both ends of each region; 0: whole regions
};

/// The region that decided for a window.
struct RegionHit {
  std::size_t window = 0;
  SetRegion region;           ///< trimmed
  std::int64_t position = 0;  ///< what was looked for, 0-based
  std::int64_t centre = 0;    ///< of the region, as the rule has it
  std::int64_t distance = 0;  ///< bp between the two
  /// Row in the table of all windows with all their regions, in the order in which bedtools
  /// (intersect -loj) writes it.
  std::size_t row = 0;
};

struct RegionSplit {
  SplitOptions options;
  std::vector<RegionHit> hits;  ///< in the order of the windows; none where no region holds it
  std::vector<SplitSet> setOf;  ///< of each window; Unassigned where no region holds it
  std::size_t count(SplitSet set) const;
  /// What a window is used for: where no region holds it that is `train` as published.
  SplitSet usedAs(std::size_t window) const;
};

/// @throws Error "REGIONS_TRIM" if a region is not longer than what is taken from it,
/// "WINDOWS_FORMAT" if the windows say neither centre nor sites
RegionSplit splitByRegions(const std::vector<QueryWindow>& windows, std::vector<SetRegion> regions,
                           const SplitOptions& options = {});

enum class VersionOf { Kept, Stripped };
/// The name of a window, or what is left without its first dot and the word characters behind it,
/// as seq2cells' --strip has it: "ENSG00000073008.15_0" -> "ENSG00000073008"; without a version the
/// number of the window stays.
std::string splitName(const QueryWindow& window, VersionOf version);

/// The names of the windows of a set, one a line, sorted: <out>_train.txt of seq2cells.
std::string setListText(const RegionSplit& split, const std::vector<QueryWindow>& windows,
                        SplitSet set, VersionOf version);
/// The same with the regions: <out>_full_train.tsv of seq2cells (--report_full_query).
std::string setTableText(const RegionSplit& split, const std::vector<QueryWindow>& windows,
                         SplitSet set, VersionOf version);

}  // namespace cellocus
