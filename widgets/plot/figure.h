// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPainter>
#include <QSizeF>
#include <QString>
#include <filesystem>
#include <functional>

namespace cellocus {

enum class FigureFormat { Svg, Pdf, Png };

/// Whether letters stay letters (searchable, editable) or become paths (look alike without the
/// font).
enum class FigureText { Text, Outlines };

struct FigureOptions {
  QSizeF millimetres{174, 100};  ///< journals take widths of 85, 114 and 174 mm
  int dpi = 300;                 ///< of PNG; the others are vectors
  FigureFormat format = FigureFormat::Svg;
  FigureText text = FigureText::Text;
  QString title;        ///< written into the file
  QString description;  ///< provenance, written into the file
};

/// Logical pixels of a figure: 96 to the inch, as on a screen without scaling.
QSizeF logicalSize(const QSizeF& millimetres);

/// Paints a figure in logical pixels; the same function that paints the screen, with the light
/// theme.
using FigurePainter = std::function<void(QPainter& painter, QSizeF logicalSize)>;

/// Writes a figure on white, whole or not at all.
/// @throws Error "SAVE_FAILED" (full disk, no permission), "FIGURE_SIZE" if it has no size or would
/// need more than 2^28 pixels
void saveFigure(const std::filesystem::path& path, const FigureOptions& options,
                const FigurePainter& paint);

/// The format of a file name's ending (".svg", ".pdf", ".png"; any case), SVG for any other.
FigureFormat figureFormat(const std::filesystem::path& path);

}  // namespace cellocus
