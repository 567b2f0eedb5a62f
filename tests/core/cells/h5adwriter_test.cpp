// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cells/celldataset.h"
#include "support/codes.h"
#include "support/golden.h"
#include "support/shared.h"

namespace cellocus {
namespace {

using testing::errorCode;
using testing::scratchFolder;

NewDataset newDataset() {
  NewDataset dataset;
  dataset.cellNames = {"c0", "c1", "c2"};
  dataset.genes = {{"GATA4", "ENSG00000136574", "GATA4"}, {"TBX5", "", "TBX5"}};
  dataset.expression = Matrix::Zero(3, 2);
  dataset.expression(0, 1) = 2;
  dataset.expression(2, 0) = 1.5f;
  CellColumn type, depth, name;
  type.name = "type";
  type.kind = CellColumn::Kind::Categorical;
  type.categories = {"atrial", "ventricular"};
  type.codes = {1, -1, 0};
  type.colours = {"#112233", "#445566"};
  depth.name = "depth";
  depth.kind = CellColumn::Kind::Numeric;
  depth.numbers = {1, std::numeric_limits<double>::quiet_NaN(), 3};
  name.name = "name";
  name.kind = CellColumn::Kind::Text;
  name.texts = {"é", "", "z"};
  dataset.columns = {type, depth, name};
  dataset.embeddings = {{"X_umap", Matrix::Random(3, 2)}};
  dataset.layers = {{"predicted", Matrix::Random(3, 2)}};
  dataset.notes = {{"title", "a small world"}};
  return dataset;
}

TEST(H5adWriter, ReadsBackWhatItWrote) {
  const auto path = scratchFolder("h5ad") / "new.h5ad";
  const NewDataset written = newDataset();
  writeH5ad(path, written);
  const auto read = CellDataset::open(path);
  EXPECT_EQ(read->format(), "AnnData 0.8+");
  EXPECT_EQ(read->cellNames(), written.cellNames);
  EXPECT_EQ(read->genes()[0].id, "ENSG00000136574");
  EXPECT_EQ(read->genes()[1].symbol, "TBX5");
  EXPECT_EQ(read->cells(0, 3), written.expression);
  EXPECT_EQ(read->cells(0, 3, "layers/predicted"), written.layers[0].second);
  EXPECT_EQ(read->embedding("X_umap"), written.embeddings[0].second);
  const CellColumn type = read->column("type");
  EXPECT_EQ(type.categories, written.columns[0].categories);
  EXPECT_EQ(type.codes, written.columns[0].codes);
  EXPECT_EQ(type.colours, written.columns[0].colours);
  EXPECT_TRUE(std::isnan(read->column("depth").numbers[1]));
  EXPECT_EQ(read->column("name").texts, written.columns[2].texts);
}

TEST(H5adWriter, SaysTheEncodingOfEveryElementAsAnnDataDoes) {
  const auto path = scratchFolder("h5ad_encoding") / "new.h5ad";
  writeH5ad(path, newDataset());
  const std::pair<const char*, const char*> encodings[] = {{"/", "anndata"},
                                                           {"X", "csr_matrix"},
                                                           {"obs", "dataframe"},
                                                           {"obs/_index", "string-array"},
                                                           {"obs/type", "categorical"},
                                                           {"obs/type/codes", "array"},
                                                           {"obs/type/categories", "string-array"},
                                                           {"obs/depth", "array"},
                                                           {"var", "dataframe"},
                                                           {"obsm", "dict"},
                                                           {"obsm/X_umap", "array"},
                                                           {"layers/predicted", "array"},
                                                           {"uns/title", "string"},
                                                           {"uns/type_colors", "string-array"}};
  for (const auto& [object, encoding] : encodings) {
    EXPECT_EQ(testing::goldenAttribute(path, object, "encoding-type"), encoding) << object;
    EXPECT_NE(testing::goldenAttribute(path, object, "encoding-version"), "") << object;
  }
  EXPECT_EQ(testing::goldenAttribute(path, "obs", "_index"), "_index");
  EXPECT_EQ(testing::goldenArray(path, "X/indptr").values, (std::vector<double>{0, 1, 1, 2}));
}

TEST(H5adWriter, WritesNoExpressionAsAnnDataDoes) {
  const auto path = scratchFolder("h5ad_empty") / "new.h5ad";
  NewDataset dataset = newDataset();
  dataset.expression.resize(0, 0);
  dataset.layers.clear();
  writeH5ad(path, dataset);
  EXPECT_TRUE(CellDataset::open(path)->layers().empty());
  EXPECT_FALSE(testing::goldenHas(path, "X"));
}

TEST(H5adWriter, RefusesWhatDoesNotFitAndWritesNothing) {
  const auto folder = scratchFolder("h5ad_bad");
  const auto codeOf = [&](auto spoil) {
    NewDataset dataset = newDataset();
    spoil(dataset);
    return errorCode([&] { writeH5ad(folder / "bad.h5ad", dataset); });
  };
  EXPECT_EQ(codeOf([](NewDataset& it) { it.expression = Matrix::Zero(2, 2); }), "H5AD_WRITE");
  EXPECT_EQ(codeOf([](NewDataset& it) { it.layers[0].second = Matrix::Zero(3, 1); }), "H5AD_WRITE");
  EXPECT_EQ(codeOf([](NewDataset& it) { it.embeddings[0].second = Matrix::Zero(2, 2); }),
            "H5AD_WRITE");
  EXPECT_EQ(codeOf([](NewDataset& it) { it.columns[0].codes[0] = 2; }), "H5AD_WRITE");
  EXPECT_EQ(codeOf([](NewDataset& it) { it.columns[1].numbers.pop_back(); }), "H5AD_WRITE");
  EXPECT_EQ(codeOf([](NewDataset& it) { it.columns[1].name = "a/b"; }), "H5AD_WRITE");
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

}  // namespace
}  // namespace cellocus
