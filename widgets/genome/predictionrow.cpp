// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/predictionrow.h"

#include <QFontMetricsF>
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "genome/tracksteps.h"
#include "plot/ticks.h"

namespace cellocus {

namespace {

constexpr double padding = 4;

/// Values onto the pixels of a row.
struct ValueAxis {
  ValueRange range;
  double top = 0, bottom = 0;

  double pixel(double value) const {
    const double part = (value - range.low) / (range.high - range.low);
    return bottom - std::clamp(part, 0.0, 1.0) * (bottom - top);
  }
};

ValueAxis valueAxis(const RowContext& context, std::size_t index) {
  const ValueRange range = index < context.scales.size() ? context.scales[index] : ValueRange{};
  return {range, context.rect.top() + padding, context.rect.bottom() - padding};
}

/// Results of another sequence than the one asked for must not look like an answer.
bool isDimmed(const GenomeScene& scene) {
  return scene.state == PredictionState::Computing || scene.state == PredictionState::OutOfDate ||
         scene.state == PredictionState::Failed;
}

QColor dimmed(const RowContext& context, const QColor& colour) {
  return isDimmed(context.scene) ? mixed(colour, context.theme.background, 0.6) : colour;
}

/// Bars overlap by a little, or viewers of the figure show seams between them.
void fillBar(QPainter& painter, double left, double right, double from, double to,
             const QColor& colour) {
  if (from == to) return;
  painter.fillRect(QRectF(left, std::min(from, to), right - left + 0.3, std::abs(to - from)),
                   colour);
}

void paintFilled(QPainter& painter, const ValueAxis& axis, const std::vector<TrackStep>& steps,
                 float TrackStep::*value, const QColor& colour) {
  const double zero = axis.pixel(0);
  for (const TrackStep& step : steps)
    if (!std::isnan(step.*value))
      fillBar(painter, step.left, step.right, zero, axis.pixel(step.*value), colour);
}

/// The edited sequence as a line: in its own colour where it differs from the reference by
/// something that can be seen, else in the reference's.
void paintEditedLine(QPainter& painter, const ValueAxis& axis, const std::vector<TrackStep>& steps,
                     const QColor& own, const QColor& same) {
  constexpr double width = 1.5, visible = 0.5;
  double previous = std::nan("");
  for (const TrackStep& step : steps) {
    const double y = std::isnan(step.edited) ? std::nan("") : axis.pixel(step.edited);
    const bool differs = !(std::abs(y - axis.pixel(step.reference)) < visible);
    const QColor& colour = differs ? own : same;
    if (!std::isnan(y))
      painter.fillRect(QRectF(step.left, y - width / 2, step.right - step.left + 0.3, width),
                       colour);
    if (std::abs(previous - y) > width)
      painter.fillRect(
          QRectF(step.left - width / 2, std::min(previous, y), width, std::abs(previous - y)),
          colour);
    previous = y;
  }
}

void paintDifference(QPainter& painter, const RowContext& context, const ValueAxis& axis,
                     const std::vector<TrackStep>& steps) {
  const double zero = axis.pixel(0);
  std::array<QRgb, 256> colours = divergingTable(context.theme);
  if (isDimmed(context.scene))
    for (QRgb& colour : colours) colour = mixed(colour, context.theme.background, 0.6).rgb();
  for (const TrackStep& step : steps) {
    if (std::isnan(step.difference) || step.difference == 0) continue;
    // Never paler than half, or small effects would vanish on the neutral ground.
    const double strength = 0.5 + 0.5 * std::min(1.0, std::abs(step.difference) / axis.range.high);
    const double place = 127.5 * (1 + (step.difference < 0 ? -strength : strength));
    fillBar(painter, step.left, step.right, zero, axis.pixel(step.difference),
            colours[static_cast<std::size_t>(place)]);
  }
}

void paintValues(QPainter& painter, const RowContext& context, const ValueAxis& axis,
                 const TrackRow& row) {
  const auto steps = trackSteps(context.scene, row.track, context.axis);
  const Theme& theme = context.theme;
  const QColor alternative = dimmed(context, row.colour.isValid() ? row.colour : theme.altLine);
  switch (context.scene.display) {
    case DisplayMode::Reference:
      paintFilled(painter, axis, steps, &TrackStep::reference, dimmed(context, theme.refLine));
      break;
    case DisplayMode::Alternative:
      paintFilled(painter, axis, steps, &TrackStep::edited, alternative);
      break;
    case DisplayMode::Both:
      paintFilled(painter, axis, steps, &TrackStep::reference, dimmed(context, theme.refFill));
      if (!context.scene.haplotype.isReference())
        paintEditedLine(painter, axis, steps, alternative, dimmed(context, theme.refLine));
      break;
    case DisplayMode::Difference:
      paintDifference(painter, context, axis, steps);
      break;
  }
}

/// Hatch where the model says nothing, and everywhere it has not answered yet.
void paintUnknown(QPainter& painter, const RowContext& context) {
  const ModelWindow* window = context.scene.windowHere();
  const QRectF plot = context.plot();
  const bool nothingYet = !context.scene.reference && !context.scene.edited;
  if (!window || nothingYet) {
    paintHatch(painter, plot, context.theme.hatch);
    return;
  }
  const QRectF known = context.column(window->predicted.start, window->predicted.end);
  paintHatch(painter, QRectF(plot.topLeft(), QPointF(known.left(), plot.bottom())),
             context.theme.hatch);
  paintHatch(painter, QRectF(QPointF(known.right(), plot.top()), plot.bottomRight()),
             context.theme.hatch);
  if (context.scene.state == PredictionState::Computing)
    paintHatch(painter, known, context.theme.hatch);
}

void paintScale(QPainter& painter, const RowContext& context, const ValueAxis& axis) {
  painter.setFont(context.smallFont);
  const double height = QFontMetricsF(context.smallFont).height() - 2;
  const auto label = [&](double value, double top) {
    const QString text = valueText(value);
    const double width = QFontMetricsF(context.smallFont).horizontalAdvance(text) + 6;
    painter.setPen(context.theme.mutedText);
    paintLabel(painter, QRectF(context.axis.left() + 2, top, width, height), text,
               context.theme.background);
  };
  label(axis.range.high, context.rect.top() + 2);
  if (axis.range.low < 0) label(axis.range.low, context.rect.bottom() - height - 2);
  const double zero = axis.pixel(0);
  const double top = std::min(zero - (axis.range.low < 0 ? height / 2 : height),
                              context.rect.bottom() - height - 1);
  if (context.rect.height() >= 3 * height) label(0, top);
}

void extend(ValueRange& range, const GenomeScene& scene, const TrackStep& step) {
  const auto include = [&range](float value) {
    if (!std::isfinite(value)) return;
    range.low = std::min<double>(range.low, value);
    range.high = std::max<double>(range.high, value);
  };
  if (scene.display == DisplayMode::Difference) {
    include(step.difference);
    return;
  }
  if (scene.display != DisplayMode::Alternative) include(step.reference);
  if (scene.display != DisplayMode::Reference) include(step.edited);
}

/// From what occurs to what an axis ends at.
ValueRange rounded(const ValueRange& range, DisplayMode display) {
  if (display == DisplayMode::Difference) {
    const double end = niceCeiling(std::max(-range.low, range.high));
    return {-end, end};
  }
  return {range.low < 0 ? -niceCeiling(-range.low) : 0, niceCeiling(range.high)};
}

}  // namespace

std::vector<ValueRange> trackScales(const GenomeScene& scene, const Locus& visible) {
  std::vector<ValueRange> scales(scene.tracks.size(), ValueRange{0, 0});
  // So many pixels that bins are not pooled: only the extremes are asked for.
  const Viewport axis(static_cast<double>(visible.start), static_cast<double>(visible.end), 0, 1e9);
  std::map<QString, ValueRange> ofUnit;
  for (std::size_t i = 0; i < scales.size(); ++i) {
    for (const TrackStep& step : trackSteps(scene, scene.tracks[i].track, axis))
      extend(scales[i], scene, step);
    ValueRange& group = ofUnit.try_emplace(scene.tracks[i].unit, ValueRange{0, 0}).first->second;
    group = {std::min(group.low, scales[i].low), std::max(group.high, scales[i].high)};
  }
  for (std::size_t i = 0; i < scales.size(); ++i)
    scales[i] = rounded(scene.scale == ScaleMode::Group ? ofUnit[scene.tracks[i].unit] : scales[i],
                        scene.display);
  return scales;
}

int PredictionRow::height(const RowContext&) const {
  return 46;
}

void PredictionRow::paint(QPainter& painter, const RowContext& context) const {
  const TrackRow& row = context.scene.tracks[m_index];
  const ValueAxis axis = valueAxis(context, m_index);
  paintUnknown(painter, context);
  paintValues(painter, context, axis, row);
  const double zero = std::round(axis.pixel(0));
  painter.fillRect(QRectF(context.axis.left(), zero, context.axis.width(), 1), context.theme.axis);
  if (context.scene.reference || context.scene.edited) paintScale(painter, context, axis);
  painter.fillRect(QRectF(context.rect.left(), context.rect.bottom() - 1, context.rect.width(), 1),
                   context.theme.grid);
  paintName(painter, context, row.name, row.unit);
}

GenomeHit PredictionRow::hit(const RowContext& context, QPointF place) const {
  GenomeHit result = GenomeRow::hit(context, place);
  result.track = context.scene.tracks[m_index].track;
  if (result.bin >= 0) result.kind = GenomeHit::Kind::Bin;
  return result;
}

QString PredictionRow::toolTip(const RowContext& context, QPointF place) const {
  const TrackRow& row = context.scene.tracks[m_index];
  const QString unit = row.unit.isEmpty() ? tr("the unit the model was trained on") : row.unit;
  QStringList lines{row.name};
  const GenomeHit here = hit(context, place);
  const ModelWindow* window = context.scene.windowHere();
  if (here.bin >= 0 && window) {
    lines << tr("bin %1, %2")
                 .arg(here.bin)
                 .arg(QString::fromStdString(locusText(window->bin(here.bin))));
    for (const GenomeReadout::Value& value : context.scene.readout(here.position).values) {
      if (value.track != row.track) continue;
      const double difference = value.edited - value.reference;
      lines << (std::isnan(value.edited)
                    ? tr("REF %1").arg(valueText(value.reference))
                    : tr("REF %1   ALT %2   Δ %3")
                          .arg(valueText(value.reference), valueText(value.edited),
                               valueText(difference)));
    }
  } else if (here.position >= 0) {
    lines << tr("Outside the range that the model predicts.");
  }
  lines << tr("Unit: %1").arg(unit) << tr("Δ = ALT − REF, in the track's unit");
  if (context.scene.haplotype.hasIndelWithin(
          {context.scene.contig, 0, context.scene.contigLength()}))
    lines << tr("Inserted bases: the largest of their bins. Deleted bases: no value.");
  return lines.join('\n');
}

int NoTracksRow::height(const RowContext&) const {
  return 72;
}

void NoTracksRow::paint(QPainter& painter, const RowContext& context) const {
  paintHatch(painter, context.plot(), context.theme.hatch);
  paintName(painter, context, tr("Predicted tracks"));
}

}  // namespace cellocus
