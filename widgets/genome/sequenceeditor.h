// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QString>
#include <optional>
#include <string>

#include "genome/genomescene.h"

namespace cellocus {

/// What a key asks for. Nothing has been changed yet.
struct EditRequest {
  enum class Kind {
    None,
    Edit,     ///< make `edit`
    Change,   ///< `before` becomes `edit`, in one step
    Revert,   ///< take `edit` away
    Confirm,  ///< ask `text`, then make `edit`
  };
  Kind kind = Kind::None;
  Variant edit;
  Variant before;
  QString text;  ///< the question, or a sentence for the status bar
};

/// Caret and typing on the bases, without any painting. Positions are those of the reference: the
/// caret stands on a reference base; letters that are typed in insert mode come in front of it.
class SequenceEditor {
  Q_DECLARE_TR_FUNCTIONS(SequenceEditor)

 public:
  explicit SequenceEditor(const GenomeScene& scene) : m_scene(scene) {}

  TypingMode mode() const { return m_mode; }
  void setMode(TypingMode mode) { m_mode = mode; }
  std::int64_t caret() const { return m_caret; }  ///< -1 = none
  /// Clamped to the contig; forgets where an extended selection began.
  void setCaret(std::int64_t position);
  /// Moves the caret and returns the bases from where the extending began.
  Locus extendTo(std::int64_t position);

  static bool isTypable(char letter);  ///< A, C, G, T or N, either case
  EditRequest type(char letter);
  EditRequest erase();  ///< Delete: removes the selection or the base at the caret, in both modes
  EditRequest
  backspace();  ///< Insert: removes the base before; overtype: restores the reference there
  EditRequest paste(const QString& text);
  EditRequest revert() const;  ///< the edit under the caret
  /// The edited sequence of the selection, or the base at the caret; empty if it is not loaded.
  std::string copied() const;

 private:
  EditRequest overtype(char letter);
  EditRequest insert(const std::string& bases);
  EditRequest replaceSelection(const std::string& bases);
  EditRequest restore(const Locus& locus) const;
  EditRequest removeBefore();
  /// An edit that ends with inserted bases right in front of the caret.
  std::optional<Variant> insertionBeforeCaret() const;
  Locus baseAt(std::int64_t position) const;
  bool selectionIsUsable() const;
  static EditRequest notLoaded();

  const GenomeScene& m_scene;
  TypingMode m_mode = TypingMode::Overtype;
  std::int64_t m_caret = -1, m_anchor = -1;
};

/// The bases of a pasted text: FASTA header, spaces and digits left out, upper case, U as T.
struct PastedBases {
  std::string bases;
  QString problem;  ///< why it cannot be pasted, naming the letter; empty if it can
};
PastedBases pastedBases(const QString& text);

}  // namespace cellocus
