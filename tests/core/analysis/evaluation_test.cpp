// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/evaluation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>

#include "base/error.h"
#include "base/text.h"
#include "cells/celldataset.h"
#include "models/emb2cell.h"
#include "support/golden.h"
#include "support/random.h"
#include "support/shared.h"

namespace cellocus {

namespace fs = std::filesystem;
using testing::goldenArray;
using testing::sharedPath;

namespace {

constexpr const char* s1 = "conformance/seq2cells/S1_checkpoints/";
constexpr const char* s2 = "conformance/seq2cells/S2_training/expected.h5";
constexpr const char* s4 = "conformance/seq2cells/S4_metrics/expected.h5";

EvaluationInput inputOf(const Matrix& predicted, const Matrix& observed) {
  EvaluationInput input;
  for (Eigen::Index gene = 0; gene < predicted.rows(); ++gene)
    input.genes.push_back({"G" + std::to_string(gene), "", SplitSet::Test});
  for (Eigen::Index cell = 0; cell < predicted.cols(); ++cell)
    input.cellNames.push_back("c" + std::to_string(cell));
  const auto rowsOf = [](const Matrix& matrix) {
    return [matrix](std::int64_t first, std::int64_t last) {
      return Matrix(matrix.middleRows(first, last - first));
    };
  };
  input.predicted = rowsOf(predicted);
  input.observed = rowsOf(observed);
  return input;
}

/// The lines of a table without comment, split at tabs.
std::vector<std::vector<std::string>> tableOf(const fs::path& path) {
  std::ifstream stream(path);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(stream, line);) {
    rows.emplace_back();
    for (const std::string_view cell : split(line, '\t')) rows.back().emplace_back(cell);
  }
  return rows;
}

}  // namespace

TEST(Evaluation, ConstantGenesCountByTheirRule) {
  Matrix predicted = testing::randomMatrix(4, 30, 1), observed = testing::randomMatrix(4, 30, 2);
  observed.row(1) = predicted.row(1) * 2;
  observed.row(2).setZero();
  const Evaluation result = evaluate(inputOf(predicted, observed));
  ASSERT_EQ(result.genes.size(), 4u);
  EXPECT_NEAR(result.genes[1].r, 1, 1e-6);
  EXPECT_TRUE(std::isnan(result.genes[2].r));
  EXPECT_EQ(result.genes[1].reliability, Reliability::Good);
  EXPECT_EQ(result.genes[2].reliability, Reliability::Undefined);
  const EvaluationSummary* all = result.find(std::nullopt);
  ASSERT_NE(all, nullptr);
  const double sum = result.genes[0].r + result.genes[1].r + result.genes[3].r;
  EXPECT_NEAR(all->crossCell.skipping, sum / 3, 1e-12);
  EXPECT_NEAR(all->crossCell.asZero, sum / 4, 1e-12);
  EXPECT_EQ(all->crossCell.undefined, 1);
  EXPECT_EQ(all->crossGene.entries, 30);
  EXPECT_EQ(result.find(SplitSet::Train), nullptr);
  EXPECT_NEAR(result.genes[0].meanObserved, observed.row(0).mean(), 1e-6);
}

