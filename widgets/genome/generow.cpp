// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/generow.h"

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/text.h"

namespace cellocus {

namespace {

constexpr double laneHeight = 19, margin = 4, labelGap = 5;
constexpr double codingHeight = 11, exonHeight = 7;
constexpr int mostLanes = 7, mostNamed = 250;

bool isSelected(const RowContext& context, const Gene& gene) {
  return !context.scene.selectedGene.isEmpty() &&
         QString::fromStdString(gene.id) == context.scene.selectedGene;
}

QFont symbolFont(const RowContext& context, bool selected) {
  QFont font = context.smallFont;
  font.setItalic(true);  // as human gene symbols are printed
  font.setBold(selected);
  return font;
}

QString shownSymbol(const Gene& gene) {
  return QString::fromStdString(gene.symbol.empty() ? gene.id : gene.symbol);
}

/// Arrows along the line, every 28 pixels, in the direction of transcription.
void paintChevrons(QPainter& painter, const QRectF& line, Strand strand) {
  if (strand == Strand::Unknown || line.width() < 14) return;
  const double direction = strand == Strand::Minus ? -1 : 1, y = line.center().y();
  constexpr double step = 28;
  for (double x = std::ceil((line.left() + 6) / step) * step; x < line.right() - 6; x += step) {
    const QPointF head[] = {
        {x - direction * 2.5, y - 3}, {x + direction * 1.5, y}, {x - direction * 2.5, y + 3}};
    painter.drawPolyline(head, 3);
  }
}

QRectF centred(const QRectF& column, double height) {
  return {column.left(), column.center().y() - height / 2, std::max(1.0, column.width()), height};
}

void paintExons(QPainter& painter, const RowContext& context, const Transcript& transcript,
                const QRectF& lane, const QColor& colour) {
  const auto block = [&](std::int64_t start, std::int64_t end, double height) {
    QRectF column = context.column(start, end);
    const double x = context.axis.toPixel(static_cast<double>(start));
    if (end <= start || x > context.axis.right() ||
        context.axis.toPixel(static_cast<double>(end)) < context.axis.left())
      return;
    column.setTop(lane.top());
    column.setHeight(lane.height());
    painter.fillRect(centred(column, height), colour);
  };
  for (const Locus& exon : transcript.exons) {
    block(exon.start, exon.end, exonHeight);
    block(std::max(exon.start, transcript.codingStart), std::min(exon.end, transcript.codingEnd),
          codingHeight);
  }
}

}  // namespace

const Transcript* shownTranscript(const Gene& gene) {
  const Transcript* best = nullptr;
  const auto rank = [](const Transcript& one) {
    return std::tuple(one.mane, one.canonical, one.codingStart >= 0, one.locus.length());
  };
  for (const Transcript& one : gene.transcripts)
    if (!best || rank(one) > rank(*best)) best = &one;
  return best;
}

const std::vector<GeneRow::Placed>& GeneRow::packedContig(const RowContext& context) const {
  const Annotation* annotation = context.scene.annotation.get();
  const double pixelsPerBase = context.axis.pixelsPerUnit();
  const int fontPixels = context.smallFont.pixelSize();
  if (m_cache.annotation == annotation && m_cache.contig == context.scene.contig &&
      m_cache.pixelsPerBase == pixelsPerBase && m_cache.fontPixels == fontPixels)
    return m_cache.genes;
  m_cache = {annotation, context.scene.contig, pixelsPerBase, fontPixels, {}};
  const QFontMetricsF metrics(symbolFont(context, true));
  std::vector<double> laneEnds;  // bases
  for (const Gene* gene :
       annotation->overlapping({context.scene.contig, 0, context.scene.contigLength()})) {
    const double label = metrics.horizontalAdvance(shownSymbol(*gene));
    const double start =
        static_cast<double>(gene->locus.start) - (label + labelGap) / pixelsPerBase;
    const auto free =
        std::find_if(laneEnds.begin(), laneEnds.end(), [start](double end) { return end < start; });
    const auto lane = static_cast<std::size_t>(free - laneEnds.begin());
    if (free == laneEnds.end()) laneEnds.push_back(0);
    laneEnds[lane] = static_cast<double>(gene->locus.end) + 8 / pixelsPerBase;
    m_cache.genes.push_back({gene, static_cast<int>(lane), label});
  }
  return m_cache.genes;
}

GeneRow::Packing GeneRow::packing(const RowContext& context) const {
  Packing result;
  const Locus visible = context.visible();
  for (const Placed& placed : packedContig(context)) {
    // A symbol stands left of its gene and may be in view when the gene is not.
    const auto reach =
        static_cast<std::int64_t>((placed.labelWidth + labelGap) / context.axis.pixelsPerUnit());
    const Locus& locus = placed.gene->locus;
    if (locus.end <= visible.start || locus.start - reach >= visible.end) continue;
    result.genes.push_back(placed);
    result.lanes = std::max(result.lanes, placed.lane + 1);
  }
  result.named = result.lanes <= mostLanes && result.genes.size() <= mostNamed;
  if (!result.named) result.lanes = 2;
  return result;
}

int GeneRow::height(const RowContext& context) const {
  if (!context.scene.annotation || context.scene.contig.empty()) return 0;
  return static_cast<int>(packing(context).lanes * laneHeight + 2 * margin);
}

QRectF GeneRow::laneRect(const RowContext& context, int lane) {
  return {context.axis.left(), context.rect.top() + margin + lane * laneHeight,
          context.axis.width(), laneHeight};
}

void GeneRow::paint(QPainter& painter, const RowContext& context) const {
  if (!context.scene.annotation) return;
  const Packing packed = packing(context);
  const QString count =
      packed.named ? QString() : tr("%n in view", nullptr, static_cast<int>(packed.genes.size()));
  paintName(painter, context, tr("Genes"), count);
  painter.save();
  painter.setClipRect(context.plot().toAlignedRect());
  if (packed.named)
    for (const bool labels : {false, true})
      for (const Placed& placed : packed.genes)
        labels ? paintSymbol(painter, context, placed) : paintModel(painter, context, placed);
  else
    paintCrowd(painter, context, packed);
  painter.restore();
  painter.fillRect(QRectF(context.rect.left(), context.rect.bottom() - 1, context.rect.width(), 1),
                   context.theme.grid);
}

void GeneRow::paintModel(QPainter& painter, const RowContext& context, const Placed& placed) {
  const Gene& gene = *placed.gene;
  const bool selected = isSelected(context, gene);
  const QColor colour = selected ? context.theme.geneSelected : context.theme.gene;
  const QRectF lane = laneRect(context, placed.lane);
  QRectF body = context.column(gene.locus.start, gene.locus.end);
  if (body.width() <= 0) return;
  body.setTop(lane.top());
  body.setHeight(lane.height());
  const Transcript* transcript = shownTranscript(gene);
  if (!transcript || transcript->exons.empty() || body.width() < 4) {
    painter.fillRect(centred(body, exonHeight), colour);
    return;
  }
  QRectF span = context.column(transcript->locus.start, transcript->locus.end);
  span.setTop(lane.top());
  span.setHeight(lane.height());
  painter.fillRect(centred(body, 1), mixed(context.theme.background, colour, 0.45));
  painter.fillRect(centred(span, selected ? 2 : 1.4), colour);
  painter.setRenderHint(QPainter::Antialiasing, true);
  painter.setPen(QPen(colour, 1.2));
  paintChevrons(painter, span, gene.strand);
  painter.setRenderHint(QPainter::Antialiasing, false);
  paintExons(painter, context, *transcript, lane, colour);
}

void GeneRow::paintSymbol(QPainter& painter, const RowContext& context, const Placed& placed) {
  const Gene& gene = *placed.gene;
  const bool selected = isSelected(context, gene);
  const QRectF lane = laneRect(context, placed.lane);
  const double start = context.axis.toPixel(static_cast<double>(gene.locus.start));
  const double end = context.axis.toPixel(static_cast<double>(gene.locus.end));
  const QString symbol = shownSymbol(gene);
  painter.setFont(symbolFont(context, selected));
  painter.setPen(selected ? context.theme.geneSelected : context.theme.text);
  const double width = QFontMetricsF(painter.font()).horizontalAdvance(symbol) + 1;
  double left = start - labelGap - width;
  const bool cutOff = left < context.axis.left();
  if (cutOff) left = context.axis.left() + 4;
  // Not cut off at the right end: SVG has no clipping.
  if (left + width > context.axis.right() || (cutOff && end < left + width / 2)) return;
  const QRectF place(left, lane.top(), width, lane.height());
  // A gene that begins left of the view carries its symbol on its body.
  if (cutOff && start < left + width)
    painter.fillRect(place.adjusted(-4, 2, 4, -2), context.theme.background);
  painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter, symbol);
}

