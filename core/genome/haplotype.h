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
  /// bases[at .. at+length) lie at `reference` of the contig, one by one: reference sequence, bases
  /// that were substituted, and the padding beyond the contig's ends.
  struct Block {
    std::int64_t at = 0, reference = 0, length = 0;
  };
  std::vector<Block> blocks;  ///< sorted; inserted bases lie in no block
  std::int64_t padded = 0;    ///< bases beyond the contig's ends, filled in
};

/// An ordered set of edits on the reference. A value: `with` and `without` give new ones, so undo
/// keeps the old one and a job its own copy. Variants never overlap; those that touch are merged.
class Haplotype {
 public:
  Haplotype() = default;

  bool isReference() const { return m_variants.empty(); }
  /// Sorted by contig and position, trimmed, not overlapping.
  const std::vector<Variant>& variants() const { return m_variants; }
  bool operator==(const Haplotype&) const = default;

  /// With one more edit, given in reference coordinates: it says what its bases of the reference
  /// become. Where it overlaps an old edit the new one counts, and the rest of the old one stays;
  /// an insertion replaces an old one at the same place. What touches afterwards is merged. An
  /// edit back to the reference removes what was there.
  /// @throws Error "REF_MISMATCH" (found and expected bases), "CONTIG_UNKNOWN", "EDIT_OUTSIDE" of
  /// the contig, "EDIT_LETTERS"
  Haplotype with(const Variant& edit, const Genome& genome) const&;
  Haplotype with(const Variant& edit, const Genome& genome) &&;
  /// Without this variant; the same again if there is no such variant.
  Haplotype without(const Variant& edit) const;
  /// The variants that overlap or touch the locus; the contig may be named by an alias.
  std::vector<Variant> within(const Locus& locus) const;
  /// Whether any variant in the locus changes the length.
  bool hasIndelWithin(const Locus& locus) const;

  /// Exactly `window.length()` bases with the edits applied such that the base at reference
  /// position `anchor` (e.g. the TSS) keeps its place in the window; bases pushed out are lost,
  /// missing ones come from the reference beyond the window. Inserted bases directly before the
  /// anchor go to its left; of an edit over the anchor the beginning keeps its place. Anchors are
  /// in [window.start, window.end]. Upper case. Outside the contig: `outside`.
  HaplotypeSequence sequence(const Genome& genome, const Locus& window, std::int64_t anchor,
                             char outside = '.') const;
  /// The edited sequence of a locus, as long as it becomes: for FASTA export and display.
  /// Reference bases in the case of the file. Bases inserted where the locus begins are in it,
  /// those where it ends only if the contig ends there, so that the parts of a contig make up the
  /// whole.
  std::string sequence(const Genome& genome, const Locus& locus) const;

 private:
  void apply(Variant edit, const Genome& genome);
  std::vector<Variant> m_variants;
};

/// Values per bin of an edited sequence brought back to the bins of the reference window: where
/// bases were inserted the maximum over the bins that fall onto one, where bases were deleted NaN
/// (drawn as a gap). A bin lies where its middle base lies; without insertions and deletions all
/// stay as they are. `values` is [bins, columns]; `firstBase` is the place of bin 0 in the window,
/// `binSize` in bases.
Matrix alignedToReference(MatrixView values, const HaplotypeSequence& sequence,
                          std::int64_t firstBase, std::int64_t binSize);

/// HGVS name on the genome, by the 3' rule: "NC_000008.11:g.11735000C>T",
/// "...g.11735001_11735003del", "...dup", "...delinsAC", "...inv". The contig's own name stands
/// where no accession is known, i.e. where the contig is not as long as GRCh38's.
std::string hgvs(const Variant& variant, const Genome& genome);
/// All edits of a haplotype: one name, or "NC_...:g.[a;b]"; several contigs are separated by
/// spaces. Empty for the reference.
std::string hgvs(const Haplotype& haplotype, const Genome& genome);

}  // namespace cellocus
