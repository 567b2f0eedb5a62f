// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/evaluatedgenes.h"

#include <algorithm>

#include "base/text.h"

namespace cellocus {

namespace {

bool hasColumn(const CellDataset& cells, const std::string& name) {
  return std::ranges::count(cells.geneColumnNames(), name) > 0;
}

/// What a column of yes and no says of each gene; nothing where there is none of that kind.
std::vector<std::optional<bool>> flagsOf(const CellDataset& cells, const std::string& name) {
  std::vector<std::optional<bool>> flags(static_cast<std::size_t>(cells.geneCount()));
  if (!hasColumn(cells, name)) return flags;
  const CellColumn column = cells.geneColumn(name);
  for (std::size_t gene = 0; gene < flags.size(); ++gene) {
    if (gene < column.codes.size() && column.codes[gene] >= 0)
      flags[gene] = lowered(column.textAt(static_cast<std::int64_t>(gene))) == "true";
    if (gene < column.numbers.size()) flags[gene] = column.numbers[gene] > 0;
  }
  return flags;
}

}  // namespace

std::vector<EvaluatedGene> evaluatedGenes(const CellDataset& cells,
                                          std::span<const std::int64_t> genes,
                                          std::span<const SplitSet> sets) {
  const auto variable = flagsOf(cells, "highly_variable");
  const auto expressed = flagsOf(cells, "highly_expressed");
  std::vector<EvaluatedGene> result;
  for (std::size_t i = 0; i < genes.size(); ++i) {
    const auto gene = static_cast<std::size_t>(genes[i]);
    const GeneName& name = cells.genes()[gene];
    result.push_back({name.id.empty() ? name.index : name.id, name.symbol, sets[i], variable[gene],
                      expressed[gene]});
  }
  return result;
}

std::optional<std::string> splitColumn(const CellDataset& cells) {
  for (const char* name : {"enf_set", "set", "split"})
    if (hasColumn(cells, name)) return name;
  return std::nullopt;
}

}  // namespace cellocus
