// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/genejoin.h"

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "cells/genenames.h"

namespace cellocus {

namespace {

/// What a gene is called on either side, in a form that can be compared.
struct Names {
  std::string id;      ///< Ensembl id without version, or empty
  std::string symbol;  ///< in capitals, or empty
  std::string shown;   ///< for people
};

std::string at(const std::vector<std::string>& texts, std::size_t index) {
  return index < texts.size() ? texts[index] : std::string();
}

std::vector<Names> namesOf(const EmbeddingFile& file) {
  std::vector<Names> names(static_cast<std::size_t>(file.embedding.rows()));
  for (std::size_t row = 0; row < names.size(); ++row) {
    const std::string id = at(file.geneIds, row);
    std::string symbol = at(file.geneSymbols, row);
    names[row].id = ensemblGene(id).value_or("");
    // A file may name its genes by symbol where others have ids.
    if (symbol.empty() && names[row].id.empty()) symbol = id;
    names[row].symbol = uppered(symbol);
    names[row].shown = !id.empty() ? id
                       : !symbol.empty()
                           ? symbol
                           : "row " + withThousands(static_cast<std::int64_t>(row) + 1);
  }
  return names;
}

std::vector<Names> namesOf(const std::vector<GeneName>& genes) {
  std::vector<Names> names;
  for (const GeneName& gene : genes) names.push_back({gene.id, uppered(gene.symbol), gene.index});
  return names;
}

using Keys = std::function<std::vector<std::string>(const Names&)>;

std::vector<std::string> idKeys(const Names& names) {
  return names.id.empty() ? std::vector<std::string>() : std::vector{names.id};
}

std::vector<std::string> symbolKeys(const Names& names) {
  return names.symbol.empty() ? std::vector<std::string>() : std::vector{names.symbol};
}

/// A gene's own names and all that they stand for.
std::vector<std::string> aliasKeys(const Names& names, const GeneAliases& aliases) {
  std::vector<std::string> keys;
  for (const std::string& own : {names.id, names.symbol}) {
    if (own.empty()) continue;
    keys.push_back(own);
    const auto& targets = aliases.targets(own);
    keys.insert(keys.end(), targets.begin(), targets.end());
  }
  return keys;
}

/// Joins in steps; what one step has decided, the next ones leave alone.
class Joiner {
 public:
  Joiner(std::vector<Names> rows, std::vector<Names> genes)
      : m_rows(std::move(rows)),
        m_genes(std::move(genes)),
        m_rowStates(m_rows.size()),
        m_geneStates(m_genes.size()) {}

  void step(GeneMatch how, const Keys& keys) {
    const auto candidates = candidatesOfRows(keys);
    std::unordered_map<std::size_t, std::vector<std::size_t>> claims;
    std::vector<std::size_t> claimed;
    for (std::size_t row = 0; row < m_rows.size(); ++row) {
      if (candidates[row].size() > 1) refuseRow(row, candidates[row]);
      if (candidates[row].size() != 1) continue;
      auto& claimants = claims[candidates[row].front()];
      if (claimants.empty()) claimed.push_back(candidates[row].front());
      claimants.push_back(row);
    }
    for (const std::size_t gene : claimed) decide(gene, claims.at(gene), how);
  }

  GeneJoin result() {
    for (std::size_t row = 0; row < m_rows.size(); ++row)
      if (m_rowStates[row].decided) {
        if (!m_rowStates[row].reason.empty())
          m_join.ambiguousRows.push_back(leftOut(row, m_rows, m_rowStates[row].reason));
      } else {
        m_join.missingRows.push_back(leftOut(row, m_rows, "The dataset has no such gene."));
      }
    for (std::size_t gene = 0; gene < m_genes.size(); ++gene) {
      if (m_geneStates[gene].decided) continue;
      const std::string& reason = m_geneStates[gene].reason;
      if (reason.empty())
        m_join.missingGenes.push_back(leftOut(gene, m_genes, "No embedding has its name."));
      else
        m_join.ambiguousGenes.push_back(leftOut(gene, m_genes, reason));
    }
    std::ranges::sort(m_join.pairs, {}, &GeneJoin::Pair::row);
    return std::move(m_join);
  }

 private:
  struct State {
    bool decided = false;
    std::string reason;  ///< why it is ambiguous
  };

  /// The open genes that share a key with each open row, without repetition.
  std::vector<std::vector<std::size_t>> candidatesOfRows(const Keys& keys) const {
    std::unordered_map<std::string, std::vector<std::size_t>> index;
    for (std::size_t gene = 0; gene < m_genes.size(); ++gene)
      if (!m_geneStates[gene].decided)
        for (const std::string& key : keys(m_genes[gene])) index[key].push_back(gene);
    std::vector<std::vector<std::size_t>> candidates(m_rows.size());
    for (std::size_t row = 0; row < m_rows.size(); ++row) {
      if (m_rowStates[row].decided) continue;
      auto& own = candidates[row];
      for (const std::string& key : keys(m_rows[row]))
        if (const auto found = index.find(key); found != index.end())
          own.insert(own.end(), found->second.begin(), found->second.end());
      std::ranges::sort(own);
      const auto repeated = std::ranges::unique(own);
      own.erase(repeated.begin(), repeated.end());
    }
    return candidates;
  }

