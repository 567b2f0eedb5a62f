// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace cellocus {

/// What a file really is, for a message, judged by its first bytes: "an HTML page (the download may
/// have failed)", "a FASTQ file", ... Empty if nothing is recognised.
std::string recognisedKind(std::string_view head);

}  // namespace cellocus
