// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/scatterview.h"

#include <QEvent>
#include <QHelpEvent>
#include <QPaintEvent>
#include <QPainter>
#include <QPushButton>
#include <QStyle>
#include <QStyleOptionFocusRect>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "cells/plottext.h"
#include "cells/scattergesture.h"
#include "cells/scatterscene.h"

namespace cellocus {

namespace {

constexpr double hoverPixels = 8;

QString grouped(std::int64_t number) {
  return QString::fromStdString(withThousands(number));
}

}  // namespace

ScatterView::ScatterView(QWidget* parent)
    : QWidget(parent),
      m_scene(std::make_unique<ScatterScene>()),
      m_gesture(std::make_unique<Gesture>()) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAttribute(Qt::WA_OpaquePaintEvent);
  buildStateButton();
  updateCursor();
  announce();
}

ScatterView::~ScatterView() = default;

void ScatterView::buildStateButton() {
  m_stateButton = new QPushButton(this);
  m_stateButton->hide();
  connect(m_stateButton, &QPushButton::clicked, this, &ScatterView::stateActionRequested);
}

void ScatterView::placeStateButton() {
  m_stateButton->adjustSize();
  const QRectF plot = m_scene->plotArea(size(), font());
  const QRectF box = m_scene->stateBox(plot, QFontMetricsF(font()));
  m_stateButton->move(static_cast<int>(plot.center().x()) - m_stateButton->width() / 2,
                      static_cast<int>(box.bottom()) + 8);
}

void ScatterView::setPoints(Matrix xy) {
  cancelGesture();
  m_hovered = -1;
  m_scene->setPoints(std::move(xy));
  changed();
}

std::int64_t ScatterView::cellCount() const {
  return m_scene->cells();
}

void ScatterView::setColouring(const CellColouring& colouring) {
  m_scene->setColouring(colouring);
  changed();
}

const CellColouring& ScatterView::colouring() const {
  return m_scene->colouring();
}
const CellSelection& ScatterView::selection() const {
  return m_scene->selection();
}
ScatterView::Mode ScatterView::mode() const {
  return m_mode;
}
ScatterView::State ScatterView::state() const {
  return m_state;
}
double ScatterView::dotSize() const {
  return m_scene->dotSize();
}

