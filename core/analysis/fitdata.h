// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "analysis/evaluation.h"
#include "analysis/genejoin.h"
#include "analysis/headtraining.h"
#include "base/progress.h"
#include "cells/celldataset.h"
#include "cells/genemajor.h"

namespace cellocus {

/// Which genes a head learns from, and which it is judged by.
struct SplitChoice {
  enum class Kind {
    Random,   ///< by lot: the same for a seed, whatever other genes there are
    Regions,  ///< by Enformer's regions, so that the trunk's own test regions stay unseen
    Column    ///< a column of the dataset's gene table, as seq2cells writes "enf_set"
  };
  Kind kind = Kind::Random;
  double validShare = 0.1, testShare = 0.1;  ///< of the genes, for Random
  std::string name;                          ///< the BED file of the regions, or the column
  bool operator==(const SplitChoice&) const = default;
};

/// Embeddings and cells brought together: row i of everything is the same gene.
struct FitData {
  TrainingData training;
  std::vector<EvaluatedGene> genes;  ///< with their sets
  std::string symbol(std::int64_t row) const;
};

struct FitRequest {
  std::shared_ptr<const EmbeddingFile> embeddings;
  std::shared_ptr<const CellDataset> cells;
  std::shared_ptr<const GeneJoin> join;
  GeneMajor::Options expression;
  SplitChoice split;
  std::uint64_t seed = 1234;              ///< of a random split
  std::vector<QueryWindow> windows = {};  ///< of the embeddings' rows, for a split by regions
};

/// Reads the expression gene by gene and divides the matched genes into sets.
/// @throws Error "SPLIT_EMPTY" if no gene is left to learn from, "SPLIT_WINDOWS" if a split by
/// regions does not know where the genes are, "SPLIT_COLUMN", and those of what is read
FitData gatherFitData(const FitRequest& request, const Progress& progress = {});

/// What is judged when a head is: `predict` gives its [genes, cells] for some embeddings. `data`
/// and `predict` must outlive the input.
EvaluationInput evaluationInput(const FitData& data,
                                std::function<Matrix(MatrixView embeddings)> predict,
                                const Progress& progress = {});

/// The sets of genes by lot. Each gene's place depends on its name and the seed alone, so that a
/// gene stays where it is when others come or go; of three genes or more each set with a share has
/// at least one.
std::vector<SplitSet> randomSplit(const std::vector<std::string>& geneIds, double validShare,
                                  double testShare, std::uint64_t seed);

}  // namespace cellocus
