// SPDX-License-Identifier: GPL-3.0-or-later
// Means and deviations of the demo trunk's channels. The transformer part of the recipe is plain
// weighted means over bins, written here a second time and directly, so that calibration needs no
// half-finished model.
#include <algorithm>
#include <cmath>

#include "demo/motiftrunk.h"

namespace cellocus {

namespace {

namespace tc = trunkchannel;

constexpr float attentionGain = 4;

/// [tokens, tokens]: row i holds the share that each token has in the mean at token i.
template <typename Weight>
Matrix kernelMatrix(Eigen::Index tokens, const Weight& weight) {
  Matrix kernel(tokens, tokens);
  for (Eigen::Index i = 0; i < tokens; ++i) {
    for (Eigen::Index j = 0; j < tokens; ++j)
      kernel(i, j) = static_cast<float>(weight(std::abs(i - j)));
    kernel.row(i) *= attentionGain / kernel.row(i).sum();
  }
  return kernel;
}

double nearWeight(Eigen::Index distance) {
  return distance < 3 ? 4 : distance < 7 ? 1 : 0;
}

double midWeight(Eigen::Index distance) {
  double weight = 0;
  for (const Eigen::Index reach : {127, 63, 31, 15, 7})
    if (distance < reach) weight = weight == 0 ? 1 : 2 * weight;
  return weight;
}

/// Half-life: that of the sixth of eight exponential features over 1,536 tokens.
double farWeight(Eigen::Index distance, Eigen::Index tokens) {
  const double halfLife = std::exp2(3 + 5 * (std::log2(static_cast<double>(tokens)) - 3) / 7);
  return std::exp(6 * std::exp2(-static_cast<double>(distance) / halfLife));
}

struct Kernels {
  Matrix near, mid, far;
  explicit Kernels(Eigen::Index tokens)
      : near(kernelMatrix(tokens, nearWeight)),
        mid(kernelMatrix(tokens, midWeight)),
        far(kernelMatrix(tokens, [&](Eigen::Index d) { return farWeight(d, tokens); })) {}
};

/// Running sums of every channel over the bins that count.
class Statistics {
 public:
  explicit Statistics(Eigen::Index channels)
      : m_sum(Eigen::VectorXd::Zero(channels)), m_squares(Eigen::VectorXd::Zero(channels)) {}

  void add(const Matrix& bins, const std::vector<bool>& counts) {
    for (Eigen::Index bin = 0; bin < bins.rows(); ++bin) {
      if (!counts[static_cast<std::size_t>(bin)]) continue;
      const Eigen::VectorXd values = bins.row(bin).cast<double>();
      m_sum += values;
      m_squares += values.cwiseAbs2();
      m_count += 1;
    }
  }
  double mean(Eigen::Index channel) const { return m_sum[channel] / std::max(1.0, m_count); }
  double deviation(Eigen::Index channel) const {
    const double centre = mean(channel);
    return std::sqrt(std::max(0.0, m_squares[channel] / std::max(1.0, m_count) - centre * centre));
  }

