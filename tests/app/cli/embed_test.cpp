// SPDX-License-Identifier: GPL-3.0-or-later
// The way from windows to cells: embed, verify-weights, predict-cells.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <numeric>

#include "base/text.h"
#include "cells/celldataset.h"
#include "clirun.h"
#include "models/emb2cell.h"
#include "models/enformer.h"
#include "nn/packedproduct.h"
#include "support/golden.h"
#include "support/shared.h"

namespace cellocus {

namespace fs = std::filesystem;
using testing::CliResult;
using testing::goldenArray;
using testing::queryRow;
using testing::runCli;

namespace {

constexpr std::int64_t contigLength = 20'000;

class CliEmbed : public ::testing::Test {
 protected:
  CliEmbed() {
    testing::writeFasta(folder / "g.fa", "chr1", bases);
    trunk = testing::tinyTrunk(folder);
  }

  fs::path windows(const std::string& rows) {
    std::ofstream(folder / "w.tsv") << testing::queryColumns() << rows;
    return folder / "w.tsv";
  }
  CliResult embed(const std::string& rows, const std::string& output,
                  const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"embed",         "--enformer", trunk,         "--genome",
                                          folder / "g.fa", "--windows",  windows(rows), "-o",
                                          folder / output};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return runCli(arguments);
  }
  Matrix embedded(const std::string& rows, const std::vector<std::string>& more = {}) {
    const CliResult result = embed(rows, "emb.h5", more);
    EXPECT_EQ(result.status, 0) << result.err;
    return goldenArray(folder / "emb.h5", "embedding").matrix();
  }
  /// All bins of a piece of the genome, by way of `predict`.
  Matrix predicted(const std::string& piece) {
    testing::writeFasta(folder / "piece.fa", "piece", piece);
    const CliResult result = runCli({"predict", "--enformer", trunk, "--fasta", folder / "piece.fa",
                                     "--what", "embedding", "-o", folder / "piece.h5"});
    EXPECT_EQ(result.status, 0) << result.err;
    fs::remove(folder / "piece.fa.fai");
    return goldenArray(folder / "piece.h5", "piece/embedding").matrix();
  }
  CliResult verify(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"verify-weights", "--enformer",    trunk,
                                          "--genome",       folder / "g.fa", "--windows",
                                          folder / "w.tsv", "--embeddings",  folder / "emb.h5"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return runCli(arguments);
  }

  const fs::path folder = testing::scratchFolder("embed");
  const std::string bases = testing::randomBases(contigLength, 11);
  fs::path trunk;
};

class CliPredictCells : public CliEmbed {
 protected:
  CliPredictCells() {
    Emb2Cell::Parts parts;
    parts.first = {Matrix::Random(3, 192) * 0.1f, Vector::Random(3)};
    parts.cellNames = {"c1", "c2", "c3"};
    parts.unit = "log1p counts";
    head = std::make_shared<const Emb2Cell>(parts);
    head->save(folder / "head.safetensors");
    embedding = embedded(queryRow(101, "+", "20", "ENSG00000000001") +
                         queryRow(4001, "+", "3", "ENSG00000000002"));
  }
  CliResult predictCells(const std::string& output, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {
        "predict-cells", "--head",          folder / "head.safetensors",
        "--embeddings",  folder / "emb.h5", "-o",
        folder / output};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return runCli(arguments);
  }

  std::shared_ptr<const Emb2Cell> head;
  Matrix embedding;
};

std::string complemented(const std::string& piece) {
  std::string result(piece.rbegin(), piece.rend());
  for (char& base : result) base = base == 'A' ? 'T' : base == 'T' ? 'A' : base == 'C' ? 'G' : 'C';
  return result;
}

}  // namespace

TEST_F(CliEmbed, TakesTheBinOfTheStartSite) {
  const Matrix embedding = embedded(queryRow(101, "+", "20", "ENSG00000000001") +
                                    queryRow(4001, "+", "3", "ENSG00000000002"));
  ASSERT_EQ(embedding.rows(), 2);
  EXPECT_TRUE(testing::within(embedding.row(0), predicted(bases.substr(100, 8192)).row(20), 1e-5));
  EXPECT_TRUE(testing::within(embedding.row(1), predicted(bases.substr(4000, 8192)).row(3), 1e-5));
  EXPECT_EQ(testing::goldenStrings(folder / "emb.h5", "gene_id"),
            (std::vector<std::string>{"ENSG00000000001.1", "ENSG00000000002.1"}));
  EXPECT_EQ(testing::goldenStrings(folder / "emb.h5", "gene_symbol"),
            (std::vector<std::string>{"SYMENSG00000000001", "SYMENSG00000000002"}));
  EXPECT_EQ(testing::goldenStrings(folder / "emb.h5", "window").front(), "chr1:101-8292");
}

