// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/evaluationtables.h"

#include <algorithm>
#include <string>

namespace cellocus {

namespace {

std::string setText(std::optional<SplitSet> set) {
  return set ? std::string(splitSetName(*set)) : "all";
}

Table::Cell flag(const std::optional<bool>& value) {
  if (!value) return std::monostate();
  return std::string(*value ? "yes" : "no");
}

std::vector<Table::Column> columns(const Evaluation& evaluation) {
  return {{"kind", "", "mean: over the genes of a set; gene: one gene"},
          {"set", "", ""},
          {"gene_set", "", "genes of the set that were chosen"},
          {"gene_id", "", ""},
          {"gene_symbol", "", ""},
          {"genes", "", ""},
          {"cells", "", ""},
          {"cross_gene", "", "Pearson's r across genes, mean over cells; undefined ones skipped"},
          {"cross_gene_undefined_as_0", "", "the same; undefined ones count as 0"},
          {"cross_gene_undefined", "", "cells without a correlation"},
          {"cross_cell", "",
           "Pearson's r across cells, mean over genes; undefined ones skipped; of a gene its own"},
          {"cross_cell_undefined_as_0", "", "the same; undefined ones count as 0"},
          {"cross_cell_undefined", "", "genes without a correlation"},
          {"flattened", "", "Pearson's r of all values together"},
          {"mean_observed", "", ""},
          {"mean_predicted", "", ""},
          {"highly_variable", "", evaluation.highlyVariableFormula},
          {"highly_expressed", "", evaluation.highlyExpressedFormula},
          {"reliability", "",
           "of r and low = tanh(atanh r - 1.96 / sqrt(cells - 3)): good r >= 0.3, fair r >= 0.1, "
           "poor otherwise or where low <= 0; no verdict on genes of the train and valid set"}};
}

std::vector<Table::Cell> meanRow(const EvaluationSummary& summary, std::int64_t cells) {
  const std::monostate none;
  return {std::string("mean"),
          setText(summary.set),
          std::string(geneSelectionName(summary.selection)),
          none,
          none,
          summary.genes,
          cells,
          summary.crossGene.skipping,
          summary.crossGene.asZero,
          summary.crossGene.undefined,
          summary.crossCell.skipping,
          summary.crossCell.asZero,
          summary.crossCell.undefined,
          summary.flattened,
          none,
          none,
          none,
          none,
          none};
}

std::vector<Table::Cell> geneRow(const GeneEvaluation& gene) {
  const std::monostate none;
  return {std::string("gene"),
          std::string(splitSetName(gene.gene.set)),
          none,
          gene.gene.id,
          gene.gene.symbol,
          none,
          gene.cells,
          none,
          none,
          none,
          gene.r,
          none,
          none,
          none,
          gene.meanObserved,
          gene.meanPredicted,
          flag(gene.gene.highlyVariable),
          flag(gene.gene.highlyExpressed),
          std::string(reliabilityName(gene.reliability))};
}

std::string matchText(GeneMatch how) {
  switch (how) {
    case GeneMatch::Id:
      return "id";
    case GeneMatch::Symbol:
      return "symbol";
    case GeneMatch::Alias:
      break;
  }
  return "alias";
}

std::string nameAt(const std::vector<std::string>& names, std::int64_t row) {
  const auto at = static_cast<std::size_t>(row);
  return at < names.size() ? names[at] : std::string();
}

}  // namespace

Table evaluationTable(const Evaluation& evaluation, std::optional<SplitSet> set) {
  Table table;
  table.columns = columns(evaluation);
  for (const EvaluationSummary& summary : evaluation.summaries)
    if (!set || summary.set == set)
      table.rows.push_back(meanRow(summary, std::ssize(evaluation.cells)));
  for (const GeneEvaluation& gene : evaluation.genes)
    if (!set || gene.gene.set == *set) table.rows.push_back(geneRow(gene));
  return table;
}

Table cellCorrelationTable(const Evaluation& evaluation) {
  const std::string formula = "Pearson's r across the genes of the set";
  Table table;
  table.columns = {{"cell", "", ""},
                   {"all", "", formula},
                   {"train", "", formula},
                   {"valid", "", formula},
                   {"test", "", formula}};
  for (const CellEvaluation& cell : evaluation.cells)
    table.rows.push_back({cell.name, cell.all, cell.train, cell.valid, cell.test});
  return table;
}

Table geneJoinTable(const GeneJoin& join, const EmbeddingFile& embeddings,
                    const std::vector<GeneName>& genes) {
  Table table;
  table.columns = {{"state", "", "joined, ambiguous or missing (no partner on the other side)"},
                   {"matched_by", "", ""},
                   {"embedding_row", "", "from 1"},
                   {"embedding_gene", "", ""},
                   {"dataset_gene_number", "", "from 1"},
                   {"dataset_gene", "", ""},
                   {"reason", "", ""}};
  const std::monostate none;
  for (const GeneJoin::Pair& pair : join.pairs) {
    const std::string id = nameAt(embeddings.geneIds, pair.row);
    table.rows.push_back({std::string("joined"), matchText(pair.how), pair.row + 1,
                          id.empty() ? nameAt(embeddings.geneSymbols, pair.row) : id, pair.gene + 1,
                          genes[static_cast<std::size_t>(pair.gene)].index, none});
  }
  for (const auto& [list, state] :
       {std::pair(&join.ambiguousRows, "ambiguous"), {&join.missingRows, "missing"}})
    for (const GeneJoin::LeftOut& row : *list)
      table.rows.push_back(
          {std::string(state), none, row.number + 1, row.name, none, none, row.reason});
  for (const auto& [list, state] :
       {std::pair(&join.ambiguousGenes, "ambiguous"), {&join.missingGenes, "missing"}})
    for (const GeneJoin::LeftOut& gene : *list)
      table.rows.push_back(
          {std::string(state), none, none, none, gene.number + 1, gene.name, gene.reason});
  return table;
}

}  // namespace cellocus
