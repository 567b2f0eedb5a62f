// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/verifyweights.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/shared.h"
#include "support/tinyinputs.h"

namespace cellocus {

namespace {

using Result = WeightCheck::Result;

/// Two windows on random bases and one where the genome is unknown, with the embeddings that the
/// tiny trunk itself gives.
class VerifyWeightsTest : public ::testing::Test {
 protected:
  VerifyWeightsTest() {
    testing::writeFasta(m_folder / "g.fa", "chr1",
                        testing::randomBases(14'000, 5) + std::string(12'000, 'N'));
    m_genome = Genome::open(m_folder / "g.fa");
    const auto trunk = testing::tinyTrunk(m_folder);
    m_torch = Enformer::open(trunk, {.gamma = Gamma::Torch});
    m_tensorFlow = Enformer::open(trunk, {.gamma = Gamma::TensorFlow});
    std::ofstream(m_folder / "w.tsv")
        << testing::queryColumns() << testing::queryRow(101, "+", "20", "A")
        << testing::queryRow(4001, "-", "3", "B") << testing::queryRow(13'001, "+", "20", "C");
    m_published.windows = readQueryWindows(m_folder / "w.tsv");
    m_published.embedding = Matrix::Zero(3, m_torch->config().embeddingSize());
    for (Eigen::Index row = 0; row < 2; ++row)
      m_published.embedding.row(row) =
          embedWindow(*m_torch, *m_genome, m_published.windows[static_cast<std::size_t>(row)])
              .row(0);
  }

  WeightVerdict verdict(const Enformer& model) const {
    const WeightCheck check = verifyWeights(model, *m_genome, m_published);
    return judgeWeights(check, model, *m_genome, m_published);
  }

  const std::filesystem::path m_folder = testing::scratchFolder("verifyweights");
  std::shared_ptr<const Genome> m_genome;
  std::shared_ptr<const Enformer> m_torch, m_tensorFlow;
  PublishedEmbeddings m_published;
};

}  // namespace

TEST_F(VerifyWeightsTest, RightWeightsAgreeAndUnknownBasesAreNotChecked) {
  const WeightCheck check = verifyWeights(*m_torch, *m_genome, m_published);
  ASSERT_EQ(check.rows.size(), 3u);
  EXPECT_EQ(check.rows[0].result, Result::Agrees);
  EXPECT_EQ(check.rows[1].result, Result::Agrees);
  EXPECT_EQ(check.rows[2].result, Result::NotChecked);
  EXPECT_NEAR(check.rows[1].correlation, 1, 1e-6);
  EXPECT_TRUE(check.passed());
  EXPECT_EQ(verdict(*m_torch), WeightVerdict::Right);
}

TEST_F(VerifyWeightsTest, TheOtherGammaConventionIsToldFromWrongWeights) {
  EXPECT_EQ(verdict(*m_tensorFlow), WeightVerdict::OtherGamma);
  m_published.embedding(1, 7) += 0.01f;
  const WeightCheck check = verifyWeights(*m_torch, *m_genome, m_published);
  EXPECT_EQ(check.rows[1].result, Result::Differs);
  EXPECT_EQ(check.rows[1].channel, 7);
  EXPECT_NEAR(check.largest, 0.01, 1e-4);
  EXPECT_EQ(verdict(*m_torch), WeightVerdict::Wrong);
}

TEST_F(VerifyWeightsTest, OnlyTheFirstRowsCountIfAskedSo) {
  m_published.embedding(1, 7) += 0.01f;
  m_published.most = 1;
  const WeightCheck check = verifyWeights(*m_torch, *m_genome, m_published);
  EXPECT_EQ(check.rows.size(), 1u);
  EXPECT_TRUE(check.passed());
}

TEST_F(VerifyWeightsTest, WithoutAWindowThatIsKnownNothingIsSaid) {
  m_published.windows = {m_published.windows[2]};
  m_published.embedding = Matrix::Zero(1, m_torch->config().embeddingSize());
  EXPECT_EQ(verdict(*m_torch), WeightVerdict::NotChecked);
}

TEST_F(VerifyWeightsTest, RowsThatDoNotBelongTogetherAreRefused) {
  m_published.windows.pop_back();
  try {
    verifyWeights(*m_torch, *m_genome, m_published);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "VERIFY_SHAPE");
  }
}

TEST_F(VerifyWeightsTest, ValuesThatAreNoEmbeddingsAreRefused) {
  m_published.embedding(0, 0) = -1;
  try {
    verifyWeights(*m_torch, *m_genome, m_published);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "VERIFY_NOT_EMBEDDINGS");
  }
}

}  // namespace cellocus
