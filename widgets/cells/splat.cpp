// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/splat.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

namespace cellocus {

namespace {

constexpr int placesPerPixel = 4;
constexpr std::size_t mostBlended = 200'000;

/// The image as bare pixels; QImage::scanLine would check for sharing on every dot.
struct Canvas {
  explicit Canvas(QImage& image)
      : pixels(reinterpret_cast<QRgb*>(image.bits())),
        stride(image.bytesPerLine() / static_cast<qsizetype>(sizeof(QRgb))),
        width(image.width()),
        height(image.height()) {}
  QRgb* pixels;
  qsizetype stride;
  int width, height;
};

/// Pixel positions in float, computed from the distance to the centre so that deep zooms stay
/// exact.
struct Mapping {
  explicit Mapping(const ScatterTransform& t)
      : centreX(static_cast<float>(t.centre.x())),
        centreY(static_cast<float>(t.centre.y())),
        perUnit(static_cast<float>(t.perUnit)),
        pixelX(static_cast<float>(t.pixelCentre.x() + (centreX - t.centre.x()) * t.perUnit)),
        pixelY(static_cast<float>(t.pixelCentre.y() - (centreY - t.centre.y()) * t.perUnit)) {}
  float x(const Dot& dot) const { return pixelX + (dot.x - centreX) * perUnit; }
  float y(const Dot& dot) const { return pixelY - (dot.y - centreY) * perUnit; }
  float centreX, centreY, perUnit, pixelX, pixelY;
};

/// Squares of Side pixels whose middle is nearest to the dot's place.
template <int Side>
void splatSquares(std::span<const Dot> dots, const Mapping& mapping, const Canvas& canvas) {
  const float shift = Side == 1 ? 0.0f : -0.5f;  // from the dot's place to its first pixel
  const auto lastX = static_cast<float>(canvas.width - Side + 1);
  const auto lastY = static_cast<float>(canvas.height - Side + 1);
  for (const Dot& dot : dots) {
    const float x = mapping.x(dot) + shift, y = mapping.y(dot) + shift;
    if (!(x >= 0 && y >= 0 && x < lastX && y < lastY)) continue;
    QRgb* at = canvas.pixels + static_cast<qsizetype>(y) * canvas.stride + static_cast<int>(x);
    for (int row = 0; row < Side; ++row, at += canvas.stride)
      for (int column = 0; column < Side; ++column) at[column] = dot.colour;
  }
}

/// How much of each pixel a disc covers (0..255), for one of the 4 x 4 places within a pixel.
struct Disc {
  int side = 0;
  std::vector<std::uint8_t> coverage;  ///< [side, side]
};

Disc disc(double diameter, double middleX, double middleY, int side) {
  constexpr int samples = 8;
  Disc result{side, std::vector<std::uint8_t>(static_cast<std::size_t>(side * side))};
  const double radius = diameter / 2;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      int inside = 0;
      for (int s = 0; s < samples * samples; ++s) {
        const double dx = x + (s % samples + 0.5) / samples - middleX;
        const double dy = y + (s / samples + 0.5) / samples - middleY;
        inside += dx * dx + dy * dy <= radius * radius;
      }
      result.coverage[static_cast<std::size_t>(y * side + x)] =
          static_cast<std::uint8_t>(inside * 255 / (samples * samples));
    }
  return result;
}

/// An opaque colour laid over a premultiplied pixel with `coverage` of 255; two channels at a time.
QRgb blended(QRgb below, QRgb colour, unsigned coverage) {
  const auto half = [&](unsigned shift) {
    const std::uint32_t a = (colour >> shift) & 0x00FF00FFu, b = (below >> shift) & 0x00FF00FFu;
    std::uint32_t sum = a * coverage + b * (255 - coverage) + 0x00800080u;
    sum += (sum >> 8) & 0x00FF00FFu;
    return (sum >> 8) & 0x00FF00FFu;
  };
  return half(0) | (half(8) << 8);
}

void drawDisc(const Disc& sprite, int left, int top, QRgb colour, const Canvas& canvas) {
  const int firstY = std::max(0, -top), lastY = std::min(sprite.side, canvas.height - top);
  const int firstX = std::max(0, -left), lastX = std::min(sprite.side, canvas.width - left);
  for (int y = firstY; y < lastY; ++y) {
    QRgb* const line = canvas.pixels + (top + y) * canvas.stride + left;
    const std::uint8_t* const coverage = sprite.coverage.data() + y * sprite.side;
    for (int x = firstX; x < lastX; ++x) {
      if (coverage[x] == 255)
        line[x] = colour;
      else if (coverage[x] != 0)
        line[x] = blended(line[x], colour, coverage[x]);
    }
  }
}

void splatDiscs(std::span<const Dot> dots, const Mapping& mapping, const Canvas& canvas,
                double diameter) {
  const int side = static_cast<int>(std::ceil(diameter)) + 2;
  std::array<Disc, placesPerPixel * placesPerPixel> sprites;
  for (int place = 0; place < placesPerPixel * placesPerPixel; ++place) {
    const double x = (place % placesPerPixel + 0.5) / placesPerPixel;
    const double y = (static_cast<double>(place / placesPerPixel) + 0.5) / placesPerPixel;
    sprites[static_cast<std::size_t>(place)] = disc(diameter, side / 2 + x, side / 2 + y, side);
  }
  const auto margin = static_cast<float>(side);
  for (const Dot& dot : dots) {
    const float x = mapping.x(dot), y = mapping.y(dot);
    if (!(x > -margin && y > -margin && x < static_cast<float>(canvas.width) + margin &&
          y < static_cast<float>(canvas.height) + margin))
      continue;
    const int column = static_cast<int>(std::floor(x)), row = static_cast<int>(std::floor(y));
    const int placeX = static_cast<int>((x - static_cast<float>(column)) * placesPerPixel);
    const int placeY = static_cast<int>((y - static_cast<float>(row)) * placesPerPixel);
    const auto place =
        static_cast<std::size_t>(std::min(placeY, placesPerPixel - 1) * placesPerPixel +
                                 std::min(placeX, placesPerPixel - 1));
    drawDisc(sprites[place], column - side / 2, row - side / 2, dot.colour, canvas);
  }
}

/// Discs with hard edges at whole pixels: for so many dots that blending would be felt while
/// panning.
void splatHardDiscs(std::span<const Dot> dots, const Mapping& mapping, const Canvas& canvas,
                    double diameter) {
  const int side = static_cast<int>(std::lround(diameter));
  const Disc sprite = disc(diameter, side / 2.0, side / 2.0, side);
  std::vector<std::pair<int, int>> spans;  // of each row
  for (int y = 0; y < side; ++y) {
    int first = 0;
    while (first < side && sprite.coverage[static_cast<std::size_t>(y * side + first)] < 128)
      ++first;
    spans.emplace_back(first, std::max(first, side - first));
  }
  const float half = static_cast<float>(side) / 2 - 0.5f;
  const auto lastX = static_cast<float>(canvas.width - side + 1);
  const auto lastY = static_cast<float>(canvas.height - side + 1);
  for (const Dot& dot : dots) {
    const float x = mapping.x(dot) - half, y = mapping.y(dot) - half;
    if (!(x >= 0 && y >= 0 && x < lastX && y < lastY)) continue;
    QRgb* line = canvas.pixels + static_cast<qsizetype>(y) * canvas.stride + static_cast<int>(x);
    for (const auto& [first, last] : spans) {
      std::fill(line + first, line + last, dot.colour);
      line += canvas.stride;
    }
  }
}

}  // namespace

QImage splat(std::span<const Dot> dots, const ScatterTransform& transform, const QSize& size,
             double diameter) {
  QImage image(size.expandedTo({1, 1}), QImage::Format_ARGB32_Premultiplied);
  image.fill(Qt::transparent);
  const Canvas canvas(image);
  const Mapping mapping(transform);
  if (diameter < 1.5)
    splatSquares<1>(dots, mapping, canvas);
  else if (diameter < 2.25)
    splatSquares<2>(dots, mapping, canvas);
  else if (dots.size() > mostBlended)
    splatHardDiscs(dots, mapping, canvas, diameter);
  else
    splatDiscs(dots, mapping, canvas, diameter);
  return image;
}

}  // namespace cellocus
