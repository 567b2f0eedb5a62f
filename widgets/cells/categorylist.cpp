// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/categorylist.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>

#include "base/text.h"
#include "cells/plottext.h"

namespace cellocus {

namespace {

constexpr int padding = 6;

QString grouped(std::int64_t number) {
  return QString::fromStdString(withThousands(number));
}

QString shareOf(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return QStringLiteral("0");
  return QString::number(100.0 * static_cast<double>(part) / static_cast<double>(whole), 'f', 1);
}

}  // namespace

void CategoryList::setColouring(const CellColouring& colouring) {
  beginResetModel();
  m_names = colouring.categories;
  m_colours = colouring.colours;
  m_counts = colouring.categoryCounts();
  m_hidden.assign(m_counts.size(), false);
  m_cells = colouring.cellCount();
  m_highlighted = -1;
  endResetModel();
}

void CategoryList::setHighlighted(int category) {
  m_highlighted = category;
  refresh();
}

std::vector<int> CategoryList::hidden() const {
  std::vector<int> categories;
  for (std::size_t i = 0; i < m_hidden.size(); ++i)
    if (m_hidden[i]) categories.push_back(static_cast<int>(i));
  return categories;
}

void CategoryList::setHidden(const std::vector<int>& categories) {
  std::fill(m_hidden.begin(), m_hidden.end(), false);
  for (const int category : categories)
    if (category >= 0 && category < rowCount()) m_hidden[static_cast<std::size_t>(category)] = true;
  refresh();
}

void CategoryList::refresh() {
  if (rowCount() > 0) emit dataChanged(index(0), index(rowCount() - 1));
}

int CategoryList::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_names.size());
}

QVariant CategoryList::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const auto row = static_cast<std::size_t>(index.row());
  switch (role) {
    case Qt::DisplayRole:
      return m_names[index.row()];
    case Qt::CheckStateRole:
      return m_hidden[row] ? Qt::Unchecked : Qt::Checked;
    case ColourRole:
      return m_colours[row];
    case CountRole:
      return static_cast<qlonglong>(m_counts[row]);
    case HighlightedRole:
      return index.row() == m_highlighted;
    case Qt::ToolTipRole:
      return plainToolTip(describe(index.row()));
    case Qt::AccessibleDescriptionRole:
      return describe(index.row());
    default:
      return {};
  }
}

QString CategoryList::describe(int category) const {
  const std::int64_t count = m_counts[static_cast<std::size_t>(category)];
  return tr("%1: %2 cells, %3 %").arg(m_names[category], grouped(count), shareOf(count, m_cells));
}

bool CategoryList::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (role != Qt::CheckStateRole || !checkIndex(index, CheckIndexOption::IndexIsValid))
    return false;
  m_hidden[static_cast<std::size_t>(index.row())] = value.toInt() != Qt::Checked;
  emit dataChanged(index, index, {Qt::CheckStateRole});
  emit hiddenChanged();
  return true;
}

Qt::ItemFlags CategoryList::flags(const QModelIndex& index) const {
  const Qt::ItemFlags base = QAbstractListModel::flags(index);
  return index.isValid() ? base | Qt::ItemIsUserCheckable : base;
}

QRect CategoryDelegate::squareOf(const QRect& row) {
  const int side = std::min(14, row.height() - 6);
  return {row.left() + padding, row.top() + (row.height() - side) / 2, side, side};
}

QSize CategoryDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const {
  return {120, option.fontMetrics.height() + 6};
}

void CategoryDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                             const QModelIndex& index) const {
  const Theme theme = Theme::from(option.palette);
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  const QRectF row = QRectF(option.rect).adjusted(1, 0.5, -1, -0.5);
  const bool highlighted = index.data(CategoryList::HighlightedRole).toBool();
  if (highlighted || option.state.testFlag(QStyle::State_MouseOver)) {
    QColor fill = theme.accent;
    fill.setAlphaF(highlighted ? 0.20f : 0.07f);
    painter->setPen(Qt::NoPen);
    painter->setBrush(fill);
    painter->drawRoundedRect(row, 4, 4);
  }
  const bool shown = index.data(Qt::CheckStateRole).toInt() == Qt::Checked;
  const QColor colour = visibleColour(index.data(CategoryList::ColourRole).value<QColor>(), theme);
  const QRectF square = QRectF(squareOf(option.rect)).adjusted(1, 1, -1, -1);
  painter->setPen(QPen(colour, 1.5));
  painter->setBrush(shown ? QBrush(colour) : QBrush(Qt::NoBrush));
  painter->drawRoundedRect(square, 3, 3);

  const QString count = grouped(index.data(CategoryList::CountRole).toLongLong());
  QFont numberFont = smallFont(option.font);
  const QFontMetrics numberMetrics(numberFont);
  QRect text = option.rect.adjusted(
      squareOf(option.rect).right() - option.rect.left() + padding + 2, 0, -padding, 0);
  painter->setFont(numberFont);
  painter->setPen(theme.mutedText);
  painter->drawText(text, Qt::AlignRight | Qt::AlignVCenter, count);
  text.setRight(text.right() - numberMetrics.horizontalAdvance(count) - padding);
  QFont nameFont = option.font;
  if (highlighted) nameFont.setWeight(QFont::DemiBold);
  painter->setFont(nameFont);
  painter->setPen(shown ? theme.text : theme.mutedText);
  painter->drawText(
      text, Qt::AlignLeft | Qt::AlignVCenter,
      QFontMetrics(nameFont).elidedText(index.data().toString(), Qt::ElideRight, text.width()));
  if (option.state.testFlag(QStyle::State_HasFocus)) {
    painter->setPen(QPen(theme.accent, 1.5));
    painter->setBrush(Qt::NoBrush);
    painter->drawRoundedRect(row, 4, 4);
  }
  painter->restore();
}

bool CategoryDelegate::editorEvent(QEvent* event, QAbstractItemModel* model,
                                   const QStyleOptionViewItem& option, const QModelIndex& index) {
  const auto toggle = [&] {
    const bool shown = index.data(Qt::CheckStateRole).toInt() == Qt::Checked;
    return model->setData(index, shown ? Qt::Unchecked : Qt::Checked, Qt::CheckStateRole);
  };
  if (event->type() == QEvent::MouseButtonRelease) {
    const auto* mouse = static_cast<QMouseEvent*>(event);
    const QRect target = squareOf(option.rect).adjusted(-padding, -3, 3, 3);
    return mouse->button() == Qt::LeftButton && target.contains(mouse->pos()) && toggle();
  }
  if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Space)
    return toggle();
  return false;
}

CategoryView::CategoryView(QWidget* parent) : QListView(parent) {
  setItemDelegate(new CategoryDelegate(this));
  setUniformItemSizes(true);
  setMouseTracking(true);
  setFrameShape(QFrame::NoFrame);
  viewport()->setAutoFillBackground(false);
  setSelectionMode(QAbstractItemView::NoSelection);
  setEditTriggers(QAbstractItemView::NoEditTriggers);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setContextMenuPolicy(Qt::CustomContextMenu);
}

bool CategoryView::onName(const QPoint& position) const {
  const QModelIndex index = indexAt(position);
  return index.isValid() &&
         position.x() > CategoryDelegate::squareOf(visualRect(index)).right() + 3;
}

void CategoryView::mouseReleaseEvent(QMouseEvent* event) {
  QListView::mouseReleaseEvent(event);
  const bool second = std::exchange(m_doubleClicked, false);
  if (!second && event->button() == Qt::LeftButton && onName(event->pos()))
    emit nameClicked(indexAt(event->pos()));
}

void CategoryView::mouseDoubleClickEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !onName(event->pos())) {
    QListView::mouseDoubleClickEvent(event);
    return;
  }
  m_doubleClicked = true;
  emit nameDoubleClicked(indexAt(event->pos()));
}

void CategoryView::keyPressEvent(QKeyEvent* event) {
  const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  if (!enter || !currentIndex().isValid()) {
    QListView::keyPressEvent(event);
  } else if (event->modifiers().testFlag(Qt::ControlModifier)) {
    emit nameDoubleClicked(currentIndex());
  } else {
    emit nameClicked(currentIndex());
  }
}

}  // namespace cellocus
