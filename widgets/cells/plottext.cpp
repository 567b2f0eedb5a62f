// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/plottext.h"

#include <QPainterPath>
#include <QPen>

namespace cellocus {

void drawTextWithHalo(QPainter& painter, const QPointF& baseline, const QString& text,
                      const QColor& colour, const QColor& halo) {
  QPainterPath outline;
  outline.addText(baseline, painter.font(), text);
  QColor soft = halo;
  soft.setAlphaF(0.85f);
  painter.strokePath(outline, QPen(soft, 3.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  painter.setPen(colour);
  painter.drawText(baseline, text);
}

QString plainToolTip(const QString& text) {
  if (text.isEmpty()) return {};
  return QStringLiteral("<p style=\"white-space:pre-wrap\">") + text.toHtmlEscaped() +
         QStringLiteral("</p>");
}

QStringList twoLines(const QString& text, const QFontMetricsF& metrics, double width) {
  if (metrics.horizontalAdvance(text) <= width) return {text};
  qsizetype split = -1;
  for (qsizetype at = text.indexOf(QLatin1Char(' ')); at >= 0;
       at = text.indexOf(QLatin1Char(' '), at + 1))
    if (metrics.horizontalAdvance(text.left(at)) <= width) split = at;
  if (split < 0) return {metrics.elidedText(text, Qt::ElideRight, width)};
  return {text.left(split), metrics.elidedText(text.mid(split + 1), Qt::ElideRight, width)};
}

}  // namespace cellocus