TEST_F(CliEmbed, BFloat16IsNearFloat32AndNamed) {
  if (!nn::canMultiply(Precision::BFloat16)) GTEST_SKIP() << "this processor has no bfloat16";
  const std::string rows = queryRow(101, "+", "20", "G");
  const Matrix exact = embedded(rows), rough = embedded(rows, {"--precision", "bfloat16"});
  EXPECT_GT((rough - exact).norm(), 0);
  EXPECT_LT((rough - exact).norm(), 0.08 * exact.norm());
  EXPECT_NE(testing::goldenAttribute(folder / "emb.h5", "provenance", "provenance")
                .find("\"precision\":\"bfloat16\""),
            std::string::npos);
}

TEST_F(CliEmbed, ReadsMinusStrandGenesFromTheOtherStrand) {
  const Matrix reverse = predicted(complemented(bases.substr(100, 8192)));
  EXPECT_TRUE(testing::within(embedded(queryRow(101, "-", "20", "G")), reverse.row(39 - 20), 1e-5));
  const Matrix forward = predicted(bases.substr(100, 8192));
  EXPECT_TRUE(
      testing::within(embedded(queryRow(101, "-", "20", "G"), {"--reverse-complement", "always"}),
                      forward.row(20), 1e-5));
  EXPECT_TRUE(
      testing::within(embedded(queryRow(101, "-", "20", "G"), {"--reverse-complement", "average"}),
                      (forward.row(20) + reverse.row(19)) / 2, 1e-5));
}

TEST_F(CliEmbed, AggregatesNeighboursAndSeveralStartSites) {
  const Matrix all = predicted(bases.substr(100, 8192));
  EXPECT_TRUE(testing::within(embedded(queryRow(101, "+", "20", "G"), {"--add-bins", "1"}),
                              all.middleRows(19, 3).colwise().mean(), 1e-5));
  EXPECT_TRUE(testing::within(embedded(queryRow(101, "+", "0,39", "G"), {"--aggregate", "sum"}),
                              all.row(0) + all.row(39), 1e-5));
  EXPECT_TRUE(testing::within(embedded(queryRow(101, "+", "20", "G"), {"--what", "window-mean"}),
                              all.colwise().mean(), 1e-5));
  Matrix median(1, all.cols());
  for (Eigen::Index i = 0; i < all.cols(); ++i) {
    std::vector<float> three = {all(4, i), all(5, i), all(6, i)};
    std::ranges::sort(three);
    median(0, i) = three[1];
  }
  EXPECT_TRUE(testing::within(
      embedded(queryRow(101, "+", "5", "G"), {"--add-bins", "1", "--aggregate", "median"}), median,
      1e-5));
}

TEST_F(CliEmbed, AveragesShiftsThatTheContigAllows) {
  const Matrix shifted =
      (predicted(bases.substr(97, 8192)).row(20) + predicted(bases.substr(103, 8192)).row(20)) / 2;
  EXPECT_TRUE(
      testing::within(embedded(queryRow(101, "+", "20", "G"), {"--shift=-3,3"}), shifted, 1e-5));
  // The first window cannot move to the left.
  EXPECT_TRUE(testing::within(embedded(queryRow(1, "+", "20", "G"), {"--shift=-3"}),
                              predicted(bases.substr(0, 8192)).row(20), 1e-5));
}

