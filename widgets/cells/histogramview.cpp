// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/histogramview.h"

#include <QAreaSeries>
#include <QCategoryAxis>
#include <QChart>
#include <QChartView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineSeries>
#include <QMouseEvent>
#include <QPainter>
#include <QStackedLayout>
#include <QValueAxis>
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "cells/colourbar.h"
#include "cells/plottext.h"
#include "plot/chart.h"
#include "plot/ticks.h"

namespace cellocus {

namespace {

constexpr int binCount = 50;
constexpr double clickPixels = 3;

/// The brushed range, laid over the chart; lets every event through.
class BrushOverlay : public QWidget {
 public:
  explicit BrushOverlay(QWidget* parent) : QWidget(parent) {
    setAttribute(Qt::WA_TransparentForMouseEvents);
  }
  QRectF band;
  bool ring = false;  ///< the keyboard focus

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme theme = Theme::from(palette());
    if (!band.isNull()) {
      QColor inside = theme.accent;
      inside.setAlphaF(0.16f);
      painter.fillRect(band, inside);
      painter.setPen(QPen(theme.accent, 1.5));
      painter.drawLine(band.topLeft(), band.bottomLeft());
      painter.drawLine(band.topRight(), band.bottomRight());
    }
    if (!ring) return;
    painter.setPen(QPen(theme.accent, 2));
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 3, 3);
  }
};

}  // namespace

struct HistogramView::Parts {
  CellColouring colouring;
  Histogram histogram;
  CountAxis countAxis = CountAxis::Linear;
  std::optional<std::pair<double, double>> range;
  std::optional<double> pressed;  ///< value where the brush began
  QPointF pressedAt;

  QChartView* view = nullptr;
  QLineSeries* outline = nullptr;
  QAreaSeries* area = nullptr;
  QValueAxis* values = nullptr;
  QCategoryAxis* counts = nullptr;
  BrushOverlay* overlay = nullptr;
  QLabel* message = nullptr;
  QStackedLayout* pages = nullptr;

  double heightOf(double count) const {
    return countAxis == CountAxis::Logarithmic ? std::log10(1 + count) : count;
  }
};

Histogram histogramOf(const Vector& values) {
  Histogram histogram;
  bool any = false;
  for (const float value : values) {
    if (!std::isfinite(value)) {
      ++histogram.missing;
      continue;
    }
    histogram.low = any ? std::min<double>(histogram.low, value) : value;
    histogram.high = any ? std::max<double>(histogram.high, value) : value;
    any = true;
  }
  if (!any) return histogram;
  if (histogram.low == histogram.high) {
    histogram.counts = {values.size() - histogram.missing};
    histogram.low -= 0.5;
    histogram.high += 0.5;
    return histogram;
  }
  histogram.counts.assign(binCount, 0);
  const double perValue = binCount / (histogram.high - histogram.low);
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    const auto bin = static_cast<int>((value - histogram.low) * perValue);
    ++histogram.counts[static_cast<std::size_t>(std::min(bin, binCount - 1))];
  }
  return histogram;
}

CellSelection cellsInRange(const Vector& values, double low, double high) {
  CellSelection cells(values.size());
  for (Eigen::Index cell = 0; cell < values.size(); ++cell)
    if (values[cell] >= low && values[cell] <= high) cells.set(cell);
  return cells;
}

HistogramView::HistogramView(QWidget* parent) : QWidget(parent), m(std::make_unique<Parts>()) {
  setFocusPolicy(Qt::StrongFocus);
  buildChart();
  m->message = new QLabel(this);
  m->message->setTextFormat(Qt::PlainText);
  m->message->setAlignment(Qt::AlignCenter);
  m->message->setWordWrap(true);
  m->pages = new QStackedLayout(this);
  m->pages->addWidget(m->view);
  m->pages->addWidget(m->message);
  styleParts();
  setColouring({});
}

HistogramView::~HistogramView() = default;

