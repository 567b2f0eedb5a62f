// SPDX-License-Identifier: GPL-3.0-or-later
#include "verifydialog.h"

#include <QLabel>
#include <QLineEdit>
#include <QMenuBar>
#include <QPushButton>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTest>
#include <QTreeWidget>
#include <fstream>

#include "mainwindow.h"
#include "render.h"
#include "support/shared.h"
#include "support/tinyinputs.h"
#include "theme.h"

namespace cellocus {

namespace fs = std::filesystem;

class VerifyDialogTest : public QObject {
  Q_OBJECT

 private:
  fs::path m_folder;
  std::unique_ptr<MainWindow> m_window;
  QDialog* m_dialog = nullptr;

  static QString name(const fs::path& path) { return QString::fromStdString(path.string()); }

  template <typename T>
  T* part(const char* objectName) {
    return m_dialog->findChild<T*>(QString::fromLatin1(objectName));
  }
  QString verdict() { return part<QLabel>("verifyVerdict")->text(); }
  QString cell(int row, int column) {
    return part<QTreeWidget>("verifyTable")->topLevelItem(row)->text(column);
  }

  void type(const char* field, const fs::path& path) {
    auto* edit = part<QLineEdit>(field);
    edit->setFocus();
    edit->selectAll();
    QTest::keyClicks(edit, name(path));
  }
  void click(const char* button) { QTest::mouseClick(part<QPushButton>(button), Qt::LeftButton); }
  void verifyAgainst(const fs::path& embeddings) {
    type("verifyWindows", m_folder / "w.tsv");
    type("verifyEmbeddings", embeddings);
    click("verifyStart");
    QVERIFY(waitUntilIdle(m_window->session(), 60));
  }

  /// Embeddings that the tiny trunk gives with a gamma convention, the third row being no window of
  /// the genome; `shift` makes them wrong.
  void publish(const fs::path& path, Gamma gamma, float shift = 0) {
    const auto model = Enformer::open(m_folder / "trunk", {.gamma = gamma});
    const auto genome = Genome::open(m_folder / "g.fa");
    const auto windows = readQueryWindows(m_folder / "w.tsv");
    EmbeddingFile file;
    file.embedding = Matrix::Zero(3, model->config().embeddingSize());
    for (const std::size_t row : {0u, 1u})
      file.embedding.row(static_cast<Eigen::Index>(row)) =
          embedWindow(*model, *genome, windows[row]).row(0);
    file.embedding(1, 7) += shift;
    writeEmbeddings(path, file, {});
  }

 private slots:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    setApplicationTheme("light");
    m_folder = testing::scratchFolder("verifydialog");
    testing::tinyTrunk(m_folder);
    testing::writeFasta(m_folder / "g.fa", "chr1",
                        testing::randomBases(14'000, 5) + std::string(12'000, 'N'));
    std::ofstream(m_folder / "w.tsv")
        << testing::queryColumns() << testing::queryRow(101, "+", "20", "A")
        << testing::queryRow(4001, "-", "3", "B") << testing::queryRow(13'001, "+", "20", "C");
    publish(m_folder / "right.h5", Gamma::Torch);
    publish(m_folder / "gamma.h5", Gamma::TensorFlow);
    publish(m_folder / "wrong.h5", Gamma::Torch, 0.25f);
    m_window = std::make_unique<MainWindow>();
    m_window->show();
  }

  void withoutModelOrGenomeTheActionSaysWhatIsMissing() {
    QAction* action = m_window->actions().verifyWeights;
    QVERIFY(!action->isEnabled());
    QVERIFY2(action->toolTip().contains("sequence model"), qPrintable(action->toolTip()));
    m_window->session().openTrunk(name(m_folder / "trunk"));
    QVERIFY(waitUntilIdle(m_window->session(), 60));
    QVERIFY(!action->isEnabled());
    QVERIFY2(action->toolTip().contains("genome"), qPrintable(action->toolTip()));
    m_window->session().openGenome(name(m_folder / "g.fa"));
    QVERIFY(waitUntilIdle(m_window->session(), 60));
    QVERIFY(action->isEnabled());
  }

  void theMenuOpensTheDialog() {
    QTest::keyClick(m_window.get(), Qt::Key_T, Qt::AltModifier);
    QTRY_VERIFY(QApplication::activePopupWidget());
    QTest::keyClick(QApplication::activePopupWidget(), Qt::Key_V);
    m_dialog = m_window->findChild<VerifyDialog*>();
    QVERIFY(m_dialog);
    QVERIFY(QTest::qWaitForWindowExposed(m_dialog));
    QVERIFY(part<QLabel>("verifySubject")->text().contains("Tiny"));
    QVERIFY2(!part<QPushButton>("verifyStart")->isEnabled(), "no files are named yet");
    QVERIFY(!part<QPushButton>("verifyStop")->isEnabled());
  }