TEST(Evaluation, ReliabilityNeedsAnUnseenGeneAndEnoughCells) {
  EXPECT_EQ(reliabilityOf(0.5, 1'000, SplitSet::Test), Reliability::Good);
  EXPECT_EQ(reliabilityOf(0.2, 1'000, SplitSet::Unassigned), Reliability::Fair);
  EXPECT_EQ(reliabilityOf(0.05, 100'000, SplitSet::Test), Reliability::Poor);
  EXPECT_EQ(reliabilityOf(0.5, 10, SplitSet::Test), Reliability::Poor);
  EXPECT_EQ(reliabilityOf(0.5, 1'000, SplitSet::Train), Reliability::Seen);
  EXPECT_EQ(reliabilityOf(1, 1'000, SplitSet::Test), Reliability::Good);
  EXPECT_EQ(reliabilityOf(std::nan(""), 1'000, SplitSet::Test), Reliability::Undefined);
}

TEST(Evaluation, CellsThatTheHeadDoesNotKnowAreLeftOut) {
  Matrix predicted = testing::randomMatrix(3, 10, 1);
  const Matrix observed = testing::randomMatrix(3, 10, 2);
  predicted.col(4).setConstant(std::nanf(""));
  const Evaluation result = evaluate(inputOf(predicted, observed));
  EXPECT_EQ(result.cells.size(), 9u);
  EXPECT_EQ(result.cells[4].name, "c5");
  EXPECT_EQ(result.genes[0].cells, 9);
  predicted(1, 7) = std::nanf("");
  try {
    evaluate(inputOf(predicted, observed));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "EVALUATION_VALUES");
  }
}

TEST(Evaluation, GenesAreChosenByFormulaWhereTheDatasetIsSilent) {
  Matrix observed = testing::randomMatrix(3, 50, 3).cwiseAbs();
  observed.row(1) = observed.row(1).array() + 10;
  observed.row(2) *= 5;
  EvaluationInput input = inputOf(testing::randomMatrix(3, 50, 4), observed);
  input.highlyCount = 1;
  const Evaluation result = evaluate(input);
  EXPECT_TRUE(*result.genes[1].gene.highlyExpressed);
  EXPECT_TRUE(*result.genes[2].gene.highlyVariable);
  EXPECT_FALSE(*result.genes[0].gene.highlyVariable);
  EXPECT_EQ(result.find(std::nullopt, GeneSelection::HighlyVariable)->genes, 1);
  EXPECT_NE(result.highlyVariableFormula.find("variance / mean"), std::string::npos);
}

TEST(Evaluation, ShapesThatDoNotGoTogetherAreRefused) {
  EvaluationInput input = inputOf(Matrix::Ones(2, 3), Matrix::Ones(2, 4));
  EXPECT_THROW(evaluate(input), Error);
}

TEST(Evaluation, CorrelationsOfSpecialMatricesAreThoseOfTheOriginal) {
  CELLOCUS_NEEDS_SHARED(s4);
  const fs::path file = sharedPath(s4);
  for (const std::string name : {"plain", "constant_rows", "constant_cols", "zero_rows_cols",
                                 "even_counts", "two_rows", "nearly_constant_row"}) {
    SCOPED_TRACE(name);
    const Evaluation result = evaluate(inputOf(goldenArray(file, name + "/pred").matrix(),
                                               goldenArray(file, name + "/target").matrix()));
    const auto compare = [&](const std::string& axis, std::size_t count, const auto& value) {
      const auto expected = goldenArray(file, name + "/eval_anndata_" + axis + "/per_entry").values;
      ASSERT_EQ(expected.size(), count);
      for (std::size_t i = 0; i < count; ++i) {
        EXPECT_EQ(std::isnan(value(i)), std::isnan(expected[i])) << axis << ' ' << i;
        if (std::isnan(expected[i])) continue;
        EXPECT_NEAR(value(i), expected[i], 1e-10) << axis << ' ' << i;
      }
    };
    compare("axis0", result.cells.size(), [&](std::size_t i) { return result.cells[i].all; });
    compare("axis1", result.genes.size(), [&](std::size_t i) { return result.genes[i].r; });
    const EvaluationSummary& all = *result.find(std::nullopt);
    EXPECT_NEAR(all.crossGene.skipping,
                goldenArray(file, name + "/eval_anndata_axis0/mean").values[0], 1e-10);
    EXPECT_NEAR(all.crossCell.skipping,
                goldenArray(file, name + "/eval_anndata_axis1/mean").values[0], 1e-10);
  }
}

namespace {

/// The evaluation of the golden checkpoint.
Evaluation goldenEvaluation() {
  const auto cellsFile =
      sharedPath("conformance/seq2cells/S2_training/pbmc_toy_with_emb_256dims.h5ad");
  const auto dataset = CellDataset::open(cellsFile);
  const Matrix embedding = goldenArray(sharedPath(s2), "embedding").matrix();
  const auto head =
      Emb2Cell::open(sharedPath(s1 + std::string("bottleneck_relu_dropout_softplus.ckpt")));
  const Matrix predicted = head->predict(embedding);
  const Matrix all = goldenArray(sharedPath(s2), "observed").matrix();
  std::vector<Eigen::Index> columns;
  for (const double cell :
       goldenArray(sharedPath(s1 + std::string("expected.h5")), "cell_columns").values)
    columns.push_back(static_cast<Eigen::Index>(cell));
  EvaluationInput input = inputOf(predicted, Matrix(all(Eigen::all, columns)));
  const auto names = testing::goldenStrings(sharedPath(s2), "genes");
  const auto sets = testing::goldenStrings(sharedPath(s2), "split");
  const CellColumn variable = dataset->geneColumn("highly_variable");
  const CellColumn expressed = dataset->geneColumn("highly_expressed");
  for (std::size_t gene = 0; gene < names.size(); ++gene) {
    const auto row = static_cast<std::size_t>(*dataset->findGene(names[gene]));
    input.genes[gene] = {names[gene], "", splitSetNamed(sets[gene]).value(),
                         variable.codes[row] == 1, expressed.codes[row] == 1};
  }
  return evaluate(input);
}

}  // namespace

TEST(Evaluation, TablesOfAHeadAreThoseOfTheOriginal) {
  CELLOCUS_NEEDS_SHARED(s2);
  const fs::path folder = sharedPath(s1 + std::string("eval_bottleneck_relu_dropout_softplus"));
  const Evaluation result = goldenEvaluation();
  const std::vector<std::pair<std::string, std::optional<SplitSet>>> sets = {
      {"all", std::nullopt},
      {"train", SplitSet::Train},
      {"valid", SplitSet::Valid},
      {"test", SplitSet::Test}};
  for (const auto& [name, set] : sets) {
    SCOPED_TRACE(name);
    for (const auto& row : tableOf(folder / ("df_eval_mean_cor_summary_" + name + ".tsv"))) {
      if (row[0] == "gene_set") continue;
      const GeneSelection selection = row[0] == "all" ? GeneSelection::All
                                      : row[0] == "highly_variable"
                                          ? GeneSelection::HighlyVariable
                                          : GeneSelection::HighlyExpressed;
      const EvaluationSummary* summary = result.find(set, selection);
      ASSERT_NE(summary, nullptr) << row[0];
      EXPECT_NEAR(summary->crossGene.skipping, std::stod(row[1]), 1e-5) << row[0];
      EXPECT_NEAR(summary->crossCell.skipping, std::stod(row[2]), 1e-5) << row[0];
    }
    std::vector<std::string> genes;
    std::map<std::string, double> correlations;
    for (const GeneEvaluation& gene : result.genes)
      if (!set || gene.gene.set == *set) {
        genes.push_back(gene.gene.id);
        correlations[gene.gene.id] = gene.r;
      }
    std::vector<std::string> expectedGenes;
    for (const auto& row :
         tableOf(folder / ("df_eval_cross_cell_correlation_per_gene_" + name + ".tsv"))) {
      expectedGenes.push_back(row[0]);
      const double r = correlations.at(row[0]);
      EXPECT_EQ(std::isnan(r), row[1].empty()) << row[0];
      if (row[1].empty()) continue;
      EXPECT_NEAR(r, std::stod(row[1]), 1e-5) << row[0];
    }
    EXPECT_EQ(genes, expectedGenes);
  }
}

}  // namespace cellocus
