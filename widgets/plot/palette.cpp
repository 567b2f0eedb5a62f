// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/palette.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace cellocus {

namespace {

/// Oklab (Björn Ottosson, 2020): equal steps look equal, and mixing two hues does not darken.
struct Oklab {
  double lightness = 0, a = 0, b = 0;
};

double linear(double channel) {
  return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double gammaCoded(double channel) {
  return channel <= 0.0031308 ? channel * 12.92 : 1.055 * std::pow(channel, 1 / 2.4) - 0.055;
}

Oklab toOklab(const QColor& colour) {
  const double r = linear(colour.redF()), g = linear(colour.greenF()), b = linear(colour.blueF());
  const double l = std::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const double m = std::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const double s = std::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
          1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
          0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

QColor fromOklab(const Oklab& lab) {
  const auto cube = [](double x) { return x * x * x; };
  const double l = cube(lab.lightness + 0.3963377774 * lab.a + 0.2158037573 * lab.b);
  const double m = cube(lab.lightness - 0.1055613458 * lab.a - 0.0638541728 * lab.b);
  const double s = cube(lab.lightness - 0.0894841775 * lab.a - 1.2914855480 * lab.b);
  const auto coded = [](double channel) {
    return static_cast<float>(std::clamp(gammaCoded(std::clamp(channel, 0.0, 1.0)), 0.0, 1.0));
  };
  return QColor::fromRgbF(coded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
                          coded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
                          coded(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s));
}

double luminance(const QColor& colour) {
  return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) +
         0.0722 * linear(colour.blueF());
}

// Every 16th of the 256 colours of matplotlib's maps, and the last.
constexpr std::size_t samples = 17;
constexpr std::array<QRgb, samples> viridis = {
    0x440154, 0x48186a, 0x472d7b, 0x424086, 0x3b528b, 0x33638d, 0x2c728e, 0x26828e, 0x21918c,
    0x1fa088, 0x28ae80, 0x3fbc73, 0x5ec962, 0x84d44b, 0xaddc30, 0xd8e219, 0xfde725};
constexpr std::array<QRgb, samples> magma = {
    0x000004, 0x0a0822, 0x1d1147, 0x36106b, 0x51127c, 0x6a1c81, 0x832681, 0x9c2e7f, 0xb73779,
    0xd0416f, 0xe75263, 0xf56b5c, 0xfc8961, 0xfea772, 0xfec488, 0xfde2a3, 0xfcfdbf};
constexpr std::array<QRgb, samples> cividis = {
    0x00224e, 0x002e6a, 0x1a386f, 0x32436d, 0x434e6c, 0x535a6d, 0x61656f, 0x6f7073, 0x7d7c78,
    0x8c8878, 0x9b9476, 0xaba072, 0xbcae6c, 0xcdbb63, 0xdec958, 0xf0d846, 0xfee838};
// ColorBrewer's nine "Reds".
constexpr std::array<QRgb, 9> reds = {0xfff5f0, 0xfee0d2, 0xfcbba1, 0xfc9272, 0xfb6a4a,
                                      0xef3b2c, 0xcb181d, 0xa50f15, 0x67000d};

std::span<const QRgb> tableOf(SequentialMap map) {
  switch (map) {
    case SequentialMap::Viridis:
      return viridis;
    case SequentialMap::Magma:
      return magma;
    case SequentialMap::Cividis:
      return cividis;
    case SequentialMap::Reds:
      return reds;
  }
  return viridis;
}

/// Colour at `place` of 0..255. The samples stand 16 apart, except that the last is 255.
QColor sampled(std::span<const QRgb> table, double place) {
  const double step = 256.0 / static_cast<double>(table.size() - 1);
  const auto cell = std::min(static_cast<std::size_t>(place / step), table.size() - 2);
  const double from = static_cast<double>(cell) * step;
  const double to = std::min(from + step, 255.0);
  const double part = std::clamp((place - from) / (to - from), 0.0, 1.0);
  const QColor low = QColor::fromRgb(table[cell]), high = QColor::fromRgb(table[cell + 1]);
  const auto between = [part](int a, int b) {
    return static_cast<int>(std::lround(a + (b - a) * part));
  };
  return QColor(between(low.red(), high.red()), between(low.green(), high.green()),
                between(low.blue(), high.blue()));
}

// Okabe and Ito (2008), black last because points are often outlined in black.
constexpr std::array<QRgb, 8> okabeIto = {0xE69F00, 0x56B4E9, 0x009E73, 0xF0E442,
                                          0x0072B2, 0xD55E00, 0xCC79A7, 0x000000};
// scanpy's defaults: "vega_20" without greys, and Zeileis, Hornik and Murrell (2009) with four
// more.
constexpr std::array<QRgb, 20> twenty = {0x1f77b4, 0xff7f0e, 0x279e68, 0xd62728, 0xaa40fc,
                                         0x8c564b, 0xe377c2, 0xb5bd61, 0x17becf, 0xaec7e8,
                                         0xffbb78, 0x98df8a, 0xff9896, 0xc5b0d5, 0xc49c94,
                                         0xf7b6d2, 0xdbdb8d, 0x9edae5, 0xad494a, 0x8c6d31};
constexpr std::array<QRgb, 28> twentyEight = {
    0x023fa5, 0x7d87b9, 0xbec1d4, 0xd6bcc0, 0xbb7784, 0x8e063b, 0x4a6fe3,
    0x8595e1, 0xb5bbe3, 0xe6afb9, 0xe07b91, 0xd33f6a, 0x11c638, 0x8dd593,
    0xc6dec7, 0xead3c6, 0xf0b98d, 0xef9708, 0x0fcfc0, 0x9cded6, 0xd5eae7,
    0xf3e1eb, 0xf6c4e1, 0xf79cd4, 0x7f7f7f, 0xc7c7c7, 0x1ce6ff, 0x336600};

Theme makeLight() {
  Theme theme;
  theme.background = QColor(0xFFFFFF);
  theme.panel = QColor(0xF6F7F9);
  theme.text = QColor(0x1F2328);
  theme.mutedText = QColor(0x59636E);
  theme.grid = QColor(0xE8EAED);
  theme.axis = QColor(0x818B98);
  theme.border = QColor(0xD1D7DE);
  theme.accent = QColor(0x0B63C5);
  theme.selection = QColor(0x0B, 0x63, 0xC5, 44);
  theme.refFill = QColor(0xC3C9D1);
  theme.refLine = QColor(0x7D8792);
  theme.altLine = QColor(0xD1580A);
  theme.gene = QColor(0x526173);
  theme.geneSelected = QColor(0x0B63C5);
  theme.hatch = QColor(0xD9DDE2);
  theme.warning = QColor(0x9A5B00);
  theme.error = QColor(0xC4262E);
  return theme;
}

Theme makeDark() {
  Theme theme;
  theme.isDark = true;
  theme.background = QColor(0x1E1E1E);
  theme.panel = QColor(0x26282B);
  theme.text = QColor(0xE6E8EB);
  theme.mutedText = QColor(0xA3ABB6);
  theme.grid = QColor(0x2E3135);
  theme.axis = QColor(0x7D8691);
  theme.border = QColor(0x3D4248);
  theme.accent = QColor(0x61AEFF);
  theme.selection = QColor(0x61, 0xAE, 0xFF, 56);
  theme.refFill = QColor(0x555C65);
  theme.refLine = QColor(0x98A1AC);
  theme.altLine = QColor(0xFFA35C);
  theme.gene = QColor(0x9BA8BA);
  theme.geneSelected = QColor(0x61AEFF);
  theme.hatch = QColor(0x3A3E43);
  theme.warning = QColor(0xF2B84B);
  theme.error = QColor(0xFF7B72);
  return theme;
}

}  // namespace

const Theme& Theme::light() {
  static const Theme theme = makeLight();
  return theme;
}

const Theme& Theme::dark() {
  static const Theme theme = makeDark();
  return theme;
}

Theme Theme::from(const QPalette& palette) {
  Theme theme = luminance(palette.color(QPalette::Base)) < 0.18 ? dark() : light();
  theme.background = palette.color(QPalette::Base);
  theme.panel = palette.color(QPalette::Window);
  theme.text = palette.color(QPalette::Text);
  return theme;
}

QColor baseColour(char base, const Theme& theme, BaseColours colours) {
  const int scheme = colours == BaseColours::Igv ? 2 : theme.isDark ? 1 : 0;
  const auto pick = [scheme](QRgb light, QRgb dark, QRgb igv) {
    return QColor::fromRgb(scheme == 2 ? igv : scheme == 1 ? dark : light);
  };
  switch (base) {
    case 'A':
    case 'a':
      return pick(0x26A17B, 0x8CEFC8, 0x009600);
    case 'C':
    case 'c':
      return pick(0x114A9F, 0x2F8FE0, 0x0000FF);
    case 'G':
    case 'g':
      return pick(0xB97D00, 0xEAA21A, 0xD17105);
    case 'T':
    case 't':
    case 'U':
    case 'u':
      return pick(0x9B0F33, 0xD0506A, 0xFF0000);
    default:
      return pick(0x808080, 0x8F8F8F, 0x808080);
  }
}

QColor divergingColour(double value, const Theme& theme) {
  if (std::isnan(value)) return missingColour();
  const QColor centre = theme.isDark ? QColor(0x2E2E2E) : QColor(0xF7F7F7);
  const QColor end = value < 0 ? QColor(0x2166AC) : QColor(0xB2182B);
  // On dark ground the ends are lifted, or strong effects would be darker than text may be.
  const QColor lifted = value < 0 ? QColor(0x5FA8E8) : QColor(0xF0695F);
  return mixed(centre, theme.isDark ? lifted : end, std::min(std::abs(value), 1.0));
}

QColor sequentialColour(double fraction, SequentialMap map) {
  if (std::isnan(fraction)) return missingColour();
  return sampled(tableOf(map), 255 * std::clamp(fraction, 0.0, 1.0));
}

std::array<QRgb, 256> divergingTable(const Theme& theme) {
  const auto made = [](const Theme& ground) {
    std::array<QRgb, 256> table;
    for (std::size_t i = 0; i < table.size(); ++i)
      table[i] = divergingColour((static_cast<double>(i) - 127.5) / 127.5, ground).rgb();
    return table;
  };
  static const std::array<QRgb, 256> light = made(Theme::light()), dark = made(Theme::dark());
  return theme.isDark ? dark : light;
}

std::array<QRgb, 256> sequentialTable(SequentialMap map) {
  std::array<QRgb, 256> table;
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] = sequentialColour(static_cast<double>(i) / 255, map).rgb();
  return table;
}

