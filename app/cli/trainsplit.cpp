// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainsplit.h"

#include <algorithm>
#include <set>

#include "analysis/evaluatedgenes.h"
#include "analysis/predictedexpression.h"
#include "arguments.h"
#include "base/file.h"
#include "base/text.h"

namespace cellocus::cli {

namespace fs = std::filesystem;

namespace {

bool hasColumn(const CellDataset& cells, const std::string& name) {
  return std::ranges::count(cells.geneColumnNames(), name) > 0;
}

bool isTable(const fs::path& path) {
  return lowered(InputFile::open(path)->readSome(0, 4096)).find("\tset") != std::string::npos;
}

/// The set that a list is of, by its name: toy_intersect_valid.txt.
SplitSet setOfList(const fs::path& path) {
  for (const SplitSet set : {SplitSet::Train, SplitSet::Valid, SplitSet::Test})
    if (lowered(path.stem().string()).ends_with(splitSetName(set))) return set;
  throw UsageError("--split: the name of '" + shownPath(path) +
                   "' ends with none of train, valid and test, so it does not say its set.");
}

/// A name without version and without the number that seq2cells gives to windows:
/// "ENSG00000073008.15_0" -> "ENSG00000073008".
std::string bareName(std::string_view name) {
  const auto number = name.rfind('_');
  if (number != std::string_view::npos && parseInteger(name.substr(number + 1)))
    name = name.substr(0, number);
  if (name.starts_with("ENS")) name = name.substr(0, name.find('.'));
  return uppered(name);
}

std::set<std::string> namesIn(const fs::path& path) {
  constexpr std::size_t limit = 64u << 20;
  const std::string text = InputFile::open(path)->readAll(limit);
  std::set<std::string> names;
  for (const std::string_view line : split(text, '\n'))
    if (const auto name = trimmed(line); !name.empty()) names.insert(bareName(name));
  return names;
}

}  // namespace

SplitPlan splitPlanOf(const std::string& wish, const CellDataset& cells) {
  SplitPlan plan;
  if (wish == "random") return plan;
  if (wish.empty()) {
    if (const auto column = splitColumn(cells))
      plan.choice = {.kind = SplitChoice::Kind::Column, .name = *column};
    return plan;
  }
  if (hasColumn(cells, wish)) {
    plan.choice = {.kind = SplitChoice::Kind::Column, .name = wish};
    return plan;
  }
  for (const std::string& file : listOf("--split", wish)) {
    if (!fs::exists(file))
      throw UsageError("--split: '" + printable(wish) +
                       "' is neither 'random' nor a column of the gene table nor a file.");
    plan.lists.push_back(file);
  }
  if (plan.lists.size() == 1 && lowered(wish).ends_with(".bed")) {
    plan.choice = {.kind = SplitChoice::Kind::Regions, .name = wish};
    plan.lists.clear();
  }
  return plan;
}

std::vector<SplitSet> setsFromFiles(const std::vector<fs::path>& files,
                                    const std::vector<EvaluatedGene>& genes) {
  if (files.size() == 1 && isTable(files.front())) {
    std::vector<GeneName> names;
    for (const EvaluatedGene& gene : genes) names.push_back({gene.id, gene.id, gene.symbol});
    return readSplit(files.front(), names);
  }
  std::vector<SplitSet> sets(genes.size(), SplitSet::Train);
  for (const fs::path& file : files) {
    const SplitSet set = setOfList(file);
    const auto names = namesIn(file);
    for (std::size_t i = 0; i < genes.size(); ++i)
      if (names.contains(bareName(genes[i].id)) || names.contains(bareName(genes[i].symbol)))
        sets[i] = set;
  }
  return sets;
}

}  // namespace cellocus::cli
