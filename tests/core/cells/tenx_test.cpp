// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "cells/celldataset.h"
#include "support/codes.h"
#include "core/cells/smalldataset.h"
#include "support/shared.h"

namespace cellocus {
namespace {

using testing::errorCode;
using testing::RawFile;
using testing::scratchFolder;
using testing::smallExpression;

const std::vector<std::string> ids{"ENSG00000136574", "ENSG00000089225", "ENSG00000183072"};
const std::vector<std::string> symbols{"GATA4", "TBX5", "NKX2-5"};
const std::vector<std::string> barcodes{"AAAC-1", "AAAG-1", "AAAT-1", "AACA-1"};

/// The small expression as Cell Ranger stores it: genes x barcodes by columns, that is cell by
/// cell.
void writeCounts(RawFile& file, const std::string& group, std::int64_t cells = 4) {
  testing::writeSparseArrays(file, group, testing::Storage::Csr);
  file.integers(group + "/shape", {3, cells});
  file.fixedStrings(group + "/barcodes", barcodes, 8);
}

TEST(TenX, ReadsCellRangerThreeAndLeavesOutAntibodiesAloud) {
  const auto path = scratchFolder("tenx3") / "matrix.h5";
  {
    RawFile file(path);
    writeCounts(file, "matrix");
    file.fixedStrings("matrix/features/id", {ids[0], "CD3", ids[2]}, 16);
    file.fixedStrings("matrix/features/name", {"GATA4", "CD3_TotalSeqB", "NKX2-5"}, 16);
    file.fixedStrings("matrix/features/feature_type",
                      {"Gene Expression", "Antibody Capture", "Gene Expression"}, 16);
  }
  const auto dataset = CellDataset::open(path);
  EXPECT_EQ(dataset->format(), "10x HDF5 (Cell Ranger 3+)");
  EXPECT_EQ(dataset->cellNames(), barcodes);
  EXPECT_EQ(dataset->geneCount(), 2);
  ASSERT_EQ(dataset->findGene("NKX2-5"), 1);
  EXPECT_EQ(dataset->gene(1), Vector(smallExpression().col(2)));
  EXPECT_EQ(dataset->cells(0, 4).col(1), smallExpression().col(2));
  ASSERT_EQ(dataset->remarks().size(), 1u);
  EXPECT_NE(dataset->remarks()[0].find("1 of 3 features"), std::string::npos)
      << dataset->remarks()[0];
  EXPECT_EQ(errorCode([&] { dataset->column("cell_type"); }), "H5AD_COLUMN");
  EXPECT_EQ(errorCode([&] { dataset->embedding("X_umap"); }), "H5AD_EMBEDDING");
}

TEST(TenX, ReadsCellRangerTwo) {
  const auto path = scratchFolder("tenx2") / "matrix.h5";
  {
    RawFile file(path);
    writeCounts(file, "GRCh38");
    file.fixedStrings("GRCh38/genes", ids, 16);
    file.fixedStrings("GRCh38/gene_names", symbols, 16);
  }
  const auto dataset = CellDataset::open(path);
  EXPECT_EQ(dataset->format(), "10x HDF5 (Cell Ranger 2)");
  EXPECT_EQ(dataset->cells(0, 4), smallExpression());
  EXPECT_EQ(dataset->gene(*dataset->findGene("ENSG00000089225")), Vector(smallExpression().col(1)));
  EXPECT_EQ(dataset->layers().at(0).content, ExpressionLayer::Content::Counts);
}

TEST(TenX, RefusesAShapeThatDoesNotFit) {
  const auto path = scratchFolder("tenxbad") / "matrix.h5";
  {
    RawFile file(path);
    writeCounts(file, "GRCh38", 5);
    file.fixedStrings("GRCh38/genes", ids, 16);
    file.fixedStrings("GRCh38/gene_names", symbols, 16);
  }
  EXPECT_EQ(errorCode([&] { CellDataset::open(path); }), "H5AD_SHAPE");
}

}  // namespace
}  // namespace cellocus
