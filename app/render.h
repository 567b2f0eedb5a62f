// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <optional>

#include "mainwindow.h"

namespace cellocus {

/// Waits until the session has read its files and answered what was asked, at most `seconds`.
/// @return false if it took longer or something failed
bool waitUntilIdle(Session& session, int seconds);

struct RenderRequest {
  QString view;  ///< "genome", "cells", "violins", "window", or "screen" for the whole window as it
                 ///< looks
  QString output;  ///< .svg, .pdf or .png
  std::optional<QSizeF> millimetres;
  int dpi = 300;
  QSize screen{1366, 768};
};

/// Predicts if the session has no prediction yet, draws one view into a file and says why it could
/// not.
/// @return an empty text if it is done
QString render(MainWindow& window, const RenderRequest& request);

}  // namespace cellocus
