// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cells/h5library.h"

namespace cellocus::hdf5 {

/// The elements of an attribute of an open object as texts; nothing if it is absent, of a NULL
/// dataspace, or neither text nor number. Used under a Lock. @throws Error "HDF5_SIZE",
/// "HDF5_DAMAGED"
std::optional<std::vector<std::string>> attributeTexts(Id object, const std::string& name,
                                                       const std::string& where);

/// Path of the object that an attribute refers to; nothing if it is no reference.
std::optional<std::string> attributeReference(Id object, const std::string& name);

}  // namespace cellocus::hdf5
