// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "session/predictioncost.h"

namespace cellocus {

/// "0.3 s", "12 s", "3 min".
QString durationText(double seconds);
/// "≈ 8 s": what something will take, or nothing where that is below a second or not known.
QString costText(double seconds);
/// Why a prediction costs what it costs, as one sentence; nothing where costText says nothing.
QString costSentence(const PredictionCost& cost);

}  // namespace cellocus
