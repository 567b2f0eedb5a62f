// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/enformer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <random>
#include <thread>

#include "base/parallel.h"
#include "enformertensors.h"
#include "goldencase.h"
#include "models/enformernames.h"
#include "nn/packedproduct.h"

using namespace cellocus;
using namespace cellocus::testing;
using ::testing::HasSubstr;

namespace {

const std::string tiny = "enformer/E1_tiny/";

std::shared_ptr<const Enformer> tinyModel(std::int64_t window = 8192) {
  return loadGolden(dataPath(tiny + "model.safetensors"), window);
}

std::string tinyBases(const std::string& name = "e1_withN") {
  return readFasta(dataPath(tiny + "input.fa")).at(name);
}

std::string randomBases(std::size_t count) {
  std::mt19937 random(7);
  std::string bases(count, 'A');
  for (char& base : bases) base = "ACGT"[random() % 4];
  return bases;
}

/// The tensors of E1 under their stored names.
std::vector<NamedTensor> tinyTensors() {
  const auto checkpoint = Checkpoint::open(dataPath(tiny + "model.safetensors"));
  std::vector<NamedTensor> tensors;
  for (const TensorInfo& tensor : checkpoint->tensors())
    tensors.push_back({tensor.name, tensor.shape, checkpoint->read(tensor.name)});
  return tensors;
}

EnformerConfig tinyConfig() {
  EnformerConfig config = EnformerConfig::read(dataPath(tiny + "config.json"));
  config.windowLength = 8192;
  return config;
}

Error errorOfLoading(const std::vector<NamedTensor>& tensors) {
  const auto file = scratchFolder("broken_model") / "model.safetensors";
  writeSafetensors(file, tensors);
  try {
    Enformer::load(Checkpoint::open(file), tinyConfig());
  } catch (const Error& error) {
    return error;
  }
  return Error("", "", "nothing was thrown");
}

double largestDifference(const Matrix& a, const Matrix& b) {
  return (a - b).cwiseAbs().maxCoeff();
}

double rms(const Matrix& values) {
  return std::sqrt(values.cast<double>().squaredNorm() / static_cast<double>(values.size()));
}

/// Sets the number of threads back at the end of a test.
struct Threads {
  explicit Threads(int count) { setThreadCount(count); }
  ~Threads() { setThreadCount(static_cast<int>(std::thread::hardware_concurrency())); }
};

}  // namespace

TEST(Enformer, AnyPieceOfTheTowerEqualsTheSameRowsOfTheWhole) {
  const auto model = tinyModel();
  const std::string bases = tinyBases();
  const Matrix whole = model->tower(bases, {0, 64});
  for (const std::int64_t size : {1, 3, 7, 40}) {
    double largest = 0;
    for (std::int64_t first = 0; first < 64; first += size) {
      const BinRange piece{first, std::min<std::int64_t>(64, first + size)};
      largest = std::max(largest, largestDifference(model->tower(bases, piece),
                                                    whole.middleRows(first, piece.count())));
    }
    EXPECT_LE(largest, 1e-5 * rms(whole)) << "pieces of " << size;
  }
}

TEST(Enformer, PiecesOfSequencesOfOddLengthEqualTheWhole) {
  const auto model = loadGolden(dataPath("enformer/E2_tiny_odd/model.safetensors"), 2048);
  for (const auto& [name, bases] : readFasta(dataPath("enformer/E2_tiny_odd/input.fa"))) {
    const auto tokens = (static_cast<std::int64_t>(bases.size()) + 31) / 32;
    const Matrix whole = model->tower(bases, {0, tokens});
    for (std::int64_t token = 0; token < tokens; ++token)
      EXPECT_LE(largestDifference(model->tower(bases, {token, token + 1}), whole.row(token)),
                1e-5 * rms(whole))
          << name << ", token " << token;
  }
}

TEST(Enformer, ABaseReachesOnlyTheTokensThatTheModelSays) {
  const auto model = tinyModel();
  ASSERT_EQ(model->towerReachInTokens(), 3);
  std::string bases = tinyBases("e1_plain");
  const Matrix before = model->tower(bases);
  bases[4100] = bases[4100] == 'A' ? 'C' : 'A';
  const Matrix after = model->tower(bases);
  const std::int64_t token = 4100 / 128, reach = model->towerReachInTokens();
  EXPECT_GT(largestDifference(before.row(token), after.row(token)), 1e-3);
  EXPECT_EQ(largestDifference(before.topRows(token - reach), after.topRows(token - reach)), 0);
  const std::int64_t rest = 64 - token - reach - 1;
  EXPECT_EQ(largestDifference(before.bottomRows(rest), after.bottomRows(rest)), 0);
}

TEST(Enformer, SomeBinsAloneEqualTheSameRowsOfAllBins) {
  const auto model = tinyModel();
  const Matrix tower = model->tower(tinyBases());
  const Matrix all = model->trunk(tower, {0, 64});
  EXPECT_LE(largestDifference(model->trunk(tower, {31, 32}), all.row(31)), 1e-5);
  EXPECT_LE(largestDifference(model->trunk(tower, {12, 52}), all.middleRows(12, 40)), 1e-5);
}

