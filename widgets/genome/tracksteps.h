// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "genome/genomescene.h"
#include "plot/viewport.h"

namespace cellocus {

/// Values of one bin, or of the bins that fall onto one pixel.
struct TrackStep {
  double left = 0, right = 0;  ///< pixels
  float reference = GenomeReadout::missing, edited = GenomeReadout::missing;
  float difference = GenomeReadout::missing;  ///< where pooled, the one farthest from zero
};

/// What a track shows between the ends of `axis`: one step per bin while bins are wider than a
/// pixel, else one per pixel with the largest value (a peak must not vanish by zooming out).
/// Without an edited prediction an unedited haplotype's values are the reference's.
std::vector<TrackStep> trackSteps(const GenomeScene& scene, std::int64_t track,
                                  const Viewport& axis);

}  // namespace cellocus
