// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPalette>
#include <QString>
#include <QStringList>
#include <array>
#include <vector>

namespace cellocus {

/// Colours by role, so that no painter knows a colour of its own. Text has at least 4.5:1 and lines
/// at least 3:1 contrast to `background` (UI 4.12).
struct Theme {
  bool isDark = false;
  QColor background;  ///< behind data
  QColor panel;       ///< gutters, legends
  QColor text, mutedText;
  QColor grid, axis, border;
  QColor accent;            ///< what the user pointed out: pinned bin, model window, focus
  QColor selection;         ///< selected range, drawn translucent
  QColor refFill, refLine;  ///< predictions of the reference
  QColor altLine;  ///< predictions of the edited sequence, where a track has no colour of its own
  QColor gene, geneSelected;
  QColor hatch;  ///< no value here, or not yet
  QColor warning, error;

  static const Theme& light();
  static const Theme& dark();
  /// The light or dark theme by the palette's own background (Qt 6.4 does not tell), with its
  /// surfaces.
  static Theme from(const QPalette& palette);
};

/// `Igv` are the colours of the IGV desktop, which do not tell G from T for a deuteranope (UI 4.9).
enum class BaseColours { ColourBlindSafe, Igv };

/// Colour of A, C, G, T or U (either case); mid grey for any other letter.
QColor baseColour(char base, const Theme& theme,
                  BaseColours colours = BaseColours::ColourBlindSafe);

/// Blue for -1, neutral for 0, red for +1, interpolated in Oklab; values beyond are clamped, NaN is
/// missingColour(). The neutral colour is near the theme's background, so that "no effect" recedes.
QColor divergingColour(double value, const Theme& theme);

enum class SequentialMap { Viridis, Magma, Cividis, Reds };

/// Colour of a fraction 0..1, clamped; NaN is missingColour().
QColor sequentialColour(double fraction, SequentialMap map);

/// The same maps as tables of 256 colours, for painting many points.
std::array<QRgb, 256> divergingTable(const Theme& theme);
std::array<QRgb, 256> sequentialTable(SequentialMap map);

/// Light grey for "not measured", "not a number" and zero expression.
QColor missingColour();

/// One colour per category: the file's own ("uns" colours, any CSS spelling) where it gives a valid
/// one, else Okabe-Ito for at most 8 categories, scanpy's 20 or 28 colours beyond; repeated
/// past 28.
std::vector<QColor> categoryColours(const QStringList& names, const QStringList& fileColours = {});

/// Three colours for lines that colour-blind people tell apart, each at least 3:1 on the
/// background.
std::array<QColor, 3> lineColours(const Theme& theme);

/// WCAG contrast ratio of two opaque colours, 1..21.
double contrastRatio(const QColor& one, const QColor& other);
/// Black or white, whichever reads better on `background`.
QColor readableOn(const QColor& background);
/// `fraction` 0 gives `from`, 1 gives `to`, between them in Oklab.
QColor mixed(const QColor& from, const QColor& to, double fraction);

}  // namespace cellocus
