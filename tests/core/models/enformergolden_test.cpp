// SPDX-License-Identifier: GPL-3.0-or-later
// Comparison with enformer-pytorch, stage by stage (conformance/enformer).
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "goldencase.h"

using namespace cellocus;
using namespace cellocus::testing;
using std::filesystem::path;

namespace {

const std::string tiny = "enformer/E1_tiny/", odd = "enformer/E2_tiny_odd/";
constexpr std::int64_t tinyWindow = 8192, oddWindow = 2048;

std::string conformance(const std::string& relative) {
  return "conformance/" + relative;
}

/// Rows of a tab-separated file without its head line.
std::vector<std::vector<std::string>> tableRows(const path& file) {
  std::ifstream stream(file);
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(stream, line);
  while (std::getline(stream, line)) {
    std::istringstream cells(line);
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, '\t');) rows.back().push_back(cell);
  }
  return rows;
}

std::string reversedComplement(const std::string& bases) {
  const std::string from = "ACGTacgt", to = "TGCAtgca";
  std::string result(bases.rbegin(), bases.rend());
  for (char& base : result)
    if (const auto at = from.find(base); at != std::string::npos) base = to[at];
  return result;
}

/// enformer-pytorch's FastaInterval: short intervals grow on both sides, '.' lies outside the
/// contig.
std::string intervalBases(const std::string& contig, std::int64_t start, std::int64_t end,
                          std::int64_t length) {
  if (end - start < length) {
    const std::int64_t extra = length - (end - start);
    start -= extra / 2;
    end += extra - extra / 2;
  }
  std::string bases;
  for (std::int64_t at = start; at < end; ++at)
    bases += at < 0 || at >= static_cast<std::int64_t>(contig.size())
                 ? '.'
                 : contig[static_cast<std::size_t>(at)];
  return bases;
}

void compareSequences(const path& weights, const path& folder, std::int64_t window,
                      const std::string& group) {
  const auto model = loadGolden(weights, window);
  EXPECT_TRUE(model->loadReport().complete());
  EXPECT_TRUE(model->loadReport().unexpected.empty()) << model->loadReport().text();
  const auto records = readFasta(folder / "input.fa");
  for (const std::string& name : goldenChildren(folder / "expected.h5", group))
    compareStages(folder / "expected.h5", group + '/' + name, runStages(*model, records.at(name)));
}

}  // namespace

TEST(EnformerGolden, OneHotCodesEveryLetterAsTheOriginal) {
  const auto records = readFasta(dataPath(tiny + "input.fa"));
  const path expected = dataPath(tiny + "expected.h5");
  for (const std::string& name : goldenChildren(expected, "one_hot"))
    EXPECT_TRUE(
        within(oneHot(records.at(name)), goldenArray(expected, "one_hot/" + name).matrix(), 0))
        << name;
}

TEST(EnformerGolden, EveryStageOfE1AgreesWithTheOriginal) {
  compareSequences(dataPath(tiny + "model.safetensors"), dataPath(tiny), tinyWindow, "sequences");
}

TEST(EnformerGolden, AttentionOfE1AgreesWithTheOriginal) {
  const auto model = loadGolden(dataPath(tiny + "model.safetensors"), tinyWindow);
  const auto records = readFasta(dataPath(tiny + "input.fa"));
  compareStages(dataPath(tiny + "expected.h5"), "attention/e1_plain",
                runStages(*model, records.at("e1_plain")));
}

TEST(EnformerGolden, AllFourFileFormatsOfE1GiveTheSame) {
  CELLOCUS_NEEDS_SHARED("conformance/enformer/E1_tiny/model.bin");
  for (const char* file : {"model.bin", "model_legacy.pt", "model_half.pt", "model.safetensors"}) {
    SCOPED_TRACE(file);
    const path folder = sharedPath(conformance(tiny));
    compareSequences(folder / file, folder, tinyWindow, "sequences");
  }
}

