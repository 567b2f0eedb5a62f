// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emb2cell.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/golden.h"
#include "support/random.h"
#include "support/shared.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

Emb2Cell::Layer randomLayer(Eigen::Index out, Eigen::Index in, unsigned seed) {
  return {randomMatrix(out, in, seed), randomMatrix(out, 1, seed + 1)};
}

Emb2Cell::Parts randomParts(Eigen::Index cells) {
  Emb2Cell::Parts parts;
  parts.first = randomLayer(6, 10, 1);
  parts.second = randomLayer(cells, 6, 3);
  return parts;
}

Matrix expectedOf(const Emb2Cell::Parts& parts, const Matrix& embedding) {
  Matrix x = embedding * parts.first.weight.transpose();
  x.rowwise() += parts.first.bias.transpose();
  if (parts.second) {
    if (parts.relu) x = x.cwiseMax(0).eval();
    Matrix y = x * parts.second->weight.transpose();
    y.rowwise() += parts.second->bias.transpose();
    x = y;
  }
  if (parts.softplus)
    x = x.unaryExpr([](float v) { return v > 20 ? v : std::log1p(std::exp(v)); }).eval();
  return x;
}

std::string codeOfOpening(const std::vector<NamedTensor>& tensors, const nlohmann::json& metadata) {
  const auto file = scratchFolder("bad_head") / "head.safetensors";
  writeSafetensors(file, tensors, metadata);
  try {
    Emb2Cell::open(file);
  } catch (const Error& error) {
    return error.code();
  }
  return "nothing was thrown";
}

}  // namespace

TEST(Emb2Cell, ReadsAllLightningCheckpointsOfSeq2cells) {
  const std::string folder = "conformance/seq2cells/S1_checkpoints/";
  CELLOCUS_NEEDS_SHARED(folder);
  const auto expected = sharedPath(folder + "expected.h5");
  const Matrix embeddings =
      goldenArray(sharedPath("conformance/seq2cells/S2_training/toy_seq_embeddings.h5"),
                  "emb/block0_values")
          .matrix();
  int heads = 0;
  for (const std::string& name : goldenChildren(expected, "predictions")) {
    if (name.ends_with("_f32ref")) continue;
    SCOPED_TRACE(name);
    const auto head = Emb2Cell::open(sharedPath(folder + name + ".ckpt"));
    EXPECT_TRUE(within(head->predict(embeddings),
                       goldenArray(expected, "predictions/" + name).matrix(), 1e-5));
    EXPECT_EQ(head->parts().softplus, name.find("nosoftplus") == std::string::npos);
    EXPECT_EQ(head->parts().second.has_value(), name.starts_with("bottleneck"));
    ++heads;
  }
  EXPECT_EQ(heads, 6);
}

TEST(Emb2Cell, PredictsManyGenesInManyCellsBlockByBlock) {
  Emb2Cell::Parts parts = randomParts(2500);
  const Matrix embedding = randomMatrix(300, 10, 9);
  EXPECT_TRUE(within(Emb2Cell(parts).predict(embedding), expectedOf(parts, embedding), 2e-5));
  parts.softplus = parts.relu = false;
  EXPECT_TRUE(within(Emb2Cell(parts).predict(embedding), expectedOf(parts, embedding), 2e-5));
}

TEST(Emb2Cell, ReadsBackWhatItSaved) {
  Emb2Cell::Parts parts = randomParts(3);
  parts.relu = false;
  parts.cellNames = {"AAAC", "AAAG", "cell \"3\""};
  parts.unit = "log1p counts per 10,000";
  parts.label = "Demo head";
  const Emb2Cell head(parts);
  const auto file = scratchFolder("saved_head") / "head.safetensors";
  head.save(file);
  const auto again = Emb2Cell::open(file);
  EXPECT_EQ(again->parts().cellNames, parts.cellNames);
  EXPECT_EQ(again->parts().unit, parts.unit);
  EXPECT_EQ(again->parts().label, parts.label);
  EXPECT_EQ(again->description(), "bottleneck 6, softplus");
  EXPECT_EQ(again->path(), file);
  const Matrix embedding = randomMatrix(4, 10, 9);
  EXPECT_EQ(again->predict(embedding), head.predict(embedding));
}