void GeneRow::paintCrowd(QPainter& painter, const RowContext& context, const Packing& packing) {
  const QRectF lanes[] = {laneRect(context, 0), laneRect(context, 1)};
  double drawnTo[] = {-1, -1};
  for (const Placed& placed : packing.genes) {
    const int lane = placed.gene->strand == Strand::Minus ? 1 : 0;
    QRectF body = context.column(placed.gene->locus.start, placed.gene->locus.end);
    const bool selected = isSelected(context, *placed.gene);
    if (body.right() <= drawnTo[lane] && !selected) continue;  // nothing new at this zoom
    body.setTop(lanes[lane].top());
    body.setHeight(lanes[lane].height());
    painter.fillRect(centred(body, exonHeight),
                     selected ? context.theme.geneSelected : context.theme.gene);
    drawnTo[lane] = std::max(drawnTo[lane], body.right());
  }
  painter.setFont(context.smallFont);
  for (const int lane : {0, 1}) {
    painter.setPen(context.theme.mutedText);
    const QRectF place(context.axis.left() + 4, lanes[lane].top(), 18, laneHeight);
    paintLabel(painter, place, lane == 0 ? QStringLiteral("+") : QString(QChar(0x2212)),
               context.theme.background);
  }
}

const Gene* GeneRow::geneAt(const RowContext& context, QPointF place) const {
  if (!context.scene.annotation || !context.plot().contains(place)) return nullptr;
  const Packing packed = packing(context);
  const int lane = static_cast<int>((place.y() - context.rect.top() - margin) / laneHeight);
  constexpr double slack = 3;  // pixels around small genes
  const Gene* best = nullptr;
  for (const Placed& placed : packed.genes) {
    const int own = packed.named ? placed.lane : placed.gene->strand == Strand::Minus ? 1 : 0;
    if (own != lane) continue;
    double left = context.axis.toPixel(static_cast<double>(placed.gene->locus.start)) - slack;
    const double right = context.axis.toPixel(static_cast<double>(placed.gene->locus.end)) + slack;
    if (packed.named) left -= placed.labelWidth + labelGap;
    if (place.x() < left || place.x() > right) continue;
    if (!best || placed.gene->locus.length() < best->locus.length()) best = placed.gene;
  }
  return best;
}

