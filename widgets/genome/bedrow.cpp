// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/bedrow.h"

#include <QFontMetricsF>
#include <algorithm>

#include "base/text.h"

namespace cellocus {

namespace {

constexpr double barHeight = 9;

QString shownName(const BedTrack::Feature& feature) {
  return feature.name.empty() || feature.name == "."
             ? QString()
             : QString::fromStdString(printable(feature.name, 40));
}

}  // namespace

int BedTrackRow::height(const RowContext& context) const {
  return QFontMetricsF(context.smallFont).height() > 18 ? 26 : 22;
}

void BedTrackRow::paint(QPainter& painter, const RowContext& context) const {
  const BedRow& row = context.scene.beds[m_index];
  paintName(painter, context, row.name);
  const QColor colour = mixed(context.theme.gene, context.theme.background, 0.15);
  const QFontMetricsF metrics(context.smallFont);
  painter.setFont(context.smallFont);
  painter.save();
  painter.setClipRect(context.plot().toAlignedRect());
  const auto features = row.track->overlapping(context.visible());
  double drawnTo = -1;
  for (std::size_t i = 0; i < features.size(); ++i) {
    QRectF bar = context.column(features[i]->locus.start, features[i]->locus.end);
    if (bar.right() <= drawnTo) continue;  // nothing new at this zoom
    bar.setWidth(std::max(1.5, bar.width()));
    bar.setTop(context.rect.center().y() - barHeight / 2);
    bar.setHeight(barHeight);
    painter.fillRect(bar, colour);
    drawnTo = bar.right();
    const QString name = shownName(*features[i]);
    const double free =
        i + 1 < features.size()
            ? context.axis.toPixel(static_cast<double>(features[i + 1]->locus.start)) - bar.right()
            : context.axis.right() - bar.right();
    const double width = metrics.horizontalAdvance(name);
    if (name.isEmpty() || width + 12 > free) continue;
    painter.setPen(context.theme.mutedText);
    painter.drawText(QRectF(bar.right() + 4, context.rect.top(), width + 1, context.rect.height()),
                     Qt::AlignLeft | Qt::AlignVCenter, name);
  }
  painter.restore();
  painter.fillRect(QRectF(context.rect.left(), context.rect.bottom() - 1, context.rect.width(), 1),
                   context.theme.grid);
}

const BedTrack::Feature* BedTrackRow::featureAt(const RowContext& context, QPointF place) const {
  const GenomeHit here = GenomeRow::hit(context, place);
  if (here.position < 0) return nullptr;
  const auto slack = static_cast<std::int64_t>(2 / context.axis.pixelsPerUnit());
  const Locus near{context.scene.contig, std::max<std::int64_t>(0, here.position - slack),
                   here.position + slack + 1};
  const auto found = context.scene.beds[m_index].track->overlapping(near);
  const auto smallest =
      std::min_element(found.begin(), found.end(), [](const auto* one, const auto* other) {
        return one->locus.length() < other->locus.length();
      });
  return smallest == found.end() ? nullptr : *smallest;
}

GenomeHit BedTrackRow::hit(const RowContext& context, QPointF place) const {
  GenomeHit result = GenomeRow::hit(context, place);
  if (const BedTrack::Feature* feature = featureAt(context, place)) {
    result.kind = GenomeHit::Kind::Bed;
    result.locus = feature->locus;
    result.name = shownName(*feature);
  }
  return result;
}

QString BedTrackRow::toolTip(const RowContext& context, QPointF place) const {
  const BedRow& row = context.scene.beds[m_index];
  if (place.x() < context.axis.left())
    return row.name +
           tr("\n%n interval(s) in %1", nullptr, static_cast<int>(row.track->features().size()))
               .arg(QString::fromStdString(row.track->path().filename().string()));
  const BedTrack::Feature* feature = featureAt(context, place);
  if (!feature) return {};
  QStringList lines;
  if (const QString name = shownName(*feature); !name.isEmpty()) lines << name;
  lines << QString::fromStdString(locusText(feature->locus));
  if (feature->score != 0) lines << tr("Score %1").arg(valueText(feature->score));
  return lines.join('\n');
}

}  // namespace cellocus
