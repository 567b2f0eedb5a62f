// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/bedgraph.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/file.h"
#include "support/shared.h"

namespace cellocus {

namespace {

constexpr float noValue = std::numeric_limits<float>::quiet_NaN();

BinTrack track(Locus covered, std::int64_t contigLength, std::initializer_list<float> values) {
  BinTrack result{"human:3", std::move(covered), 128,
                  Vector(static_cast<Eigen::Index>(values.size())), contigLength};
  std::copy(values.begin(), values.end(), result.values.begin());
  return result;
}

}  // namespace

TEST(BedGraph, WritesSortedZeroBasedBins) {
  EXPECT_EQ(bedGraphText(track({"chr8", 1000, 1256}, 100000, {0.5f, 2})),
            "chr8\t1000\t1128\t0.5\nchr8\t1128\t1256\t2\n");
}

TEST(BedGraph, LeavesBinsWithoutValueOut) {
  EXPECT_EQ(bedGraphText(track({"chr8", 0, 384}, 100000, {1, noValue, 3})),
            "chr8\t0\t128\t1\nchr8\t256\t384\t3\n");
}

TEST(BedGraph, ClipsAtTheContigsEnds) {
  EXPECT_EQ(bedGraphText(track({"chrM", -192, 320}, 100, {1, 2, 3, 4})),
            "chrM\t0\t64\t2\nchrM\t64\t100\t3\n");
}

TEST(BedGraph, TakesAColumnOfAPrediction) {
  Prediction prediction;
  prediction.predicted = {"chr1", 256, 512};
  prediction.values.resize(2, 3);
  prediction.values << 1, 2, 3, 4, 5, 6;
  const BinTrack column = binTrack(prediction, 1, 100000, "CAGE");
  EXPECT_EQ(bedGraphText(column), "chr1\t256\t384\t2\nchr1\t384\t512\t5\n");
}

TEST(BedGraph, HeaderIsACommentOrNothing) {
  const auto folder = testing::scratchFolder("bedgraph");
  const BinTrack one = track({"chr8", 0, 128}, 1000, {1});
  const auto read = [&] { return InputFile::open(folder / "t.bedgraph")->readAll(1 << 16); };
  saveBedGraph(folder / "t.bedgraph", one, {}, BedGraphHeader::None);
  EXPECT_EQ(read(), "chr8\t0\t128\t1\n");
  saveBedGraph(folder / "t.bedgraph", one, {}, BedGraphHeader::Comment);
  EXPECT_TRUE(read().starts_with("# program: cellocus "));
  EXPECT_TRUE(read().ends_with("# track: human:3\nchr8\t0\t128\t1\n"));
}

}  // namespace cellocus
