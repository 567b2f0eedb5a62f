// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/sequenceeditor.h"

#include <QTest>

#include "syntheticscene.h"

using namespace cellocus;
using testing::MadeUpGenome;

namespace {

constexpr std::int64_t start = 11'717'000;

/// A scene with 400 loaded bases and nothing edited.
GenomeScene sceneOf(const Haplotype& haplotype = {}) {
  const MadeUpGenome genome;
  GenomeScene scene;
  scene.contigs = genome.contigs();
  scene.contig = "chr8";
  scene.loaded = {"chr8", start, start + 400};
  scene.bases = genome.sequence(scene.loaded, 'N');
  scene.haplotype = haplotype;
  return scene;
}

std::string base(std::int64_t position, std::int64_t count = 1) {
  return MadeUpGenome().sequence({"chr8", position, position + count}, 'N');
}

char other(std::int64_t position) {
  return base(position) == "A" ? 'G' : 'A';
}

Haplotype edited(const Variant& variant) {
  return Haplotype().with(variant, MadeUpGenome());
}

}  // namespace

class SequenceEditorTest : public QObject {
  Q_OBJECT

 private slots:
  void overtypeSubstitutesAndMovesRight() {
    const GenomeScene scene = sceneOf();
    SequenceEditor editor(scene);
    editor.setCaret(start + 10);
    const EditRequest request =
        editor.type(static_cast<char>(other(start + 10) + 32));  // lower case too
    QCOMPARE(request.kind, EditRequest::Kind::Edit);
    const Variant expected{"chr8", start + 10, base(start + 10), std::string(1, other(start + 10))};
    QVERIFY(request.edit == expected);
    QCOMPARE(editor.caret(), start + 11);
  }

  void overtypingTheSameLetterOnlyMoves() {
    const GenomeScene scene = sceneOf();
    SequenceEditor editor(scene);
    editor.setCaret(start + 10);
    QCOMPARE(editor.type(base(start + 10)[0]).kind, EditRequest::Kind::None);
    QCOMPARE(editor.caret(), start + 11);
  }

  void overtypingAnEditWithTheReferenceRestoresIt() {
    const std::string was = base(start + 10);
    const GenomeScene scene =
        sceneOf(edited({"chr8", start + 10, was, std::string(1, other(start + 10))}));
    SequenceEditor editor(scene);
    editor.setCaret(start + 10);
    const EditRequest request = editor.type(was[0]);
    QVERIFY((request.edit == Variant{"chr8", start + 10, was, was}));
    QVERIFY(scene.haplotype.with(request.edit, MadeUpGenome()).isReference());
  }

  void insertedLettersGrowOneInsertion() {
    GenomeScene scene = sceneOf();
    SequenceEditor editor(scene);
    editor.setMode(TypingMode::Insert);
    editor.setCaret(start + 20);
    const EditRequest first = editor.type('T');
    QVERIFY((first.edit == Variant{"chr8", start + 20, "", "T"}));
    QCOMPARE(editor.caret(), start + 20);
    scene.haplotype = edited(first.edit);
    const EditRequest second = editor.type('g');
    QCOMPARE(second.kind, EditRequest::Kind::Change);
    QVERIFY(second.before == first.edit);
    QVERIFY((second.edit == Variant{"chr8", start + 20, "", "TG"}));
  }

  void deleteRemovesOneBaseAfterTheOther() {
    GenomeScene scene = sceneOf();
    SequenceEditor editor(scene);
    editor.setCaret(start + 30);
    for (int i = 0; i < 3; ++i) {
      const EditRequest request = editor.erase();
      QCOMPARE(request.kind, EditRequest::Kind::Edit);
      QVERIFY(!request.text.isEmpty());  // says that it removes in overtype mode too
      scene.haplotype = scene.haplotype.with(request.edit, MadeUpGenome());
    }
    QCOMPARE(scene.haplotype.variants().size(), std::size_t(1));
    QVERIFY((scene.haplotype.variants().front() ==
             Variant{"chr8", start + 30, base(start + 30, 3), ""}));
    QCOMPARE(scene.editedBases({"chr8", start + 29, start + 34}),
             base(start + 29) + "---" + base(start + 33));
  }

  void backspaceInOvertypeModeRestoresTheReference() {
    const GenomeScene scene =
        sceneOf(edited({"chr8", start + 10, base(start + 10), std::string(1, other(start + 10))}));
    SequenceEditor editor(scene);
    editor.setCaret(start + 12);
    QCOMPARE(editor.backspace().kind, EditRequest::Kind::None);  // nothing is edited there
    QCOMPARE(editor.caret(), start + 11);
    const EditRequest request = editor.backspace();
    QVERIFY((request.edit == Variant{"chr8", start + 10, base(start + 10), base(start + 10)}));
    QCOMPARE(editor.caret(), start + 10);
  }

