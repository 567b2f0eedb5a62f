// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <thread>

#include "base/parallel.h"
#include "enformertensors.h"
#include "goldencase.h"
#include "models/enformer.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

double rms(const Matrix& values) {
  return std::sqrt(values.cast<double>().squaredNorm() / static_cast<double>(values.size()));
}

/// Largest difference as a share of the root mean square.
double relativeDifference(const Matrix& values, const Matrix& expected) {
  return (values - expected).cwiseAbs().maxCoeff() / rms(expected);
}

/// The golden model of 64 tokens and one with portable weights, as wide as the demo's, of 160.
struct Example {
  std::shared_ptr<const Enformer> model;
  std::string bases;
};

Example golden() {
  return {loadGolden(dataPath("enformer/E1_tiny/model.safetensors"), 8192),
          readFasta(dataPath("enformer/E1_tiny/input.fa")).at("e1_plain")};
}

Example wide() {
  EnformerConfig config;
  config.dim = 96;
  config.depth = 3;
  config.heads = 4;
  config.keyDim = 16;
  config.targetLength = 100;
  config.dimDivisibleBy = 12;
  config.windowLength = 160 * 128;
  const auto file = scratchFolder("edit_site") / "model.safetensors";
  writeSafetensors(file, enformerTensors(config, portableValues));
  std::mt19937 random(3);
  std::string bases(static_cast<std::size_t>(config.windowLength), 'A');
  for (char& base : bases) base = "ACGT"[random() % 4];
  return {Enformer::load(Checkpoint::open(file), config), bases};
}

std::string substituted(std::string bases, const std::vector<std::int64_t>& positions) {
  for (const std::int64_t position : positions) {
    char& base = bases[static_cast<std::size_t>(position)];
    base = base == 'A' ? 'C' : 'A';
  }
  return bases;
}

/// The tokens that these bases reach, neighbours and overlaps joined.
std::vector<BinRange> reached(const Enformer& model, const std::string& bases,
                              const std::vector<std::int64_t>& positions) {
  std::vector<BinRange> ranges;
  for (const std::int64_t position : positions) {
    const BinRange own = model.tokensReached(position, static_cast<std::int64_t>(bases.size()));
    if (!ranges.empty() && own.first <= ranges.back().last)
      ranges.back().last = std::max(ranges.back().last, own.last);
    else
      ranges.push_back(own);
  }
  return ranges;
}

void expectTheFullPass(const Example& example, const std::vector<std::int64_t>& positions) {
  const Enformer& model = *example.model;
  const BinRange all{0, model.config().tokenCount()};
  const Matrix tokens = model.tower(example.bases);
  const auto site = model.prepare(example.bases, tokens, reached(model, example.bases, positions));
  const std::string edited = substituted(example.bases, positions);
  ASSERT_TRUE(site->accepts(edited));
  const Matrix full = model.trunk(model.tower(edited), all);
  EXPECT_GT(relativeDifference(full, model.trunk(tokens, all)), 1e-4) << "nothing changed";
  EXPECT_LE(relativeDifference(model.trunk(*site, edited, all), full), 1e-5);
  const std::int64_t token = all.count() / 2;
  EXPECT_LE(relativeDifference(model.trunk(*site, edited, {token, token + 1}), full.row(token)),
            1e-5);
}

}  // namespace

TEST(EditSite, ASubstitutionAnywhereGivesWhatTheFullPassGives) {
  for (const Example& example : {golden(), wide()}) {
    const auto length = static_cast<std::int64_t>(example.bases.size());
    const std::vector<std::int64_t> positions{
        length / 2, length / 2 + 63, length / 2 + 64, length / 2 - 1, length / 3, 1024, 0, 1, 322,
        323,        length - 1,      length - 324};
    for (const std::int64_t position : positions) {
      SCOPED_TRACE(position);
      expectTheFullPass(example, {position});
    }
  }
}

TEST(EditSite, SeveralSubstitutionsAtOnceGiveWhatTheFullPassGives) {
  for (const Example& example : {golden(), wide()}) {
    expectTheFullPass(example, {4000, 4001, 4200});
    expectTheFullPass(example, {0, 2500, 5000, 8191});
    expectTheFullPass(example, {100, 900, 1700, 2500, 3300, 4100, 4900, 5700});
  }
}

