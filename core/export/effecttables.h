// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "analysis/varianteffect.h"
#include "cells/h5file.h"
#include "export/tables.h"

namespace cellocus {

/// Effects of variants together with what they were made of; all of it must outlive its use.
struct EffectSource {
  const VariantEffects& effects;
  const std::vector<ListedVariant>& variants;
  const std::vector<QueryWindow>& windows;
};

/// One row for each variant and gene, those that were not scored too: state, reason, distance, mean
/// effects over all cells and over each group, sums of tracks.
Table effectTable(const EffectSource& source);
/// The same variants in two groups, the largest difference first.
Table transferTable(const EffectSource& source, const std::string& fromGroup,
                    const std::string& toGroup);

/// `/reference` and `/alternative` [scored, cells] with `/variant_id`, `/gene_id` and, where known,
/// `/cell_id`; `/groups/...` and `/tracks/...` [scored, groups or tracks]; `/lines/...` with the
/// state of every variant and gene, in the order of the list.
void writeEffects(H5Writer& writer, const EffectSource& source,
                  const std::vector<std::string>& cellNames);

/// The tables that seq2cells' predict_variant_effect.py writes beside its predictions, letter by
/// letter. What only this program refuses (another chromosome) is among the filtered ones as
/// "wrong_chromosome".
struct PublishedTables {
  std::string matched;   ///< matched_variants.tsv
  std::string filtered;  ///< filtered_variants.tsv
};
PublishedTables publishedTables(const VariantPlan& plan, const std::vector<ListedVariant>& variants,
                                const std::vector<QueryWindow>& windows);

}  // namespace cellocus
