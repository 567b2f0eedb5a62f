// SPDX-License-Identifier: GPL-3.0-or-later
#include <QClipboard>
#include <QGuiApplication>
#include <QKeyEvent>
#include <algorithm>

#include "genome/genomeviewparts.h"

namespace cellocus {

namespace {

/// Arrow and number-pad keys carry flags that say nothing about what was meant.
Qt::KeyboardModifiers meant(const QKeyEvent& event) {
  return event.modifiers() & ~(Qt::KeypadModifier | Qt::GroupSwitchModifier);
}

char letterOf(const QKeyEvent& event) {
  return event.text().size() == 1 ? event.text().front().toLatin1() : '\0';
}

}  // namespace

/// While the caret stands on a base, keys are for the bases and not for shortcuts of the window.
bool GenomeView::Parts::wantsKey(const QKeyEvent& event) const {
  const Qt::KeyboardModifiers modifiers = meant(event);
  if (event.key() == Qt::Key_Escape)
    return gesture != Gesture::None || scene.selection || editor.caret() >= 0;
  if (modifiers == Qt::NoModifier || modifiers == Qt::ShiftModifier)
    return (editor.caret() >= 0 &&
            (SequenceEditor::isTypable(letterOf(event)) || event.key() == Qt::Key_Delete)) ||
           event.key() == Qt::Key_F || event.key() == Qt::Key_B || event.key() == Qt::Key_W;
  if (event.matches(QKeySequence::Copy) || event.matches(QKeySequence::Paste))
    return editor.caret() >= 0 || scene.selection.has_value();
  return false;
}

bool GenomeView::Parts::key(const QKeyEvent& event) {
  if (event.key() == Qt::Key_Escape) return escape();
  if (scene.contigLength() == 0) return false;
  return editingKey(event) || commandKey(event) || zoomKey(event) || arrowKey(event) ||
         trackKey(event);
}

bool GenomeView::Parts::editingKey(const QKeyEvent& event) {
  if (event.key() == Qt::Key_Insert && meant(event) == Qt::NoModifier) {
    editor.setMode(editor.mode() == TypingMode::Overtype ? TypingMode::Insert
                                                         : TypingMode::Overtype);
    view.update();
    emit view.typingModeChanged(editor.mode());
    return true;
  }
  if (event.matches(QKeySequence::Copy)) {
    const std::string bases = editor.copied();
    if (bases.empty())
      emit view.hint(
          GenomeView::tr("Nothing is selected, or its bases are not loaded. Zoom in first."));
    else
      QGuiApplication::clipboard()->setText(QString::fromStdString(bases));
    return true;
  }
  if (editor.caret() < 0 || !atBases()) return false;
  if (event.matches(QKeySequence::Paste)) {
    carryOut(editor.paste(QGuiApplication::clipboard()->text()));
    return true;
  }
  if (event.key() == Qt::Key_Backspace && meant(event) == Qt::ControlModifier) {
    carryOut(editor.revert());
    return true;
  }
  if (meant(event) & ~Qt::ShiftModifier) return false;
  if (event.key() == Qt::Key_Delete) {
    carryOut(editor.erase());
    return true;
  }
  if (event.key() == Qt::Key_Backspace) {
    carryOut(editor.backspace());
    return true;
  }
  if (!SequenceEditor::isTypable(letterOf(event))) return false;
  carryOut(editor.type(letterOf(event)));
  return true;
}

/// Hands on what the editor wants. The caret has moved already; the haplotype comes back by
/// setHaplotype().
void GenomeView::Parts::carryOut(const EditRequest& request) {
  if (request.kind != EditRequest::Kind::None && request.kind != EditRequest::Kind::Revert)
    select(std::nullopt);
  const std::int64_t caret = editor.caret();
  if (caret >= 0) reveal(caret);
  view.update();
  switch (request.kind) {
    case EditRequest::Kind::None:
      break;
    case EditRequest::Kind::Edit:
      emit view.editRequested(request.edit);
      break;
    case EditRequest::Kind::Change:
      emit view.changeRequested(request.before, request.edit);
      break;
    case EditRequest::Kind::Revert:
      emit view.revertRequested(request.edit);
      break;
    case EditRequest::Kind::Confirm:
      emit view.confirmationRequested(request.edit, request.text);
      return;
  }
  if (!request.text.isEmpty()) emit view.hint(request.text);
  emit view.caretMoved(caret);
}

bool GenomeView::Parts::commandKey(const QKeyEvent& event) {
  const Qt::KeyboardModifiers modifiers = meant(event);
  if (modifiers == Qt::AltModifier && (event.key() == Qt::Key_Up || event.key() == Qt::Key_Down)) {
    goToEdit(event.key() == Qt::Key_Down ? 1 : -1);
    return true;
  }
  if (modifiers != Qt::NoModifier) return false;
  switch (event.key()) {
    case Qt::Key_F:
      goToGene(1);
      return true;
    case Qt::Key_B:
      goToGene(-1);
      return true;
    case Qt::Key_W: {
      const std::int64_t middle = shown().centre();
      emit view.recentreRequested({scene.contig, middle, middle + 1});
      return true;
    }
    default:
      return false;
  }
}

bool GenomeView::Parts::zoomKey(const QKeyEvent& event) {
  constexpr double step = 1.5;
  const double middle = axis.left() + axis.width() / 2;
  const bool control = meant(event) & Qt::ControlModifier;
  switch (event.key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      moveTo(axis.zoomed(step, middle));
      return true;
    case Qt::Key_Minus:
    case Qt::Key_Underscore:
      moveTo(axis.zoomed(1 / step, middle));
      return true;
    case Qt::Key_Up:
    case Qt::Key_Down:
      if (!control) return false;
      moveTo(axis.zoomed(event.key() == Qt::Key_Up ? step : 1 / step, middle));
      return true;
    case Qt::Key_0:
      if (!control) return false;
      fitWindow();
      return true;
    default:
      return false;
  }
}

bool GenomeView::Parts::arrowKey(const QKeyEvent& event) {
  const bool control = meant(event) & Qt::ControlModifier, shift = meant(event) & Qt::ShiftModifier;
  if (meant(event) & Qt::AltModifier) return false;  // history
  if (event.key() == Qt::Key_Home || event.key() == Qt::Key_End) {
    const double direction = event.key() == Qt::Key_Home ? -1 : 1;
    moveTo(axis.panned(direction *
                       (control ? static_cast<double>(scene.contigLength()) * axis.pixelsPerUnit()
                                : axis.width())));
    return true;
  }
  if (event.key() != Qt::Key_Left && event.key() != Qt::Key_Right) return false;
  const int direction = event.key() == Qt::Key_Left ? -1 : 1;
  if (editor.caret() >= 0 && atBases() && !control) {
    if (shift) {
      const std::int64_t before = editor.caret();
      select(editor.extendTo(before + direction));
      reveal(editor.caret());
      emit view.caretMoved(editor.caret());
    } else {
      select(std::nullopt);
      moveCaret(std::max<std::int64_t>(0, editor.caret() + direction));
    }
    return true;
  }
  const double step = control              ? axis.width() / 2
                      : shift && atBases() ? axis.pixelsPerUnit()
                                           : axis.width() / 10;
  moveTo(axis.panned(direction * step));
  return true;
}

bool GenomeView::Parts::trackKey(const QKeyEvent& event) {
  if (meant(event) != Qt::NoModifier) return false;
  const auto count = static_cast<std::int64_t>(scene.tracks.size());
  switch (event.key()) {
    case Qt::Key_Up:
    case Qt::Key_Down: {
      if (count == 0) return false;
      focusedTrack = std::clamp<std::int64_t>(focusedTrack + (event.key() == Qt::Key_Down ? 1 : -1),
                                              0, count - 1);
      const std::int64_t track = scene.tracks[static_cast<std::size_t>(focusedTrack)].track;
      for (const PlacedRow& placed : places.rows) {
        if (placed.row->track(scene) != track) continue;
        const double above = places.scrolled.top() - placed.rect.top();
        const double below = placed.rect.bottom() - places.scrolled.bottom();
        scrollTo(scroll + (above > 0 ? -above : below > 0 ? below : 0));
        break;
      }
      view.update();
      return true;
    }
    case Qt::Key_Return:
    case Qt::Key_Enter: {
      const ModelWindow* window = scene.windowHere();
      const std::int64_t place =
          mouse.x() >= axis.left() ? positionAt(mouse.x()) : shown().centre();
      if (!window || window->binAt(place) < 0) return false;
      pin(window->binAt(place));
      return true;
    }
    case Qt::Key_Delete:
      if (focusedTrack < 0) return false;
      emit view.trackRemovalRequested(scene.tracks[static_cast<std::size_t>(focusedTrack)].track);
      return true;
    default:
      return false;
  }
}

/// One layer per press: a drag, the hint, the selection, the caret, the focused track, the pin.
bool GenomeView::Parts::escape() {
  if (gesture != Gesture::None) {
    cancelGesture();
  } else if (wheelHint && wheelHint->isVisible()) {
    wheelHint->hide();
  } else if (scene.selection) {
    select(std::nullopt);
  } else if (editor.caret() >= 0) {
    moveCaret(-1);
  } else if (focusedTrack >= 0) {
    focusedTrack = -1;
    view.update();
  } else if (scene.pinnedBin >= 0) {
    pin(-1);
  } else {
    return false;
  }
  return true;
}

void GenomeView::keyPressEvent(QKeyEvent* event) {
  if (!m_parts->key(*event)) QWidget::keyPressEvent(event);
}

void GenomeView::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
}

void GenomeView::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

}  // namespace cellocus
