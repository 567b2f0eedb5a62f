// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/anndatafile.h"

#include <gtest/gtest.h>
#include <hdf5.h>

#include <cmath>
#include <future>

#include "support/codes.h"
#include "core/cells/smalldataset.h"
#include "support/shared.h"

namespace cellocus {
namespace {

using testing::Age;
using testing::errorCode;
using testing::RawFile;
using testing::scratchFolder;
using testing::smallExpression;
using testing::Storage;
using testing::writeMatrix;
using testing::writeSmall;
using testing::writeTables;

class AnnDataTest : public ::testing::Test {
 protected:
  /// A file with the small tables of AnnData 0.8 and whatever else `fill` adds.
  template <typename Fill>
  std::filesystem::path eight(Fill fill) const {
    const std::filesystem::path path = m_folder / "eight.h5ad";
    RawFile file(path);
    writeTables(file, Age::Eight);
    fill(file);
    return path;
  }
  template <typename Fill>
  std::shared_ptr<const CellDataset> opened(Fill fill) const {
    return CellDataset::open(eight(fill));
  }
  /// A CSR matrix of four cells and three genes with these arrays.
  struct Sparse {
    std::vector<float> data{1, 2};
    std::vector<std::int64_t> indices{0, 1}, indptr{0, 1, 1, 1, 2};
  };
  std::string codeOf(const Sparse& sparse, std::string* sentence) const {
    const auto path = eight([&](RawFile& file) {
      file.group("X");
      file.encoding("X", "csr_matrix", "0.1.0");
      file.numbersAttribute("X", "shape", {4, 3});
      file.floats("X/data", sparse.data);
      file.integers("X/indices", sparse.indices);
      file.integers("X/indptr", sparse.indptr);
    });
    return errorCode([&] { CellDataset::open(path)->gene(0); }, sentence);
  }
  std::filesystem::path m_folder = scratchFolder("anndata");
};

TEST_F(AnnDataTest, ReadsEveryAgeAndStorageAlike) {
  const std::pair<Age, const char*> ages[] = {{Age::Five, "AnnData 0.5 (compound tables)"},
                                              {Age::Seven, "AnnData 0.7"},
                                              {Age::Eight, "AnnData 0.8+"}};
  for (const auto& [age, format] : ages)
    for (const Storage storage : {Storage::Dense, Storage::Csr, Storage::Csc}) {
      SCOPED_TRACE(std::string(format) + " " + std::to_string(static_cast<int>(storage)));
      const auto dataset = CellDataset::open(writeSmall(m_folder / "small.h5ad", age, storage));
      EXPECT_EQ(dataset->format(), format);
      EXPECT_TRUE(dataset->remarks().empty());
      EXPECT_EQ(dataset->cells(0, 4), smallExpression());
      EXPECT_EQ(dataset->cells(1, 2), smallExpression().row(1));
      EXPECT_EQ(dataset->cells(2, 2).rows(), 0);
      for (std::int64_t gene = 0; gene < 3; ++gene)
        EXPECT_EQ(dataset->gene(gene), Vector(smallExpression().col(gene)));
      EXPECT_EQ(dataset->columnNames(), (std::vector<std::string>{"type", "depth"}));
      const CellColumn type = dataset->column("type");
      EXPECT_EQ(type.categories, (std::vector<std::string>{"atrial", "ventricular"}));
      EXPECT_EQ(type.codes, (std::vector<std::int32_t>{0, 1, -1, 1}));
      EXPECT_EQ(type.colours, (std::vector<std::string>{"#ff0000", "#00ff00"}));
      EXPECT_EQ(dataset->column("depth").numbers, (std::vector<double>{3, 3, 0, 9.5}));
      EXPECT_EQ(dataset->embeddingNames(), std::vector<std::string>{"X_umap"});
      EXPECT_EQ(dataset->embedding("X_umap")(3, 1), 7);
      EXPECT_EQ(dataset->genes()[0].id, "ENSG00000136574");
      EXPECT_EQ(dataset->genes()[2].symbol, "NKX2-5");
      ASSERT_EQ(dataset->layers().size(), 1u);
      EXPECT_EQ(dataset->layers()[0].content, ExpressionLayer::Content::Counts);
      EXPECT_EQ(dataset->layers()[0].evidence, "whole numbers up to 5");
    }
}

TEST_F(AnnDataTest, FindsGenesByAnyNameIgnoringCaseLast) {
  const auto dataset =
      CellDataset::open(writeSmall(m_folder / "genes.h5ad", Age::Eight, Storage::Csr));
  for (const char* name : {"GATA4", "gata4", "ENSG00000136574", "ENSG00000136574.12",
                           "ENSG00000136574.3", " GATA4 ", "ensg00000136574"})
    EXPECT_EQ(dataset->findGene(name), 0) << name;
  EXPECT_EQ(dataset->findGene("NKX2-5"), 2);
  EXPECT_EQ(dataset->findGene("MEF2C"), std::nullopt);
  EXPECT_EQ(dataset->findGene(""), std::nullopt);
}

TEST_F(AnnDataTest, IsFineWithoutExpression) {
  const auto dataset =
      CellDataset::open(writeSmall(m_folder / "none.h5ad", Age::Eight, Storage::None));
  EXPECT_EQ(dataset->cellCount(), 4);
  EXPECT_TRUE(dataset->layers().empty());
  std::string sentence;
  EXPECT_EQ(errorCode([&] { dataset->gene(0); }, &sentence), "H5AD_LAYER");
  EXPECT_NE(sentence.find("no expression at all"), std::string::npos) << sentence;
}

TEST_F(AnnDataTest, AddsValuesThatAreStoredTwice) {
  const auto dataset = opened([](RawFile& file) {
    file.group("X");
    file.encoding("X", "csr_matrix", "0.1.0");
    file.numbersAttribute("X", "shape", {4, 3});
    file.floats("X/data", {1, 10, 100});
    file.integers("X/indices", {2, 0, 2});
    file.integers("X/indptr", {0, 3, 3, 3, 3});
  });
  EXPECT_EQ(dataset->gene(2)[0], 101);
  EXPECT_EQ(dataset->cells(0, 1)(0, 2), 101);
}

TEST_F(AnnDataTest, NamesTheRowInWhichASparseMatrixIsDamaged) {
  std::string sentence;
  Sparse decreasing;
  decreasing.indptr = {0, 2, 1, 2, 2};
  EXPECT_EQ(codeOf(decreasing, &sentence), "H5AD_MATRIX");
  EXPECT_NE(sentence.find("X/indptr: it decreases at row 2"), std::string::npos) << sentence;
  Sparse shortened;
  shortened.indptr = {0, 1, 2};
  EXPECT_EQ(codeOf(shortened, &sentence), "H5AD_MATRIX");
  Sparse late;
  late.indptr = {1, 1, 1, 1, 2};
  EXPECT_EQ(codeOf(late, &sentence), "H5AD_MATRIX");
  Sparse open;
  open.indptr = {0, 1, 1, 1, 1};
  EXPECT_EQ(codeOf(open, &sentence), "H5AD_MATRIX");
  EXPECT_NE(sentence.find("its last entry 1"), std::string::npos) << sentence;
  Sparse outside;
  outside.indices = {0, 3};
  EXPECT_EQ(codeOf(outside, &sentence), "H5AD_MATRIX");
  EXPECT_NE(sentence.find("X/indices: it holds 3 in row 4"), std::string::npos) << sentence;
  Sparse negative;
  negative.indices = {-1, 1};
  EXPECT_EQ(codeOf(negative, &sentence), "H5AD_MATRIX");
  EXPECT_EQ(codeOf(Sparse(), &sentence), "no error") << sentence;
}

TEST_F(AnnDataTest, RefusesAMatrixThatDoesNotFitItsTables) {
  const auto path = eight([](RawFile& file) { file.floats("X", {1, 2, 3, 4, 5, 6}, {2, 3}); });
  EXPECT_EQ(errorCode([&] { CellDataset::open(path); }), "H5AD_SHAPE");
}

TEST_F(AnnDataTest, ReadsLayersAndLeavesOutBrokenOnesAloud) {
  const auto dataset = opened([](RawFile& file) {
    writeMatrix(file, "X", Age::Eight, Storage::Csr);
    writeMatrix(file, "layers/counts", Age::Eight, Storage::Csc);
    file.floats("layers/odd", {1, 2}, {2, 1});
    file.floats("layers/scaled", {-1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}, {4, 3});
    file.floats("layers/logs", {0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}, {4, 3});
    file.floats("layers/tpm", {0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9000}, {4, 3});
  });
  using enum ExpressionLayer::Content;
  std::vector<std::pair<std::string, ExpressionLayer::Content>> found;
  for (const ExpressionLayer& layer : dataset->layers())
    found.emplace_back(layer.path, layer.content);
  EXPECT_EQ(found, (decltype(found){{"X", Counts},
                                    {"layers/counts", Counts},
                                    {"layers/logs", LogNormalised},
                                    {"layers/scaled", Scaled},
                                    {"layers/tpm", Unknown}}));
  EXPECT_EQ(dataset->cells(0, 4, "layers/counts"), smallExpression());
  EXPECT_EQ(dataset->gene(0, "layers/scaled")[0], -1);
  ASSERT_EQ(dataset->remarks().size(), 1u);
  EXPECT_NE(dataset->remarks()[0].find("layers/odd"), std::string::npos);
}

TEST_F(AnnDataTest, RawIsReadInTheOrderOfTheGenes) {
  const auto dataset = opened([](RawFile& file) {
    writeMatrix(file, "X", Age::Eight, Storage::Csr);
    file.floats("raw/X", {1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {4, 4});
    file.group("raw/var");
    file.attribute("raw/var", "_index", "_index");
    file.strings("raw/var/_index",
                 {"ENSG00000183072", "other", "ENSG00000136574.12", "ENSG00000089225"});
  });
  ASSERT_EQ(dataset->layers().size(), 2u);
  EXPECT_EQ(dataset->gene(0, "raw/X")[0], 3);
  Matrix expected(1, 3);
  expected << 3, 4, 1;
  EXPECT_EQ(dataset->cells(0, 1, "raw/X"), expected);
}

TEST_F(AnnDataTest, RawWithoutTheGenesIsLeftOutAloud) {
  const auto dataset = opened([](RawFile& file) {
    file.floats("raw/X", {1, 2, 3, 4}, {4, 1});
    file.group("raw/var");
    file.attribute("raw/var", "_index", "_index");
    file.strings("raw/var/_index", {"other"});
  });
  EXPECT_TRUE(dataset->layers().empty());
  ASSERT_EQ(dataset->remarks().size(), 1u);
  EXPECT_NE(dataset->remarks()[0].find("raw/X is left out"), std::string::npos);
}

TEST_F(AnnDataTest, ReadsColumnsOfAllEncodings) {
  const auto path = m_folder / "columns.h5ad";
  {
    RawFile file(path);
    for (const char* table : {"obs", "var"}) {
      file.group(table);
      file.attribute(table, "_index", "names");
    }
    file.strings("var/names", {"g"});
    file.strings("obs/names", {"a", "b", "c"});
    file.booleans("obs/flag", {1, 0, 1});
    file.integers("obs/hash", {1, 2, (std::int64_t{1} << 53) + 1});
    file.strings("obs/barcode", {"x", "y", "z"});
    for (const char* name : {"integer", "boolean", "string"}) {
      file.group(std::string("obs/nullable-") + name);
      file.encoding(std::string("obs/nullable-") + name,
                    std::string("nullable-") + name + (name[0] == 's' ? "-array" : ""), "0.1.0");
      file.booleans(std::string("obs/nullable-") + name + "/mask", {0, 1, 0});
    }
    file.integers("obs/nullable-integer/values", {5, 6, 7});
    file.booleans("obs/nullable-boolean/values", {1, 1, 0});
    file.strings("obs/nullable-string/values", {"p", "q", "r"});
    file.integers("obs/clusters/codes", {1, 0, -1});
    file.integers("obs/clusters/categories", {3, 14});
    file.group("obs/awkward");
    file.encoding("obs/awkward", "awkward-array", "0.1.0");
    file.integers("obs/bad/codes", {0, 1, 2});
    file.strings("obs/bad/categories", {"only", "two"});
    file.integers("obs/short", {1, 2});
  }
  const auto dataset = CellDataset::open(path);
  EXPECT_EQ(dataset->column("flag").codes, (std::vector<std::int32_t>{1, 0, 1}));
  EXPECT_EQ(dataset->column("hash").texts[2], "9007199254740993");
  EXPECT_EQ(dataset->column("barcode").texts[1], "y");
  EXPECT_TRUE(std::isnan(dataset->column("nullable-integer").numbers[1]));
  EXPECT_EQ(dataset->column("nullable-integer").numbers[2], 7);
  EXPECT_EQ(dataset->column("nullable-boolean").codes, (std::vector<std::int32_t>{1, -1, 0}));
  EXPECT_EQ(dataset->column("nullable-string").texts, (std::vector<std::string>{"p", "", "r"}));
  EXPECT_EQ(dataset->column("clusters").categories, (std::vector<std::string>{"3", "14"}));
  EXPECT_EQ(dataset->column("clusters").codes, (std::vector<std::int32_t>{1, 0, -1}));
  for (const char* name : {"awkward", "bad", "short", "absent"})
    EXPECT_EQ(errorCode([&] { dataset->column(name); }), "H5AD_COLUMN") << name;
}

TEST_F(AnnDataTest, ReadsEmbeddingsThatAreTablesInTheirOwnOrder) {
  const auto dataset = opened([](RawFile& file) {
    file.group("obsm/table");
    file.encoding("obsm/table", "dataframe", "0.2.0");
    file.attribute("obsm/table", "_index", "_index");
    file.listAttribute("obsm/table", "column-order", {"0", "1", "10", "2"});
    file.strings("obsm/table/_index", {"cell0", "cell1", "cell2", "cell3"});
    for (const char* name : {"0", "1", "2", "10"})
      file.doubles(std::string("obsm/table/") + name, std::vector<double>(4, std::stod(name)));
    file.strings("obsm/names", {"a", "b", "c", "d"});
  });
  EXPECT_EQ(dataset->embeddingNames(), (std::vector<std::string>{"X_umap", "table"}));
  Matrix expected(1, 4);
  expected << 0, 1, 10, 2;
  EXPECT_EQ(dataset->embedding("table").row(2), expected.row(0));
  EXPECT_EQ(dataset->remarks().size(), 1u) << "obsm/names is left out";
  EXPECT_EQ(errorCode([&] { dataset->embedding("X_tsne"); }), "H5AD_EMBEDDING");
}

TEST_F(AnnDataTest, GivesNoColoursWhereTheFileHasTooFewOrOddOnes) {
  for (const std::vector<std::string>& colours :
       {std::vector<std::string>{"#ff0000"}, std::vector<std::string>{"red", "blue"}}) {
    const auto path = m_folder / "colours.h5ad";
    {
      RawFile file(path);
      writeTables(file, Age::Eight);
      H5Ldelete(file.id(), "uns/type_colors", H5P_DEFAULT);
      file.strings("uns/type_colors", colours);
    }
    EXPECT_TRUE(CellDataset::open(path)->column("type").colours.empty());
  }
}

TEST_F(AnnDataTest, RecognisesGenesByCellsAndObeysTheUser) {
  const auto path = m_folder / "turned.h5ad";
  {
    RawFile file(path);
    for (const char* table : {"obs", "var"}) {
      file.group(table);
      file.attribute(table, "_index", "_index");
    }
    file.strings("obs/_index", {"ENSG00000136574", "ENSG00000089225"});
    file.strings("obs/gene_symbols", {"GATA4", "TBX5"});
    file.strings("var/_index", {"c0", "c1", "c2"});
    file.doubles("var/depth", {1, 2, 3});
    file.floats("X", {1, 2, 3, 4, 5, 6}, {2, 3});
    file.floats("varm/X_umap", {1, 2, 3, 4, 5, 6}, {3, 2});
    file.floats("obsm/PCs", {1, 2}, {2, 1});
  }
  const auto dataset = CellDataset::open(path);
  EXPECT_EQ(dataset->orientation(), Orientation::GenesByCells);
  EXPECT_EQ(dataset->cellCount(), 3);
  EXPECT_EQ(dataset->gene(1), Vector(Eigen::Vector3f(4, 5, 6)));
  Matrix block(2, 2);
  block << 2, 5, 3, 6;
  EXPECT_EQ(dataset->cells(1, 3), block);
  EXPECT_EQ(dataset->embeddingNames(), std::vector<std::string>{"X_umap"});
  EXPECT_EQ(dataset->column("depth").numbers[2], 3);
  ASSERT_EQ(dataset->remarks().size(), 1u);
  EXPECT_NE(dataset->remarks()[0].find("Ensembl"), std::string::npos);

  CellDataset::Options options;
  options.orientation = Orientation::CellsByGenes;
  const auto asked = CellDataset::open(path, options);
  EXPECT_EQ(asked->cellCount(), 2);
  EXPECT_NE(asked->remarks().at(0).find("as asked for"), std::string::npos);
}

TEST_F(AnnDataTest, CanBeStoppedAndAskedAgain) {
  const auto dataset =
      CellDataset::open(writeSmall(m_folder / "stop.h5ad", Age::Eight, Storage::Csr));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(dataset->gene(0, {}, Progress(stop.get_token())), Cancelled);
  EXPECT_EQ(dataset->gene(0)[3], 4);
}

TEST_F(AnnDataTest, GenesMayBeAskedForFromSeveralThreads) {
  const auto dataset =
      CellDataset::open(writeSmall(m_folder / "threads.h5ad", Age::Eight, Storage::Csr));
  std::vector<std::future<Vector>> answers;
  for (std::int64_t i = 0; i < 12; ++i)
    answers.push_back(
        std::async(std::launch::async, [&dataset, i] { return dataset->gene(i % 3); }));
  for (std::int64_t i = 0; i < 12; ++i)
    EXPECT_EQ(answers[static_cast<std::size_t>(i)].get(), Vector(smallExpression().col(i % 3)));
}

TEST_F(AnnDataTest, RefusesWhatIsOutside) {
  const auto dataset =
      CellDataset::open(writeSmall(m_folder / "outside.h5ad", Age::Eight, Storage::Csr));
  EXPECT_EQ(errorCode([&] { dataset->gene(3); }), "H5AD_GENE");
  EXPECT_EQ(errorCode([&] { dataset->gene(-1); }), "H5AD_GENE");
  EXPECT_EQ(errorCode([&] { dataset->cells(0, 5); }), "H5AD_CELLS");
  EXPECT_EQ(errorCode([&] { dataset->cells(2, 1); }), "H5AD_CELLS");
}

TEST_F(AnnDataTest, TableWithoutIndexIsRefused) {
  const auto path = m_folder / "noindex.h5ad";
  {
    RawFile file(path);
    file.doubles("obs/depth", {1, 2});
    file.strings("var/_index", {"g"});
  }
  EXPECT_EQ(errorCode([&] { CellDataset::open(path); }), "H5AD_TABLE");
}

}  // namespace
}  // namespace cellocus
