// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSizeF>
#include <QString>
#include <vector>

#include "cellspanel.h"
#include "genomelink.h"
#include "plot/figure.h"
#include "session/session.h"

namespace cellocus {

class FitPanel;

/// A view that can become a figure: painted by the function that paints the screen.
struct FigureSource {
  QString id;  ///< "genome", "cells", "violins", "window", "training"
  QString title;
  QSizeF millimetres;
  FigurePainter paint;
};

/// All views that have something to show, with a caption that names what must be known beside the
/// picture: the model's label, the edits and the place.
std::vector<FigureSource> figureSources(const Session& session, const GenomeView& genome,
                                        CellsPanel& cells, const FitPanel& fit);

/// "Demo motif scanner … · chr8:… · NC_…:g.…": the line under every exported figure.
QString figureCaption(const Session& session);

}  // namespace cellocus
