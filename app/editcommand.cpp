// SPDX-License-Identifier: GPL-3.0-or-later
#include "editcommand.h"

namespace cellocus {

namespace {
constexpr qint64 pauseMs = 1000;
constexpr int mostBases = 20;
}  // namespace

EditCommand::EditCommand(Session& session, EditState after, const QString& text, Merge merge)
    : QUndoCommand(text),
      m_session(session),
      m_before(session.edits()),
      m_after(std::move(after)),
      m_merge(merge),
      m_time(QDateTime::currentMSecsSinceEpoch()) {}

bool EditCommand::mergeWith(const QUndoCommand* next) {
  const auto* later = static_cast<const EditCommand*>(next);
  if (later->m_time - m_time > pauseMs || m_steps >= mostBases || later->m_before != m_after)
    return false;
  m_after = later->m_after;
  m_time = later->m_time;
  ++m_steps;
  if (m_after == m_before) setObsolete(true);
  return true;
}

}  // namespace cellocus
