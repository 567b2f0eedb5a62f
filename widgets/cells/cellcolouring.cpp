// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/cellcolouring.h"

#include <QCoreApplication>
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "base/error.h"
#include "base/text.h"

namespace cellocus {

namespace {

constexpr std::size_t mostCategories = 65'534;  // colour indices are 16 bits, one is "missing"

QString tr(const char* text) {
  return QCoreApplication::translate("CellColouring", text);
}

/// What limits depend on: the finite values, their extremes, and how many are zero.
struct Finite {
  std::vector<float> values;
  float lowest = 0, highest = 0;
  std::int64_t zeros = 0;

  bool mostlyZero() const {
    return lowest >= 0 && 2 * zeros > static_cast<std::int64_t>(values.size());
  }
};

Finite finiteOf(const Vector& values) {
  Finite finite;
  finite.values.reserve(static_cast<std::size_t>(values.size()));
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    finite.values.push_back(value);
    finite.zeros += value == 0;
  }
  if (finite.values.empty()) return finite;
  const auto [low, high] = std::minmax_element(finite.values.begin(), finite.values.end());
  finite.lowest = *low;
  finite.highest = *high;
  return finite;
}

/// The value below which `fraction` of the values lie (nearest rank). Reorders them.
double percentile(std::vector<float>& values, double fraction) {
  const auto rank =
      static_cast<std::ptrdiff_t>(std::lround(fraction * static_cast<double>(values.size() - 1)));
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return values[static_cast<std::size_t>(rank)];
}

ColourLimits sequentialLimits(Finite& finite) {
  if (finite.lowest == finite.highest)
    return finite.lowest == 0 ? ColourLimits{0, 1, false}
                              : ColourLimits{finite.lowest - 0.5, finite.lowest + 0.5, false};
  const double low = finite.mostlyZero() ? 0 : percentile(finite.values, 0.01);
  const double high = percentile(finite.values, 0.99);
  if (low < high) return {low, high, false};
  return {finite.lowest, finite.highest, false};
}

ColourLimits divergingLimits(Finite& finite) {
  for (float& value : finite.values) value = std::abs(value);
  double most = percentile(finite.values, 0.99);
  if (most == 0) most = std::max(std::abs(finite.lowest), std::abs(finite.highest));
  if (most == 0) most = 1;
  return {-most, most, false};
}

/// Bits of a float that order like the float itself; NaN sorts first.
std::uint32_t orderedBits(float value) {
  if (std::isnan(value)) return 0;
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

/// Indices by ascending key, equal keys in their old order: a radix sort, because this happens
/// whenever another gene is chosen, for every cell.
std::vector<std::uint32_t> sortedByKey(const std::vector<std::uint32_t>& keys) {
  std::vector<std::uint32_t> order(keys.size()), next(keys.size());
  std::iota(order.begin(), order.end(), 0u);
  for (int shift = 0; shift < 32; shift += 11) {
    std::vector<std::uint32_t> starts(2049, 0);
    for (const std::uint32_t key : keys) ++starts[((key >> shift) & 2047) + 1];
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    for (const std::uint32_t cell : order) next[starts[(keys[cell] >> shift) & 2047]++] = cell;
    order.swap(next);
  }
  return order;
}

/// The same random order everywhere; std::shuffle may differ between standard libraries.
std::vector<std::uint32_t> shuffled(std::int64_t cells) {
  std::vector<std::uint32_t> order(static_cast<std::size_t>(cells));
  std::iota(order.begin(), order.end(), 0u);
  std::mt19937 random(20'210'501);
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[(std::uint64_t{random()} * i) >> 32]);
  return order;
}

std::vector<std::uint32_t> categoryOrder(const std::vector<std::int32_t>& codes) {
  auto order = shuffled(static_cast<std::int64_t>(codes.size()));
  std::stable_partition(order.begin(), order.end(),
                        [&](std::uint32_t cell) { return codes[cell] < 0; });
  return order;
}

std::vector<std::uint32_t> valueOrder(const CellColouring& colouring) {
  const bool diverging = colouring.kind == CellColouring::Kind::Diverging;
  std::vector<std::uint32_t> keys(static_cast<std::size_t>(colouring.values.size()));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const float value = colouring.values[static_cast<Eigen::Index>(i)];
    keys[i] = orderedBits(diverging ? std::abs(value) : value);
  }
  return sortedByKey(keys);
}

