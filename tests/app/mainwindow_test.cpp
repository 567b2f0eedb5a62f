// SPDX-License-Identifier: GPL-3.0-or-later
#include "mainwindow.h"

#include <QComboBox>
#include <QDockWidget>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "cells/scatterview.h"
#include "locusbox.h"
#include "render.h"
#include "support/tinyinputs.h"
#include "theme.h"

namespace cellocus {

class MainWindowTest : public QObject {
  Q_OBJECT

 private:
  static void write(const QString& path, const QByteArray& content) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
  }

 private slots:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    setApplicationTheme("light");
  }

  void everyActionHasTextTipAndName() {
    MainWindow window;
    for (const QAction* action : window.actions().findChildren<QAction*>()) {
      if (action->isSeparator() || qobject_cast<QActionGroup*>(action->parent())) continue;
      QVERIFY2(!action->text().isEmpty(), qPrintable(action->objectName()));
      QVERIFY2(!action->objectName().isEmpty(), qPrintable(action->text()));
      QVERIFY2(!action->statusTip().isEmpty(), qPrintable(action->objectName()));
    }
  }

  void noKeyMeansTwoThings() {
    MainWindow window;
    QMap<QString, QString> owners;
    for (const QAction* action : window.findChildren<QAction*>()) {
      for (const QKeySequence& key : action->shortcuts()) {
        const QString text = key.toString();
        QVERIFY2(!owners.contains(text),
                 qPrintable(text + ": " + owners.value(text) + " and " + action->objectName()));
        owners[text] = action->objectName();
      }
    }
    QVERIFY(owners.size() > 15);
  }

  void anEmptyWindowShowsTheStartPageAndOffersNothingThatCannotWork() {
    MainWindow window;
    window.show();
    QVERIFY(window.findChild<QWidget*>("startPage")->isVisible());
    QVERIFY(!window.actions().predict->isEnabled());
    QVERIFY(!window.actions().exportTable->isEnabled());
    QVERIFY(!window.actions().colourByPredicted->isEnabled());
    QVERIFY(!window.locusBox().edit()->isEnabled());
  }

  void theControlsHaveNamesForScreenReaders() {
    MainWindow window;
    for (const QComboBox* box : window.findChildren<QComboBox*>())
      QVERIFY(!box->accessibleName().isEmpty());
    for (const char* name :
         {"genomeView", "scatter", "violins", "jobs", "binTable", "edits", "data"}) {
      const auto* widget = window.findChild<QWidget*>(QString::fromLatin1(name));
      QVERIFY2(widget && !widget->accessibleName().isEmpty(), name);
    }
  }

  void aFileThatCannotBeOpenedIsOneSentenceAndTheRestOpens() {
    QTemporaryDir folder;
    write(folder.filePath("empty.fa"), "");
    write(folder.filePath("small.fa"), ">one\nACGTACGTACGT\nACGTACGTACGT\n");
    MainWindow window;
    window.session().openFiles({folder.filePath("none.fa")});
    QVERIFY2(window.lastMessage().contains("none.fa"), qPrintable(window.lastMessage()));
    window.session().openFiles({folder.filePath("empty.fa")});
    QVERIFY(waitUntilIdle(window.session(), 20));
    QVERIFY2(window.lastMessage().contains("empty.fa"), qPrintable(window.lastMessage()));
    QVERIFY(!window.session().genome());
    window.session().openFiles({folder.filePath("small.fa")});
    QVERIFY(waitUntilIdle(window.session(), 20));
    QVERIFY(window.session().genome());
    QCOMPARE(window.session().locus().contig, std::string("one"));
  }

  void editsOfAVcfAreOneStepThatCanBeUndone() {
    QTemporaryDir folder;
    write(folder.filePath("small.fa"), ">one\nACGTACGTACGT\nACGTACGTACGT\n");
    write(folder.filePath("edits.vcf"),
          "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
          "one\t2\t.\tC\tT\t.\t.\t.\none\t6\t.\tC\tG\t.\t.\t.\n");
    write(folder.filePath("wrong.vcf"),
          "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
          "one\t2\t.\tG\tT\t.\t.\t.\n");
    MainWindow window;
    window.session().openFiles({folder.filePath("edits.vcf")});
    QVERIFY2(window.lastMessage().contains("genome"), qPrintable(window.lastMessage()));
    window.session().openFiles({folder.filePath("small.fa")});
    QVERIFY(waitUntilIdle(window.session(), 20));
    window.session().openFiles({folder.filePath("edits.vcf")});
    QVERIFY(waitUntilIdle(window.session(), 20));
    QCOMPARE(window.session().edits().haplotype.variants().size(), std::size_t(2));
    window.session().openFiles({folder.filePath("wrong.vcf")});
    QVERIFY(waitUntilIdle(window.session(), 20));
    QCOMPARE(window.session().edits().haplotype.variants().size(), std::size_t(2));
    QVERIFY2(window.lastMessage().contains("one"), qPrintable(window.lastMessage()));
    window.undoStack().undo();
    QVERIFY(window.session().edits().haplotype.isReference());
  }

  void whatAPredictionCostsIsSaidBeforeItStarts() {
    QTemporaryDir folder;
    const std::filesystem::path path(folder.path().toStdString());
    testing::writeFasta(path / "g.fa", "chr1", testing::randomBases(30'000, 7));
    MainWindow window;
    Session& session = window.session();
    session.openTrunk(QString::fromStdString(testing::tinyTrunk(path).string()));
    session.openGenome(folder.filePath("g.fa"));
    QVERIFY(waitUntilIdle(session, 60));
    session.centreWindowOn("chr1", 15'000);
    QCOMPARE(window.actions().predict->text(), QString("&Predict"));
    const auto* cost = window.findChild<QLabel*>("editsCost");
    QVERIFY(cost->text().isEmpty());

    // So long a window would take a minute.
    session.openTrunk(QString::fromStdString(testing::tinyTrunk(path, 1 << 24).string()));
    QVERIFY(waitUntilIdle(session, 60));
    QVERIFY2(window.actions().predict->text().startsWith("&Predict ≈ "),
             qPrintable(window.actions().predict->text()));
    QVERIFY2(window.actions().predict->toolTip().contains("Whole window: ≈ "),
             qPrintable(window.actions().predict->toolTip()));
    EditState edits;
    edits.haplotype = Haplotype().with({"chr1", 15'010, "", "ACG"}, *session.genome());
    session.setEdits(edits);
    QVERIFY2(cost->text().contains("≈"), qPrintable(cost->text()));
  }

  void aDatasetWithoutCellsIsSaidInItsView() {
    QTemporaryDir folder;
    const QString path = folder.filePath("none.h5ad");
    NewDataset empty;
    empty.genes = {{"ENSG00000136574", "ENSG00000136574", "GATA4"}};
    empty.expression.resize(0, 1);
    empty.embeddings = {{"X_umap", Matrix(0, 2)}};
    writeH5ad(path.toStdString(), empty);
    MainWindow window;
    window.session().openFiles({path});
    QVERIFY(waitUntilIdle(window.session(), 20));
    QVERIFY2(window.session().cells(), qPrintable(window.lastMessage()));
    QCOMPARE(window.cellsPanel().scatter().state(), ScatterView::State::Failed);
    window.session().setColourBy({ColourBy::Kind::Observed, {}});
    QVERIFY(waitUntilIdle(window.session(), 20));
    QCOMPARE(window.cellsPanel().scatter().state(), ScatterView::State::Failed);
  }

  void aDamagedSessionIsSaidAndChangesNothing() {
    QTemporaryDir folder;
    write(folder.filePath("bad.ccsession"), "{ \"format\": \"cell");
    MainWindow window;
    window.openSessionFile(folder.filePath("bad.ccsession"));
    QVERIFY2(window.lastMessage().contains("JSON"), qPrintable(window.lastMessage()));
    QVERIFY(!window.session().genome());
  }

  void theLayoutComesBack() {
    MainWindow window;
    window.show();
    auto* dock = window.findChild<QDockWidget*>("jobsDock");
    dock->hide();
    window.actions().resetLayout->trigger();
    QVERIFY(dock->isVisible());
  }

  void historyGoesBackAndForward() {
    History history;
    QVERIFY(!history.canGoBack());
    history.visit({"one", 0, 10});
    history.visit({"one", 5, 10});
    history.visit({"two", 0, 10});
    QCOMPARE(history.goBack().start, 5);
    QCOMPARE(history.goBack().start, 0);
    QVERIFY(!history.canGoBack());
    QCOMPARE(history.goForward().start, 5);
    history.visit({"three", 0, 10});
    QVERIFY(!history.canGoForward());
  }
};

}  // namespace cellocus

QTEST_MAIN(cellocus::MainWindowTest)
#include "mainwindow_test.moc"
