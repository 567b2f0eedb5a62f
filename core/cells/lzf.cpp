// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/lzf.h"

#include <algorithm>

namespace cellocus {

std::optional<std::size_t> unpackLzf(std::span<const unsigned char> packed,
                                     std::span<unsigned char> into) {
  std::size_t at = 0, filled = 0;
  while (at < packed.size()) {
    const unsigned control = packed[at++];
    if (control < 32) {
      const std::size_t length = control + 1;
      if (length > packed.size() - at || length > into.size() - filled) return std::nullopt;
      std::copy_n(packed.begin() + static_cast<std::ptrdiff_t>(at), length,
                  into.begin() + static_cast<std::ptrdiff_t>(filled));
      at += length;
      filled += length;
      continue;
    }
    std::size_t length = control >> 5;
    if (length == 7) {
      if (at == packed.size()) return std::nullopt;
      length += packed[at++];
    }
    length += 2;
    if (at == packed.size()) return std::nullopt;
    const std::size_t back = ((control & 31u) << 8 | packed[at++]) + 1;
    if (back > filled || length > into.size() - filled) return std::nullopt;
    // One by one: a match may overlap what it writes, which is how LZF repeats.
    for (std::size_t i = 0; i < length; ++i, ++filled) into[filled] = into[filled - back];
  }
  return filled;
}

}  // namespace cellocus
