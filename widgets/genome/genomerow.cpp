// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/genomerow.h"

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace cellocus {

namespace {

/// A name in at most `lines` lines, broken at a space, the last one shortened.
QStringList brokenName(const QString& name, const QFontMetricsF& metrics, double width, int lines) {
  if (metrics.horizontalAdvance(name) <= width) return {name};
  if (lines > 1) {
    qsizetype space = name.size();
    while ((space = name.lastIndexOf(QLatin1Char(' '), space - 1)) > 0)
      if (metrics.horizontalAdvance(name.left(space)) <= width)
        return {name.left(space), metrics.elidedText(name.mid(space + 1), Qt::ElideRight, width)};
  }
  return {metrics.elidedText(name, Qt::ElideMiddle, width)};
}

}  // namespace

QRectF RowContext::gutter() const {
  return {rect.left(), rect.top(), axis.left() - rect.left(), rect.height()};
}

QRectF RowContext::plot() const {
  return {axis.left(), rect.top(), axis.width(), rect.height()};
}

Locus RowContext::visible() const {
  const std::int64_t length = scene.contigLength();
  const auto start = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(axis.start())),
                                              0, std::max<std::int64_t>(0, length - 1));
  const auto end = static_cast<std::int64_t>(std::ceil(axis.end()));
  return {scene.contig, start, std::clamp<std::int64_t>(end, std::min(start + 1, length), length)};
}

QRectF RowContext::column(std::int64_t start, std::int64_t end) const {
  const double left =
      std::clamp(axis.toPixel(static_cast<double>(start)), axis.left(), axis.right());
  const double right =
      std::clamp(axis.toPixel(static_cast<double>(end)), axis.left(), axis.right());
  return {left, rect.top(), right - left, rect.height()};
}

GenomeHit GenomeRow::hit(const RowContext& context, QPointF place) const {
  GenomeHit result;
  if (place.x() < context.axis.left() || place.x() > context.axis.right()) return result;
  const auto position = static_cast<std::int64_t>(std::floor(context.axis.toValue(place.x())));
  if (position < 0 || position >= context.scene.contigLength()) return result;
  result.position = position;
  if (const ModelWindow* window = context.scene.windowHere()) result.bin = window->binAt(position);
  return result;
}

QString GenomeRow::toolTip(const RowContext&, QPointF) const {
  return {};
}

void GenomeRow::paintName(QPainter& painter, const RowContext& context, const QString& name,
                          const QString& detail) {
  const QRectF area = context.gutter().adjusted(10, 0, -8, 0);
  if (area.width() < 12) return;
  const QFontMetricsF metrics(context.font), small(context.smallFont);
  const double line = metrics.height(), detailLine = detail.isEmpty() ? 0 : small.height();
  const bool withDetail = !detail.isEmpty() && area.height() >= line + detailLine;
  const bool twoLines = area.height() >= 2 * line + detailLine + 4;
  QStringList lines = brokenName(name, metrics, area.width(), twoLines ? 2 : 1);
  const double total = static_cast<double>(lines.size()) * line + (withDetail ? detailLine : 0);
  double top = area.top() + std::max(0.0, (std::min(area.height(), 64.0) - total) / 2);
  painter.setFont(context.font);
  painter.setPen(context.theme.text);
  for (const QString& one : lines) {
    painter.drawText(QRectF(area.left(), top, area.width(), line), Qt::AlignLeft | Qt::AlignVCenter,
                     one);
    top += line;
  }
  if (!withDetail) return;
  painter.setFont(context.smallFont);
  painter.setPen(context.theme.mutedText);
  painter.drawText(QRectF(area.left(), top, area.width(), detailLine),
                   Qt::AlignLeft | Qt::AlignVCenter,
                   small.elidedText(detail, Qt::ElideRight, area.width()));
}

void paintHatch(QPainter& painter, const QRectF& area, const QColor& colour) {
  constexpr int step = 8;
  const QRect cells = area.toRect();  // whole pixels, or lines of neighbouring areas look unlike
  if (cells.isEmpty()) return;
  painter.setPen(QPen(colour, 1));
  const int left = cells.left(), right = cells.right(), top = cells.top(), bottom = cells.bottom();
  QList<QLine> lines;
  // The lines stand on a fixed grid, so that neighbouring areas join.
  for (int sum = (left + top) / step * step; sum < right + bottom; sum += step) {
    const int x1 = std::max(left, sum - bottom), x2 = std::min(right, sum - top);
    if (x2 > x1) lines << QLine(x1, sum - x1, x2, sum - x2);
  }
  painter.drawLines(lines);
}

void paintLabel(QPainter& painter, const QRectF& place, const QString& text, const QColor& ground) {
  const QFontMetricsF metrics(painter.font());
  QRectF box(0, 0, metrics.horizontalAdvance(text) + 6, std::min(metrics.height(), place.height()));
  box.moveCenter(place.center());
  painter.fillRect(box, ground);
  painter.drawText(box, Qt::AlignCenter, text);
}

QString valueText(double value) {
  QString text = QString::fromStdString(readable(value));
  if (text.startsWith(QLatin1Char('-'))) text[0] = QChar(0x2212);
  return text;
}

QString positionText(std::int64_t position) {
  return QString::fromStdString(withThousands(position + 1));
}

}  // namespace cellocus
