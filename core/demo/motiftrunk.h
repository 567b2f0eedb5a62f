// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/progress.h"
#include "demo/motifs.h"
#include "models/enformer.h"
#include "weights/checkpoint.h"

namespace cellocus {

/// Where things lie among the 192 channels of the demo trunk's transformer. The first 54 leave the
/// convolutions (best match of each motif in the bin, CpG, GC, pairs of neighbouring sites);
/// attention spreads them.
namespace trunkchannel {
inline constexpr int motifs = 46;        ///< most motifs that a trunk holds
inline constexpr int cpg = 46, gc = 47;  ///< shares of the bin
inline constexpr int spread = 48;        ///< channels that `near` and `mid` repeat
inline constexpr int pair = 48, pairs = 6;
inline constexpr int near = 54;  ///< density within 0.8 kb
inline constexpr int mid = 102;  ///< falling as 1/distance to 16 kb
inline constexpr int pairNear = 150;
inline constexpr int cluster = 156, clusters = 6, clusterMid = 162, clusterFar = 168;
inline constexpr int far = 174, fars = 15;  ///< half-life about 44 kb
inline constexpr int zero = 189, anchorUp = 190, anchorDown = 191;
inline constexpr int count = 192;
inline constexpr int tracks = 16;
}  // namespace trunkchannel

/// Which motif plays which part in a trunk: roles are given to motifs by name, so that any set of
/// motifs makes a trunk. A role whose motif is absent stays empty.
struct TrunkPlan {
  struct Term {
    int channel = 0;
    double weight = 0;
    bool operator==(const Term&) const = default;
  };
  struct Cluster {
    std::string name;
    std::vector<Term> terms;  ///< of `near` and `pairNear` channels, in units of their deviation
  };
  struct Track {
    std::string name;
    bool bothSigns = true;  ///< reads z itself and not only its positive part
    std::vector<Term> terms;
  };
  std::vector<Motif> motifs;        ///< at most 46
  std::array<int, 7> members = {};  ///< motif numbers that form pairs, -1 = none
  std::array<std::pair<int, int>, trunkchannel::pairs> pairs;  ///< places in `members`, -1 = none
  std::array<Cluster, trunkchannel::clusters> clusters;
  std::array<int, trunkchannel::fars> fars = {};  ///< channels below 48, -1 = none
  std::vector<Track> tracks;                      ///< 16
  std::vector<std::string> unused;                ///< names of motifs beyond the 46th
};

/// Gives the motifs their roles. Of more than 46 motifs those with a role are kept, then the first.
/// @throws Error "MOTIF_NONE" for an empty list
TrunkPlan planTrunk(std::vector<Motif> motifs);

/// What the constructed weights take from real or synthetic DNA: means and deviations over bins.
struct TrunkCalibration {
  std::array<double, trunkchannel::count> mean = {},
                                          deviation = {};  ///< of all channels, for the last norm
  std::array<double, trunkchannel::cluster> clusterUnit =
      {};  ///< deviations that clusters divide by
  std::array<double, trunkchannel::clusters> clusterMean = {},
                                             clusterDeviation = {};  ///< of the weighted sums

  /// Mean 0 and deviation 1: the convolutions are those of the finished trunk, the rest is not
  /// usable.
  static TrunkCalibration unset();
};

/// Measures a trunk's calibration on windows of DNA (each as long as the model's window); the
/// convolutions of `model` are used, its transformer is not. Bins with less than half of their
/// bases known do not count.
TrunkCalibration calibrateTrunk(const TrunkPlan& plan, const Enformer& model,
                                const std::vector<std::string>& windows,
                                const Progress& progress = {});

/// All tensors of the trunk and its human head, with enformer-pytorch's names and shapes.
std::vector<NamedTensor> trunkTensors(const TrunkPlan& plan, const TrunkCalibration& calibration);
/// The `config.json` beside them.
nlohmann::json trunkConfig(const TrunkPlan& plan, const std::string& label);
/// Writes `model.safetensors` and `config.json` into `folder`.
void writeTrunk(const std::filesystem::path& folder, const TrunkPlan& plan,
                const TrunkCalibration& calibration, const std::string& label);

}  // namespace cellocus
