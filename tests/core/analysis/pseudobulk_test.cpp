// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/pseudobulk.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "support/golden.h"
#include "support/shared.h"

namespace cellocus {

using testing::goldenArray;
using testing::sharedPath;

namespace {

CellColumn typesOf(std::vector<std::string> texts) {
  CellColumn column;
  column.name = "type";
  column.texts = std::move(texts);
  return column;
}

}  // namespace

TEST(PseudoBulk, SumsUpCellsOfAGroupAndCountsTheExpressingOnes) {
  Matrix values(2, 5);
  values << 1, 2, 0.5f, 4, 9, 0, 0, 0, 3, 9;
  const CellGroups groups = CellGroups::of(typesOf({"b", "a", "b", "a", ""}));
  EXPECT_EQ(groups.names, (std::vector<std::string>{"a", "b"}));
  const auto bulk = [&](PseudoBulk what) {
    return pseudoBulk(what, 2, groups, [&](std::int64_t first, std::int64_t last) {
      return Matrix(values.middleRows(first, last - first));
    });
  };
  Matrix expected(2, 2);
  expected << 3, 0.75f, 1.5f, 0;
  EXPECT_TRUE(testing::within(bulk(PseudoBulk::Mean), expected, 0));
  expected << 6, 1.5f, 3, 0;
  EXPECT_TRUE(testing::within(bulk(PseudoBulk::Sum), expected, 0));
  // Strictly above the threshold; nothing at all is NaN.
  const Matrix count = bulk(PseudoBulk::CountExpressing);
  EXPECT_EQ(count(0, 0), 2);
  EXPECT_EQ(count(0, 1), 1);
  EXPECT_EQ(count(1, 0), 1);
  EXPECT_TRUE(std::isnan(count(1, 1)));
  EXPECT_EQ(bulk(PseudoBulk::ShareExpressing)(1, 0), 0.5f);
}

TEST(PseudoBulk, GroupsAreNames) {
  CellColumn numbers;
  numbers.kind = CellColumn::Kind::Numeric;
  numbers.numbers = {1, 2};
  EXPECT_THROW(CellGroups::of(numbers), Error);
  EXPECT_THROW(CellGroups::of(typesOf({"", ""})), Error);
}

TEST(PseudoBulk, IsThatOfTheOriginal) {
  const std::string file = "conformance/seq2cells/S4_metrics/expected.h5";
  const std::string cells = "conformance/seq2cells/S2_training/pbmc_toy_with_emb_256dims.h5ad";
  CELLOCUS_NEEDS_SHARED(file);
  CELLOCUS_NEEDS_SHARED(cells);
  const auto dataset = CellDataset::open(sharedPath(cells));
  const auto names = testing::goldenStrings(sharedPath(file), "pseudo_bulk/genes");
  ASSERT_EQ(std::ssize(names), dataset->geneCount());
  const CellGroups groups = CellGroups::of(dataset->column("cell_type"));
  EXPECT_EQ(groups.names, testing::goldenStrings(sharedPath(file), "pseudo_bulk/cell_types"));
  const auto rows = [&](std::int64_t first, std::int64_t last) {
    Matrix block(last - first, dataset->cellCount());
    for (std::int64_t gene = first; gene < last; ++gene)
      block.row(gene - first) =
          dataset->gene(*dataset->findGene(names[static_cast<std::size_t>(gene)]));
    return block;
  };
  for (const auto& [what, name] : {std::pair(PseudoBulk::Mean, "mean"),
                                   {PseudoBulk::Sum, "sum"},
                                   {PseudoBulk::CountExpressing, "count_exp"},
                                   {PseudoBulk::ShareExpressing, "perc_exp"}}) {
    const Matrix expected =
        goldenArray(sharedPath(file), std::string("pseudo_bulk/") + name).matrix();
    const Matrix actual = pseudoBulk(what, std::ssize(names), groups, rows);
    ASSERT_EQ(actual.cols(), expected.cols());
    for (Eigen::Index gene = 0; gene < expected.rows(); ++gene)
      for (Eigen::Index group = 0; group < expected.cols(); ++group) {
        const float wanted = expected(gene, group);
        EXPECT_EQ(std::isnan(actual(gene, group)), std::isnan(wanted)) << name;
        if (std::isnan(wanted)) continue;
        EXPECT_NEAR(actual(gene, group), wanted, 1e-6 * std::abs(wanted)) << name;
      }
  }
}

}  // namespace cellocus
