// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "cells/celldataset.h"
#include "cells/h5file.h"
#include "support/codes.h"
#include "core/cells/h5description.h"
#include "core/cells/rawfile.h"
#include "support/shared.h"

namespace cellocus {
namespace {

using testing::errorCode;
using testing::RawFile;
using testing::scratchFolder;
using testing::sharedPath;

/// Two genes of three numbers as pandas stores them; `transposed` as PyTables marks the block.
std::filesystem::path pandasFile(int transposed) {
  const auto path = scratchFolder("embedding") / ("pandas" + std::to_string(transposed) + ".h5");
  RawFile file(path);
  file.group("emb");
  file.nullAttribute("", "TITLE");
  file.attribute("emb", "pandas_type", "frame");
  file.numbersAttribute("emb", "nblocks", {1});
  if (transposed) {
    file.fixedStrings("emb/axis0", {"0", "1", "2"}, 4);
    file.fixedStrings("emb/block0_items", {"0", "1", "2"}, 4);
    file.doubles("emb/block0_values", {1, 2, 3, 4, 5, 6}, {2, 3});
  } else {
    file.integers("emb/axis0", {0, 1, 2});
    file.integers("emb/block0_items", {0, 1, 2});
    file.doubles("emb/block0_values", {1, 4, 2, 5, 3, 6}, {3, 2});
  }
  file.nullAttribute("emb/block0_values", "TITLE");
  file.bitsAttribute("emb/block0_values", "transposed", transposed == 1);
  file.integers("emb/axis1", {0, 1});
  return path;
}

TEST(EmbeddingFile, HeedsTheTransposedMarkOfPandas) {
  Matrix expected(2, 3);
  expected << 1, 2, 3, 4, 5, 6;
  for (const int transposed : {0, 1}) {
    const EmbeddingFile read = readEmbeddings(pandasFile(transposed));
    EXPECT_EQ(read.embedding, expected) << "transposed " << transposed;
    EXPECT_TRUE(read.geneIds.empty());
    EXPECT_EQ(read.gamma, "");
  }
}

TEST(EmbeddingFile, PutsPandasColumnsIntoTheirOrder) {
  const auto path = scratchFolder("embedding_order") / "order.h5";
  {
    RawFile file(path);
    file.strings("emb/axis0", {"a", "b", "c"});
    file.strings("emb/block0_items", {"c", "a", "b"});
    file.strings("emb/axis1", {"ENSG00000136574", "ENSG00000089225"});
    file.doubles("emb/block0_values", {3, 1, 2, 6, 4, 5}, {2, 3});
    file.bitsAttribute("emb/block0_values", "transposed", true);
  }
  const EmbeddingFile read = readEmbeddings(path);
  Matrix expected(2, 3);
  expected << 1, 2, 3, 4, 5, 6;
  EXPECT_EQ(read.embedding, expected);
  EXPECT_EQ(read.geneIds[1], "ENSG00000089225");
}

TEST(EmbeddingFile, ReadsBackWhatItWrote) {
  const auto path = scratchFolder("embedding_own") / "own.h5";
  EmbeddingFile written;
  written.embedding = Matrix::Random(5, 32);
  written.geneIds = {"a", "b", "c", "d", "é"};
  written.geneSymbols = {"A", "B", "C", "D", "E"};
  written.windows = {"chr1:1-2", "", "", "", "chr2:3-4"};
  written.gamma = "tf";
  writeEmbeddings(path, written, {{"model", "enformer"}, {"sha256", "00"}});
  const EmbeddingFile read = readEmbeddings(path);
  EXPECT_EQ(read.embedding, written.embedding);
  EXPECT_EQ(read.geneIds, written.geneIds);
  EXPECT_EQ(read.geneSymbols, written.geneSymbols);
  EXPECT_EQ(read.windows, written.windows);
  EXPECT_EQ(read.gamma, "tf");
  EXPECT_EQ(H5File::open(path)->attribute("provenance", "model"), "enformer");
}

TEST(EmbeddingFile, PandasLayoutIsReadBackWithItsGamma) {
  const auto path = scratchFolder("embedding_pandas") / "pandas.h5";
  EmbeddingFile written;
  written.embedding = Matrix::Random(3, 8);
  written.geneIds = {"a", "b", "c"};
  written.gamma = "torch";
  writeEmbeddings(path, written, {{"provenance", "{\"program\":\"cellocus\"}"}},
                  EmbeddingLayout::Pandas);
  const EmbeddingFile read = readEmbeddings(path);
  EXPECT_EQ(read.embedding, written.embedding);
  EXPECT_TRUE(read.geneIds.empty()) << "pandas' rows have numbers";
  EXPECT_EQ(read.gamma, "torch");
  EXPECT_EQ(H5File::open(path)->attribute("", "provenance"), "{\"program\":\"cellocus\"}");
  EXPECT_EQ(H5File::open(path)->attribute("", "TITLE"), std::nullopt);
  EXPECT_EQ(H5File::open(path)->type("emb/block0_values"), H5File::Type::Real);
}

TEST(EmbeddingFile, PandasLayoutIsThatOfSeq2cells) {
  CELLOCUS_NEEDS_SHARED("conformance/seq2cells/S5_variant_effect/calc_embeddings_default.h5");
  const auto theirs =
      sharedPath("conformance/seq2cells/S5_variant_effect/calc_embeddings_default.h5");
  const auto ours = scratchFolder("embedding_pandas") / "same.h5";
  EmbeddingFile same;
  same.embedding = readEmbeddings(theirs).embedding;
  writeEmbeddings(ours, same, {}, EmbeddingLayout::Pandas);
  EXPECT_EQ(testing::h5Description(ours, "/emb"), testing::h5Description(theirs, "/emb"));
  // Besides, theirs holds the tracks at the start sites.
  const auto withoutTracks = [](std::vector<std::string> lines) {
    std::erase_if(lines, [](const std::string& line) { return line.starts_with("/tar"); });
    return lines;
  };
  const auto all = testing::h5Description(ours, "/");
  EXPECT_GT(all.size(), 40u);
  EXPECT_EQ(all, withoutTracks(testing::h5Description(theirs, "/")));
}

TEST(EmbeddingFile, KnowsWhichPartOfARunItIs) {
  const auto path = scratchFolder("embedding_part") / "part.h5";
  EmbeddingFile written;
  written.embedding = Matrix::Random(5, 4);
  written.part = EmbeddingFile::Part{2, 3, 5, 16, "abc"};
  writeEmbeddings(path, written, {});
  EXPECT_EQ(readEmbeddings(path).part, written.part);
  written.part->firstRow = 12;
  writeEmbeddings(path, written, {});
  EXPECT_EQ(errorCode([&] { readEmbeddings(path); }), "EMBEDDING_FILE");
}

TEST(EmbeddingFile, RefusesWhatDoesNotFit) {
  const auto folder = scratchFolder("embedding_bad");
  EmbeddingFile odd;
  odd.embedding = Matrix::Zero(2, 4);
  odd.geneIds = {"only one"};
  EXPECT_EQ(errorCode([&] { writeEmbeddings(folder / "odd.h5", odd, {}); }), "EMBEDDING_FILE");
  EXPECT_FALSE(std::filesystem::exists(folder / "odd.h5"));
  {
    RawFile file(folder / "other.h5");
    file.floats("values", {1, 2});
  }
  EXPECT_EQ(errorCode([&] { readEmbeddings(folder / "other.h5"); }), "EMBEDDING_FILE");
  {
    RawFile file(folder / "names.h5");
    file.floats("embedding", {1, 2, 3, 4}, {2, 2});
    file.strings("gene_id", {"a", "b", "c"});
  }
  EXPECT_EQ(errorCode([&] { readEmbeddings(folder / "names.h5"); }), "EMBEDDING_FILE");
}

TEST(EmbeddingFile, ReadsTheToyOfSeq2cells) {
  CELLOCUS_NEEDS_SHARED("data/enformer/seq2cells_tests/toy_seq_embeddings.h5");
  const EmbeddingFile read =
      readEmbeddings(sharedPath("data/enformer/seq2cells_tests/toy_seq_embeddings.h5"));
  ASSERT_EQ(read.embedding.rows(), 50);
  ASSERT_EQ(read.embedding.cols(), 3072);
  EXPECT_FLOAT_EQ(read.embedding(3, 5), 0.07566343992948532f);
  EXPECT_FLOAT_EQ(read.embedding(49, 3071), 0.1432121992111206f);
  EXPECT_FLOAT_EQ(read.embedding.minCoeff(), -0.16359221935272217f);
}

TEST(EmbeddingFile, ReadsWholeNumberLabelsAndTheObsmOfSeq2cells) {
  CELLOCUS_NEEDS_SHARED("conformance/seq2cells/S5_variant_effect/calc_embeddings_default.h5");
  const EmbeddingFile fresh = readEmbeddings(
      sharedPath("conformance/seq2cells/S5_variant_effect/calc_embeddings_default.h5"));
  ASSERT_EQ(fresh.embedding.rows(), 4);
  ASSERT_EQ(fresh.embedding.cols(), 384);
  EXPECT_FLOAT_EQ(fresh.embedding(2, 7), -0.1502648890018463f);
  const EmbeddingFile inside = readEmbeddings(
      sharedPath("conformance/seq2cells/S2_training/pbmc_toy_with_emb_256dims.h5ad"));
  ASSERT_EQ(inside.embedding.rows(), 50);
  ASSERT_EQ(inside.embedding.cols(), 256);
  EXPECT_FLOAT_EQ(inside.embedding(7, 3), -0.1493724137544632f);
  EXPECT_FLOAT_EQ(inside.embedding(49, 255), 0.576815664768219f);
  EXPECT_EQ(inside.geneIds[7], "ENSG00000168393");
  EXPECT_EQ(inside.geneSymbols[7], "DTYMK");
}

}  // namespace
}  // namespace cellocus
