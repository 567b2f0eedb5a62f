// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/sequenceeditor.h"

#include <QCoreApplication>
#include <algorithm>
#include <string_view>

namespace cellocus {

namespace {

constexpr qsizetype longestPaste = 100'000;

EditRequest hint(const QString& text) {
  return {EditRequest::Kind::None, {}, {}, text};
}

EditRequest edit(Variant variant, const QString& text = {}) {
  return {EditRequest::Kind::Edit, std::move(variant), {}, text};
}

}  // namespace

void SequenceEditor::setCaret(std::int64_t position) {
  const std::int64_t length = m_scene.contigLength();
  m_caret = position < 0 || length == 0 ? -1 : std::min(position, length - 1);
  m_anchor = -1;
}

Locus SequenceEditor::extendTo(std::int64_t position) {
  const std::int64_t anchor = m_anchor >= 0 ? m_anchor : m_caret;
  setCaret(std::max<std::int64_t>(0, position));
  m_anchor = anchor;
  return {m_scene.contig, std::min(anchor, m_caret), std::max(anchor, m_caret) + 1};
}

bool SequenceEditor::isTypable(char letter) {
  return std::string_view("ACGTNacgtn").find(letter) != std::string_view::npos;
}

Locus SequenceEditor::baseAt(std::int64_t position) const {
  return {m_scene.contig, position, position + 1};
}

bool SequenceEditor::selectionIsUsable() const {
  return m_scene.selection && !m_scene.selection->empty();
}

EditRequest SequenceEditor::notLoaded() {
  return hint(SequenceEditor::tr("The bases here are not loaded yet."));
}

EditRequest SequenceEditor::type(char letter) {
  if (m_caret < 0 || !isTypable(letter)) return {};
  const char base = static_cast<char>(letter & ~0x20);  // upper case
  if (selectionIsUsable()) return replaceSelection(std::string(1, base));
  return m_mode == TypingMode::Overtype ? overtype(base) : insert(std::string(1, base));
}

EditRequest SequenceEditor::overtype(char letter) {
  const Locus here = baseAt(m_caret);
  if (!m_scene.hasBases(here)) return notLoaded();
  const std::string reference = m_scene.referenceBases(here);
  const std::string now = m_scene.editedBases(here);
  setCaret(m_caret + 1);
  if (now[0] == letter) return {};
  return edit({m_scene.contig, here.start, reference, std::string(1, letter)});
}

EditRequest SequenceEditor::insert(const std::string& bases) {
  // A second letter at the same place goes behind the first: one insertion grows.
  if (const auto there = insertionBeforeCaret()) {
    Variant grown = *there;
    grown.alt += bases;
    return {EditRequest::Kind::Change, grown, *there, {}};
  }
  return edit({m_scene.contig, m_caret, {}, bases});
}

std::optional<Variant> SequenceEditor::insertionBeforeCaret() const {
  for (const Variant& there : m_scene.editsIn({m_scene.contig, m_caret, m_caret}))
    if (there.end() == m_caret && there.lengthChange() > 0) return there;
  return std::nullopt;
}

EditRequest SequenceEditor::replaceSelection(const std::string& bases) {
  const Locus where = *m_scene.selection;
  if (!m_scene.hasBases(where)) return notLoaded();
  setCaret(where.end);
  return edit({m_scene.contig, where.start, m_scene.referenceBases(where), bases});
}

EditRequest SequenceEditor::erase() {
  if (m_caret < 0) return {};
  const QString shorter =
      m_mode == TypingMode::Overtype
          ? SequenceEditor::tr("Delete also removes in overtype mode: the sequence became shorter.")
          : QString();
  if (selectionIsUsable()) {
    EditRequest request = replaceSelection({});
    if (request.kind == EditRequest::Kind::Edit) request.text = shorter;
    return request;
  }
  for (std::int64_t at = m_caret; at < m_scene.contigLength(); ++at) {
    if (!m_scene.hasBases(baseAt(at))) return notLoaded();
    if (m_scene.editedBases(baseAt(at)) == "-") continue;
    setCaret(at + 1);
    return edit({m_scene.contig, at, m_scene.referenceBases(baseAt(at)), {}}, shorter);
  }
  return {};
}

EditRequest SequenceEditor::backspace() {
  if (m_caret < 0) return {};
  if (selectionIsUsable())
    return m_mode == TypingMode::Overtype ? restore(*m_scene.selection) : replaceSelection({});
  if (m_mode == TypingMode::Insert) return removeBefore();
  if (m_caret == 0) return {};
  setCaret(m_caret - 1);
  return restore(baseAt(m_caret));
}

EditRequest SequenceEditor::restore(const Locus& locus) const {
  if (!m_scene.hasBases(locus)) return notLoaded();
  const std::string reference = m_scene.referenceBases(locus);
  if (m_scene.editedBases(locus) == reference) return {};
  return edit({m_scene.contig, locus.start, reference, reference});
}

EditRequest SequenceEditor::removeBefore() {
  if (const auto there = insertionBeforeCaret()) {
    if (there->ref.empty() && there->alt.size() == 1)
      return {EditRequest::Kind::Revert, *there, {}, {}};
    Variant shrunk = *there;
    shrunk.alt.pop_back();
    return {EditRequest::Kind::Change, shrunk, *there, {}};
  }
  for (std::int64_t at = m_caret - 1; at >= 0; --at) {
    if (!m_scene.hasBases(baseAt(at))) return notLoaded();
    if (m_scene.editedBases(baseAt(at)) == "-") continue;
    setCaret(at);
    return edit({m_scene.contig, at, m_scene.referenceBases(baseAt(at)), {}});
  }
  return {};
}

EditRequest SequenceEditor::paste(const QString& text) {
  if (m_caret < 0) return {};
  const PastedBases pasted = pastedBases(text);
  if (!pasted.problem.isEmpty()) return hint(pasted.problem);
  const auto length = static_cast<std::int64_t>(pasted.bases.size());
  if (selectionIsUsable()) {
    const std::int64_t change = length - m_scene.selection->length();
    EditRequest request = replaceSelection(pasted.bases);
    if (change == 0 || request.kind != EditRequest::Kind::Edit) return request;
    request.kind = EditRequest::Kind::Confirm;
    request.text =
        change > 0
            ? SequenceEditor::tr("The sequence becomes %n base(s) longer. Replace the selection?",
                                 nullptr, static_cast<int>(change))
            : SequenceEditor::tr("The sequence becomes %n base(s) shorter. Replace the selection?",
                                 nullptr, static_cast<int>(-change));
    return request;
  }
  if (m_mode == TypingMode::Insert) return insert(pasted.bases);
  const Locus covered{m_scene.contig, m_caret, m_caret + length};
  if (!m_scene.hasBases(covered))
    return hint(SequenceEditor::tr("There are not enough bases here to overwrite."));
  setCaret(covered.end);
  return edit({m_scene.contig, covered.start, m_scene.referenceBases(covered), pasted.bases});
}

EditRequest SequenceEditor::revert() const {
  const auto there = m_caret < 0 ? std::nullopt : m_scene.editAt(m_caret);
  if (!there) return hint(SequenceEditor::tr("There is no edit under the caret."));
  return {EditRequest::Kind::Revert, *there, {}, {}};
}

std::string SequenceEditor::copied() const {
  const Locus where = selectionIsUsable() ? *m_scene.selection : baseAt(m_caret);
  return m_scene.hasBases(where) ? m_scene.editedText(where) : std::string();
}

PastedBases pastedBases(const QString& text) {
  PastedBases result;
  if (text.size() > longestPaste) {
    result.problem = SequenceEditor::tr("More than 100,000 letters cannot be pasted.");
    return result;
  }
  for (const QString& line : text.split(QLatin1Char('\n'))) {
    if (line.startsWith(QLatin1Char('>'))) continue;
    for (const QChar letter : line) {
      if (letter.isSpace() || letter.isDigit()) continue;
      const char base = letter.toUpper() == QLatin1Char('U') ? 'T' : letter.toUpper().toLatin1();
      if (!SequenceEditor::isTypable(base)) {
        result.problem =
            SequenceEditor::tr("“%1” is no base. Only A, C, G, T, U and N can be pasted.")
                .arg(letter);
        return result;
      }
      result.bases += base;
    }
  }
  if (result.bases.empty()) result.problem = SequenceEditor::tr("There are no bases to paste.");
  return result;
}

}  // namespace cellocus
