// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/regionsplit.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "base/error.h"
#include "support/codes.h"
#include "support/shared.h"

namespace cellocus {

namespace fs = std::filesystem;
using testing::sharedPath;

namespace {

constexpr const char* golden = "conformance/seq2cells/S3_query_windows";
constexpr std::array sets = {SplitSet::Train, SplitSet::Valid, SplitSet::Test};

/// A window whose site is its centre.
QueryWindow window(const std::string& name, std::int64_t centre,
                   const std::string& contig = "chr1") {
  QueryWindow result;
  result.name = result.geneId = name;
  result.window = {contig, centre - 500, centre + 500};
  result.centre = centre;
  result.sites = {centre};
  return result;
}

SplitOptions whole(SplitRule rule) {
  return {rule, 0};
}

fs::path written(const std::string& name, const std::string& text) {
  static const fs::path folder = testing::scratchFolder("regionsplit");
  std::ofstream(folder / name) << text;
  return folder / name;
}

}  // namespace

TEST(RegionSplit, ListsWhatSeq2cellsLists) {
  CELLOCUS_NEEDS_SHARED(golden);
  const fs::path folder = sharedPath(golden);
  struct Case {
    std::string output, windows, regions;
    std::int64_t trim;
    VersionOf version;
    bool table;
  };
  using enum VersionOf;
  const std::string toy = "toy_query_nostitch_base0.tsv", enformer = "enformer_sequence.bed",
                    edges = "edges_query_base1.tsv", overlapping = "regions_overlapping.bed";
  for (const Case& one :
       {Case{"toy_intersect", toy, enformer, 8192, Stripped, false},
        Case{"toy_intersect_full", toy, enformer, 8192, Stripped, true},
        Case{"toy_intersect_noprune", toy, enformer, 0, Kept, false},
        Case{"edges_intersect_full", edges, overlapping, 8192, Kept, true},
        Case{"edges_intersect", edges, overlapping, 8192, Stripped, false},
        Case{"edges_intersect_noprune_full", edges, overlapping, 0, Kept, true}}) {
    const auto windows = readQueryWindows(folder / one.windows);
    const RegionSplit split = splitByRegions(windows, readSetRegions(folder / one.regions),
                                             {SplitRule::AsPublished, one.trim});
    for (const SplitSet set : sets) {
      const std::string name =
          one.output + '_' + std::string(splitSetName(set)) + (one.table ? ".tsv" : ".txt");
      const std::string made = one.table ? setTableText(split, windows, set, one.version)
                                         : setListText(split, windows, set, one.version);
      EXPECT_EQ(made, testing::fileText(folder / name)) << name;
    }
  }
}

TEST(RegionSplit, TheRegionThatEndsNearestWinsAsPublished) {
  const std::vector<SetRegion> regions = {{{"chr1", 0, 10'000}, SplitSet::Train},
                                          {{"chr1", 4'000, 14'000}, SplitSet::Test}};
  // 5,000 is the centre of the first; 8,900 is nearer to that of the second, 9,000.
  const std::vector<QueryWindow> windows = {window("a", 5'000), window("b", 8'900)};
  const auto published = splitByRegions(windows, regions, whole(SplitRule::AsPublished));
  EXPECT_EQ(published.setOf, (std::vector{SplitSet::Train, SplitSet::Train}));
  EXPECT_EQ(published.hits.at(0).centre, 9'999);
  EXPECT_EQ(published.hits.at(0).distance, 9'999 - 5'001);
  const auto corrected = splitByRegions(windows, regions, whole(SplitRule::Corrected));
  EXPECT_EQ(corrected.setOf, (std::vector{SplitSet::Train, SplitSet::Test}));
  EXPECT_EQ(corrected.hits.at(1).distance, 100);
}

TEST(RegionSplit, CorrectedLooksForTheSiteAndNotForTheCentreOfTheWindow) {
  QueryWindow moved = window("a", 98'368);
  moved.sites = {50'000};
  const std::vector<SetRegion> regions = {{{"chr1", 90'000, 100'000}, SplitSet::Train},
                                          {{"chr1", 45'000, 55'000}, SplitSet::Test}};
  EXPECT_EQ(splitByRegions({moved}, regions, whole(SplitRule::AsPublished)).setOf.at(0),
            SplitSet::Train);
  EXPECT_EQ(splitByRegions({moved}, regions, whole(SplitRule::Corrected)).setOf.at(0),
            SplitSet::Test);
}

TEST(RegionSplit, WhatNoRegionHoldsIsTrainedOnAsPublishedOnly) {
  const std::vector<QueryWindow> windows = {window("a", 100), window("b", 100, "chr2")};
  const std::vector<SetRegion> regions = {{{"chr1", 100, 10'100}, SplitSet::Valid}};
  const auto published = splitByRegions(windows, regions, whole(SplitRule::AsPublished));
  EXPECT_EQ(published.setOf, (std::vector{SplitSet::Valid, SplitSet::Unassigned}));
  EXPECT_EQ(published.usedAs(1), SplitSet::Train);
  EXPECT_EQ(published.count(SplitSet::Unassigned), 1u);
  const auto corrected = splitByRegions(windows, regions, whole(SplitRule::Corrected));
  EXPECT_EQ(corrected.usedAs(1), SplitSet::Unassigned);
}

TEST(RegionSplit, RegionsAreTrimmedOnBothSidesAndHalfOpen) {
  const std::vector<SetRegion> regions = {{{"1", 1'000, 3'000}, SplitSet::Test}};
  const auto setAt = [&](std::int64_t position) {
    return splitByRegions({window("a", position)}, regions, {SplitRule::AsPublished, 500})
        .setOf.at(0);
  };
  EXPECT_EQ(setAt(1'499), SplitSet::Unassigned);
  EXPECT_EQ(setAt(1'500), SplitSet::Test);
  EXPECT_EQ(setAt(2'499), SplitSet::Test);
  EXPECT_EQ(setAt(2'500), SplitSet::Unassigned);
  EXPECT_EQ(testing::errorCode([&] {
              splitByRegions({window("a", 1)}, regions, {SplitRule::AsPublished, 1'000});
            }),
            "REGIONS_TRIM");
}

TEST(RegionSplit, StripsTheVersionAndTheNumberBehindIt) {
  const auto stripped = [](const std::string& name) {
    return splitName(window(name, 1), VersionOf::Stripped);
  };
  EXPECT_EQ(stripped("ENSG00000073008.15_0"), "ENSG00000073008");
  EXPECT_EQ(stripped("ENSG00000073008_0"), "ENSG00000073008_0");
  EXPECT_EQ(stripped("G.1-x.2_0"), "G-x.2_0");
  EXPECT_EQ(splitName(window("G.1_0", 1), VersionOf::Kept), "G.1_0");
}

TEST(RegionSplit, BadRegionsAndWindowsAreRefused) {
  const auto refused = [](const std::string& text) {
    return testing::errorCode([&] { readSetRegions(written("bad.bed", text)); });
  };
  EXPECT_EQ(refused("chr1\t5\t9\n"), "REGIONS_LINE");
  EXPECT_EQ(refused("chr1\t9\t5\ttrain\n"), "REGIONS_LINE");
  EXPECT_EQ(refused("chr1\t5\t9\tteach\n"), "REGIONS_LINE");
  EXPECT_EQ(refused("# only this\n"), "REGIONS_EMPTY");
  QueryWindow bare = window("a", 5);
  bare.centre = -1;
  bare.sites.clear();
  for (const SplitRule rule : {SplitRule::AsPublished, SplitRule::Corrected})
    EXPECT_EQ(testing::errorCode([&] {
                splitByRegions({bare}, {{{"chr1", 0, 100}, SplitSet::Train}}, whole(rule));
              }),
              "WINDOWS_FORMAT");
}

}  // namespace cellocus