TEST(Enformer, TheNumberOfThreadsDoesNotChangeTheResult) {
  const auto model = tinyModel();
  const std::string bases = tinyBases();
  Matrix one, seven;
  {
    const Threads threads(1);
    one = runStages(*model, bases).embedding;
  }
  {
    const Threads threads(7);
    seven = runStages(*model, bases).embedding;
  }
  EXPECT_LE(rms(one - seven), 1e-6 * rms(one));
}

TEST(Enformer, InBFloat16ItAgreesRoughlyAndRefusesEdits) {
  if (!nn::canMultiply(Precision::BFloat16)) GTEST_SKIP() << "this processor has no bfloat16";
  const auto exact = tinyModel();
  EnformerConfig config = exact->config();
  config.precision = Precision::BFloat16;
  const auto rough = Enformer::load(Checkpoint::open(exact->path()), config);
  const std::string bases = tinyBases();
  const Matrix embedding = rough->trunk(rough->tower(bases), {12, 52});
  const Matrix same = exact->trunk(exact->tower(bases), {12, 52});
  EXPECT_LE(rms(embedding - same), 0.08 * rms(same));
  EXPECT_GE(rms(embedding - same), 1e-4 * rms(same)) << "it was not computed in bfloat16";
  try {
    rough->prepare(bases, rough->tower(bases), {{20, 30}});
    FAIL() << "a difference was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "PRECISION_TOO_LOW");
  }
}

TEST(Enformer, EmbeddingsStayAboveTheMinimumOfGelu) {
  EXPECT_GE(runStages(*tinyModel(), tinyBases()).embedding.minCoeff(), -0.1637f);
}

TEST(Enformer, LettersAreCodedAsByTheOriginal) {
  Matrix expected = Matrix::Zero(9, 4);
  expected.row(3).setConstant(0.25f);
  for (const auto& [row, column] : {std::pair{4, 0}, {5, 1}, {6, 2}, {7, 3}, {8, 3}})
    expected(row, column) = 1;
  EXPECT_EQ(oneHot("RYN.acgtT"), expected);
}

TEST(Enformer, PicksTracksInTheOrderAskedFor) {
  const auto model = tinyModel();
  const Matrix embedding = runStages(*model, tinyBases()).embedding;
  const Matrix all = model->tracks(embedding, "human");
  const std::vector<std::int64_t> wanted{7, 0, 11};
  const Matrix some = model->tracks(embedding, "human", wanted);
  ASSERT_EQ(some.cols(), 3);
  for (Eigen::Index i = 0; i < 3; ++i)
    EXPECT_LE(largestDifference(some.col(i), all.col(wanted[static_cast<std::size_t>(i)])), 2e-6);
}

TEST(Enformer, RefusesUnknownHeadsAndTracks) {
  const auto model = tinyModel();
  const Matrix embedding = Matrix::Zero(1, 192);
  const std::vector<std::int64_t> beyond{12};
  const auto codeOf = [&](auto call) -> std::string {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    return "nothing was thrown";
  };
  EXPECT_EQ(codeOf([&] { model->tracks(embedding, "rat"); }), "HEAD_UNKNOWN");
  EXPECT_EQ(codeOf([&] { model->tracks(embedding, "human", beyond); }), "TRACK_UNKNOWN");
  EXPECT_EQ(codeOf([&] { model->tracks(Matrix::Zero(1, 100), "human"); }), "EMBEDDING_SIZE");
  EXPECT_EQ(codeOf([&] { model->tower("ACGT", {0, 2}); }), "WINDOW_TOO_SHORT");
  EXPECT_EQ(codeOf([&] { model->trunk(Matrix::Zero(3, 96), {2, 4}); }), "WINDOW_TOO_SHORT");
}

TEST(Enformer, AMissingTensorIsRefusedByItsName) {
  std::vector<NamedTensor> tensors = tinyTensors();
  std::erase_if(tensors, [](const NamedTensor& tensor) {
    return enformerCanonicalName(tensor.name) == "conv_tower.2.0.2.weight";
  });
  const Error error = errorOfLoading(tensors);
  EXPECT_EQ(error.code(), "MODEL_INCOMPLETE");
  EXPECT_THAT(error.what(), HasSubstr("conv_tower.2.0.2.weight"));
}

TEST(Enformer, ATensorOfAnotherShapeIsRefusedWithBothShapes) {
  std::vector<NamedTensor> tensors = tinyTensors();
  for (NamedTensor& tensor : tensors)
    if (enformerCanonicalName(tensor.name) == "transformer.1.0.fn.1.to_q.weight")
      tensor = {tensor.name, {32, 192}, tensor.values};
  const Error error = errorOfLoading(tensors);
  EXPECT_EQ(error.code(), "MODEL_INCOMPLETE");
  EXPECT_THAT(error.what(), HasSubstr("[64, 96]"));
  EXPECT_THAT(error.what(), HasSubstr("[32, 192]"));
}

