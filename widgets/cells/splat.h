// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QPointF>
#include <QSize>
#include <span>

namespace cellocus {

/// A cell as it is drawn: where (in the units of the embedding) and in which opaque colour.
struct Dot {
  float x, y;
  QRgb colour;
};

/// How the embedding lies on a plot: the same number of pixels per unit both ways, y upwards.
struct ScatterTransform {
  QPointF centre;       ///< of the seen part, in the units of the embedding
  QPointF pixelCentre;  ///< where it is drawn
  double perUnit = 1;   ///< pixels

  QPointF toPixel(double x, double y) const {
    return {pixelCentre.x() + (x - centre.x()) * perUnit,
            pixelCentre.y() - (y - centre.y()) * perUnit};
  }
  QPointF toData(const QPointF& pixel) const {
    return {centre.x() + (pixel.x() - pixelCentre.x()) / perUnit,
            centre.y() - (pixel.y() - pixelCentre.y()) / perUnit};
  }
};

/// Writes dots, in their order, into a transparent image of `size` pixels: squares up to 2 pixels
/// wide (a million in a few milliseconds), above that smooth discs placed to a quarter of a pixel,
/// or hard-edged ones above 200,000 dots. `diameter` in pixels.
QImage splat(std::span<const Dot> dots, const ScatterTransform& transform, const QSize& size,
             double diameter);

}  // namespace cellocus
