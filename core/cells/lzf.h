// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace cellocus {

/// Unpacks a block of LibLZF, with which h5py packs chunks (AnnData 0.7 did so on request).
/// Returns how many bytes of `into` were filled, or nothing if the block is damaged or does not
/// fit.
std::optional<std::size_t> unpackLzf(std::span<const unsigned char> packed,
                                     std::span<unsigned char> into);

}  // namespace cellocus