  void rightWeightsAgreeSiteBySite() {
    verifyAgainst(m_folder / "right.h5");
    QVERIFY2(verdict().startsWith("Right weights: "), qPrintable(verdict()));
    QCOMPARE(part<QTreeWidget>("verifyTable")->topLevelItemCount(), 3);
    QCOMPARE(cell(0, 0), QString("SYMA"));
    QCOMPARE(cell(0, 1), QString("chr1:101-8,292"));
    QVERIFY(cell(0, 3).contains("agrees"));
    QVERIFY(cell(1, 3).contains("agrees"));
    QVERIFY(cell(2, 3).contains("not checked"));
  }

  void theOtherGammaConventionIsNamed() {
    verifyAgainst(m_folder / "gamma.h5");
    QVERIFY2(verdict().contains("wrong gamma convention"), qPrintable(verdict()));
    QVERIFY2(verdict().contains("\"use_tf_gamma\" to true"), qPrintable(verdict()));
    QVERIFY(cell(0, 3).contains("differs"));
  }

  void wrongWeightsAreWrong() {
    verifyAgainst(m_folder / "wrong.h5");
    QVERIFY2(verdict().startsWith("Wrong weights: "), qPrintable(verdict()));
    QVERIFY(verdict().contains("0.25"));
    QVERIFY(cell(0, 3).contains("agrees"));
    QVERIFY(cell(1, 3).contains("differs"));
    QCOMPARE(cell(1, 2), QString("0.25"));
  }

  void onlyAsManySitesAsAskedFor() {
    auto* most = part<QSpinBox>("verifyMost");
    most->setFocus();
    most->selectAll();
    QTest::keyClicks(most, "1");
    verifyAgainst(m_folder / "wrong.h5");
    QCOMPARE(part<QTreeWidget>("verifyTable")->topLevelItemCount(), 1);
    QVERIFY2(verdict().startsWith("Right weights: "), qPrintable(verdict()));
  }

  void whatCannotBeReadIsOneSentence() {
    verifyAgainst(m_folder / "none.h5");
    QVERIFY2(verdict().startsWith("Could not be checked. "), qPrintable(verdict()));
    QVERIFY2(verdict().contains("none.h5"), qPrintable(verdict()));
    QCOMPARE(part<QTreeWidget>("verifyTable")->topLevelItemCount(), 0);
    QVERIFY2(part<QPushButton>("verifyStart")->isEnabled(), "another file can be tried");
  }

  void itCanBeStopped() {
    constexpr int sites = 5000;
    EmbeddingFile many;
    many.embedding = Matrix::Zero(sites, 192);
    writeEmbeddings(m_folder / "many.h5", many, {});
    {
      std::ofstream rows(m_folder / "many.tsv");
      rows << testing::queryColumns();
      for (int site = 0; site < sites; ++site) rows << testing::queryRow(101, "+", "20", "A");
    }
    part<QSpinBox>("verifyMost")->setValue(sites);
    type("verifyWindows", m_folder / "many.tsv");
    type("verifyEmbeddings", m_folder / "many.h5");
    click("verifyStart");
    QVERIFY(!part<QPushButton>("verifyStart")->isEnabled());
    QTRY_COMPARE(m_window->session().computes().jobs().rbegin()->second.state, JobState::Running);
    click("verifyStop");
    QTRY_COMPARE_WITH_TIMEOUT(verdict(), QString("Stopped."), 2000);
    QVERIFY(part<QPushButton>("verifyStart")->isEnabled());
  }

  void anotherGenomeMakesTheResultGo() {
    part<QSpinBox>("verifyMost")->setValue(3);
    verifyAgainst(m_folder / "right.h5");
    QCOMPARE(part<QTreeWidget>("verifyTable")->topLevelItemCount(), 3);
    m_window->session().openGenome(name(m_folder / "g.fa"));
    QVERIFY(waitUntilIdle(m_window->session(), 60));
    QCOMPARE(part<QTreeWidget>("verifyTable")->topLevelItemCount(), 0);
    QCOMPARE(verdict(), QString());
  }

  void cleanupTestCase() { m_window.reset(); }
};

}  // namespace cellocus

QTEST_MAIN(cellocus::VerifyDialogTest)
#include "verifydialog_test.moc"
