// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QFile>
#include <QPaintEngine>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

#include "genome/genomeview.h"
#include "genome/tracksteps.h"
#include "plot/figure.h"
#include "syntheticscene.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

/// Writes down the texts that are painted on it.
class TextRecorder : public QPaintDevice {
 public:
  explicit TextRecorder(QSize size) : m_size(size) {}
  QPaintEngine* paintEngine() const override { return &m_engine; }
  const QStringList& texts() const { return m_engine.texts; }

 protected:
  int metric(PaintDeviceMetric metric) const override {
    switch (metric) {
      case PdmWidth:
        return m_size.width();
      case PdmHeight:
        return m_size.height();
      case PdmDepth:
        return 32;
      case PdmDevicePixelRatio:
        return 1;
      case PdmDevicePixelRatioScaled:
        return static_cast<int>(devicePixelRatioFScale());
      case PdmDpiX:
      case PdmDpiY:
      case PdmPhysicalDpiX:
      case PdmPhysicalDpiY:
        return 96;
      default:
        return 100;
    }
  }

 private:
  struct Engine : QPaintEngine {
    Engine() : QPaintEngine(AllFeatures) {}
    bool begin(QPaintDevice*) override { return true; }
    bool end() override { return true; }
    Type type() const override { return User; }
    void updateState(const QPaintEngineState&) override {}
    void drawPath(const QPainterPath&) override {}
    using QPaintEngine::drawPolygon;
    void drawPolygon(const QPointF*, int, PolygonDrawMode) override {}
    void drawPixmap(const QRectF&, const QPixmap&, const QRectF&) override {}
    void drawTextItem(const QPointF&, const QTextItem& item) override {
      texts << item.text().trimmed();
    }
    QStringList texts;
  };
  mutable Engine m_engine;
  QSize m_size;
};

QStringList svgTexts(const QString& path) {
  QFile file(path);
  QStringList texts;
  if (!file.open(QIODevice::ReadOnly)) return texts;
  QXmlStreamReader reader(&file);
  while (!reader.atEnd())
    if (reader.readNext() == QXmlStreamReader::StartElement &&
        reader.name() == QLatin1String("text"))
      texts << reader.readElementText().trimmed();
  return reader.hasError() ? QStringList{reader.errorString()} : texts;
}

Haplotype oneDeletion() {
  const std::int64_t at = 11'717'900;
  return Haplotype().with({"chr8", at, MadeUpGenome().sequence({"chr8", at, at + 3}, 'N'), ""},
                          MadeUpGenome());
}

void furnishFully(GenomeView& view) {
  furnish(view);
  view.setHaplotype(oneDeletion());
  view.setPredictions(madeUpPrediction({}, 3.1f), madeUpPrediction(oneDeletion(), 1.5f));
  view.setPredictionState(PredictionState::Ready);
  view.setPinnedBin(447);
}

}  // namespace

class GenomePictureTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;

 private slots:
  void exportedTextsAreThePaintedTexts() {
    GenomeView view;
    view.resize(1000, 520);
    furnishFully(view);
    for (const Locus& locus : {geneRegion, Locus{"chr8", 11'717'880, 11'717'940}}) {
      view.setLocus(locus);
      FigureOptions options;
      options.millimetres = {174, 120};
      const QSize size = logicalSize(options.millimetres).toSize();
      TextRecorder recorder(size);
      {
        QPainter painter(&recorder);
        view.paint(painter, size, Theme::light());
      }
      QVERIFY(recorder.texts().contains("Model window"));
      QVERIFY(recorder.texts().size() > 20);
      const QString path = m_folder.filePath("view.svg");
      saveFigure(path.toStdString(), options, [&](QPainter& painter, QSizeF logical) {
        view.paint(painter, logical.toSize(), Theme::light());
      });
      QCOMPARE(svgTexts(path), recorder.texts());
    }
  }

  void figureIsLightWhateverTheScreen() {
    GenomeView view;
    QPalette palette;
    palette.setColor(QPalette::Base, QColor(0x1E1E1E));
    palette.setColor(QPalette::Window, QColor(0x202020));
    view.setPalette(palette);
    view.resize(800, 500);
    furnishFully(view);
    QCOMPARE(view.grab().toImage().pixelColor(400, 150).lightness() < 100, true);
    QImage figure(800, 500, QImage::Format_RGB32);
    QPainter painter(&figure);
    view.paint(painter, figure.size(), Theme::light());
    painter.end();
    QVERIFY(figure.pixelColor(799, 499).lightness() > 240);
  }

  void smallFigureShowsAllRows() {
    GenomeView view;
    view.resize(1000, 520);
    furnishFully(view);
    TextRecorder recorder({600, 200});
    QPainter painter(&recorder);
    view.paint(painter, {600, 200}, Theme::light());
    painter.end();
    QVERIFY(recorder.texts().contains("Sequence"));
    QVERIFY(recorder.texts().contains("Genes"));
    QVERIFY(view.contentHeight() > 200);
  }

  void editedPeakIsPaintedInItsColour() {
    GenomeView view;
    view.resize(1000, 520);
    furnishFully(view);
    view.setDisplayMode(DisplayMode::Difference);
    QImage image(1000, 520, QImage::Format_RGB32);
    QPainter painter(&image);
    view.paint(painter, image.size(), Theme::light());
    painter.end();
    int blue = 0, red = 0;
    for (int y = 190; y < 470; ++y)
      for (int x = 300; x < 600; ++x) {
        const QColor colour = image.pixelColor(x, y);
        blue += colour.hue() > 190 && colour.hue() < 230 && colour.saturation() > 90 ? 1 : 0;
        red += (colour.hue() < 15 || colour.hue() > 340) && colour.saturation() > 90 ? 1 : 0;
      }
    QVERIFY(blue > 50);  // the weaker peak is below zero
    QCOMPARE(red, 0);
  }

  void stepsKeepPeaksWhenBinsShareAPixel() {
    GenomeScene scene;
    scene.contig = "chr8";
    scene.reference = madeUpPrediction({}, 3.1f);
    scene.edited = madeUpPrediction({}, 1.5f);
    const Locus all = scene.reference->predicted;
    const Viewport narrow(static_cast<double>(all.start), static_cast<double>(all.end), 0, 50);
    const auto steps = trackSteps(scene, 4, narrow);
    QVERIFY(steps.size() <= 51);
    float most = 0, lowest = 0;
    for (const TrackStep& step : steps) {
      most = std::max(most, step.reference);
      lowest = std::min(lowest, step.difference);
    }
    QCOMPARE(most, scene.reference->values.col(0).maxCoeff());
    QCOMPARE(lowest, (scene.edited->values - scene.reference->values).col(0).minCoeff());
    QVERIFY(trackSteps(scene, 99, narrow).empty());
  }

  void deletedBinsAreGaps() {
    GenomeScene scene;
    scene.contig = "chr8";
    scene.reference = madeUpPrediction({}, 1);
    auto edited = std::make_shared<Prediction>(*madeUpPrediction(oneDeletion(), 1));
    edited->values(300, 0) = std::numeric_limits<float>::quiet_NaN();
    scene.edited = edited;
    const Locus bin = scene.reference->bin(300);
    const Viewport axis(static_cast<double>(bin.start), static_cast<double>(bin.end), 0, 100);
    const auto steps = trackSteps(scene, 4, axis);
    QCOMPARE(steps.size(), std::size_t(1));
    QVERIFY(std::isnan(steps[0].edited));
    QVERIFY(std::isnan(steps[0].difference));
    QVERIFY(!std::isnan(steps[0].reference));
  }

  void noZoomOrSizeCrashes() {
    GenomeView view;
    furnishFully(view);
    view.setSelection(Locus{"chr8", 11'700'000, 11'710'000});
    QRandomGenerator random(5);
    const char* contigs[] = {"chr8", "tiny", "huge"};
    for (int i = 0; i < 300; ++i) {
      const int width = i % 10 == 0 ? 1 : random.bounded(1, 1500),
                height = i % 7 == 0 ? 1 : random.bounded(1, 900);
      view.resize(width, height);
      const auto start = static_cast<std::int64_t>(random.bounded(3e9)) - 1000;
      const auto length = static_cast<std::int64_t>(std::pow(10, random.bounded(10.0)));
      view.setLocus({contigs[i % 3], start, start + length});
      view.setDisplayMode(static_cast<DisplayMode>(i % 4));
      view.setPinnedBin(random.bounded(-1, 1200));
      view.zoomBy(random.bounded(3.0));
      view.grab();
      const Locus shown = view.locus();
      QVERIFY(shown.start >= 0 && shown.length() > 0);
    }
  }

  void emptyAndBrokenScenesCanBePainted() {
    GenomeView view;
    view.resize(600, 400);
    view.grab();  // no genome
    view.setContigs({{"empty", 0}});
    view.zoomBy(2);
    view.grab();
    QTest::mouseClick(&view, Qt::LeftButton, {}, {300, 200});
    QTest::keyClick(&view, Qt::Key_Right);
    view.setContigs(MadeUpGenome().contigs());
    auto nothing = std::make_shared<Prediction>();
    nothing->predicted = {"chr8", 0, 128'000};
    nothing->tracks = {4, 12};
    view.setTracks(madeUpTracks());
    view.setPredictions(nothing, nothing);  // names tracks, has no values
    view.setLocus({"chr8", 0, 100'000});
    view.grab();
    view.setContigs({});
    view.grab();
    QCOMPARE(view.locus().length(), std::int64_t(0));
  }

  void twentyTracksAreFast() {
    GenomeView view;
    view.resize(1366, 768);
    furnish(view);
    auto prediction = std::make_shared<Prediction>(*madeUpPrediction({}, 2));
    std::vector<TrackRow> rows;
    prediction->tracks.clear();
    prediction->values = Matrix::Random(896, 20).cwiseAbs();
    for (int i = 0; i < 20; ++i) {
      prediction->tracks.push_back(i);
      rows.push_back({i, QStringLiteral("track"), {}, {}});
    }
    view.setTracks(rows);
    view.setPredictions(prediction, prediction);
    view.setPredictionState(PredictionState::Ready);
    QImage image(1366, 768, QImage::Format_RGB32);
    qint64 best = std::numeric_limits<qint64>::max();
    for (int i = 0; i < 10; ++i) {
      QElapsedTimer timer;
      timer.start();
      view.setLocus({"chr8", geneRegion.start + i, geneRegion.end + i});
      view.render(&image);
      best = std::min(best, timer.nsecsElapsed());
    }
    // The aim is 16 ms; ten times that is a mistake and not a busy machine.
    QVERIFY2(best < 160'000'000, qPrintable(QString::number(static_cast<double>(best) / 1e6)));
  }
};

QTEST_MAIN(GenomePictureTest)
#include "genomepicture_test.moc"
