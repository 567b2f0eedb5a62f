// SPDX-License-Identifier: GPL-3.0-or-later
// matched_variants.tsv and filtered_variants.tsv of seq2cells, as pandas writes them.
#include <array>
#include <map>

#include "base/text.h"
#include "export/effecttables.h"

namespace cellocus {

namespace {

constexpr std::size_t queryColumns = 13;

std::string withoutVersion(const std::string& id) {
  return std::string(split(id, '.').front());
}

/// The thirteen columns of the query file, one text a window.
std::vector<std::string> queryLines(const std::vector<QueryWindow>& windows) {
  std::vector<std::string> lines;
  const std::string text = queryFileText(windows);
  for (const std::string_view line : split(text, '\n')) lines.emplace_back(line);
  return lines;
}

/// A row of the joined table, without what stands before and behind.
std::string joined(const ListedVariant& listed, const VariantTask& task,
                   const std::vector<std::string>& lines, const std::vector<QueryWindow>& windows) {
  const Variant& variant = listed.variant;
  std::string row = listed.id + '\t' + variant.contig + '\t' + std::to_string(variant.start + 1) +
                    '\t' + variant.ref + '\t' + variant.alt + '\t' + listed.geneId + '\t' +
                    withoutVersion(listed.geneId) + '\t';
  if (task.window < 0) return row + std::string(queryColumns, '\t') + "\tleft_only";
  const auto window = static_cast<std::size_t>(task.window);
  return row + lines[window + 1] + '\t' + withoutVersion(windows[window].geneId) + "\tboth";
}

/// Why the published step leaves a variant out, as it names it.
std::string filterOf(const VariantTask& task) {
  switch (task.state) {
    case VariantState::OutOfWindow:
      return "out_of_reach";
    case VariantState::Unsupported:
      return "indel";
    case VariantState::Unmatched:
      return task.window < 0 ? "unmatched" : "wrong_chromosome";
    case VariantState::ReferenceMismatch:
      return "reference_mismatch";
    case VariantState::Scored:
      break;
  }
  return {};
}

}  // namespace

PublishedTables publishedTables(const VariantPlan& plan, const std::vector<ListedVariant>& variants,
                                const std::vector<QueryWindow>& windows) {
  const std::vector<std::string> lines = queryLines(windows);
  const std::string header =
      "var_id\tvar_chr\tvar_pos\tvar_ref\tvar_alt\tvar_linked_gene\tvar_linked_gene_strip\t" +
      lines.front() + "\tgroup_id_stripped\t_merge";
  PublishedTables tables{'\t' + header + "\tvar_tss_distance\n", "\t\t" + header + '\n'};
  std::map<std::string, std::string> filtered;
  for (std::size_t i = 0; i < plan.tasks.size(); ++i) {
    const VariantTask& task = plan.tasks[i];
    const std::string row =
        std::to_string(i) + '\t' + joined(variants[task.variant], task, lines, windows);
    if (task.state == VariantState::Scored)
      tables.matched += row + '\t' + std::to_string(task.tssDistance) + '\n';
    else
      filtered[filterOf(task)] += filterOf(task) + '\t' + row + '\n';
  }
  for (const char* filter :
       {"unmatched", "out_of_reach", "indel", "wrong_chromosome", "reference_mismatch"})
    tables.filtered += filtered[filter];
  return tables;
}

}  // namespace cellocus