void HistogramView::buildChart() {
  auto* chart = new QChart;
  m->outline = new QLineSeries(chart);
  m->area = new QAreaSeries(m->outline);
  chart->addSeries(m->area);
  chart->legend()->hide();
  m->values = new QValueAxis(chart);
  m->counts = new QCategoryAxis(chart);
  m->counts->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
  chart->addAxis(m->values, Qt::AlignBottom);
  chart->addAxis(m->counts, Qt::AlignLeft);
  m->area->attachAxis(m->values);
  m->area->attachAxis(m->counts);
  m->view = makeChartView(chart, tr("Histogram"), this);
  m->view->setFocusPolicy(Qt::NoFocus);  // the brush belongs to the whole widget
  m->view->viewport()->installEventFilter(this);
  m->view->viewport()->setCursor(Qt::IBeamCursor);
  m->overlay = new BrushOverlay(m->view->viewport());
  connect(chart, &QChart::plotAreaChanged, this, [this] { showRange(); });
}

void HistogramView::setColouring(const CellColouring& colouring) {
  m->colouring = colouring;
  m->range.reset();
  m->histogram = colouring.hasValues() ? histogramOf(colouring.values) : Histogram();
  setAccessibleName(tr("Histogram of %1").arg(colouring.title));
  setToolTip(colouring.hasValues() ? plainToolTip(colouring.toolTip()) : QString());
  showHistogram();
}

void HistogramView::showHistogram() {
  const bool any = !m->histogram.counts.empty();
  m->message->setText(m->colouring.hasValues() ? tr("No cell has a value.")
                      : m->colouring.kind == CellColouring::Kind::Category
                          ? tr("Categories have no histogram; their counts are in the legend.")
                          : tr("Colour the cells by a value to see how it is distributed."));
  m->pages->setCurrentWidget(any ? static_cast<QWidget*>(m->view) : m->message);
  if (!any) return;
  const Histogram& histogram = m->histogram;
  const double width =
      (histogram.high - histogram.low) / static_cast<double>(histogram.counts.size());
  QList<QPointF> steps;
  for (std::size_t bin = 0; bin < histogram.counts.size(); ++bin) {
    const double left = histogram.low + static_cast<double>(bin) * width;
    const double height = m->heightOf(static_cast<double>(histogram.counts[bin]));
    steps << QPointF(left, height) << QPointF(left + width, height);
  }
  m->outline->replace(steps);
  showValueAxis();
  showCountAxis();
  styleParts();
  showRange();
}

void HistogramView::showValueAxis() {
  cellocus::showRange(*m->values, m->histogram.low, m->histogram.high, 5);
  m->values->setTitleText(m->colouring.unit.isEmpty()
                              ? m->colouring.title
                              : tr("%1 (%2)").arg(m->colouring.title, m->colouring.unit));
}

void HistogramView::showCountAxis() {
  const auto highest = static_cast<double>(
      *std::max_element(m->histogram.counts.begin(), m->histogram.counts.end()));
  const bool logarithmic = m->countAxis == CountAxis::Logarithmic;
  for (const QString& label : m->counts->categoriesLabels()) m->counts->remove(label);
  if (logarithmic) {
    m->counts->append(QStringLiteral("0"), 0);
    for (double count = 10; count <= highest; count *= 10)
      m->counts->append(QString::fromStdString(withThousands(static_cast<std::int64_t>(count))),
                        m->heightOf(count));
  } else {
    for (const Tick& tick : niceTicks(0, highest, 4))
      if (tick.value == std::floor(tick.value)) m->counts->append(tick.label, tick.value);
  }
  m->counts->setRange(0, m->heightOf(highest) * 1.04);
  m->counts->setTitleText(logarithmic ? tr("Cells (log scale)") : tr("Cells"));
}

void HistogramView::styleParts() {
  const Theme theme = Theme::from(palette());
  styleChart(*m->view->chart(), theme);
  useFonts(*m->view->chart(), font());
  const double span = m->histogram.high - m->histogram.low;
  const ColourLimits& limits = m->colouring.limits;
  QLinearGradient gradient =
      scaleGradient(m->colouring, theme, (limits.low - m->histogram.low) / span,
                    (limits.high - m->histogram.low) / span);
  gradient.setCoordinateMode(QGradient::ObjectMode);
  gradient.setStart(0, 0);
  gradient.setFinalStop(1, 0);
  m->area->setBrush(gradient);
  m->area->setPen(QPen(theme.axis, 1));
  m->message->setForegroundRole(QPalette::PlaceholderText);
}

HistogramView::CountAxis HistogramView::countAxis() const {
  return m->countAxis;
}

