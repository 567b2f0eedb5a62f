// SPDX-License-Identifier: GPL-3.0-or-later
#include "editspanel.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "costtext.h"
#include "editcommand.h"

namespace cellocus {

EditsPanel::EditsPanel(Session& session, GenomeLink& link, QUndoStack& undo, QWidget* parent)
    : QWidget(parent), m_session(session), m_link(link), m_undo(undo) {
  build();
  connect(&m_session, &Session::editsChanged, this, &EditsPanel::refresh);
  connect(&m_session, &Session::predictionStateChanged, this, &EditsPanel::showCost);
  refresh();
}

void EditsPanel::build() {
  m_list = new QTreeWidget(this);
  m_list->setObjectName("edits");
  m_list->setAccessibleName(tr("Edits"));
  m_list->setRootIsDecorated(false);
  m_list->setHeaderLabels({tr("HGVS name"), tr("Length")});
  m_list->headerItem()->setToolTip(
      0,
      tr("Name of the change on the genome (HGVS, 3′ rule); checked edits are in the haplotype"));
  m_list->headerItem()->setToolTip(
      1, tr("Bases gained or lost; a change of length moves all bases behind it"));
  m_list->header()->setStretchLastSection(false);
  m_list->header()->setSectionResizeMode(0, QHeaderView::Stretch);
  m_list->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
  m_revert = new QPushButton(tr("Revert"), this);
  m_revert->setObjectName("revertEdit");
  m_revert->setToolTip(tr("Bring the reference back at the selected edit"));
  m_cost = new QLabel(this);
  m_cost->setObjectName("editsCost");
  m_cost->setTextFormat(Qt::PlainText);
  m_cost->setWordWrap(true);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(4, 4, 4, 4);
  layout->addWidget(m_list);
  layout->addWidget(m_cost);
  layout->addWidget(m_revert, 0, Qt::AlignRight);
  connect(m_revert, &QPushButton::clicked, this, &EditsPanel::revertSelected);
  connect(m_list, &QTreeWidget::itemChanged, this, [this](QTreeWidgetItem* item) { toggle(item); });
  connect(m_list, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem* item) {
    emit goToRequested(m_rows[static_cast<std::size_t>(m_list->indexOfTopLevelItem(item))]);
  });
  connect(m_list, &QTreeWidget::itemSelectionChanged, this,
          [this] { m_revert->setEnabled(!m_list->selectedItems().isEmpty()); });
}

void EditsPanel::addRow(const Variant& edit, bool on) {
  m_rows.push_back(edit);
  auto* item = new QTreeWidgetItem(m_list);
  item->setText(
      0, m_session.genome() ? QString::fromStdString(hgvs(edit, *m_session.genome())) : QString());
  item->setToolTip(0, QString::fromStdString(variantText(edit)));
  const std::int64_t change = edit.lengthChange();
  item->setText(1, change == 0 ? tr("same")
                               : tr("%1%2 bp").arg(change > 0 ? "+" : "−").arg(std::abs(change)));
  item->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
  if (change != 0)
    item->setToolTip(1, tr("This edit moves the bases behind it, which are computed anew."));
  item->setCheckState(0, on ? Qt::Checked : Qt::Unchecked);
}

void EditsPanel::refresh() {
  m_filling = true;
  m_list->clear();
  m_rows.clear();
  for (const Variant& edit : m_session.edits().haplotype.variants()) addRow(edit, true);
  for (const Variant& edit : m_session.edits().disabled) addRow(edit, false);
  m_revert->setEnabled(false);
  m_filling = false;
  showCost();
}

void EditsPanel::showCost() {
  const bool hasEdits = !m_session.edits().haplotype.isReference();
  const QString sentence = hasEdits ? costSentence(m_session.predictionCost()) : QString();
  m_cost->setText(sentence);
  m_cost->setVisible(!sentence.isEmpty());
}

void EditsPanel::toggle(QTreeWidgetItem* item) {
  if (m_filling || !m_session.genome()) return;
  const Variant edit = m_rows[static_cast<std::size_t>(m_list->indexOfTopLevelItem(item))];
  EditState after = m_session.edits();
  if (item->checkState(0) == Qt::Unchecked) {
    after.haplotype = after.haplotype.without(edit);
    after.disabled.push_back(edit);
  } else {
    after.haplotype = after.haplotype.with(edit, *m_session.genome());
    std::erase(after.disabled, edit);
  }
  m_undo.push(new EditCommand(m_session, after,
                              tr("Switch %1").arg(QString::fromStdString(variantText(edit)))));
}

void EditsPanel::revertSelected() {
  const auto selected = m_list->selectedItems();
  if (selected.isEmpty()) return;
  m_link.revertEdit(
      m_rows[static_cast<std::size_t>(m_list->indexOfTopLevelItem(selected.front()))]);
}

}  // namespace cellocus
