// SPDX-License-Identifier: GPL-3.0-or-later
#include "enformertensors.h"

#include <cmath>

namespace cellocus::testing {

namespace {

class Collector {
 public:
  using Fill = std::function<std::vector<float>(const std::string&, const Shape&)>;
  explicit Collector(const Fill& fill) : m_fill(fill) {}

  void add(const std::string& name, const Shape& shape) {
    m_tensors.push_back({name, shape, m_fill(name, shape)});
  }
  void norm(const std::string& scope, std::int64_t channels) {
    for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"})
      add(scope + part, {channels});
  }
  void weightAndBias(const std::string& scope, const Shape& shape) {
    add(scope + ".weight", shape);
    add(scope + ".bias", {shape[0]});
  }
  void level(const std::string& scope, const std::string& convolution, const Shape& shape) {
    const std::int64_t channels = shape[0];
    weightAndBias(scope + convolution, shape);
    norm(scope + ".1.fn.0", channels);
    weightAndBias(scope + ".1.fn.2", {channels, channels, 1});
    add(scope + ".2.to_attn_logits.weight", {channels, channels, 1, 1});
  }
  void transformerBlock(const std::string& scope, const EnformerConfig& config) {
    const std::int64_t dim = config.dim, keys = config.heads * config.keyDim;
    weightAndBias(scope + ".0.fn.0", {dim});
    add(scope + ".0.fn.1.to_q.weight", {keys, dim});
    add(scope + ".0.fn.1.to_k.weight", {keys, dim});
    add(scope + ".0.fn.1.to_v.weight", {dim, dim});
    weightAndBias(scope + ".0.fn.1.to_out", {dim, dim});
    add(scope + ".0.fn.1.to_rel_k.weight", {keys, dim / config.heads});
    add(scope + ".0.fn.1.rel_content_bias", {1, config.heads, 1, config.keyDim});
    add(scope + ".0.fn.1.rel_pos_bias", {1, config.heads, 1, config.keyDim});
    weightAndBias(scope + ".1.fn.0", {dim});
    weightAndBias(scope + ".1.fn.1", {2 * dim, dim});
    weightAndBias(scope + ".1.fn.4", {dim, 2 * dim});
  }
  std::vector<NamedTensor> take() { return std::move(m_tensors); }

 private:
  const Fill& m_fill;
  std::vector<NamedTensor> m_tensors;
};

}  // namespace

std::vector<NamedTensor> enformerTensors(
    const EnformerConfig& config,
    const std::function<std::vector<float>(const std::string&, const Shape&)>& fill) {
  Collector collector(fill);
  const std::vector<std::int64_t> channels = config.towerChannels();
  collector.level("stem", ".0", {channels[0], 4, 15});
  for (std::size_t i = 1; i < channels.size(); ++i) {
    const std::string scope = "conv_tower." + std::to_string(i - 1);
    collector.norm(scope + ".0.0", channels[i - 1]);
    collector.level(scope, ".0.2", {channels[i], channels[i - 1], 5});
  }
  for (std::int64_t i = 0; i < config.depth; ++i)
    collector.transformerBlock("transformer." + std::to_string(i), config);
  collector.norm("final_pointwise.1.0", config.dim);
  collector.weightAndBias("final_pointwise.1.2", {2 * config.dim, config.dim, 1});
  for (const EnformerConfig::Head& head : config.outputHeads)
    collector.weightAndBias("_heads." + head.name + ".0", {head.tracks, 2 * config.dim});
  return collector.take();
}

double portableUniform(const std::string& name, std::int64_t index) {
  std::uint64_t seed = 0xcbf29ce484222325;
  for (const char letter : name) seed = (seed ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
  std::uint64_t z = seed + (static_cast<std::uint64_t>(index) + 1) * 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1p-53 * 2 - 1;
}

std::vector<float> portableValues(const std::string& name, const Shape& shape) {
  std::int64_t count = 1, fanIn = 1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    count *= shape[i];
    if (i > 0) fanIn *= shape[i];
  }
  const auto valueOf = [&](double s) {
    if (name.ends_with("running_var")) return 1 + 0.5 * s * s;
    if (name.ends_with("running_mean")) return 0.2 * s;
    if (shape.size() == 1) return name.ends_with("weight") ? 1 + 0.2 * s : 0.2 * s;
    return s * std::sqrt(3.0 / static_cast<double>(fanIn));
  };
  std::vector<float> values;
  for (std::int64_t i = 0; i < count; ++i)
    values.push_back(static_cast<float>(valueOf(portableUniform(name, i))));
  return values;
}

}  // namespace cellocus::testing
