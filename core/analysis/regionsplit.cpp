// SPDX-License-Identifier: GPL-3.0-or-later
// Which genes a trunk has seen in training, as intersect_queries_with_enformer_regions.py of
// seq2cells tells it (SYSTEMS 2.3.3 and 12.2).
#include "analysis/regionsplit.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <tuple>
#include <unordered_map>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "genome/genome.h"
#include "genome/linereader.h"

namespace cellocus {

namespace fs = std::filesystem;

namespace {

/// Where bedtools keeps an interval: the smallest bin of its tree that holds all of it. It writes
/// what overlaps bin by bin from the smallest, which decides the row numbers of its output.
struct TreeBin {
  int level = 0;
  std::int64_t number = 0;
  auto operator<=>(const TreeBin&) const = default;
};

TreeBin treeBin(const Locus& locus) {
  constexpr int smallestBinBits = 14, bitsPerLevel = 3;
  TreeBin bin{0, locus.start >> smallestBinBits};
  for (std::int64_t last = (locus.end - 1) >> smallestBinBits; bin.number != last; ++bin.level) {
    bin.number >>= bitsPerLevel;
    last >>= bitsPerLevel;
  }
  return bin;
}

std::vector<SetRegion> trimmedRegions(std::vector<SetRegion> regions, std::int64_t trim) {
  for (SetRegion& region : regions) {
    if (region.locus.length() <= 2 * trim)
      throw Error("REGIONS_TRIM", locusText(region.locus),
                  "the region has " + withThousands(region.locus.length()) + " bp, and " +
                      withThousands(trim) + " bp are to be taken from both of its ends.",
                  "Take less from the regions, or 0.");
    region.locus.start += trim;
    region.locus.end -= trim;
  }
  std::ranges::stable_sort(regions, {}, [](const SetRegion& region) {
    return std::tie(region.locus.contig, region.locus.start);
  });
  return regions;
}

/// The base that decides for a window.
std::int64_t positionOf(const QueryWindow& window, SplitRule rule) {
  if (rule == SplitRule::AsPublished && window.centre >= 0) return window.centre;
  if (rule == SplitRule::Corrected && !window.sites.empty())
    return window.sites.front() + (window.sites.back() - window.sites.front()) / 2;
  throw Error("WINDOWS_FORMAT", printable(window.name),
              rule == SplitRule::AsPublished ? "nothing is said of the centre of its window."
                                             : "nothing is said of its start sites.",
              "Give the query file all thirteen columns of seq2cells, among them center and "
              "positions_roi.");
}

/// As seq2cells measures: both the last base of the region, taken for its centre, and the position
/// of the window are compared as they stand in the tables, from 0 the one and from 1 the other.
std::int64_t centreOf(const Locus& region, SplitRule rule) {
  return rule == SplitRule::AsPublished ? region.end - 1 : region.centre();
}

std::int64_t distanceTo(std::int64_t centre, std::int64_t position, SplitRule rule) {
  return std::abs(centre - position - (rule == SplitRule::AsPublished ? 1 : 0));
}

/// Regions of one contig, sorted by start, and how far any of them reaches.
struct ContigRegions {
  std::vector<SetRegion> regions;
  std::int64_t longest = 0;

