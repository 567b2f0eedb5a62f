// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "genome/annotation.h"
#include "genome/genome.h"

namespace cellocus {

/// What the text of the locus box means (grammar: UI 3.1).
struct LocusAnswer {
  Locus locus;                     ///< where to go, clamped to the contig; at least 40 bases
  Locus target;                    ///< exactly what was named, clamped to the contig
  const Gene* gene = nullptr;      ///< set if a gene was named; lives as long as the annotation
  std::optional<Variant> variant;  ///< set if a change was named
  std::string note;                ///< "The end was moved to the end of chr8.", or empty
};

/// Resolves regions ("chr8:11,700,000-11,760,000", "chr8:11.7M-11.76M", "8 11700000 11760000"),
/// points, whole contigs, "GATA4 ±50kb", "chr8:11735000+200", genes by symbol, id or alias,
/// variants ("chr8:11735000:C:T", "chr8:11735000 C>T") and HGVS g. names. `annotation` may be null.
/// @throws Error "LOCUS_UNKNOWN" or "LOCUS_SYNTAX" with suggestions ("Did you mean GATA4, GATA3,
/// GATA6?")
LocusAnswer resolveLocus(std::string_view text, const Genome& genome, const Annotation* annotation,
                         const Locus& current = {});

/// Entries for the list under the box.
struct LocusSuggestion {
  std::string text;    ///< what to type: "GATA4"
  std::string detail;  ///< "chr8:11,676,935-11,760,002 · protein_coding"
};
std::vector<LocusSuggestion> suggestLoci(std::string_view text, const Genome& genome,
                                         const Annotation* annotation, std::size_t limit = 12);

}  // namespace cellocus
