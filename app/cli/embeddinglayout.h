// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cells/celldataset.h"
#include "command.h"

namespace cellocus::cli {

/// The option --layout of the commands that write embeddings.
void addLayoutOption(CLI::App& app, EmbeddingLayout& layout);

}  // namespace cellocus::cli