  /// Places of those that hold the position, in the order of their starts.
  std::vector<std::size_t> holding(std::int64_t position) const {
    std::vector<std::size_t> found;
    const auto from = std::ranges::upper_bound(regions, position - longest, {},
                                               [](const SetRegion& r) { return r.locus.start; });
    for (auto at = from; at != regions.end() && at->locus.start <= position; ++at)
      if (at->locus.contains(position))
        found.push_back(static_cast<std::size_t>(at - regions.begin()));
    return found;
  }
};

using RegionsByContig = std::unordered_map<std::string, ContigRegions>;

RegionsByContig byContig(std::vector<SetRegion> regions) {
  RegionsByContig result;
  for (SetRegion& region : regions) {
    ContigRegions& contig = result[contigKey(region.locus.contig)];
    contig.longest = std::max(contig.longest, region.locus.length());
    contig.regions.push_back(std::move(region));
  }
  return result;
}

/// How many of the regions `found` bedtools writes before the one at `chosen`.
std::size_t placeInBedtools(const ContigRegions& contig, const std::vector<std::size_t>& found,
                            std::size_t chosen) {
  const auto key = [&contig](std::size_t i) {
    return std::pair(treeBin(contig.regions[i].locus), i);
  };
  return static_cast<std::size_t>(
      std::ranges::count_if(found, [&](std::size_t i) { return key(i) < key(chosen); }));
}

RegionHit nearestHit(const ContigRegions& contig, const std::vector<std::size_t>& found,
                     std::int64_t position, SplitRule rule) {
  const auto distance = [&](std::size_t i) {
    return distanceTo(centreOf(contig.regions[i].locus, rule), position, rule);
  };
  const std::size_t nearest = *std::ranges::min_element(found, {}, distance);
  RegionHit hit;
  hit.region = contig.regions[nearest];
  hit.position = position;
  hit.centre = centreOf(hit.region.locus, rule);
  hit.distance = distance(nearest);
  hit.row = placeInBedtools(contig, found, nearest);
  return hit;
}

/// Letters, digits and the underscore, as Python's \w has them, which takes letters beyond ASCII
/// too.
bool isWordCharacter(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte >= 0x80 || character == '_' || (character >= '0' && character <= '9') ||
         (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

/// The hits of a set with the names they are listed by, sorted by these.
std::vector<std::pair<std::string, const RegionHit*>> named(const RegionSplit& split,
                                                            const std::vector<QueryWindow>& windows,
                                                            SplitSet set, VersionOf version) {
  std::vector<std::pair<std::string, const RegionHit*>> result;
  for (const RegionHit& hit : split.hits)
    if (hit.region.set == set)
      result.emplace_back(splitName(windows.at(hit.window), version), &hit);
  std::ranges::stable_sort(result, {}, &std::pair<std::string, const RegionHit*>::first);
  return result;
}

std::string positionsText(const QueryWindow& window) {
  std::string text;
  for (const std::int64_t site : window.sites)
    text += (text.empty() ? "" : ",") + std::to_string(site + 1);
  return text;
}

}  // namespace

std::vector<SetRegion> readSetRegions(const fs::path& path, const Progress& progress) {
  LineReader reader(path, {"REGIONS", "a list of regions and sets", limits::gtfLineBytes},
                    progress);
  std::vector<SetRegion> regions;
  for (std::string_view text; reader.next(text);) {
    if (trimmed(text).empty() || text.starts_with('#')) continue;
    const auto cells = split(text, '\t');
    const auto number = [&cells](std::size_t column) {
      return cells.size() < 4 ? -1 : parseInteger(cells[column]).value_or(-1);
    };
    const std::int64_t start = number(1), end = number(2);
    if (cells[0].empty() || start < 0 || end <= start || end > limits::genomeBases)
      reader.fail("_LINE", "it is no contig, start, larger end and set, separated by tabs.",
                  "Use the file sequences.bed of Enformer's data.");
    const auto set = splitSetNamed(trimmed(cells[3]));
    if (!set || *set == SplitSet::Unassigned)
      reader.fail("_LINE",
                  "'" + printable(trimmed(cells[3])) + "' is neither train, valid nor test.",
                  "Use the file sequences.bed of Enformer's data.");
    regions.push_back({{std::string(cells[0]), start, end}, *set});
  }
  if (regions.empty())
    throw Error("REGIONS_EMPTY", shownPath(path), "it holds no region.",
                "Use the file sequences.bed of Enformer's data.");
  return regions;
}

std::size_t RegionSplit::count(SplitSet set) const {
  return static_cast<std::size_t>(std::ranges::count(setOf, set));
}

SplitSet RegionSplit::usedAs(std::size_t window) const {
  const SplitSet set = setOf.at(window);
  return set == SplitSet::Unassigned && options.rule == SplitRule::AsPublished ? SplitSet::Train
                                                                               : set;
}

RegionSplit splitByRegions(const std::vector<QueryWindow>& windows, std::vector<SetRegion> regions,
                           const SplitOptions& options) {
  const RegionsByContig contigs = byContig(trimmedRegions(std::move(regions), options.trim));
  RegionSplit split;
  split.options = options;
  split.setOf.assign(windows.size(), SplitSet::Unassigned);
  std::size_t row = 0;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const std::int64_t position = positionOf(windows[i], options.rule);
    const auto contig = contigs.find(contigKey(windows[i].window.contig));
    const auto found =
        contig == contigs.end() ? std::vector<std::size_t>() : contig->second.holding(position);
    if (!found.empty()) {
      RegionHit hit = nearestHit(contig->second, found, position, options.rule);
      hit.window = i;
      hit.row += row;
      split.setOf[i] = hit.region.set;
      split.hits.push_back(std::move(hit));
    }
    row += std::max<std::size_t>(found.size(), 1);
  }
  return split;
}

std::string splitName(const QueryWindow& window, VersionOf version) {
  const std::string& name = window.name;
  const std::size_t dot = name.find('.');
  if (version == VersionOf::Kept || dot == std::string::npos) return name;
  const auto end = std::find_if_not(name.begin() + static_cast<std::ptrdiff_t>(dot) + 1, name.end(),
                                    isWordCharacter);
  return name.substr(0, dot) + std::string(end, name.end());
}

std::string setListText(const RegionSplit& split, const std::vector<QueryWindow>& windows,
                        SplitSet set, VersionOf version) {
  std::string text;
  for (const auto& [name, hit] : named(split, windows, set, version)) text += name + '\n';
  return text;
}

std::string setTableText(const RegionSplit& split, const std::vector<QueryWindow>& windows,
                         SplitSet set, VersionOf version) {
  std::string text =
      "\tchr\tstart\tend\tpatch_id\tquery_index\tpositions_roi\tenf_chr\tenf_start\tenf_end\t"
      "enf_set\tenf_center\tquery_enf_distance\n";
  const auto number = [](auto value) { return '\t' + std::to_string(value); };
  for (const auto& [name, hit] : named(split, windows, set, version)) {
    const QueryWindow& window = windows.at(hit->window);
    const Locus& region = hit->region.locus;
    text += std::to_string(hit->row) + '\t' + window.window.contig + number(hit->position) +
            number(hit->position + 1) + '\t' + name + number(hit->window) + '\t' +
            positionsText(window) + '\t' + region.contig + number(region.start) +
            number(region.end) + '\t' + std::string(splitSetName(set)) + number(hit->centre) +
            number(hit->distance) + '\n';
  }
  return text;
}

}  // namespace cellocus
