// SPDX-License-Identifier: GPL-3.0-or-later
// Real files beside the repository. The numbers were read off them with h5py.
#include <gtest/gtest.h>

#include <algorithm>

#include "cells/celldataset.h"
#include "support/codes.h"
#include "support/shared.h"

namespace cellocus {
namespace {

using testing::errorCode;
using testing::sharedPath;
using Content = ExpressionLayer::Content;

struct Expected {
  const char* file;
  std::int64_t cells, genes;
  const char* format;
  std::vector<std::string> embeddings;
  std::vector<std::string> layers;
  std::vector<Content> contents;
  std::size_t columns;
};

const std::vector<Expected>& expectedFiles() {
  using enum ExpressionLayer::Content;
  static const std::vector<Expected> files{
      {"cardiac_hiPSC_day2_day5_raw.h5ad",
       1090,
       18443,
       "AnnData 0.8+",
       {"X_pca", "X_umap"},
       {"X"},
       {Counts},
       6},
      {"cd4T_perturbseq_500x2000.h5ad", 500, 2000, "AnnData 0.8+", {}, {"X"}, {Counts}, 64},
      {"heart_cell_atlas_LV_320x123_with_labels.h5ad",
       320,
       123,
       "AnnData 0.7",
       {"X_pca", "X_umap"},
       {"X"},
       {Counts},
       14},
      {"pbmc3k_raw_counts_labeled.h5ad",
       2638,
       32738,
       "AnnData 0.8+",
       {"X_pca", "X_umap"},
       {"X"},
       {Counts},
       4},
      {"pbmc68k_reduced_new.h5ad",
       700,
       765,
       "AnnData 0.8+",
       {"X_pca", "X_umap"},
       {"X", "raw/X"},
       {Scaled, LogNormalised},
       8},
      {"seq2cells_pbmc_toy_example_orig.h5ad",
       2600,
       50,
       "AnnData 0.8+",
       {"X_pca", "X_umap"},
       {"X"},
       {LogNormalised},
       2},
      {"formats/anndata_v0.11.4.h5ad", 10, 20, "AnnData 0.8+", {}, {}, {}, 0},
      {"formats/anndata_v0.5.0_compound.h5ad",
       700,
       765,
       "AnnData 0.5 (compound tables)",
       {"X_pca", "X_umap"},
       {"X", "raw/X"},
       {Scaled, LogNormalised},
       8},
      {"formats/anndata_v0.7.0.h5ad",
       30,
       20,
       "AnnData 0.7",
       {"array", "df", "sparse"},
       {"X", "raw/X", "layers/array", "layers/sparse"},
       {Counts, Counts, LogNormalised, LogNormalised},
       5},
      {"formats/anndata_v0.7.8.h5ad",
       30,
       20,
       "AnnData 0.7",
       {"array", "df", "sparse"},
       {"X", "raw/X", "layers/array", "layers/sparse"},
       {Counts, Counts, LogNormalised, LogNormalised},
       5},
      {"formats/soma_pbmc-small-x-csc.h5ad", 80, 20, "AnnData 0.8+", {}, {"X"}, {Scaled}, 7},
      {"formats/soma_pbmc-small-x-csr.h5ad", 80, 20, "AnnData 0.8+", {}, {"X"}, {Scaled}, 7},
      {"formats/soma_pbmc-small-x-dense.h5ad", 80, 20, "AnnData 0.8+", {}, {"X"}, {Scaled}, 7},
      {"formats/zellkonverter_krumsiek11_v0-8.h5ad",
       640,
       11,
       "AnnData 0.8+",
       {},
       {"X"},
       {Scaled},
       7},
      {"formats/scanpy_10x_3.0.0_filtered_feature_bc_matrix.h5",
       1107,
       507,
       "10x HDF5 (Cell Ranger 3+)",
       {},
       {"X"},
       {Counts},
       0},
  };
  return files;
}

std::shared_ptr<const CellDataset> openCells(const std::string& name) {
  return CellDataset::open(sharedPath("data/cells/" + name));
}

double rowSum(const Matrix& matrix, std::int64_t row) {
  return matrix.row(row).cast<double>().sum();
}

double total(const Vector& values) {
  return values.cast<double>().sum();
}

TEST(RealCells, OpensEveryFileWithItsSizesAndLayers) {
  CELLOCUS_NEEDS_SHARED("data/cells");
  for (const Expected& expected : expectedFiles()) {
    SCOPED_TRACE(expected.file);
    const auto dataset = openCells(expected.file);
    EXPECT_EQ(dataset->cellCount(), expected.cells);
    EXPECT_EQ(dataset->geneCount(), expected.genes);
    EXPECT_EQ(dataset->format(), expected.format);
    EXPECT_EQ(dataset->orientation(), Orientation::CellsByGenes);
    EXPECT_EQ(dataset->embeddingNames(), expected.embeddings);
    EXPECT_EQ(dataset->columnNames().size(), expected.columns);
    ASSERT_EQ(dataset->layers().size(), expected.layers.size());
    for (std::size_t i = 0; i < expected.layers.size(); ++i) {
      EXPECT_EQ(dataset->layers()[i].path, expected.layers[i]);
      EXPECT_EQ(dataset->layers()[i].content, expected.contents[i])
          << dataset->layers()[i].evidence;
    }
    for (const std::string& remark : dataset->remarks()) ADD_FAILURE() << "remark: " << remark;
  }
}

TEST(RealCells, ReadsEveryColumnAndEmbedding) {
  CELLOCUS_NEEDS_SHARED("data/cells");
  for (const Expected& expected : expectedFiles()) {
    SCOPED_TRACE(expected.file);
    const auto dataset = openCells(expected.file);
    for (const std::string& name : dataset->columnNames()) {
      const CellColumn column = dataset->column(name);
      EXPECT_EQ(column.name, name);
      EXPECT_EQ(static_cast<std::int64_t>(column.codes.size() + column.numbers.size() +
                                          column.texts.size()),
                expected.cells);
    }
    for (const std::string& name : dataset->embeddingNames()) {
      if (name == "df") continue;  // a table with categories, see below
      EXPECT_EQ(dataset->embedding(name).rows(), expected.cells);
    }
  }
}

TEST(RealCells, GenesAndCellsAgreeInEveryLayer) {
  CELLOCUS_NEEDS_SHARED("data/cells");
  for (const Expected& expected : expectedFiles()) {
    if (expected.genes > 3000) continue;
    const auto dataset = openCells(expected.file);
    for (const ExpressionLayer& layer : dataset->layers()) {
      SCOPED_TRACE(std::string(expected.file) + " " + layer.path);
      const Matrix all = dataset->cells(0, dataset->cellCount(), layer.path);
      ASSERT_EQ(all.cols(), expected.genes);
      for (std::int64_t gene = 0; gene < expected.genes; gene += 7)
        EXPECT_EQ(Vector(all.col(gene)), dataset->gene(gene, layer.path));
    }
  }
}

TEST(RealCells, CardiacCellsHaveTheirGata4) {
  CELLOCUS_NEEDS_SHARED("data/cells");
  const auto dataset = openCells("cardiac_hiPSC_day2_day5_raw.h5ad");
  const auto gata4 = dataset->findGene("GATA4");
  ASSERT_EQ(gata4, 6274);
  EXPECT_EQ(dataset->findGene("ENSG00000136574.12"), gata4);
  EXPECT_EQ(dataset->findGene("gata4"), gata4);
  EXPECT_EQ(dataset->genes()[6274].id, "ENSG00000136574");
  const Vector counts = dataset->gene(*gata4);
  EXPECT_EQ(total(counts), 590);
  EXPECT_EQ((counts.array() > 0).count(), 406);
  EXPECT_EQ(counts[12], 2);
  const Matrix block = dataset->cells(10, 12);
  EXPECT_EQ(rowSum(block, 0), 3961);
  EXPECT_EQ(rowSum(block, 1), 7565);
  EXPECT_EQ(block(0, 8506), 81);
  const CellColumn cluster = dataset->column("cluster");
  EXPECT_EQ(cluster.kind, CellColumn::Kind::Categorical);
  EXPECT_EQ(cluster.categories,
            (std::vector<std::string>{"day2_c1", "day2_c2", "day2_c3", "day5_c1", "day5_c2",
                                      "day5_c3", "day5_c4"}));
  EXPECT_EQ(std::vector<std::int32_t>(cluster.codes.begin(), cluster.codes.begin() + 5),
            (std::vector<std::int32_t>{1, 0, 2, 1, 1}));
  EXPECT_EQ(dataset->column("n_counts").numbers[1], 11102);
  EXPECT_FLOAT_EQ(dataset->embedding("X_umap")(3, 0), 3.4465096f);
  EXPECT_EQ(dataset->cellNames()[1], "day2_1_TACGGCCTAGAACA-1");
  EXPECT_EQ(errorCode([&] { dataset->gene(0, "raw/X"); }), "H5AD_LAYER");
  EXPECT_EQ(errorCode([&] { dataset->column("celltype"); }), "H5AD_COLUMN");
}

TEST(RealCells, BloodCellsHaveIdsOutOfAColumnAndSymbolsAsIndex) {
  CELLOCUS_NEEDS_SHARED("data/cells");
  const auto dataset = openCells("pbmc3k_raw_counts_labeled.h5ad");
  const auto& genes = dataset->genes();
  EXPECT_EQ(
      std::count_if(genes.begin(), genes.end(), [](const auto& gene) { return gene.id.empty(); }),
      224);
  ASSERT_EQ(dataset->findGene("LYZ"), 21053);
  EXPECT_EQ(dataset->findGene("ENSG00000090382"), 21053);
  EXPECT_EQ(total(dataset->gene(21053)), 27457);
  EXPECT_EQ(dataset->column("cell_type").categories[1], "CD14+ Monocytes");
}

TEST(RealCells, HeartCellsAreOfTwoTypesThroughReferences) {
  CELLOCUS_NEEDS_SHARED("data/cells");
  const auto dataset = openCells("heart_cell_atlas_LV_320x123_with_labels.h5ad");
  const CellColumn types = dataset->column("cell_type");
  EXPECT_EQ(types.categories, (std::vector<std::string>{"endothelial cell", "fibroblast"}));
  EXPECT_EQ(std::count(types.codes.begin(), types.codes.end(), 0), 160);
  EXPECT_EQ(total(dataset->gene(0)), 239);
  EXPECT_EQ(dataset->genes()[1].id, "ENSG00000142798");
}

TEST(RealCells, OldestAnndataEqualsTheNewestOfTheSameCells) {
  CELLOCUS_NEEDS_SHARED("data/cells");
  const auto old = openCells("formats/anndata_v0.5.0_compound.h5ad");
  const auto young = openCells("pbmc68k_reduced_new.h5ad");
  EXPECT_EQ(old->cellNames(), young->cellNames());
  EXPECT_EQ(old->genes()[3].symbol, "PARK7");
  EXPECT_NEAR(total(old->gene(3)), -19.299007, 1e-4);
  EXPECT_EQ(old->gene(3), young->gene(3));
  EXPECT_NEAR(total(old->gene(3, "raw/X")), 1044.267, 1e-3);
  EXPECT_EQ(old->gene(3, "raw/X"), young->gene(3, "raw/X"));
  for (const auto& dataset : {old, young}) {
    const CellColumn labels = dataset->column("bulk_labels");
    EXPECT_EQ(labels.categories.size(), 10u);
    EXPECT_EQ(labels.categories[0], "CD4+/CD25 T Reg");
    EXPECT_EQ(labels.codes[0], 5);
    EXPECT_EQ(labels.colours[1], "#ff7f0e");
    EXPECT_EQ(dataset->column("louvain").colours[0], "#023fa5");
    EXPECT_EQ(dataset->column("n_genes").numbers[1], 1080);
    EXPECT_NEAR(dataset->embedding("X_umap")(3, 0), -7.80369074, 1e-6);
  }
}

TEST(RealCells, SevenUnpacksLzfAndFollowsReferences) {
  CELLOCUS_NEEDS_SHARED("data/cells");
  const auto dataset = openCells("formats/anndata_v0.7.0.h5ad");
  EXPECT_EQ(total(dataset->gene(4)), 15);
  EXPECT_EQ(total(dataset->gene(4, "raw/X")), 18);
  EXPECT_NEAR(total(dataset->gene(4, "layers/array")), 14.24773457, 1e-5);
  EXPECT_NEAR(dataset->cells(0, 30, "layers/sparse").cast<double>().sum(), 3.46600223, 1e-6);
  EXPECT_NEAR(dataset->embedding("array")(2, 3), 0.51437502, 1e-6);
  const Matrix sparse = dataset->embedding("sparse");
  EXPECT_EQ(sparse.cols(), 100);
  EXPECT_NEAR(sparse.cast<double>().sum(), 14.07906811, 1e-5);
  const CellColumn ordered = dataset->column("cat_ordered");
  EXPECT_EQ(ordered.categories[1], "F");
  EXPECT_EQ(ordered.codes[0], 21);
  EXPECT_EQ(errorCode([&] { dataset->embedding("df"); }), "H5AD_COLUMN");
}

TEST(RealCells, KrumsiekHasNullableColumns) {
  CELLOCUS_NEEDS_SHARED("data/cells");
  const auto dataset = openCells("formats/zellkonverter_krumsiek11_v0-8.h5ad");
  const CellColumn integers = dataset->column("dummy_int2");
  EXPECT_TRUE(std::isnan(integers.numbers[0]));
  EXPECT_EQ(integers.numbers[1], 42);
  const CellColumn truths = dataset->column("dummy_bool2");
  EXPECT_EQ(truths.codes[0], 0);
  EXPECT_EQ(truths.codes[1], -1);
  EXPECT_EQ(truths.codes[2], 1);
  EXPECT_EQ(dataset->column("dummy_bool").categories, (std::vector<std::string>{"False", "True"}));
  EXPECT_NEAR(total(dataset->gene(3)), 70.692795, 1e-4);
}

TEST(RealCells, TenXCellsAreColumnsOfItsMatrix) {
  CELLOCUS_NEEDS_SHARED("data/cells");
  const auto dataset = openCells("formats/scanpy_10x_3.0.0_filtered_feature_bc_matrix.h5");
  EXPECT_EQ(dataset->cellNames()[1], "AAACGCTTCAGCCCAG-1");
  EXPECT_EQ(dataset->genes()[10].id, "ENSG00000279784");
  EXPECT_EQ(dataset->genes()[10].symbol, "CH507-39O4.1");
  EXPECT_EQ(rowSum(dataset->cells(5, 6), 0), 31);
  EXPECT_EQ(dataset->cells(0, 1107).cast<double>().sum(), 41549);
}

TEST(RealCells, Seq2cellsFilesAreGenesByCells) {
  CELLOCUS_NEEDS_SHARED("conformance/seq2cells/S2_training/pbmc_toy_with_emb_256dims.h5ad");
  const auto path = sharedPath("conformance/seq2cells/S2_training/pbmc_toy_with_emb_256dims.h5ad");
  const auto dataset = CellDataset::open(path);
  EXPECT_EQ(dataset->orientation(), Orientation::GenesByCells);
  EXPECT_EQ(dataset->cellCount(), 2600);
  EXPECT_EQ(dataset->geneCount(), 50);
  EXPECT_EQ(dataset->embeddingNames(), (std::vector<std::string>{"X_pca", "X_umap"}));
  ASSERT_EQ(dataset->remarks().size(), 1u);
  EXPECT_EQ(dataset->remarks()[0].find("Read as genes × cells"), 0u) << dataset->remarks()[0];
  ASSERT_EQ(dataset->findGene("DTYMK"), 7);
  EXPECT_EQ(dataset->findGene("ENSG00000168393"), 7);
  EXPECT_NEAR(total(dataset->gene(7)), 105.342831, 1e-3);
  const Matrix block = dataset->cells(100, 110);
  EXPECT_EQ(block.rows(), 10);
  EXPECT_EQ(Vector(block.col(7)), dataset->gene(7).segment(100, 10));
  EXPECT_EQ(dataset->column("cell_type").categories.size(), 12u);
  EXPECT_FLOAT_EQ(dataset->embedding("X_umap")(1, 0), 16.354189f);

  CellDataset::Options options;
  options.orientation = Orientation::CellsByGenes;
  const auto asked = CellDataset::open(path, options);
  EXPECT_EQ(asked->cellCount(), 50);
  EXPECT_EQ(asked->embedding("seq_embedding").cols(), 256);
}

TEST(RealCells, TransposedToyHoldsTheSameExpressionAsTheOriginal) {
  CELLOCUS_NEEDS_SHARED("conformance/seq2cells/S2_training/pbmc_toy_with_emb_256dims.h5ad");
  CELLOCUS_NEEDS_SHARED("data/cells/seq2cells_pbmc_toy_example_orig.h5ad");
  const auto turned = CellDataset::open(
      sharedPath("conformance/seq2cells/S2_training/pbmc_toy_with_emb_256dims.h5ad"));
  const auto original = openCells("seq2cells_pbmc_toy_example_orig.h5ad");
  EXPECT_EQ(turned->column("cell_type").codes, original->column("cell_type").codes);
  for (std::int64_t gene = 0; gene < turned->geneCount(); ++gene) {
    const auto same = original->findGene(turned->genes()[static_cast<std::size_t>(gene)].id);
    ASSERT_TRUE(same);
    EXPECT_EQ(turned->gene(gene), original->gene(*same));
  }
}

}  // namespace
}  // namespace cellocus
