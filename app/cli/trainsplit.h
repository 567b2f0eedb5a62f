// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "analysis/fitdata.h"
#include "cells/celldataset.h"

namespace cellocus::cli {

/// What --split asks for: how the genes are divided, or the files that say it.
struct SplitPlan {
  SplitChoice choice;
  std::vector<std::filesystem::path> lists;  ///< a table, or lists of names of one set each
};

/// "random", a BED file of regions, a table with a column `set`, lists "a_train.txt,a_valid.txt",
/// or a column of the gene table. Without a wish: the column in which seq2cells writes it, else at
/// random. @throws UsageError if it is none of them
SplitPlan splitPlanOf(const std::string& wish, const CellDataset& cells);

/// The sets of genes from files. Of lists, each file's name tells its set, and as in seq2cells a
/// gene that is neither validated nor tested on is trained on.
/// @throws Error "SPLIT_FORMAT", UsageError
std::vector<SplitSet> setsFromFiles(const std::vector<std::filesystem::path>& files,
                                    const std::vector<EvaluatedGene>& genes);

}  // namespace cellocus::cli
