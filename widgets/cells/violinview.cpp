// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/violinview.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>

#include "base/text.h"
#include "cells/plottext.h"
#include "cells/violinplot.h"

namespace cellocus {

namespace {

QString number(double value) {
  return QString::fromStdString(readable(value));
}

}  // namespace

ViolinView::ViolinView(QWidget* parent)
    : QAbstractScrollArea(parent), m_plot(std::make_unique<ViolinPlot>(GroupedValues())) {
  setFocusPolicy(Qt::StrongFocus);
  setFrameShape(QFrame::NoFrame);
  setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  announce();
}

ViolinView::~ViolinView() = default;

void ViolinView::setValues(const GroupedValues& values) {
  m_plot = std::make_unique<ViolinPlot>(values);
  m_current = -1;
  updateScrollBar();
  announce();
  viewport()->update();
}

const GroupedValues& ViolinView::values() const {
  return m_plot->values();
}

void ViolinView::setMessage(const QString& message) {
  m_message = message;
  announce();
  viewport()->update();
}

int ViolinView::currentGroup() const {
  return m_current;
}

void ViolinView::setCurrentGroup(int group) {
  m_current = group >= 0 && group < m_plot->groupCount() ? group : -1;
  showGroup(m_current);
  announce();
  viewport()->update();
}

void ViolinView::paint(QPainter& painter, const QSize& size, const Theme& theme) const {
  if (m_message.isEmpty() && m_plot->groupCount() > 0) {
    m_plot->paint(painter, m_plot->layout(size, painter.font()), theme, -1);
    return;
  }
  painter.fillRect(QRect(QPoint(), size), theme.background);
  painter.setPen(theme.mutedText);
  painter.drawText(QRect(QPoint(), size).adjusted(20, 20, -20, -20),
                   Qt::AlignCenter | Qt::TextWordWrap,
                   m_message.isEmpty() ? tr("No groups to compare yet.") : m_message);
}

int ViolinView::naturalWidth() const {
  return m_plot->naturalWidth(font());
}

QSize ViolinView::sizeHint() const {
  return {480, 280};
}
QSize ViolinView::minimumSizeHint() const {
  return {180, 160};
}

void ViolinView::updateScrollBar() {
  const int hidden = naturalWidth() - viewport()->width();
  horizontalScrollBar()->setRange(0, m_message.isEmpty() ? std::max(0, hidden) : 0);
  horizontalScrollBar()->setPageStep(viewport()->width());
  horizontalScrollBar()->setSingleStep(40);
}

void ViolinView::paintEvent(QPaintEvent*) {
  QPainter painter(viewport());
  painter.setFont(font());
  const Theme theme = Theme::from(palette());
  if (m_message.isEmpty() && m_plot->groupCount() > 0)
    m_plot->paint(
        painter,
        m_plot->layout(viewport()->size(), font(), naturalWidth(), horizontalScrollBar()->value()),
        theme, m_current);
  else
    paint(painter, viewport()->size(), theme);
  if (!hasFocus()) return;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(theme.accent, 2));
  painter.setBrush(Qt::NoBrush);
  painter.drawRoundedRect(QRectF(viewport()->rect()).adjusted(1, 1, -1, -1), 3, 3);
}

int ViolinView::groupAt(const QPoint& position) const {
  if (!m_message.isEmpty() || m_plot->groupCount() == 0) return -1;
  const ViolinLayout layout =
      m_plot->layout(viewport()->size(), font(), naturalWidth(), horizontalScrollBar()->value());
  if (position.x() < layout.plot.left() || position.y() < layout.plot.top()) return -1;
  const double place = (position.x() - layout.firstLeft) / layout.groupWidth;
  return place >= 0 && place < m_plot->groupCount() ? static_cast<int>(place) : -1;
}

void ViolinView::showGroup(int group) {
  if (group < 0) return;
  const ViolinLayout layout =
      m_plot->layout(viewport()->size(), font(), naturalWidth(), horizontalScrollBar()->value());
  const QRectF place = layout.group(group);
  QScrollBar* const bar = horizontalScrollBar();
  if (place.left() < layout.plot.left())
    bar->setValue(bar->value() + static_cast<int>(place.left() - layout.plot.left()) - 1);
  else if (place.right() > layout.plot.right())
    bar->setValue(bar->value() + static_cast<int>(place.right() - layout.plot.right()) + 1);
}

void ViolinView::activate(int group) {
  if (group < 0 || group >= m_plot->groupCount()) return;
  setCurrentGroup(group);
  emit groupActivated(m_plot->values().groups[static_cast<std::size_t>(group)].name);
}

QString ViolinView::groupToolTip(int group) const {
  const GroupedValues& values = m_plot->values();
  const GroupStatistics& ref = m_plot->reference(group);
  const QString unit = values.unit.isEmpty() ? QString() : QChar(' ') + values.unit;
  QStringList lines{values.groups[static_cast<std::size_t>(group)].name,
                    tr("n = %1 cells").arg(QString::fromStdString(withThousands(ref.n)))};
  if (ref.n > 0)
    lines << tr("mean %1, median %2%3").arg(number(ref.mean), number(ref.median), unit)
          << tr("%1 % of cells above 0").arg(100 * ref.positive, 0, 'f', 1);
  if (const GroupStatistics& alt = m_plot->alternative(group); alt.n > 0)
    lines << tr("ALT: mean %1, median %2%3").arg(number(alt.mean), number(alt.median), unit);
  if (!values.formula.isEmpty()) lines << tr("Formula: %1").arg(values.formula);
  return lines.join(QLatin1Char('\n'));
}

void ViolinView::announce() {
  const QString& title = m_plot->values().title;
  setAccessibleName(title.isEmpty() ? tr("Distributions by group") : title);
  if (!m_message.isEmpty())
    setAccessibleDescription(m_message);
  else if (m_current >= 0)
    setAccessibleDescription(groupToolTip(m_current));
  else
    setAccessibleDescription(tr("%n group(s)", nullptr, m_plot->groupCount()));
}

bool ViolinView::viewportEvent(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QAbstractScrollArea::viewportEvent(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const int group = groupAt(help->pos());
  if (group < 0)
    QToolTip::hideText();
  else
    QToolTip::showText(help->globalPos(), plainToolTip(groupToolTip(group)), viewport());
  return true;
}

void ViolinView::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  updateScrollBar();
}

void ViolinView::changeEvent(QEvent* event) {
  QAbstractScrollArea::changeEvent(event);
  if (event->type() == QEvent::FontChange) updateScrollBar();
  if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange)
    viewport()->update();
}

void ViolinView::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) activate(groupAt(event->pos()));
}

void ViolinView::keyPressEvent(QKeyEvent* event) {
  const int last = m_plot->groupCount() - 1;
  switch (event->key()) {
    case Qt::Key_Left:
      setCurrentGroup(std::max(0, m_current - 1));
      break;
    case Qt::Key_Right:
      setCurrentGroup(std::min(last, m_current + 1));
      break;
    case Qt::Key_Home:
      setCurrentGroup(0);
      break;
    case Qt::Key_End:
      setCurrentGroup(last);
      break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
      activate(m_current);
      break;
    default:
      QAbstractScrollArea::keyPressEvent(event);
  }
}

void ViolinView::focusInEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusInEvent(event);
  viewport()->update();
}

void ViolinView::focusOutEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusOutEvent(event);
  viewport()->update();
}

}  // namespace cellocus
