// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/weightreader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "core/weights/torchbuilder.h"

namespace cellocus {
namespace {

using ::testing::ElementsAre;
using testing::errorCode;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::shared_ptr<const Checkpoint> stored(const std::vector<NamedTensor>& tensors) {
  const auto path = testing::writeFile("model.safetensors", "");
  writeSafetensors(path, tensors);
  return Checkpoint::open(path);
}

std::vector<std::string> stemOrTrunk(const std::string& name) {
  return {name, "_trunk." + name};
}

TEST(WeightReader, HandsOutTensorsAndKeepsTheBooks) {
  WeightReader reader(
      stored({{"a", {2}, {1, 2}}, {"b", {1}, {3}}, {"counter", {}, {9}}, {"extra", {1}, {4}}}));
  reader.ignore("counter");
  EXPECT_EQ(reader.read("a", {2}), (std::vector<float>{1, 2}));
  EXPECT_EQ(reader.read("b", {1}), (std::vector<float>{3}));
  const LoadReport report = reader.finish("demo");
  EXPECT_TRUE(report.complete());
  EXPECT_THAT(report.loaded, ElementsAre("a", "b"));
  EXPECT_THAT(report.unexpected, ElementsAre("extra"));
}

TEST(WeightReader, AnExpectedTensorIsLookedForAndNotRead) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  WeightReader reader(stored({{"a", {2}, {nan, 1}}, {"b", {1}, {3}}}));
  reader.expect("a", {2});
  EXPECT_THAT(reader.report().loaded, ElementsAre("a"));
  reader.expect("b", {2});
  reader.expect("c", {1});
  EXPECT_THAT(reader.report().missing, ElementsAre("c"));
  ASSERT_EQ(reader.report().wrongShape.size(), 1u);
  EXPECT_EQ(reader.report().wrongShape[0].name, "b");
  EXPECT_EQ(errorCode([&] { reader.finish("demo"); }), "MODEL_INCOMPLETE");
}

TEST(WeightReader, OneLoadReportsEveryProblem) {
  WeightReader reader(stored({{"a", {2}, {1, 2}}}));
  EXPECT_EQ(reader.read("a", {1, 2}), (std::vector<float>{0, 0}));
  EXPECT_EQ(reader.read("b", {3}), (std::vector<float>{0, 0, 0}));
  const LoadReport report = reader.report();
  EXPECT_FALSE(report.complete());
  EXPECT_THAT(report.missing, ElementsAre("b"));
  ASSERT_EQ(report.wrongShape.size(), 1u);
  EXPECT_EQ(report.wrongShape[0].expected, (Shape{1, 2}));
  EXPECT_EQ(report.wrongShape[0].found, (Shape{2}));
  EXPECT_THAT(report.unexpected, IsEmpty());
  EXPECT_THAT(report.text(),
              HasSubstr("wrong shape  a has the shape [2], expected [1, 2]\nmissing      b\n"));
}

TEST(WeightReader, FinishNamesTheFirstProblemsAndCountsTheRest) {
  WeightReader reader(stored({}));
  for (const char* name : {"a", "b", "c", "d", "e"}) reader.read(name, {1});
  try {
    reader.finish("Enformer");
    ADD_FAILURE() << "finished without any weights";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "MODEL_INCOMPLETE");
    EXPECT_THAT(error.fact(),
                HasSubstr("Enformer: a is missing; b is missing; c is missing; and 2 more."));
  }
}

TEST(WeightReader, OtherNamesOfATensorAreTried) {
  WeightReader reader(stored({{"_trunk.a", {1}, {5}}}), stemOrTrunk);
  EXPECT_TRUE(reader.has("a"));
  EXPECT_FALSE(reader.has("b"));
  EXPECT_EQ(reader.read("a", {1}), std::vector<float>{5});
  EXPECT_THAT(reader.finish("demo").unexpected, IsEmpty());
}

TEST(WeightReader, NamesOfOneTensorHaveToAgree) {
  WeightReader same(stored({{"_trunk.a", {1}, {5}}, {"a", {1}, {5}}}), stemOrTrunk);
  EXPECT_EQ(same.read("a", {1}), std::vector<float>{5});
  EXPECT_THAT(same.finish("demo").unexpected, IsEmpty());
  WeightReader different(stored({{"_trunk.a", {1}, {6}}, {"a", {1}, {5}}}), stemOrTrunk);
  EXPECT_EQ(errorCode([&] { different.read("a", {1}); }), "TENSOR_ALIAS");
  WeightReader otherShape(stored({{"_trunk.a", {1, 1}, {5}}, {"a", {1}, {5}}}), stemOrTrunk);
  EXPECT_EQ(errorCode([&] { otherShape.read("a", {1}); }), "TENSOR_ALIAS");
}

TEST(WeightReader, ProgressGrowsToTheEnd) {
  std::vector<double> fractions;
  const Progress progress(
      {}, [&](double fraction, std::string_view) { fractions.push_back(fraction); });
  WeightReader reader(stored({{"a", {1}, {1}}, {"b", {1}, {2}}}), {}, progress);
  reader.read("a", {1});
  reader.read("b", {1});
  EXPECT_THAT(fractions, ElementsAre(0.0, 0.5));
}

}  // namespace
}  // namespace cellocus
