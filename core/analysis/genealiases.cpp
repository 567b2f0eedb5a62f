// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of other names of genes, as HGNC and Geneformer give them out.
#include <algorithm>

#include "analysis/genejoin.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "cells/genenames.h"
#include "genome/linereader.h"
#include "weights/pickle.h"

namespace cellocus {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t longestLine = 1u << 20;
/// First byte of a pickle of protocol 2 and later.
constexpr char pickleMark = '\x80';

std::string_view unquoted(std::string_view text) {
  text = trimmed(text);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  return text;
}

/// One text for all spellings of a name.
std::string keyOf(std::string_view name) {
  const std::string capitals = uppered(trimmed(name));
  return ensemblGene(capitals).value_or(capitals);
}

GeneAliases readDictionary(const fs::path& path, const Progress& progress) {
  const std::string bytes = InputFile::open(path)->readAll(limits::pickleBytes);
  const PickleValue value = readPickle(bytes, shownPath(path), progress);
  GeneAliases aliases;
  for (std::size_t i = 0; i < value.size() && value.kind() == PickleKind::Dict; ++i) {
    const auto [name, target] = value.entry(i);
    if (name.text() && target.text()) aliases.add(*name.text(), *target.text());
  }
  if (aliases.size() == 0)
    throw Error("ALIASES_FORMAT", shownPath(path),
                "it is a Python pickle, but no dictionary of texts.",
                "Use a dictionary of Geneformer that leads from gene names to Ensembl ids.");
  return aliases;
}

/// Where HGNC's columns stand; -1 if they are absent.
struct HgncColumns {
  std::int64_t symbol = -1, id = -1, previous = -1, alias = -1;

  explicit HgncColumns(const std::vector<std::string_view>& header) {
    for (std::int64_t i = 0; i < std::ssize(header); ++i) {
      const std::string name = lowered(trimmed(header[static_cast<std::size_t>(i)]));
      if (name == "symbol") symbol = i;
      if (name == "ensembl_gene_id") id = i;
      if (name == "prev_symbol") previous = i;
      if (name == "alias_symbol") alias = i;
    }
  }
  bool found() const { return symbol >= 0 && (previous >= 0 || alias >= 0); }
};

void addHgnc(GeneAliases& aliases, const HgncColumns& columns,
             const std::vector<std::string_view>& cells) {
  const auto cell = [&](std::int64_t column) {
    return column < 0 || column >= std::ssize(cells)
               ? std::string_view()
               : unquoted(cells[static_cast<std::size_t>(column)]);
  };
  const std::string_view symbol = cell(columns.symbol), id = cell(columns.id);
  for (const std::int64_t column : {columns.previous, columns.alias})
    for (const std::string_view name : split(cell(column), '|'))
      for (const std::string_view target : {symbol, id})
        if (!trimmed(name).empty() && !target.empty()) aliases.add(name, target);
  if (!symbol.empty() && !id.empty()) aliases.add(symbol, id);
}

GeneAliases readTable(const fs::path& path, const Progress& progress) {
  LineReader reader(path, {"ALIASES", "a table of gene aliases", longestLine}, progress);
  GeneAliases aliases;
  std::string_view line;
  if (!reader.peek(line)) reader.fail("_FORMAT", "it holds no line.", "Choose another file.");
  const HgncColumns columns(split(line, '\t'));
  if (columns.found()) reader.next(line);
  while (reader.next(line)) {
    if (trimmed(line).empty() || line.starts_with('#')) continue;
    const auto cells = split(line, '\t');
    if (columns.found())
      addHgnc(aliases, columns, cells);
    else if (cells.size() == 2 && !trimmed(cells[0]).empty() && !trimmed(cells[1]).empty())
      aliases.add(cells[0], unquoted(cells[1]));
    else
      reader.fail("_FORMAT", "it does not hold an alias, a tab and a gene.",
                  "Use two columns, or HGNC's table with 'symbol' and 'alias_symbol'.");
  }
  return aliases;
}

}  // namespace

GeneAliases GeneAliases::read(const fs::path& path, const Progress& progress) {
  const std::string beginning = InputFile::open(path)->readSome(0, 1);
  return beginning.starts_with(pickleMark) ? readDictionary(path, progress)
                                           : readTable(path, progress);
}

void GeneAliases::add(std::string_view alias, std::string_view target) {
  const std::string from = keyOf(alias), to = keyOf(target);
  if (from.empty() || to.empty() || from == to) return;
  std::vector<std::string>& targets = m_targets[from];
  const auto place = std::ranges::lower_bound(targets, to);
  if (place == targets.end() || *place != to) targets.insert(place, to);
}

const std::vector<std::string>& GeneAliases::targets(std::string_view name) const {
  static const std::vector<std::string> none;
  const auto found = m_targets.find(keyOf(name));
  return found == m_targets.end() ? none : found->second;
}

}  // namespace cellocus