TEST_F(CliEmbed, FindsColumnsByNameInAnyOrder) {
  const Matrix expected = embedded(queryRow(101, "+", "20", "ENSG00000000001"));
  std::ofstream(folder / "other.tsv") << "bins_roi\tgroup_id\tseq_strand\tseq_end\tseq_start\tchr\n"
                                      << "20\tENSG00000000001.1\t+\t8292\t101\tchr1\n";
  const CliResult result = runCli({"embed", "--enformer", trunk, "--genome", folder / "g.fa",
                                   "--windows", folder / "other.tsv", "-o", folder / "other.h5"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(testing::within(goldenArray(folder / "other.h5", "embedding").matrix(), expected, 0));
}

TEST_F(CliEmbed, BadWindowsNameTheirLine) {
  struct Case {
    std::string rows, said;
  };
  for (const Case& bad :
       {Case{queryRow(101, "+", "20", "A") + queryRow(101, "*", "20", "B"), "line 3"},
        Case{queryRow(101, "+", "twenty", "A"), "twenty"},
        Case{queryRow(101, "+", "40", "A"), "bin 40"}, Case{"chr1\t5\n", "line 2"},
        Case{"", "no window"},
        Case{"chr1\t1\t5000\t+\tp\tg\ts\t0\t1\t0\t['+']\t0\t3\n", "5,000 bp"}}) {
    const CliResult result = embed(bad.rows, "emb.h5");
    EXPECT_EQ(result.status, 3) << bad.said;
    EXPECT_NE(result.err.find(bad.said), std::string::npos) << result.err;
    EXPECT_FALSE(fs::exists(folder / "emb.h5"));
  }
}

TEST_F(CliEmbed, WeightsAgreeWithTheirOwnEmbeddings) {
  embedded(queryRow(101, "+", "20", "A") + queryRow(4001, "-", "3", "B"), {"--gamma", "torch"});
  const CliResult result = verify();
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.out.find("agrees with the published embeddings"), std::string::npos)
      << result.out;
}

TEST_F(CliEmbed, OtherWeightsAreToldApart) {
  embedded(queryRow(101, "+", "20", "A") + queryRow(4001, "-", "3", "B"), {"--gamma", "torch"});
  const CliResult result = verify({"--gamma", "tf"});
  EXPECT_EQ(result.status, 3);
  EXPECT_NE(result.out.find("other weights"), std::string::npos) << result.out;
  EXPECT_NE(result.err.find("0.001"), std::string::npos) << result.err;
}

TEST_F(CliEmbed, PublishedEmbeddingsOfAnotherSizeAreRefused) {
  CELLOCUS_NEEDS_SHARED("data/enformer/seq2cells_enformer_example/enformer_out.h5");
  windows(queryRow(101, "+", "20", "A") + queryRow(101, "+", "21", "B") +
          queryRow(101, "+", "22", "C"));
  const CliResult result =
      runCli({"verify-weights", "--enformer", trunk, "--genome", folder / "g.fa", "--windows",
              folder / "w.tsv", "--embeddings",
              testing::sharedPath("data/enformer/seq2cells_enformer_example/enformer_out.h5")});
  EXPECT_EQ(result.status, 3);
  EXPECT_NE(result.err.find("3072"), std::string::npos) << result.err;
}

TEST_F(CliPredictCells, WritesGenesByCells) {
  const CliResult result = predictCells("p.h5");
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(testing::within(goldenArray(folder / "p.h5", "predicted").matrix(),
                              head->predict(embedding), 1e-5));
  EXPECT_EQ(testing::goldenStrings(folder / "p.h5", "gene_id"),
            (std::vector<std::string>{"ENSG00000000001.1", "ENSG00000000002.1"}));
  EXPECT_EQ(testing::goldenStrings(folder / "p.h5", "cell_id"),
            (std::vector<std::string>{"c1", "c2", "c3"}));
}

TEST_F(CliPredictCells, TableHasOneLineAGene) {
  ASSERT_EQ(predictCells("p.tsv", {"--genes", "ENSG00000000002"}).status, 0);
  const std::string text = testing::fileText(folder / "p.tsv");
  const std::string data = text.substr(text.find("gene_id"));
  const auto lines = split(data, '\n');
  EXPECT_EQ(lines[0], "gene_id\tgene_symbol\tc1\tc2\tc3");
  EXPECT_TRUE(lines[1].starts_with("ENSG00000000002.1\tSYMENSG00000000002\t"));
  EXPECT_NEAR(parseNumber(split(lines[1], '\t')[2]).value(), head->predict(embedding)(1, 0), 1e-5);
  EXPECT_NE(text.find("# unit is: log1p counts"), std::string::npos) << text;
}

TEST_F(CliPredictCells, DatasetHoldsPredictionsBesideObservedValues) {
  NewDataset dataset;
  dataset.cellNames = {"c3", "c1", "other"};
  dataset.genes = {{"ENSG00000000001", "ENSG00000000001", "SYMENSG00000000001"}};
  dataset.expression = Matrix(3, 1);
  dataset.expression << 7, 8, 9;
  dataset.embeddings = {{"X_umap", Matrix::Zero(3, 2)}};
  writeH5ad(folder / "cells.h5ad", dataset);
  const CliResult result = predictCells("p.h5ad", {"--cells", folder / "cells.h5ad"});
  ASSERT_EQ(result.status, 0) << result.err;
  const auto cells = CellDataset::open(folder / "p.h5ad");
  ASSERT_EQ(cells->cellNames(), dataset.cellNames);
  const Matrix all = head->predict(embedding);
  const auto gene = cells->findGene("ENSG00000000001");
  ASSERT_TRUE(gene);
  const Vector values = cells->gene(*gene, "layers/predicted");
  EXPECT_NEAR(values[0], all(0, 2), 1e-5);
  EXPECT_NEAR(values[1], all(0, 0), 1e-5);
  EXPECT_TRUE(std::isnan(values[2]));
  EXPECT_EQ(cells->gene(*gene)[1], 8);
  EXPECT_EQ(cells->embeddingNames(), (std::vector<std::string>{"X_umap"}));
}

TEST_F(CliPredictCells, BadInputSaysWhatDoesNotFit) {
  EXPECT_EQ(predictCells("p.xlsx").status, 2);
  const CliResult gene = predictCells("p.h5", {"--genes", "GATA44"});
  EXPECT_EQ(gene.status, 3);
  EXPECT_NE(gene.err.find("GATA44"), std::string::npos) << gene.err;
  Emb2Cell::Parts parts = head->parts();
  parts.first.weight = Matrix::Zero(3, 100);
  Emb2Cell(parts).save(folder / "head.safetensors");
  const CliResult size = predictCells("p.h5");
  EXPECT_EQ(size.status, 3);
  EXPECT_NE(size.err.find("192"), std::string::npos) << size.err;
}

}  // namespace cellocus