void HistogramView::setCountAxis(CountAxis axis) {
  if (axis == m->countAxis) return;
  m->countAxis = axis;
  showHistogram();
}

std::optional<std::pair<double, double>> HistogramView::range() const {
  return m->range;
}

void HistogramView::setRange(double low, double high) {
  m->range = std::pair(std::min(low, high), std::max(low, high));
  showRange();
}

void HistogramView::clearRange() {
  m->range.reset();
  showRange();
}

void HistogramView::showRange() {
  m->overlay->resize(m->view->viewport()->size());
  m->overlay->ring = hasFocus();
  m->overlay->band = {};
  QString description = tr("no range chosen");
  if (m->range) {
    QChart& chart = *m->view->chart();
    const QRectF plot = chart.plotArea();
    const double left = chart.mapToPosition({m->range->first, 0}, m->area).x();
    const double right = chart.mapToPosition({m->range->second, 0}, m->area).x();
    m->overlay->band =
        QRectF(QPointF(left, plot.top()), QPointF(right, plot.bottom())).intersected(plot);
    description = tr("from %1 to %2")
                      .arg(QString::fromStdString(readable(m->range->first)),
                           QString::fromStdString(readable(m->range->second)));
  }
  setAccessibleDescription(description);
  m->overlay->update();
}

void HistogramView::paint(QPainter& painter, const QSize& size, const Theme& theme) const {
  painter.fillRect(QRect(QPoint(), size), theme.background);
  m->view->render(&painter, QRectF(QPointF(), QSizeF(size)), QRect(), Qt::IgnoreAspectRatio);
}

QSize HistogramView::sizeHint() const {
  return {320, 180};
}

double HistogramView::valueAt(const QPointF& position) const {
  const double value = m->view->chart()->mapToValue(position, m->area).x();
  return std::clamp(value, m->histogram.low, m->histogram.high);
}

void HistogramView::brushTo(const QPointF& position) {
  if (std::abs(position.x() - m->pressedAt.x()) < clickPixels)
    m->range.reset();
  else
    setRange(*m->pressed, valueAt(position));
  showRange();
}

void HistogramView::finishBrush() {
  m->pressed.reset();
  if (m->range)
    emit rangeSelected(m->range->first, m->range->second);
  else
    emit rangeCleared();
}

bool HistogramView::eventFilter(QObject* watched, QEvent* event) {
  if (watched != m->view->viewport()) return QWidget::eventFilter(watched, event);
  if (event->type() == QEvent::Resize) {
    showRange();
    return false;
  }
  const auto type = event->type();
  if (type != QEvent::MouseButtonPress && type != QEvent::MouseMove &&
      type != QEvent::MouseButtonRelease)
    return false;
  const auto* mouse = static_cast<QMouseEvent*>(event);
  if (type == QEvent::MouseButtonPress && mouse->button() == Qt::LeftButton) {
    setFocus(Qt::MouseFocusReason);
    m->pressedAt = mouse->position();
    m->pressed = valueAt(mouse->position());
  } else if (m->pressed) {
    brushTo(mouse->position());
    if (type == QEvent::MouseButtonRelease) finishBrush();
  }
  return m->pressed.has_value() || type == QEvent::MouseButtonRelease;
}

void HistogramView::moveBrush(int steps, Qt::KeyboardModifiers modifiers) {
  const double step = steps * (m->histogram.high - m->histogram.low) / binCount;
  auto [low, high] = m->range.value_or(std::pair(m->histogram.low, m->histogram.high));
  if (!modifiers.testFlag(Qt::ShiftModifier)) low += step;
  high += step;
  setRange(std::clamp(low, m->histogram.low, m->histogram.high),
           std::clamp(high, m->histogram.low, m->histogram.high));
  finishBrush();
}

void HistogramView::keyPressEvent(QKeyEvent* event) {
  if (m->histogram.counts.empty()) {
    QWidget::keyPressEvent(event);
  } else if (event->key() == Qt::Key_Escape && m->range) {
    clearRange();
    emit rangeCleared();
  } else if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right) {
    moveBrush(event->key() == Qt::Key_Left ? -1 : 1, event->modifiers());
  } else {
    QWidget::keyPressEvent(event);
  }
}

void HistogramView::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  showRange();
}

void HistogramView::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  showRange();
}

void HistogramView::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) styleParts();
}

}  // namespace cellocus
