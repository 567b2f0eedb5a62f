// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/pseudobulk.h"

#include <algorithm>
#include <limits>
#include <map>

#include "base/text.h"

namespace cellocus {

namespace {

/// Genes that are read together.
constexpr std::int64_t blockGenes = 64;

std::vector<std::string> labelsOf(const CellColumn& column) {
  if (column.kind == CellColumn::Kind::Text) return column.texts;
  if (column.kind == CellColumn::Kind::Numeric)
    throw Error("GROUPS_COLUMN", "column " + printable(column.name),
                "it holds numbers, which sort cells into no groups.",
                "Choose a column of names, such as cell types or clusters.");
  std::vector<std::string> labels;
  for (const std::int32_t code : column.codes)
    labels.push_back(code < 0 ? "" : column.categories[static_cast<std::size_t>(code)]);
  return labels;
}

float summarised(PseudoBulk what, double sum, std::int64_t expressing, std::int64_t cells) {
  switch (what) {
    case PseudoBulk::Mean:
      return static_cast<float>(sum / static_cast<double>(cells));
    case PseudoBulk::Sum:
      return static_cast<float>(sum);
    case PseudoBulk::CountExpressing:
    case PseudoBulk::ShareExpressing:
      break;
  }
  if (expressing == 0) return std::numeric_limits<float>::quiet_NaN();
  const auto count = static_cast<double>(expressing);
  return static_cast<float>(
      what == PseudoBulk::CountExpressing ? count : count / static_cast<double>(cells));
}

}  // namespace

CellGroups CellGroups::of(const CellColumn& column) {
  const std::vector<std::string> labels = labelsOf(column);
  std::map<std::string, std::int64_t> counts;
  for (const std::string& label : labels)
    if (!label.empty()) ++counts[label];
  if (counts.empty())
    throw Error("GROUPS_COLUMN", "column " + printable(column.name), "no cell has a value in it.",
                "Choose a column that sorts cells into groups.");
  CellGroups groups;
  groups.column = column.name;
  std::map<std::string, std::int32_t> numbers;
  for (const auto& [name, count] : counts) {
    numbers[name] = static_cast<std::int32_t>(groups.names.size());
    groups.names.push_back(name);
    groups.cellCounts.push_back(count);
  }
  for (const std::string& label : labels)
    groups.groupOfCell.push_back(label.empty() ? -1 : numbers.at(label));
  return groups;
}

Matrix pseudoBulk(PseudoBulk what, std::int64_t genes, const CellGroups& groups,
                  const std::function<Matrix(std::int64_t first, std::int64_t last)>& rows,
                  float threshold, const Progress& progress) {
  const std::size_t count = groups.names.size();
  Matrix result(genes, std::ssize(groups.names));
  for (std::int64_t first = 0; first < genes; first += blockGenes) {
    const std::int64_t last = std::min(genes, first + blockGenes);
    progress.at(static_cast<double>(first) / static_cast<double>(genes), "pseudobulk");
    const Matrix block = rows(first, last);
    if (block.cols() != std::ssize(groups.groupOfCell))
      throw Error("GROUPS_SHAPE", "column " + printable(groups.column),
                  "it has " + withThousands(std::ssize(groups.groupOfCell)) +
                      " entries, and there are " + withThousands(block.cols()) + " cells.",
                  "Use a column of the dataset that the expression is from.");
    for (std::int64_t gene = first; gene < last; ++gene) {
      std::vector<double> sums(count);
      std::vector<std::int64_t> expressing(count);
      for (Eigen::Index cell = 0; cell < block.cols(); ++cell) {
        const std::int32_t group = groups.groupOfCell[static_cast<std::size_t>(cell)];
        if (group < 0) continue;
        const float value = block(gene - first, cell);
        sums[static_cast<std::size_t>(group)] += value;
        expressing[static_cast<std::size_t>(group)] += value > threshold ? 1 : 0;
      }
      for (std::size_t group = 0; group < count; ++group)
        result(gene, static_cast<Eigen::Index>(group)) =
            summarised(what, sums[group], expressing[group], groups.cellCounts[group]);
    }
  }
  return result;
}

}  // namespace cellocus