TEST(EnformerGolden, ReverseComplementAgreesWithTheOriginal) {
  const auto model = loadGolden(dataPath(tiny + "model.safetensors"), tinyWindow);
  for (const auto& [name, bases] : readFasta(dataPath(tiny + "input.fa")))
    compareStages(dataPath(tiny + "expected.h5"), "reverse_complement/" + name,
                  runStages(*model, reversedComplement(bases)));
}

TEST(EnformerGolden, IntervalsBeyondAContigArePaddedWithDots) {
  const auto model = loadGolden(dataPath(tiny + "model.safetensors"), tinyWindow);
  const auto contigs = readFasta(dataPath(tiny + "contig.fa"));
  const path expected = dataPath(tiny + "expected.h5");
  for (const auto& row : tableRows(dataPath(tiny + "intervals.tsv"))) {
    SCOPED_TRACE(row[0]);
    const std::string bases =
        intervalBases(contigs.at(row[1]), std::stoll(row[2]), std::stoll(row[3]), tinyWindow);
    EXPECT_TRUE(within(oneHot(bases),
                       goldenArray(expected, "intervals/" + row[0] + "/one_hot").matrix(), 0));
    compareStages(expected, "intervals/" + row[0], runStages(*model, bases));
  }
}

TEST(EnformerGolden, VariantEffectsAgreeWithTheOriginal) {
  const auto model = loadGolden(dataPath(tiny + "model.safetensors"), tinyWindow);
  const path expected = dataPath(tiny + "expected.h5");
  const auto records = readFasta(dataPath(tiny + "input.fa"));
  const auto rows = tableRows(dataPath(tiny + "variants.tsv"));
  for (const char* head : {"human", "mouse"}) {
    const GoldenArray alternative = goldenArray(expected, std::string("variants/alt_") + head);
    const Matrix scores = goldenArray(expected, std::string("variants/SAD_") + head).matrix();
    const std::int64_t bins = alternative.shape[1], tracks = alternative.shape[2];
    for (std::size_t i = 0; i < rows.size(); ++i) {
      SCOPED_TRACE(rows[i][1] + rows[i][2] + '>' + rows[i][3]);
      std::string bases = records.at(rows[i][0]);
      const Matrix before = runStages(*model, bases).heads.at(head);
      const auto position = std::stoul(rows[i][1]);
      ASSERT_EQ(bases[position], rows[i][2][0]);
      bases[position] = rows[i][3][0];
      const Matrix after = runStages(*model, bases).heads.at(head);
      const Eigen::Map<const Eigen::Matrix<double, -1, -1, Eigen::RowMajor>> golden(
          alternative.values.data() + static_cast<std::int64_t>(i) * bins * tracks, bins, tracks);
      EXPECT_TRUE(within(after, golden.cast<float>(), 3e-4));
      const Matrix score = (after - before).colwise().sum();
      EXPECT_TRUE(within(score, scores.row(static_cast<Eigen::Index>(i)), 5e-4));
    }
  }
}

TEST(EnformerGolden, PositionalFeaturesAgreeWithTheOriginal) {
  const Matrix tinyFeatures =
      goldenArray(dataPath(tiny + "expected.h5"), "positional_features").matrix();
  EXPECT_TRUE(within(relativePositionFeatures(64, 24, Gamma::Torch), tinyFeatures, 1e-6));
  const path expected = dataPath(odd + "expected.h5");
  for (const std::string& name : goldenChildren(expected, "positional_features")) {
    if (name.ends_with("_f32ref")) continue;
    const Matrix golden = goldenArray(expected, "positional_features/" + name).matrix();
    const std::int64_t tokens = (golden.rows() + 1) / 2;
    EXPECT_TRUE(within(relativePositionFeatures(tokens, 48, Gamma::Torch), golden, 1e-6)) << name;
  }
}