TEST(Enformer, ReadsTheNamesOfALightningCheckpoint) {
  std::vector<NamedTensor> tensors = tinyTensors();
  for (NamedTensor& tensor : tensors) {
    const std::vector<std::string> aliases = enformerAliases(enformerCanonicalName(tensor.name));
    if (!aliases.empty()) tensor.name = aliases.back();
  }
  const auto file = scratchFolder("lightning_names") / "model.safetensors";
  writeSafetensors(file, tensors);
  const auto model = Enformer::load(Checkpoint::open(file), tinyConfig());
  EXPECT_EQ(runStages(*model, tinyBases()).embedding,
            runStages(*tinyModel(), tinyBases()).embedding);
}

TEST(Enformer, OpensAWeightsFileWithoutItsConfig) {
  const auto folder = scratchFolder("no_config");
  std::filesystem::copy_file(dataPath(tiny + "model.safetensors"), folder / "weights.safetensors");
  const auto model = Enformer::open(folder);
  const EnformerConfig& config = model->config();
  EXPECT_EQ(config.dim, 96);
  EXPECT_EQ(config.depth, 2);
  EXPECT_EQ(config.heads, 4);
  EXPECT_EQ(config.keyDim, 16);
  EXPECT_EQ(config.downsamples, 7);
  EXPECT_EQ(config.towerChannels(), tinyConfig().towerChannels());
  ASSERT_EQ(config.outputHeads.size(), 2u);
  EXPECT_EQ(model->path(), folder / "weights.safetensors");
}

TEST(Enformer, ZeroBranchesAreLeftOutWithoutChangingTheResult) {
  EnformerConfig config;
  config.dim = 24;
  config.depth = 1;
  config.heads = 2;
  config.keyDim = 6;
  config.targetLength = -1;
  config.downsamples = 3;
  config.dimDivisibleBy = 4;
  config.windowLength = 64;
  config.gamma = Gamma::Torch;
  config.outputHeads = {{"human", 3}};
  // Nearly zero is computed in full, exactly zero is skipped; the outputs must be the same to
  // rounding.
  const auto outputs = [&](float small) {
    const auto fill = [&](const std::string& name, const Shape& shape) {
      std::vector<float> values = portableValues(name, shape);
      const bool branch =
          name.find(".1.fn.2.") != std::string::npos || name.find(".fn.4.") != std::string::npos;
      const bool pool = name.find("to_attn_logits") != std::string::npos;
      const bool taps =
          name.find("0.2.weight") != std::string::npos && shape.size() == 3 && shape[2] == 5;
      for (std::size_t i = 0; i < values.size(); ++i) {
        const bool offDiagonal = pool && i / static_cast<std::size_t>(shape[0]) !=
                                             i % static_cast<std::size_t>(shape[0]);
        if (branch || offDiagonal || (taps && i % 5 != 2)) values[i] = small;
      }
      return values;
    };
    const auto file = scratchFolder("zero_branches") / "model.safetensors";
    writeSafetensors(file, enformerTensors(config, fill));
    return runStages(*Enformer::load(Checkpoint::open(file), config), randomBases(64))
        .heads.at("human");
  };
  EXPECT_LE(largestDifference(outputs(0), outputs(1e-12f)), 2e-6);
}

TEST(Enformer, StopsBeforeItsFirstStepIfAskedTo) {
  const auto model = tinyModel();
  std::stop_source stop;
  stop.request_stop();
  const Progress progress(stop.get_token());
  EXPECT_THROW(model->tower(tinyBases(), progress), Cancelled);
  EXPECT_THROW(model->trunk(Matrix::Zero(64, 96), {0, 64}, progress), Cancelled);
}

TEST(Enformer, StopsWithinAFifthOfASecond) {
  const auto model = tinyModel(1 << 20);
  const std::string bases = randomBases(1 << 20);
  std::stop_source stop;
  std::chrono::steady_clock::time_point asked;
  const Progress progress(stop.get_token(), [&](double fraction, std::string_view) {
    if (fraction > 0.1 && !stop.stop_requested()) {
      asked = std::chrono::steady_clock::now();
      stop.request_stop();
    }
  });
  EXPECT_THROW(model->tower(bases, progress), Cancelled);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - asked;
  EXPECT_LT(took.count(), 0.2);
}

TEST(Enformer, ProgressOnlyGrowsFromNothingToOne) {
  const auto model = tinyModel();
  double last = 0;
  bool grows = true;
  const Progress progress({}, [&](double fraction, std::string_view) {
    grows = grows && fraction >= last - 1e-9 && fraction <= 1;
    last = fraction;
  });
  model->tower(tinyBases(), progress);
  EXPECT_TRUE(grows);
  EXPECT_GT(last, 0.5);
}
