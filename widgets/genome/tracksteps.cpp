// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/tracksteps.h"

#include <algorithm>
#include <cmath>

namespace cellocus {

namespace {

/// One prediction's column, or nothing.
struct Column {
  const Prediction* prediction = nullptr;
  std::int64_t index = -1;

  Column(const Prediction* source, const std::string& contig, std::int64_t track) {
    index = columnOf(source, track);
    if (index >= 0 && source->predicted.contig == contig && source->binSize > 0)
      prediction = source;
  }
  float at(std::int64_t bin) const {
    return prediction && bin >= 0 && bin < prediction->values.rows()
               ? prediction->values(bin, index)
               : GenomeReadout::missing;
  }
};

float larger(float one, float other) {
  return std::isnan(one) || other > one ? other : one;
}

float farther(float one, float other) {
  return std::isnan(one) || std::abs(other) > std::abs(one) ? other : one;
}

}  // namespace

std::vector<TrackStep> trackSteps(const GenomeScene& scene, std::int64_t track,
                                  const Viewport& axis) {
  const Column reference(scene.reference.get(), scene.contig, track);
  Column edited(scene.edited.get(), scene.contig, track);
  if (!scene.edited && scene.haplotype.isReference()) edited = reference;
  const Prediction* shape = reference.prediction ? reference.prediction : edited.prediction;
  if (!shape) return {};

  const auto start = static_cast<double>(shape->predicted.start),
             size = static_cast<double>(shape->binSize);
  const double last = static_cast<double>(shape->values.rows());
  const auto first =
      static_cast<std::int64_t>(std::clamp(std::floor((axis.start() - start) / size), 0.0, last));
  const auto end =
      static_cast<std::int64_t>(std::clamp(std::ceil((axis.end() - start) / size), 0.0, last));
  const bool pooled = size * axis.pixelsPerUnit() < 1;
  std::vector<TrackStep> steps;
  steps.reserve(static_cast<std::size_t>(
      std::min<double>(static_cast<double>(end - first), axis.width() + 2)));
  for (std::int64_t bin = first; bin < end; ++bin) {
    double left = std::max(axis.left(), axis.toPixel(start + static_cast<double>(bin) * size));
    double right =
        std::min(axis.right(), axis.toPixel(start + static_cast<double>(bin + 1) * size));
    if (pooled) {
      left = std::floor(left);
      right = left + 1;
    }
    const float ref = reference.at(bin), alt = edited.at(bin);
    if (!pooled || steps.empty() || steps.back().left != left)
      steps.push_back({left, right, ref, alt, alt - ref});
    else
      steps.back() = {left, right, larger(steps.back().reference, ref),
                      larger(steps.back().edited, alt),
                      farther(steps.back().difference, alt - ref)};
  }
  return steps;
}

}  // namespace cellocus
