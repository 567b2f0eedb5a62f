// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cellocus {

enum class Strand { Plus, Minus, Unknown };

/// A range of a contig: 0-based, end not included, everywhere in code. What a person reads is
/// 1-based and inclusive: see locusText. `start` may be negative and `end` beyond the contig where
/// a window reaches over.
struct Locus {
  std::string contig;
  std::int64_t start = 0;
  std::int64_t end = 0;

  std::int64_t length() const { return end - start; }
  bool empty() const { return end <= start; }
  std::int64_t centre() const { return start + length() / 2; }
  bool contains(std::int64_t position) const { return position >= start && position < end; }
  bool contains(const Locus& other) const {
    return other.contig == contig && other.start >= start && other.end <= end;
  }
  bool overlaps(const Locus& other) const {
    return other.contig == contig && other.start < end && other.end > start;
  }
  bool operator==(const Locus&) const = default;
};

/// "chr8:11,700,000-11,760,000": 1-based, inclusive, with thousands separators; one base as
/// "chr8:11,700,000".
std::string locusText(const Locus& locus);
/// "chr8:11700000-11760000", for copying and file headers.
std::string plainLocusText(const Locus& locus);
/// "196,608 bp", "1.2 Mb": the length of a stretch for a person.
std::string lengthText(std::int64_t bases);

/// A change of the sequence, as a VCF line has it: `ref` at 0-based `start` becomes `alt`. Pure
/// insertions have an empty `ref`, pure deletions an empty `alt` (VCF's padding base is added and
/// removed at the file's edge). A user's edit is a Variant.
struct Variant {
  std::string contig;
  std::int64_t start = 0;
  std::string ref, alt;

  std::int64_t end() const { return start + static_cast<std::int64_t>(ref.size()); }
  std::int64_t lengthChange() const {
    return static_cast<std::int64_t>(alt.size()) - static_cast<std::int64_t>(ref.size());
  }
  bool operator==(const Variant&) const = default;
};

/// The variant without bases that ref and alt share at their ends (right end trimmed first).
Variant trimmed(const Variant& variant);
/// "chr8:11,735,000 C>T", 1-based.
std::string variantText(const Variant& variant);

/// A, C, G, T -> T, G, C, A, IUPAC codes accordingly, case kept; other letters unchanged.
char complement(char base);
std::string reverseComplement(std::string_view bases);

}  // namespace cellocus
