// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "analysis/querywindows.h"
#include "base/matrix.h"
#include "base/progress.h"
#include "cells/celldataset.h"
#include "genome/genome.h"
#include "models/enformer.h"

namespace cellocus {

/// All that decides the numbers of a run, by name: {"genome", its SHA-256}, {"gamma", "tf"}, ...
using RunFacts = std::vector<std::pair<std::string, std::string>>;

/// What an embedding is made of, as a person reads it: "trunk embedding at the bins of ...".
std::string embeddingFormula(const WindowEmbeddingOptions& options);
/// The windows and what is made of them. Whoever starts a run adds model, genome and program.
RunFacts runFacts(const std::vector<QueryWindow>& windows, const WindowEmbeddingOptions& options);
/// 64 hexadecimal digits that stand for the facts.
std::string fingerprintOf(const RunFacts& facts);

/// The i-th of n parts of a run: all parts together are its rows, in their order.
struct RunPart {
  std::int64_t number = 1, count = 1;  ///< from 1
  BinRange rows(std::int64_t total) const {
    return {total * (number - 1) / count, total * number / count};
  }
};

/// Rows of many windows, kept on disk as they are done, so that a run that was stopped in whatever
/// way goes on where it was. A folder with a text of the facts and files of consecutive rows, each
/// written whole with its checksum.
struct EmbeddingJournal {
  std::filesystem::path folder;
  RunFacts facts;
  /// Rows are saved when the last time is so long ago: what a kill can cost, besides the row in
  /// work.
  std::chrono::milliseconds saveEvery{1000};
};

/// Where the journal of an output lies: "emb.h5" -> "emb.h5.part".
std::filesystem::path journalFolder(const std::filesystem::path& output);
/// Removes a journal and nothing else that may lie in its folder.
void removeJournal(const std::filesystem::path& folder);

struct EmbeddingRun {
  Matrix embedding;             ///< [windows, 2 * dim]
  std::int64_t fromBefore = 0;  ///< rows that the journal held
  std::vector<std::string> remarks;
};

/// The embeddings of all windows, one embedWindow() each, but for those that the journal holds. The
/// progress is that of the rows that were left to do, so that the time they take tells when the run
/// ends. A stop keeps all finished rows in the journal and throws Cancelled. The journal stays:
/// remove it once the result is saved.
/// @throws Error "EMBED_RESUME" if the journal belongs to a run with other facts, "EMBED_RUNNING"
/// if another program works on it, "SAVE_FAILED", and those of embedWindow()
EmbeddingRun embedWindows(const Enformer& model, const Genome& genome,
                          std::span<const QueryWindow> windows,
                          const WindowEmbeddingOptions& options, const EmbeddingJournal& journal,
                          const Progress& progress = {});

/// A file of embeddings and what messages call it.
struct NamedEmbeddings {
  std::string name;
  EmbeddingFile file;
};

/// The parts of one run as a whole, in the order of its rows.
/// @throws Error "MERGE_NO_PART", "MERGE_OTHER_RUN", "MERGE_MISSING", "MERGE_TWICE" naming the file
EmbeddingFile joinParts(const std::vector<NamedEmbeddings>& parts);

}  // namespace cellocus
