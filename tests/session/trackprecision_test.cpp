// SPDX-License-Identifier: GPL-3.0-or-later
// Tracks in bfloat16: only where the user chose them and nothing is subtracted.
#include <QFile>
#include <QTest>

#include "nn/packedproduct.h"
#include "session/session.h"
#include "support/shared.h"
#include "support/tinyinputs.h"

namespace cellocus {

class TrackPrecisionTest : public QObject {
  Q_OBJECT

 private:
  static constexpr std::int64_t anchor = 15'000;
  std::filesystem::path m_folder;
  QString m_trunk;

  QString file(const char* name) const {
    return QString::fromStdString((m_folder / name).string());
  }

  static void settle(Session& session) {
    QTRY_VERIFY_WITH_TIMEOUT(!session.loads().isBusy() && !session.computes().isBusy(), 60'000);
  }
  static void predict(Session& session) {
    session.predict();
    settle(session);
    QCOMPARE(session.predictionProblem(), QString());
    QCOMPARE(session.predictionState(), PredictionState::Ready);
  }

  void open(Session& session) {
    session.setAutoPredict(false);
    session.openTrunk(m_trunk);
    session.openGenome(file("g.fa"));
    settle(session);
    session.centreWindowOn("chr1", anchor);
  }
  void openCells(Session& session) {
    session.openAnnotation(file("genes.gtf"));
    session.openHead(file("head.safetensors"));
    session.openCells(file("cells.h5ad"));
    settle(session);
    QVERIFY(session.cellMatch().usable());
  }

  static EditState substitution(const Session& session, std::int64_t position) {
    const std::string ref = session.genome()->sequence({"chr1", position, position + 1});
    EditState edits;
    edits.haplotype =
        Haplotype().with({"chr1", position, ref, ref == "A" ? "C" : "A"}, *session.genome());
    return edits;
  }

  /// Two genes with their start sites (0-based) at the anchor and at 16,000.
  void writeGenes() {
    QFile genes(file("genes.gtf"));
    QVERIFY(genes.open(QIODevice::WriteOnly));
    genes.write(
        "chr1\tx\tgene\t15001\t16000\t.\t+\t.\tgene_id \"G1\"; gene_name \"PLUS\";\n"
        "chr1\tx\tgene\t15001\t16001\t.\t-\t.\tgene_id \"G2\"; gene_name \"MINUS\";\n");
  }

  void writeCells() {
    Emb2Cell::Parts parts;
    parts.first = {Matrix::Random(3, 192) * 0.1f, Vector::Random(3)};
    parts.cellNames = {"c1", "c2", "c3"};
    parts.unit = "log1p counts";
    Emb2Cell(parts).save(m_folder / "head.safetensors");
    NewDataset cells;
    cells.cellNames = parts.cellNames;
    cells.genes = {{"G1", "G1", "PLUS"}};
    cells.expression = Matrix::Zero(3, 1);
    writeH5ad(m_folder / "cells.h5ad", cells);
  }

 private slots:
  void initTestCase() {
    if (!nn::canMultiply(Precision::BFloat16)) QSKIP("this processor has no bfloat16");
    m_folder = testing::scratchFolder("trackprecision");
    testing::writeFasta(m_folder / "g.fa", "chr1", testing::randomBases(30'000, 7));
    m_trunk = QString::fromStdString(testing::tinyTrunk(m_folder).string());
    writeGenes();
    writeCells();
  }

  void tracksAreRoughOnlyIfTheUserChoseThem() {
    Session session;
    open(session);
    QCOMPARE(session.trackPrecision(), Precision::Float32);
    predict(session);
    const auto exact = session.reference();
    QCOMPARE(exact->precision, Precision::Float32);

    session.setTrackPrecision(Precision::BFloat16);
    QVERIFY2(session.predictionState() == PredictionState::Ready, "better than what is asked for");
    session.centreWindowOn("chr1", anchor + 128);
    predict(session);
    const auto rough = session.reference();
    QCOMPARE(rough->precision, Precision::BFloat16);
    session.setTrackPrecision(Precision::Float32);
    QCOMPARE(session.predictionState(), PredictionState::OutOfDate);
    predict(session);
    QCOMPARE(session.reference()->precision, Precision::Float32);
    const Matrix& values = session.reference()->values;
    const float difference = (rough->values - values).norm() / values.norm();
    QVERIFY2(difference > 0 && difference < 0.08f, qPrintable(QString::number(difference)));
  }

  void aRoughReferenceIsNeverSubtractedFrom() {
    Session plain, fast;
    for (Session* session : {&plain, &fast}) open(*session);
    fast.setTrackPrecision(Precision::BFloat16);
    predict(fast);
    QCOMPARE(fast.reference()->precision, Precision::BFloat16);
    const auto rough = fast.reference();

    predict(plain);
    for (Session* session : {&plain, &fast}) {
      session->setEdits(substitution(*session, anchor + 40));
      QCOMPARE(session->predictionState(), PredictionState::OutOfDate);
      QVERIFY(!session->edited());
      predict(*session);
      QCOMPARE(session->reference()->precision, Precision::Float32);
      QCOMPARE(session->edited()->precision, Precision::Float32);
    }
    const auto delta = [](const Session& session) -> Matrix {
      return session.edited()->values - session.reference()->values;
    };
    const float scale = delta(plain).cwiseAbs().maxCoeff();
    QVERIFY(scale > 0);
    QVERIFY((delta(plain) - delta(fast)).cwiseAbs().maxCoeff() < 1e-3f * scale);
    QVERIFY2((fast.edited()->values - rough->values - delta(plain)).cwiseAbs().maxCoeff() >
                 1e-2f * scale,
             "the rough reference would have given another difference");

    const auto exact = fast.reference();
    fast.setEdits({});
    predict(fast);
    QCOMPARE(fast.reference(), exact);
    QVERIFY(!fast.edited());
  }

  void anEditOutsideOfTheWindowLeavesTheTracksRough() {
    Session session;
    open(session);
    session.setTrackPrecision(Precision::BFloat16);
    session.setEdits(substitution(session, 100));
    predict(session);
    QCOMPARE(session.reference()->precision, Precision::BFloat16);
    QVERIFY(!session.edited());
  }

  void cellsAreTheSameWithRoughTracks() {
    Session plain, fast;
    for (Session* session : {&plain, &fast}) {
      open(*session);
      openCells(*session);
    }
    fast.setTrackPrecision(Precision::BFloat16);
    // Where the cells are read off the window itself, its float32 pass gives the tracks too.
    const struct {
      const char* gene;
      std::int64_t window;
      Precision tracks;
    } cases[] = {{"G1", anchor, Precision::Float32},
                 {"G1", anchor + 256, Precision::BFloat16},
                 {"G2", 16'000, Precision::BFloat16}};
    for (const auto& [gene, window, tracks] : cases) {
      for (Session* session : {&plain, &fast}) {
        session->selectGene(gene);
        session->centreWindowOn("chr1", window);
        predict(*session);
        QVERIFY(session->cellPredictionIsCurrent());
      }
      QCOMPARE(plain.reference()->precision, Precision::Float32);
      QCOMPARE(fast.reference()->precision, tracks);
      const Vector off = plain.cellPrediction()->reference - fast.cellPrediction()->reference;
      QVERIFY2(off.cwiseAbs().maxCoeff() < 1e-5f, gene);
    }
  }

  void aGeneChosenAfterwardsLeavesTheTracksAsTheyAre() {
    Session session;
    open(session);
    openCells(session);
    session.setTrackPrecision(Precision::BFloat16);
    predict(session);
    const auto rough = session.reference();
    QCOMPARE(rough->precision, Precision::BFloat16);
    session.selectGene("G1");
    QCOMPARE(session.predictionState(), PredictionState::Ready);
    QVERIFY2(session.predictionCost().seconds > 0, "the start site is predicted by itself");
    predict(session);
    QCOMPARE(session.reference(), rough);
    QVERIFY(session.cellPredictionIsCurrent());
  }

  void theChoiceIsSavedWithTheSession() {
    Session session;
    session.setTrackPrecision(Precision::BFloat16);
    const SessionState state = session.state();
    Session other;
    other.restore(state);
    QCOMPARE(other.trackPrecision(), Precision::BFloat16);
    SessionState silent = state;
    silent.trackPrecision.reset();
    other.restore(silent);
    QCOMPARE(other.trackPrecision(), Precision::BFloat16);
  }
};

}  // namespace cellocus

QTEST_GUILESS_MAIN(cellocus::TrackPrecisionTest)
#include "trackprecision_test.moc"
