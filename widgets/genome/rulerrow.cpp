// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/rulerrow.h"

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "plot/ticks.h"

namespace cellocus {

namespace {

constexpr double tickLane = 22, bracketLane = 15;
/// Start sites are shown up to this many bases in view; beyond, they would be a hedge.
constexpr std::int64_t widestForStartSites = 3'000'000;

struct StartSite {
  const Gene* gene = nullptr;
  double x = 0;
};

std::vector<StartSite> startSites(const RowContext& context) {
  std::vector<StartSite> sites;
  const Locus visible = context.visible();
  if (!context.scene.annotation || visible.length() > widestForStartSites) return sites;
  for (const Gene* gene : context.scene.annotation->overlapping(visible))
    if (visible.contains(gene->tss()))
      sites.push_back({gene, context.axis.toPixel(static_cast<double>(gene->tss()) + 0.5)});
  return sites;
}

bool isSelected(const RowContext& context, const Gene& gene) {
  return QString::fromStdString(gene.id) == context.scene.selectedGene;
}

/// A stem with an arrow in the direction of transcription, as start sites are drawn in textbooks.
void paintArrow(QPainter& painter, double x, const QRectF& lane, Strand strand) {
  const double direction = strand == Strand::Minus ? -1 : 1;
  const double top = lane.top() + 4, tip = x + direction * 8;
  const QPointF bend[] = {{x, lane.bottom()}, {x, top}, {tip, top}};
  painter.drawPolyline(bend, 3);
  const QPointF head[] = {
      {tip - direction * 3, top - 3}, {tip, top}, {tip - direction * 3, top + 3}};
  painter.drawPolyline(head, 3);
}

}  // namespace

int RulerRow::height(const RowContext& context) const {
  if (context.scene.contig.empty()) return 0;
  const int lanes =
      (context.scene.window ? 2 : 0) + (context.scene.annotation || context.scene.window ? 1 : 0);
  return static_cast<int>(tickLane + lanes * bracketLane) + 4;
}

QRectF RulerRow::lane(const RowContext& context, int index) {
  const int skipped = context.scene.window ? 0 : 2;
  return {context.axis.left(), context.rect.top() + tickLane + (index - skipped) * bracketLane,
          context.axis.width(), bracketLane};
}

void RulerRow::paint(QPainter& painter, const RowContext& context) const {
  if (context.scene.contigLength() == 0) return;
  paintTicks(painter, context);
  RowContext top = context;
  top.rect.setHeight(tickLane);
  paintName(painter, top, QString::fromStdString(lengthText(context.visible().length())));
  if (const ModelWindow* window = context.scene.windowHere()) {
    const auto bases = [](const Locus& locus) {
      return QString::fromStdString(withThousands(locus.length()));
    };
    const Bracket input{window->input,
                        {tr("input %1 bp").arg(bases(window->input)), tr("input")},
                        context.theme.axis,
                        1};
    const QString predictedText = tr("predicted %1 bp").arg(bases(window->predicted));
    const QString shape =
        tr("%1 (%2 × %3)").arg(predictedText).arg(window->binCount()).arg(window->binSize);
    const Bracket predicted{
        window->predicted, {shape, predictedText, tr("predicted")}, context.theme.accent, 2};
    paintBracket(painter, context, input, lane(context, 0));
    paintBracket(painter, context, predicted, lane(context, 1));
    paintPinnedBin(painter, context, lane(context, 1),
                   bracketLabel(context, predicted, lane(context, 1)).box);
  }
  if (context.scene.window) {
    top.rect =
        QRectF(context.rect.left(), lane(context, 0).top(), context.rect.width(), 2 * bracketLane);
    paintName(painter, top, tr("Model window"));
  }
  if (!context.scene.annotation && !context.scene.window) return;
  paintStartSites(painter, context, lane(context, 2));
  top.rect = QRectF(context.rect.left(), lane(context, 2).top(), context.rect.width(), bracketLane);
  paintName(painter, top, tr("Start sites"));
}

void RulerRow::paintTicks(QPainter& painter, const RowContext& context) {
  const QRectF area = context.plot();
  const double line = area.top() + tickLane - 1;
  painter.setPen(QPen(context.theme.axis, 1));
  painter.drawLine(QPointF(area.left(), line), QPointF(area.right(), line));
  painter.setFont(context.smallFont);
  const QFontMetricsF metrics(context.smallFont);
  const int wanted = std::max(1, static_cast<int>(area.width() / 100));
  double free = area.left();
  for (const Tick& tick : genomicTicks(context.axis.start(), context.axis.end(), wanted)) {
    const double x = context.axis.toPixel(tick.value);
    if (x < area.left() || x > area.right()) continue;
    painter.setPen(QPen(context.theme.axis, 1));
    painter.drawLine(QPointF(x, line - 5), QPointF(x, line));
    const double width = metrics.horizontalAdvance(tick.label);
    const double left = x - width / 2;
    if (left < free || left + width > area.right()) continue;
    painter.setPen(context.theme.mutedText);
    painter.drawText(QRectF(left, area.top(), width + 1, tickLane - 6), Qt::AlignCenter,
                     tick.label);
    free = left + width + 12;
  }
}

void RulerRow::paintBracket(QPainter& painter, const RowContext& context, const Bracket& bracket,
                            const QRectF& lane) {
  const QRectF column = context.column(bracket.locus.start, bracket.locus.end);
  if (column.width() < 1) return;
  const double middle = std::round(lane.center().y()) + 0.5;
  painter.setPen(QPen(bracket.colour, bracket.thickness, Qt::SolidLine, Qt::FlatCap));
  painter.drawLine(QPointF(column.left(), middle), QPointF(column.right(), middle));
  for (const std::int64_t end : {bracket.locus.start, bracket.locus.end}) {
    const double x = context.axis.toPixel(static_cast<double>(end));
    if (x >= lane.left() && x <= lane.right())
      painter.drawLine(QPointF(x, middle - 5), QPointF(x, middle + 5));
  }
  const BracketLabel label = bracketLabel(context, bracket, lane);
  if (label.text.isEmpty()) return;
  painter.setFont(context.smallFont);
  painter.setPen(bracket.thickness > 1 ? bracket.colour : context.theme.mutedText);
  paintLabel(painter, label.box, label.text, context.theme.background);
}

/// Near the left end: the middle belongs to the bin of the start site.
RulerRow::BracketLabel RulerRow::bracketLabel(const RowContext& context, const Bracket& bracket,
                                              const QRectF& lane) {
  const QRectF column = context.column(bracket.locus.start, bracket.locus.end);
  for (const QString& text : bracket.labels) {
    const double width = QFontMetricsF(context.smallFont).horizontalAdvance(text) + 8;
    if (width + 24 <= column.width() / 2)
      return {text, QRectF(column.left() + 12, lane.top(), width, lane.height())};
  }
  return {};
}

void RulerRow::paintPinnedBin(QPainter& painter, const RowContext& context, const QRectF& lane,
                              const QRectF& taken) {
  const ModelWindow* window = context.scene.windowHere();
  if (context.scene.pinnedBin < 0 || context.scene.pinnedBin >= window->binCount()) return;
  const Locus bin = window->bin(context.scene.pinnedBin);
  const double left = context.axis.toPixel(static_cast<double>(bin.start));
  const double right = context.axis.toPixel(static_cast<double>(bin.end));
  if (right < lane.left() || left > lane.right()) return;
  QRectF block(left, lane.top() + 2, std::max(3.0, right - left), lane.height() - 4);
  if (right - left < 3) block.moveCenter({(left + right) / 2, lane.center().y()});
  block &= lane;
  painter.fillRect(block, context.theme.accent);
  const QString label = tr("bin %1").arg(context.scene.pinnedBin);
  const double width = QFontMetricsF(context.smallFont).horizontalAdvance(label) + 8;
  painter.setFont(context.smallFont);
  if (block.width() > width) {
    painter.setPen(readableOn(context.theme.accent));
    painter.drawText(block.adjusted(0, -2, 0, 2), Qt::AlignCenter, label);
    return;
  }
  for (const double x : {block.right() + 2, block.left() - width - 2}) {
    const QRectF place(x, lane.top(), width, lane.height());
    if (!lane.contains(place) || place.intersects(taken)) continue;
    painter.setPen(context.theme.accent);
    paintLabel(painter, place, label, context.theme.background);
    return;
  }
}

void RulerRow::paintStartSites(QPainter& painter, const RowContext& context, const QRectF& lane) {
  painter.setRenderHint(QPainter::Antialiasing, true);
  const auto sites = startSites(context);
  for (const bool selected : {false, true})  // the selected gene's on top
    for (const StartSite& site : sites) {
      if (isSelected(context, *site.gene) != selected) continue;
      painter.setPen(
          QPen(selected ? context.theme.accent : context.theme.gene, selected ? 2 : 1.2));
      painter.setBrush(Qt::NoBrush);
      paintArrow(painter, site.x, lane, site.gene->strand);
    }
  const ModelWindow* window = context.scene.windowHere();
  if (window && window->tss >= 0 && context.visible().contains(window->tss)) {
    const double x = context.axis.toPixel(static_cast<double>(window->tss) + 0.5);
    painter.setPen(Qt::NoPen);
    painter.setBrush(context.theme.accent);
    painter.drawEllipse(QPointF(x, lane.bottom() - 1), 3.5, 3.5);
  }
  painter.setRenderHint(QPainter::Antialiasing, false);
}

GenomeHit RulerRow::hit(const RowContext& context, QPointF place) const {
  GenomeHit result = GenomeRow::hit(context, place);
  if (result.position < 0) return result;
  result.kind = GenomeHit::Kind::Ruler;
  if (place.y() < lane(context, 2).top()) return result;
  double nearest = 7;  // pixels
  for (const StartSite& site : startSites(context)) {
    // The arrow reaches 8 pixels in the direction of transcription.
    const double distance =
        std::abs(place.x() - site.x - (site.gene->strand == Strand::Minus ? -3 : 3));
    if (distance >= nearest) continue;
    nearest = distance;
    result.kind = GenomeHit::Kind::Tss;
    result.geneId = QString::fromStdString(site.gene->id);
    result.position = site.gene->tss();
    result.locus = site.gene->locus;
  }
  return result;
}

QString RulerRow::toolTip(const RowContext& context, QPointF place) const {
  const GenomeHit here = hit(context, place);
  if (here.kind == GenomeHit::Kind::Tss) {
    QString symbol = here.geneId;
    for (const StartSite& site : startSites(context))
      if (QString::fromStdString(site.gene->id) == here.geneId)
        symbol = QString::fromStdString(site.gene->symbol);
    QString text = tr("Start site of %1 at %2").arg(symbol, positionText(here.position));
    if (const ModelWindow* window = context.scene.windowHere())
      text += tr("\n%1 from the middle of the model window")
                  .arg(QString::fromStdString(
                      lengthText(std::abs(here.position - window->input.centre()))));
    return text + tr("\nClick to centre the model window here and predict.");
  }
  if (here.position < 0) return {};
  return tr("Position %1, counted from 1\nDrag to choose a region, with Ctrl to zoom to it.")
      .arg(positionText(here.position));
}

}  // namespace cellocus
