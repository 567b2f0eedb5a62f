// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/palette.h"

#include <QTest>
#include <limits>
#include <string_view>

#include "colourscience.h"

using namespace cellocus;
using testing::Vision;

class PaletteTest : public QObject {
  Q_OBJECT

 private slots:
  void colourDifferenceAgreesWithPublishedPairs() {
    // Pairs 1, 7 and 25 of Sharma, Wu and Dalal's table of test data.
    QVERIFY(std::abs(testing::ciede2000({50, 2.6772, -79.7751}, {50, 0, -82.7485}) - 2.0425) <
            1e-4);
    QVERIFY(std::abs(testing::ciede2000({50, 0, 0}, {50, -1, 2}) - 2.3669) < 1e-4);
    QVERIFY(
        std::abs(testing::ciede2000({60.2574, -34.0099, 36.2677}, {60.4626, -34.1751, 39.4387}) -
                 1.2644) < 1e-4);
  }

  void basesDifferForEveryKindOfColourVision() {
    constexpr std::string_view bases = "ACGT";
    for (const Theme& theme : {Theme::light(), Theme::dark()})
      for (const Vision vision : {Vision::Normal, Vision::Protan, Vision::Deutan, Vision::Tritan})
        for (std::size_t i = 0; i < bases.size(); ++i)
          for (std::size_t j = i + 1; j < bases.size(); ++j) {
            const double difference = testing::difference(baseColour(bases[i], theme),
                                                          baseColour(bases[j], theme), vision);
            QVERIFY2(difference >= 15, qPrintable(QString("%1-%2: %3")
                                                      .arg(QChar(bases[i]))
                                                      .arg(QChar(bases[j]))
                                                      .arg(difference)));
          }
  }

  void basesStandOutFromTheBackground() {
    for (const Theme& theme : {Theme::light(), Theme::dark()})
      for (const char base : std::string_view("ACGTN"))
        QVERIFY(contrastRatio(baseColour(base, theme), theme.background) >= 3);
  }

  void igvsColoursWouldFailADeuteranope() {
    const Theme& theme = Theme::light();
    QVERIFY(testing::difference(baseColour('G', theme, BaseColours::Igv),
                                baseColour('T', theme, BaseColours::Igv), Vision::Deutan) < 3);
  }

  void textAndLinesCanBeReadOnBothThemes() {
    for (const Theme& theme : {Theme::light(), Theme::dark()}) {
      for (const QColor& ground : {theme.background, theme.panel})
        for (const QColor& text :
             {theme.text, theme.mutedText, theme.warning, theme.error, theme.accent})
          QVERIFY(contrastRatio(text, ground) >= 4.5);
      for (const QColor& line : {theme.axis, theme.refLine, theme.altLine, theme.gene})
        QVERIFY(contrastRatio(line, theme.background) >= 3);
    }
  }

  void themeFollowsThePalettesGround() {
    QPalette palette;
    palette.setColor(QPalette::Base, QColor(0x202020));
    QVERIFY(Theme::from(palette).isDark);
    palette.setColor(QPalette::Base, Qt::white);
    QVERIFY(!Theme::from(palette).isDark);
  }

  void divergingMapHasItsCentreAtZeroAndItsEndsAtOne() {
    const Theme& light = Theme::light();
    QCOMPARE(divergingColour(0, light), QColor(0xF7F7F7));
    QCOMPARE(divergingColour(-1, light), QColor(0x2166AC));
    QCOMPARE(divergingColour(7, light), QColor(0xB2182B));
    QVERIFY(contrastRatio(divergingColour(0, Theme::dark()), Theme::dark().background) < 1.5);
    QCOMPARE(divergingColour(std::numeric_limits<double>::quiet_NaN(), light), missingColour());
  }

  void sequentialMapsAreThePublishedOnes() {
    QCOMPARE(sequentialColour(0, SequentialMap::Viridis), QColor(0x440154));
    QCOMPARE(sequentialColour(1, SequentialMap::Viridis), QColor(0xFDE725));
    const QColor middle = sequentialColour(128 / 255.0, SequentialMap::Viridis);
    QCOMPARE(middle, QColor(0x21918C));
    QCOMPARE(sequentialColour(5, SequentialMap::Magma), QColor(0xFCFDBF));
    for (const auto map : {SequentialMap::Viridis, SequentialMap::Magma, SequentialMap::Cividis}) {
      const auto table = sequentialTable(map);
      for (std::size_t i = 8; i < table.size(); i += 8)
        QVERIFY(testing::lab(testing::linearRgb(QColor(table[i])))[0] >
                testing::lab(testing::linearRgb(QColor(table[i - 8])))[0]);
    }
  }

  void categoriesTakeTheFilesColoursFirst() {
    const auto colours = categoryColours({"CM", "FB", "EC"}, {"#ff0000", "no colour"});
    QCOMPARE(colours[0], QColor(Qt::red));
    QCOMPARE(colours[1], categoryColours({"CM", "FB", "EC"})[1]);
    QVERIFY(colours[1] != colours[2]);
  }

  void upTo28CategoriesAllDiffer() {
    for (const int count : {8, 20, 28}) {
      QStringList names;
      for (int i = 0; i < count; ++i) names << QString::number(i);
      QSet<QRgb> different;
      for (const QColor& colour : categoryColours(names)) different.insert(colour.rgb());
      QCOMPARE(different.size(), count);
    }
  }
};

QTEST_GUILESS_MAIN(PaletteTest)
#include "palette_test.moc"
