// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cellocus::testing {

/// An object of an HDF5 file and all below it, one line for each object and attribute: type down to
/// byte order and padding, dataspace, storage and a checksum of the bytes. Two files with the same
/// lines hold the same, whatever wrote them.
std::vector<std::string> h5Description(const std::filesystem::path& file,
                                       const std::string& object);

}  // namespace cellocus::testing
