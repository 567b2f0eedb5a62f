// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>
#include <vector>

#include "cells/scatterview.h"

namespace cellocus {

/// What the mouse is doing between press and release.
struct ScatterView::Gesture {
  enum class Kind { None, Pan, Lasso, Rectangle };
  /// Shift+drag in pan mode is a lasso; its Shift does not mean "add".
  enum class Start { ByMode, QuickLasso };

  Kind kind = Kind::None;
  Start start = Start::ByMode;
  QPointF pressed, last;  ///< in pixels of the widget
  bool moved = false;     ///< further than a click may
  std::vector<QPointF>
      outline;  ///< in units of the embedding, so that zooming meanwhile is harmless
};

}  // namespace cellocus
