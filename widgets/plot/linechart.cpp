// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/linechart.h"

#include <QChart>
#include <QChartView>
#include <QHelpEvent>
#include <QLabel>
#include <QLegend>
#include <QLineSeries>
#include <QPainter>
#include <QStackedLayout>
#include <QTextDocument>
#include <QToolTip>
#include <QVBoxLayout>
#include <QValueAxis>
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "plot/chart.h"

namespace cellocus {

struct LineChart::Parts {
  std::vector<Curve> curves;
  std::vector<QLineSeries*> lines;
  std::optional<double> marked;
  QString markedName;
  QLineSeries* mark = nullptr;
  QValueAxis *x = nullptr, *y = nullptr;
  QChartView* view = nullptr;
  QLabel *legend = nullptr, *message = nullptr;
  QWidget* chartPage = nullptr;
  QStackedLayout* pages = nullptr;
};

namespace {

/// One entry of the legend, which wraps where Qt Charts' own cuts names off.
QString legendEntry(const QColor& colour, const QString& stroke, const QString& name) {
  return QStringLiteral(
             "<span style=\"white-space:nowrap\"><span style=\"color:%1\">%2</span> %3</span>")
      .arg(colour.name(), stroke, name.toHtmlEscaped());
}

QString numeral(double value) {
  return QString::fromStdString(readable(value, 4));
}

QList<QPointF> finitePoints(const QList<QPointF>& points) {
  QList<QPointF> finite;
  for (const QPointF& point : points)
    if (std::isfinite(point.y())) finite << point;
  return finite;
}

}  // namespace

LineChart::LineChart(const QString& xName, const QString& yName, QWidget* parent)
    : QWidget(parent), m(std::make_unique<Parts>()) {
  buildChart(xName, yName);
  m->message = new QLabel(this);
  m->message->setTextFormat(Qt::PlainText);
  m->message->setAlignment(Qt::AlignCenter);
  m->message->setWordWrap(true);
  m->message->setForegroundRole(QPalette::PlaceholderText);
  m->chartPage = new QWidget(this);
  auto* column = new QVBoxLayout(m->chartPage);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(m->legend);
  column->addWidget(m->view, 1);
  m->pages = new QStackedLayout(this);
  m->pages->addWidget(m->chartPage);
  m->pages->addWidget(m->message);
  m->pages->setCurrentWidget(m->message);
  restyle();
}

LineChart::~LineChart() = default;

void LineChart::buildChart(const QString& xName, const QString& yName) {
  auto* chart = new QChart;
  m->x = new QValueAxis(chart);
  m->y = new QValueAxis(chart);
  m->x->setTitleText(xName);
  m->y->setTitleText(yName);
  chart->addAxis(m->x, Qt::AlignBottom);
  chart->addAxis(m->y, Qt::AlignLeft);
  m->mark = new QLineSeries(chart);
  chart->addSeries(m->mark);
  m->mark->attachAxis(m->x);
  m->mark->attachAxis(m->y);
  chart->legend()->hide();
  m->legend = new QLabel(this);
  m->legend->setObjectName("chartLegend");
  m->legend->setTextFormat(Qt::RichText);
  m->legend->setWordWrap(true);
  m->legend->setAutoFillBackground(true);
  m->legend->setBackgroundRole(QPalette::Base);
  m->legend->setContentsMargins(8, 6, 8, 0);
  m->view = makeChartView(chart, yName, this);
  m->view->viewport()->installEventFilter(this);
}

void LineChart::setCurves(const std::vector<Curve>& curves) {
  QChart& chart = *m->view->chart();
  while (m->lines.size() > curves.size()) {
    chart.removeSeries(m->lines.back());
    delete m->lines.back();
    m->lines.pop_back();
  }
  while (m->lines.size() < curves.size()) {
    auto* line = new QLineSeries(&chart);
    chart.addSeries(line);
    line->attachAxis(m->x);
    line->attachAxis(m->y);
    m->lines.push_back(line);
  }
  m->curves = curves;
  bool any = false;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const QList<QPointF> points = finitePoints(curves[i].points);
    any = any || !points.isEmpty();
    m->lines[i]->setName(curves[i].name);
    m->lines[i]->replace(points);
    m->lines[i]->setPointsVisible(points.size() == 1);  // where there is no line yet
  }
  m->pages->setCurrentWidget(any ? m->chartPage : m->message);
  fitAxes();
  restyle();
}

