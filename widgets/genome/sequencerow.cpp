// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/sequencerow.h"

#include <algorithm>
#include <cmath>

namespace cellocus {

namespace {

constexpr double lineHeight = 20;

bool showsLetters(const RowContext& context) {
  return context.axis.pixelsPerUnit() >= SequenceRow::letterPixels;
}

bool showsBases(const RowContext& context) {
  return context.axis.pixelsPerUnit() >= SequenceRow::barPixels;
}

QFont letterFont(const RowContext& context) {
  QFont font(QStringLiteral("monospace"));
  font.setStyleHint(QFont::Monospace);
  const double room = context.axis.pixelsPerUnit() * 1.35;
  font.setPixelSize(
      static_cast<int>(std::clamp(room, 9.0, static_cast<double>(context.font.pixelSize()) + 2)));
  font.setBold(true);
  return font;
}

QRectF cellOf(const RowContext& context, const QRectF& line, std::int64_t position) {
  const double left = context.axis.toPixel(static_cast<double>(position));
  return {left, line.top(), context.axis.pixelsPerUnit(), line.height()};
}

}  // namespace

int SequenceRow::height(const RowContext& context) const {
  if (context.scene.contig.empty()) return 0;
  return showsBases(context) ? static_cast<int>(2 * lineHeight) + 8 : 22;
}

QRectF SequenceRow::line(const RowContext& context, int index) {
  return {context.axis.left(), context.rect.top() + 3 + index * (lineHeight + 1),
          context.axis.width(), lineHeight};
}

QRectF SequenceRow::editedCell(const RowContext& context, std::int64_t position) {
  return cellOf(context, line(context, 1), position);
}

void SequenceRow::paint(QPainter& painter, const RowContext& context) const {
  const Locus visible = context.visible();
  if (!showsBases(context)) {
    paintName(painter, context, tr("Sequence"));
    painter.setFont(context.smallFont);
    painter.setPen(context.theme.mutedText);
    painter.drawText(context.plot().adjusted(4, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                     tr("Zoom in to see the bases."));
    return;
  }
  RowContext names = context;
  names.rect.setTop(line(context, 0).top());
  names.rect.setHeight(lineHeight);
  paintName(painter, names, tr("Reference"));
  names.rect.translate(0, lineHeight + 1);
  paintName(painter, names, tr("Edited"));
  if (!context.scene.hasBases(visible)) {
    paintHatch(painter, QRectF(line(context, 0).topLeft(), line(context, 1).bottomRight()),
               context.theme.hatch);
    return;
  }
  painter.save();
  painter.setClipRect(context.plot().toAlignedRect());
  paintReference(painter, context, visible);
  paintEdited(painter, context, visible);
  paintInsertions(painter, context, visible);
  painter.restore();
}

void SequenceRow::paintLetter(QPainter& painter, const RowContext& context, const QRectF& cell,
                              char letter, const QColor& colour) {
  // Letters cut in half would reach into the names where a figure has no clipping.
  if (!context.plot().contains(cell.center())) return;
  if (showsLetters(context)) {
    painter.setPen(colour);
    painter.drawText(cell, Qt::AlignCenter, QString(QLatin1Char(letter)));
  } else {
    painter.fillRect(cell.adjusted(0, 3, -0.3, -3), colour);
  }
}

void SequenceRow::paintReference(QPainter& painter, const RowContext& context, const Locus& locus) {
  painter.setFont(letterFont(context));
  const std::string bases = context.scene.referenceBases(locus);
  for (std::int64_t at = locus.start; at < locus.end; ++at) {
    const char letter = bases[static_cast<std::size_t>(at - locus.start)];
    paintLetter(painter, context, cellOf(context, line(context, 0), at), letter,
                baseColour(letter, context.theme, context.scene.baseColours));
  }
}

void SequenceRow::paintEdited(QPainter& painter, const RowContext& context, const Locus& locus) {
  painter.setFont(letterFont(context));
  const std::string reference = context.scene.referenceBases(locus);
  const std::string edited = context.scene.editedBases(locus);
  for (std::int64_t at = locus.start; at < locus.end; ++at) {
    const auto index = static_cast<std::size_t>(at - locus.start);
    const QRectF cell = cellOf(context, line(context, 1), at);
    const QColor colour = baseColour(edited[index], context.theme, context.scene.baseColours);
    if (edited[index] == reference[index]) {
      // What is as in the reference stands back, so that edits stand out.
      paintLetter(painter, context, cell, edited[index],
                  mixed(colour, context.theme.background, 0.5));
      continue;
    }
    if (!context.plot().contains(cell.center())) continue;
    painter.fillRect(cell.adjusted(0.5, 1, -0.5, -1), context.theme.altLine);
    if (showsLetters(context)) {
      const char letter = edited[index];
      painter.setPen(readableOn(context.theme.altLine));
      painter.drawText(cell, Qt::AlignCenter,
                       letter == '-' ? QString(QChar(0x2013)) : QString(QLatin1Char(letter)));
    }
  }
}

void SequenceRow::paintInsertions(QPainter& painter, const RowContext& context,
                                  const Locus& locus) {
  painter.setRenderHint(QPainter::Antialiasing, true);
  for (const InsertedBases& inserted : context.scene.insertions(locus)) {
    const double x = context.axis.toPixel(static_cast<double>(inserted.before));
    const QRectF area = line(context, 1);
    painter.fillRect(QRectF(x - 1, area.top(), 2, area.height()), context.theme.altLine);
    painter.setPen(Qt::NoPen);
    painter.setBrush(context.theme.altLine);
    const QPointF wedge[] = {{x - 5, area.top() - 3}, {x + 5, area.top() - 3}, {x, area.top() + 4}};
    painter.drawPolygon(wedge, 3);
    painter.setBrush(Qt::NoBrush);
  }
  painter.setRenderHint(QPainter::Antialiasing, false);
}

GenomeHit SequenceRow::hit(const RowContext& context, QPointF place) const {
  GenomeHit result = GenomeRow::hit(context, place);
  if (result.position < 0 || !showsLetters(context)) return result;
  result.kind = GenomeHit::Kind::Base;
  result.variant = context.scene.editAt(result.position);
  return result;
}

QString SequenceRow::toolTip(const RowContext& context, QPointF place) const {
  const GenomeHit here = hit(context, place);
  if (here.position < 0 ||
      !context.scene.hasBases({context.scene.contig, here.position, here.position + 1}))
    return {};
  const Locus base{context.scene.contig, here.position, here.position + 1};
  QStringList lines{tr("%1 at position %2")
                        .arg(QString::fromStdString(context.scene.referenceBases(base)),
                             positionText(here.position))};
  if (here.variant)
    lines << tr("Edited: %1").arg(QString::fromStdString(variantText(*here.variant)));
  for (const InsertedBases& inserted : context.scene.insertions(base))
    if (inserted.before == here.position)
      lines
          << tr("Inserted in front: %1").arg(QString::fromStdString(inserted.bases.substr(0, 60)));
  if (here.kind == GenomeHit::Kind::Base) lines << tr("Click and type A, C, G, T or N to edit.");
  return lines.join('\n');
}

}  // namespace cellocus
