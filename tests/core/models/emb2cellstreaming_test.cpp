// SPDX-License-Identifier: GPL-3.0-or-later
// Heads whose last layer stays in its file.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <random>
#include <sstream>

#include "base/parallel.h"
#include "core/weights/torchbuilder.h"
#include "models/emb2cell.h"
#include "models/streamedweight.h"
#include "support/random.h"
#include "support/shared.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

constexpr Eigen::Index embeddingSize = 20, hiddenSize = 517, cellCount = 1000;
constexpr std::uint64_t weightBytes = cellCount * hiddenSize * sizeof(float);
constexpr std::uint64_t tileBytes = StreamedWeight::tileRows * hiddenSize * sizeof(float);

Emb2Cell::Layer randomLayer(Eigen::Index out, Eigen::Index in, unsigned seed) {
  return {randomMatrix(out, in, seed), randomMatrix(out, 1, seed + 1)};
}

Emb2Cell::Parts randomParts() {
  Emb2Cell::Parts parts;
  parts.first = randomLayer(hiddenSize, embeddingSize, 1);
  parts.second = randomLayer(cellCount, hiddenSize, 3);
  return parts;
}

std::filesystem::path saved(const Emb2Cell::Parts& parts) {
  const auto file = scratchFolder("streamed_head") / "head.safetensors";
  Emb2Cell(parts).save(file);
  return file;
}

std::shared_ptr<const Emb2Cell> openStreamed(const std::filesystem::path& file,
                                             std::uint64_t kept = 1u << 30) {
  return Emb2Cell::open(file, Emb2Cell::Reading{.onOpening = 0, .kept = kept});
}

std::vector<float> valuesOf(const auto& matrix) {
  return {matrix.data(), matrix.data() + matrix.size()};
}

/// What this process has read from files so far, in bytes.
std::optional<std::uint64_t> bytesRead() {
  std::ifstream io("/proc/self/io");
  std::string name;
  std::uint64_t bytes = 0;
  if (io >> name >> bytes && name == "rchar:") return bytes;
  return {};
}

class Threads {
 public:
  explicit Threads(int count) : m_before(threadCount()) { setThreadCount(count); }
  ~Threads() { setThreadCount(m_before); }

 private:
  int m_before;
};

/// Many cells in any order, some of them twice, some of them neighbours.
std::vector<std::int64_t> someCells() {
  std::vector<std::int64_t> cells{999, 0, 336, 335, 999};
  std::mt19937 random(5);
  for (int i = 0; i < 60; ++i) cells.push_back(static_cast<std::int64_t>(random() % cellCount));
  for (std::int64_t cell = 500; cell < 620; ++cell) cells.push_back(cell);
  return cells;
}

/// Tensors of a head as a Lightning checkpoint holds them, beside an optimizer's state.
std::string lightningPickle(const std::vector<TensorRecipe>& tensors, const TensorRecipe& moment,
                            bool legacy) {
  PickleBuilder pickle;
  pickle.raw("}").mark();
  pickle.text("optimizer_states").raw("]");
  addTensor(pickle, moment, legacy);
  pickle.raw("a").text("state_dict").global("collections", "OrderedDict").raw(")R").mark();
  for (const TensorRecipe& tensor : tensors) {
    pickle.text(tensor.name);
    addTensor(pickle, tensor, legacy);
  }
  pickle.raw("u").text("hyper_parameters").raw("}").text("softplus").raw("\x88s");
  return pickle.raw("u").finish();
}

}  // namespace

TEST(Emb2CellStreaming, PredictsExactlyWhatAHeadInMemoryDoes) {
  const Emb2Cell::Parts parts = randomParts();
  const Emb2Cell inMemory(parts);
  for (const Eigen::Index genes : {0, 1, 2, 3, 16, 17, 40, 257, 300}) {
    const auto streamed = openStreamed(saved(parts));
    const Matrix embedding = randomMatrix(genes, embeddingSize, 9);
    const Matrix expected = inMemory.predict(embedding);
    EXPECT_EQ(streamed->predict(embedding), expected) << genes << " genes, from the file";
    EXPECT_EQ(streamed->predict(embedding), expected) << genes << " genes, from memory";
    EXPECT_EQ(streamed->keptBytes(), genes == 0 ? 0 : weightBytes);
  }
}

