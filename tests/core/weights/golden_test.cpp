// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>

#include "base/file.h"
#include "support/golden.h"
#include "support/shared.h"
#include "weights/checkpoint.h"
#include "weights/pickle.h"
#include "weights/weightreader.h"

// Files written by PyTorch, safetensors and Python themselves.
namespace cellocus {
namespace {

using testing::sharedPath;

std::shared_ptr<const Checkpoint> openShared(const std::string& relative) {
  return Checkpoint::open(sharedPath(relative));
}

/// What a safetensors file of an Enformer calls a tensor that PyTorch files hold under two names.
std::string trunkName(const std::string& name) {
  const std::pair<std::string, std::string> parts[] = {{"stem.", "_trunk.1."},
                                                       {"conv_tower.", "_trunk.2."},
                                                       {"transformer.", "_trunk.4."},
                                                       {"final_pointwise.", "_trunk.6."}};
  for (const auto& [before, after] : parts)
    if (name.starts_with(before)) return after + name.substr(before.size());
  return name;
}

float roundedToBFloat(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = bits + 0x7fff + ((bits >> 16) & 1);  // half to even
  return std::bit_cast<float>(rounded & 0xffff0000u);
}

void expectEqualTensors(const Checkpoint& file, const Checkpoint& reference) {
  for (const TensorInfo& tensor : file.tensors()) {
    const TensorInfo* other = reference.find(trunkName(tensor.name));
    ASSERT_NE(other, nullptr) << tensor.name;
    EXPECT_EQ(tensor.shape, other->shape) << tensor.name;
    EXPECT_EQ(file.read(tensor.name), reference.read(other->name)) << tensor.name;
  }
}

constexpr const char* e1 = "conformance/enformer/E1_tiny";
constexpr const char* e2 = "conformance/enformer/E2_tiny_odd";

TEST(GoldenCheckpoints, FourContainersOfOneModelHoldIdenticalNumbers) {
  CELLOCUS_NEEDS_SHARED(e1);
  const auto reference = openShared(std::string(e1) + "/model.safetensors");
  EXPECT_EQ(reference->format(), "safetensors");
  EXPECT_EQ(reference->metadata(), nlohmann::json({{"format", "pt"}}));
  const std::pair<std::string, std::string> files[] = {{"/model.bin", "PyTorch zip"},
                                                       {"/model_half.pt", "PyTorch zip"},
                                                       {"/model_legacy.pt", "PyTorch legacy"}};
  for (const auto& [name, format] : files) {
    const auto file = openShared(e1 + name);
    EXPECT_EQ(file->format(), format);
    EXPECT_EQ(file->tensors().size(), 282u);
    expectEqualTensors(*file, *reference);
  }
}

TEST(GoldenCheckpoints, HalfPrecisionFileKeepsItsCountersAsIntegers) {
  CELLOCUS_NEEDS_SHARED(e1);
  const auto file = openShared(std::string(e1) + "/model_half.pt");
  EXPECT_EQ(file->find("stem.0.weight")->dtype, DType::Float16);
  EXPECT_EQ(file->find("stem.1.fn.0.num_batches_tracked")->dtype, DType::Int64);
  EXPECT_EQ(file->read("stem.1.fn.0.num_batches_tracked", Shape{}), std::vector<float>{12345});
}

TEST(GoldenCheckpoints, NamesOfOneStorageAreTheSamePlace) {
  CELLOCUS_NEEDS_SHARED(e1);
  for (const char* name : {"/model.bin", "/model_legacy.pt"}) {
    const auto file = openShared(std::string(e1) + name);
    EXPECT_TRUE(file->samePlace("stem.0.weight", "_trunk.1.0.weight"));
    EXPECT_FALSE(file->samePlace("stem.0.weight", "stem.0.bias"));
  }
}

TEST(GoldenCheckpoints, ViewsWithOffsetsAndStridesEqualPlainTensors) {
  CELLOCUS_NEEDS_SHARED(e2);
  const auto views = openShared(std::string(e2) + "/model_views.bin");
  const auto plain = openShared(std::string(e2) + "/model.safetensors");
  ASSERT_EQ(views->tensors().size(), plain->tensors().size());
  for (const TensorInfo& tensor : plain->tensors())
    EXPECT_EQ(views->read(tensor.name, tensor.shape), plain->read(tensor.name)) << tensor.name;
}

TEST(GoldenCheckpoints, RowsOfAViewAreRowsOfTheTensor) {
  CELLOCUS_NEEDS_SHARED(e2);
  const auto views = openShared(std::string(e2) + "/model_views.bin");
  for (const TensorInfo& tensor : views->tensors()) {
    if (tensor.shape.empty() || tensor.shape[0] < 3) continue;
    const std::vector<float> all = views->read(tensor.name);
    const auto row = static_cast<std::ptrdiff_t>(all.size()) / tensor.shape[0];
    EXPECT_EQ(views->readRows(tensor.name, 1, 3),
              std::vector<float>(all.begin() + row, all.begin() + 3 * row))
        << tensor.name;
  }
}

TEST(GoldenCheckpoints, BFloat16FileIsTheRoundedModel) {
  CELLOCUS_NEEDS_SHARED(e2);
  const auto rounded = openShared(std::string(e2) + "/model_bf16.safetensors");
  const auto full = openShared(std::string(e2) + "/model.safetensors");
  for (const TensorInfo& tensor : rounded->tensors()) {
    std::vector<float> expected = full->read(tensor.name);
    if (tensor.dtype == DType::BFloat16)
      for (float& value : expected) value = roundedToBFloat(value);
    EXPECT_EQ(rounded->read(tensor.name), expected) << tensor.name;
  }
  EXPECT_EQ(rounded->find("stem.0.weight")->dtype, DType::BFloat16);
}

TEST(GoldenCheckpoints, LightningFileShowsItsHyperParameters) {
  CELLOCUS_NEEDS_SHARED("conformance/seq2cells/S1_checkpoints");
  const std::string folder = "conformance/seq2cells/S1_checkpoints/";
  const auto soft = openShared(folder + "bottleneck_relu_dropout_softplus.ckpt");
  const nlohmann::json& made = soft->metadata().at("hyper_parameters");
  EXPECT_EQ(made.at("softplus"), true);
  EXPECT_EQ(made.at("bottleneck_nonlin"), "RELU");
  EXPECT_EQ(made.at("dropout_prob"), 0.5);
  EXPECT_EQ(made.at("freeze"), nullptr);
  EXPECT_EQ(soft->metadata().at("pytorch-lightning_version"), "1.8.1");
  std::vector<std::string> names;
  for (const TensorInfo& tensor : soft->tensors()) names.push_back(tensor.name);
  EXPECT_THAT(names, ::testing::ElementsAre("model_head.0.weight", "model_head.0.bias",
                                            "model_head.3.weight", "model_head.3.bias"));
  EXPECT_EQ(soft->find("model_head.0.weight")->shape, (Shape{16, 3072}));
  const auto hard = openShared(folder + "linear_nosoftplus.ckpt");
  EXPECT_EQ(hard->metadata().at("hyper_parameters").at("softplus"), false);
  EXPECT_EQ(hard->read("model_head.0.weight", {37, 3072}).size(), 37u * 3072u);
}

TEST(GoldenCheckpoints, BareTensorIsListedAsTensor) {
  CELLOCUS_NEEDS_SHARED("data/enformer/tf_gammas.pt");
  const auto file = openShared("data/enformer/tf_gammas.pt");
  const std::vector<float> table = file->read("tensor", {3071, 32});
  const std::string golden = "conformance/enformer/E3_full_window/expected.h5";
  const auto expected = testing::goldenArray(sharedPath(golden), "tf_gamma_table");
  ASSERT_EQ(table.size(), expected.values.size());
  for (std::size_t i = 0; i < table.size(); ++i)
    ASSERT_EQ(static_cast<double>(table[i]), expected.values[i]);
}

TEST(GoldenCheckpoints, SeveralModelsInOneFileKeepTheirNamesApart) {
  CELLOCUS_NEEDS_SHARED("conformance/scfoundation");
  const auto file = openShared("conformance/scfoundation/F1_mae_autobin_small/models.ckpt");
  EXPECT_NE(file->find("gene.token_emb.mlp.weight"), nullptr);
  EXPECT_NE(file->find("cell.token_emb.mlp.weight"), nullptr);
  EXPECT_EQ(file->metadata().at("gene").at("config").at("model"), "mae_autobin");
}

TEST(GoldenCheckpoints, WrappedStateDictOfScBertIsFound) {
  CELLOCUS_NEEDS_SHARED("conformance/scbert");
  const auto file = openShared("conformance/scbert/B1_performer_lm/finetuned.pth");
  EXPECT_NE(file->find("token_emb.weight"), nullptr);
  EXPECT_EQ(file->metadata().at("epoch"), 7);
}

PickleValue readShared(const std::string& relative) {
  const auto path = sharedPath(relative);
  return readPickle(InputFile::open(path)->readAll(256u << 20), path.string());
}

TEST(GoldenDictionaries, GeneformerDictionariesHaveTheirMeasuredSizes) {
  CELLOCUS_NEEDS_SHARED("data/dictionaries");
  const std::pair<std::string, std::size_t> files[] = {
      {"geneformer_V1/token_dictionary_gc30M.pkl", 25'426},
      {"geneformer_V1/gene_median_dictionary_gc30M.pkl", 25'424},
      {"geneformer_V1/gene_name_id_dict_gc30M.pkl", 40'248},
      {"geneformer_V1/ensembl_mapping_dict_gc30M.pkl", 25'424},
      {"geneformer_V2/token_dictionary_gc104M.pkl", 20'275},
      {"geneformer_V2/gene_median_dictionary_gc104M.pkl", 42'005},
      {"geneformer_V2/ensembl_mapping_dict_gc104M.pkl", 173'697},
      {"geneformer_V2/gene_name_id_dict_gc104M.pkl", 63'675}};
  for (const auto& [name, entries] : files) {
    const PickleValue value = readShared("data/dictionaries/" + name);
    EXPECT_EQ(value.kind(), PickleKind::Dict) << name;
    EXPECT_EQ(value.size(), entries) << name;
  }
}

TEST(GoldenDictionaries, NumpyNumbersAreReadAsNumbers) {
  CELLOCUS_NEEDS_SHARED("data/dictionaries");
  const auto token = [](const std::string& file, std::string_view gene) {
    return readShared("data/dictionaries/" + file).find(gene)->integer();
  };
  const auto median = [](const std::string& file, std::string_view gene) {
    return readShared("data/dictionaries/" + file).find(gene)->number().value();
  };
  constexpr std::string_view gata4 = "ENSG00000136574", tbx5 = "ENSG00000089225";
  EXPECT_EQ(token("geneformer_V1/token_dictionary_gc30M.pkl", gata4), 7261);
  EXPECT_EQ(token("geneformer_V1/token_dictionary_gc30M.pkl", tbx5), 1831);
  EXPECT_EQ(token("geneformer_V2/token_dictionary_gc104M.pkl", gata4), 7196);
  EXPECT_NEAR(median("geneformer_V1/gene_median_dictionary_gc30M.pkl", gata4), 5.2215, 5e-5);
  EXPECT_NEAR(median("geneformer_V2/gene_median_dictionary_gc104M.pkl", gata4), 3.2114, 5e-5);
  EXPECT_NEAR(median("geneformer_V2/gene_median_dictionary_gc104M.pkl", tbx5), 1.9592, 5e-5);
}

}  // namespace
}  // namespace cellocus
