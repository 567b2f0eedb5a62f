// SPDX-License-Identifier: GPL-3.0-or-later
#include "genematchdialog.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "base/text.h"

namespace cellocus {

namespace {

QString text(const std::string& value) {
  return QString::fromStdString(value);
}

/// More of a list than anybody reads would make the dialog slow to open.
constexpr std::size_t mostShown = 5000;

void addList(QTreeWidget* tree, const QString& title, const std::vector<GeneJoin::LeftOut>& list) {
  auto* group = new QTreeWidgetItem(tree, {title, text(withThousands(std::ssize(list)))});
  group->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
  for (std::size_t i = 0; i < list.size() && i < mostShown; ++i)
    new QTreeWidgetItem(group, {text(printable(list[i].name)), QString(), text(list[i].reason)});
  if (list.size() > mostShown)
    new QTreeWidgetItem(
        group, {GeneMatchDialog::tr("and %1 more")
                    .arg(text(withThousands(std::ssize(list) - std::int64_t{mostShown})))});
}

}  // namespace

GeneMatchDialog::GeneMatchDialog(const GeneJoin& join, QWidget* parent) : QDialog(parent) {
  setObjectName("geneMatchDialog");
  setWindowTitle(tr("How genes were matched"));
  buildTree(join);
  layOut(join);
  resize(620, 420);
}

void GeneMatchDialog::buildTree(const GeneJoin& join) {
  m_tree = new QTreeWidget(this);
  m_tree->setObjectName("geneMatches");
  m_tree->setAccessibleName(windowTitle());
  m_tree->setHeaderLabels({tr("Gene"), tr("Number"), tr("Why")});
  const std::pair<GeneMatch, QString> kinds[] = {
      {GeneMatch::Id, tr("Matched by Ensembl id")},
      {GeneMatch::Symbol, tr("Matched by symbol")},
      {GeneMatch::Alias, tr("Matched by an earlier or other name")}};
  for (const auto& [how, title] : kinds) {
    auto* item = new QTreeWidgetItem(m_tree, {title, text(withThousands(join.count(how)))});
    item->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
  }
  addList(m_tree, tr("Embeddings with more than one possible gene"), join.ambiguousRows);
  addList(m_tree, tr("Embeddings without a gene"), join.missingRows);
  addList(m_tree, tr("Genes with more than one possible embedding"), join.ambiguousGenes);
  addList(m_tree, tr("Genes without an embedding"), join.missingGenes);
  m_tree->header()->setStretchLastSection(true);
  m_tree->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
}

void GeneMatchDialog::layOut(const GeneJoin& join) {
  auto* summary = new QLabel(text(join.summary()), this);
  summary->setTextFormat(Qt::PlainText);
  summary->setWordWrap(true);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(summary);
  layout->addWidget(m_tree, 1);
  layout->addWidget(buttons);
}

}  // namespace cellocus