 private:
  Eigen::VectorXd m_sum, m_squares;
  double m_count = 0;
};

/// Bins of the window's middle with at least half of their bases known.
std::vector<bool> knownBins(const EnformerConfig& config, std::string_view bases) {
  const BinRange kept = config.croppedBins(config.tokenCount());
  const auto size = static_cast<std::size_t>(config.binSize());
  std::vector<bool> known(static_cast<std::size_t>(config.tokenCount()), false);
  for (auto bin = static_cast<std::size_t>(kept.first); bin < static_cast<std::size_t>(kept.last);
       ++bin) {
    const std::string_view piece = bases.substr(bin * size, size);
    const auto letters = std::count_if(piece.begin(), piece.end(), [](char base) {
      return std::string_view("ACGTacgt").find(base) != std::string_view::npos;
    });
    known[bin] = static_cast<std::size_t>(letters) * 2 >= size;
  }
  return known;
}

/// Numbers that go into the file are cut to five digits, so that a sum taken in another order
/// (another number of threads) does not change its bytes.
double rounded(double value) {
  if (value == 0) return 0;
  const double scale = std::pow(10.0, 4 - std::floor(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}

/// Collects the calibration: first what the clusters are made of, then everything.
class Calibrator {
 public:
  Calibrator(const TrunkPlan& plan, std::vector<Matrix> towers,
             std::vector<std::vector<bool>> known)
      : m_plan(plan),
        m_towers(std::move(towers)),
        m_known(std::move(known)),
        m_kernels(m_towers.front().rows()) {}

  TrunkCalibration run(const Progress& progress) {
    for (std::size_t i = 0; i < m_towers.size(); ++i) {
      progress.at(0.5 * static_cast<double>(i) / static_cast<double>(m_towers.size()));
      m_channels.push_back(spread(m_towers[i]));
    }
    measureClusters();
    Statistics all(tc::count);
    for (std::size_t i = 0; i < m_channels.size(); ++i) {
      progress.at(0.5 + 0.5 * static_cast<double>(i) / static_cast<double>(m_towers.size()));
      addClusters(m_channels[i]);
      all.add(m_channels[i], m_known[i]);
    }
    setChannels(all);
    return m_result;
  }

 private:
  Matrix spread(const Matrix& tower) const;
  void measureClusters();
  void addClusters(Matrix& channels) const;
  Matrix weightedSums(const Matrix& channels) const;
  void setChannels(const Statistics& all);

  const TrunkPlan& m_plan;
  std::vector<Matrix> m_towers, m_channels;
  std::vector<std::vector<bool>> m_known;
  Kernels m_kernels;
  TrunkCalibration m_result = TrunkCalibration::unset();
};

/// Channels of the first attention layer [tokens, 192].
Matrix Calibrator::spread(const Matrix& tower) const {
  Matrix channels = Matrix::Zero(tower.rows(), tc::count);
  channels.leftCols(tc::near) = tower.leftCols(tc::near);
  channels.middleCols(tc::near, tc::spread) = m_kernels.near * tower.leftCols(tc::spread);
  channels.middleCols(tc::mid, tc::spread) = m_kernels.mid * tower.leftCols(tc::spread);
  channels.middleCols(tc::pairNear, tc::pairs) =
      m_kernels.near * tower.middleCols(tc::pair, tc::pairs);
  for (int i = 0; i < tc::fars; ++i)
    if (const int from = m_plan.fars[static_cast<std::size_t>(i)]; from >= 0)
      channels.col(tc::far + i) = m_kernels.far * tower.col(from);
  return channels;
}

/// [tokens, clusters]: densities in units of their deviation, weighted and added.
Matrix Calibrator::weightedSums(const Matrix& channels) const {
  Matrix sums = Matrix::Zero(channels.rows(), tc::clusters);
  for (int k = 0; k < tc::clusters; ++k)
    for (const TrunkPlan::Term& term : m_plan.clusters[static_cast<std::size_t>(k)].terms) {
      const double unit = m_result.clusterUnit[static_cast<std::size_t>(term.channel)];
      sums.col(k) += static_cast<float>(term.weight / unit) * channels.col(term.channel);
    }
  return sums;
}

void Calibrator::measureClusters() {
  constexpr double leastUnit = 0.02;
  Statistics densities(tc::count), sums(tc::clusters);
  for (std::size_t i = 0; i < m_channels.size(); ++i) densities.add(m_channels[i], m_known[i]);
  for (int channel = 0; channel < tc::cluster; ++channel)
    m_result.clusterUnit[static_cast<std::size_t>(channel)] =
        rounded(std::max(leastUnit, densities.deviation(channel)));
  for (std::size_t i = 0; i < m_channels.size(); ++i)
    sums.add(weightedSums(m_channels[i]), m_known[i]);
  for (int k = 0; k < tc::clusters; ++k) {
    const auto at = static_cast<std::size_t>(k);
    m_result.clusterMean[at] = rounded(sums.mean(k));
    m_result.clusterDeviation[at] = rounded(std::max(leastUnit, sums.deviation(k)));
  }
}

void Calibrator::addClusters(Matrix& channels) const {
  constexpr float threshold = 0.25F;
  const Matrix sums = weightedSums(channels);
  for (int k = 0; k < tc::clusters; ++k) {
    const auto at = static_cast<std::size_t>(k);
    const auto mean = static_cast<float>(m_result.clusterMean[at]);
    const auto deviation = static_cast<float>(m_result.clusterDeviation[at]);
    channels.col(tc::cluster + k) =
        (((sums.col(k).array() - mean) / deviation) - threshold).max(0.0F).matrix();
  }
  const Matrix clusters = channels.middleCols(tc::cluster, tc::clusters);
  channels.middleCols(tc::clusterMid, tc::clusters) = m_kernels.mid * clusters;
  channels.middleCols(tc::clusterFar, tc::clusters) = m_kernels.far * clusters;
}

/// The deviation of a rare motif's own bin is tiny and would let one site outweigh everything: it
/// has a floor.
void Calibrator::setChannels(const Statistics& all) {
  constexpr double leastLocal = 0.5, least = 0.02;
  for (int channel = 0; channel < tc::zero; ++channel) {
    const bool local = channel < tc::motifs || (channel >= tc::pair && channel < tc::near);
    const auto at = static_cast<std::size_t>(channel);
    m_result.mean[at] = rounded(all.mean(channel));
    m_result.deviation[at] = rounded(std::max(local ? leastLocal : least, all.deviation(channel)));
  }
}

}  // namespace

TrunkCalibration calibrateTrunk(const TrunkPlan& plan, const Enformer& model,
                                const std::vector<std::string>& windows, const Progress& progress) {
  std::vector<Matrix> towers;
  std::vector<std::vector<bool>> known;
  const auto total = static_cast<double>(windows.size());
  for (const std::string& window : windows) {
    const double done = static_cast<double>(towers.size());
    towers.push_back(
        model.tower(window, progress.part(0.7 * done / total, 0.7 * (done + 1) / total)));
    known.push_back(knownBins(model.config(), window));
  }
  return Calibrator(plan, std::move(towers), std::move(known)).run(progress.part(0.7, 1));
}

}  // namespace cellocus
