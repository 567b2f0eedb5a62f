// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cellocus {

/// Other names under which a tensor of Enformer may be stored. enformer-pytorch's state dicts hold
/// every trunk tensor twice ("stem.0.weight" and "_trunk.1.0.weight"), savers that drop duplicates
/// keep only the latter, and Lightning checkpoints of seq2cells have "model_trunk.enf.1.0.weight".
std::vector<std::string> enformerAliases(const std::string& canonical);

/// The canonical name of a stored one: "_trunk.1.0.weight" -> "stem.0.weight". Unchanged if it is
/// none of them.
std::string enformerCanonicalName(std::string_view stored);

}  // namespace cellocus