TEST(EnformerGolden, LengthsThatAreOddAtSomeLevelAgreeWithTheOriginal) {
  compareSequences(dataPath(odd + "model.safetensors"), dataPath(odd), oddWindow, "uncropped");
}

TEST(EnformerGolden, AllStagesOfE2AgreeFromWeightsStoredAsViews) {
  CELLOCUS_NEEDS_SHARED("conformance/enformer/E2_tiny_odd/model_views.bin");
  const path folder = sharedPath(conformance(odd));
  compareSequences(folder / "model_views.bin", folder, oddWindow, "uncropped");
}

TEST(EnformerGolden, BFloat16WeightsAgreeWithTheOriginal) {
  CELLOCUS_NEEDS_SHARED("conformance/enformer/E2_tiny_odd/model_bf16.safetensors");
  const path folder = sharedPath(conformance(odd));
  compareSequences(folder / "model_bf16.safetensors", folder, oddWindow, "uncropped_bf16_weights");
}

TEST(EnformerGolden, TowerChannelsAreRoundedAsPythonDoes) {
  const GoldenArray golden = goldenArray(dataPath(odd + "expected.h5"), "conv_tower_channels");
  const auto channels = EnformerConfig::read(dataPath(odd + "config.json")).towerChannels();
  EXPECT_EQ(std::vector<double>(channels.begin(), channels.end()), golden.values);
}

TEST(EnformerGolden, CropsAgreeWithTheOriginalAndItsErrors) {
  const path expected = dataPath(odd + "expected.h5");
  const auto model = loadGolden(dataPath(odd + "model.safetensors"), oddWindow);
  int errors = 0;
  for (const auto& [name, bases] : readFasta(dataPath(odd + "input.fa"))) {
    const Matrix all = runStages(*model, bases).heads.at("human");
    for (const std::string& crop : goldenChildren(expected, "cropped/" + name)) {
      SCOPED_TRACE(name + ' ' + crop);
      EnformerConfig config = model->config();
      config.targetLength = std::stoll(crop.substr(crop.find('_') + 1));
      const std::string group = "cropped/" + name + '/' + crop;
      if (!goldenAttribute(expected, group, "error").empty()) {
        ++errors;
        EXPECT_THROW(config.croppedBins(all.rows()), Error);
        continue;
      }
      const BinRange kept = config.croppedBins(all.rows());
      EXPECT_TRUE(within(all.middleRows(kept.first, kept.count()),
                         goldenArray(expected, group + "/human").matrix(), 3e-4));
    }
  }
  EXPECT_GT(errors, 10);
}

namespace {

/// The rows of `all` whose numbers an attribute lists.
Matrix rowsAt(const Matrix& all, const std::string& numbers) {
  std::istringstream stream(numbers);
  std::vector<Eigen::Index> rows;
  for (double row; stream >> row;) rows.push_back(static_cast<Eigen::Index>(row));
  return all(rows, Eigen::all);
}

/// Every 8th row.
Matrix everyEighth(const Matrix& all) {
  return all(Eigen::seq(0, all.rows() - 1, 8), Eigen::all);
}

}  // namespace

