// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "genome/locus.h"

namespace cellocus {

struct Transcript {
  std::string id;  ///< without version
  Locus locus;
  std::vector<Locus> exons;                       ///< sorted by start; empty if the file lists none
  std::int64_t codingStart = -1, codingEnd = -1;  ///< 0-based half-open, -1 if not coding
  bool mane = false, canonical = false;
};

struct Gene {
  std::string id;       ///< Ensembl id without version, or what the file gives
  std::string symbol;   ///< may equal the id
  std::string biotype;  ///< "protein_coding", ... or empty
  std::string description;
  Locus locus;
  Strand strand = Strand::Unknown;
  std::vector<Transcript> transcripts;

  /// Transcription start site, 0-based: of the MANE or canonical transcript, else of the gene's own
  /// range.
  std::int64_t tss() const;
};

/// Genes of a genome from GTF, GFF3 or a MANE summary table (plain or gzipped; told apart by
/// content). Never changed after open().
class Annotation {
 public:
  /// Lines that make no sense are skipped and counted with their numbers in remarks().
  /// @throws Error "GTF_..." if it is no such file or ends early
  static std::shared_ptr<const Annotation> open(const std::filesystem::path& path,
                                                const Progress& progress = {});
  /// Several files as one: genes of the first win, later files add genes and mark MANE transcripts.
  static std::shared_ptr<const Annotation> merged(
      const std::vector<std::shared_ptr<const Annotation>>& parts);

  const std::filesystem::path& path() const { return m_path; }
  const std::vector<Gene>& genes() const { return m_genes; }  ///< sorted by contig and start
  const std::vector<std::string>& remarks() const { return m_remarks; }

  /// Genes that touch the locus, sorted by start. The contig may be named by an alias.
  std::vector<const Gene*> overlapping(const Locus& locus) const;
  /// By symbol (any case), Ensembl gene or transcript id (any version), or alias; several if
  /// ambiguous, primary contigs and MANE genes first.
  std::vector<const Gene*> find(std::string_view name) const;
  /// Genes whose symbol or id starts with `prefix`, best first, for suggestions while typing.
  std::vector<const Gene*> startingWith(std::string_view prefix, std::size_t limit) const;
  /// Symbols near a misspelt one, nearest first.
  std::vector<std::string> similarSymbols(std::string_view name, std::size_t limit = 3) const;

 private:
  friend class AnnotationBuilder;
  Annotation() = default;
  std::filesystem::path m_path;
  std::vector<Gene> m_genes;
  std::vector<std::string> m_remarks;
  struct Index;
  std::shared_ptr<const Index> m_index;
};

}  // namespace cellocus
