// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/evaluationtables.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cellocus {

namespace {

Evaluation smallEvaluation() {
  Evaluation evaluation;
  const CorrelationMean mean{0.5, 0.25, 4, 2};
  evaluation.summaries = {{std::nullopt, GeneSelection::All, 2, mean, mean, 0.1},
                          {SplitSet::Test, GeneSelection::All, 1, mean, mean, 0.1}};
  evaluation.genes = {
      {{"G1", "ONE", SplitSet::Train, true, false}, 0.9, 1, 2, 4, Reliability::Seen},
      {{"G2", "TWO", SplitSet::Test, false, false}, std::nan(""), 1, 2, 4, Reliability::Undefined}};
  evaluation.cells = {{"c1", 0.1, 0.2, std::nan(""), 0.4}};
  return evaluation;
}

}  // namespace

TEST(EvaluationTables, MeansAndGenesStandInOneTable) {
  const Table table = evaluationTable(smallEvaluation());
  ASSERT_EQ(table.rows.size(), 4u);
  const std::string text = tableText(table, TableFormat::Tsv);
  EXPECT_NE(text.find("\nmean\tall\tall\tNA\tNA\t2\t1\t0.5\t0.25\t2\t"), std::string::npos) << text;
  EXPECT_NE(text.find("\ngene\ttest\tNA\tG2\tTWO\tNA\t4\t"), std::string::npos) << text;
  EXPECT_NE(text.find("seen in training"), std::string::npos);
  for (const auto& row : table.rows) EXPECT_EQ(row.size(), table.columns.size());
  EXPECT_EQ(evaluationTable(smallEvaluation(), SplitSet::Test).rows.size(), 2u);
}

TEST(EvaluationTables, CellsHaveOneRowEach) {
  const std::string text = tableText(cellCorrelationTable(smallEvaluation()), TableFormat::Tsv);
  EXPECT_NE(text.find("\nc1\t0.1\t0.2\tNA\t0.4\n"), std::string::npos) << text;
}

TEST(EvaluationTables, TheJoinListsBothSides) {
  EmbeddingFile embeddings;
  embeddings.embedding = Matrix::Zero(3, 1);
  embeddings.geneIds = {"ENSG00000000001.1", "ENSG00000000001.2", "ENSG00000000009"};
  const std::vector<GeneName> genes = {{"ENSG00000000001", "ENSG00000000001", "ONE"},
                                       {"REST", "", "REST"}};
  const Table table = geneJoinTable(joinGenes(embeddings, genes), embeddings, genes);
  const std::string text = tableText(table, TableFormat::Tsv);
  ASSERT_EQ(table.rows.size(), 4u);
  EXPECT_NE(text.find("\njoined\tid\t1\tENSG00000000001.1\t1\tENSG00000000001\tNA\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\nambiguous\tNA\t2\t"), std::string::npos) << text;
  EXPECT_NE(text.find("\nmissing\tNA\tNA\tNA\t2\tREST\t"), std::string::npos) << text;
}

}  // namespace cellocus