TEST(EnformerGolden, WholeWindowWithTensorFlowGammaAgreesWithTheOriginal) {
  const std::string folder = conformance("enformer/E3_full_window/");
  CELLOCUS_NEEDS_SHARED(folder);
  const path expected = sharedPath(folder + "expected.h5");
  const auto model = Enformer::open(sharedPath(folder));
  ASSERT_EQ(model->config().gamma, Gamma::TensorFlow);
  const std::string bases = readFasta(sharedPath(folder + "input.fa.gz")).at("e3_window");
  const Stages stages = runStages(*model, bases);
  for (const std::string& name : goldenChildren(expected, "trunk_slices")) {
    const std::string dataset = "trunk_slices/" + name;
    const Matrix rows =
        rowsAt(stages.seen.at(name), goldenAttribute(expected, dataset, "positions"));
    EXPECT_TRUE(within(rows, goldenArray(expected, dataset).matrix(true), 3e-4)) << name;
  }
  for (const char* name : {"transformer_in", "transformer_0", "transformer_1"})
    EXPECT_TRUE(
        within(everyEighth(stages.seen.at(name)), goldenArray(expected, name).matrix(), 3e-4))
        << name;
  for (const std::string name : {"attn_0", "attn_1"}) {
    const Matrix rows =
        rowsAt(stages.seen.at(name + "/head_0"), goldenAttribute(expected, name, "query_bins"));
    GoldenArray golden = goldenArray(expected, name);
    golden.shape.erase(golden.shape.begin());
    EXPECT_TRUE(within(rows, golden.matrix(), 1e-4)) << name;
  }
  EXPECT_TRUE(within(stages.embedding, goldenArray(expected, "embedding").matrix(), 3e-4));
  for (const char* head : {"human", "mouse"})
    EXPECT_TRUE(within(stages.heads.at(head), goldenArray(expected, head).matrix(), 3e-4)) << head;
}

TEST(EnformerGolden, WholeWindowWithTorchGammaAgreesWithTheOriginal) {
  const std::string folder = conformance("enformer/E3_full_window/");
  CELLOCUS_NEEDS_SHARED(folder);
  const path expected = sharedPath(folder + "expected.h5");
  const auto model = Enformer::open(sharedPath(folder), {.gamma = Gamma::Torch});
  const std::string bases = readFasta(sharedPath(folder + "input.fa.gz")).at("e3_window");
  const BinRange kept = model->config().croppedBins(1536);
  const Matrix embedding = model->trunk(model->tower(bases), kept);
  EXPECT_TRUE(
      within(embedding, goldenArray(expected, "use_tf_gamma_false/embedding").matrix(), 1e-3));
  for (const char* head : {"human", "mouse"})
    EXPECT_TRUE(within(model->tracks(embedding, head),
                       goldenArray(expected, std::string("use_tf_gamma_false/") + head).matrix(),
                       1e-3));
}

TEST(EnformerGolden, ComputedGammaFeaturesComeCloseToThePublishedTable) {
  const std::string file = conformance("enformer/E3_full_window/expected.h5");
  CELLOCUS_NEEDS_SHARED(file);
  const Matrix table = goldenArray(sharedPath(file), "tf_gamma_table").matrix();
  const Matrix computed = relativePositionFeatures(1536, 192, Gamma::TensorFlow).middleCols(64, 32);
  EXPECT_TRUE(within(computed, table, 2.5e-3));
  EXPECT_LT((computed - table).cwiseAbs().mean(), 5e-6);
}

TEST(EnformerGolden, TheUsersOwnGammaTableIsTaken) {
  CELLOCUS_NEEDS_SHARED("data/enformer/tf_gammas.pt");
  const std::string folder = conformance("enformer/E3_full_window/");
  CELLOCUS_NEEDS_SHARED(folder);
  const path copy = scratchFolder("gamma_table");
  for (const char* file : {"config.json", "pytorch_model.bin"})
    std::filesystem::copy_file(sharedPath(folder + file), copy / file);
  std::filesystem::copy_file(sharedPath("data/enformer/tf_gammas.pt"), copy / "tf_gammas.pt");
  const auto model = Enformer::open(copy);
  EXPECT_EQ(model->config().gammaTable, copy / "tf_gammas.pt");
  const std::string bases = readFasta(sharedPath(folder + "input.fa.gz")).at("e3_window");
  const Matrix embedding = model->trunk(model->tower(bases), model->config().croppedBins(1536));
  const Matrix golden = goldenArray(sharedPath(folder + "expected.h5"), "embedding").matrix();
  EXPECT_TRUE(within(embedding, golden, 1e-4));  // closer than the computed features come
}
