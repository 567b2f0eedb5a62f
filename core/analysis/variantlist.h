// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "analysis/querydesign.h"
#include "base/progress.h"
#include "genome/locus.h"

namespace cellocus {

/// One alternative allele of a list of variants, as it stands there.
struct ListedVariant {
  std::string id;      ///< "rs123"; "chr1:1001 C>T" where the list has none
  Variant variant;     ///< contig and case as in the file, not trimmed; "." is no base
  std::string geneId;  ///< the gene it is linked to; empty: all genes near it
  std::size_t line = 0;
  std::string fault;  ///< why it cannot be used, as a sentence; empty if it can
};

struct VariantList {
  std::filesystem::path path;
  std::vector<ListedVariant> variants;  ///< nothing that stands in the file is missing here
  std::vector<std::string> remarks;
};

/// The six columns of seq2cells without a header: id, chromosome, position, reference allele,
/// alternative allele, gene id (which may be absent or empty). A header line that begins with
/// "var_id" is skipped. @throws Error "VARIANTS_..." if the file is empty or no table
VariantList readVariantTable(const std::filesystem::path& path, PositionBase base,
                             const Progress& progress = {});
/// Every alternative allele of every line of a VCF. @throws Error as VcfFile::open
VariantList readVariantVcf(const std::filesystem::path& path, const Progress& progress = {});

}  // namespace cellocus
