// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analysis/querywindows.h"
#include "base/progress.h"
#include "cells/celldataset.h"

namespace cellocus {

/// Other names of genes: previous symbols, synonyms and withdrawn ids, each with what it stands for
/// today. A value.
class GeneAliases {
 public:
  /// Recognised by its content:
  /// - a table with the columns `symbol`, `ensembl_gene_id` and `prev_symbol` or `alias_symbol`
  ///   (HGNC's complete set; several names in a cell are separated by '|');
  /// - two columns without a header, alias and Ensembl id or symbol;
  /// - Geneformer's gene name dictionaries (.pkl: name -> Ensembl id).
  /// @throws Error "ALIASES_FORMAT" naming the line, or as readPickle
  static GeneAliases read(const std::filesystem::path& path, const Progress& progress = {});

  /// `target` is an Ensembl id or a symbol.
  void add(std::string_view alias, std::string_view target);
  /// Ids (without version) and symbols (in capitals) that a name stands for, sorted; empty if it is
  /// no known alias. Case of the name is ignored.
  const std::vector<std::string>& targets(std::string_view name) const;
  std::size_t size() const { return m_targets.size(); }

 private:
  std::unordered_map<std::string, std::vector<std::string>> m_targets;
};

/// How an embedding found its gene.
enum class GeneMatch {
  Id,      ///< the same Ensembl id, whatever the version
  Symbol,  ///< the same symbol, of genes of which one has no id or another one
  Alias    ///< a previous symbol, synonym or withdrawn id
};

/// Which embedding belongs to which gene of a dataset, and what became of all others: every row is
/// in exactly one of `pairs`, `ambiguousRows` and `missingRows`, every gene in exactly one of
/// `pairs`, `ambiguousGenes` and `missingGenes`. All lists are in the order of their file.
struct GeneJoin {
  struct Pair {
    std::int64_t row = 0;   ///< of the embeddings
    std::int64_t gene = 0;  ///< of the dataset
    GeneMatch how = GeneMatch::Id;
  };
  struct LeftOut {
    std::int64_t number = 0;  ///< row or gene
    std::string name;         ///< id, else symbol, else "row 7"
    std::string reason;       ///< why, as a sentence
  };
  std::vector<Pair> pairs;  ///< by row; no row and no gene twice
  std::vector<LeftOut> ambiguousRows, missingRows;
  std::vector<LeftOut> ambiguousGenes, missingGenes;

  std::int64_t count(GeneMatch how) const;
  /// "18,103 of 18,620 embeddings matched a gene: 18,000 by id, 100 by symbol, 3 by alias; ...".
  std::string summary() const;
};

/// Joins by Ensembl id first, what is left by symbol, what is left by alias. A name that would lead
/// to several genes leads to none; of several embeddings of one gene the first one counts. The same
/// files always give the same pairs in the same order.
/// @throws Error "EMBEDDINGS_UNNAMED" if the embeddings have neither ids nor symbols
GeneJoin joinGenes(const EmbeddingFile& embeddings, const std::vector<GeneName>& genes,
                   const GeneAliases& aliases = {});

/// Gives the rows of an embedding file without names (pandas' layout) the genes of the windows they
/// were computed for, which nothing but their order says. Returns a remark about that for the user,
/// empty if the file had names of its own and they agree with the windows.
/// @throws Error "EMBEDDING_ROWS" if there are not as many windows as rows, or names disagree
std::string nameByWindows(EmbeddingFile& embeddings, const std::vector<QueryWindow>& windows);

}  // namespace cellocus
