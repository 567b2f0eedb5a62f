// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "genome/bytesource.h"

namespace cellocus {

/// One line of a `.fai`: where the bases of a sequence lie.
struct FastaRecord {
  std::string name;
  std::int64_t length = 0;      ///< bases
  std::uint64_t offset = 0;     ///< of the first base, in the uncompressed file
  std::uint64_t lineBases = 0;  ///< bases of a full line
  std::uint64_t lineBytes = 0;  ///< with the line's end

  /// Place of a base in the uncompressed file.
  std::uint64_t byteOf(std::int64_t base) const {
    const auto at = static_cast<std::uint64_t>(base);
    return offset + at / lineBases * lineBytes + at % lineBases;
  }
  bool operator==(const FastaRecord&) const = default;
};

/// Reads a whole FASTA and notes where its sequences lie. Refuses what cannot be accessed at
/// random.
/// @throws Error "FASTA_NOT_FASTA", "FASTA_NOT_DNA", "FASTA_RAGGED", "FASTA_WHITESPACE",
/// "FASTA_DUPLICATE",
///         "FASTA_NAME", "FASTA_EMPTY", "FASTA_TOO_LARGE", each with the line
std::vector<FastaRecord> buildFastaIndex(const ByteSource& fasta, const std::filesystem::path& path,
                                         std::vector<std::string>& remarks,
                                         const Progress& progress);

/// Reads the text of a `.fai` and checks all of it against the FASTA: every sequence must begin
/// after a header line with its name and end where the next header begins. An index that is taken
/// is therefore as good as one made anew. @throws Error "FAI_DAMAGED"
std::vector<FastaRecord> parseFastaIndex(std::string_view text, const ByteSource& fasta,
                                         const Progress& progress);

std::string fastaIndexText(const std::vector<FastaRecord>& records);

}  // namespace cellocus
