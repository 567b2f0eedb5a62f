// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/editrow.h"

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>

namespace cellocus {

namespace {

QString basesText(const std::string& bases) {
  constexpr std::size_t longest = 6;
  return bases.size() <= longest ? QString::fromStdString(bases)
                                 : QStringLiteral("%1 bp").arg(bases.size());
}

}  // namespace

QString shortEditText(const Variant& edit) {
  if (edit.ref.empty()) return QStringLiteral("+") + basesText(edit.alt);
  if (edit.alt.empty()) return QStringLiteral("del ") + QString::number(edit.ref.size());
  return basesText(edit.ref) + QStringLiteral(">") + basesText(edit.alt);
}

int EditRow::height(const RowContext& context) const {
  return context.scene.contig.empty() ? 0 : 24;
}

std::vector<EditRow::Flag> EditRow::flags(const RowContext& context) {
  std::vector<Flag> result;
  const QFontMetricsF metrics(context.smallFont);
  const auto middle = [&](const Locus& locus) {
    return context.axis.toPixel(
        (static_cast<double>(locus.start) + static_cast<double>(locus.end)) / 2);
  };
  const auto place = [&](Flag& flag) {
    const double width = metrics.horizontalAdvance(flag.label) + 12;
    const double left = std::clamp(middle(flag.locus) - width / 2, context.axis.left(),
                                   std::max(context.axis.left(), context.axis.right() - width));
    flag.box = QRectF(left, context.rect.top() + 3, width, context.rect.height() - 8);
  };
  for (const Variant& edit : context.scene.editsIn(context.visible())) {
    Flag flag{{edit}, shortEditText(edit), {edit.contig, edit.start, edit.end()}, {}};
    const double x = middle(flag.locus);
    if (x < context.axis.left() || x > context.axis.right()) continue;
    place(flag);
    // Flags that would cover each other become one.
    while (!result.empty() && flag.box.left() < result.back().box.right() + 3) {
      Flag& before = result.back();
      flag.edits.insert(flag.edits.begin(), before.edits.begin(), before.edits.end());
      flag.locus.start = before.locus.start;
      flag.label = tr("%1 edits").arg(flag.edits.size());
      result.pop_back();
      place(flag);
    }
    result.push_back(flag);
  }
  return result;
}

void EditRow::paint(QPainter& painter, const RowContext& context) const {
  const auto& edits = context.scene.haplotype.variants();
  const auto here = std::count_if(edits.begin(), edits.end(), [&](const Variant& edit) {
    return edit.contig == context.scene.contig;
  });
  paintName(painter, context, here == 0 ? tr("Edits") : tr("Edits (%1)").arg(here));
  painter.fillRect(QRectF(context.rect.left(), context.rect.top(), context.rect.width(), 1),
                   context.theme.border);
  if (here == 0) {
    painter.setFont(context.smallFont);
    painter.setPen(context.theme.mutedText);
    const QString text = tr("None. Zoom in to the bases, click one and type.");
    const QRectF place = context.plot().adjusted(4, 0, 0, 0);
    painter.drawText(
        place, Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetricsF(context.smallFont).elidedText(text, Qt::ElideRight, place.width()));
    return;
  }
  for (const Flag& flag : flags(context)) paintFlag(painter, context, flag);
}

void EditRow::paintFlag(QPainter& painter, const RowContext& context, const Flag& flag) {
  const QColor colour = context.theme.altLine;
  painter.setRenderHint(QPainter::Antialiasing, true);
  painter.setPen(Qt::NoPen);
  painter.setBrush(colour);
  const double bottom = context.rect.bottom();
  for (const Variant& edit : flag.edits) {
    const double x = context.axis.toPixel(
        (static_cast<double>(edit.start) + static_cast<double>(edit.end())) / 2);
    const QPointF pointer[] = {{x - 3.5, bottom - 5}, {x + 3.5, bottom - 5}, {x, bottom}};
    painter.drawPolygon(pointer, 3);
  }
  painter.drawRoundedRect(flag.box, 3, 3);
  painter.setBrush(Qt::NoBrush);
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setFont(context.smallFont);
  painter.setPen(readableOn(colour));
  painter.drawText(flag.box, Qt::AlignCenter, flag.label);
}

GenomeHit EditRow::hit(const RowContext& context, QPointF place) const {
  GenomeHit result = GenomeRow::hit(context, place);
  for (const Flag& flag : flags(context)) {
    if (!flag.box.adjusted(-2, -3, 2, 5).contains(place)) continue;
    result.kind = GenomeHit::Kind::Edit;
    result.locus = flag.locus;
    result.variant = *std::min_element(
        flag.edits.begin(), flag.edits.end(), [&](const Variant& one, const Variant& other) {
          return std::abs(one.start - result.position) < std::abs(other.start - result.position);
        });
  }
  return result;
}

QString EditRow::toolTip(const RowContext& context, QPointF place) const {
  const GenomeHit here = hit(context, place);
  if (!here.variant) return {};
  QString text = QString::fromStdString(variantText(*here.variant));
  const std::int64_t change = here.variant->lengthChange();
  if (change != 0)
    text +=
        change > 0
            ? tr("\nThe sequence becomes %n base(s) longer.", nullptr, static_cast<int>(change))
            : tr("\nThe sequence becomes %n base(s) shorter.", nullptr, static_cast<int>(-change));
  return text + tr("\nCtrl+Backspace restores the reference under the caret.");
}

}  // namespace cellocus
