// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/legendview.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPainterPath>
#include <QSortFilterProxyModel>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "base/text.h"
#include "cells/categorylist.h"
#include "cells/colourbar.h"
#include "cells/plottext.h"

namespace cellocus {

namespace {

constexpr qsizetype mostWithoutSearch = 30;

QString grouped(std::int64_t number) {
  return QString::fromStdString(withThousands(number));
}

/// A padlock drawn here, so that it follows the theme and any scale.
QIcon lockIcon(bool closed, const QColor& colour) {
  QPixmap pixmap(64, 64);
  pixmap.fill(Qt::transparent);
  QPainter painter(&pixmap);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(colour, 6));
  QPainterPath shackle;
  shackle.moveTo(20, 32);
  shackle.lineTo(20, 22);
  shackle.arcTo(QRectF(20, 8, 24, 28), 180, -180);
  if (closed) shackle.lineTo(44, 32);
  painter.drawPath(shackle);
  painter.setPen(Qt::NoPen);
  painter.setBrush(colour);
  painter.drawRoundedRect(QRectF(12, 30, 40, 27), 5, 5);
  return QIcon(pixmap);
}

}  // namespace

LegendView::LegendView(QWidget* parent) : QWidget(parent) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(8, 6, 8, 6);
  layout->setSpacing(4);
  buildHeading();
  buildList();
  buildBar();
  m_note = new QLabel(this);
  m_note->setTextFormat(Qt::PlainText);
  m_note->setWordWrap(true);
  layout->addWidget(m_note);
  layout->addStretch(1);
  setAccessibleName(tr("Legend"));
  setColouring({});
}

void LegendView::buildHeading() {
  auto* row = new QHBoxLayout;
  m_title = new QLabel(this);
  m_title->setTextFormat(Qt::PlainText);
  m_title->setFont(titleFont(font()));
  m_title->setWordWrap(true);
  row->addWidget(m_title, 1);
  m_lock = new QToolButton(this);
  m_lock->setCheckable(true);
  m_lock->setAutoRaise(true);
  m_lock->setAccessibleName(tr("Lock the colour scale"));
  m_lock->setToolTip(tr("Keep these limits when other values are shown"));
  row->addWidget(m_lock, 0, Qt::AlignTop);
  auto* column = static_cast<QVBoxLayout*>(layout());
  column->addLayout(row);
  m_unit = new QLabel(this);
  m_unit->setTextFormat(Qt::PlainText);
  m_unit->setWordWrap(true);
  m_unit->setFont(smallFont(font()));
  column->addWidget(m_unit);
  connect(m_lock, &QToolButton::toggled, this, [this](bool locked) {
    updateLockIcon();
    ColourLimits limits = m_colouring.limits;
    limits.locked = locked;
    if (limits != m_colouring.limits) changeLimits(limits);
  });
}

void LegendView::buildList() {
  m_search = new QLineEdit(this);
  m_search->setPlaceholderText(tr("Find a category"));
  m_search->setClearButtonEnabled(true);
  m_search->setAccessibleName(tr("Find a category"));
  m_categories = new CategoryList(this);
  m_found = new QSortFilterProxyModel(this);
  m_found->setSourceModel(m_categories);
  m_found->setFilterCaseSensitivity(Qt::CaseInsensitive);
  m_list = new CategoryView(this);
  m_list->setModel(m_found);
  m_list->setAccessibleName(tr("Categories"));
  auto* column = static_cast<QVBoxLayout*>(layout());
  column->addWidget(m_search);
  column->addWidget(m_list, 1000);  // before the stretch at the end
  const auto category = [this](const QModelIndex& row) { return m_found->mapToSource(row).row(); };
  connect(m_search, &QLineEdit::textChanged, m_found, &QSortFilterProxyModel::setFilterFixedString);
  connect(m_list, &CategoryView::nameClicked, this,
          [this, category](const QModelIndex& row) { toggleHighlight(category(row)); });
  connect(m_list, &CategoryView::nameDoubleClicked, this,
          [this, category](const QModelIndex& row) { toggleIsolated(category(row)); });
  connect(m_categories, &CategoryList::hiddenChanged, this,
          [this] { emit hiddenCategoriesChanged(m_categories->hidden()); });
  connect(m_list, &QWidget::customContextMenuRequested, this,
          [this, category](const QPoint& position) {
            if (const QModelIndex row = m_list->indexAt(position); row.isValid())
              emit categoryMenuRequested(category(row), m_list->viewport()->mapToGlobal(position));
          });
}