void LineChart::setMarked(std::optional<double> x, const QString& name) {
  m->marked = x;
  m->markedName = name;
  fitAxes();
  restyle();
}

void LineChart::setMessage(const QString& message) {
  m->message->setText(message);
}

void LineChart::fitAxes() {
  double first = 0, last = 1, low = 0, high = 0;
  bool any = false;
  for (const QLineSeries* line : m->lines)
    for (const QPointF& point : line->points()) {
      first = any ? std::min(first, point.x()) : point.x();
      last = any ? std::max(last, point.x()) : point.x();
      low = any ? std::min(low, point.y()) : point.y();
      high = any ? std::max(high, point.y()) : point.y();
      any = true;
    }
  const double margin = high > low ? (high - low) * 0.06 : std::max(0.5, std::abs(high) * 0.1);
  showRange(*m->y, low - margin, high + margin, 5);
  showRange(*m->x, first, std::max(last, first + 1), 6);
  m->mark->clear();
  if (m->marked)
    *m->mark << QPointF(*m->marked, low - margin) << QPointF(*m->marked, high + margin);
  m->mark->setName(m->markedName);
}

void LineChart::restyle() {
  const Theme theme = Theme::from(palette());
  styleChart(*m->view->chart(), theme);
  useFonts(*m->view->chart(), font());
  const auto colours = lineColours(theme);
  QStringList entries;
  for (std::size_t i = 0; i < m->lines.size(); ++i) {
    const Curve& curve = m->curves[i];
    QPen pen(colours[static_cast<std::size_t>(curve.colour) % colours.size()], 2);
    const bool dashed = curve.stroke == Curve::Stroke::Dashed;
    if (dashed) pen.setDashPattern({4, 2.5});
    m->lines[i]->setPen(pen);
    // A line without a value is not in the legend: it would promise what is not there.
    if (m->lines[i]->count() > 0)
      entries << legendEntry(pen.color(), dashed ? QStringLiteral("╍╍") : QStringLiteral("━━"),
                             curve.name);
  }
  if (m->marked) entries << legendEntry(theme.mutedText, QStringLiteral("┊"), m->markedName);
  m->legend->setText(entries.join(QStringLiteral(" &nbsp; ")));
  m->mark->setPen(QPen(theme.mutedText, 1.2, Qt::DotLine));
}

QString LineChart::readout(const QPointF& position) const {
  if (m->lines.empty() || m->pages->currentWidget() != m->chartPage) return {};
  const double x = std::round(m->view->chart()->mapToValue(position, m->lines.front()).x());
  QStringList values;
  for (const QLineSeries* line : m->lines)
    for (const QPointF& point : line->points())
      if (point.x() == x) values << tr("%1: %2").arg(line->name(), numeral(point.y()));
  if (values.isEmpty()) return {};
  return tr("%1 %2").arg(m->x->titleText(), numeral(x)) + '\n' + values.join('\n');
}

void LineChart::paint(QPainter& painter, const QSize& size) const {
  painter.save();
  QTextDocument legend;
  legend.setDefaultFont(painter.font());
  legend.setHtml(m->legend->text());
  legend.setTextWidth(size.width());
  legend.drawContents(&painter);
  const double height = legend.size().height();
  m->view->render(&painter, QRectF(0, height, size.width(), size.height() - height), QRect(),
                  Qt::IgnoreAspectRatio);
  painter.restore();
}

void LineChart::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) restyle();
}

bool LineChart::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::eventFilter(watched, event);
  const auto* help = static_cast<QHelpEvent*>(event);
  QToolTip::showText(help->globalPos(), readout(help->pos()), this);
  return true;
}

}  // namespace cellocus
