// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <fstream>

#include "base/text.h"
#include "cells/celldataset.h"
#include "cells/h5file.h"
#include "clirun.h"
#include "models/emb2cell.h"
#include "support/golden.h"
#include "support/random.h"
#include "support/shared.h"

namespace cellocus {

namespace fs = std::filesystem;
using testing::CliResult;
using testing::fileText;
using testing::goldenArray;
using testing::runCli;
using testing::sharedPath;

namespace {

/// The rows of a table behind its comments, by the names of its columns.
std::vector<std::map<std::string, std::string>> rowsOf(const fs::path& path) {
  std::ifstream stream(path);
  std::vector<std::string> names;
  std::vector<std::map<std::string, std::string>> rows;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with('#')) continue;
    const auto cells = split(line, '\t');
    if (names.empty()) {
      names.assign(cells.begin(), cells.end());
      continue;
    }
    auto& row = rows.emplace_back();
    for (std::size_t i = 0; i < cells.size(); ++i) row[names[i]] = cells[i];
  }
  return rows;
}

double numberIn(const std::map<std::string, std::string>& row, const std::string& column) {
  return parseNumber(row.at(column)).value_or(-99);
}

/// Four genes in twelve cells, their prediction, and other names of one of them.
class CliEvaluate : public ::testing::Test {
 protected:
  CliEvaluate() {
    m_observed = testing::randomMatrix(4, 12, 5).cwiseAbs();
    NewDataset dataset;
    dataset.expression = m_observed.transpose();
    for (int cell = 0; cell < 12; ++cell) dataset.cellNames.push_back("c" + std::to_string(cell));
    for (const char* name : {"AAA", "BBB", "CCC", "OLD"}) dataset.genes.push_back({name, "", name});
    writeH5ad(m_folder / "cells.h5ad", dataset);
    write({"ENSG00000000001.1", "ENSG00000000002", "ENSG00000000003", "ENSG00000000004"},
          {"AAA", "BBB", "CCC", "NEW"}, dataset.cellNames);
  }
  void write(const std::vector<std::string>& ids, const std::vector<std::string>& symbols,
             const std::vector<std::string>& cells) {
    m_predicted = m_observed + testing::randomMatrix(4, 12, 6) * 0.1f;
    H5Writer::save(m_folder / "p.h5", [&](H5Writer& writer) {
      writer.matrix("/predicted", m_predicted);
      writer.strings("/gene_id", ids);
      writer.strings("/gene_symbol", symbols);
      writer.strings("/cell_id", cells);
    });
  }
  CliResult evaluate(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {
        "evaluate", "--predicted",     m_folder / "p.h5", "--cells", m_folder / "cells.h5ad",
        "-o",       m_folder / "m.tsv"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return runCli(arguments);
  }

  const fs::path m_folder = testing::scratchFolder("evaluate");
  Matrix m_observed, m_predicted;
};

}  // namespace

TEST_F(CliEvaluate, WritesMeansGenesCellsAndTheJoin) {
  const CliResult result = evaluate();
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.out.find("cross-gene r"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("10.1101/2023.07.26.550634"), std::string::npos);
  const auto rows = rowsOf(m_folder / "m.tsv");
  ASSERT_EQ(rows.size(), 3u + 3u);
  EXPECT_EQ(rows[0].at("kind"), "mean");
  EXPECT_GT(numberIn(rows[0], "cross_cell"), 0.9);
  EXPECT_EQ(rows[3].at("gene_symbol"), "AAA");
  EXPECT_EQ(rows[3].at("reliability"), "good");
  EXPECT_NEAR(numberIn(rows[3], "mean_observed"), m_observed.row(0).mean(), 1e-5);
  EXPECT_EQ(rowsOf(m_folder / "m.cells.tsv").size(), 12u);
  const auto join = rowsOf(m_folder / "m.join.tsv");
  ASSERT_EQ(join.size(), 5u);
  EXPECT_EQ(join[3].at("state"), "missing");
  EXPECT_EQ(join[3].at("embedding_gene"), "ENSG00000000004");
  EXPECT_NE(fileText(m_folder / "m.tsv").find("# cells file"), std::string::npos);
}

