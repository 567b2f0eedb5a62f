// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>

namespace cellocus {

/// What a gene is used for when a head is trained and judged. Seq2cells writes it into the column
/// `enf_set` of the gene table.
enum class SplitSet {
  Unassigned,  ///< in none of the lists
  Train,
  Valid,  ///< decides when training stops
  Test    ///< never seen
};

/// "train", "valid", "test", or empty.
constexpr std::string_view splitSetName(SplitSet set) {
  switch (set) {
    case SplitSet::Train:
      return "train";
    case SplitSet::Valid:
      return "valid";
    case SplitSet::Test:
      return "test";
    case SplitSet::Unassigned:
      break;
  }
  return {};
}

/// The set of that name, Unassigned for an empty one and for "none", nothing for any other.
constexpr std::optional<SplitSet> splitSetNamed(std::string_view name) {
  for (const SplitSet set :
       {SplitSet::Unassigned, SplitSet::Train, SplitSet::Valid, SplitSet::Test})
    if (name == splitSetName(set)) return set;
  if (name == "none") return SplitSet::Unassigned;
  return std::nullopt;
}

}  // namespace cellocus
