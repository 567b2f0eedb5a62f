// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/torchwriter.h"

#include <gtest/gtest.h>

#include "support/shared.h"
#include "weights/pickle.h"
#include "weights/zipfile.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

const std::vector<float> weight = {1.5f, -2, 3e-30f, 0, 5, 6}, bias = {7, -0.0f};

LightningCheckpoint small() {
  LightningCheckpoint checkpoint;
  checkpoint.epoch = 4;
  checkpoint.globalStep = 70'000;
  checkpoint.stateDict = {{"model_head.0.weight", {2, 3}, weight},
                          {"model_head.0.bias", {2}, bias}};
  checkpoint.hyperParameters = {{"softplus", true},
                                {"freeze", nullptr},
                                {"loss", "pearson"},
                                {"learning_rate", 1e-4},
                                {"sizes", {1, -2, 300, 5'000'000'000}},
                                {"nested", {{"a", false}}}};
  return checkpoint;
}

std::filesystem::path written() {
  const auto file = scratchFolder("torchwriter") / "head.ckpt";
  writeLightningCheckpoint(file, small());
  return file;
}

}  // namespace

TEST(TorchWriter, IsReadBackWithTheSameNumbers) {
  const auto checkpoint = Checkpoint::open(written());
  EXPECT_EQ(checkpoint->format(), "PyTorch zip");
  ASSERT_EQ(checkpoint->tensors().size(), 2u);
  EXPECT_EQ(checkpoint->tensors()[0].name, "model_head.0.weight");
  EXPECT_EQ(checkpoint->tensors()[0].dtype, DType::Float32);
  EXPECT_EQ(checkpoint->read("model_head.0.weight", {2, 3}), weight);
  EXPECT_EQ(checkpoint->read("model_head.0.bias", {2}), bias);
  EXPECT_EQ(checkpoint->metadata().at("hyper_parameters"), small().hyperParameters);
  EXPECT_EQ(checkpoint->metadata().at("epoch"), 4);
  EXPECT_EQ(checkpoint->metadata().at("global_step"), 70'000);
}

TEST(TorchWriter, HasTheKeysThatLightningWrites) {
  const ZipFile zip(InputFile::open(written()));
  const PickleValue root = readPickle(zip.read(*zip.find("archive/data.pkl"), 1 << 20));
  for (const char* key :
       {"epoch", "global_step", "pytorch-lightning_version", "state_dict", "loops", "callbacks",
        "optimizer_states", "lr_schedulers", "hparams_name", "hyper_parameters"})
    EXPECT_TRUE(root.find(key)) << key;
  EXPECT_EQ(root.find("pytorch-lightning_version")->text(), "1.8.1");
  EXPECT_EQ(root.find("loops")->kind(), PickleKind::Dict);
  EXPECT_EQ(root.find("optimizer_states")->kind(), PickleKind::List);
  EXPECT_EQ(root.find("hparams_name")->text(), "kwargs");
}

TEST(TorchWriter, RecordsBeginAtMultiplesOf64) {
  const ZipFile zip(InputFile::open(written()));
  EXPECT_EQ(zip.records().size(), 4u);
  for (const ZipRecord& record : zip.records()) {
    EXPECT_EQ(zip.dataOffset(record) % 64, 0u) << record.name;
    EXPECT_FALSE(record.deflated);
  }
}

TEST(TorchWriter, StopsIfAskedToAndLeavesNothing) {
  const auto file = scratchFolder("torchwriter_stopped") / "head.ckpt";
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(writeLightningCheckpoint(file, small(), Progress(stop.get_token())), Cancelled);
  EXPECT_TRUE(std::filesystem::is_empty(file.parent_path()));
}
