// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/cellprediction.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace cellocus;

namespace {

Emb2Cell namedHead(std::vector<std::string> names) {
  const auto cells = static_cast<Eigen::Index>(names.size());
  Emb2Cell::Parts parts;
  parts.first = {Matrix::Random(cells, 5), Vector::LinSpaced(cells, 1, 2)};
  parts.cellNames = std::move(names);
  return Emb2Cell(std::move(parts));
}

}  // namespace

TEST(CellPrediction, PutsTheHeadsCellsIntoTheDatasetsOrder) {
  const Emb2Cell head = namedHead({"a", "b", "c", "d"});
  const Matrix embedding = Matrix::Random(3, 5), all = head.predict(embedding);
  const CellMatch match = matchCells(head, {"d", "other", "b", "a"});
  EXPECT_EQ(match.matched, 3);
  const Matrix values = predictMatched(head, match, embedding);
  ASSERT_EQ(values.cols(), 4);
  EXPECT_EQ(values.col(0), all.col(3));
  EXPECT_TRUE(values.col(1).array().isNaN().all());
  EXPECT_EQ(values.col(2), all.col(1));
  EXPECT_EQ(values.col(3), all.col(0));
}

TEST(CellPrediction, AFewCellsOfALargeHeadGetTheSameAsAmongAll) {
  std::vector<std::string> names;
  for (int i = 0; i < 900; ++i) names.push_back("cell " + std::to_string(i));
  const Emb2Cell head = namedHead(names);
  const Matrix embedding = Matrix::Random(2, 5), all = head.predict(embedding);
  const Matrix values =
      predictMatched(head, matchCells(head, {"cell 800", "none", "cell 3"}), embedding);
  EXPECT_EQ(values.col(0), all.col(800));
  EXPECT_TRUE(std::isnan(values(1, 1)));
  EXPECT_EQ(values.col(2), all.col(3));
}
