// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/embeddingrun.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "support/golden.h"
#include "support/shared.h"
#include "support/tinyinputs.h"

namespace cellocus {

namespace fs = std::filesystem;
using testing::dataPath;
using testing::sharedPath;

namespace {

template <typename Work>
std::string errorCode(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  return "no error";
}

/// Ten windows on a small genome, and a small trunk.
class EmbeddingRunTest : public ::testing::Test {
 protected:
  EmbeddingRunTest() {
    testing::writeFasta(folder / "g.fa", "chr1", testing::randomBases(20'000, 11));
    genome = Genome::open(folder / "g.fa");
    model = Enformer::open(testing::tinyTrunk(folder));
    for (int i = 0; i < 10; ++i) {
      QueryWindow window;
      window.name = window.geneId = window.symbol = "G" + std::to_string(i);
      window.window = {"chr1", 100 + 900 * i, 100 + 900 * i + 8192};
      window.strand = i % 2 ? Strand::Minus : Strand::Plus;
      window.bins = {4 * i};
      windows.push_back(window);
    }
    journal.folder = folder / "emb.h5.part";
    journal.facts = runFacts(windows, {});
    journal.saveEvery = std::chrono::milliseconds(0);
  }

  EmbeddingRun embed(const Progress& progress = {}) const {
    return embedWindows(*model, *genome, windows, {}, journal, progress);
  }
  /// Runs until the window called `name` is begun.
  void runUntil(const std::string& name) const {
    std::stop_source stop;
    const Progress progress(stop.get_token(), [&](double, std::string_view step) {
      if (step == name) stop.request_stop();
    });
    EXPECT_THROW(embed(progress), Cancelled);
  }
  Matrix expected() const {
    Matrix rows(std::ssize(windows), model->config().embeddingSize());
    for (std::size_t i = 0; i < windows.size(); ++i)
      rows.row(static_cast<Eigen::Index>(i)) = embedWindow(*model, *genome, windows[i]);
    return rows;
  }
  std::vector<fs::path> rowFiles() const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(journal.folder))
      if (entry.path().filename().string().starts_with("rows-")) files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
  }

