// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/enformernames.h"

#include <array>
#include <utility>

namespace cellocus {

namespace {

using Pair = std::pair<std::string_view, std::string_view>;
/// Parts of the trunk and their places in the original's `_trunk` sequence; 0, 3 and 5 only move
/// axes and crop.
constexpr std::array<Pair, 4> parts{Pair{"stem.", "1."}, Pair{"conv_tower.", "2."},
                                    Pair{"transformer.", "4."}, Pair{"final_pointwise.", "6."}};
constexpr std::array<std::string_view, 2> prefixes{"_trunk.", "model_trunk.enf."};

}  // namespace

std::vector<std::string> enformerAliases(const std::string& canonical) {
  std::vector<std::string> names;
  for (const auto& [part, number] : parts)
    if (canonical.starts_with(part))
      for (const std::string_view prefix : prefixes)
        names.push_back(std::string(prefix) + std::string(number) + canonical.substr(part.size()));
  return names;
}

std::string enformerCanonicalName(std::string_view stored) {
  for (const std::string_view prefix : prefixes) {
    if (!stored.starts_with(prefix)) continue;
    const std::string_view rest = stored.substr(prefix.size());
    for (const auto& [part, number] : parts)
      if (rest.starts_with(number))
        return std::string(part) + std::string(rest.substr(number.size()));
  }
  return std::string(stored);
}

}  // namespace cellocus
