// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "base/matrix.h"
#include "genome/genome.h"
#include "genome/locus.h"

namespace cellocus {

/// The bases that a model sees for a window, and where they come from.
struct HaplotypeSequence {
  std::string bases;  ///< exactly as long as the window
  Locus window;       ///< the window in reference coordinates
  /// A stretch of `bases` that is reference sequence: bases[at .. at+length) lie at `reference` of
  /// the contig.
  struct Block {
    std::int64_t at = 0, reference = 0, length = 0;
  };
  std::vector<Block> blocks;  ///< sorted; inserted bases lie in no block
  std::int64_t padded = 0;    ///< bases beyond the contig's ends, filled in
};

/// An ordered set of edits on the reference. A value: `with` and `without` give new ones, so undo
/// keeps the old one and a job its own copy. Variants never overlap; touching substitutions are
/// merged.
class Haplotype {
 public:
  Haplotype() = default;

  bool isReference() const { return m_variants.empty(); }
  /// Sorted by contig and position, trimmed, not overlapping.
  const std::vector<Variant>& variants() const { return m_variants; }
  bool operator==(const Haplotype&) const = default;

  /// With one more edit, given in reference coordinates. `genome` provides reference bases where a
  /// new edit overlaps or touches an old one and both are merged. An edit back to the reference
  /// removes what was there.
  /// @throws Error "REF_MISMATCH" (found and expected bases), "CONTIG_UNKNOWN", "EDIT_OUTSIDE" of
  /// the contig
  Haplotype with(const Variant& edit, const Genome& genome) const;
  Haplotype without(const Variant& edit) const;
  /// The variants that touch the locus.
  std::vector<Variant> within(const Locus& locus) const;
  /// Whether any variant in the locus changes the length.
  bool hasIndelWithin(const Locus& locus) const;

  /// Exactly `window.length()` bases with the edits applied such that the base at reference
  /// position `anchor` (e.g. the TSS) keeps its place in the window; bases pushed out are lost,
  /// missing ones come from the reference beyond the window. Upper case. Outside the contig:
  /// `outside`.
  HaplotypeSequence sequence(const Genome& genome, const Locus& window, std::int64_t anchor,
                             char outside = '.') const;
  /// The edited sequence of a locus, as long as it becomes: for FASTA export and display.
  std::string sequence(const Genome& genome, const Locus& locus) const;

 private:
  std::vector<Variant> m_variants;
};

/// Values per bin of an edited sequence brought back to the bins of the reference window: where
/// bases were inserted the maximum over the bins that fall onto one, where bases were deleted NaN
/// (drawn as a gap). `values` is [bins, columns]; `firstBase` is the place of bin 0 in the window,
/// `binSize` in bases.
Matrix alignedToReference(MatrixView values, const HaplotypeSequence& sequence,
                          std::int64_t firstBase, std::int64_t binSize);

/// HGVS name on the genome, by the 3' rule: "NC_000008.11:g.11735000C>T",
/// "...g.11735001_11735003del",
/// "...dup", "...delinsAC", "...inv". The contig's own name stands where no accession is known.
std::string hgvs(const Variant& variant, const Genome& genome);
/// All edits of a haplotype: one name, or "NC_...:g.[a;b]".
std::string hgvs(const Haplotype& haplotype, const Genome& genome);

}  // namespace cellocus
