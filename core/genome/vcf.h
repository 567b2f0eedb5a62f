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
  std::vector<std::string> remarks;  ///< "3 of 10,000 lines skipped: line 17: ..."
  std::size_t skipped = 0;

  /// @throws Error "VCF_..." if it is no VCF, has spaces for tabs, ends early, ...
  static std::shared_ptr<const VcfFile> open(const std::filesystem::path& path,
                                             const Progress& progress = {});
};

/// All edits of a VCF on the genome. @throws Error at the first REF mismatch or unknown contig,
/// with its line
Haplotype haplotypeFrom(const VcfFile& vcf, const Genome& genome);

/// VCF 4.3 text of a haplotype with padding bases, contig lines and `##` provenance lines.
std::string vcfText(const Haplotype& haplotype, const Genome& genome,
                    const std::vector<std::string>& provenance = {});

}  // namespace cellocus
