// SPDX-License-Identifier: GPL-3.0-or-later
// Windows around start sites, as create_seq_window_queries.py of seq2cells lays them (SYSTEMS 2.3.1
// and 12.2).
#include "analysis/querydesign.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "base/checked.h"
#include "base/error.h"
#include "base/text.h"

namespace cellocus {

namespace {

/// The last bin that seq2cells keeps and the size that it counts with, whatever its options say.
constexpr std::int64_t publishedLastBin = 895, publishedBinSize = 128;

void checkSizes(const QueryDesign& design) {
  const auto fail = [](const std::string& fact) {
    throw Error("WINDOW_SIZES", "sizes of the window", fact,
                "Enformer reads 196,608 bp, predicts 114,688 bp of them and has bins of 128 bp.");
  };
  if (design.windowLength <= 0 || design.predictedLength <= 0 || design.binSize <= 0)
    fail("all of them are larger than 0.");
  if (design.predictedLength > design.windowLength)
    fail("the predicted " + withThousands(design.predictedLength) + " bp are more than the " +
         withThousands(design.windowLength) + " bp that are read.");
  if (design.predictedLength % design.binSize != 0)
    fail("the predicted " + withThousands(design.predictedLength) +
         " bp are no whole number of bins of " + withThousands(design.binSize) + " bp.");
  if (design.stitchWithin <= 0) fail("the reach within which sites are stitched is larger than 0.");
}

/// The sites of a gene on one contig, sorted by position. Equal positions stay in the file's order.
struct SiteGroup {
  std::string gene, symbol, contig;
  std::vector<StartSite> sites;
};

/// Genes in the order of the file.
std::vector<SiteGroup> groupsOf(const std::vector<StartSite>& sites) {
  std::vector<SiteGroup> groups;
  std::map<std::pair<std::string, std::string>, std::size_t> places;
  for (const StartSite& site : sites) {
    const auto [place, isNew] = places.try_emplace({site.gene, site.contig}, groups.size());
    if (isNew)
      groups.push_back({site.gene, site.symbol.empty() ? site.gene : site.symbol, site.contig, {}});
    groups[place->second].sites.push_back(site);
  }
  for (SiteGroup& group : groups) std::ranges::stable_sort(group.sites, {}, &StartSite::position);
  return groups;
}

/// Sites that share a window.
struct Patch {
  std::vector<StartSite> sites;
  Strand strand = Strand::Plus;
};

/// Of several sites at one position the first counts.
std::vector<StartSite> withoutRepeats(const std::vector<StartSite>& sites) {
  std::vector<StartSite> kept;
  std::ranges::unique_copy(sites, std::back_inserter(kept), {}, &StartSite::position);
  return kept;
}

/// That of most sites, of the first if there are as many of both; an unknown one counts as plus.
Strand majority(const std::vector<StartSite>& sites) {
  const std::ptrdiff_t minus = std::ranges::count(sites, Strand::Minus, &StartSite::strand);
  const std::ptrdiff_t plus = std::ssize(sites) - minus;
  if (minus != plus) return minus > plus ? Strand::Minus : Strand::Plus;
  return sites.front().strand == Strand::Minus ? Strand::Minus : Strand::Plus;
}

/// All sites in one patch if they lie within `reach`; else cut at every multiple of it from the
/// first site. The strand is that of the whole gene.
std::vector<Patch> stitched(const std::vector<StartSite>& sites, std::int64_t reach) {
  const Strand strand = majority(sites);
  const std::int64_t first = sites.front().position;
  std::vector<Patch> patches;
  std::int64_t lastStep = -1;
  for (const StartSite& site : sites) {
    const std::int64_t offset = site.position - first;
    const std::int64_t step = offset == 0 ? 0 : (offset - 1) / reach;
    if (step != lastStep) patches.push_back({{}, strand});
    patches.back().sites.push_back(site);
    lastStep = step;
  }
  return patches;
}

std::vector<Patch> separate(const std::vector<StartSite>& sites) {
  std::vector<Patch> patches;
  for (const StartSite& site : sites) patches.push_back({{site}, majority({site})});
  return patches;
}

/// The patches of a gene and the number of the first: a gene that had to be cut begins with 1.
std::pair<std::vector<Patch>, int> patchesOf(const SiteGroup& group, const QueryDesign& design) {
  const std::vector<StartSite> sites = withoutRepeats(group.sites);
  if (design.several == SeveralSites::Separate) return {separate(sites), 0};
  std::vector<Patch> patches = stitched(sites, design.stitchWithin);
  if (patches.size() > 1) return {std::move(patches), 1};
  if (design.several == SeveralSites::SeparateAsPublished && sites.size() > 1) {
    const StartSite& last = group.sites.back();
    patches.push_back({{last}, majority({last})});
  }
  return {std::move(patches), 0};
}

/// Places windows for one design.
class Layout {
 public:
  explicit Layout(const QueryDesign& design) : m_design(design) {}

  /// Moved along the contig, with its centre, as far as it reaches beyond.
  QueryWindow window(const Patch& patch, const Contig& contig) const {
    QueryWindow window;
    const std::int64_t first = patch.sites.front().position, last = patch.sites.back().position;
    // From bases counted from 1, as seq2cells halves the sum of them.
    window.centre = (first + last + 2) / 2 - 1;
    const bool even = m_design.predictedLength / m_design.binSize % 2 == 0;
    std::int64_t start =
        window.centre - m_design.windowLength / 2 - (even ? m_design.binSize / 2 : 0);
    const std::int64_t kept =
        std::clamp<std::int64_t>(start, 0, contig.length - m_design.windowLength);
    window.centre += kept - start;
    start = kept;
    window.window = {contig.name, start, start + m_design.windowLength};
    window.strand = patch.strand;
    for (const StartSite& site : patch.sites) {
      window.sites.push_back(site.position);
      window.siteStrands.push_back(site.strand);
    }
    window.bins = bins(window);
    return window;
  }

