// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/genemajor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <numeric>

#include "base/error.h"
#include "core/cells/smalldataset.h"
#include "support/codes.h"
#include "support/golden.h"
#include "support/random.h"
#include "support/shared.h"

namespace cellocus {

namespace fs = std::filesystem;
using testing::Age;
using testing::Storage;
using testing::within;

namespace {

std::vector<std::int64_t> allGenes(const CellDataset& dataset) {
  std::vector<std::int64_t> genes(static_cast<std::size_t>(dataset.geneCount()));
  std::iota(genes.begin(), genes.end(), 0);
  return genes;
}

/// Counts of 500 cells and 40 genes, about half of them 0, some genes full.
fs::path countsFile(const fs::path& folder) {
  NewDataset dataset;
  dataset.expression = (testing::randomMatrix(500, 40, 9) * 3).array().round().max(0.0f);
  dataset.expression.leftCols(3).array() += 1;
  for (int cell = 0; cell < 500; ++cell) dataset.cellNames.push_back("c" + std::to_string(cell));
  for (int gene = 0; gene < 40; ++gene) {
    const std::string name = "G" + std::to_string(gene);
    dataset.genes.push_back({name, "", name});
  }
  writeH5ad(folder / "counts.h5ad", dataset);
  return folder / "counts.h5ad";
}

}  // namespace

TEST(GeneMajor, GivesWhatTheFileHoldsWhicheverWayItLies) {
  const fs::path folder = testing::scratchFolder("genemajor");
  for (const Storage storage : {Storage::Dense, Storage::Csr, Storage::Csc}) {
    const auto dataset =
        CellDataset::open(testing::writeSmall(folder / "small.h5ad", Age::Eight, storage));
    const auto genes = GeneMajor::make(*dataset, {.folder = folder});
    EXPECT_TRUE(genes->inMemory());
    const std::vector<std::int64_t> wanted = {2, 0};
    EXPECT_TRUE(within(genes->rows(wanted),
                       Matrix(testing::smallExpression().transpose()(wanted, Eigen::all)), 0));
    EXPECT_EQ(genes->least(), 0);
    EXPECT_EQ(genes->largest(), 5);
    EXPECT_EQ(genes->content(), ExpressionLayer::Content::Counts);
    fs::remove(folder / "small.h5ad");
  }
}

TEST(GeneMajor, LogarithmsOfCountsAreByTheCellsTotal) {
  const fs::path folder = testing::scratchFolder("genemajor");
  for (const Storage storage : {Storage::Csr, Storage::Csc}) {
    const auto dataset =
        CellDataset::open(testing::writeSmall(folder / "small.h5ad", Age::Eight, storage));
    ASSERT_EQ(usualTransform(dataset->layers().front()), ExpressionTransform::LogPerTenThousand);
    const auto genes = GeneMajor::make(
        *dataset, {.transform = ExpressionTransform::LogPerTenThousand, .folder = folder});
    Matrix expected = testing::smallExpression();
    for (Eigen::Index cell = 0; cell < expected.rows(); ++cell)
      if (const float total = expected.row(cell).sum(); total > 0)
        expected.row(cell) = (expected.row(cell).array() * (10'000 / total)).log1p();
    EXPECT_TRUE(within(genes->rows(allGenes(*dataset)), expected.transpose(), 1e-5));
    EXPECT_EQ(genes->content(), ExpressionLayer::Content::LogNormalised);
    EXPECT_EQ(genes->unit(), "log1p counts per 10,000");
    fs::remove(folder / "small.h5ad");
  }
}

TEST(GeneMajor, LargeOnesGoToAFileThatIsUsedAgain) {
  const fs::path folder = testing::scratchFolder("genemajor");
  const auto dataset = CellDataset::open(countsFile(folder));
  const GeneMajor::Options small{.memory = 100, .folder = folder / "cache"};
  const auto genes = GeneMajor::make(*dataset, small);
  ASSERT_FALSE(genes->inMemory());
  const Matrix expected = dataset->cells(0, 500).transpose();
  EXPECT_TRUE(within(genes->rows(allGenes(*dataset)), expected, 0));
  const auto written = fs::last_write_time(genes->file());
  const auto again = GeneMajor::make(*dataset, small);
  EXPECT_EQ(fs::last_write_time(again->file()), written);
  EXPECT_TRUE(within(again->rows(allGenes(*dataset)), expected, 0));
  EXPECT_EQ(again->largest(), genes->largest());
  // Another transform is another file.
  GeneMajor::Options logs = small;
  logs.transform = ExpressionTransform::LogPerTenThousand;
  EXPECT_NE(GeneMajor::make(*dataset, logs)->file(), genes->file());
}

TEST(GeneMajor, ADamagedFileIsMadeAnewOrNamed) {
  const fs::path folder = testing::scratchFolder("genemajor");
  const auto dataset = CellDataset::open(countsFile(folder));
  const GeneMajor::Options small{.memory = 100, .folder = folder / "cache"};
  const auto genes = GeneMajor::make(*dataset, small);
  {
    std::fstream stream(genes->file(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(5);
    stream.put('\x7f');
  }
  const std::vector<std::int64_t> first = {0};
  EXPECT_EQ(testing::errorCode([&] { genes->rows(first); }), "GENE_FILE_DAMAGED");
  fs::resize_file(genes->file(), fs::file_size(genes->file()) - 9);
  const auto anew = GeneMajor::make(*dataset, small);
  EXPECT_TRUE(within(anew->rows(first), dataset->gene(0).transpose(), 0));
}

TEST(GeneMajor, RefusesWhatMakesNoSense) {
  const fs::path folder = testing::scratchFolder("genemajor");
  NewDataset bad;
  bad.cellNames = {"c1", "c2"};
  bad.genes = {{"A", "", "A"}, {"B", "", "B"}};
  bad.expression = Matrix::Constant(2, 2, 0.5f);
  Matrix broken = bad.expression;
  broken(1, 0) = std::nanf("");
  bad.layers = {{"broken", broken}};
  writeH5ad(folder / "bad.h5ad", bad);
  const auto dataset = CellDataset::open(folder / "bad.h5ad");
  const auto make = [&](const GeneMajor::Options& options) {
    return testing::errorCode([&] { GeneMajor::make(*dataset, options); });
  };
  EXPECT_EQ(make({.transform = ExpressionTransform::LogPerTenThousand}), "EXPRESSION_LOGGED");
  EXPECT_EQ(make({.layer = "layers/broken"}), "EXPRESSION_VALUES");
  EXPECT_EQ(make({.layer = "layers/none"}), "H5AD_LAYER");
  const auto genes = GeneMajor::make(*dataset, {});
  const std::vector<std::int64_t> beyond = {2};
  EXPECT_EQ(testing::errorCode([&] { genes->rows(beyond); }), "H5AD_GENE");
}

TEST(GeneMajor, IsTheSameForGenesByCells) {
  const std::string file = "conformance/seq2cells/S2_training/pbmc_toy_with_emb_256dims.h5ad";
  CELLOCUS_NEEDS_SHARED(file);
  const auto dataset = CellDataset::open(testing::sharedPath(file));
  ASSERT_EQ(dataset->storedBy(), StoredBy::Genes);
  EXPECT_EQ(dataset->geneColumn("highly_variable").codes.size(), 50u);
  const auto genes = GeneMajor::make(*dataset, {});
  EXPECT_TRUE(
      within(genes->rows(allGenes(*dataset)),
             testing::goldenArray(
                 testing::sharedPath("conformance/seq2cells/S2_training/expected.h5"), "observed")
                 .matrix(),
             0));
}

}  // namespace cellocus