TEST(Emb2CellStreaming, SomeCellsGetExactlyWhatTheyGetAmongAll) {
  const Emb2Cell::Parts parts = randomParts();
  const Emb2Cell inMemory(parts);
  const auto file = saved(parts);
  const std::vector<std::int64_t> cells = someCells();
  for (const Eigen::Index genes : {1, 2, 17, 300}) {
    const Matrix embedding = randomMatrix(genes, embeddingSize, 9);
    const Matrix expected = inMemory.predict(embedding)(Eigen::all, cells);
    EXPECT_EQ(inMemory.predict(embedding, cells), expected) << genes;
    const auto streamed = openStreamed(file);
    EXPECT_EQ(streamed->predict(embedding, cells), expected) << genes << " from the file";
    streamed->predict(embedding);
    EXPECT_EQ(streamed->predict(embedding, cells), expected) << genes << " from memory";
  }
}

TEST(Emb2CellStreaming, ReferenceAndEditAtOnceGiveWhatEachGivesAlone) {
  const auto head = openStreamed(saved(randomParts()));
  const Matrix embedding = randomMatrix(16, embeddingSize, 9), together = head->predict(embedding);
  for (Eigen::Index gene = 0; gene < embedding.rows(); ++gene)
    EXPECT_EQ(head->predict(embedding.row(gene)), together.row(gene)) << gene;
  EXPECT_EQ(head->predict(embedding.topRows(2)), together.topRows(2));
}

TEST(Emb2CellStreaming, TheNumberOfThreadsChangesNothing) {
  const auto file = saved(randomParts());
  for (const Eigen::Index genes : {2, 300}) {
    const Matrix embedding = randomMatrix(genes, embeddingSize, 9);
    const auto with = [&](int threads) {
      const Threads set(threads);
      return openStreamed(file)->predict(embedding);
    };
    EXPECT_EQ(with(1), with(7)) << genes;
  }
}

TEST(Emb2CellStreaming, ALinearHeadIsReadInTilesToo) {
  Emb2Cell::Parts parts;
  parts.first = randomLayer(cellCount, embeddingSize, 1);
  parts.softplus = false;
  const auto head = openStreamed(saved(parts));
  EXPECT_EQ(head->embeddingSize(), embeddingSize);
  EXPECT_EQ(head->cellCount(), cellCount);
  EXPECT_EQ(head->description(), "linear");
  const Matrix embedding = randomMatrix(2, embeddingSize, 9);
  EXPECT_EQ(head->predict(embedding), Emb2Cell(parts).predict(embedding));
}

TEST(Emb2CellStreaming, TilesBeyondTheBudgetAreReadAgain) {
  const Emb2Cell::Parts parts = randomParts();
  const auto head = openStreamed(saved(parts), 2 * tileBytes + 1);
  const Matrix embedding = randomMatrix(2, embeddingSize, 9);
  const Matrix expected = Emb2Cell(parts).predict(embedding);
  EXPECT_EQ(head->predict(embedding), expected);
  const std::uint64_t kept = head->keptBytes();
  EXPECT_LE(kept, 2 * tileBytes);
  EXPECT_GE(kept, tileBytes);
  const auto before = bytesRead();
  EXPECT_EQ(head->predict(embedding), expected);
  EXPECT_EQ(head->keptBytes(), kept);
  if (before) {
    const std::uint64_t again = *bytesRead() - *before;
    EXPECT_GE(again, weightBytes - kept);
    EXPECT_LT(again, weightBytes);
  }
}

TEST(Emb2CellStreaming, WithoutABudgetNothingIsKept) {
  const Emb2Cell::Parts parts = randomParts();
  const auto head = openStreamed(saved(parts), 0);
  const Matrix embedding = randomMatrix(2, embeddingSize, 9);
  EXPECT_EQ(head->predict(embedding), Emb2Cell(parts).predict(embedding));
  EXPECT_EQ(head->keptBytes(), 0u);
}