  const fs::path folder = testing::scratchFolder("embeddingrun");
  std::shared_ptr<const Genome> genome;
  std::shared_ptr<const Enformer> model;
  std::vector<QueryWindow> windows;
  EmbeddingJournal journal;
};

}  // namespace

TEST_F(EmbeddingRunTest, GoesOnWhereItWasStopped) {
  runUntil("G4");
  EXPECT_EQ(rowFiles().size(), 4u);
  std::vector<std::string> computed;
  const EmbeddingRun run = embed(Progress({}, [&](double, std::string_view step) {
    if (step.starts_with('G') && (computed.empty() || computed.back() != step))
      computed.emplace_back(step);
  }));
  EXPECT_EQ(run.fromBefore, 4);
  EXPECT_EQ(computed, (std::vector<std::string>{"G4", "G5", "G6", "G7", "G8", "G9"}));
  EXPECT_EQ(run.embedding, expected());
  EXPECT_TRUE(run.remarks.empty());
}

TEST_F(EmbeddingRunTest, AStopKeepsWhatIsFinishedHoweverSeldomItIsSaved) {
  journal.saveEvery = std::chrono::hours(1);
  runUntil("G3");
  EXPECT_EQ(rowFiles().size(), 2u) << "the first row at once, and the others";
  EXPECT_EQ(embed().fromBefore, 3);
  EXPECT_EQ(embed().embedding, expected());
  EXPECT_EQ(embed().fromBefore, 10);
}

TEST_F(EmbeddingRunTest, DamagedRowsAreMadeAgain) {
  runUntil("G4");
  const auto files = rowFiles();
  ASSERT_EQ(files.size(), 4u);
  fs::resize_file(files[1], fs::file_size(files[1]) - 5);
  {
    std::fstream stream(files[2], std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(200);
    stream.put('?');
  }
  std::ofstream(journal.folder / "rows-9-30") << "beyond the last window";
  std::ofstream(journal.folder / ".cellocus-1-abcdef") << "half written when it was killed";
  const EmbeddingRun run = embed();
  EXPECT_EQ(run.fromBefore, 2);
  EXPECT_EQ(run.remarks.size(), 3u);
  EXPECT_EQ(run.embedding, expected());
  EXPECT_FALSE(fs::exists(journal.folder / ".cellocus-1-abcdef"));
  EXPECT_EQ(embed().fromBefore, 10);
}

TEST_F(EmbeddingRunTest, RowsOfAnotherRunAreRefusedAndNamed) {
  journal.facts.emplace_back("gamma", "tf");
  runUntil("G2");
  journal.facts.back().second = "torch";
  journal.facts.emplace_back("genome", std::string(64, 'a'));
  try {
    embed();
    FAIL() << "rows of another run were taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "EMBED_RESUME");
    EXPECT_EQ(error.fact(),
              "it holds finished rows of a run that was another one: gamma (there 'tf', now "
              "'torch'); genome (there nothing, now 'aaaaaaaaaaaa').");
  }
  EXPECT_EQ(rowFiles().size(), 2u) << "nothing is thrown away";
}

TEST_F(EmbeddingRunTest, AWindowThatCannotBeEmbeddedIsFoundBeforeTheWorkAndLeavesNothing) {
  windows.back().bins = {40};
  std::string steps;
  const Progress progress({}, [&](double, std::string_view step) { steps += step; });
  EXPECT_EQ(errorCode([&] { embed(progress); }), "WINDOW_BIN");
  EXPECT_EQ(steps, "");
  EXPECT_FALSE(fs::exists(journal.folder));
}

TEST_F(EmbeddingRunTest, WhatHoldsNoRowsIsNoObstacle) {
  runUntil("G0");
  EXPECT_FALSE(fs::exists(journal.folder));
  fs::create_directory(journal.folder);
  std::ofstream(journal.folder / "run") << "killed before its first row\tyes\n";
  EXPECT_EQ(embed().fromBefore, 0);
}

TEST_F(EmbeddingRunTest, OtherWindowsOrOptionsAreOtherFacts) {
  const std::string own = fingerprintOf(runFacts(windows, {}));
  WindowEmbeddingOptions more;
  more.addBins = 1;
  EXPECT_NE(fingerprintOf(runFacts(windows, more)), own);
  windows[3].bins = {7};
  EXPECT_NE(fingerprintOf(runFacts(windows, {})), own);
}

TEST_F(EmbeddingRunTest, TwoProgramsDoNotWorkOnOneResult) {
  std::string inner;
  const Progress progress({}, [&](double, std::string_view step) {
    if (step == "G1" && inner.empty()) inner = errorCode([&] { embed(); });
  });
  embed(progress);
  EXPECT_EQ(inner, "EMBED_RUNNING");
}

TEST_F(EmbeddingRunTest, RemovesItsJournalAndNothingElse) {
  runUntil("G2");
  std::ofstream(journal.folder / "notes.txt") << "mine";
  removeJournal(journal.folder);
  EXPECT_TRUE(fs::exists(journal.folder / "notes.txt"));
  EXPECT_TRUE(rowFiles().empty());
  fs::remove(journal.folder / "notes.txt");
  runUntil("G2");
  removeJournal(journal.folder);
  EXPECT_FALSE(fs::exists(journal.folder));
}

TEST_F(EmbeddingRunTest, APlaceThatCannotBeWrittenIsAnError) {
  journal.folder = folder / "no" / "such" / "emb.h5.part";
  EXPECT_EQ(errorCode([&] { embed(); }), "SAVE_FAILED");
}

TEST(RunPart, PartsAreAllRowsInTheirOrder) {
  for (const std::int64_t total : {7, 10, 3}) {
    std::int64_t row = 0;
    for (std::int64_t number = 1; number <= 3; ++number) {
      const BinRange rows = RunPart{number, 3}.rows(total);
      EXPECT_EQ(rows.first, row);
      EXPECT_GE(rows.count(), 1);
      row = rows.last;
    }
    EXPECT_EQ(row, total);
  }
}

namespace {

NamedEmbeddings part(std::int64_t number, std::int64_t firstRow, float value) {
  NamedEmbeddings part;
  part.name = "part" + std::to_string(number) + ".h5";
  part.file.embedding = Matrix::Constant(2, 3, value);
  part.file.geneIds = {"g" + std::to_string(firstRow), "g" + std::to_string(firstRow + 1)};
  part.file.geneSymbols = part.file.windows = part.file.geneIds;
  part.file.gamma = "tf";
  part.file.part = EmbeddingFile::Part{number, 3, firstRow, 6, "abc"};
  return part;
}

}  // namespace

TEST(JoinParts, PutsPartsInTheirOrder) {
  const EmbeddingFile all = joinParts({part(3, 4, 3), part(1, 0, 1), part(2, 2, 2)});
  EXPECT_EQ(all.embedding.rows(), 6);
  EXPECT_EQ(all.embedding.col(0), (Vector(6) << 1, 1, 2, 2, 3, 3).finished());
  EXPECT_EQ(all.geneIds, (std::vector<std::string>{"g0", "g1", "g2", "g3", "g4", "g5"}));
  EXPECT_EQ(all.gamma, "tf");
  EXPECT_FALSE(all.part);
}

TEST(JoinParts, RefusesWhatDoesNotBelongTogether) {
  const auto joined = [](std::vector<NamedEmbeddings> parts) {
    return errorCode([&] { joinParts(parts); });
  };
  EXPECT_EQ(joined({part(1, 0, 1), part(3, 4, 3)}), "MERGE_MISSING");
  EXPECT_EQ(joined({part(1, 0, 1), part(2, 2, 2)}), "MERGE_MISSING");
  EXPECT_EQ(joined({part(1, 0, 1), part(2, 2, 2), part(2, 2, 2), part(3, 4, 3)}), "MERGE_TWICE");
  EXPECT_EQ(joined({}), "MERGE_MISSING");
  NamedEmbeddings other = part(2, 2, 2);
  other.file.part->fingerprint = "abd";
  EXPECT_EQ(joined({part(1, 0, 1), other, part(3, 4, 3)}), "MERGE_OTHER_RUN");
  other = part(2, 2, 2);
  other.file.gamma = "torch";
  EXPECT_EQ(joined({part(1, 0, 1), other, part(3, 4, 3)}), "MERGE_OTHER_RUN");
  other = part(2, 2, 2);
  other.file.part.reset();
  EXPECT_EQ(joined({part(1, 0, 1), other, part(3, 4, 3)}), "MERGE_NO_PART");
  EXPECT_EQ(joined({part(1, 0, 1), part(2, 3, 2), part(3, 4, 3)}), "MERGE_OTHER_RUN");
}

TEST(EmbeddingGolden, AgreesWithSeq2cells) {
  CELLOCUS_NEEDS_SHARED("conformance/seq2cells/S5_variant_effect/expected.h5");
  CELLOCUS_NEEDS_SHARED("conformance/enformer/E3_full_window/pytorch_model.bin");
  const fs::path folder = sharedPath("conformance/seq2cells/S5_variant_effect");
  const auto model = Enformer::open(sharedPath("conformance/enformer/E3_full_window"));
  const auto genome = Genome::open(folder / "genome.fa.gz");
  const auto windows = readQueryWindows(folder / "query.tsv");
  ASSERT_EQ(windows.size(), 4u);
  WindowEmbeddingOptions moreBins, opposite, shifted;
  moreBins.addBins = 2;
  opposite.reading = StrandReading::Opposite;
  shifted.shifts = {13};
  for (const auto& [name, options] : {std::pair("default", WindowEmbeddingOptions()),
                                      {"add_bins2", moreBins},
                                      {"rc_force", opposite},
                                      {"shift13", shifted}}) {
    const Matrix expected = testing::goldenArray(folder / "expected.h5",
                                                 std::string("calc_embeddings/") + name + "/emb")
                                .matrix();
    for (std::size_t i = 0; i < windows.size(); ++i)
      EXPECT_TRUE(testing::within(embedWindow(*model, *genome, windows[i], options),
                                  expected.row(static_cast<Eigen::Index>(i)), 3e-4))
          << name << ' ' << windows[i].symbol;
  }
}

}  // namespace cellocus
