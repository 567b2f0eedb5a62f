// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/overviewrow.h"

#include <QFontMetricsF>
#include <algorithm>

namespace cellocus {

namespace {

constexpr double barHeight = 12;

/// Giemsa stains from light to dark; centromeres ("acen") in between.
double darkness(const std::string& stain) {
  if (stain == "gpos25") return 0.25;
  if (stain == "gpos50") return 0.45;
  if (stain == "gpos75") return 0.65;
  if (stain == "gpos100" || stain == "gpos") return 0.85;
  if (stain == "acen") return 0.55;
  if (stain == "gvar" || stain == "stalk") return 0.35;
  return 0;
}

}  // namespace

int OverviewRow::height(const RowContext&) const {
  return 28;
}

Viewport OverviewRow::contigAxis(const RowContext& context) {
  return {0, static_cast<double>(std::max<std::int64_t>(1, context.scene.contigLength())),
          context.axis.left(), context.axis.width()};
}

void OverviewRow::paint(QPainter& painter, const RowContext& context) const {
  const GenomeScene& scene = context.scene;
  if (scene.contig.empty()) return;
  paintName(painter, context,
            QString::fromStdString(scene.contig + "  ·  " + lengthText(scene.contigLength())));
  QRectF bar = context.plot();
  bar.setTop(context.rect.center().y() - barHeight / 2);
  bar.setHeight(barHeight);
  painter.setPen(Qt::NoPen);
  painter.setBrush(mixed(context.theme.background, context.theme.text, 0.07));
  painter.drawRect(bar);
  paintBands(painter, context, bar);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(context.theme.axis, 1));
  painter.drawRect(bar);
  paintView(painter, context, bar);
}

void OverviewRow::paintBands(QPainter& painter, const RowContext& context, const QRectF& bar) {
  const Viewport axis = contigAxis(context);
  const Theme& theme = context.theme;
  painter.setFont(context.smallFont);
  const QFontMetricsF metrics(context.smallFont);
  for (const CytoBand& band : context.scene.bands) {
    if (band.locus.contig != context.scene.contig) continue;
    const double left = std::max(bar.left(), axis.toPixel(static_cast<double>(band.locus.start)));
    const double right = std::min(bar.right(), axis.toPixel(static_cast<double>(band.locus.end)));
    if (right <= left) continue;
    const QRectF area(left, bar.top(), right - left, bar.height());
    const QColor colour = mixed(theme.background, theme.text, 0.07 + 0.6 * darkness(band.stain));
    painter.fillRect(area, band.stain == "acen" ? mixed(colour, theme.error, 0.5) : colour);
  }
}

void OverviewRow::paintView(QPainter& painter, const RowContext& context, const QRectF& bar) {
  const Viewport axis = contigAxis(context);
  const double left = std::clamp(axis.toPixel(context.axis.start()), bar.left(), bar.right());
  const double right = std::clamp(axis.toPixel(context.axis.end()), bar.left(), bar.right());
  QRectF marker(left, bar.top() - 4, right - left, bar.height() + 8);
  constexpr double least = 4;
  if (marker.width() < least) {
    marker.setWidth(least);
    marker.moveCenter({(left + right) / 2, bar.center().y()});
  }
  QColor fill = context.theme.accent;
  fill.setAlpha(right - left > bar.width() / 2 ? 20 : 60);
  painter.setBrush(fill);
  painter.setPen(QPen(context.theme.accent, 1.5));
  painter.drawRect(marker);
  painter.setBrush(Qt::NoBrush);
}

GenomeHit OverviewRow::hit(const RowContext& context, QPointF place) const {
  GenomeHit result;
  if (context.scene.contigLength() == 0 || place.x() < context.axis.left()) return result;
  result.kind = GenomeHit::Kind::Overview;
  result.position =
      std::clamp<std::int64_t>(static_cast<std::int64_t>(contigAxis(context).toValue(place.x())), 0,
                               context.scene.contigLength() - 1);
  return result;
}

QString OverviewRow::toolTip(const RowContext& context, QPointF place) const {
  const GenomeHit here = hit(context, place);
  if (here.position < 0) return {};
  QString text =
      QString::fromStdString(locusText({context.scene.contig, here.position, here.position + 1}));
  for (const CytoBand& band : context.scene.bands)
    if (band.locus.contig == context.scene.contig && band.locus.contains(here.position))
      text += tr("\nBand %1").arg(QString::fromStdString(band.name));
  return text + tr("\nClick or drag to go there.");
}

}  // namespace cellocus
