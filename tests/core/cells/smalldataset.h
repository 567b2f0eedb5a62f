// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "base/matrix.h"
#include "core/cells/rawfile.h"

namespace cellocus::testing {

/// Four cells and three genes (GATA4, TBX5, NKX2-5), as each age of AnnData would have written
/// them. Column "type" is categorical with one missing value, "depth" numeric.
enum class Age { Five, Seven, Eight };
enum class Storage { Dense, Csr, Csc, None };

Matrix smallExpression();
/// Sparse arrays of smallExpression() in a group, without attributes; the indices of a line are
/// reversed.
void writeSparseArrays(RawFile& file, const std::string& path, Storage storage);
void writeMatrix(RawFile& file, const std::string& path, Age age, Storage storage);
void writeTables(RawFile& file, Age age);
std::filesystem::path writeSmall(const std::filesystem::path& path, Age age, Storage storage);

}  // namespace cellocus::testing
