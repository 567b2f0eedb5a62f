// SPDX-License-Identifier: GPL-3.0-or-later
// The three jobs of the program on the demo world, with keys and mouse: inspect, edit, export.
#include <QFile>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "demo/demoworld.h"
#include "demosession.h"
#include "inspector.h"
#include "theme.h"
#include "windowdriver.h"

namespace cellocus {

using testing::WindowDriver;

class DemoJobsTest : public QObject {
  Q_OBJECT

 private:
  static constexpr const char* gene = "GATA4";
  /// A planted GATA site of the gene's promoter, out of the world's own table of truth. 0-based.
  Locus m_site;

  std::unique_ptr<MainWindow> m_window;
  std::unique_ptr<WindowDriver> m_user;
  QTemporaryDir m_folder;

  Session& session() { return m_window->session(); }

  static QString textOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
  }

  /// AGATAAGA on the plus strand; its T is at offset 3.
  void findPlantedSite() {
    const QString truth =
        textOf(QString::fromStdString(demoFiles(findDemo()->toStdString()).truth.string()));
    const QStringList lines = truth.split('\n', Qt::SkipEmptyParts);
    const QStringList columns = lines.value(1).split('\t');
    for (const QString& line : lines.mid(2)) {
      const QStringList cells = line.split('\t');
      const auto cell = [&](const char* name) { return cells.value(columns.indexOf(name)); };
      if (cell("gene") != gene || cell("factor") != "GATA4" || cell("kind") != "promoter" ||
          cell("strand") != "+")
        continue;
      m_site = {cell("contig").toStdString(), cell("start0").toLongLong(),
                cell("end0").toLongLong()};
    }
    QVERIFY2(!m_site.empty(), "the demo has a GATA site in the promoter of GATA4");
  }

  std::int64_t editedPosition() const { return m_site.start + 3; }
  QString editName() const {
    return QString("%1:g.%2T>C")
        .arg(QString::fromStdString(m_site.contig))
        .arg(editedPosition() + 1);
  }

  void exportNow(const QString& view, const QString& path) {
    for (const FigureSource& source : m_window->figures()) {
      if (source.id != view) continue;
      FigureOptions options;
      options.millimetres = source.millimetres;
      options.format = figureFormat(path.toStdString());
      QSignalSpy saved(&m_window->exporter(), &Exporter::saved);
      m_window->exporter().exportFigure(path, source, options, Exporter::Sidecar::Json);
      QTRY_COMPARE_WITH_TIMEOUT(saved.count(), 1, 30000);
    }
  }

