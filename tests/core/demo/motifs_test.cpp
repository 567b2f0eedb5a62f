// SPDX-License-Identifier: GPL-3.0-or-later
#include "demo/motifs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "demo/demoplan.h"
#include "support/shared.h"

namespace cellocus {
namespace {

using cellocus::testing::scratchFolder;
using cellocus::testing::sharedPath;

std::string codeOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return "no error";
}

/// Writes the text into a file and reads it as motifs.
std::vector<Motif> read(const std::string& text) {
  const auto path = scratchFolder("motifs") / "motifs.txt";
  saveAtomic(path, text);
  return readMotifs(path);
}

TEST(Motifs, AConsensusLetterWeighs85PercentOrSharesIt) {
  const Motif motif = motifFromConsensus("GATA4", "AR");
  EXPECT_EQ(motif.columns[0], (BaseWeights{0.85, 0.05, 0.05, 0.05}));
  EXPECT_NEAR(motif.columns[1][0], 0.45, 1e-12);
  EXPECT_NEAR(motif.columns[1][2], 0.45, 1e-12);
  EXPECT_EQ(codeOf([] { motifFromConsensus("x", "AG1"); }), "MOTIF_SYNTAX");
}

TEST(Motifs, TheTailIsThatOfEveryWordCounted) {
  // All 4^6 words of a motif of six columns, each weighed with its background probability.
  const MotifScorer scorer = motifScorer(motifFromConsensus("E-box", "CATSTG"));
  for (const double probability : {1e-2, 5e-4, 1e-4}) {
    const double score = scoreAtTail(scorer.bits, probability);
    double above = 0, aboveNext = 0;
    for (int word = 0; word < 4096; ++word) {
      double chance = 1, steps = 0;
      for (int i = 0, rest = word; i < 6; ++i, rest /= 4) {
        const auto base = static_cast<std::size_t>(rest % 4);
        chance *= motifBackground[base];
        steps += std::round(scorer.bits[static_cast<std::size_t>(i)][base] * 100);
      }
      if (steps / 100 > score - 0.005) above += chance;
      if (steps / 100 > score - 0.015) aboveNext += chance;
    }
    EXPECT_LE(above, probability);
    EXPECT_GT(aboveNext, probability) << "a lower score is as rare";
  }
}

TEST(Motifs, EachPlantedSiteIsFarAboveItsThreshold) {
  for (const DemoFactor& factor : demoFactors())
    for (const Motif& motif : textbookMotifs())
      if (motif.name == factor.motif) {
        const MotifScorer scorer = motifScorer(motif);
        const double score = scorer.score(
            std::string_view(factor.site).substr(static_cast<std::size_t>(scorer.firstColumn)));
        EXPECT_GT(scorer.gain() * (score - scorer.threshold), 3) << factor.regulator;
      }
}

TEST(Motifs, AMatchIsFoundOnItsStrandAndWhereItIs) {
  const MotifScorer scorer = motifScorer(motifFromConsensus("GATA4", "AGATAAGR"));
  const std::string background(40, 'C');
  const auto forward = findMatches(scorer, background + "AGATAAGG" + background);
  ASSERT_EQ(forward.size(), 1u);
  EXPECT_EQ(forward[0].start, 40);
  EXPECT_EQ(forward[0].strand, Strand::Plus);
  EXPECT_NEAR(forward[0].score, scorer.best, 1e-9);
  const auto reverse = findMatches(scorer, background + "CCTTATCT" + background);
  ASSERT_EQ(reverse.size(), 1u);
  EXPECT_EQ(reverse[0].strand, Strand::Minus);
  EXPECT_TRUE(findMatches(scorer, std::string(100, 'N')).empty());
}

TEST(Motifs, MemeAndJasparFilesGiveTheSameMatrix) {
  const auto meme = read(
      "MEME version 4\n\nALPHABET= ACGT\n\nMOTIF M1 ONE\n"
      "letter-probability matrix: alength= 4 w= 2 nsites= 100 E= 0\n 0.7 0.1 0.1 0.1\n 0 0 1 0\n");
  const auto jaspar = read(">M1 ONE\nA [ 70 0 ]\nC [ 10 0 ]\nG [ 10 100 ]\nT [ 10 0 ]\n");
  ASSERT_EQ(meme.size(), 1u);
  ASSERT_EQ(jaspar.size(), 1u);
  EXPECT_EQ(meme[0].name, "ONE");
  EXPECT_EQ(jaspar[0].id, "M1");
  for (std::size_t column = 0; column < 2; ++column)
    for (std::size_t base = 0; base < 4; ++base)
      EXPECT_NEAR(meme[0].columns[column][base], jaspar[0].columns[column][base], 1e-12);
  EXPECT_DOUBLE_EQ(meme[0].pseudoFraction, 0.025);
  EXPECT_DOUBLE_EQ(jaspar[0].pseudoFraction, 0.025);
}

TEST(Motifs, BrokenFilesAreRefusedByLine) {
  EXPECT_EQ(codeOf([] { read("a table\n"); }), "MOTIF_FORMAT");
  EXPECT_EQ(codeOf([] { read("MEME version 4\n"); }), "MOTIF_NONE");
  EXPECT_EQ(
      codeOf([] {
        read("MEME version 4\nMOTIF M ONE\nletter-probability matrix: w= 2\n 0.7 0.1 0.1 0.1\n");
      }),
      "MOTIF_SYNTAX");
  EXPECT_EQ(
      codeOf([] {
        read("MEME version 4\nMOTIF M ONE\nletter-probability matrix: w= 1\n 0.7 0.7 0.1 0.1\n");
      }),
      "MOTIF_SYNTAX");
  EXPECT_EQ(codeOf([] { read(">M ONE\n1 2\n1 2\n1\n1 2\n"); }), "MOTIF_SYNTAX");
  EXPECT_EQ(codeOf([] { read(">M ONE\n1 2\n1 2\n1 -3\n1 2\n"); }), "MOTIF_SYNTAX");
  EXPECT_EQ(codeOf([] { read(">M ONE\n1 2\n1 2\n"); }), "MOTIF_SYNTAX");
  EXPECT_EQ(codeOf([] { read(">M ONE\n1 0\n1 0\n1 0\n1 0\n"); }), "MOTIF_SYNTAX");
  try {
    read(">M ONE\n1 2\n1 2\n1 x\n1 2\n");
    FAIL() << "a letter was read as a count";
  } catch (const Error& error) {
    EXPECT_NE(error.where().find("line 4"), std::string::npos) << error.where();
  }
}

TEST(Motifs, ThresholdsOfPublishedMatricesAreThoseOfTheRecipe) {
  CELLOCUS_NEEDS_SHARED("data/motifs/demo_motifs.meme");
  std::vector<Motif> motifs = readMotifs(sharedPath("data/motifs/demo_motifs.meme"));
  const std::string table =
      InputFile::open(sharedPath("data/motifs/demo_channels.tsv"))->readAll(1 << 20);
  std::size_t compared = 0;
  for (const std::string_view line : split(table, '\n')) {
    const std::vector<std::string_view> fields = split(line, '\t');
    // channel name id width first_col used eps t hi gain max ...
    if (fields.size() < 11 || !parseInteger(fields[0]) || !parseNumber(fields[7])) continue;
    Motif& motif = motifs.at(static_cast<std::size_t>(*parseInteger(fields[0])));
    ASSERT_EQ(motif.name, fields[1]);
    motif.pseudoFraction = *parseNumber(fields[6]);
    const MotifScorer scorer = motifScorer(motif);
    EXPECT_EQ(scorer.firstColumn, *parseInteger(fields[4])) << motif.name;
    EXPECT_EQ(scorer.width(), *parseInteger(fields[5])) << motif.name;
    EXPECT_NEAR(scorer.threshold, *parseNumber(fields[7]), 0.02) << motif.name;
    EXPECT_NEAR(scorer.gain(), *parseNumber(fields[9]), 0.002) << motif.name;
    ++compared;
  }
  EXPECT_EQ(compared, 46u);
}

}  // namespace
}  // namespace cellocus
