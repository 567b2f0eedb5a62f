// SPDX-License-Identifier: GPL-3.0-or-later
// The roles of factors in the demo trunk.
#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "demo/motiftrunk.h"

namespace cellocus {

namespace {

namespace tc = trunkchannel;

struct Weighted {
  const char* name;
  double weight;
};

constexpr std::array<const char*, 7> memberNames = {"GATA4", "TBX5", "NKX2-5", "MEF2A",
                                                    "HAND2", "SP1",  "NFYA"};
constexpr std::array<std::pair<int, int>, tc::pairs> memberPairs = {
    {{0, 1}, {0, 2}, {0, 3}, {0, 4}, {1, 2}, {5, 6}}};
constexpr std::array<const char*, tc::fars> farNames = {"GATA4",  "TBX5",  "NKX2-5", "MEF2A", "SRF",
                                                        "HAND2",  "TEAD1", "NR2F2",  "CTCF",  "SP1",
                                                        "FOSJUN", "REST",  "YY1",    "CpG",   "GC"};

struct ClusterRoles {
  const char* name;
  std::vector<Weighted> motifs;
  std::vector<int> pairs;  ///< each weighs 0.8
};

const std::array<ClusterRoles, tc::clusters>& clusterRoles() {
  static const std::array<ClusterRoles, tc::clusters> roles = {{
      {"cardiac",
       {{"GATA4", 2},
        {"TBX5", 1.5},
        {"NKX2-5", 1.5},
        {"MEF2A", 1.5},
        {"SRF", 1},
        {"HAND2", 1},
        {"TBX20", 1},
        {"TEAD1", .5},
        {"ISL1", .5},
        {"MEIS1", .5},
        {"ESRRG", .5}},
       {0, 1, 2, 3, 4}},
      {"promoter-like",
       {{"CpG", 1.5},
        {"SP1", 1},
        {"NFYA", 1},
        {"GABPA", 1},
        {"ELK4", 1},
        {"NRF1", 1},
        {"CREB1", .7},
        {"YY1", .7},
        {"KLF4", .7},
        {"E2F4", .7},
        {"ZNF143", .7},
        {"TBP", .5}},
       {5}},
      {"mesendoderm",
       {{"EOMES", 1.5},
        {"TBXT", 1},
        {"FOXH1", 1},
        {"SMAD3", 1},
        {"LEF1", 1},
        {"SOX17", 1},
        {"GATA4", 1},
        {"OTX2", .5}},
       {}},
      {"pluripotency",
       {{"POU5F1SOX2", 2}, {"SOX2", 1}, {"ZIC2", 1}, {"OTX2", 1}, {"KLF4", .5}, {"SMAD3", .5}},
       {}},
      {"contractile",
       {{"SRF", 2},
        {"MEF2A", 2},
        {"TEAD1", 1},
        {"ESRRG", 1},
        {"NR2F2", .7},
        {"NFATC1", .7},
        {"TCF21", .5}},
       {}},
      {"stress/immune",
       {{"FOSJUN", 2},
        {"NFKB1", 1},
        {"STAT3", 1},
        {"IRF1", 1},
        {"RUNX1", 1},
        {"SPI1", 1},
        {"CREB1", .5}},
       {}},
  }};
  return roles;
}

enum class Where { Bin, Near, Pair, Cluster, ClusterMid };

struct TrackRoles {
  const char* name;
  Where where;
  bool bothSigns;
  std::vector<Weighted> motifs;  ///< for Bin and Near
  int number = 0;                ///< for the others
};

const std::vector<TrackRoles>& trackRoles() {
  static const std::vector<TrackRoles> roles = {
      {"GATA motif (this bin)", Where::Bin, false, {{"GATA4", 1}}},
      {"GATA motif density within 0.8 kb", Where::Near, true, {{"GATA4", 1}}},
      {"T-box motif density within 0.8 kb", Where::Near, true, {{"TBX5", .7}, {"TBX20", .7}}},
      {"NKX2-5 motif density within 0.8 kb", Where::Near, true, {{"NKX2-5", 1}}},
      {"MEF2 and SRF motif density within 0.8 kb", Where::Near, true, {{"MEF2A", .7}, {"SRF", .7}}},
      {"GATA x T-box motif pair (this bin)", Where::Pair, false, {}, 0},
      {"Cardiac motif cluster within 0.8 kb", Where::Cluster, true, {}, 0},
      {"Cardiac motif clusters, decay to 16 kb", Where::ClusterMid, true, {}, 0},
      {"Promoter-like motif cluster within 0.8 kb", Where::Cluster, true, {}, 1},
      {"CpG density (this bin)", Where::Bin, true, {{"CpG", 1}}},
      {"Mesendoderm-like motif cluster within 0.8 kb", Where::Cluster, true, {}, 2},
      {"Pluripotency-like motif cluster within 0.8 kb", Where::Cluster, true, {}, 3},
      {"Stress/immune-like motif cluster within 0.8 kb", Where::Cluster, true, {}, 5},
      {"CTCF motif (this bin)", Where::Bin, false, {{"CTCF", 1}}},
      {"REST motif (this bin)", Where::Bin, false, {{"REST", 1}}},
      {"E2F, MYC and NRF1 motif density within 0.8 kb",
       Where::Near,
       true,
       {{"E2F4", .6}, {"MYC", .6}, {"NRF1", .6}}},
  };
  return roles;
}

/// Channel 0..47 of a motif, of CpG or of GC; -1 if the set has no such motif.
int channelOf(const std::vector<Motif>& motifs, std::string_view name) {
  if (name == "CpG") return tc::cpg;
  if (name == "GC") return tc::gc;
  const auto found = std::find_if(motifs.begin(), motifs.end(), [&](const Motif& motif) {
    return lowered(motif.name) == lowered(name);
  });
  return found == motifs.end() ? -1 : static_cast<int>(found - motifs.begin());
}

bool hasRole(const Motif& motif) {
  const auto named = [&](std::string_view name) { return lowered(name) == lowered(motif.name); };
  for (const ClusterRoles& cluster : clusterRoles())
    for (const Weighted& part : cluster.motifs)
      if (named(part.name)) return true;
  for (const TrackRoles& track : trackRoles())
    for (const Weighted& part : track.motifs)
      if (named(part.name)) return true;
  return std::any_of(farNames.begin(), farNames.end(), named);
}

void planPairs(TrunkPlan& plan) {
  for (std::size_t i = 0; i < memberNames.size(); ++i)
    plan.members[i] = channelOf(plan.motifs, memberNames[i]);
  for (std::size_t i = 0; i < memberPairs.size(); ++i) {
    const auto [a, b] = memberPairs[i];
    const bool present = plan.members[static_cast<std::size_t>(a)] >= 0 &&
                         plan.members[static_cast<std::size_t>(b)] >= 0;
    plan.pairs[i] = present ? memberPairs[i] : std::pair(-1, -1);
  }
}

void planClusters(TrunkPlan& plan) {
  constexpr double pairWeight = 0.8;
  for (std::size_t k = 0; k < plan.clusters.size(); ++k) {
    const ClusterRoles& roles = clusterRoles()[k];
    TrunkPlan::Cluster& cluster = plan.clusters[k];
    cluster.name = roles.name;
    for (const Weighted& part : roles.motifs)
      if (const int channel = channelOf(plan.motifs, part.name); channel >= 0)
        cluster.terms.push_back({tc::near + channel, part.weight});
    for (const int pair : roles.pairs)
      if (plan.pairs[static_cast<std::size_t>(pair)].first >= 0)
        cluster.terms.push_back({tc::pairNear + pair, pairWeight});
  }
}

std::vector<TrunkPlan::Term> trackTerms(const TrunkPlan& plan, const TrackRoles& roles) {
  const auto number = static_cast<std::size_t>(roles.number);
  if (roles.where == Where::Pair && plan.pairs[number].first >= 0)
    return {{tc::pair + roles.number, 1}};
  if (roles.where == Where::Cluster && !plan.clusters[number].terms.empty())
    return {{tc::cluster + roles.number, 1}};
  if (roles.where == Where::ClusterMid && !plan.clusters[number].terms.empty())
    return {{tc::clusterMid + roles.number, 1}};
  std::vector<TrunkPlan::Term> terms;
  for (const Weighted& part : roles.motifs)
    if (const int channel = channelOf(plan.motifs, part.name); channel >= 0)
      terms.push_back({roles.where == Where::Near ? tc::near + channel : channel, part.weight});
  return terms;
}

/// A track whose factors the set lacks shows the density of a motif that no other track shows.
void planTracks(TrunkPlan& plan) {
  std::vector<bool> shown(plan.motifs.size(), false);
  for (const TrackRoles& roles : trackRoles()) {
    plan.tracks.push_back({roles.name, roles.bothSigns, trackTerms(plan, roles)});
    for (const Weighted& part : roles.motifs)
      if (const int channel = channelOf(plan.motifs, part.name);
          channel >= 0 && channel < static_cast<int>(shown.size()))
        shown[static_cast<std::size_t>(channel)] = true;
  }
  for (TrunkPlan::Track& track : plan.tracks) {
    if (!track.terms.empty()) continue;
    const auto next = std::find(shown.begin(), shown.end(), false);
    if (next == shown.end()) {
      track.name = "(empty)";
      continue;
    }
    *next = true;
    const auto motif = static_cast<std::size_t>(next - shown.begin());
    track = {plan.motifs[motif].name + " motif density within 0.8 kb",
             true,
             {{tc::near + static_cast<int>(motif), 1}}};
  }
}

}  // namespace

TrunkPlan planTrunk(std::vector<Motif> motifs) {
  if (motifs.empty())
    throw Error("MOTIF_NONE", "demo trunk", "there is no motif to build it from.",
                "Give a file with at least one matrix.");
  TrunkPlan plan;
  if (motifs.size() > tc::motifs) {
    std::stable_partition(motifs.begin(), motifs.end(), hasRole);
    for (std::size_t i = tc::motifs; i < motifs.size(); ++i) plan.unused.push_back(motifs[i].name);
    motifs.resize(tc::motifs);
  }
  plan.motifs = std::move(motifs);
  planPairs(plan);
  planClusters(plan);
  for (std::size_t i = 0; i < farNames.size(); ++i)
    plan.fars[i] = channelOf(plan.motifs, farNames[i]);
  planTracks(plan);
  return plan;
}

}  // namespace cellocus