 private slots:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    setApplicationTheme("light");
    QVERIFY2(findDemo(), "the build makes the demo world");
    findPlantedSite();
    m_window = std::make_unique<MainWindow>();
    m_user = std::make_unique<WindowDriver>(*m_window);
    m_window->openDemo();
    QVERIFY(m_user->settle());
    QVERIFY(session().genome() && session().annotation() && session().predictor() &&
            session().head());
    QCOMPARE(session().cellMatch().matched, session().cells()->cellCount());
    QVERIFY(session().embedding());
  }

  void inspectAGene() {
    m_user->typeLocus(gene);
    QVERIFY(session().gene());
    QCOMPARE(QString::fromStdString(session().gene()->symbol), QString(gene));
    const std::int64_t tss = session().gene()->tss();
    QVERIFY2(session().locus().contains(tss - 1000) && session().locus().contains(tss + 1000),
             "what lies around the start site is in view");

    QCOMPARE(session().predictionState(), PredictionState::Empty);
    QVERIFY(m_user->action("predict")->isEnabled());
    m_user->press(Qt::Key_R, Qt::ControlModifier);
    QCOMPARE(session().predictionState(), PredictionState::Computing);
    QVERIFY(m_user->settle());
    QCOMPARE(session().predictionState(), PredictionState::Ready);
    QVERIFY(session().reference());
    QVERIFY(!session().edited());
    QCOMPARE(session().reference()->binCount(), 896);

    QSignalSpy recoloured(&session(), &Session::cellValuesChanged);
    const auto mark =
        m_user->find([&](const GenomeHit& hit) { return hit.kind == GenomeHit::Kind::Tss; });
    QVERIFY2(mark, "a start site is drawn");
    m_user->click(*mark);
    QVERIFY(m_user->settle());
    QVERIFY(recoloured.count() > 0);
    QCOMPARE(session().colourBy().kind, ColourBy::Kind::Predicted);
    QCOMPARE(session().cellValues()->numbers.size(), session().cells()->cellCount());
    QVERIFY(session().cellValues()->numbers.maxCoeff() >
            session().cellValues()->numbers.minCoeff());
  }

  void pinningABinListsItsTracks() {
    const auto bin = m_user->find(
        [](const GenomeHit& hit) { return hit.kind == GenomeHit::Kind::Bin && hit.bin >= 0; });
    QVERIFY(bin);
    const std::int64_t number = m_window->genomeView().hitAt(*bin).bin;
    m_user->click(*bin);
    QCOMPARE(m_window->genomeView().pinnedBin(), number);
    BinTable& table = m_window->inspector().binTable();
    QCOMPARE(table.rowCount(), static_cast<int>(session().tracks().size()));
  }

  void editABaseOfAPlantedSite() {
    m_user->typeLocus(QString::fromStdString(locusText(m_site)));
    QVERIFY(m_user->settle());
    const auto base = m_user->find([this](const GenomeHit& hit) {
      return hit.kind == GenomeHit::Kind::Base && hit.position == editedPosition();
    });
    QVERIFY2(base, "bases are drawn at this zoom");
    m_user->click(*base);
    QCOMPARE(m_window->genomeView().caret(), editedPosition());
    m_user->key(Qt::Key_C);
    const Haplotype& haplotype = session().edits().haplotype;
    QCOMPARE(haplotype.variants().size(), std::size_t(1));
    const Variant& edit = haplotype.variants().front();
    QVERIFY(edit == (Variant{m_site.contig, editedPosition(), "T", "C"}));
    QCOMPARE(QString::fromStdString(hgvs(edit, *session().genome())), editName());

    // Follows by itself after a pause, because the demo predicts quickly; on a slow machine the
    // user asks.
    if (session().predictionCost().seconds >= 2) m_user->press(Qt::Key_R, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(session().edited() != nullptr, 60000);
    QVERIFY(m_user->settle());
    QCOMPARE(session().predictionState(), PredictionState::Ready);
    QCOMPARE(session().colourBy().kind, ColourBy::Kind::Difference);
  }

  void theEffectHasThePlantedSignInThePlantedCellType() {
    QVERIFY(session().edited());
    const Prediction& reference = *session().reference();
    const Prediction& edited = *session().edited();
    const std::int64_t bin = reference.binAt(m_site.start);
    const auto& names = session().predictor()->model().config().trackNames;
    const auto gata = std::find_if(names.begin(), names.end(), [](const std::string& name) {
      return name.find("GATA") != std::string::npos;
    });
    QVERIFY(gata != names.end());
    const auto column = gata - names.begin();
    QVERIFY(edited.values(bin, column) < reference.values(bin, column) - 0.1f);

    const double planted = m_user->meanDifference("Cardiomyocyte");
    QVERIFY2(planted < -0.01, qPrintable(QString::number(planted)));
    for (const char* other : {"Fibroblast", "Endothelial", "Macrophage", "T cell"})
      QVERIFY2(std::abs(m_user->meanDifference(other)) < std::abs(planted) / 2, other);
  }

  void aFigureHoldsTheTextsOfTheScreenAndATableItsProvenance() {
    m_user->typeLocus(gene);
    const QString figure = m_folder.filePath("genome.svg");
    exportNow("genome", figure);
    const QString svg = textOf(figure);
    QVERIFY(svg.contains("<svg"));
    QVERIFY(svg.contains(gene));
    QVERIFY2(svg.contains(editName().section('>', 0, 0)), "the caption names the edit");
    QVERIFY2(svg.contains("Demo motif scanner"), "the caption names the model");
    QVERIFY(textOf(m_folder.filePath("genome.json")).contains("sha256"));
    for (const char* name : {"cells.pdf", "window.png"}) {
      exportNow(QString(name).section('.', 0, 0), m_folder.filePath(name));
      QVERIFY(QFileInfo(m_folder.filePath(name)).size() > 1000);
    }

    QSignalSpy saved(&m_window->exporter(), &Exporter::saved);
    const QString table = m_folder.filePath("cells.tsv");
    m_window->exporter().exportTable(table, TableKind::Cells);
    QTRY_COMPARE_WITH_TIMEOUT(saved.count(), 1, 30000);
    const QStringList lines = textOf(table).split('\n', Qt::SkipEmptyParts);
    QVERIFY(lines.first().startsWith('#'));
    QVERIFY(lines.filter(editName()).size() > 0);
    const QStringList rows = lines.filter(QRegularExpression("^[^#]"));
    QCOMPARE(rows.size(), session().cells()->cellCount() + 1);
    QVERIFY(rows.first().contains("delta"));
  }

  void undoBringsTheReferenceBackWithoutAnotherReferencePass() {
    const auto before = session().reference();
    m_user->press(Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(session().edits().haplotype.isReference());
    if (session().predictionCost().seconds >= 2) m_user->press(Qt::Key_R, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(session().edited() == nullptr, 60000);
    QVERIFY(m_user->settle());
    QCOMPARE(session().reference(), before);
    QCOMPARE(session().predictionState(), PredictionState::Ready);
    QCOMPARE(session().colourBy().kind, ColourBy::Kind::Predicted);
    m_user->press(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(session().edits().haplotype.variants().size(), std::size_t(1));
  }

  void aSavedSessionComesBack() {
    const QString path = m_folder.filePath("demo.ccsession");
    QVERIFY(m_window->saveSessionFile(path));
    MainWindow other;
    other.openSessionFile(path);
    QVERIFY(waitUntilIdle(other.session(), 120));
    QVERIFY(other.session().edits() == session().edits());
    QVERIFY(other.session().locus() == session().locus());
    QCOMPARE(QString::fromStdString(other.session().gene()->symbol), QString(gene));
    QVERIFY(other.session().tracks() == session().tracks());
  }

  void aNameThatIsNotThereStaysInTheBoxWithASuggestion() {
    const Locus before = session().locus();
    m_user->typeLocus("GATA44");
    QVERIFY(session().locus() == before);
    QVERIFY2(m_window->locusBox().problem().contains("GATA4"),
             qPrintable(m_window->locusBox().problem()));
    QTest::keyClick(m_window->locusBox().edit(), Qt::Key_Escape);
  }

  void cleanupTestCase() {
    m_user.reset();
    m_window.reset();
  }
};

}  // namespace cellocus

QTEST_MAIN(cellocus::DemoJobsTest)
#include "demojobs_test.moc"
