// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <vector>

#include "base/matrix.h"
#include "plot/palette.h"

namespace cellocus {

/// The values at the two ends of a colour scale. Locked ones stay as they are when other values are
/// shown.
struct ColourLimits {
  double low = 0;
  double high = 1;
  bool locked = false;
  bool operator==(const ColourLimits&) const = default;
};

/// What the cells of a plot are coloured by: nothing, a category, a value, or a signed difference.
struct CellColouring {
  enum class Kind { None, Category, Sequential, Diverging };
  /// Whether a value of exactly zero stands on the colour scale or recedes into light grey ("not
  /// detected").
  enum class Zeros { OnScale, Grey };

  Kind kind = Kind::None;
  QString title;    ///< "Cell type", "GATA4, predicted"
  QString unit;     ///< "log1p counts"; empty for categories
  QString formula;  ///< how the value was made, for tooltips: "ALT − REF, mean of both strands"

  // Category
  QStringList categories;
  std::vector<QColor> colours;      ///< one per category
  std::vector<std::int32_t> codes;  ///< one per cell, index into categories, -1 = missing

  // Sequential and Diverging
  Vector values;  ///< one per cell, NaN = missing
  ColourLimits limits;
  SequentialMap map = SequentialMap::Viridis;  ///< of Sequential; Diverging has one map only
  Zeros zeros = Zeros::OnScale;

  /// Categories with the colours of the file's uns ("#RRGGBB") where it gives valid ones, else the
  /// project's. @throws Error "CATEGORY_CODE" if a code is neither -1 nor an index into
  /// `categories`
  static CellColouring category(const QString& title, const QStringList& categories,
                                std::vector<std::int32_t> codes,
                                const QStringList& fileColours = {});
  /// Values with default limits, viridis; zeros are grey where more than half of the values are
  /// zero and none is negative.
  static CellColouring sequential(const QString& title, Vector values, const QString& unit,
                                  const QString& formula = {});
  /// Signed differences with default limits, blue for less, red for more.
  static CellColouring diverging(const QString& title, Vector values, const QString& unit,
                                 const QString& formula = {});

  /// Takes over the limits of what was shown before if they are locked and of the same kind.
  void keepLockedLimits(const CellColouring& before);

  bool hasValues() const { return kind == Kind::Sequential || kind == Kind::Diverging; }
  std::int64_t cellCount() const;
  /// Cells without a category or value.
  std::int64_t missingCount() const;
  /// Cells whose value is exactly zero.
  std::int64_t zeroCount() const;
  /// Cells per category.
  std::vector<std::int64_t> categoryCounts() const;
  /// True for values that are all the same: drawn in one colour and called constant.
  bool constant() const;
  /// A value or category name as a person reads it, with unit; "no value" if missing.
  QString textOf(std::int64_t cell) const;
  /// Title, unit, formula and what grey means, as plain text.
  QString toolTip() const;
};

/// Limits that show the values well. Sequential: 1st to 99th percentile, from 0 where more than
/// half of the values are zero and none is negative; if these percentiles agree, the range.
/// Diverging: symmetric about 0, the 99th percentile of |x|. {0, 1} if there is no value, one unit
/// around a constant.
ColourLimits defaultLimits(const Vector& values, CellColouring::Kind kind);

/// The colour of a category on this theme: one that would vanish in the background (black on dark)
/// is moved away from it.
QColor visibleColour(const QColor& colour, const Theme& theme);
/// The grey of cells without a value, receding on either background.
QColor missingColour(const Theme& theme);

/// A colour per cell, ready for drawing: an index into a table, index 0 for cells without a value.
/// The table holds 1 + categories entries, or 1 + 256 (missing or grey zero, then low to high), or
/// 2 without a colouring.
struct ColourIndices {
  std::vector<std::uint16_t> ofCell;
  std::vector<QRgb> table;
};
ColourIndices colourIndices(const CellColouring& colouring, std::int64_t cells, const Theme& theme);

/// The order in which cells are drawn, last on top: missing first, then categories in an order that
/// is random but always the same, values ascending, differences by ascending |value|.
std::vector<std::uint32_t> drawOrder(const CellColouring& colouring, std::int64_t cells);

}  // namespace cellocus
