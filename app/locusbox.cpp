// SPDX-License-Identifier: GPL-3.0-or-later
#include "locusbox.h"

#include <QAbstractItemView>
#include <QCompleter>
#include <QKeyEvent>
#include <QVBoxLayout>

#include "base/error.h"

namespace cellocus {

LocusBox::LocusBox(QWidget* parent) : QWidget(parent) {
  buildEdit();
  buildCompleter();
}

void LocusBox::buildEdit() {
  m_edit = new QLineEdit(this);
  m_edit->setObjectName("locusEdit");
  m_edit->setAccessibleName(tr("Locus"));
  m_edit->setPlaceholderText(
      tr("Gene, region or variant: GATA4, chr8:11,700,000-11,760,000, chr8:11735000 C>T"));
  m_edit->setClearButtonEnabled(true);
  m_edit->setMinimumWidth(240);
  m_edit->setEnabled(false);
  m_edit->installEventFilter(this);
  // Floats under the box, so that a sentence does not move the window's parts.
  m_problem = new QLabel(this, Qt::ToolTip);
  m_problem->setObjectName("locusProblem");
  m_problem->setTextFormat(Qt::PlainText);
  m_problem->setMargin(6);
  m_problem->hide();
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(4, 0, 4, 0);
  layout->addWidget(m_edit);
  connect(m_edit, &QLineEdit::returnPressed, this, &LocusBox::submit);
  connect(m_edit, &QLineEdit::textEdited, this, &LocusBox::suggest);
}

void LocusBox::buildCompleter() {
  m_suggestions = new QStandardItemModel(this);
  m_completer = new QCompleter(m_suggestions, this);
  m_completer->setCompletionMode(QCompleter::UnfilteredPopupCompletion);
  m_completer->setCompletionRole(Qt::UserRole);
  m_completer->setMaxVisibleItems(12);
  m_edit->setCompleter(m_completer);
  connect(m_completer, qOverload<const QString&>(&QCompleter::activated), this, &LocusBox::submit,
          Qt::QueuedConnection);
}

void LocusBox::setSources(std::shared_ptr<const Genome> genome,
                          std::shared_ptr<const Annotation> annotation) {
  m_genome = std::move(genome);
  m_annotation = std::move(annotation);
  m_edit->setEnabled(m_genome != nullptr);
}

QString LocusBox::currentText() const {
  if (m_locus.contig.empty()) return {};
  const QString place = QString::fromStdString(locusText(m_locus));
  return m_gene.isEmpty() ? place : tr("%1  %2").arg(m_gene, place);
}

void LocusBox::setCurrent(const Locus& locus, const QString& gene) {
  m_locus = locus;
  m_gene = gene;
  if (!m_edit->hasFocus() || !m_edit->isModified()) m_edit->setText(currentText());
}

void LocusBox::startTyping() {
  m_edit->setFocus(Qt::ShortcutFocusReason);
  m_edit->selectAll();
}

void LocusBox::suggest(const QString& text) {
  m_problem->hide();
  m_suggestions->clear();
  if (!m_genome || text.trimmed().isEmpty()) return;
  for (const LocusSuggestion& entry :
       suggestLoci(text.trimmed().toStdString(), *m_genome, m_annotation.get())) {
    const QString name = QString::fromStdString(entry.text);
    auto* item = new QStandardItem(tr("%1   %2").arg(name, QString::fromStdString(entry.detail)));
    item->setData(name, Qt::UserRole);
    m_suggestions->appendRow(item);
  }
}

void LocusBox::submit() {
  if (!m_genome) return;
  const QString text = m_edit->text().trimmed();
  if (text.isEmpty() || text == currentText()) return;
  try {
    const LocusAnswer answer =
        resolveLocus(text.toStdString(), *m_genome, m_annotation.get(), m_locus);
    m_problem->hide();
    m_completer->popup()->hide();
    m_edit->setModified(false);
    m_edit->clearFocus();
    emit answered(answer);
  } catch (const Error& error) {
    showProblem(QString::fromUtf8(error.what()));
  }
}

void LocusBox::showProblem(const QString& sentence) {
  m_completer->popup()->hide();
  m_problem->setText(sentence);
  m_problem->setAccessibleName(sentence);
  m_problem->adjustSize();
  m_problem->move(m_edit->mapToGlobal(QPoint(0, m_edit->height() + 2)));
  m_problem->show();
}

bool LocusBox::eventFilter(QObject* watched, QEvent* event) {
  if (watched == m_edit && event->type() == QEvent::KeyPress &&
      static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
    m_problem->hide();
    m_edit->setModified(false);
    m_edit->setText(currentText());
    m_edit->clearFocus();
    return true;
  }
  if (watched == m_edit && event->type() == QEvent::FocusOut) m_problem->hide();
  return QWidget::eventFilter(watched, event);
}

}  // namespace cellocus
