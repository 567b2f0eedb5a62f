// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <optional>

#include "session/sessionstate.h"

namespace cellocus {

/// Where the demo world lies: $CELLOCUS_DEMO, beside the installed program, or in the build folder.
std::optional<QString> findDemo();

/// The demo world, opened at GATA4's best planted target: genome, genes, peaks, cells, trunk and
/// head.
SessionState demoState(const QString& demoFolder);

/// Real hg38 windows, MANE genes, GATA4 peaks and cardiac cells of a data folder, with the demo's
/// motif scanner, at NPPA. `head` is a head fitted on those cells, or empty.
SessionState realState(const QString& dataFolder, const QString& demoFolder, const QString& head);

}  // namespace cellocus
