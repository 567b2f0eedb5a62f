// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPoint>
#include <QUndoStack>

#include "genome/genomeview.h"
#include "session/session.h"

namespace cellocus {

/// Connects the genome view with the session: values go to the view, what the user did goes to the
/// session or, where it changes the sequence, onto the undo stack.
class GenomeLink : public QObject {
  Q_OBJECT

 public:
  GenomeLink(Session& session, GenomeView& view, QUndoStack& edits, QObject* parent = nullptr);

  void setDisplayMode(DisplayMode mode);
  DisplayMode displayMode() const { return m_displayMode; }
  void setScaleMode(ScaleMode mode);
  ScaleMode scaleMode() const { return m_scaleMode; }
  /// Puts an edit onto the undo stack. A refused edit (REF mismatch, outside) is said with
  /// failed().
  void applyEdit(const Variant& edit, const QString& text = {});
  void revertEdit(const Variant& edit);
  void revertAll();
  /// The gene becomes the context: selected, model window on its start site.
  void goToGene(const Gene& gene);

 signals:
  void failed(const QString& sentence);
  void hint(const QString& sentence);
  void readout(const cellocus::GenomeReadout& readout);
  void pinnedBinChanged(qint64 bin);
  void settled(const cellocus::Locus& locus);
  void typingModeChanged(cellocus::TypingMode mode);

 private:
  void connectSources();
  void connectContext();
  void connectResults();
  void connectNavigation();
  void connectEditing();
  void connectMenus();
  void showTracks();
  void showPredictionState();
  void changeEdit(const Variant& before, const Variant& after);
  void push(const EditState& after, const QString& text, bool typed);
  void showBaseMenu(const GenomeHit& hit, const QPoint& at);
  void showRegionMenu(const Locus& region, const QPoint& at);

  Session& m_session;
  GenomeView& m_view;
  QUndoStack& m_edits;
  DisplayMode m_displayMode = DisplayMode::Both;
  /// Tracks of a model differ in kind, and a strong one would flatten the others; REF and ALT of a
  /// track share a scale in any case.
  ScaleMode m_scaleMode = ScaleMode::PerTrack;
};

}  // namespace cellocus