  void refuseRow(std::size_t row, const std::vector<std::size_t>& genes) {
    std::string list;
    for (const std::size_t gene : genes)
      list += (list.empty() ? "" : ", ") + printable(m_genes[gene].shown);
    m_rowStates[row] = {true, "Its name leads to several genes: " + list + "."};
    for (const std::size_t gene : genes)
      m_geneStates[gene].reason =
          "Embedding " + printable(m_rows[row].shown) + " leads to it and to other genes.";
  }

  void decide(std::size_t gene, const std::vector<std::size_t>& rows, GeneMatch how) {
    const std::size_t first = rows.front();
    const bool sameGene = std::ranges::all_of(rows, [&](std::size_t row) {
      return m_rows[row].id == m_rows[first].id && m_rows[row].symbol == m_rows[first].symbol;
    });
    const bool decided = how == GeneMatch::Id || sameGene;
    for (const std::size_t row : rows)
      m_rowStates[row] = {true, decided ? "It is a further embedding of " +
                                              printable(m_genes[gene].shown) +
                                              ", of which the first one counts."
                                        : "Other embeddings, of other genes, lead to " +
                                              printable(m_genes[gene].shown) + ", too."};
    if (!decided) {
      m_geneStates[gene].reason = "Several embeddings of different genes lead to it.";
      return;
    }
    m_rowStates[first].reason.clear();
    m_geneStates[gene] = {true, {}};
    m_join.pairs.push_back(
        {static_cast<std::int64_t>(first), static_cast<std::int64_t>(gene), how});
  }

  static GeneJoin::LeftOut leftOut(std::size_t number, const std::vector<Names>& names,
                                   const std::string& reason) {
    return {static_cast<std::int64_t>(number), names[number].shown, reason};
  }

  std::vector<Names> m_rows, m_genes;
  std::vector<State> m_rowStates, m_geneStates;
  GeneJoin m_join;
};

}  // namespace

std::int64_t GeneJoin::count(GeneMatch how) const {
  return std::ranges::count(pairs, how, &Pair::how);
}

std::string GeneJoin::summary() const {
  const auto size = [](const auto& list) { return withThousands(std::ssize(list)); };
  const std::int64_t rows = std::ssize(pairs) + std::ssize(ambiguousRows) + std::ssize(missingRows);
  return size(pairs) + " of " + withThousands(rows) +
         " embeddings matched a gene: " + withThousands(count(GeneMatch::Id)) + " by id, " +
         withThousands(count(GeneMatch::Symbol)) + " by symbol, " +
         withThousands(count(GeneMatch::Alias)) + " by alias. Of the other embeddings " +
         size(ambiguousRows) + " are ambiguous and " + size(missingRows) +
         " have no gene in the dataset; of its other genes " + size(ambiguousGenes) +
         " are ambiguous and " + size(missingGenes) + " have no embedding.";
}

GeneJoin joinGenes(const EmbeddingFile& embeddings, const std::vector<GeneName>& genes,
                   const GeneAliases& aliases) {
  if (embeddings.geneIds.empty() && embeddings.geneSymbols.empty())
    throw Error("EMBEDDINGS_UNNAMED", "gene names",
                "the embedding file holds no gene names, so its rows cannot be joined with genes.",
                "Give the list of windows that the embeddings were computed for, whose order they "
                "have.");
  Joiner joiner(namesOf(embeddings), namesOf(genes));
  joiner.step(GeneMatch::Id, idKeys);
  joiner.step(GeneMatch::Symbol, symbolKeys);
  if (aliases.size() > 0)
    joiner.step(GeneMatch::Alias,
                [&aliases](const Names& names) { return aliasKeys(names, aliases); });
  return joiner.result();
}

std::string nameByWindows(EmbeddingFile& embeddings, const std::vector<QueryWindow>& windows) {
  const std::int64_t rows = embeddings.embedding.rows();
  if (rows != std::ssize(windows))
    throw Error("EMBEDDING_ROWS", "list of windows",
                "it has " + withThousands(std::ssize(windows)) + " windows, and there are " +
                    withThousands(rows) + " embeddings.",
                "Give the list that the embeddings were computed from, whole and in its order.");
  const bool named = !embeddings.geneIds.empty();
  const auto plain = [](const std::string& id) { return ensemblGene(id).value_or(id); };
  for (std::size_t row = 0; named && row < windows.size(); ++row)
    if (plain(embeddings.geneIds[row]) != plain(windows[row].geneId))
      throw Error("EMBEDDING_ROWS",
                  "list of windows, window " + withThousands(static_cast<std::int64_t>(row) + 1),
                  "it is of gene " + printable(windows[row].geneId) +
                      ", and the embedding in its place of " + printable(embeddings.geneIds[row]) +
                      ".",
                  "Give the list that the embeddings were computed from, in its order.");
  if (named) return {};
  embeddings.geneSymbols.clear();
  embeddings.windows.clear();
  for (const QueryWindow& window : windows) {
    embeddings.geneIds.push_back(window.geneId);
    embeddings.geneSymbols.push_back(window.symbol);
    embeddings.windows.push_back(plainLocusText(window.window));
  }
  return "The embeddings have no names: they were taken to lie in the order of the " +
         withThousands(rows) + " windows, which nothing in the file can confirm.";
}

}  // namespace cellocus
