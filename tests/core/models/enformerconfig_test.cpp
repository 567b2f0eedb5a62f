// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <fstream>

#include "models/enformer.h"
#include "models/enformernames.h"
#include "support/shared.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

std::filesystem::path written(const std::string& text) {
  const auto file = scratchFolder("enformer_config") / "config.json";
  std::ofstream(file) << text;
  return file;
}

std::string codeOfReading(const std::string& text) {
  try {
    EnformerConfig::read(written(text));
  } catch (const Error& error) {
    return error.code();
  }
  return "nothing was thrown";
}

}  // namespace

TEST(EnformerConfig, HasThePublishedDefaults) {
  const EnformerConfig config = EnformerConfig::read(written("{}"));
  EXPECT_EQ(config.dim, 1536);
  EXPECT_EQ(config.tokenCount(), 1536);
  EXPECT_EQ(config.binSize(), 128);
  EXPECT_EQ(config.binCount(), 896);
  EXPECT_EQ(config.croppedBins(1536), (BinRange{320, 1216}));
  EXPECT_EQ(config.gamma, Gamma::TensorFlow);
}

TEST(EnformerConfig, KeepsTheHeadsInTheOrderOfTheFile) {
  const EnformerConfig config = EnformerConfig::read(
      written(R"({"output_heads": {"human": 6, "fly": 3}, "use_tf_gamma": false})"));
  ASSERT_EQ(config.outputHeads.size(), 2u);
  EXPECT_EQ(config.outputHeads[0].name, "human");
  EXPECT_EQ(config.outputHeads[1].tracks, 3);
  EXPECT_EQ(config.gamma, Gamma::Torch);
}

TEST(EnformerConfig, ReadsOurOwnPart) {
  const EnformerConfig config = EnformerConfig::read(written(
      R"({"cellocus": {"name": "Demo", "label": "synthetic", "window_length": 4096, "track_names": ["a", "b"]}})"));
  EXPECT_EQ(config.modelName, "Demo");
  EXPECT_EQ(config.label, "synthetic");
  EXPECT_EQ(config.windowLength, 4096);
  EXPECT_EQ(config.gamma, Gamma::Torch);  // not 1,536 tokens
  EXPECT_EQ(config.trackNames, (std::vector<std::string>{"a", "b"}));
}

TEST(EnformerConfig, RefusesWhatMakesNoSense) {
  for (const char* text :
       {"", "[]", "{\"dim\": \"big\"}", "{\"dim\": -4}", "{\"dim\": 97}", "{\"heads\": 7}",
        "{\"dim\": 1e300}", "{\"output_heads\": [1]}", "{\"output_heads\": {\"human\": -1}}",
        "{\"use_tf_gamma\": \"yes\"}", "{\"cellocus\": 3}",
        "{\"cellocus\": {\"track_names\": [1]}}", "{\"num_downsamples\": 63}"})
    EXPECT_EQ(codeOfReading(text), "CONFIG_INVALID") << text;
}

TEST(EnformerConfig, AWindowWithFewerBinsThanTheModelKeepsIsRefused) {
  EnformerConfig config;
  EXPECT_EQ(config.croppedBins(896), (BinRange{0, 896}));
  EXPECT_EQ(config.croppedBins(897), (BinRange{1, 896}));  // the original loses one bin more
  try {
    config.croppedBins(895);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "WINDOW_TOO_SHORT");
  }
  config.targetLength = -1;
  EXPECT_EQ(config.croppedBins(5), (BinRange{0, 5}));
}

TEST(EnformerNames, AliasesLeadBackToTheCanonicalName) {
  for (const std::string name : {"stem.1.fn.0.running_var", "conv_tower.5.0.2.weight",
                                 "transformer.10.1.fn.4.bias", "final_pointwise.1.2.weight"}) {
    const std::vector<std::string> aliases = enformerAliases(name);
    EXPECT_EQ(aliases.size(), 2u);
    for (const std::string& alias : aliases) EXPECT_EQ(enformerCanonicalName(alias), name) << alias;
  }
  EXPECT_EQ(enformerAliases("stem.0.weight").front(), "_trunk.1.0.weight");
  EXPECT_TRUE(enformerAliases("_heads.human.0.bias").empty());
}
