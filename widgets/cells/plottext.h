// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>
#include <QFontMetricsF>
#include <QPainter>
#include <QString>

namespace cellocus {

/// The type scale of the plots: a title, the font itself for labels, and one for numbers and
/// remarks.
inline QFont titleFont(QFont font) {
  font.setWeight(QFont::DemiBold);
  return font;
}
inline QFont smallFont(QFont font) {
  if (font.pointSizeF() > 0)
    font.setPointSizeF(font.pointSizeF() * 0.88);
  else
    font.setPixelSize(qMax(8, qRound(font.pixelSize() * 0.88)));
  return font;
}

/// Metrics of a font on what is painted on; a screen and a figure differ.
inline QFontMetricsF metricsOf(const QPainter& painter, const QFont& font) {
  return painter.device() ? QFontMetricsF(font, painter.device()) : QFontMetricsF(font);
}

/// One line of text on a halo of the background, readable on any cloud of dots. The text stays text
/// in SVG.
void drawTextWithHalo(QPainter& painter, const QPointF& baseline, const QString& text,
                      const QColor& colour, const QColor& halo);

/// A tooltip that shows exactly this text, line breaks included, whatever marks a file's names
/// contain.
QString plainToolTip(const QString& text);

/// Text cut into at most two lines at spaces (or where it must), the second with an ellipsis if
/// need be.
QStringList twoLines(const QString& text, const QFontMetricsF& metrics, double width);

}  // namespace cellocus
