// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "plot/palette.h"

QT_BEGIN_NAMESPACE
class QAbstractAxis;
class QChart;
class QChartView;
class QFont;
class QValueAxis;
class QWidget;
QT_END_NAMESPACE

namespace cellocus {

/// Gives a chart the look of the program's own plots: background, fonts, thin grid, muted axes.
/// Call it after series and axes were added, and again when the theme changes. Colours of series
/// are left alone.
void styleChart(QChart& chart, const Theme& theme);
void styleAxis(QAbstractAxis& axis, const Theme& theme);

/// The program's type scale: axis labels in the small font, titles in the font itself.
void useFonts(QChart& chart, const QFont& font);
/// Shows low..high with about `ticks` labels at round numbers.
void showRange(QValueAxis& axis, double low, double high, int ticks);

/// A view of a chart, antialiased, reachable by Tab and named for screen readers. It owns the
/// chart.
QChartView* makeChartView(QChart* chart, const QString& accessibleName, QWidget* parent);

}  // namespace cellocus