 private:
  /// Kept bins of the sites, sorted, each once.
  std::vector<std::int64_t> bins(const QueryWindow& window) const {
    const bool published = m_design.bins == BinRule::AsPublished;
    const std::int64_t size = published ? publishedBinSize : m_design.binSize;
    const std::int64_t last =
        published ? publishedLastBin : m_design.predictedLength / m_design.binSize - 1;
    const std::int64_t predictedStart =
        window.window.start + (m_design.windowLength - m_design.predictedLength) / 2;
    std::set<std::int64_t> bins;
    for (const std::int64_t site : window.sites) {
      const std::int64_t offset = site - predictedStart - (published ? 1 : 0);
      if (offset >= 0 && offset / size <= last) bins.insert(offset / size);
    }
    return {bins.begin(), bins.end()};
  }

  const QueryDesign& m_design;
};

LostSites lost(const SiteGroup& group, const std::vector<StartSite>& sites,
               LostSites::Reason reason) {
  LostSites result{group.gene, group.symbol, group.contig, {}, reason};
  for (const StartSite& site : sites) result.positions.push_back(site.position);
  return result;
}

void addWindows(const SiteGroup& group, const Contig& contig, const QueryDesign& design,
                int& number, DesignedQueries& result) {
  const Layout layout(design);
  const auto [patches, firstNumber] = patchesOf(group, design);
  number = std::max(number, firstNumber);
  for (const Patch& patch : patches) {
    QueryWindow window = layout.window(patch, contig);
    window.geneId = group.gene;
    window.symbol = group.symbol;
    window.name = group.gene + '_' + std::to_string(number++);
    if (window.bins.empty())
      result.lost.push_back(lost(group, patch.sites, LostSites::Reason::OutsidePrediction));
    else
      result.windows.push_back(std::move(window));
  }
}

/// A site as near to the end of its contig as the model does not predict.
void noteBeyondPrediction(const QueryDesign& design, DesignedQueries& result) {
  const std::int64_t count = design.predictedLength / design.binSize;
  const auto beyond = std::ranges::count_if(
      result.windows, [count](const QueryWindow& window) { return window.bins.back() >= count; });
  if (beyond > 0)
    result.remarks.push_back(
        withThousands(beyond) + " windows have a start site in a bin beyond the last one of " +
        withThousands(count) + " (seq2cells keeps bins 0 to 895 whatever the sizes are). A model " +
        "with these sizes cannot embed them; count bins by the corrected rule.");
  if (design.bins == BinRule::AsPublished && design.binSize != publishedBinSize)
    result.remarks.push_back(
        "seq2cells counts bins of 128 bp whatever their size is, and so these "
        "were; count them by the corrected rule for bins of " +
        withThousands(design.binSize) + " bp.");
}

/// Contigs by whatever a list may call them.
class Contigs {
 public:
  explicit Contigs(const std::vector<Contig>& contigs) {
    for (const Contig& contig : contigs) {
      m_byName.try_emplace(contig.name, &contig);
      m_byKey.try_emplace(contigKey(contig.name), &contig);
    }
  }
  const Contig* find(const std::string& name) const {
    if (const auto found = m_byName.find(name); found != m_byName.end()) return found->second;
    const auto found = m_byKey.find(contigKey(name));
    return found == m_byKey.end() ? nullptr : found->second;
  }

 private:
  std::unordered_map<std::string, const Contig*> m_byName, m_byKey;
};

}  // namespace

std::string reasonText(LostSites::Reason reason) {
  switch (reason) {
    case LostSites::Reason::UnknownContig:
      return "the genome has no such contig";
    case LostSites::Reason::ContigTooShort:
      return "the contig is shorter than the window";
    case LostSites::Reason::OutsidePrediction:
      break;
  }
  return "too near to the end of the contig: outside of what the model predicts";
}

DesignedQueries designQueries(const std::vector<StartSite>& sites,
                              const std::vector<Contig>& contigs, const QueryDesign& design) {
  checkSizes(design);
  const Contigs known(contigs);
  DesignedQueries result;
  std::unordered_map<std::string, int> numbers;  // of the next window of a gene
  std::size_t scattered = 0;
  for (const SiteGroup& group : groupsOf(sites)) {
    const Contig* contig = known.find(group.contig);
    if (!contig || contig->length < design.windowLength) {
      result.lost.push_back(
          lost(group, group.sites,
               contig ? LostSites::Reason::ContigTooShort : LostSites::Reason::UnknownContig));
      continue;
    }
    const auto [number, isNew] = numbers.try_emplace(group.gene, 0);
    scattered += isNew ? 0 : 1;
    addWindows(group, *contig, design, number->second, result);
  }
  std::ranges::stable_sort(result.windows, {}, [](const QueryWindow& window) {
    return std::tie(window.window.contig, window.window.start, window.name);
  });
  if (scattered > 0)
    result.remarks.push_back(withThousands(static_cast<std::int64_t>(scattered)) +
                             " genes have start sites on more than one contig; each contig got "
                             "windows of its own.");
  noteBeyondPrediction(design, result);
  return result;
}

}  // namespace cellocus