TEST(Emb2Cell, SavesCheckpointsOfSeq2cellsThatItReadsAsItsOwn) {
  const std::string folder = "conformance/seq2cells/S1_checkpoints/";
  CELLOCUS_NEEDS_SHARED(folder);
  for (const auto& entry : std::filesystem::directory_iterator(sharedPath(folder))) {
    if (entry.path().extension() != ".ckpt") continue;
    SCOPED_TRACE(entry.path().filename());
    const auto original = Emb2Cell::open(entry.path());
    const auto file = scratchFolder("saved_checkpoint") / "head.ckpt";
    original->saveCheckpoint(file);
    const auto again = Emb2Cell::open(file);
    const Matrix embedding = randomMatrix(3, original->embeddingSize(), 7);
    EXPECT_EQ(again->predict(embedding), original->predict(embedding));
    EXPECT_EQ(again->description(), original->description());
    EXPECT_EQ(again->parts().hyperParameters, original->parts().hyperParameters);
    const auto namesIn = [](const std::filesystem::path& path) {
      std::vector<std::string> names;
      const auto checkpoint = Checkpoint::open(path);
      for (const TensorInfo& tensor : checkpoint->tensors()) names.push_back(tensor.name);
      return names;
    };
    EXPECT_EQ(namesIn(file), namesIn(entry.path()));
  }
}

TEST(Emb2Cell, SavesHowItWasTrained) {
  Emb2Cell::Parts parts = randomParts(3);
  parts.gamma = "torch";
  parts.hyperParameters = {{"dropout_prob", 0.5}, {"loss", "pearson"}};
  parts.training = {{"epoch", 4}, {"step", 99}};
  const auto folder = scratchFolder("trained_head");
  Emb2Cell(parts).save(folder / "head.safetensors");
  const auto again = Emb2Cell::open(folder / "head.safetensors");
  EXPECT_EQ(again->parts().gamma, "torch");
  EXPECT_EQ(again->parts().hyperParameters, parts.hyperParameters);
  EXPECT_EQ(again->parts().training, parts.training);
  again->saveCheckpoint(folder / "head.ckpt");
  const auto checkpoint = Checkpoint::open(folder / "head.ckpt");
  EXPECT_TRUE(checkpoint->find("model_head.3.weight"));  // after dropout and ReLU
  EXPECT_EQ(checkpoint->metadata().at("epoch"), 3);
  EXPECT_EQ(checkpoint->metadata().at("global_step"), 99);
}

TEST(Emb2Cell, SavesALinearHead) {
  Emb2Cell::Parts parts;
  parts.first = randomLayer(5, 10, 1);
  const auto file = scratchFolder("linear_head") / "head.safetensors";
  Emb2Cell(parts).save(file);
  const auto head = Emb2Cell::open(file);
  EXPECT_FALSE(head->parts().second);
  EXPECT_EQ(head->description(), "linear, softplus");
  EXPECT_EQ(head->cellCount(), 5);
}

TEST(Emb2Cell, RefusesAnEmbeddingOfAnotherSize) {
  try {
    Emb2Cell(randomParts(3)).predict(Matrix::Zero(1, 11));
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "EMBEDDING_SIZE");
    EXPECT_NE(error.fact().find("11"), std::string::npos);
    EXPECT_NE(error.fact().find("10"), std::string::npos);
  }
}

TEST(Emb2Cell, RefusesFilesThatAreNoHead) {
  const NamedTensor weight{"model_head.0.weight", {2, 3}, std::vector<float>(6)};
  const NamedTensor bias{"model_head.0.bias", {2}, std::vector<float>(2)};
  const nlohmann::json own{{"cellocus", R"({"relu": true, "softplus": true})"}};
  EXPECT_EQ(codeOfOpening({{"something_else", {1}, {0}}}, own), "HEAD_UNKNOWN");
  EXPECT_EQ(codeOfOpening({weight, bias}, nlohmann::json::object()), "HEAD_UNKNOWN");
  EXPECT_EQ(codeOfOpening({weight, bias}, {{"cellocus", "[1]"}}), "HEAD_UNKNOWN");
  EXPECT_EQ(codeOfOpening({weight, bias}, {{"cellocus", R"({"relu": 1})"}}), "HEAD_UNKNOWN");
  EXPECT_EQ(codeOfOpening({weight}, own), "MODEL_INCOMPLETE");
  const NamedTensor second{"model_head.2.weight", {4, 9}, std::vector<float>(36)};
  const NamedTensor secondBias{"model_head.2.bias", {4}, std::vector<float>(4)};
  EXPECT_EQ(codeOfOpening({weight, bias, second, secondBias}, own), "MODEL_INCOMPLETE");
  EXPECT_EQ(
      codeOfOpening({weight, bias},
                    {{"cellocus", R"({"relu": true, "softplus": true, "cell_names": ["a"]})"}}),
      "HEAD_UNKNOWN");
}

TEST(Emb2Cell, StopsIfAskedTo) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(Emb2Cell(randomParts(3)).predict(Matrix::Zero(1, 10), Progress(stop.get_token())),
               Cancelled);
}
