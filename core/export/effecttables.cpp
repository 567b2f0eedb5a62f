// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/effecttables.h"

#include <algorithm>

#include "base/text.h"

namespace cellocus {

namespace {

const std::string effectFormula = "alternative - reference, mean over the cells";
const std::string absoluteFormula = "|alternative - reference|, mean over the cells";

std::vector<Table::Column> identityColumns() {
  return {{"variant_id", "", ""}, {"line", "", "of the list"},
          {"contig", "", ""},     {"position", "", "from 1"},
          {"ref", "", ""},        {"alt", "", ""},
          {"gene_id", "", ""},    {"gene_symbol", "", ""},
          {"strand", "", ""}};
}

const QueryWindow* windowOf(const EffectSource& source, const VariantTask& task) {
  return task.window < 0 ? nullptr : &source.windows[static_cast<std::size_t>(task.window)];
}

std::string geneOf(const EffectSource& source, const VariantTask& task) {
  const QueryWindow* window = windowOf(source, task);
  return window ? window->geneId : source.variants[task.variant].geneId;
}

std::vector<Table::Cell> identityCells(const EffectSource& source, const VariantTask& task) {
  const ListedVariant& listed = source.variants[task.variant];
  const QueryWindow* window = windowOf(source, task);
  const std::string strand = !window ? "" : window->strand == Strand::Minus ? "-" : "+";
  return {listed.id,
          static_cast<std::int64_t>(listed.line),
          listed.variant.contig,
          listed.variant.start + 1,
          listed.variant.ref,
          listed.variant.alt,
          geneOf(source, task),
          window ? window->symbol : std::string(),
          strand};
}

bool hasHead(const VariantEffects& effects) {
  return effects.plan.scored > 0 && effects.mean.size() == effects.plan.scored;
}

/// The scored tasks by row.
std::vector<const VariantTask*> scoredTasks(const VariantPlan& plan) {
  std::vector<const VariantTask*> tasks(static_cast<std::size_t>(plan.scored));
  for (const VariantTask& task : plan.tasks)
    if (task.row >= 0) tasks[static_cast<std::size_t>(task.row)] = &task;
  return tasks;
}

void addEffectColumns(Table& table, const VariantEffects& effects) {
  const std::string& unit = effects.unit;
  table.columns.push_back({"mean_effect", unit, effectFormula});
  table.columns.push_back({"mean_absolute_effect", unit, absoluteFormula});
  for (const std::string& group : effects.groups.names) {
    table.columns.push_back({"mean_effect:" + group, unit, effectFormula + " of the group"});
    table.columns.push_back(
        {"mean_absolute_effect:" + group, unit, absoluteFormula + " of the group"});
  }
  for (const std::string& track : effects.trackNames) {
    table.columns.push_back({"reference:" + track, "", "sum over the bins of the window"});
    table.columns.push_back({"alternative:" + track, "", "sum over the bins of the window"});
  }
}

void addEffectCells(std::vector<Table::Cell>& cells, const VariantEffects& effects,
                    std::int64_t row) {
  const auto add = [&](bool known, const auto& matrix, Eigen::Index column) {
    cells.emplace_back();
    if (known) cells.back() = matrix(row, column);
  };
  const bool scored = row >= 0, onCells = scored && hasHead(effects);
  add(onCells, effects.mean, 0);
  add(onCells, effects.meanAbsolute, 0);
  for (Eigen::Index group = 0; group < std::ssize(effects.groups.names); ++group) {
    add(onCells, effects.groupMean, group);
    add(onCells, effects.groupMeanAbsolute, group);
  }
  for (Eigen::Index track = 0; track < std::ssize(effects.trackNames); ++track) {
    add(scored, effects.referenceTracks, track);
    add(scored, effects.alternativeTracks, track);
  }
}

void writeLines(H5Writer& writer, const EffectSource& source) {
  std::vector<std::string> ids, genes, states, reasons;
  std::vector<std::int64_t> lines, distances, rows;
  for (const VariantTask& task : source.effects.plan.tasks) {
    const ListedVariant& listed = source.variants[task.variant];
    ids.push_back(listed.id);
    genes.push_back(geneOf(source, task));
    states.emplace_back(variantStateName(task.state));
    reasons.push_back(task.reason);
    lines.push_back(static_cast<std::int64_t>(listed.line));
    distances.push_back(task.tssDistance);
    rows.push_back(task.row);
  }
  writer.strings("/lines/variant_id", ids);
  writer.strings("/lines/gene_id", genes);
  writer.strings("/lines/state", states);
  writer.strings("/lines/reason", reasons);
  writer.integers("/lines/line", lines);
  writer.integers("/lines/tss_distance", distances);
  writer.integers("/lines/row", rows);
}

}  // namespace

Table effectTable(const EffectSource& source) {
  Table table;
  table.columns = identityColumns();
  table.columns.push_back({"state", "", ""});
  table.columns.push_back({"reason", "", ""});
  table.columns.push_back({"tss_distance", "bp", "start site - position, whatever the strand"});
  addEffectColumns(table, source.effects);
  for (const VariantTask& task : source.effects.plan.tasks) {
    std::vector<Table::Cell> cells = identityCells(source, task);
    cells.emplace_back(std::string(variantStateName(task.state)));
    cells.emplace_back(task.reason);
    cells.emplace_back();
    if (task.window >= 0) cells.back() = task.tssDistance;
    addEffectCells(cells, source.effects, task.row);
    table.rows.push_back(std::move(cells));
  }
  return table;
}

Table transferTable(const EffectSource& source, const std::string& fromGroup,
                    const std::string& toGroup) {
  const std::string& unit = source.effects.unit;
  Table table;
  table.columns = identityColumns();
  table.columns.push_back({"rank", "", "by the absolute difference"});
  table.columns.push_back({"mean_effect:" + fromGroup, unit, effectFormula + " of the group"});
  table.columns.push_back({"mean_effect:" + toGroup, unit, effectFormula + " of the group"});
  table.columns.push_back({"difference", unit, toGroup + " - " + fromGroup});
  const auto tasks = scoredTasks(source.effects.plan);
  for (const TransferredEffect& effect : transferEffects(source.effects, fromGroup, toGroup)) {
    std::vector<Table::Cell> cells =
        identityCells(source, *tasks[static_cast<std::size_t>(effect.row)]);
    cells.emplace_back(static_cast<std::int64_t>(table.rows.size()) + 1);
    for (const float value : {effect.from, effect.to, effect.difference}) cells.emplace_back(value);
    table.rows.push_back(std::move(cells));
  }
  return table;
}

void writeEffects(H5Writer& writer, const EffectSource& source,
                  const std::vector<std::string>& cellNames) {
  const VariantEffects& effects = source.effects;
  writeLines(writer, source);
  std::vector<std::string> ids, genes;
  for (const VariantTask* task : scoredTasks(effects.plan)) {
    ids.push_back(source.variants[task->variant].id);
    genes.push_back(geneOf(source, *task));
  }
  writer.strings("/variant_id", ids);
  writer.strings("/gene_id", genes);
  const auto matrix = [&](const std::string& path, const Matrix& values) {
    if (values.size() > 0) writer.matrix(path, values);
  };
  matrix("/reference", effects.reference);
  matrix("/alternative", effects.alternative);
  if (effects.reference.size() > 0 && !cellNames.empty()) writer.strings("/cell_id", cellNames);
  if (!effects.groups.names.empty()) {
    writer.strings("/groups/name", effects.groups.names);
    matrix("/groups/mean_effect", effects.groupMean);
    matrix("/groups/mean_absolute_effect", effects.groupMeanAbsolute);
  }
  if (effects.trackNames.empty()) return;
  writer.strings("/tracks/name", effects.trackNames);
  matrix("/tracks/reference", effects.referenceTracks);
  matrix("/tracks/alternative", effects.alternativeTracks);
}

}  // namespace cellocus
