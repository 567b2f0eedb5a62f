// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <filesystem>
#include <memory>
#include <optional>

#include "analysis/predictor.h"
#include "cells/celldataset.h"
#include "session/sessionstate.h"

namespace cellocus {

/// Where the demo world lies: $CELLOCUS_DEMO, beside the installed program, or in the build folder.
std::optional<QString> findDemo();

/// The demo world, opened at GATA4's best planted target: genome, genes, peaks, cells, trunk and
/// head.
SessionState demoState(const QString& demoFolder);

/// Real hg38 windows, MANE genes, GATA4 peaks and cardiac cells of a data folder, with the demo's
/// motif scanner, at NPPA. Without a head: see realHead().
SessionState realState(const QString& dataFolder, const QString& demoFolder);

/// The demo world whose motif scanner serves real DNA: where the data folder holds a motif file,
/// one with that file's matrices, made once and kept in the cache folder; else `demoFolder`. The
/// textbook consensus of GATA4 misses both classical sites of NPPA, which measured matrices find.
QString scannerFor(const QString& dataFolder, const QString& demoFolder,
                   const Progress& progress = {});

/// What a head for real cells is fitted to.
struct RealHeadSources {
  std::shared_ptr<const Genome> genome;
  std::shared_ptr<const Annotation> annotation;
  std::shared_ptr<const CellDataset> cells;
  std::shared_ptr<const Predictor> predictor;
};
/// A weak head for these cells, fitted once and kept in the cache folder under the checksums of
/// what it was fitted to. Takes about a minute the first time.
std::filesystem::path realHead(const RealHeadSources& sources, const Progress& progress = {});

}  // namespace cellocus
