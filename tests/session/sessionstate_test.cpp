// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/sessionstate.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "base/error.h"
#include "base/file.h"

namespace cellocus {

class SessionStateTest : public QObject {
  Q_OBJECT

 private:
  static void write(const QString& path, const QByteArray& content) {
    QDir().mkpath(QFileInfo(path).path());
    saveAtomic(std::filesystem::path(path.toStdString()), content.toStdString());
  }

  static QString codeOf(const QString& path) {
    try {
      readSession(path);
    } catch (const Error& error) {
      return QString::fromStdString(error.code());
    }
    return "no error";
  }

  static SessionState example(const QString& folder) {
    SessionState state;
    state.genome = folder + "/data/genome.fa";
    state.annotations = QStringList{folder + "/data/genes.gtf"};
    state.locus = {"chr8", 100, 5000};
    state.gene = "ENSG00000136574";
    state.windowAnchor = 2500;
    state.edits = {{"chr8", 120, "C", "T"}, {"chr8", 200, "", "ACG"}};
    state.disabledEdits = {{"chr8", 300, "AC", ""}};
    state.tracks = {0, 5, 7};
    state.trackPrecision = Precision::BFloat16;
    state.colourBy = {ColourBy::Kind::Column, "cell_type"};
    state.embedding = "X_umap";
    state.groupBy = "donor";
    state.selectedCells = {1, 2, 1000000};
    state.view = QJsonObject{{"display_mode", "difference"}};
    return state;
  }

 private slots:
  void whatIsSavedComesBack() {
    QTemporaryDir folder;
    write(folder.filePath("data/genome.fa"), ">chr8\nACGT\n");
    write(folder.filePath("data/genes.gtf"), "#\n");
    const SessionState state = example(folder.path());
    const QString path = folder.filePath("a.ccsession");
    write(path, sessionJson(state, path));
    const SessionFile read = readSession(path);
    QVERIFY2(read.problems.isEmpty(), qPrintable(read.problems.join('\n')));
    QCOMPARE(read.state.genome, state.genome);
    QCOMPARE(read.state.annotations, state.annotations);
    QVERIFY(read.state.locus == state.locus);
    QCOMPARE(read.state.gene, state.gene);
    QCOMPARE(read.state.windowAnchor, state.windowAnchor);
    QVERIFY(read.state.edits == state.edits);
    QVERIFY(read.state.disabledEdits == state.disabledEdits);
    QVERIFY(read.state.tracks == state.tracks);
    QCOMPARE(read.state.trackPrecision, state.trackPrecision);
    QVERIFY(read.state.colourBy == state.colourBy);
    QVERIFY(read.state.selectedCells == state.selectedCells);
    QCOMPARE(read.state.view, state.view);
  }

  void aFolderThatWasMovedWithItsFilesOpens() {
    QTemporaryDir folder;
    write(folder.filePath("old/data/genome.fa"), ">chr8\nACGT\n");
    write(folder.filePath("old/data/genes.gtf"), "#\n");
    const QString path = folder.filePath("old/a.ccsession");
    write(path, sessionJson(example(folder.filePath("old")), path));
    QVERIFY(QDir(folder.path()).rename("old", "new"));
    const SessionFile read = readSession(folder.filePath("new/a.ccsession"));
    QVERIFY(read.problems.isEmpty());
    QCOMPARE(read.state.genome, folder.filePath("new/data/genome.fa"));
  }

  void aMissingFileIsNamedAndTheRestOpens() {
    QTemporaryDir folder;
    write(folder.filePath("data/genes.gtf"), "#\n");
    const QString path = folder.filePath("a.ccsession");
    write(path, sessionJson(example(folder.path()), path));
    const SessionFile read = readSession(path);
    QCOMPARE(read.problems.size(), 1);
    QVERIFY(read.problems.front().contains("genome.fa"));
    QVERIFY(read.state.genome.isEmpty());
    QCOMPARE(read.state.annotations.size(), 1);
  }

  void anEditThatMakesNoSenseIsLeftOutAndSaid() {
    QTemporaryDir folder;
    SessionState state;
    state.edits = {{"chr8", 5, "C", "<script>"}, {"chr8", 9, "A", "G"}};
    const QString path = folder.filePath("a.ccsession");
    write(path, sessionJson(state, path));
    const SessionFile read = readSession(path);
    QCOMPARE(read.state.edits.size(), std::size_t(1));
    QCOMPARE(read.problems.size(), 1);
  }

  void otherFilesAreRefusedWithAReason() {
    QTemporaryDir folder;
    write(folder.filePath("cut"), "{\"format\": \"cello");
    write(folder.filePath("other"), "{\"name\": \"package\"}");
    write(folder.filePath("newer"),
          "{\"format\": \"cellocus-session\", \"format_version\": [2, 0]}");
    QCOMPARE(codeOf(folder.filePath("none")), QString("FILE_MISSING"));
    QCOMPARE(codeOf(folder.filePath("cut")), QString("SESSION_DAMAGED"));
    QCOMPARE(codeOf(folder.filePath("other")), QString("SESSION_FORMAT"));
    QCOMPARE(codeOf(folder.filePath("newer")), QString("SESSION_NEWER"));
  }
};

}  // namespace cellocus

QTEST_GUILESS_MAIN(cellocus::SessionStateTest)
#include "sessionstate_test.moc"
