// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/pointchart.h"

#include <QChart>
#include <QChartView>
#include <QLabel>
#include <QLegend>
#include <QLineSeries>
#include <QPainter>
#include <QScatterSeries>
#include <QStackedLayout>
#include <QValueAxis>
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "base/text.h"
#include "plot/chart.h"
#include "plot/palette.h"

namespace cellocus {

struct PointChart::Parts {
  QScatterSeries* points = nullptr;
  QLineSeries* identity = nullptr;
  QValueAxis *x = nullptr, *y = nullptr;
  QChartView* view = nullptr;
  QLabel* message = nullptr;
  QStackedLayout* pages = nullptr;
};

namespace {

/// The finite pairs, of more than `most` the same sample every time.
QList<QPointF> sampledPairs(const Vector& x, const Vector& y, Eigen::Index most,
                            Eigen::Index& finite) {
  std::vector<Eigen::Index> all;
  for (Eigen::Index i = 0; i < x.size(); ++i)
    if (std::isfinite(x[i]) && std::isfinite(y[i])) all.push_back(i);
  finite = static_cast<Eigen::Index>(all.size());
  std::vector<Eigen::Index> some;
  std::sample(all.begin(), all.end(), std::back_inserter(some), most, std::mt19937(1));
  QList<QPointF> pairs;
  for (const Eigen::Index i : some) pairs << QPointF(x[i], y[i]);
  return pairs;
}

}  // namespace

PointChart::PointChart(QWidget* parent) : QWidget(parent), m(std::make_unique<Parts>()) {
  buildChart();
  m->message = new QLabel(this);
  m->message->setTextFormat(Qt::PlainText);
  m->message->setAlignment(Qt::AlignCenter);
  m->message->setWordWrap(true);
  m->message->setForegroundRole(QPalette::PlaceholderText);
  m->pages = new QStackedLayout(this);
  m->pages->addWidget(m->view);
  m->pages->addWidget(m->message);
  m->pages->setCurrentWidget(m->message);
  restyle();
}

PointChart::~PointChart() = default;

void PointChart::buildChart() {
  auto* chart = new QChart;
  m->identity = new QLineSeries(chart);
  m->points = new QScatterSeries(chart);
  m->x = new QValueAxis(chart);
  m->y = new QValueAxis(chart);
  chart->addSeries(m->identity);
  chart->addSeries(m->points);
  chart->addAxis(m->x, Qt::AlignBottom);
  chart->addAxis(m->y, Qt::AlignLeft);
  for (QXYSeries* series :
       {static_cast<QXYSeries*>(m->identity), static_cast<QXYSeries*>(m->points)}) {
    series->attachAxis(m->x);
    series->attachAxis(m->y);
  }
  chart->legend()->hide();
  m->view = makeChartView(chart, tr("Observed against predicted"), this);
}

void PointChart::setData(const Data& values) {
  Eigen::Index finite = 0;
  const QList<QPointF> pairs = sampledPairs(values.x, values.y, mostPoints, finite);
  double low = 0, high = 0, lowY = 0, highY = 0;
  for (const QPointF& pair : pairs) {
    low = std::min(low, pair.x());
    high = std::max(high, pair.x());
    lowY = std::min(lowY, pair.y());
    highY = std::max(highY, pair.y());
  }
  // Each axis has its own range: a good model of rare genes predicts means far below the counts.
  showRange(*m->x, low, high > low ? high + (high - low) * 0.03 : low + 1, 4);
  showRange(*m->y, lowY, highY > lowY ? highY + (highY - lowY) * 0.06 : lowY + 1, 4);
  m->points->replace(pairs);
  m->identity->replace(
      {{std::max(low, lowY), std::max(low, lowY)}, {std::min(high, highY), std::min(high, highY)}});
  m->x->setTitleText(values.xName);
  m->y->setTitleText(values.yName);
  QString title = values.title;
  if (finite > pairs.size())
    title += tr(" (%1 of %2 %3 drawn)")
                 .arg(QString::fromStdString(withThousands(pairs.size())),
                      QString::fromStdString(withThousands(finite)), values.pointName);
  m->view->chart()->setTitle(title);
  setAccessibleName(title);
  m->pages->setCurrentWidget(m->view);
  restyle();
}

void PointChart::setMessage(const QString& message) {
  m->message->setText(message);
  m->points->clear();
  m->pages->setCurrentWidget(m->message);
}

Eigen::Index PointChart::shownPoints() const {
  return m->points->count();
}

QString PointChart::title() const {
  return m->view->chart()->title();
}

void PointChart::restyle() {
  const Theme theme = Theme::from(palette());
  QChart& chart = *m->view->chart();
  styleChart(chart, theme);
  useFonts(chart, font());
  const bool few = m->points->count() < 400;
  QColor dots = lineColours(theme)[0];
  dots.setAlphaF(few ? 0.75f : 0.35f);
  m->points->setBrush(dots);
  m->points->setPen(Qt::NoPen);
  m->points->setMarkerSize(few ? 6 : 4);
  m->identity->setPen(QPen(theme.mutedText, 1, Qt::DashLine));
}

void PointChart::paint(QPainter& painter, const QSize& size) const {
  m->view->render(&painter, QRectF(QPointF(), QSizeF(size)), QRect(), Qt::IgnoreAspectRatio);
}

void PointChart::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) restyle();
}

}  // namespace cellocus
