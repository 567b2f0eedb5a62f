// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/figure.h"

#include <QFile>
#include <QImage>
#include <QPainterPath>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

#include "base/error.h"

using namespace cellocus;

namespace {

void paintSample(QPainter& painter, QSizeF size) {
  painter.setPen(QPen(Qt::red, 2));
  painter.drawLine(QPointF(0, 0), QPointF(size.width(), size.height()));
  painter.setPen(Qt::black);
  painter.drawText(QPointF(20, 40), QStringLiteral("GATA4 <5' & 3'>"));
}

QByteArray contentOf(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QStringList elements(const QByteArray& svg, const QString& name) {
  QStringList texts;
  QXmlStreamReader reader(svg);
  while (!reader.atEnd())
    if (reader.readNext() == QXmlStreamReader::StartElement && reader.name() == name)
      texts << reader.readElementText(QXmlStreamReader::IncludeChildElements).trimmed();
  return reader.hasError() ? QStringList{reader.errorString()} : texts;
}

}  // namespace

class FigureTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  QString save(const QString& name, FigureOptions options) {
    const QString path = m_folder.filePath(name);
    options.format = figureFormat(path.toStdString());
    saveFigure(path.toStdString(), options, paintSample);
    return path;
  }

 private slots:
  void svgKeepsTextAsText() {
    FigureOptions options;
    options.title = QStringLiteral("a < b & c");
    const QByteArray svg = contentOf(save("text.svg", options));
    QCOMPARE(elements(svg, "text"), QStringList{"GATA4 <5' & 3'>"});
    QCOMPARE(elements(svg, "title"), QStringList{"a < b & c"});
  }

  void svgHasTheWidthAskedFor() {
    FigureOptions options;
    options.millimetres = {85, 40};
    QXmlStreamReader reader(contentOf(save("width.svg", options)));
    QVERIFY(reader.readNextStartElement());
    const QString width = reader.attributes().value("width").toString();
    QVERIFY(width.endsWith("mm"));
    QVERIFY(std::abs(width.chopped(2).toDouble() - 85) < 0.5);
  }

  void outlinesHaveNoTextButTheSameInk() {
    FigureOptions options;
    options.text = FigureText::Outlines;
    const QByteArray svg = contentOf(save("outlines.svg", options));
    QVERIFY(elements(svg, "text").isEmpty());
    QVERIFY(!elements(svg, "path").isEmpty());

    const QImage outlined(save("outlines.png", options));
    const QImage plain(save("plain.png", FigureOptions{}));
    const auto ink = [](const QImage& image) {
      int dark = 0;
      for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) dark += qGray(image.pixel(x, y)) < 128 ? 1 : 0;
      return dark;
    };
    QVERIFY(ink(plain) > 1000);
    QVERIFY(std::abs(ink(plain) - ink(outlined)) < ink(plain) / 5);
  }

  void pngHasResolutionAndWhiteGround() {
    FigureOptions options;
    options.millimetres = {25.4, 12.7};
    options.dpi = 600;
    const QImage image(save("figure.png", options));
    QCOMPARE(image.size(), QSize(600, 300));
    QVERIFY(std::abs(image.dotsPerMeterX() - 600 / 0.0254) < 2);
    QCOMPARE(image.pixelColor(599, 0), QColor(Qt::white));
  }

  void pdfIsAPdfOfTheRightSize() {
    const QByteArray pdf = contentOf(save("figure.pdf", FigureOptions{}));
    QVERIFY(pdf.startsWith("%PDF-"));
    QVERIFY(pdf.contains("/MediaBox [0 0 493"));  // 174 mm = 493.2 pt
  }

  void unwritablePlaceIsAnError() {
    try {
      saveFigure("/nonexistent-folder/figure.svg", {}, paintSample);
      QFAIL("no error");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("SAVE_FAILED"));
    }
  }

  void sizesThatCannotBeAreErrors() {
    for (const QSizeF size : {QSizeF(0, 10), QSizeF(1e6, 1e6), QSizeF(-5, 5)}) {
      FigureOptions options;
      options.millimetres = size;
      options.format = FigureFormat::Png;
      try {
        saveFigure(m_folder.filePath("never.png").toStdString(), options, paintSample);
        QFAIL("no error");
      } catch (const Error& error) {
        QCOMPARE(error.code(), std::string("FIGURE_SIZE"));
      }
    }
    QVERIFY(!QFile::exists(m_folder.filePath("never.png")));
  }
};

QTEST_MAIN(FigureTest)
#include "figure_test.moc"
