// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/progress.h"
#include "genome/locus.h"

namespace cellocus {

struct Contig {
  std::string name;
  std::int64_t length = 0;
};

/// A reference genome: a FASTA or bgzipped FASTA with random access. Never changed after open();
/// may be used from any thread.
class Genome {
 public:
  /// Uses the `.fai` (and `.gzi`) beside the file if they are sound; a missing one is built beside
  /// the file, or in the cache folder where that is read-only; a damaged or foreign one is rebuilt
  /// in the cache folder.
  /// @throws Error "FASTA_..." with line or byte: not FASTA, plain gzip, ragged lines, duplicate
  /// names, ...
  static std::shared_ptr<const Genome> open(const std::filesystem::path& path,
                                            const Progress& progress = {});
  virtual ~Genome() = default;

  const std::filesystem::path& path() const { return m_path; }
  const std::vector<Contig>& contigs() const { return m_contigs; }
  /// Finds a contig by its name or an alias of it (chr8 = 8 = NC_000008.11, chrM = MT; any case).
  /// An accession stands for one assembly: it finds a contig of another name only where the length
  /// is that assembly's. Null if there is none.
  const Contig* find(std::string_view nameOrAlias) const;
  /// What was noticed on opening that the user should know (index rebuilt in the cache, ...); may
  /// be empty.
  const std::vector<std::string>& remarks() const { return m_remarks; }

  /// The bases of a locus in the case of the file. Outside the contig each base is `outside`: '.'
  /// is read by models as 0.25 of each base (enformer-pytorch), 'N' as nothing.
  /// @throws Error "CONTIG_UNKNOWN" naming near names, "FASTA_CHANGED" if the file changed on disk
  virtual std::string sequence(const Locus& locus, char outside = 'N') const = 0;

 protected:
  Genome(std::filesystem::path path, std::vector<Contig> contigs, std::vector<std::string> remarks);

 private:
  std::filesystem::path m_path;
  std::vector<Contig> m_contigs;
  std::vector<std::string> m_remarks;
  std::unordered_map<std::string, std::size_t> m_byName, m_byKey;  ///< places in m_contigs
};

/// Other spellings of a contig name, itself first: "chr8" -> "8", "NC_000008.11" (GRCh38), ...
std::vector<std::string> contigAliases(std::string_view name);
/// The RefSeq accession of a GRCh38 primary contig ("chr8" -> "NC_000008.11"), or empty.
std::string refSeqAccession(std::string_view contig);
/// One text for all spellings of a contig ("8" for chr8, Chr8, NC_000008.11, CM000670.2), to
/// compare and to look up with. Not for people.
std::string contigKey(std::string_view name);
/// Order of contigs for lists: 1, 2, ..., 10, ..., X, Y, MT, then all others by name.
bool contigBefore(std::string_view a, std::string_view b);
/// "GRCh38" or "GRCh37" if the lengths of the primary contigs say so, else empty.
std::string assemblyName(const std::vector<Contig>& contigs);

/// The named contig of `genome`. @throws Error "CONTIG_UNKNOWN" with what there is instead
const Contig& requireContig(const Genome& genome, std::string_view nameOrAlias);

}  // namespace cellocus
