// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPainter>

#include "genome/genomelayout.h"

namespace cellocus {

/// All rows and what crosses them: pinned bin, selection, and what state the predictions are in.
/// The one painting path of screen and figure. `context.rect` is the whole area.
void paintGenome(QPainter& painter, const RowContext& context, const RowPlaces& places);

/// The note on the state of the predictions and where it stands; empty if there is nothing to say.
/// A click on it asks for a prediction.
struct StateNote {
  QString text;
  QRectF box;
  QColor colour;
  bool asksToPredict = false;
};
StateNote stateNote(const RowContext& context, const RowPlaces& places);

/// Width of the names left of the axis, for a view of this width.
double gutterWidth(double width);
constexpr double rightMargin = 14;  ///< room of the scroll bar

}  // namespace cellocus
