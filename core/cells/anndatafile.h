// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "cells/celldataset.h"
#include "cells/h5file.h"

namespace cellocus {

/// Opens an AnnData file (.h5ad) of any age. @throws Error "H5AD_..."
std::shared_ptr<const CellDataset> openAnnData(std::shared_ptr<const H5File> file,
                                               const CellDataset::Options& options,
                                               const Progress& progress);

/// Whether the file is a .h5 of Cell Ranger (10x Genomics), version 2 or 3.
bool isTenX(const H5File& file);
std::shared_ptr<const CellDataset> openTenX(std::shared_ptr<const H5File> file,
                                            const Progress& progress);

}  // namespace cellocus