QColor missingColour() {
  return QColor(0xD3D3D3);
}

std::vector<QColor> categoryColours(const QStringList& names, const QStringList& fileColours) {
  const std::span<const QRgb> palette = names.size() <= 8    ? std::span<const QRgb>(okabeIto)
                                        : names.size() <= 20 ? std::span<const QRgb>(twenty)
                                                             : std::span<const QRgb>(twentyEight);
  std::vector<QColor> colours;
  colours.reserve(static_cast<std::size_t>(names.size()));
  for (qsizetype i = 0; i < names.size(); ++i) {
    const QColor own = i < fileColours.size() ? QColor(fileColours[i].trimmed()) : QColor();
    const auto place = static_cast<std::size_t>(i) % palette.size();
    colours.push_back(own.isValid() ? own : QColor::fromRgb(palette[place]));
  }
  return colours;
}

std::array<QColor, 3> lineColours(const Theme& theme) {
  if (theme.isDark) return {QColor(0x56B4E9), QColor(0xE69F00), QColor(0x2BC99A)};
  return {QColor(0x0072B2), QColor(0xC55500), QColor(0x00835F)};
}

double contrastRatio(const QColor& one, const QColor& other) {
  const double a = luminance(one), b = luminance(other);
  return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

QColor readableOn(const QColor& background) {
  const QColor black(Qt::black), white(Qt::white);
  return contrastRatio(black, background) > contrastRatio(white, background) ? black : white;
}

QColor mixed(const QColor& from, const QColor& to, double fraction) {
  const Oklab a = toOklab(from), b = toOklab(to);
  const auto between = [fraction](double x, double y) { return x + (y - x) * fraction; };
  return fromOklab({between(a.lightness, b.lightness), between(a.a, b.a), between(a.b, b.b)});
}

}  // namespace cellocus
