// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/genomepainting.h"

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>

#include "genome/sequencerow.h"

namespace cellocus {

namespace {

struct Texts {
  Q_DECLARE_TR_FUNCTIONS(GenomeView)
};

void paintGround(QPainter& painter, const RowContext& context) {
  painter.fillRect(context.rect, context.theme.background);
  QRectF gutter = context.rect;
  gutter.setRight(context.axis.left());
  painter.fillRect(gutter, context.theme.panel);
  painter.fillRect(QRectF(gutter.right() - 1, gutter.top(), 1, gutter.height()),
                   context.theme.border);
}

void paintPinnedBin(QPainter& painter, const RowContext& context) {
  const ModelWindow* window = context.scene.windowHere();
  if (!window || context.scene.pinnedBin < 0 || context.scene.pinnedBin >= window->binCount())
    return;
  const Locus bin = window->bin(context.scene.pinnedBin);
  const QRectF column = context.column(bin.start, bin.end);
  if (column.width() <= 0) return;
  QColor fill = context.theme.accent;
  fill.setAlpha(column.width() > context.axis.width() / 4 ? 14 : 36);
  painter.fillRect(column, fill);
  // Narrow bins are a line, through which the values can still be seen, wide ones a band with
  // edges.
  QColor edge = context.theme.accent;
  edge.setAlpha(170);
  const auto line = [&](double x) {
    painter.fillRect(QRectF(std::round(x), column.top(), 1, column.height()), edge);
  };
  if (column.width() < 4) {
    line(column.center().x());
    return;
  }
  line(column.left());
  line(column.right() - 1);
}

void paintSelection(QPainter& painter, const RowContext& context) {
  const auto& selection = context.scene.selection;
  if (!selection || selection->contig != context.scene.contig) return;
  const QRectF column = context.column(selection->start, selection->end);
  if (column.width() <= 0) return;
  painter.fillRect(column, context.theme.selection);
  QColor edge = context.theme.accent;
  edge.setAlpha(140);
  painter.fillRect(QRectF(column.left(), column.top(), 1, column.height()), edge);
  painter.fillRect(QRectF(column.right() - 1, column.top(), 1, column.height()), edge);
}

void paintNote(QPainter& painter, const RowContext& context, const StateNote& note) {
  if (note.text.isEmpty()) return;
  painter.setRenderHint(QPainter::Antialiasing, true);
  painter.setPen(QPen(note.colour, 1));
  painter.setBrush(mixed(context.theme.background, note.colour, 0.06));
  painter.drawRoundedRect(note.box, 4, 4);
  painter.setBrush(Qt::NoBrush);
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setFont(context.font);
  painter.setPen(note.colour);
  const QRectF inside = note.box.adjusted(10, 0, -10, 0);
  painter.drawText(
      inside, Qt::AlignCenter,
      QFontMetricsF(context.font).elidedText(note.text, Qt::ElideRight, inside.width() + 1));
}

/// What grey and colour mean, at the right end of the first track.
void paintLegend(QPainter& painter, const RowContext& context, const RowPlaces& places,
                 const StateNote& note) {
  const GenomeScene& scene = context.scene;
  if (!scene.reference && !scene.edited) return;
  const auto first =
      std::find_if(places.rows.begin(), places.rows.end(),
                   [&](const PlacedRow& placed) { return placed.row->track(scene) >= 0; });
  if (first == places.rows.end() ||
      !places.scrolled.contains(first->rect.topRight() - QPointF(1, -1)))
    return;
  struct Entry {
    QString text;
    QColor colour;
  };
  const bool difference = scene.display == DisplayMode::Difference;
  const Theme& theme = context.theme;
  std::vector<Entry> entries;
  if (difference)
    entries = {{Texts::tr("ALT lower"), divergingColour(-1, theme)},
               {Texts::tr("ALT higher"), divergingColour(1, theme)}};
  const bool rough = scene.reference && scene.reference->precision != Precision::Float32;
  if (!difference && scene.display != DisplayMode::Alternative)
    entries.push_back(
        {rough ? Texts::tr("REF (bfloat16, rough)") : Texts::tr("REF"), theme.refLine});
  if (!difference && scene.display != DisplayMode::Reference && !scene.haplotype.isReference())
    entries.push_back({Texts::tr("ALT"), theme.altLine});

  const QFontMetricsF metrics(context.smallFont);
  constexpr double swatch = 8, gap = 4, between = 12;
  double width = 0;
  for (const Entry& entry : entries)
    width += swatch + gap + metrics.horizontalAdvance(entry.text) + between;
  const QRectF box(context.axis.right() - width, first->rect.top() + 3, width, metrics.height());
  if (box.left() < context.axis.left() + 60 || note.box.intersects(box)) return;
  painter.fillRect(box.adjusted(-4, 0, 0, 0), theme.background);
  painter.setFont(context.smallFont);
  double x = box.left();
  for (const Entry& entry : entries) {
    painter.fillRect(QRectF(x, box.center().y() - swatch / 2, swatch, swatch), entry.colour);
    x += swatch + gap;
    painter.setPen(theme.mutedText);
    const double advance = metrics.horizontalAdvance(entry.text);
    painter.drawText(QRectF(x, box.top(), advance + 1, box.height()),
                     Qt::AlignLeft | Qt::AlignVCenter, entry.text);
    x += advance + between;
  }
}

void paintNoGenome(QPainter& painter, const RowContext& context) {
  painter.fillRect(context.rect, context.theme.background);
  painter.setFont(context.font);
  painter.setPen(context.theme.mutedText);
  painter.drawText(context.rect, Qt::AlignCenter, Texts::tr("No genome. Open a FASTA file."));
}

/// What there is to say about the predictions.
StateNote noteText(const RowContext& context) {
  const GenomeScene& scene = context.scene;
  const Theme& theme = context.theme;
  const QString more = scene.message.isEmpty() ? QString() : QStringLiteral("  ") + scene.message;
  switch (scene.state) {
    case PredictionState::Empty:
      return {
          Texts::tr("No prediction here yet. Predict (Ctrl+R)") + more, {}, theme.mutedText, true};
    case PredictionState::Computing:
      return {Texts::tr("Predicting…") + more, {}, theme.accent, false};
    case PredictionState::OutOfDate:
      return {Texts::tr("Out of date. Predict again (Ctrl+R)") + more, {}, theme.warning, true};
    case PredictionState::Failed:
      return {Texts::tr("Prediction failed. Try again (Ctrl+R)") + more, {}, theme.error, true};
    case PredictionState::Ready:
      break;
  }
  if (scene.tracks.empty()) return {Texts::tr("No tracks chosen."), {}, theme.mutedText, false};
  if (scene.display == DisplayMode::Difference && scene.haplotype.isReference())
    return {Texts::tr("No edits: nothing differs from the reference."), {}, theme.mutedText, false};
  return {};
}

}  // namespace

double gutterWidth(double width) {
  return std::floor(std::clamp(width * 0.19, 0.0, 140.0));
}

StateNote stateNote(const RowContext& context, const RowPlaces& places) {
  StateNote note = noteText(context);
  QRectF area;
  for (const PlacedRow& placed : places.rows)
    if (placed.row->stretch() > 0) area |= placed.rect & places.scrolled;
  area.setLeft(context.axis.left());
  area.setRight(context.axis.right());
  const double height = QFontMetricsF(context.font).height() + 10;
  if (note.text.isEmpty() || area.height() < height || area.width() < 60) return {};
  const double width =
      std::min(area.width() - 16, QFontMetricsF(context.font).horizontalAdvance(note.text) + 24);
  note.box = QRectF(0, 0, std::floor(width), std::floor(height));
  // In the middle where it covers nothing, at the top edge where values are shown.
  const bool nothingShown = !context.scene.reference && !context.scene.edited;
  note.box.moveCenter(area.center());
  note.box.moveTop(std::round(nothingShown ? area.center().y() - height / 2 : area.top() + 5) +
                   0.5);
  note.box.moveLeft(std::round(note.box.left()) + 0.5);
  return note;
}

void paintGenome(QPainter& painter, const RowContext& context, const RowPlaces& places) {
  if (context.scene.contig.empty()) {
    paintNoGenome(painter, context);
    return;
  }
  paintGround(painter, context);
  RowContext rowContext = context;
  for (const bool scrolling : {true, false})
    for (const PlacedRow& placed : places.rows) {
      if (placed.scrolls != scrolling || placed.rect.height() <= 0) continue;
      if (scrolling && !placed.rect.intersects(places.scrolled)) continue;
      rowContext.rect = placed.rect;
      painter.save();
      // Whole pixels: a clip rectangle of fractions is slow.
      painter.setClipRect(
          (scrolling ? placed.rect & places.scrolled : placed.rect).toAlignedRect());
      placed.row->paint(painter, rowContext);
      painter.restore();
    }
  painter.fillRect(QRectF(context.rect.left(), places.scrolled.top() - 1, context.rect.width(), 1),
                   context.theme.border);
  // What crosses the rows begins below the overview, whose axis is another, and leaves out what has
  // labels.
  RowContext crossing = context;
  crossing.rect.setTop(places.rows.front().rect.bottom());
  paintSelection(painter, crossing);
  crossing.rect = places.scrolled;
  paintPinnedBin(painter, crossing);
  crossing.rect = places.rows.back().rect;
  if (context.axis.pixelsPerUnit() >= SequenceRow::barPixels) paintPinnedBin(painter, crossing);
  const StateNote note = stateNote(context, places);
  paintLegend(painter, context, places, note);
  paintNote(painter, context, note);
}

}  // namespace cellocus
