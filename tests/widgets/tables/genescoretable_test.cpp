// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QSortFilterProxyModel>
#include <QtTest>
#include <cmath>

#include "tables/genescoretable.h"

using namespace cellocus;

namespace {

std::shared_ptr<const Evaluation> evaluation() {
  auto made = std::make_shared<Evaluation>();
  const auto add = [&](const char* id, const char* symbol, SplitSet set, double r,
                       Reliability reliability) {
    GeneEvaluation gene;
    gene.gene.id = id;
    gene.gene.symbol = symbol;
    gene.gene.set = set;
    gene.r = r;
    gene.meanObserved = 1.5;
    gene.meanPredicted = 1.25;
    gene.reliability = reliability;
    made->genes.push_back(gene);
  };
  add("ENSG1", "GATA4", SplitSet::Train, 0.5, Reliability::Seen);
  add("ENSG2", "", SplitSet::Test, 0.25, Reliability::Fair);
  add("ENSG3", "TBX5", SplitSet::Valid, std::nan(""), Reliability::Undefined);
  return made;
}

}  // namespace

class GeneScoreTableTest : public QObject {
  Q_OBJECT

 private slots:
  void keepsTheRulesOfAModel();
  void showsGenesWithTheirScores();
  void aGeneWithoutACorrelationSortsLast();
  void headersSayUnitAndFormula();
};

void GeneScoreTableTest::keepsTheRulesOfAModel() {
  GeneScoreTable table;
  QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::QtTest);
  table.setEvaluation(evaluation(), "log1p counts");
  QCOMPARE(table.rowCount(), 3);
  table.setEvaluation(nullptr, {});
  QCOMPARE(table.rowCount(), 0);
}

void GeneScoreTableTest::showsGenesWithTheirScores() {
  GeneScoreTable table;
  table.setEvaluation(evaluation(), "log1p counts");
  const auto shown = [&](int row, int column) {
    return table.index(row, column).data().toString();
  };
  QCOMPARE(shown(0, GeneScoreTable::Gene), QString("GATA4"));
  QCOMPARE(shown(1, GeneScoreTable::Gene), QString("ENSG2"));
  QCOMPARE(shown(1, GeneScoreTable::Set), QString("test"));
  QCOMPARE(shown(0, GeneScoreTable::Correlation), QString("0.5"));
  QCOMPARE(shown(2, GeneScoreTable::Correlation), QString("–"));
  QCOMPARE(shown(0, GeneScoreTable::Trust), QString("seen in training"));
  QVERIFY(shown(1, GeneScoreTable::Trust).contains("fair"));
}

void GeneScoreTableTest::aGeneWithoutACorrelationSortsLast() {
  GeneScoreTable table;
  table.setEvaluation(evaluation(), "log1p counts");
  QSortFilterProxyModel sorted;
  sorted.setSourceModel(&table);
  sorted.setSortRole(Qt::UserRole);
  sorted.sort(GeneScoreTable::Correlation, Qt::DescendingOrder);
  QCOMPARE(sorted.index(0, GeneScoreTable::Gene).data().toString(), QString("GATA4"));
  QCOMPARE(sorted.index(2, GeneScoreTable::Gene).data().toString(), QString("TBX5"));
}

void GeneScoreTableTest::headersSayUnitAndFormula() {
  GeneScoreTable table;
  table.setEvaluation(evaluation(), "log1p counts");
  const auto tip = [&](int column) {
    return table.headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString();
  };
  QVERIFY(tip(GeneScoreTable::Observed).contains("log1p counts"));
  QVERIFY(tip(GeneScoreTable::Correlation).contains("Pearson"));
  QVERIFY(tip(GeneScoreTable::Trust).contains("0.3"));
}

QTEST_MAIN(GeneScoreTableTest)
#include "genescoretable_test.moc"
