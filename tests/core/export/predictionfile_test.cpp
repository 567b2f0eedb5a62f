// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/predictionfile.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/golden.h"
#include "support/shared.h"

namespace cellocus {

TEST(PredictionFile, HoldsArraysAttributesAndProvenance) {
  const auto file = testing::scratchFolder("predictionfile") / "p.h5";
  PredictionRecord record;
  record.name = "locus";
  record.contig = "chr8";
  record.start = 11'700'000;
  record.gamma = "tf";
  record.arrays = {{"embedding", Matrix::Constant(3, 4, 0.5f)}, {"human", Matrix::Identity(3, 2)}};
  record.tracks = {{"human", {3, 10}}};
  Provenance provenance;
  provenance.command = "cellocus-cli predict";
  H5Writer::save(file, [&](H5Writer& writer) {
    writeProvenance(writer, provenance);
    writeRecord(writer, record);
  });

  EXPECT_TRUE(testing::within(testing::goldenArray(file, "/locus/embedding").matrix(),
                              record.arrays[0].second, 0));
  EXPECT_TRUE(testing::within(testing::goldenArray(file, "/locus/human").matrix(),
                              record.arrays[1].second, 0));
  EXPECT_EQ(testing::goldenArray(file, "/locus/human_tracks").values, (std::vector<double>{3, 10}));
  EXPECT_EQ(testing::goldenAttribute(file, "/locus", "contig"), "chr8");
  EXPECT_EQ(testing::goldenAttribute(file, "/locus", "start"), "11700000");
  EXPECT_EQ(testing::goldenAttribute(file, "/locus", "bin_size"), "128");
  EXPECT_EQ(testing::goldenAttribute(file, "/locus", "gamma"), "tf");
  const auto json = nlohmann::json::parse(testing::goldenAttribute(file, "/", "provenance"));
  EXPECT_EQ(json["command"], "cellocus-cli predict");
}

TEST(PredictionFile, ASlashInARecordsNameMakesNoGroups) {
  const auto file = testing::scratchFolder("predictionfile") / "p.h5";
  PredictionRecord record;
  record.name = "a/b";
  record.arrays = {{"embedding", Matrix::Zero(1, 1)}};
  H5Writer::save(file, [&](H5Writer& writer) { writeRecord(writer, record); });
  EXPECT_TRUE(testing::goldenHas(file, "/a_b/embedding"));
  EXPECT_FALSE(testing::goldenHas(file, "/a"));
}

}  // namespace cellocus
