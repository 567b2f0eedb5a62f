// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobsdock.h"

#include <QApplication>
#include <QHeaderView>
#include <QPainter>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

namespace cellocus {

namespace {

/// Draws the state of a running job as a bar of the style.
class ProgressDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override {
    const double fraction = index.data(JobsModel::fractionRole).toDouble();
    if (fraction < 0) return QStyledItemDelegate::paint(painter, option, index);
    QStyleOptionProgressBar bar;
    bar.rect = option.rect.adjusted(3, 3, -3, -3);
    bar.minimum = 0;
    bar.maximum = 1000;
    bar.progress = static_cast<int>(fraction * 1000);
    bar.text = index.data().toString();
    bar.textVisible = true;
    bar.state = option.state | QStyle::State_Horizontal;
    bar.palette = option.palette;
    QApplication::style()->drawControl(QStyle::CE_ProgressBar, &bar, painter, option.widget);
  }
};

}  // namespace

JobsPanel::JobsPanel(JobsModel& model, QWidget* parent) : QWidget(parent), m_model(model) {
  build();
}

void JobsPanel::build() {
  m_table = new QTableView(this);
  m_table->setObjectName("jobs");
  m_table->setAccessibleName(tr("Jobs"));
  m_table->setModel(&m_model);
  m_table->setItemDelegateForColumn(JobsModel::State, new ProgressDelegate(m_table));
  m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_table->setShowGrid(false);
  m_table->setWordWrap(false);
  m_table->verticalHeader()->hide();
  m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + 8);
  m_table->horizontalHeader()->setSectionResizeMode(JobsModel::Title, QHeaderView::Stretch);
  m_table->setColumnWidth(JobsModel::State, 66);
  m_table->setColumnWidth(JobsModel::Time, 56);
  m_stop = new QPushButton(tr("Stop"), this);
  m_stop->setObjectName("stopJob");
  m_stop->setToolTip(tr("Stop the selected job"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(4, 4, 4, 4);
  layout->addWidget(m_table);
  layout->addWidget(m_stop, 0, Qt::AlignRight);
  connect(m_stop, &QPushButton::clicked, this, &JobsPanel::stopSelected);
  connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
          &JobsPanel::refreshButton);
  connect(&m_model, &JobsModel::summaryChanged, this, &JobsPanel::refreshButton);
  refreshButton();
}

void JobsPanel::stopSelected() {
  const QModelIndexList rows = m_table->selectionModel()->selectedRows();
  if (rows.isEmpty()) {
    for (int row = 0; row < m_model.rowCount(); ++row) m_model.cancel(row);
    return;
  }
  for (const QModelIndex& row : rows) m_model.cancel(row.row());
}

void JobsPanel::refreshButton() {
  const QModelIndexList rows = m_table->selectionModel()->selectedRows();
  m_stop->setText(rows.isEmpty() ? tr("Stop all") : tr("Stop"));
  m_stop->setEnabled(rows.isEmpty() ? m_model.openCount() > 0 : m_model.isOpen(rows.front().row()));
}

}  // namespace cellocus
