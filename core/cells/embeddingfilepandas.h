// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "cells/celldataset.h"

namespace cellocus {

/// Writes EmbeddingLayout::Pandas. PyTables has no place for what pandas does not know; gamma and
/// provenance are attributes of the root, which both leave alone. @throws Error "SAVE_FAILED"
void writePandasEmbeddings(const std::filesystem::path& path, const EmbeddingFile& file,
                           const std::vector<std::pair<std::string, std::string>>& provenance);

}  // namespace cellocus
