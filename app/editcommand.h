// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDateTime>
#include <QUndoCommand>

#include "session/session.h"

namespace cellocus {

/// Exchanges the edits of the session as a whole: both states are values, so undo cannot go wrong.
/// Typed bases that follow each other within a second are one step.
class EditCommand : public QUndoCommand {
 public:
  enum class Merge { Never, WithTyping };
  EditCommand(Session& session, EditState after, const QString& text, Merge merge = Merge::Never);

  void undo() override { m_session.setEdits(m_before); }
  void redo() override { m_session.setEdits(m_after); }
  int id() const override { return m_merge == Merge::WithTyping ? 1 : -1; }
  bool mergeWith(const QUndoCommand* next) override;

 private:
  Session& m_session;
  EditState m_before, m_after;
  Merge m_merge;
  qint64 m_time;
  int m_steps = 1;
};

}  // namespace cellocus
