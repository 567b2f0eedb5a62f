// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "genome/annotation.h"
#include "genome/intervalindex.h"
#include "genome/linereader.h"

namespace cellocus {

/// A gene on its way into an Annotation, with the other names under which it is found.
struct DraftGene {
  Gene gene;
  std::vector<std::string> aliases;
};

/// What makes looking up fast. Names are in lower case and without version.
struct Annotation::Index {
  IntervalIndex intervals;
  std::unordered_map<std::string, std::vector<std::uint32_t>>
      byName;  ///< symbols, gene and transcript ids
  std::unordered_map<std::string, std::vector<std::uint32_t>> byAlias;
  std::vector<std::pair<std::string, std::uint32_t>> sortedNames;  ///< symbols and gene ids
  std::vector<std::string> symbols;                                ///< each once
  std::vector<std::vector<std::string>> aliases;                   ///< per gene, as in the file
};

/// Sorts genes and builds the index: the only way in which an Annotation comes to be.
class AnnotationBuilder {
 public:
  static std::shared_ptr<const Annotation> build(std::filesystem::path path,
                                                 std::vector<DraftGene> genes,
                                                 std::vector<std::string> remarks);
  static std::vector<DraftGene> drafts(const Annotation& annotation);
};

/// "ENSG00000136574.14" -> "ENSG00000136574", "NM_002052.5" -> "NM_002052"; other names unchanged.
std::string withoutVersion(std::string_view id);

/// The error of a file without any usable line.
Error noGenes(const LineReader& reader, const SkippedLines& skipped, const std::string& fix);

/// The two kinds of files. The reader stands at the first line; both skip and count bad lines.
std::vector<DraftGene> readGeneFeatures(LineReader& reader, std::vector<std::string>& remarks);
std::vector<DraftGene> readManeTable(LineReader& reader, std::vector<std::string>& remarks);

}  // namespace cellocus
