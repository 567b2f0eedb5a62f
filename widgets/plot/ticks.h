// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <cstdint>
#include <vector>

namespace cellocus {

struct Tick {
  double value = 0;  ///< on the axis
  QString label;     ///< C locale, thousands separated by commas
};

/// 1, 2 or 5 times a power of ten such that about `wanted` steps fit in `span`. 1 if the span is
/// not positive and finite.
double niceStep(double span, int wanted);

/// Multiples of a nice step within [low, high], labelled with as many decimals as the step needs.
std::vector<Tick> niceTicks(double low, double high, int wanted);

/// The smallest of 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten that is at least `value`: the
/// end of an axis. 1 for 0.
double niceCeiling(double value);

/// Ticks of a stretch of a contig, 0-based half-open: the labels are 1-based positions that are
/// multiples of a nice step ("11,735,000", "11,735 kb", "12 Mb"), the values the middle of that
/// base on the 0-based axis.
std::vector<Tick> genomicTicks(double start, double end, int wanted);

}  // namespace cellocus