TEST_F(CliEvaluate, AliasesFindRenamedGenes) {
  std::ofstream(m_folder / "aliases.tsv") << "OLD\tNEW\n";
  ASSERT_EQ(evaluate({"--aliases", m_folder / "aliases.tsv"}).status, 0);
  EXPECT_EQ(rowsOf(m_folder / "m.join.tsv")[3].at("matched_by"), "alias");
  EXPECT_EQ(rowsOf(m_folder / "m.tsv").size(), 3u + 4u);
}

TEST_F(CliEvaluate, OneSetCanBeChosen) {
  std::ofstream(m_folder / "split.tsv") << "group_id\tset\nAAA\ttest\nBBB\ttest\nCCC\ttrain\n";
  ASSERT_EQ(evaluate({"--split", m_folder / "split.tsv", "--set", "test"}).status, 0);
  for (const auto& row : rowsOf(m_folder / "m.tsv")) EXPECT_EQ(row.at("set"), "test");
  const CliResult none = evaluate({"--set", "valid"});
  EXPECT_EQ(none.status, 3);
  EXPECT_NE(none.err.find("valid"), std::string::npos) << none.err;
}

TEST_F(CliEvaluate, CellsAndGenesThatDoNotMatchAreNamed) {
  write({"X1", "X2", "X3", "X4"}, {"", "", "", ""},
        {"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10", "c11"});
  EXPECT_NE(evaluate().err.find("none of its genes"), std::string::npos);
  write({"AAA", "BBB", "CCC", "OLD"}, {"", "", "", ""},
        std::vector<std::string>(12, "of another dataset"));
  const CliResult result = evaluate();
  EXPECT_EQ(result.status, 3);
  EXPECT_NE(result.err.find("none of its 12 cells"), std::string::npos) << result.err;
  EXPECT_EQ(evaluate({"--set", "all of them"}).status, 2);
}

TEST_F(CliEvaluate, IsThatOfTheOriginal) {
  const std::string s1 = "conformance/seq2cells/S1_checkpoints/";
  const std::string s2 = "conformance/seq2cells/S2_training/";
  CELLOCUS_NEEDS_SHARED(s1 + "expected.h5");
  const auto head = Emb2Cell::open(sharedPath(s1 + "bottleneck_relu_dropout_softplus.ckpt"));
  const Matrix embedding = goldenArray(sharedPath(s2 + "expected.h5"), "embedding").matrix();
  H5Writer::save(m_folder / "p.h5", [&](H5Writer& writer) {
    writer.matrix("/predicted", head->predict(embedding));
    writer.strings("/gene_id", testing::goldenStrings(sharedPath(s2 + "expected.h5"), "genes"));
    writer.strings("/cell_id",
                   testing::goldenStrings(sharedPath(s1 + "expected.h5"), "cell_names"));
  });
  const CliResult result =
      runCli({"evaluate", "--predicted", m_folder / "p.h5", "--cells",
              sharedPath(s2 + "pbmc_toy_with_emb_256dims.h5ad"), "-o", m_folder / "m.tsv"});
  ASSERT_EQ(result.status, 0) << result.err;
  std::map<std::string, std::map<std::string, std::string>> means;
  for (const auto& row : rowsOf(m_folder / "m.tsv"))
    if (row.at("kind") == "mean") means[row.at("set") + ' ' + row.at("gene_set")] = row;
  const fs::path folder = sharedPath(s1 + "eval_bottleneck_relu_dropout_softplus");
  for (const std::string set : {"all", "train", "valid", "test"})
    for (const auto& expected : rowsOf(folder / ("df_eval_mean_cor_summary_" + set + ".tsv"))) {
      const auto& row = means.at(set + ' ' + expected.at("gene_set"));
      EXPECT_NEAR(numberIn(row, "cross_gene"), numberIn(expected, "cross_gene"), 1e-5) << set;
      EXPECT_NEAR(numberIn(row, "cross_cell"), numberIn(expected, "cross_cell"), 1e-5) << set;
    }
}

}  // namespace cellocus
