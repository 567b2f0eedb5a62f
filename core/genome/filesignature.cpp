// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/filesignature.h"

#include <array>

#include "base/text.h"

namespace cellocus {

namespace {

struct Signature {
  std::string_view bytes, kind;
};

using namespace std::string_view_literals;

constexpr auto signatures = std::to_array<Signature>({
    {"\xFF\xFE"sv, "text in UTF-16, not in ASCII or UTF-8"},
    {"\xFE\xFF"sv, "text in UTF-16, not in ASCII or UTF-8"},
    {"\xEF\xBB\xBF>"sv, "a FASTA file with a byte order mark before its first line"},
    {"PK\x03\x04"sv, "a zip archive"},
    {"\x43\x27\x41\x1A"sv, "a UCSC 2bit file"},
    {"\x1A\x41\x27\x43"sv, "a UCSC 2bit file"},
    {"\x89HDF"sv, "an HDF5 file"},
    {"BCF\x02"sv, "a BCF file (a binary VCF; \"bcftools view\" writes it as text)"},
    {"BAM\x01"sv, "a BAM file"},
    {"CRAM"sv, "a CRAM file"},
    {"BZh"sv, "a bzip2 archive"},
    {"\xFD"
     "7zXZ"sv,
     "an xz archive"},
    {"\x28\xB5\x2F\xFD"sv, "a Zstandard archive"},
    {"##fileformat=VCF"sv, "a VCF file"},
    {"##gff-version"sv, "a GFF file"},
    {"version https://git-lfs"sv, "a Git LFS pointer, not the data itself"},
    {">"sv, "a FASTA file"},
});

/// FASTQ: a line of '@', one of bases, one of '+'.
bool looksLikeFastq(std::string_view head) {
  if (!head.starts_with('@')) return false;
  const auto lines = split(head, '\n');
  return lines.size() > 2 && lines[2].starts_with('+');
}

}  // namespace

std::string recognisedKind(std::string_view head) {
  const std::string_view text = trimmed(head);
  if (startsWithIgnoringCase(text, "<!doctype html") || startsWithIgnoringCase(text, "<html"))
    return "an HTML page (the download may have failed)";
  if (startsWithIgnoringCase(text, "<?xml")) return "an XML file";
  if (looksLikeFastq(head)) return "a FASTQ file";
  for (const Signature& signature : signatures)
    if (head.starts_with(signature.bytes)) return std::string(signature.kind);
  return {};
}

}  // namespace cellocus
