// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cellocus {

/// What a gene is used for when a head is trained and judged: Valid decides when training stops,
/// Test is never seen.
enum class GeneSet : std::uint8_t { None, Train, Valid, Test };
/// "none", "train", "valid", "test".
std::string_view geneSetName(GeneSet set);

/// The set of that name; None for "none" and an empty one, nothing for any other.
inline std::optional<GeneSet> geneSetNamed(std::string_view name) {
  if (name.empty()) return GeneSet::None;
  for (const GeneSet set : {GeneSet::None, GeneSet::Train, GeneSet::Valid, GeneSet::Test})
    if (name == geneSetName(set)) return set;
  return std::nullopt;
}

}  // namespace cellocus
