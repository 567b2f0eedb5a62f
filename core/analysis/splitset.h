// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/geneset.h"

namespace cellocus {

using SplitSet = GeneSet;

}  // namespace cellocus