GenomeHit GeneRow::hit(const RowContext& context, QPointF place) const {
  GenomeHit result = GenomeRow::hit(context, place);
  if (const Gene* gene = geneAt(context, place)) {
    result.kind = GenomeHit::Kind::Gene;
    result.geneId = QString::fromStdString(gene->id);
    result.locus = gene->locus;
  }
  return result;
}

QString GeneRow::toolTip(const RowContext& context, QPointF place) const {
  const Gene* gene = geneAt(context, place);
  if (!gene) return {};
  const QString strand = gene->strand == Strand::Plus    ? tr("plus strand")
                         : gene->strand == Strand::Minus ? tr("minus strand")
                                                         : tr("strand unknown");
  QStringList lines{shownSymbol(*gene),
                    QString::fromStdString(locusText(gene->locus)) + QStringLiteral(", ") + strand};
  if (gene->id != gene->symbol) lines.insert(1, QString::fromStdString(printable(gene->id)));
  if (!gene->biotype.empty())
    lines << QString::fromStdString(printable(gene->biotype)).replace('_', ' ');
  if (!gene->description.empty())
    lines << QString::fromStdString(printable(gene->description, 200));
  if (const Transcript* transcript = shownTranscript(*gene))
    lines << (transcript->mane ? tr("Shown: %1 (MANE)") : tr("Shown: %1"))
                 .arg(QString::fromStdString(transcript->id));
  return lines.join('\n');
}

}  // namespace cellocus