TEST(Emb2CellStreaming, BrokenWeightsHurtOnlyTheCellsTheyBelongTo) {
  Emb2Cell::Parts parts = randomParts();
  const Matrix embedding = randomMatrix(2, embeddingSize, 9);
  const Matrix expected = Emb2Cell(parts).predict(embedding);
  parts.second->weight.bottomRows(100).setConstant(std::numeric_limits<float>::quiet_NaN());
  const auto file = saved(parts);
  const auto head = openStreamed(file);
  const std::vector<std::int64_t> whole{3, 700, 899, 12}, broken{3, 900};
  EXPECT_EQ(head->predict(embedding, whole), expected(Eigen::all, whole));
  EXPECT_EQ(errorCode([&] { head->predict(embedding, broken); }), "TENSOR_NOT_FINITE");
  EXPECT_EQ(errorCode([&] { head->predict(embedding); }), "TENSOR_NOT_FINITE");
  EXPECT_EQ(errorCode([&] { Emb2Cell::open(file); }), "TENSOR_NOT_FINITE")
      << "a small head is read on opening";
}

TEST(Emb2CellStreaming, SixHundredFiftyThousandCellsOpenWithoutBeingRead) {
  constexpr std::int64_t cells = 650'000, bottleneck = 2000;
  const std::uint64_t biasBytes = cells * 4, bytes = std::uint64_t{cells} * bottleneck * 4;
  auto entry = [at = std::uint64_t{0}](const Shape& shape, std::uint64_t size) mutable {
    at += size;
    return nlohmann::json{{"dtype", "F32"}, {"shape", shape}, {"data_offsets", {at - size, at}}};
  };
  nlohmann::json header;
  header["model_head.0.bias"] = entry({bottleneck}, bottleneck * 4);
  header["model_head.0.weight"] = entry({bottleneck, 1}, bottleneck * 4);
  header["model_head.2.bias"] = entry({cells}, biasBytes);
  header["model_head.2.weight"] = entry({cells, bottleneck}, bytes);
  header["__metadata__"] = {{"cellocus", R"({"relu": true, "softplus": true})"}};
  const Vector bias = Vector::LinSpaced(cells, -3, 3);
  const auto file = writeFile("large.safetensors",
                              safetensorsFile(header.dump(), std::string(bottleneck * 8, '\0') +
                                                                 floatBytes(valuesOf(bias))));
  // A hole instead of 5.2 GB of zeros.
  std::filesystem::resize_file(file, std::filesystem::file_size(file) + bytes);

  const auto before = bytesRead();
  const auto head = Emb2Cell::open(file);
  EXPECT_EQ(head->cellCount(), cells);
  EXPECT_EQ(head->keptBytes(), 0u);
  const std::vector<std::int64_t> chosen{649'999, 7};
  const Matrix values = head->predict(Matrix::Ones(2, 1), chosen);
  for (Eigen::Index i = 0; i < 2; ++i)
    EXPECT_NEAR(values(1, i), std::log1p(std::exp(bias[chosen[static_cast<std::size_t>(i)]])),
                1e-5);
  if (before) {
    EXPECT_LT(*bytesRead() - *before, biasBytes + (1u << 20));
  }
  std::filesystem::remove(file);
}

TEST(Emb2CellStreaming, OpeningALightningCheckpointLeavesItsLargeTensorsAlone) {
  const Emb2Cell::Parts parts = randomParts();
  const std::int64_t inputs = parts.first.weight.size(), weights = parts.second->weight.size();
  const std::vector<TensorRecipe> tensors{
      {"model_head.0.weight", {hiddenSize, embeddingSize}, {embeddingSize, 1}, 0, "0", inputs},
      {"model_head.0.bias", {hiddenSize}, {1}, 0, "1", hiddenSize},
      {"model_head.3.weight", {cellCount, hiddenSize}, {hiddenSize, 1}, 0, "2", weights},
      {"model_head.3.bias", {cellCount}, {1}, 0, "3", cellCount}};
  const TensorRecipe moment{"", {cellCount, hiddenSize}, {hiddenSize, 1}, 0, "4", weights};
  auto entries =
      torchEntries(lightningPickle(tensors, moment, false), valuesOf(parts.first.weight));
  const auto addStorage = [&](const std::string& key, const std::string& bytes) {
    ZipEntry& entry = entries.emplace_back();
    entry.name = "model/data/" + key;
    entry.content = bytes;
  };
  addStorage("1", floatBytes(valuesOf(parts.first.bias)));
  addStorage("2", floatBytes(valuesOf(parts.second->weight)));
  addStorage("3", floatBytes(valuesOf(parts.second->bias)));
  addStorage("4", std::string(static_cast<std::size_t>(weights) * 4, '\xff'));
  entries.back().checksum = 1;  // would be noticed by whoever reads it
  const Matrix embedding = randomMatrix(2, embeddingSize, 9);
  const auto head = openStreamed(writeFile("head.ckpt", zipArchive(entries)));
  EXPECT_EQ(head->predict(embedding), Emb2Cell(parts).predict(embedding));

  entries[entries.size() - 3].checksum = 1;
  const auto damaged = openStreamed(writeFile("damaged.ckpt", zipArchive(entries)));
  EXPECT_EQ(damaged->cellCount(), cellCount);
  EXPECT_EQ(errorCode([&] { damaged->predict(embedding); }), "ZIP_CHECKSUM");
}

TEST(Emb2CellStreaming, OpeningALegacyStreamLeavesItsLargeTensorAlone) {
  Emb2Cell::Parts parts = randomParts();
  const Matrix embedding = randomMatrix(2, embeddingSize, 9);
  const Matrix expected = Emb2Cell(parts).predict(embedding);
  parts.second->weight.row(999).setConstant(std::numeric_limits<float>::infinity());
  std::vector<float> values;
  std::vector<TensorRecipe> tensors;
  const auto add = [&](const std::string& name, const Shape& shape, const auto& matrix) {
    const Shape strides = shape.size() == 2 ? Shape{shape[1], 1} : Shape{1};
    tensors.push_back({name, shape, strides, std::ssize(values), "0", 0});
    values.insert(values.end(), matrix.data(), matrix.data() + matrix.size());
  };
  add("model_head.0.weight", {hiddenSize, embeddingSize}, parts.first.weight);
  add("model_head.0.bias", {hiddenSize}, parts.first.bias);
  add("model_head.2.weight", {cellCount, hiddenSize}, parts.second->weight);
  add("model_head.2.bias", {cellCount}, parts.second->bias);
  for (TensorRecipe& tensor : tensors) tensor.storageCount = std::ssize(values);
  const auto head = openStreamed(writeFile(
      "legacy.ckpt", legacyFile(lightningPickle(tensors, tensors.front(), true), values)));
  const std::vector<std::int64_t> cells{998, 0};
  EXPECT_EQ(head->predict(embedding, cells), expected(Eigen::all, cells));
  EXPECT_EQ(errorCode([&] { head->predict(embedding); }), "TENSOR_NOT_FINITE");
}

TEST(Emb2CellStreaming, StopsBetweenTiles) {
  const Threads one(1);
  const auto head = openStreamed(saved(randomParts()));
  std::stop_source stop;
  const Progress progress(stop.get_token(), [&](double fraction, std::string_view) {
    if (fraction > 0.3) stop.request_stop();
  });
  EXPECT_THROW(head->predict(randomMatrix(2, embeddingSize, 9), progress), Cancelled);
  EXPECT_GT(head->keptBytes(), 0u);
  EXPECT_LT(head->keptBytes(), weightBytes);
}

TEST(Emb2CellStreaming, RefusesACellThatTheHeadDoesNotHave) {
  const auto head = openStreamed(saved(randomParts()));
  const Matrix embedding = randomMatrix(1, embeddingSize, 9);
  for (const std::int64_t cell : {std::int64_t{-1}, std::int64_t{cellCount}})
    EXPECT_EQ(errorCode([&] { head->predict(embedding, std::vector{cell}); }), "CELL_UNKNOWN");
  EXPECT_EQ(head->predict(embedding, std::vector<std::int64_t>()).cols(), 0);
}

TEST(Emb2CellStreaming, ASavedCopyIsWhole) {
  const Emb2Cell::Parts parts = randomParts();
  const auto copy = scratchFolder("streamed_copy") / "copy.safetensors";
  openStreamed(saved(parts))->save(copy);
  EXPECT_EQ(Emb2Cell::open(copy)->parts().second->weight, parts.second->weight);
}