void fillValueIndices(const CellColouring& colouring, ColourIndices& indices) {
  const double low = colouring.limits.low;
  const double span = colouring.limits.high - low;
  const bool greyZeros = colouring.zeros == CellColouring::Zeros::Grey;
  for (std::size_t i = 0; i < indices.ofCell.size(); ++i) {
    const float value = colouring.values[static_cast<Eigen::Index>(i)];
    if (std::isnan(value) || (greyZeros && value == 0)) continue;
    const double fraction = span > 0 ? (value - low) / span : 0.5;
    indices.ofCell[i] = static_cast<std::uint16_t>(1.5 + 255 * std::clamp(fraction, 0.0, 1.0));
  }
}

}  // namespace

CellColouring CellColouring::category(const QString& title, const QStringList& categories,
                                      std::vector<std::int32_t> codes,
                                      const QStringList& fileColours) {
  const auto count = static_cast<std::size_t>(categories.size());
  if (count > mostCategories)
    throw Error("CATEGORY_COUNT", title.toStdString(),
                "it has " + withThousands(static_cast<std::int64_t>(count)) +
                    " different values, too many to be colours.",
                "Colour by a column with fewer categories.");
  for (const std::int32_t code : codes)
    if (code < -1 || code >= static_cast<std::int32_t>(count))
      throw Error("CATEGORY_CODE", title.toStdString(),
                  "a cell has category number " + std::to_string(code) + " of " +
                      std::to_string(count) + " categories.",
                  "The column is damaged; write the dataset again.");
  CellColouring colouring;
  colouring.kind = Kind::Category;
  colouring.title = title;
  colouring.categories = categories;
  colouring.colours = categoryColours(categories, fileColours);
  colouring.codes = std::move(codes);
  return colouring;
}

CellColouring CellColouring::sequential(const QString& title, Vector values, const QString& unit,
                                        const QString& formula) {
  CellColouring colouring;
  colouring.kind = Kind::Sequential;
  colouring.title = title;
  colouring.unit = unit;
  colouring.formula = formula;
  Finite finite = finiteOf(values);
  if (!finite.values.empty()) {
    colouring.zeros = finite.mostlyZero() ? Zeros::Grey : Zeros::OnScale;
    colouring.limits = sequentialLimits(finite);
  }
  colouring.values = std::move(values);
  return colouring;
}

CellColouring CellColouring::diverging(const QString& title, Vector values, const QString& unit,
                                       const QString& formula) {
  CellColouring colouring;
  colouring.kind = Kind::Diverging;
  colouring.title = title;
  colouring.unit = unit;
  colouring.formula = formula;
  colouring.limits = defaultLimits(values, Kind::Diverging);
  colouring.values = std::move(values);
  return colouring;
}

void CellColouring::keepLockedLimits(const CellColouring& before) {
  if (before.limits.locked && before.kind == kind && hasValues()) limits = before.limits;
}

std::int64_t CellColouring::cellCount() const {
  if (kind == Kind::Category) return static_cast<std::int64_t>(codes.size());
  return hasValues() ? values.size() : 0;
}

std::int64_t CellColouring::missingCount() const {
  if (kind == Kind::Category) return std::count(codes.begin(), codes.end(), -1);
  return hasValues() ? values.array().isNaN().count() : 0;
}

std::int64_t CellColouring::zeroCount() const {
  return hasValues() ? (values.array() == 0.0f).count() : 0;
}

