// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/predictioncost.h"

#include <QTest>
#include <atomic>
#include <thread>

#include "session/session.h"
#include "support/shared.h"
#include "support/tinyinputs.h"

namespace cellocus {

using Extent = PredictionCost::Extent;

class PredictionCostTest : public QObject {
  Q_OBJECT

 private:
  static constexpr std::int64_t anchor = 15'000;
  QString m_trunk, m_genome;

  static void settle(Session& session) {
    QTRY_VERIFY_WITH_TIMEOUT(!session.loads().isBusy() && !session.computes().isBusy(), 60'000);
  }

  /// A session with model and genome, its window around the anchor, that predicts only if asked.
  void open(Session& session) {
    session.setAutoPredict(false);
    session.openTrunk(m_trunk);
    session.openGenome(m_genome);
    settle(session);
    session.centreWindowOn("chr1", anchor);
  }

  static EditState edited(const Session& session, const Variant& edit) {
    EditState edits;
    edits.haplotype = Haplotype().with(edit, *session.genome());
    return edits;
  }
  static Variant substitution(const Session& session, std::int64_t position) {
    const std::string ref = session.genome()->sequence({"chr1", position, position + 1});
    return {"chr1", position, ref, ref == "A" ? "C" : "A"};
  }

 private slots:
  void initTestCase() {
    const auto folder = testing::scratchFolder("predictioncost");
    testing::writeFasta(folder / "g.fa", "chr1", testing::randomBases(30'000, 7));
    m_genome = QString::fromStdString((folder / "g.fa").string());
    m_trunk = QString::fromStdString(testing::tinyTrunk(folder).string());
  }

  void theNewestRunOfAKindCounts() {
    EnformerConfig config;
    const EnformerPass whole = wholePass(config, 10), part{8, config.binCount(), 10};
    const auto operations = [&](const EnformerPass& pass) { return costOf(pass, config).total(); };
    PredictionSpeed speed;
    QCOMPARE(speed.seconds(whole, config), 0.0);
    speed.setProductRate(1e12);
    QCOMPARE(speed.seconds(whole, config), operations(whole) / 1e12);
    speed.learn(whole, config, 10);
    QCOMPARE(speed.seconds(whole, config), 10.0);
    QCOMPARE(speed.seconds(part, config), 10 * operations(part) / operations(whole));
    speed.learn(part, config, 4);
    QCOMPARE(speed.seconds(part, config), 4.0);
    QCOMPARE(speed.seconds(whole, config), 10.0);
    speed.learn(whole, config, 8);
    QCOMPARE(speed.seconds(whole, config), 8.0);
    speed.learn(whole, config, 0);
    QCOMPARE(speed.seconds(whole, config), 8.0);
    const double guess = speed.seconds(whole, config, Precision::BFloat16);
    QVERIFY(guess > 3 && guess < 6);
    speed.learn(whole, config, 5, Precision::BFloat16);
    QCOMPARE(speed.seconds(whole, config, Precision::BFloat16), 5.0);
    QCOMPARE(speed.seconds(whole, config), 8.0);
  }

  void anEditReachesItsTokensAndAnIndelAllBehindIt() {
    Session session;
    open(session);
    const Enformer& model = session.predictor()->model();
    Predictor::Request request;
    request.window = session.modelWindow()->input;
    request.anchor = anchor;
    QCOMPARE(changedTokens(model, request), 0);
    const std::int64_t bin = model.config().binSize(), reach = model.towerReachInTokens();
    const std::int64_t position = request.window.start + 40 * bin + 3;
    request.haplotype = Haplotype().with(substitution(session, position), *session.genome());
    QCOMPARE(changedTokens(model, request), 2 * reach + 1);
    request.haplotype = Haplotype().with({"chr1", position, "", "ACGTA"}, *session.genome());
    QCOMPARE(changedTokens(model, request), model.config().tokenCount() - 40 + reach);
    const std::int64_t left = request.window.start + 10 * bin + 3;
    request.haplotype = Haplotype().with({"chr1", left, "", "ACGTA"}, *session.genome());
    QCOMPARE(changedTokens(model, request), 10 + 1 + reach);
  }

  void theCostIsKnownBeforeTheFirstRunAndFollowsTheEdits() {
    Session session;
    QCOMPARE(session.predictionCost().seconds, 0.0);
    open(session);
    const PredictionCost first = session.predictionCost();
    QCOMPARE(first.extent, Extent::WholeWindow);
    QVERIFY2(first.seconds > 0, "the speed of products was measured when the model was opened");
    session.predict();
    QCOMPARE(session.computes().jobs().rbegin()->second.expected, first.seconds);
    settle(session);
    QCOMPARE(session.predictionState(), PredictionState::Ready);
    QCOMPARE(session.predictionCost().extent, Extent::Nothing);
    QCOMPARE(session.predictionCost().seconds, 0.0);
    const EnformerPass whole =
        wholePass(session.predictor()->model().config(), std::ssize(session.tracks()));
    QCOMPARE(session.secondsFor(whole), session.reference()->seconds);

    session.setEdits(edited(session, substitution(session, anchor + 50)));
    const PredictionCost substituted = session.predictionCost();
    QCOMPARE(substituted.extent, Extent::EditedBases);
    QVERIFY(substituted.seconds > 0);
    session.setEdits(edited(session, {"chr1", anchor - 50, "", "ACG"}));
    const PredictionCost moved = session.predictionCost();
    QCOMPARE(moved.extent, Extent::MovedBases);
    QVERIFY(substituted.seconds < moved.seconds);
    QVERIFY(moved.seconds < session.secondsFor(whole));

    session.centreWindowOn("chr1", anchor + 77);
    QCOMPARE(session.predictionCost().extent, Extent::WholeWindow);
    QVERIFY2(session.predictionCost().seconds > session.secondsFor(whole),
             "reference and edited sequence are both new");
  }

  void editsOutsideOfTheWindowCostNothing() {
    Session session;
    open(session);
    session.predict();
    settle(session);
    session.setEdits(edited(session, {"chr1", 100, "", "ACG"}));
    QCOMPARE(session.predictionCost().extent, Extent::Nothing);
  }

  void aPredictionOfAnotherModelIsNotTakenOver() {
    Session session;
    open(session);
    std::atomic<bool> released = false;
    session.computes().start(
        "block", "Block",
        [&](const Progress&) {
          while (!released) std::this_thread::sleep_for(std::chrono::milliseconds(1));
          return true;
        },
        [](bool) {});
    session.predict();
    QCOMPARE(session.predictionState(), PredictionState::Computing);
    session.openTrunk(m_trunk);
    QTRY_VERIFY_WITH_TIMEOUT(!session.loads().isBusy(), 60'000);
    released = true;
    settle(session);
    QVERIFY(!session.reference());
    QCOMPARE(session.predictionState(), PredictionState::Empty);
  }
};

}  // namespace cellocus

QTEST_GUILESS_MAIN(cellocus::PredictionCostTest)
#include "predictioncost_test.moc"