  void backspaceInInsertModeShortensAnInsertionThenRevertsIt() {
    GenomeScene scene = sceneOf(edited({"chr8", start + 20, "", "TG"}));
    SequenceEditor editor(scene);
    editor.setMode(TypingMode::Insert);
    editor.setCaret(start + 20);
    const EditRequest shorter = editor.backspace();
    QCOMPARE(shorter.kind, EditRequest::Kind::Change);
    QVERIFY((shorter.edit == Variant{"chr8", start + 20, "", "T"}));
    scene.haplotype = edited(shorter.edit);
    QCOMPARE(editor.backspace().kind, EditRequest::Kind::Revert);
    scene.haplotype = {};
    const EditRequest removed = editor.backspace();
    QVERIFY((removed.edit == Variant{"chr8", start + 19, base(start + 19), ""}));
  }

  void typingReplacesASelection() {
    GenomeScene scene = sceneOf();
    SequenceEditor editor(scene);
    editor.setCaret(start + 40);
    scene.selection = editor.extendTo(start + 43);
    const EditRequest request = editor.type('N');
    QVERIFY((request.edit == Variant{"chr8", start + 40, base(start + 40, 4), "N"}));
    QCOMPARE(editor.caret(), start + 44);
  }

  void selectionMayBeExtendedToBothSides() {
    const GenomeScene scene = sceneOf();
    SequenceEditor editor(scene);
    editor.setCaret(start + 40);
    QVERIFY((editor.extendTo(start + 42) == Locus{"chr8", start + 40, start + 43}));
    QVERIFY((editor.extendTo(start + 38) == Locus{"chr8", start + 38, start + 41}));
  }

  void pasteCleansItsText() {
    QCOMPARE(pastedBases(">seq 1\nac gu\n 61 tt\r\n").bases, std::string("ACGTTT"));
    QVERIFY(pastedBases(">only a header").problem.size() > 0);
    QVERIFY(pastedBases("ACGX").problem.contains("X"));
    QVERIFY(pastedBases(QString(200'000, 'A')).problem.contains("100,000"));
  }

  void pasteOverwritesTheSameLength() {
    const GenomeScene scene = sceneOf();
    SequenceEditor editor(scene);
    editor.setCaret(start + 50);
    const EditRequest request = editor.paste("nnn");
    QVERIFY((request.edit == Variant{"chr8", start + 50, base(start + 50, 3), "NNN"}));
    QCOMPARE(editor.caret(), start + 53);
  }

  void pasteOfAnotherLengthAsksFirst() {
    GenomeScene scene = sceneOf();
    scene.selection = Locus{"chr8", start + 50, start + 52};
    SequenceEditor editor(scene);
    editor.setCaret(start + 50);
    const EditRequest request = editor.paste("NNNNN");
    QCOMPARE(request.kind, EditRequest::Kind::Confirm);
    QVERIFY((request.edit == Variant{"chr8", start + 50, base(start + 50, 2), "NNNNN"}));
    QVERIFY(request.text.contains("3"));
  }

  void pasteOfAForeignLetterChangesNothing() {
    const GenomeScene scene = sceneOf();
    SequenceEditor editor(scene);
    editor.setCaret(start + 50);
    const EditRequest request = editor.paste("ACGJ");
    QCOMPARE(request.kind, EditRequest::Kind::None);
    QVERIFY(request.text.contains("J"));
    QCOMPARE(editor.caret(), start + 50);
  }

  void nothingIsTypedWhereBasesAreNotLoaded() {
    const GenomeScene scene = sceneOf();
    SequenceEditor editor(scene);
    editor.setCaret(start - 1);
    QCOMPARE(editor.type('N').kind, EditRequest::Kind::None);
    QVERIFY(!editor.type('N').text.isEmpty());
    editor.setCaret(start + 399);
    QCOMPARE(editor.paste("AAAA").kind, EditRequest::Kind::None);
  }

  void copyGivesTheEditedSequence() {
    GenomeScene scene = sceneOf(edited({"chr8", start + 61, base(start + 61, 2), ""}));
    scene.haplotype = scene.haplotype.with({"chr8", start + 65, "", "TTT"}, MadeUpGenome());
    scene.selection = Locus{"chr8", start + 60, start + 67};
    SequenceEditor editor(scene);
    editor.setCaret(start + 60);
    QCOMPARE(editor.copied(), base(start + 60) + base(start + 63, 2) + "TTT" + base(start + 65, 2));
  }

  void revertNamesTheEditUnderTheCaret() {
    const Variant edit{"chr8", start + 10, base(start + 10), std::string(1, other(start + 10))};
    const GenomeScene scene = sceneOf(edited(edit));
    SequenceEditor editor(scene);
    editor.setCaret(start + 10);
    QCOMPARE(editor.revert().kind, EditRequest::Kind::Revert);
    QVERIFY(editor.revert().edit == edit);
    editor.setCaret(start + 11);
    QCOMPARE(editor.revert().kind, EditRequest::Kind::None);
  }

  void caretStaysOnTheContig() {
    const GenomeScene scene = sceneOf();
    SequenceEditor editor(scene);
    editor.setCaret(testing::contigLength + 5);
    QCOMPARE(editor.caret(), testing::contigLength - 1);
    editor.setCaret(-7);
    QCOMPARE(editor.caret(), std::int64_t(-1));
    QCOMPARE(editor.type('A').kind, EditRequest::Kind::None);
  }
};

QTEST_GUILESS_MAIN(SequenceEditorTest)
#include "sequenceeditor_test.moc"
