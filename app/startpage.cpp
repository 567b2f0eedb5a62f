// SPDX-License-Identifier: GPL-3.0-or-later
#include "startpage.h"

#include <QCommandLinkButton>
#include <QFileInfo>
#include <QLabel>
#include <QListWidget>
#include <QVBoxLayout>

namespace cellocus {

namespace {

QLabel* makeLabel(const QString& text, double scale, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  QFont font = label->font();
  font.setPointSizeF(font.pointSizeF() * scale);
  font.setBold(scale > 1);
  label->setFont(font);
  label->setTextFormat(Qt::PlainText);
  label->setWordWrap(true);
  return label;
}

}  // namespace

StartPage::StartPage(Actions& actions, QWidget* parent) : QWidget(parent) {
  setObjectName("startPage");
  auto* column = new QWidget(this);
  column->setFixedWidth(520);
  auto* inner = new QVBoxLayout(column);
  inner->setSpacing(12);
  inner->addWidget(makeLabel(tr("Cellocus"), 2.2, column));
  inner->addWidget(
      makeLabel(tr("From a base to a cell: edit DNA, see tracks and cells move."), 1, column));
  inner->addWidget(makeButtons(actions));
  m_recentBox = new QWidget(column);
  auto* recentLayout = new QVBoxLayout(m_recentBox);
  recentLayout->setContentsMargins(0, 0, 0, 0);
  recentLayout->addWidget(makeLabel(tr("Recent sessions"), 1.1, m_recentBox));
  m_recent = new QListWidget(m_recentBox);
  m_recent->setObjectName("recentSessions");
  m_recent->setMaximumHeight(110);
  recentLayout->addWidget(m_recent);
  m_recentBox->hide();
  inner->addWidget(m_recentBox);
  inner->addWidget(makeSteps());

  auto* layout = new QVBoxLayout(this);
  layout->addStretch();
  layout->addWidget(column, 0, Qt::AlignHCenter);
  layout->addStretch();
  connect(m_recent, &QListWidget::itemActivated, this, [this](QListWidgetItem* item) {
    emit recentActivated(item->data(Qt::UserRole).toString());
  });
}

QWidget* StartPage::makeButtons(Actions& actions) {
  auto* box = new QWidget(this);
  auto* layout = new QVBoxLayout(box);
  layout->setContentsMargins(0, 0, 0, 0);
  const auto add = [&](const char* name, const QString& text, const QString& detail,
                       QAction* action) {
    auto* button = new QCommandLinkButton(text, detail, box);
    button->setObjectName(QString::fromLatin1(name));
    // The style measures the button without its second line.
    button->setMinimumHeight(3 * button->fontMetrics().height() + 14);
    connect(button, &QCommandLinkButton::clicked, action, &QAction::trigger);
    layout->addWidget(button);
  };
  add("startDemo", tr("Open the demo"),
      tr("A small synthetic genome with cells whose truth is known. Works offline."),
      actions.openDemo);
  add("startFiles", tr("Open files…"),
      tr("FASTA, GTF or MANE, BED, sequence model, cell head, .h5ad"), actions.openFiles);
  add("startSession", tr("Open a session…"), tr("A session saved before"), actions.openSession);
  return box;
}

QWidget* StartPage::makeSteps() {
  return makeLabel(tr("Or drop files anywhere in this window. Needed for predictions: a genome, a "
                      "sequence model, "
                      "and for cells a dataset with its cell head. Nothing leaves this computer."),
                   1, this);
}

void StartPage::setRecent(const QStringList& sessions) {
  m_recent->clear();
  for (const QString& path : sessions) {
    auto* item = new QListWidgetItem(QFileInfo(path).fileName(), m_recent);
    item->setToolTip(path);
    item->setData(Qt::UserRole, path);
    if (!QFileInfo::exists(path)) item->setFlags(item->flags() & ~Qt::ItemIsEnabled);
  }
  m_recentBox->setVisible(!sessions.isEmpty());
}

}  // namespace cellocus
