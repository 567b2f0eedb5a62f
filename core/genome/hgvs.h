// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>

#include "genome/genome.h"
#include "genome/locus.h"

namespace cellocus {

/// The change that an HGVS name on the genome means ("NC_000008.11:g.11735000C>T"), trimmed; the
/// bases of deletions, duplications and inversions come from `genome`, those that the name states
/// are kept as REF. Nothing if `text` is no HGVS name at all (no ":g.").
/// @throws Error "LOCUS_SYNTAX" if the part behind "g." cannot be read, "CONTIG_UNKNOWN",
/// "EDIT_OUTSIDE"
std::optional<Variant> parseHgvs(std::string_view text, const Genome& genome);

}  // namespace cellocus
