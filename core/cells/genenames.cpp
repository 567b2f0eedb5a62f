// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/genenames.h"

#include <algorithm>
#include <span>

#include "base/text.h"

namespace cellocus {

namespace {

/// Names that AnnData, Scanpy, CELLxGENE, 10x and Seurat give to these columns, the most telling
/// first.
constexpr std::string_view idColumns[] = {"gene_ids",        "ensembl_id", "feature_id",  "gene_id",
                                          "ensembl_gene_id", "ensembl",    "ensembl_ids", "id"};
constexpr std::string_view symbolColumns[] = {
    "feature_name", "gene_symbols", "gene_symbol", "gene_name",       "gene_names",
    "symbol",       "symbols",      "hgnc_symbol", "gene_short_name", "name"};

/// Also "gene_ids-Harvard-Nuclei", as AnnData writes it when it joins datasets.
std::vector<std::string> columnsLike(const std::vector<std::string>& columns,
                                     std::span<const std::string_view> wanted) {
  std::vector<std::string> found;
  for (const std::string_view name : wanted)
    for (const std::string& column : columns) {
      const std::string plain = lowered(column);
      if (plain == name || plain.starts_with(std::string(name) + "-")) found.push_back(column);
    }
  return found;
}

bool isDigit(char letter) {
  return letter >= '0' && letter <= '9';
}
bool isCapital(char letter) {
  return letter >= 'A' && letter <= 'Z';
}

double share(const std::vector<std::string>& names, bool (*fits)(const std::string&)) {
  if (names.empty()) return 0;
  return static_cast<double>(std::count_if(names.begin(), names.end(), fits)) /
         static_cast<double>(names.size());
}

bool isMissing(const std::string& text) {
  return text.empty() || text == "nan" || text == "NA";
}

}  // namespace

std::optional<std::string> ensemblGene(std::string_view text) {
  constexpr std::size_t digits = 11;
  if (!text.starts_with("ENS")) return std::nullopt;
  std::size_t at = 3;
  while (at < text.size() && isCapital(text[at])) ++at;
  if (text[at - 1] != 'G' || at == 3 || text.size() < at + digits) return std::nullopt;
  if (!std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at),
                   text.begin() + static_cast<std::ptrdiff_t>(at + digits), isDigit))
    return std::nullopt;
  const std::size_t end = at + digits;
  if (end < text.size() && text[end] != '.' && text[end] != '_') return std::nullopt;
  return std::string(text.substr(0, end));
}

double ensemblShare(const std::vector<std::string>& names) {
  return share(names, [](const std::string& name) { return ensemblGene(name).has_value(); });
}

double barcodeShare(const std::vector<std::string>& names) {
  return share(names, [](const std::string& name) {
    constexpr std::size_t shortest = 12;
    return name.find_first_not_of("ACGT") >= shortest && name.size() >= shortest;
  });
}

std::vector<GeneName> geneNames(const GeneTable& table) {
  std::vector<GeneName> genes(table.index.size());
  bool idsFound = false;
  for (std::size_t i = 0; i < genes.size(); ++i) {
    genes[i].index = genes[i].symbol = table.index[i];
    genes[i].id = ensemblGene(table.index[i]).value_or("");
    idsFound = idsFound || !genes[i].id.empty();
  }
  for (const std::string& column : columnsLike(table.columnNames, idColumns)) {
    if (idsFound) break;
    const std::vector<std::string> texts = table.texts(column);
    for (std::size_t i = 0; i < genes.size(); ++i) {
      genes[i].id = ensemblGene(texts[i]).value_or("");
      idsFound = idsFound || !genes[i].id.empty();
    }
  }
  const std::vector<std::string> symbols = columnsLike(table.columnNames, symbolColumns);
  if (symbols.empty()) return genes;
  const std::vector<std::string> texts = table.texts(symbols.front());
  for (std::size_t i = 0; i < genes.size(); ++i)
    if (!isMissing(texts[i])) genes[i].symbol = texts[i];
  return genes;
}

}  // namespace cellocus
