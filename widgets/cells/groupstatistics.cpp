// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/groupstatistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "base/error.h"
#include "base/text.h"
#include "plot/palette.h"

namespace cellocus {

namespace {

constexpr std::size_t mostDensityValues = 5'000;
constexpr int densitySteps = 128;
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

std::vector<float> sortedFinite(const std::vector<float>& values) {
  std::vector<float> sorted;
  sorted.reserve(values.size());
  std::copy_if(values.begin(), values.end(), std::back_inserter(sorted),
               [](float value) { return std::isfinite(value); });
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

/// Linear interpolation between the neighbours, as numpy and R (type 7) do.
double quantile(const std::vector<float>& sorted, double fraction) {
  const double place = fraction * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

double mean(const std::vector<float>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// The same sample everywhere: std::sample may differ between standard libraries.
std::vector<float> sampled(std::vector<float> values) {
  std::mt19937 random(5'000);
  for (std::size_t i = 0; i < mostDensityValues; ++i)
    std::swap(values[i], values[i + ((std::uint64_t{random()} * (values.size() - i)) >> 32)]);
  values.resize(mostDensityValues);
  std::sort(values.begin(), values.end());
  return values;
}

/// Silverman's rule of thumb (1986, eq. 3.31).
double silverman(const std::vector<float>& sorted) {
  if (sorted.size() < 2) return 0;
  const double average = mean(sorted);
  double squares = 0;
  for (const float value : sorted) squares += (value - average) * (value - average);
  const double deviation = std::sqrt(squares / static_cast<double>(sorted.size() - 1));
  const double range = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 1.34;
  const double spread = range > 0 ? std::min(deviation, range) : deviation;
  return 0.9 * spread * std::pow(static_cast<double>(sorted.size()), -0.2);
}

double bandwidthOf(const std::vector<float>& sorted) {
  const auto zeros = std::count(sorted.begin(), sorted.end(), 0.0f);
  double width = 0;
  if (2 * zeros > static_cast<std::ptrdiff_t>(sorted.size())) {
    std::vector<float> rest;
    std::copy_if(sorted.begin(), sorted.end(), std::back_inserter(rest),
                 [](float value) { return value != 0; });
    width = silverman(rest);
  } else {
    width = silverman(sorted);
  }
  const double span = sorted.back() - sorted.front();
  // Narrower than a step would be spikes; wider than a quarter would be a blob.
  return std::clamp(width, span / densitySteps, span / 4);
}

}  // namespace

bool GroupedValues::paired() const {
  return std::any_of(groups.begin(), groups.end(),
                     [](const ViolinGroup& group) { return !group.alt.empty(); });
}

std::vector<ViolinGroup> violinGroups(const CodedValues& coded) {
  const auto cells = static_cast<std::size_t>(coded.values.size());
  const bool paired = coded.alt.size() != 0;
  if (coded.codes.size() != cells || (paired && coded.alt.size() != coded.values.size()))
    throw Error("CELL_COUNT", "groups",
                "there are " + withThousands(static_cast<std::int64_t>(cells)) + " values but " +
                    withThousands(static_cast<std::int64_t>(coded.codes.size())) +
                    " group numbers.",
                "Use values and groups of the same dataset.");
  const std::vector<QColor> colours =
      coded.colours.size() == static_cast<std::size_t>(coded.categories.size())
          ? coded.colours
          : categoryColours(coded.categories);
  std::vector<ViolinGroup> groups(static_cast<std::size_t>(coded.categories.size()));
  for (std::size_t group = 0; group < groups.size(); ++group) {
    groups[group].name = coded.categories[static_cast<qsizetype>(group)];
    groups[group].colour = colours[group];
  }
  for (std::size_t cell = 0; cell < cells; ++cell) {
    const auto code = static_cast<std::size_t>(coded.codes[cell]);  // -1 becomes huge
    if (code >= groups.size()) continue;
    groups[code].values.push_back(coded.values[static_cast<Eigen::Index>(cell)]);
    if (paired) groups[code].alt.push_back(coded.alt[static_cast<Eigen::Index>(cell)]);
  }
  return groups;
}

GroupStatistics groupStatistics(const std::vector<float>& values) {
  const std::vector<float> sorted = sortedFinite(values);
  GroupStatistics result;
  result.n = static_cast<std::int64_t>(sorted.size());
  result.missing = static_cast<std::int64_t>(values.size()) - result.n;
  if (sorted.empty()) {
    result.mean = result.median = result.lowerQuartile = result.upperQuartile = nothing;
    result.lowerWhisker = result.upperWhisker = result.lowest = result.highest = nothing;
    result.positive = nothing;
    return result;
  }
  result.mean = mean(sorted);
  result.median = quantile(sorted, 0.5);
  result.lowerQuartile = quantile(sorted, 0.25);
  result.upperQuartile = quantile(sorted, 0.75);
  result.lowest = sorted.front();
  result.highest = sorted.back();
  const double reach = 1.5 * (result.upperQuartile - result.lowerQuartile);
  result.lowerWhisker =
      *std::lower_bound(sorted.begin(), sorted.end(), result.lowerQuartile - reach);
  result.upperWhisker =
      *std::prev(std::upper_bound(sorted.begin(), sorted.end(), result.upperQuartile + reach));
  const auto above = sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), 0.0f);
  result.positive = static_cast<double>(above) / static_cast<double>(sorted.size());
  return result;
}

ViolinShape violinShape(const std::vector<float>& values) {
  std::vector<float> sorted = sortedFinite(values);
  ViolinShape shape;
  if (sorted.empty()) return shape;
  shape.low = sorted.front();
  shape.high = sorted.back();
  if (sorted.size() > mostDensityValues) {
    shape.sampledFrom = static_cast<std::int64_t>(sorted.size());
    sorted = sampled(std::move(sorted));
  }
  if (shape.low == shape.high || sorted.front() == sorted.back()) {
    shape.high = shape.low;
    shape.width = {1};
    return shape;
  }
  const double bandwidth = bandwidthOf(sorted);
  const double step = (shape.high - shape.low) / (densitySteps - 1);
  shape.width.assign(densitySteps, 0);
  for (int i = 0; i < densitySteps; ++i) {
    const double at = shape.low + i * step;
    const auto first = std::lower_bound(sorted.begin(), sorted.end(), at - 4 * bandwidth);
    const auto last = std::upper_bound(first, sorted.end(), at + 4 * bandwidth);
    double density = 0;
    for (auto value = first; value != last; ++value) {
      const double distance = (*value - at) / bandwidth;
      density += std::exp(-0.5 * distance * distance);
    }
    shape.width[static_cast<std::size_t>(i)] = density;
  }
  const double highest = *std::max_element(shape.width.begin(), shape.width.end());
  for (double& width : shape.width) width /= highest;
  return shape;
}

}  // namespace cellocus