std::vector<std::int64_t> CellColouring::categoryCounts() const {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(categories.size()), 0);
  if (kind == Kind::Category)
    for (const std::int32_t code : codes)
      if (code >= 0) ++counts[static_cast<std::size_t>(code)];
  return counts;
}

bool CellColouring::constant() const {
  if (!hasValues()) return false;
  float first = std::numeric_limits<float>::quiet_NaN();
  for (const float value : values) {
    if (std::isnan(value)) continue;
    if (std::isnan(first)) first = value;
    if (value != first) return false;
  }
  return !std::isnan(first);
}

QString CellColouring::textOf(std::int64_t cell) const {
  if (cell < 0 || cell >= cellCount()) return {};
  const QString missing = tr("no value");
  if (kind == Kind::Category) {
    const std::int32_t code = codes[static_cast<std::size_t>(cell)];
    return code < 0 ? missing : categories[code];
  }
  const float value = values[cell];
  if (std::isnan(value)) return missing;
  const QString number = QString::fromStdString(readable(value));
  return unit.isEmpty() ? number : number + QChar(0xA0) + unit;
}

QString CellColouring::toolTip() const {
  QStringList lines{title};
  if (!unit.isEmpty()) lines << tr("Unit: %1").arg(unit);
  if (!formula.isEmpty()) lines << tr("Formula: %1").arg(formula);
  if (hasValues() && zeros == Zeros::Grey)
    lines << tr("Grey: zero or no value");
  else if (kind != Kind::None)
    lines << tr("Grey: no value");
  return lines.join(QLatin1Char('\n'));
}

ColourLimits defaultLimits(const Vector& values, CellColouring::Kind kind) {
  Finite finite = finiteOf(values);
  if (finite.values.empty())
    return kind == CellColouring::Kind::Diverging ? ColourLimits{-1, 1, false} : ColourLimits{};
  return kind == CellColouring::Kind::Diverging ? divergingLimits(finite)
                                                : sequentialLimits(finite);
}

QColor visibleColour(const QColor& colour, const Theme& theme) {
  return contrastRatio(colour, theme.background) < 1.2 ? mixed(colour, theme.text, 0.4) : colour;
}

QColor missingColour(const Theme& theme) {
  return theme.isDark ? mixed(theme.background, theme.text, 0.25) : missingColour();
}

ColourIndices colourIndices(const CellColouring& colouring, std::int64_t cells,
                            const Theme& theme) {
  ColourIndices indices;
  indices.ofCell.assign(static_cast<std::size_t>(cells), 0);
  indices.table.push_back(missingColour(theme).rgb());
  switch (colouring.kind) {
    case CellColouring::Kind::None:
      indices.table.push_back(theme.refLine.rgb());
      std::fill(indices.ofCell.begin(), indices.ofCell.end(), std::uint16_t{1});
      break;
    case CellColouring::Kind::Category:
      for (const QColor& colour : colouring.colours)
        indices.table.push_back(visibleColour(colour, theme).rgb());
      std::transform(colouring.codes.begin(), colouring.codes.end(), indices.ofCell.begin(),
                     [](std::int32_t code) { return static_cast<std::uint16_t>(code + 1); });
      break;
    case CellColouring::Kind::Sequential:
    case CellColouring::Kind::Diverging: {
      const auto map = colouring.kind == CellColouring::Kind::Diverging
                           ? divergingTable(theme)
                           : sequentialTable(colouring.map);
      indices.table.insert(indices.table.end(), map.begin(), map.end());
      fillValueIndices(colouring, indices);
      break;
    }
  }
  return indices;
}

std::vector<std::uint32_t> drawOrder(const CellColouring& colouring, std::int64_t cells) {
  if (colouring.kind == CellColouring::Kind::Category) return categoryOrder(colouring.codes);
  if (colouring.hasValues()) return valueOrder(colouring);
  return shuffled(cells);
}

}  // namespace cellocus
