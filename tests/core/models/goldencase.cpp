// SPDX-License-Identifier: GPL-3.0-or-later
#include "goldencase.h"

#include <zlib.h>

#include <stdexcept>

namespace cellocus::testing {

namespace {

double toleranceOf(const std::string& stage) {
  if (stage.starts_with("attn_")) return 1e-4;
  if (stage.find("_logits_") != std::string::npos) return 1e-3;
  return 3e-4;
}

/// [head, query, key] against one observed matrix a head.
void compareHeads(const GoldenArray& golden, const std::string& stage, const Stages& stages) {
  const std::int64_t heads = golden.shape[0], queries = golden.shape[1], keys = golden.shape[2];
  for (std::int64_t head = 0; head < heads; ++head) {
    const std::string name = stage + "/head_" + std::to_string(head);
    ASSERT_TRUE(stages.seen.contains(name)) << name;
    const Eigen::Map<const Eigen::Matrix<double, -1, -1, Eigen::RowMajor>> expected(
        golden.values.data() + head * queries * keys, queries, keys);
    EXPECT_TRUE(within(stages.seen.at(name), expected.cast<float>(), toleranceOf(stage))) << name;
  }
}

}  // namespace

std::map<std::string, std::string> readFasta(const std::filesystem::path& path) {
  const gzFile file = gzopen(path.c_str(), "rb");
  if (!file) throw std::runtime_error("cannot read " + path.string());
  std::map<std::string, std::string> records;
  std::string text, name;
  char buffer[65536];
  for (int count; (count = gzread(file, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(count));
  gzclose(file);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    if (line.starts_with('>'))
      name = line.substr(1, line.find(' ') - 1);
    else
      records[name] += line;
    at = end + 1;
  }
  return records;
}

Stages runStages(const Enformer& model, const std::string& bases) {
  Stages stages;
  const auto observer = [&](const std::string& stage, const Matrix& rows) {
    stages.seen[stage] = rows;
  };
  const std::int64_t bin = model.config().binSize();
  const std::int64_t tokens = (static_cast<std::int64_t>(bases.size()) + bin - 1) / bin;
  const Matrix tower = model.tower(bases, {0, tokens}, {}, observer);
  const Matrix all = model.trunk(tower, {0, tokens}, {}, observer);
  const BinRange kept = model.config().croppedBins(tokens);
  stages.embedding = all.middleRows(kept.first, kept.count());
  for (const EnformerConfig::Head& head : model.config().outputHeads)
    stages.heads[head.name] = model.tracks(stages.embedding, head.name);
  return stages;
}

std::shared_ptr<const Enformer> loadGolden(const std::filesystem::path& weights,
                                           std::int64_t window, std::int64_t targetLength) {
  EnformerConfig config = EnformerConfig::read(weights.parent_path() / "config.json");
  config.windowLength = window;
  if (targetLength != 0) config.targetLength = targetLength;
  return Enformer::load(Checkpoint::open(weights), config);
}

void compareStages(const std::filesystem::path& file, const std::string& group,
                   const Stages& stages) {
  int compared = 0;
  for (const std::string& name : goldenChildren(file, group)) {
    if (name.ends_with("_f32ref") || name == "one_hot") continue;
    SCOPED_TRACE(group + '/' + name);
    const GoldenArray golden = goldenArray(file, group + '/' + name);
    const bool convolution = name == "stem" || name.starts_with("conv_tower_");
    ++compared;
    if (name == "embedding") {
      EXPECT_TRUE(within(stages.embedding, golden.matrix(), toleranceOf(name)));
    } else if (stages.heads.contains(name)) {
      EXPECT_TRUE(within(stages.heads.at(name), golden.matrix(), toleranceOf(name)));
    } else if (golden.shape.size() == 3) {
      compareHeads(golden, name, stages);
    } else if (stages.seen.contains(name)) {
      EXPECT_TRUE(within(stages.seen.at(name), golden.matrix(convolution), toleranceOf(name)));
    } else {
      ADD_FAILURE() << "the model did not report this stage";
    }
  }
  EXPECT_GT(compared, 0) << group;
}

}  // namespace cellocus::testing