void LegendView::buildBar() {
  m_bar = new ColourBar(this);
  layout()->addWidget(m_bar);
  connect(m_bar, &ColourBar::limitsDragged, this, &LegendView::changeLimits);
  connect(m_bar, &ColourBar::resetRequested, this, [this] {
    ColourLimits limits = defaultLimits(m_colouring.values, m_colouring.kind);
    limits.locked = m_colouring.limits.locked;
    changeLimits(limits);
  });
}

void LegendView::setColouring(const CellColouring& colouring) {
  m_colouring = colouring;
  const bool categories = colouring.kind == CellColouring::Kind::Category;
  const bool values = colouring.hasValues();
  m_title->setText(colouring.title);
  m_unit->setText(colouring.unit);
  m_unit->setVisible(!colouring.unit.isEmpty());
  m_title->setToolTip(
      colouring.kind == CellColouring::Kind::None ? QString() : plainToolTip(colouring.toolTip()));
  m_search->clear();
  m_search->setVisible(categories && colouring.categories.size() > mostWithoutSearch);
  m_list->setVisible(categories);
  m_bar->setVisible(values);
  m_lock->setVisible(values);
  m_categories->setColouring(colouring);
  // No taller than its rows, so that the note stands under the last of them.
  const auto rows = static_cast<int>(std::max<qsizetype>(1, colouring.categories.size()));
  m_list->setMaximumHeight(std::min(rows, 10'000) * std::max(1, m_list->sizeHintForRow(0)) + 2);
  m_bar->setColouring(colouring);
  setLimits(colouring.limits);
  showNote();
  updateGeometry();
}

void LegendView::showNote() {
  QStringList lines;
  if (m_colouring.kind == CellColouring::Kind::None) lines << tr("Choose what to colour by.");
  if (m_colouring.constant()) lines << tr("Constant: every cell has the same value.");
  if (m_colouring.hasValues() && m_colouring.zeros == CellColouring::Zeros::Grey)
    lines << tr("Grey: %1 cells with zero").arg(grouped(m_colouring.zeroCount()));
  if (const std::int64_t missing = m_colouring.missingCount(); missing > 0)
    lines << tr("Grey: %1 cells without a value").arg(grouped(missing));
  m_note->setFont(smallFont(font()));
  m_note->setText(lines.join(QLatin1Char('\n')));
  m_note->setVisible(!lines.isEmpty());
}

void LegendView::updateLockIcon() {
  const Theme theme = Theme::from(palette());
  m_lock->setIcon(
      lockIcon(m_lock->isChecked(), m_lock->isChecked() ? theme.text : theme.mutedText));
}

int LegendView::highlightedCategory() const {
  return m_categories->highlighted();
}

std::vector<int> LegendView::hiddenCategories() const {
  return m_categories->hidden();
}

void LegendView::setHighlightedCategory(int category) {
  m_categories->setHighlighted(category);
}

void LegendView::setHiddenCategories(const std::vector<int>& categories) {
  m_categories->setHidden(categories);
}

void LegendView::setLimits(const ColourLimits& limits) {
  m_colouring.limits = limits;
  m_bar->setLimits(limits);
  m_lock->setChecked(limits.locked);
  updateLockIcon();
}

void LegendView::toggleHighlight(int category) {
  const int now = category == m_categories->highlighted() ? -1 : category;
  m_categories->setHighlighted(now);
  emit categoryToggled(now);
}

void LegendView::toggleIsolated(int category) {
  std::vector<int> others;
  for (int other = 0; other < m_categories->rowCount(); ++other)
    if (other != category) others.push_back(other);
  const bool alone = m_categories->hidden() == others;
  if (m_categories->highlighted() >= 0) toggleHighlight(m_categories->highlighted());
  m_categories->setHidden(alone ? std::vector<int>() : others);
  emit categoryIsolated(alone ? -1 : category);
  emit hiddenCategoriesChanged(m_categories->hidden());
}

void LegendView::changeLimits(const ColourLimits& dragged) {
  ColourLimits limits = dragged;
  limits.locked = m_lock->isChecked();
  setLimits(limits);
  emit limitsChanged(limits);
}

QSize LegendView::sizeHint() const {
  return {200, 260};
}

void LegendView::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (!m_note) return;
  if (event->type() == QEvent::FontChange) {
    m_title->setFont(titleFont(font()));
    m_note->setFont(smallFont(font()));
    m_unit->setFont(smallFont(font()));
  } else if (event->type() == QEvent::PaletteChange) {
    updateLockIcon();
  }
}

}  // namespace cellocus
