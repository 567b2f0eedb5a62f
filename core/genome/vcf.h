// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/progress.h"
#include "genome/genome.h"
#include "genome/haplotype.h"

namespace cellocus {

/// One alternative allele of one line of a VCF (multi-allelic lines become several).
struct VcfRecord {
  Variant variant;  ///< trimmed; contig as in the file
  std::string id;   ///< "rs..." or empty
  std::size_t line = 0;
};

/// Text VCF, plain or (b)gzipped, read strictly: a line that makes no sense is skipped, counted and
/// named with its line number; nothing is guessed.
struct VcfFile {
  std::filesystem::path path;
  std::vector<VcfRecord> records;
  std::vector<Contig> contigs;       ///< of the header's contig lines that tell a length
  std::vector<std::string> remarks;  ///< "3 of 10,000 lines were skipped.", then why
  std::size_t skipped = 0;           ///< lines that make no sense and alleles of unsupported kinds

  /// @throws Error "VCF_..." if it is no VCF, has spaces for tabs, ends early, ...
  static std::shared_ptr<const VcfFile> open(const std::filesystem::path& path,
                                             const Progress& progress = {});
};

/// All edits of a VCF on the genome, as on one chromosome.
/// @throws Error "REF_MISMATCH", "CONTIG_UNKNOWN" or "EDIT_OUTSIDE" with the line, "VCF_CONFLICT"
/// if two records change the same bases
Haplotype haplotypeFrom(const VcfFile& vcf, const Genome& genome);

/// VCF 4.3 text of a haplotype with padding bases, contig lines and `##` provenance lines
/// ("key=value", with or without the "##"). @throws Error "VCF_WHOLE_CONTIG" if a contig is deleted
/// as a whole
std::string vcfText(const Haplotype& haplotype, const Genome& genome,
                    const std::vector<std::string>& provenance = {});

}  // namespace cellocus
