// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <memory>

#include "analysis/cellprediction.h"
#include "cells/celldataset.h"
#include "session/sessionstate.h"

namespace cellocus {

/// Values to colour cells with, resolved from ColourBy. Either a column or numbers.
struct CellValues {
  ColourBy by;
  std::shared_ptr<const CellColumn> column;
  Vector numbers;  ///< [cells], NaN = missing
  QString title, unit, formula, label;
};

/// What `by` (Predicted, Edited or Difference) means for a prediction.
CellValues predictedValues(const CellPrediction& prediction, const ColourBy& by);

}  // namespace cellocus
