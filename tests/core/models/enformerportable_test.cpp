// SPDX-License-Identifier: GPL-3.0-or-later
// Comparison with values that the reference classes gave for portable weights
// (conformance/portable).
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "enformertensors.h"
#include "goldencase.h"
#include "nn/pool.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

nlohmann::json golden() {
  std::ifstream stream(dataPath("portable/golden.json"));
  return nlohmann::json::parse(stream);
}

Matrix matrixOf(const nlohmann::json& values, Eigen::Index columns) {
  const auto flat = values.get<std::vector<float>>();
  const auto count = static_cast<Eigen::Index>(flat.size());
  return Eigen::Map<const Matrix>(flat.data(), count / columns, columns);
}

EnformerConfig portableConfig(Gamma gamma) {
  EnformerConfig config;
  config.dim = 48;
  config.depth = 2;
  config.heads = 2;
  config.keyDim = 8;
  config.targetLength = 8;
  config.downsamples = 3;
  config.dimDivisibleBy = 4;
  config.windowLength = 256;
  config.gamma = gamma;
  config.outputHeads = {{"human", 5}, {"mouse", 3}};
  return config;
}

std::string portableBases() {
  std::string bases;
  for (int i = 0; i < 256; ++i) bases += "ACGTN"[(i * i + 3 * i + i / 7) % 5];
  return bases;
}

void compareWith(const nlohmann::json& expected, Gamma gamma) {
  const auto file = scratchFolder("portable") / "model.safetensors";
  const EnformerConfig config = portableConfig(gamma);
  writeSafetensors(file, enformerTensors(config, portableValues));
  const Stages stages = runStages(*Enformer::load(Checkpoint::open(file), config), portableBases());
  EXPECT_TRUE(within(stages.embedding.row(0), matrixOf(expected["emb_row0"], 96), 2e-5));
  EXPECT_NEAR(stages.embedding.cast<double>().sum(), expected["emb_sum"].get<double>(), 2e-3);
  EXPECT_TRUE(within(stages.heads.at("human"), matrixOf(expected["human"], 5), 2e-5));
  EXPECT_TRUE(within(stages.heads.at("mouse"), matrixOf(expected["mouse"], 3), 2e-5));
}

}  // namespace

TEST(EnformerPortable, TheGeneratorIsTheDescribedOne) {
  const auto first = golden()["fill_check"]["uni(stem.0.weight)[0:4]"].get<std::vector<double>>();
  for (std::size_t i = 0; i < first.size(); ++i)
    EXPECT_NEAR(portableUniform("stem.0.weight", static_cast<std::int64_t>(i)), first[i], 1e-7);
}

TEST(EnformerPortable, OutputsWithTorchGammaAgree) {
  compareWith(golden()["enformer"]["legacy"], Gamma::Torch);
}

TEST(EnformerPortable, OutputsWithTensorFlowGammaAgree) {
  compareWith(golden()["enformer"]["tf"], Gamma::TensorFlow);
}

TEST(EnformerPortable, PositionalFeaturesAgree) {
  const nlohmann::json expected = golden()["enformer"]["posfeat_L32_24"];
  for (const auto& [key, gamma] : {std::pair{"legacy", Gamma::Torch}, {"tf", Gamma::TensorFlow}}) {
    const Matrix features = relativePositionFeatures(32, 24, gamma);
    for (const auto& [distance, row] : expected[key].items())
      EXPECT_TRUE(within(features.row(31 + std::stol(distance)), matrixOf(row, 24), 2e-5))
          << key << distance;
  }
}

TEST(EnformerPortable, PoolingOfAnOddNumberOfPositionsAgrees) {
  const nlohmann::json expected = golden()["enformer"]["attnpool_odd"];
  const auto file = scratchFolder("pool") / "pool.safetensors";
  const Shape shape{3, 3, 1, 1};
  writeSafetensors(
      file,
      {{"to_attn_logits.weight", shape, portableValues("to_attn_logits.weight", shape)},
       {"pool.to_attn_logits.weight", shape, portableValues("to_attn_logits.weight", shape)}});
  WeightReader reader(Checkpoint::open(file));
  const nn::AttentionPool pool(reader, "pool", 3);
  Matrix x(5, 3);
  for (Eigen::Index i = 0; i < 15; ++i)
    x(i % 5, i / 5) = static_cast<float>(portableUniform("x.attnpool", i));
  Matrix out(3, 3);
  nn::Scratch scratch;
  pool.apply(x, out, scratch);
  const Matrix golden = matrixOf(expected["out"], 3).transpose();  // stored [channel, position]
  EXPECT_TRUE(within(out, golden, 2e-5));
}

TEST(EnformerPortable, TheDefaultTowerHasThePublishedWidths) {
  const auto expected =
      golden()["enformer"]["default_filter_list"].get<std::vector<std::int64_t>>();
  std::vector<std::int64_t> channels = EnformerConfig().towerChannels();
  channels.erase(channels.begin());
  EXPECT_EQ(channels, expected);
}
