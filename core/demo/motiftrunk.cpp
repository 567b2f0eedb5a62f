// SPDX-License-Identifier: GPL-3.0-or-later
#include "demo/motiftrunk.h"

#include <cmath>
#include <map>
#include <numbers>

#include "base/file.h"

namespace cellocus {

namespace {

namespace tc = trunkchannel;
using Index = std::int64_t;

constexpr Index stemWidth = 96, stemKernel = 15, towerKernel = 5, towerCentre = 2;
constexpr Index heads = 4, keyDim = 16, headWidth = tc::count / heads, positionFeatures = headWidth;
constexpr Index hiddenWidth = 2 * tc::count;
constexpr int cpgFilter = 92, gcFilter = 94;

/// GELU(x + 8) - 8 is x itself, to 1e-5, for x of -1 and above: how a channel passes a convolution
/// block.
constexpr double passOffset = 8;
/// Opposite values in two channels that make every layer norm divide by the same number.
constexpr double anchor = 256;

/// A batch norm turns x into (x - mean) / scale * weight + bias.
struct Norm {
  double mean = 0, scale = 1, weight = 1, bias = 0;
};

/// The state dict under construction: tensors are made full of zeros and set entry by entry.
class StateDict {
 public:
  NamedTensor& add(const std::string& name, const Shape& shape, float fill = 0) {
    std::size_t size = 1;
    for (const Index length : shape) size *= static_cast<std::size_t>(length);
    return m_tensors[name] = {name, shape, std::vector<float>(size, fill)};
  }

  float& at(const std::string& name, std::initializer_list<Index> place) {
    NamedTensor& tensor = m_tensors.at(name);
    std::size_t offset = 0, dimension = 0;
    for (const Index index : place)
      offset = offset * static_cast<std::size_t>(tensor.shape[dimension++]) +
               static_cast<std::size_t>(index);
    for (; dimension < tensor.shape.size(); ++dimension)
      offset *= static_cast<std::size_t>(tensor.shape[dimension]);
    return tensor.values[offset];
  }
  void set(const std::string& name, std::initializer_list<Index> place, double value) {
    at(name, place) = static_cast<float>(value);
  }

  void addNorm(const std::string& scope, Index channels) {
    add(scope + ".weight", {channels}, 1);
    add(scope + ".bias", {channels});
    add(scope + ".running_mean", {channels});
    add(scope + ".running_var", {channels}, static_cast<float>(1 - normEpsilon));
    add(scope + ".num_batches_tracked", {});
  }
  void setNorm(const std::string& scope, Index channel, const Norm& norm) {
    set(scope + ".weight", {channel}, norm.weight);
    set(scope + ".bias", {channel}, norm.bias);
    set(scope + ".running_mean", {channel}, norm.mean);
    set(scope + ".running_var", {channel}, norm.scale * norm.scale - normEpsilon);
  }

  std::vector<NamedTensor> take() {
    std::vector<NamedTensor> all;
    for (auto& [name, tensor] : m_tensors) all.push_back(std::move(tensor));
    return all;
  }

 private:
  static constexpr double normEpsilon = 1e-5;
  std::map<std::string, NamedTensor> m_tensors;
};

/// Builds the weights layer by layer. Everything that is not set stays zero; a residual convolution
/// of zeros is the identity.
class TrunkBuilder {
 public:
  TrunkBuilder(const TrunkPlan& plan, const TrunkCalibration& calibration)
      : m_plan(plan), m_calibration(calibration) {
    for (const Motif& motif : plan.motifs) m_scorers.push_back(motifScorer(motif));
  }

  std::vector<NamedTensor> build() {
    stem();
    thresholds();
    for (const Index block : {1, 2, 3, 4, 5}) {
      addTowerBlock(block);
      for (Index channel = 0; channel < tc::spread; ++channel) pass(block, channel, channel);
    }
    pairs();
    anchors();
    for (const Index layer : {0, 1}) addTransformer(layer);
    spreadMotifs();
    clusterMotifs();
    pointwise();
    trackHead();
    return m_dict.take();
  }