double ScatterView::automaticDotSize(std::int64_t cells) {
  return std::clamp(std::sqrt(120'000.0 / static_cast<double>(std::max<std::int64_t>(cells, 1))),
                    1.0, 8.0);
}

QPointF ScatterView::positionOf(std::int64_t cell) const {
  const ScatterTransform transform = m_scene->transform(m_scene->plotArea(size(), font()));
  return transform.toPixel(m_scene->xy()(cell, 0), m_scene->xy()(cell, 1));
}

std::int64_t ScatterView::cellAt(const QPointF& position) const {
  const QRectF plot = m_scene->plotArea(size(), font());
  if (cellCount() == 0 || m_state == State::Empty || !plot.contains(position)) return -1;
  const ScatterTransform transform = m_scene->transform(plot);
  return m_scene->nearest(transform.toData(position), hoverPixels / transform.perUnit);
}

QRectF ScatterView::visibleRegion() const {
  return m_scene->region;
}

void ScatterView::setTitle(const QString& title) {
  m_scene->title = title;
  placeStateButton();
  changed();
}

void ScatterView::setAxisNames(const QString& horizontal, const QString& vertical) {
  m_scene->horizontal = horizontal;
  m_scene->vertical = vertical;
  update();
}

void ScatterView::setCellNames(std::function<QString(std::int64_t cell)> nameOf) {
  m_cellName = std::move(nameOf);
}

void ScatterView::paint(QPainter& painter, const QSize& size, const Theme& theme,
                        Legend legend) const {
  m_scene->paint(painter, size, theme, legend);
}

QSize ScatterView::sizeHint() const {
  return {520, 460};
}
QSize ScatterView::minimumSizeHint() const {
  return {160, 140};
}

void ScatterView::setSelection(const CellSelection& selection) {
  m_scene->setSelection(selection);
  changed();
}

void ScatterView::setVisibleCells(const CellSelection& visible) {
  m_scene->setVisible(visible);
  changed();
}

void ScatterView::setHiddenCategories(const std::vector<int>& categories) {
  m_scene->setHiddenCategories(categories);
  changed();
}

void ScatterView::setHighlightedCategory(int category) {
  m_scene->setHighlighted(category);
  changed();
}

void ScatterView::setLimits(const ColourLimits& limits) {
  m_scene->setLimits(limits);
  changed();
}

void ScatterView::setMode(Mode mode) {
  if (mode == m_mode) return;
  cancelGesture();
  m_mode = mode;
  updateCursor();
  emit modeChanged(mode);
}

void ScatterView::setState(State state, const QString& message, const QString& action) {
  m_state = m_scene->state = state;
  m_scene->message = message;
  m_stateButton->setText(action);
  m_stateButton->setVisible(!action.isEmpty() && (state == State::Empty || state == State::Failed));
  placeStateButton();
  changed();
}

void ScatterView::setDotSize(double pixels) {
  m_scene->chosenDotSize = pixels > 0 ? std::clamp(pixels, 1.0, 8.0) : 0;
  update();
}

void ScatterView::setCategoryLabels(CategoryLabels labels) {
  m_scene->labels = labels;
  update();
}

void ScatterView::fit() {
  setVisibleRegion(m_scene->wholeRegion());
}

void ScatterView::zoomToSelection() {
  setVisibleRegion(m_scene->regionOf(selection()));
}

void ScatterView::zoomBy(double factor) {
  zoomAt(m_scene->plotArea(size(), font()).center(), factor);
}

void ScatterView::setVisibleRegion(const QRectF& region) {
  if (!(region.width() > 0 || region.height() > 0)) return;
  const bool same = region == m_scene->region;
  m_scene->region = region;
  update();
  if (!same) emit visibleRegionChanged(region);
}

void ScatterView::zoomAt(const QPointF& position, double factor) {
  const QRectF whole = m_scene->wholeRegion();
  const double wholeSide = std::max(whole.width(), whole.height());
  const QRectF old = m_scene->region;
  const double side = std::max(old.width(), old.height()) / factor;
  if (side > wholeSide * 8 || side < wholeSide * 1e-5) return;
  const QPointF anchor = m_scene->transform(m_scene->plotArea(size(), font())).toData(position);
  QRectF region(QPointF(), old.size() / factor);
  region.moveCenter(anchor + (old.center() - anchor) / factor);
  setVisibleRegion(region);
}

void ScatterView::moveView(const QPointF& pixels) {
  const double perUnit = m_scene->transform(m_scene->plotArea(size(), font())).perUnit;
  setVisibleRegion(m_scene->region.translated(-pixels.x() / perUnit, pixels.y() / perUnit));
}

void ScatterView::changed() {
  announce();
  update();
}

void ScatterView::announce() {
  setAccessibleName(m_scene->title.isEmpty() ? tr("Cells") : m_scene->title);
  QStringList parts{tr("%1 cells").arg(grouped(cellCount()))};
  if (colouring().kind != CellColouring::Kind::None)
    parts << tr("coloured by %1").arg(colouring().title);
  if (const std::int64_t chosen = selection().count(); chosen > 0)
    parts << tr("%1 selected").arg(grouped(chosen));
  if (m_state != State::Ready && !m_scene->message.isEmpty()) parts << m_scene->message;
  setAccessibleDescription(parts.join(QStringLiteral(", ")));
}

void ScatterView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme theme = Theme::from(palette());
  paint(painter, size(), theme);
  painter.setRenderHint(QPainter::Antialiasing);
  paintGesture(painter, theme);
  if (hasFocus()) {
    painter.setPen(QPen(theme.accent, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 3, 3);
  }
}

void ScatterView::paintGesture(QPainter& painter, const Theme& theme) const {
  const QRectF plot = m_scene->plotArea(size(), font());
  const ScatterTransform transform = m_scene->transform(plot);
  painter.save();
  painter.setClipRect(plot);
  painter.setBrush(Qt::NoBrush);
  if (m_hovered >= 0 && m_hovered < cellCount()) {
    const double radius = dotSize() / 2 + 3;
    painter.setPen(QPen(theme.background, 4));
    painter.drawEllipse(positionOf(m_hovered), radius, radius);
    painter.setPen(QPen(theme.text, 1.6));
    painter.drawEllipse(positionOf(m_hovered), radius, radius);
  }
  if (m_gesture->moved && m_gesture->outline.size() > 1) {
    QPolygonF outline;
    for (const QPointF& corner : m_gesture->outline)
      outline << transform.toPixel(corner.x(), corner.y());
    QColor inside = theme.accent;
    inside.setAlphaF(0.12f);
    painter.setPen(Qt::NoPen);
    painter.setBrush(inside);
    painter.drawPolygon(outline, Qt::WindingFill);
    painter.setPen(QPen(theme.accent, 1.5));
    painter.drawPolyline(outline);
    painter.setPen(QPen(theme.accent, 1, Qt::DashLine));
    painter.drawLine(outline.last(), outline.first());
  }
  painter.restore();
}

void ScatterView::showCellToolTip(const QPoint& position, const QPoint& globalPosition) {
  const std::int64_t cell = cellAt(position);
  if (cell < 0) {
    QToolTip::hideText();
    return;
  }
  QStringList lines{m_cellName ? m_cellName(cell) : tr("Cell %1").arg(grouped(cell + 1))};
  if (colouring().kind != CellColouring::Kind::None)
    lines << tr("%1: %2").arg(colouring().title, colouring().textOf(cell));
  QToolTip::showText(globalPosition, plainToolTip(lines.join(QLatin1Char('\n'))), this);
}

bool ScatterView::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    showCellToolTip(help->pos(), help->globalPos());
    return true;
  }
  if (event->type() == QEvent::ShortcutOverride && handlesKey(*static_cast<QKeyEvent*>(event))) {
    event->accept();
    return true;
  }
  return QWidget::event(event);
}

void ScatterView::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  placeStateButton();
}

void ScatterView::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) update();
}

}  // namespace cellocus
