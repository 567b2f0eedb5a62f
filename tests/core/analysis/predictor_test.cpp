// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/predictor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <random>
#include <thread>

#include "nn/packedproduct.h"
#include "support/golden.h"
#include "support/shared.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

constexpr std::int64_t windowLength = 8192, contigLength = 30'000;

std::string randomBases(std::int64_t count) {
  std::mt19937 random(3);
  std::string bases(static_cast<std::size_t>(count), 'A');
  for (char& base : bases) base = "ACGT"[random() % 4];
  return bases;
}

std::shared_ptr<const Genome> makeGenome() {
  const auto file = scratchFolder("predictor_genome") / "genome.fa";
  std::ofstream(file) << ">chr1\n" << randomBases(contigLength) << '\n';
  return Genome::open(file);
}

/// Random weights, 64 tokens of which 40 are kept, two heads.
std::shared_ptr<const Enformer> makeModel() {
  const auto folder = dataPath("enformer/E1_tiny");
  EnformerConfig config = EnformerConfig::read(folder / "config.json");
  config.windowLength = windowLength;
  return Enformer::load(Checkpoint::open(folder / "model.safetensors"), config);
}

Gene makeGene(std::int64_t start, std::int64_t end, Strand strand) {
  Gene gene;
  gene.id = gene.symbol = "GENE1";
  gene.locus = {"chr1", start, end};
  gene.strand = strand;
  return gene;
}

double largestDifference(const Matrix& a, const Matrix& b) {
  return (a - b).cwiseAbs().maxCoeff();
}

class PredictorTest : public ::testing::Test {
 protected:
  Predictor::Request request(const Haplotype& haplotype = {}) const {
    return {windowAround(m_model->config(), "chr1", 15'000), 15'000, haplotype, "human", {}};
  }
  Haplotype substitution(std::int64_t position) const {
    const std::string ref = m_genome->sequence({"chr1", position, position + 1});
    return Haplotype().with({"chr1", position, ref, ref == "A" ? "C" : "A"}, *m_genome);
  }
  Matrix direct(std::string_view bases) const {
    const Matrix tower = m_model->tower(bases);
    return m_model->trunk(tower, m_model->config().croppedBins(tower.rows()));
  }

  std::shared_ptr<const Genome> m_genome = makeGenome();
  std::shared_ptr<const Enformer> m_model = makeModel();
};

}  // namespace

