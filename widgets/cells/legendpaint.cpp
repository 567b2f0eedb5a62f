// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "cells/colourbar.h"
#include "cells/legendview.h"
#include "cells/plottext.h"

namespace cellocus {

namespace {

constexpr double swatch = 10, gap = 6, barHeight = 10;

QString grouped(std::int64_t number) {
  return QString::fromStdString(withThousands(number));
}
QString number(double value) {
  return QString::fromStdString(readable(value));
}

/// A row of a painted legend: a coloured square, a name and a number of cells.
struct Entry {
  QColor colour;
  QString name;
  std::int64_t cells;
};

std::vector<Entry> entriesOf(const CellColouring& colouring, const Theme& theme) {
  std::vector<Entry> entries;
  const auto counts = colouring.categoryCounts();
  for (std::size_t i = 0; i < counts.size(); ++i)
    entries.push_back({visibleColour(colouring.colours[i], theme),
                       colouring.categories[static_cast<qsizetype>(i)], counts[i]});
  if (colouring.hasValues() && colouring.zeros == CellColouring::Zeros::Grey)
    entries.push_back({missingColour(theme), LegendView::tr("zero"), colouring.zeroCount()});
  if (const std::int64_t missing = colouring.missingCount(); missing > 0)
    entries.push_back({missingColour(theme), LegendView::tr("no value"), missing});
  return entries;
}

QStringList titleLines(const CellColouring& colouring, const QFontMetricsF& metrics, double width) {
  QStringList lines = twoLines(colouring.title, metrics, width);
  if (!colouring.unit.isEmpty()) lines << colouring.unit;
  return lines;
}

class LegendPainter {
 public:
  LegendPainter(QPainter* painter, const QRectF& area, const Theme& theme, const QFont& font)
      : m_painter(painter),
        m_area(area),
        m_theme(theme),
        m_font(painter ? painter->font() : font),
        m_metrics(metrics(m_font)),
        m_small(metrics(smallFont(m_font))),
        m_y(area.top()) {}

  void heading(const CellColouring& colouring) {
    const QFontMetricsF bold = metrics(titleFont(m_font));
    for (const QString& line : titleLines(colouring, bold, m_area.width())) {
      const bool unit = line == colouring.unit && line != colouring.title;
      text(line, unit ? smallFont(m_font) : titleFont(m_font),
           unit ? m_theme.mutedText : m_theme.text, m_area.left(), m_y + bold.ascent());
      m_y += bold.height();
    }
    m_y += 4;
  }

  void scale(const CellColouring& colouring) {
    const QRectF bar(m_area.left(), m_y, std::min(m_area.width(), 150.0), barHeight);
    if (m_painter) {
      QLinearGradient gradient = scaleGradient(colouring, m_theme);
      gradient.setStart(bar.topLeft());
      gradient.setFinalStop(bar.topRight());
      m_painter->setPen(QPen(m_theme.border, 0.75));
      m_painter->setBrush(gradient);
      m_painter->drawRect(bar);
    }
    const QFont font = smallFont(m_font);
    const QString low = number(colouring.limits.low), high = number(colouring.limits.high);
    const double baseline = bar.bottom() + 3 + m_small.ascent();
    text(low, font, m_theme.text, bar.left(), baseline);
    text(high, font, m_theme.text, bar.right() - m_small.horizontalAdvance(high), baseline);
    if (colouring.kind == CellColouring::Kind::Diverging)
      text(QStringLiteral("0"), font, m_theme.text,
           bar.center().x() - m_small.horizontalAdvance(QLatin1Char('0')) / 2, baseline);
    m_y = bar.bottom() + 3 + m_small.height() + 6;
  }

  void entries(const std::vector<Entry>& all) {
    const double row = m_metrics.height() + 3;
    const auto room = static_cast<std::size_t>(std::max(1.0, (m_area.bottom() - m_y) / row));
    const std::size_t shown = m_painter && all.size() > room ? room - 1 : all.size();
    for (std::size_t i = 0; i < shown; ++i, m_y += row) entry(all[i]);
    if (shown == all.size()) return;
    text(LegendView::tr("and %1 more").arg(all.size() - shown), smallFont(m_font),
         m_theme.mutedText, m_area.left() + swatch + gap, m_y + m_metrics.ascent());
    m_y += row;
  }

  double height() const { return m_y - m_area.top(); }

 private:
  QFontMetricsF metrics(const QFont& font) const {
    return m_painter ? metricsOf(*m_painter, font) : QFontMetricsF(font);
  }

  void text(const QString& what, const QFont& font, const QColor& colour, double x,
            double baseline) const {
    if (!m_painter) return;
    m_painter->setFont(font);
    m_painter->setPen(colour);
    m_painter->drawText(QPointF(x, baseline), what);
  }

  void entry(const Entry& one) const {
    if (!m_painter) return;
    const double middle = m_y + m_metrics.height() / 2;
    m_painter->setPen(Qt::NoPen);
    m_painter->setBrush(one.colour);
    m_painter->drawRoundedRect(QRectF(m_area.left(), middle - swatch / 2, swatch, swatch), 2, 2);
    const QString count = grouped(one.cells);
    const double countWidth = m_small.horizontalAdvance(count);
    const double nameX = m_area.left() + swatch + gap;
    text(m_metrics.elidedText(one.name, Qt::ElideRight, m_area.right() - countWidth - gap - nameX),
         m_font, m_theme.text, nameX, m_y + m_metrics.ascent());
    text(count, smallFont(m_font), m_theme.mutedText, m_area.right() - countWidth,
         m_y + m_metrics.ascent());
  }

  QPainter* m_painter;
  QRectF m_area;
  const Theme& m_theme;
  QFont m_font;
  QFontMetricsF m_metrics, m_small;
  double m_y;
};

}  // namespace

double LegendView::paint(QPainter* painter, const QRectF& area, const CellColouring& colouring,
                         const Theme& theme, const QFont& font) {
  if (colouring.kind == CellColouring::Kind::None) return 0;
  if (painter) painter->save();
  LegendPainter legend(painter, area, theme, font);
  legend.heading(colouring);
  if (colouring.hasValues()) legend.scale(colouring);
  legend.entries(entriesOf(colouring, theme));
  if (painter) painter->restore();
  return legend.height();
}

double LegendView::preferredWidth(const CellColouring& colouring, const QFont& font, double most) {
  if (colouring.kind == CellColouring::Kind::None) return 0;
  const QFontMetricsF metrics(font), bold(titleFont(font)), small(smallFont(font));
  double width = colouring.hasValues() ? 130 : 0;
  width = std::max({width, std::min(bold.horizontalAdvance(colouring.title), 150.0),
                    small.horizontalAdvance(colouring.unit)});
  for (const Entry& entry : entriesOf(colouring, Theme::light()))
    width = std::max(width, swatch + gap + metrics.horizontalAdvance(entry.name) + 2 * gap +
                                small.horizontalAdvance(grouped(entry.cells)));
  return std::min(std::ceil(width), most);
}

}  // namespace cellocus