 private:
  static std::string tower(Index block) { return "conv_tower." + std::to_string(block); }
  static std::string attention(Index layer) {
    return "transformer." + std::to_string(layer) + ".0.fn";
  }
  static std::string feedForward(Index layer) {
    return "transformer." + std::to_string(layer) + ".1.fn";
  }
  Index motifCount() const { return static_cast<Index>(m_scorers.size()); }

  void stem();
  void motifFilter(Index motif);
  void thresholds();
  void addTowerBlock(Index block);
  void addResidual(const std::string& scope, Index channels);
  void pass(Index block, Index from, Index to);
  void pairs();
  void clip(Index block, Index channel);
  void rectify(Index block, Index channel);
  void anchors();
  void addTransformer(Index layer);
  void kernel(Index layer, Index head, const std::vector<std::pair<Index, double>>& features);
  void attend(Index layer, Index head, Index row, Index from, Index to);
  void spreadMotifs();
  void clusterMotifs();
  void pointwise();
  void trackHead();

  const TrunkPlan& m_plan;
  const TrunkCalibration& m_calibration;
  std::vector<MotifScorer> m_scorers;
  StateDict m_dict;
};

void TrunkBuilder::addResidual(const std::string& scope, Index channels) {
  m_dict.addNorm(scope + ".fn.0", channels);
  m_dict.add(scope + ".fn.2.weight", {channels, channels, 1});
  m_dict.add(scope + ".fn.2.bias", {channels});
}

void TrunkBuilder::stem() {
  m_dict.add("stem.0.weight", {stemWidth, 4, stemKernel});
  m_dict.add("stem.0.bias", {stemWidth});
  addResidual("stem.1", stemWidth);
  m_dict.add("stem.2.to_attn_logits.weight", {stemWidth, stemWidth, 1, 1});
  for (Index motif = 0; motif < motifCount(); ++motif) motifFilter(motif);

  // C at one tap and G at the next; two filters, so that both bases of a CpG fire and the reverse
  // strand agrees.
  constexpr Index baseC = 1, baseG = 2, centre = 7;
  for (const Index second : {0, 1}) {
    const Index filter = cpgFilter + second;
    m_dict.set("stem.0.weight", {filter, baseC, centre - 1 + second}, 1);
    m_dict.set("stem.0.weight", {filter, baseG, centre + second}, 1);
    m_dict.set("stem.0.bias", {filter}, -1.5);
  }
  for (Index base = 0; base < 4; ++base)
    for (Index tap = 0; tap < stemKernel; ++tap)
      m_dict.set("stem.0.weight", {gcFilter, base, tap},
                 (base == baseC || base == baseG ? 0.59 : -0.41) / stemKernel);

  // The pool keeps the best match of two bases: scores are bits, and a few bits make a hard
  // maximum.
  constexpr double hardInBits = 2, hardInUnits = 20;
  for (Index filter = 0; filter < 2 * motifCount(); ++filter)
    m_dict.set("stem.2.to_attn_logits.weight", {filter, filter, 0, 0}, hardInBits);
  for (const Index filter : {cpgFilter, cpgFilter + 1})
    m_dict.set("stem.2.to_attn_logits.weight", {filter, filter, 0, 0}, hardInUnits);
}

/// Filters 2i and 2i + 1: the matrix and its reverse complement. An unknown base costs two bits,
/// because the filter adds 2 for each known base and the bias takes 15 * 2 off; without that, N
/// would score 0, which is above the threshold of some long motifs.
void TrunkBuilder::motifFilter(Index motif) {
  constexpr double coverage = 2;
  const MotifScorer& scorer = m_scorers[static_cast<std::size_t>(motif)];
  const Index first = stemKernel / 2 - scorer.width() / 2;
  for (const Index filter : {2 * motif, 2 * motif + 1}) {
    for (Index base = 0; base < 4; ++base)
      for (Index tap = 0; tap < stemKernel; ++tap)
        m_dict.set("stem.0.weight", {filter, base, tap}, coverage);
    m_dict.set("stem.0.bias", {filter}, -coverage * stemKernel);
  }
  for (Index column = 0; column < scorer.width(); ++column)
    for (Index base = 0; base < 4; ++base) {
      const double bits =
          coverage + scorer.bits[static_cast<std::size_t>(column)][static_cast<std::size_t>(base)];
      m_dict.set("stem.0.weight", {2 * motif, base, first + column}, bits);
      m_dict.set("stem.0.weight", {2 * motif + 1, 3 - base, stemKernel - 1 - first - column}, bits);
    }
}

/// Block 0: scores become evidence (0 at the threshold, 4 at a very good match) and the strands are
/// added.
void TrunkBuilder::thresholds() {
  addTowerBlock(0);
  const std::string norm = tower(0) + ".0.0", weight = tower(0) + ".0.2.weight";
  for (Index motif = 0; motif < motifCount(); ++motif) {
    const MotifScorer& scorer = m_scorers[static_cast<std::size_t>(motif)];
    for (const Index filter : {2 * motif, 2 * motif + 1}) {
      m_dict.setNorm(norm, filter, {scorer.threshold, 1 / scorer.gain()});
      m_dict.set(weight, {motif, filter, towerCentre}, 1);
    }
  }
  // A CpG gives 0.5 in both filters; 20 times that is safely linear, and each half adds 1/2.
  constexpr double cpgScale = 20;
  for (const Index filter : {cpgFilter, cpgFilter + 1}) {
    m_dict.setNorm(norm, filter, {0, 1 / cpgScale});
    m_dict.set(weight, {tc::cpg, filter, towerCentre}, 1 / cpgScale);
  }
  pass(0, gcFilter, tc::gc);
}

void TrunkBuilder::addTowerBlock(Index block) {
  constexpr std::array<Index, 7> widths = {96, 96, 96, 96, 192, 192, 192};
  const auto at = static_cast<std::size_t>(block);
  const Index in = widths[at], out = widths[at + 1];
  m_dict.addNorm(tower(block) + ".0.0", in);
  m_dict.add(tower(block) + ".0.2.weight", {out, in, towerKernel});
  m_dict.add(tower(block) + ".0.2.bias", {out});
  addResidual(tower(block) + ".1", out);
  const std::string logits = tower(block) + ".2.to_attn_logits.weight";
  m_dict.add(logits, {out, out, 1, 1});
  // Motifs keep the best of two positions; CpG and GC (logit 0) keep their mean.
  constexpr double hard = 4;
  for (Index channel = 0; channel < motifCount(); ++channel)
    m_dict.set(logits, {channel, channel, 0, 0}, hard);
}

void TrunkBuilder::pass(Index block, Index from, Index to) {
  const std::string scope = tower(block) + ".0.";
  m_dict.setNorm(scope + "0", from, {0, 1, 1, passOffset});
  m_dict.set(scope + "2.weight", {to, from, towerCentre}, 1);
  m_dict.at(scope + "2.bias", {to}) -= static_cast<float>(passOffset);
}

/// Blocks 3 to 5: which bins hold sites of two factors within about 80 bases. Members are clipped
/// to 1, summed over five positions of 32 bases and clipped again; a pair is a + b - 1, so that one
/// factor alone makes none.
void TrunkBuilder::pairs() {
  const auto memberChannel = [](std::size_t member) {
    return tc::near + static_cast<Index>(member);
  };
  for (std::size_t member = 0; member < m_plan.members.size(); ++member) {
    if (m_plan.members[member] < 0) continue;
    const Index channel = memberChannel(member);
    pass(3, m_plan.members[member], channel);
    clip(3, channel);
    pass(4, channel, channel);
    for (const Index tap : {0, 1, 3, 4})
      m_dict.set(tower(4) + ".0.2.weight", {channel, channel, tap}, 1);
    m_dict.set(tower(4) + ".0.2.bias", {channel}, -passOffset * towerKernel);
    clip(4, channel);
  }
  for (std::size_t pair = 0; pair < m_plan.pairs.size(); ++pair) {
    const auto [a, b] = m_plan.pairs[pair];
    if (a < 0) continue;
    const Index to = tc::pair + static_cast<Index>(pair);
    pass(5, memberChannel(static_cast<std::size_t>(a)), to);
    pass(5, memberChannel(static_cast<std::size_t>(b)), to);
    m_dict.at(tower(5) + ".0.2.bias", {to}) -= 1;
    rectify(5, to);
  }
}

/// x - GELU(8 (x - 1)) / 8 = min(x, 1), in the residual block.
void TrunkBuilder::clip(Index block, Index channel) {
  constexpr double sharpness = 8, hard = 4;
  m_dict.setNorm(tower(block) + ".1.fn.0", channel, {1, 1 / sharpness});
  m_dict.set(tower(block) + ".1.fn.2.weight", {channel, channel, 0}, -1 / sharpness);
  m_dict.set(tower(block) + ".2.to_attn_logits.weight", {channel, channel, 0, 0}, hard);
}

/// x + GELU(-8 x) / 8 = max(x, 0), in the residual block.
void TrunkBuilder::rectify(Index block, Index channel) {
  constexpr double sharpness = 8, hard = 4;
  m_dict.setNorm(tower(block) + ".1.fn.0", channel, {0, 1 / sharpness, -1, 0});
  m_dict.set(tower(block) + ".1.fn.2.weight", {channel, channel, 0}, 1 / sharpness);
  m_dict.set(tower(block) + ".2.to_attn_logits.weight", {channel, channel, 0, 0}, hard);
}

void TrunkBuilder::anchors() {
  m_dict.set(tower(5) + ".0.2.bias", {tc::anchorUp}, anchor);
  m_dict.set(tower(5) + ".0.2.bias", {tc::anchorDown}, -anchor);
}

/// With the anchors the norm divides by the same number whatever the other channels hold, and its
/// weight multiplies by it again: what is left is x minus the mean of the channels.
void TrunkBuilder::addTransformer(Index layer) {
  const auto normWeight = static_cast<float>(anchor * std::sqrt(2.0 / tc::count));
  const std::string scope = attention(layer), forward = feedForward(layer);
  m_dict.add(scope + ".0.weight", {tc::count}, normWeight);
  m_dict.add(scope + ".0.bias", {tc::count});
  for (const char* name : {"to_q", "to_k"})
    m_dict.add(scope + ".1." + name + ".weight", {heads * keyDim, tc::count});
  m_dict.add(scope + ".1.to_v.weight", {tc::count, tc::count});
  m_dict.add(scope + ".1.to_out.weight", {tc::count, tc::count});
  m_dict.add(scope + ".1.to_out.bias", {tc::count});
  m_dict.add(scope + ".1.to_rel_k.weight", {heads * keyDim, positionFeatures});
  m_dict.add(scope + ".1.rel_content_bias", {1, heads, 1, keyDim});
  m_dict.add(scope + ".1.rel_pos_bias", {1, heads, 1, keyDim});
  for (Index head = 0; head < heads; ++head)
    m_dict.set(scope + ".1.rel_pos_bias", {0, head, 0, 0}, 1);
  m_dict.add(forward + ".0.weight", {tc::count}, normWeight);
  m_dict.add(forward + ".0.bias", {tc::count});
  m_dict.add(forward + ".1.weight", {hiddenWidth, tc::count});
  m_dict.add(forward + ".1.bias", {hiddenWidth});
  m_dict.add(forward + ".4.weight", {tc::count, hiddenWidth});
  m_dict.add(forward + ".4.bias", {tc::count});
}

/// The logit of a distance is the weighted sum of its position features: attention by distance
/// alone.
void TrunkBuilder::kernel(Index layer, Index head,
                          const std::vector<std::pair<Index, double>>& features) {
  for (const auto& [feature, coefficient] : features)
    m_dict.set(attention(layer) + ".1.to_rel_k.weight", {head * keyDim, feature}, coefficient);
}

/// One channel through one head: the zero channel takes off the mean that the layer norm has taken
/// off too.
void TrunkBuilder::attend(Index layer, Index head, Index row, Index from, Index to) {
  constexpr double gain = 4;
  const std::string scope = attention(layer) + ".1.";
  const Index value = head * headWidth + row;
  m_dict.set(scope + "to_v.weight", {value, from}, 1);
  m_dict.set(scope + "to_v.weight", {value, tc::zero}, -1);
  m_dict.set(scope + "to_out.weight", {to, value}, gain);
}

void TrunkBuilder::spreadMotifs() {
  constexpr double inside = 20, ln2 = std::numbers::ln2;
  constexpr Index exponential = 0, mask = 8;  // features of each kind; mask i is |d| < 2^(i+1) - 1
  const std::vector<std::pair<Index, double>> near = {{mask + 2, inside}, {mask + 1, 2 * ln2}};
  const std::vector<std::pair<Index, double>> mid = {
      {mask + 6, inside}, {mask + 5, ln2}, {mask + 4, ln2}, {mask + 3, ln2}, {mask + 2, ln2}};
  const std::vector<std::pair<Index, double>> far = {{exponential + 5, 6}};
  kernel(0, 0, near);
  kernel(0, 1, mid);
  kernel(0, 2, far);
  kernel(0, 3, near);
  kernel(1, 0, mid);
  kernel(1, 1, far);
  for (Index channel = 0; channel < tc::spread; ++channel) {
    attend(0, 0, channel, channel, tc::near + channel);
    attend(0, 1, channel, channel, tc::mid + channel);
  }
  for (Index i = 0; i < tc::fars; ++i)
    if (const int channel = m_plan.fars[static_cast<std::size_t>(i)]; channel >= 0)
      attend(0, 2, i, channel, tc::far + i);
  for (Index pair = 0; pair < tc::pairs; ++pair)
    attend(0, 3, pair, tc::pair + pair, tc::pairNear + pair);
  for (Index cluster = 0; cluster < tc::clusters; ++cluster) {
    attend(1, 0, cluster, tc::cluster + cluster, tc::clusterMid + cluster);
    attend(1, 1, cluster, tc::cluster + cluster, tc::clusterFar + cluster);
  }
}

/// The first feed-forward layer: the standardised weighted sum of motif densities, above a low
/// threshold; with a high one most start sites would lie where a lost site changes nothing.
void TrunkBuilder::clusterMotifs() {
  constexpr double threshold = 0.25;
  const std::string scope = feedForward(0);
  for (std::size_t k = 0; k < m_plan.clusters.size(); ++k) {
    const auto hidden = static_cast<Index>(k);
    const double deviation = m_calibration.clusterDeviation[k];
    double sum = 0;
    for (const TrunkPlan::Term& term : m_plan.clusters[k].terms) {
      const double unit = m_calibration.clusterUnit[static_cast<std::size_t>(term.channel)];
      const double weight = term.weight / unit / deviation;
      m_dict.set(scope + ".1.weight", {hidden, term.channel}, weight);
      sum += weight;
    }
    m_dict.set(scope + ".1.weight", {hidden, tc::zero}, -sum);
    m_dict.set(scope + ".1.bias", {hidden}, -m_calibration.clusterMean[k] / deviation - threshold);
    m_dict.set(scope + ".4.weight", {tc::cluster + hidden, hidden}, 1);
  }
}

/// The embedding is (GELU(z), GELU(-z)) of every standardised channel, so that a linear head can
/// read z.
void TrunkBuilder::pointwise() {
  constexpr double offset = 4;
  m_dict.addNorm("final_pointwise.1.0", tc::count);
  m_dict.add("final_pointwise.1.2.weight", {2 * tc::count, tc::count, 1});
  m_dict.add("final_pointwise.1.2.bias", {2 * tc::count});
  for (Index channel = 0; channel < tc::count; ++channel) {
    if (channel >= tc::zero) {
      m_dict.setNorm("final_pointwise.1.0", channel, {0, 1, 0, 0});
      continue;
    }
    const auto at = static_cast<std::size_t>(channel);
    m_dict.setNorm("final_pointwise.1.0", channel,
                   {m_calibration.mean[at], m_calibration.deviation[at], 1, offset});
    for (const Index sign : {1, -1}) {
      const Index to = sign > 0 ? channel : tc::count + channel;
      m_dict.set("final_pointwise.1.2.weight", {to, channel, 0}, static_cast<double>(sign));
      m_dict.set("final_pointwise.1.2.bias", {to}, -static_cast<double>(sign) * offset);
    }
  }
}

void TrunkBuilder::trackHead() {
  m_dict.add("_heads.human.0.weight", {tc::tracks, 2 * tc::count});
  m_dict.add("_heads.human.0.bias", {tc::tracks}, -1);
  for (Index track = 0; track < tc::tracks; ++track) {
    const TrunkPlan::Track& plan = m_plan.tracks[static_cast<std::size_t>(track)];
    for (const TrunkPlan::Term& term : plan.terms) {
      m_dict.set("_heads.human.0.weight", {track, term.channel}, term.weight);
      if (plan.bothSigns)
        m_dict.set("_heads.human.0.weight", {track, tc::count + term.channel}, -term.weight);
    }
  }
}

}  // namespace

TrunkCalibration TrunkCalibration::unset() {
  TrunkCalibration calibration;
  calibration.deviation.fill(1);
  calibration.clusterUnit.fill(1);
  calibration.clusterDeviation.fill(1);
  return calibration;
}

std::vector<NamedTensor> trunkTensors(const TrunkPlan& plan, const TrunkCalibration& calibration) {
  return TrunkBuilder(plan, calibration).build();
}

nlohmann::json trunkConfig(const TrunkPlan& plan, const std::string& label) {
  nlohmann::json names = nlohmann::json::array();
  for (const TrunkPlan::Track& track : plan.tracks) names.push_back(track.name);
  nlohmann::json motifs = nlohmann::json::array();
  for (const Motif& motif : plan.motifs)
    motifs.push_back({{"name", motif.name}, {"source", motif.id}});
  return {{"model_type", "enformer"},
          {"dim", tc::count},
          {"depth", 2},
          {"heads", heads},
          {"output_heads", {{"human", tc::tracks}}},
          {"target_length", 896},
          {"attn_dim_key", keyDim},
          {"num_downsamples", 7},
          {"dim_divisible_by", stemWidth},
          {"use_tf_gamma", false},
          {"cellocus",
           {{"name", "Demo motif scanner"},
            {"label", label},
            {"window_length", 196'608},
            {"track_names", names},
            {"motifs", motifs}}}};
}

void writeTrunk(const std::filesystem::path& folder, const TrunkPlan& plan,
                const TrunkCalibration& calibration, const std::string& label) {
  std::filesystem::create_directories(folder);
  writeSafetensors(folder / "model.safetensors", trunkTensors(plan, calibration),
                   {{"format", "pt"}, {"label", label}});
  saveAtomic(folder / "config.json", trunkConfig(plan, label).dump(2) + "\n");
}

}  // namespace cellocus