TEST(WindowAround, PutsThePositionIntoTheMiddleOfTheCentralBinAsSeq2cells) {
  const EnformerConfig config;
  EXPECT_EQ(windowAround(config, "chr8", 11'704'201), (Locus{"chr8", 11'605'833, 11'802'441}));
  EXPECT_EQ(windowAround(config, "chr1", 5).start, 5 - 98'368);  // not moved at the contig's end
}

TEST_F(PredictorTest, PredictsWhatTheModelSaysOfTheWindow) {
  const Predictor predictor(m_model);
  const Prediction prediction = predictor.predict(*m_genome, request());
  const std::string bases = m_genome->sequence(prediction.window);
  EXPECT_EQ(prediction.window.length(), windowLength);
  EXPECT_EQ(prediction.binCount(), 40);
  EXPECT_EQ(prediction.binAt(15'000), 20);
  EXPECT_EQ(prediction.bin(20).centre(), 15'000);
  EXPECT_EQ(prediction.tracks.size(), 12u);
  EXPECT_EQ(prediction.padded, 0);
  EXPECT_EQ(prediction.reuse, Reuse::Nothing);
  const Matrix embedding = direct(bases);
  EXPECT_LE(largestDifference(prediction.embedding, embedding), 1e-5);
  EXPECT_LE(largestDifference(prediction.values, m_model->tracks(embedding, "human")), 1e-5);
}

TEST_F(PredictorTest, GivesOnlyTheTracksAskedFor) {
  const Predictor predictor(m_model);
  Predictor::Request some = request();
  some.head = "mouse";
  some.tracks = {4, 1};
  const Prediction prediction = predictor.predict(*m_genome, some);
  EXPECT_EQ(prediction.tracks, some.tracks);
  const Matrix all = m_model->tracks(prediction.embedding, "mouse");
  ASSERT_EQ(prediction.values.cols(), 2);
  EXPECT_LE(largestDifference(prediction.values.col(0), all.col(4)), 1e-5);
  EXPECT_LE(largestDifference(prediction.values.col(1), all.col(1)), 1e-5);
}

TEST_F(PredictorTest, AnEditUsesTheCacheAndEqualsAFreshPrediction) {
  const Predictor predictor(m_model);
  const Prediction reference = predictor.predict(*m_genome, request());
  for (const std::int64_t position : {15'000, 11'000, 15'360, 18'990}) {
    const Prediction edited = predictor.predict(*m_genome, request(substitution(position)));
    EXPECT_EQ(edited.reuse, Reuse::Part);
    EXPECT_GT(largestDifference(edited.values, reference.values), 1e-6) << position;
    const Prediction fresh = Predictor(m_model).predict(*m_genome, request(substitution(position)));
    EXPECT_LE(largestDifference(edited.embedding, fresh.embedding), 1e-5) << position;
  }
}

TEST_F(PredictorTest, UndoGivesExactlyTheFirstPrediction) {
  const Predictor predictor(m_model);
  const Prediction before = predictor.predict(*m_genome, request());
  predictor.predict(*m_genome, request(substitution(15'000)));
  const Prediction after = predictor.predict(*m_genome, request());
  EXPECT_EQ(after.reuse, Reuse::Everything);
  EXPECT_EQ(before.values, after.values);
  EXPECT_EQ(before.embedding, after.embedding);
}

TEST_F(PredictorTest, EditsOfEditsAndFarApartEqualFreshPredictions) {
  const Predictor predictor(m_model);
  predictor.predict(*m_genome, request());
  Haplotype haplotype;
  for (const std::int64_t position : {15'000, 15'003, 15'900, 12'000, 18'000}) {
    const std::string ref = m_genome->sequence({"chr1", position, position + 1});
    haplotype = haplotype.with({"chr1", position, ref, ref == "A" ? "C" : "A"}, *m_genome);
    const Prediction edited = predictor.predict(*m_genome, request(haplotype));
    EXPECT_EQ(edited.reuse, Reuse::Part);
    const Prediction fresh = Predictor(m_model).predict(*m_genome, request(haplotype));
    EXPECT_LE(largestDifference(edited.embedding, fresh.embedding), 1e-5) << position;
  }
}

TEST_F(PredictorTest, AnInsertionReusesOnlyTheTowerBeforeIt) {
  const Predictor predictor(m_model);
  predictor.predict(*m_genome, request());
  const std::string ref = m_genome->sequence({"chr1", 15'500, 15'501});
  const Haplotype inserted = Haplotype().with({"chr1", 15'500, ref, ref + "GATA"}, *m_genome);
  const Prediction edited = predictor.predict(*m_genome, request(inserted));
  EXPECT_EQ(edited.reuse, Reuse::Part);
  const Prediction fresh = Predictor(m_model).predict(*m_genome, request(inserted));
  EXPECT_LE(largestDifference(edited.embedding, fresh.embedding), 1e-5);
}

TEST_F(PredictorTest, ManySubstitutionsAtOnceEqualEachAlone) {
  const std::string window = m_genome->sequence(request().window);
  std::vector<std::string> edited;
  for (const std::size_t position : {3000u, 3001u, 3100u, 3300u, 7000u}) {
    edited.push_back(window);
    edited.back()[position] = window[position] == 'A' ? 'C' : 'A';
  }
  edited.push_back(window.substr(1) + 'A');  // no substitution: moved by a base
  std::vector<Matrix> seen(edited.size());
  const Predictor predictor(m_model);
  predictor.embeddings(window, edited, {20, 21},
                       [&](std::size_t i, const Matrix& embedding) { seen[i] = embedding; });
  for (std::size_t i = 0; i < edited.size(); ++i)
    EXPECT_LE(largestDifference(seen[i], direct(edited[i]).row(20)), 1e-5) << i;
}

TEST_F(PredictorTest, InBFloat16EditsAreRefused) {
  if (!nn::canMultiply(Precision::BFloat16)) GTEST_SKIP() << "this processor has no bfloat16";
  EnformerConfig config = m_model->config();
  config.precision = Precision::BFloat16;
  const Predictor predictor(Enformer::load(Checkpoint::open(m_model->path()), config));
  EXPECT_TRUE(predictor.predict(*m_genome, request()).values.allFinite());
  try {
    predictor.predict(*m_genome, request(substitution(15'000)));
    FAIL() << "an edit was predicted in bfloat16";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "PRECISION_TOO_LOW");
  }
  const std::string window = m_genome->sequence(request().window);
  EXPECT_THROW(predictor.embeddings(window, std::vector{window}, {20, 21}, [](auto, auto&) {}),
               Error);
  // Another window may look like an edited one: most of both are unknown bases.
  std::string unknown(windowLength, 'N'), similar = unknown;
  similar[4000] = 'A';
  predictor.embedding(unknown);
  EXPECT_TRUE(predictor.embedding(similar).allFinite());
}

TEST_F(PredictorTest, WithoutRoomInTheCacheTheAnswerIsTheSame) {
  const Predictor none(m_model, 0), much(m_model);
  none.predict(*m_genome, request());
  const Prediction again = none.predict(*m_genome, request());
  EXPECT_EQ(again.reuse, Reuse::Nothing);
  EXPECT_LE(largestDifference(again.embedding, much.predict(*m_genome, request()).embedding), 1e-5);
}

TEST_F(PredictorTest, RepeatsInsideTheWindowAreNotMistakenForItsEnds) {
  std::string bases;
  while (static_cast<std::int64_t>(bases.size()) < windowLength) bases += randomBases(1024);
  const Matrix expected = direct(bases);
  const Predictor predictor(m_model);
  EXPECT_LE(largestDifference(predictor.embedding(bases), expected), 1e-5);
  EXPECT_LE(largestDifference(predictor.embedding(bases), expected), 1e-5);
  EXPECT_LE(largestDifference(predictor.embedding(bases, {7, 8}), expected.row(7)), 1e-5);
  // A shorter one ends where the longer one went on.
  bases.resize(7000);
  EXPECT_LE(largestDifference(predictor.embedding(bases), direct(bases)), 1e-5);
}

TEST_F(PredictorTest, ADeletionLeavesAGapInReferenceCoordinates) {
  const std::string ref = m_genome->sequence({"chr1", 15'500, 16'012});
  const Haplotype deletion = Haplotype().with({"chr1", 15'500, ref, ""}, *m_genome);
  const Prediction prediction = Predictor(m_model).predict(*m_genome, request(deletion));
  EXPECT_EQ(prediction.values.rows(), 40);
  EXPECT_TRUE(prediction.embedding.allFinite());
  EXPECT_TRUE(std::isnan(prediction.values(prediction.binAt(15'750), 0)));
  EXPECT_FALSE(std::isnan(prediction.values(prediction.binAt(15'000), 0)));
}

TEST_F(PredictorTest, AWindowBeyondTheContigIsPaddedAsTheOriginalDoes) {
  Predictor::Request atStart = request();
  atStart.window = windowAround(m_model->config(), "chr1", 100);
  atStart.anchor = 100;
  const Prediction prediction = Predictor(m_model).predict(*m_genome, atStart);
  EXPECT_EQ(prediction.padded, -atStart.window.start);
  const Matrix expected = direct(m_genome->sequence(atStart.window, '.'));
  EXPECT_LE(largestDifference(prediction.embedding, expected), 1e-5);
}

TEST_F(PredictorTest, MayBeUsedFromSeveralThreads) {
  const Predictor predictor(m_model);
  const Matrix expected = Predictor(m_model).predict(*m_genome, request()).embedding;
  std::vector<Matrix> seen(4);
  {
    std::vector<std::jthread> threads;
    for (Matrix& embedding : seen)
      threads.emplace_back([&] { embedding = predictor.predict(*m_genome, request()).embedding; });
  }
  for (const Matrix& embedding : seen) EXPECT_LE(largestDifference(embedding, expected), 1e-5);
}

TEST_F(PredictorTest, StopsIfAskedTo) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(Predictor(m_model).predict(*m_genome, request(), Progress(stop.get_token())),
               Cancelled);
}

TEST_F(PredictorTest, APlusGenesStartSiteIsReadFromTheForwardStrand) {
  const Predictor predictor(m_model);
  const Gene gene = makeGene(15'000, 17'000, Strand::Plus);
  ASSERT_EQ(gene.tss(), 15'000);
  const TssEmbedding tss = tssEmbedding(predictor, *m_genome, gene, {});
  EXPECT_FALSE(tss.reverse);
  EXPECT_EQ(tss.bin, 20);
  const Prediction prediction = predictor.predict(*m_genome, request());
  EXPECT_LE(largestDifference(tss.embedding, prediction.embedding.row(20)), 1e-5);
}

TEST_F(PredictorTest, AMinusGenesStartSiteIsReadFromItsOwnStrandInTheMirroredBin) {
  const Gene gene = makeGene(13'000, 15'001, Strand::Minus);
  ASSERT_EQ(gene.tss(), 15'000);
  const Haplotype haplotype = substitution(15'010);
  const TssEmbedding tss = tssEmbedding(Predictor(m_model), *m_genome, gene, haplotype);
  EXPECT_TRUE(tss.reverse);
  EXPECT_EQ(tss.bin, 19);
  std::string bases = m_genome->sequence(request().window);
  const auto edited = static_cast<std::size_t>(15'010 - request().window.start);
  bases[edited] = haplotype.variants().front().alt[0];
  EXPECT_LE(largestDifference(tss.embedding, direct(reverseComplement(bases)).row(19)), 1e-5);
}