TEST(EditSite, OneSiteServesAllItsSubstitutionsAndTheReference) {
  const Example example = wide();
  const Enformer& model = *example.model;
  const BinRange kept = model.config().croppedBins(model.config().tokenCount());
  const Matrix tokens = model.tower(example.bases);
  const auto site = model.prepare(example.bases, tokens, {{70, 90}});
  EXPECT_LE(relativeDifference(model.trunk(*site, example.bases, kept), model.trunk(tokens, kept)),
            1e-5);
  for (std::int64_t position = 73 * 128; position < 86 * 128; position += 397) {
    const std::string edited = substituted(example.bases, {position});
    ASSERT_TRUE(site->accepts(edited)) << position;
    EXPECT_LE(relativeDifference(model.trunk(*site, edited, kept),
                                 model.trunk(model.tower(edited), kept)),
              1e-5)
        << position;
  }
}

TEST(EditSite, SequencesThatGoTogetherGiveWhatEachGivesAlone) {
  for (const Example& example : {golden(), wide()}) {
    const Enformer& model = *example.model;
    const auto length = static_cast<std::int64_t>(example.bases.size());
    const BinRange all{0, model.config().tokenCount()};
    const auto site = model.prepare(example.bases, model.tower(example.bases),
                                    {{0, 8}, {20, 40}, {all.last - 6, all.last}});
    // More than go together, some with changes at several places, one without any.
    std::vector<std::string> edited{example.bases};
    for (std::int64_t position = 24 * 128; position < 36 * 128; position += 97)
      edited.push_back(substituted(example.bases, {position}));
    for (const std::int64_t position : {0L, 5L, 400L, length - 1})
      edited.push_back(substituted(example.bases, {position, 30 * 128, length - 200}));
    const std::vector<std::string_view> views(edited.begin(), edited.end());
    std::size_t seen = 0;
    model.trunks(*site, views, all, [&](std::size_t i, const Matrix& embedding) {
      EXPECT_EQ(i, seen++);
      EXPECT_LE(relativeDifference(embedding, model.trunk(model.tower(edited[i]), all)), 1e-5) << i;
    });
    EXPECT_EQ(seen, edited.size());
  }
}

TEST(EditSite, AcceptsOnlySubstitutionsThatReachItsTokens) {
  const Example example = wide();
  const auto site =
      example.model->prepare(example.bases, example.model->tower(example.bases), {{70, 90}});
  EXPECT_TRUE(site->accepts(substituted(example.bases, {80 * 128})));
  EXPECT_FALSE(site->accepts(substituted(example.bases, {70 * 128})));
  EXPECT_FALSE(site->accepts(substituted(example.bases, {80 * 128, 90 * 128 + 400})));
  EXPECT_FALSE(site->accepts(example.bases.substr(1)));
}

TEST(EditSite, TheTokensSaidToBeReachedAreThoseThatChange) {
  const Example example = golden();
  const Matrix before = example.model->tower(example.bases);
  for (const std::int64_t position : {4100L, 4096L, 4223L, 0L, 8191L, 300L}) {
    const Matrix after = example.model->tower(substituted(example.bases, {position}));
    const BinRange said = example.model->tokensReached(position, 8192);
    for (std::int64_t token = 0; token < 64; ++token)
      EXPECT_EQ((before.row(token) - after.row(token)).cwiseAbs().maxCoeff() > 1e-6,
                token >= said.first && token < said.last)
          << "token " << token << ", base " << position;
  }
}

TEST(EditSite, TheNumberOfThreadsDoesNotChangeTheResult) {
  const Example example = wide();
  const Enformer& model = *example.model;
  const BinRange kept = model.config().croppedBins(model.config().tokenCount());
  const std::string edited = substituted(example.bases, {80 * 128});
  const auto result = [&](int threads) {
    setThreadCount(threads);
    const auto site = model.prepare(example.bases, model.tower(example.bases), {{70, 90}});
    const Matrix embedding = model.trunk(*site, edited, kept);
    setThreadCount(static_cast<int>(std::thread::hardware_concurrency()));
    return embedding;
  };
  const Matrix one = result(1);
  EXPECT_LE(rms(result(7) - one), 1e-6 * rms(one));
}

TEST(EditSite, StopsWhenAsked) {
  const Example example = wide();
  std::stop_source stop;
  stop.request_stop();
  const Progress stopped(stop.get_token());
  const Matrix tokens = example.model->tower(example.bases);
  EXPECT_THROW(example.model->prepare(example.bases, tokens, {{70, 90}}, stopped), Cancelled);
  const auto site = example.model->prepare(example.bases, tokens, {{70, 90}});
  EXPECT_THROW(example.model->trunk(*site, example.bases, {50, 60}, stopped), Cancelled);
}
