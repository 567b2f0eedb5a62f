// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "analysis/headfit.h"
#include "demo/democells.h"
#include "demo/demogenome.h"
#include "demo/motiftrunk.h"

namespace cellocus {

/// The table of planted sites: one line a site, 0-based half-open positions, with the sign of its
/// effect and the cell types in which its factor is active.
std::string demoTruth(const DemoGenome& genome, const DemoCells& cells);

/// The window and bin of each start site, in the thirteen columns of seq2cells (SYSTEMS 2.3.1):
/// 196,608 bases with the start site in bin 448; windows that would leave the contig are moved, as
/// seq2cells does.
std::string demoWindows(const DemoGenome& genome);

/// One sentence on what the cell head is and how well it predicted genes that it had not seen.
std::string demoHeadLabel(const HeadFitReport& report);

/// README.txt: what each file is, how the world was made, and what not to conclude from it.
std::string demoReadme(const DemoGenome& genome, const DemoCells& cells, const TrunkPlan& plan,
                       const HeadFitReport& report, std::uint64_t seed);

}  // namespace cellocus
