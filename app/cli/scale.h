// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "cells/genemajor.h"
#include "choice.h"

namespace cellocus::cli {

/// What --scale asks for; nothing: what is usual for the layer.
using Scale = std::optional<ExpressionTransform>;

inline const Choices<Scale> scales = {{"auto", std::nullopt},
                                      {"as-stored", ExpressionTransform::AsStored},
                                      {"log1p-cp10k", ExpressionTransform::LogPerTenThousand}};

}  // namespace cellocus::cli
