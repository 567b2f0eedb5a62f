// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/genome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "base/error.h"
#include "files.h"
#include "support/shared.h"

namespace cellocus {
namespace {

namespace fs = std::filesystem;
using testing::errorCode;
using testing::errorText;
using ::testing::HasSubstr;
using testing::writeFile;

/// Each test gets a cache folder of its own.
class GenomeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    m_folder = testing::scratchFolder(std::string("genome-") + info->name());
    ::setenv("XDG_CACHE_HOME", (m_folder / "cache").c_str(), 1);
  }
  void TearDown() override { ::unsetenv("XDG_CACHE_HOME"); }

  fs::path write(const std::string& name, std::string_view content) const {
    return writeFile(m_folder / name, content);
  }
  std::string codeOf(std::string_view fasta) const {
    const fs::path path = write("bad.fa", fasta);
    fs::remove(path.string() + ".fai");
    return errorCode([&] { Genome::open(path); });
  }
  std::string textOf(std::string_view fasta) const {
    const fs::path path = write("bad.fa", fasta);
    fs::remove(path.string() + ".fai");
    return errorText([&] { Genome::open(path); });
  }
  bool cacheHasIndex(const std::string& ending) const {
    if (!fs::exists(m_folder / "cache/cellocus")) return false;
    for (const auto& entry : fs::directory_iterator(m_folder / "cache/cellocus"))
      if (entry.path().extension() == ending) return true;
    return false;
  }

  fs::path m_folder;
};

TEST_F(GenomeTest, ReadsAcrossLineEnds) {
  const auto genome = Genome::open(write("g.fa", ">one first\nACGTA\nCCGGT\nTT\n>two\nGGG\n"));
  ASSERT_EQ(genome->contigs().size(), 2u);
  EXPECT_EQ(genome->contigs()[0].name, "one");
  EXPECT_EQ(genome->contigs()[0].length, 12);
  EXPECT_EQ(genome->sequence({"one", 3, 11}), "TACCGGTT");
  EXPECT_EQ(genome->sequence({"one", 0, 12}), "ACGTACCGGTTT");
  EXPECT_EQ(genome->sequence({"two", 0, 3}), "GGG");
  EXPECT_EQ(genome->sequence({"two", 1, 1}), "");
}

TEST_F(GenomeTest, ReadsPastAContigsEndAsWhatIsAskedFor) {
  const auto genome = Genome::open(write("g.fa", ">one\nACGT\n"));
  EXPECT_EQ(genome->sequence({"one", -2, 6}), "NNACGTNN");
  EXPECT_EQ(genome->sequence({"one", -2, 6}, '.'), "..ACGT..");
  EXPECT_EQ(genome->sequence({"one", 10, 12}), "NN");
  EXPECT_EQ(genome->sequence({"one", -5, -3}), "NN");
}

TEST_F(GenomeTest, KeepsTheCaseOfTheFile) {
  const auto genome = Genome::open(write("g.fa", ">one\nACgtnN\n"));
  EXPECT_EQ(genome->sequence({"one", 0, 6}), "ACgtnN");
}

TEST_F(GenomeTest, ReadsWindowsLineEndsAndAMissingLastNewline) {
  const auto genome = Genome::open(write("g.fa", ">one\r\nACGT\r\nACG\r\n>two\r\nTTTT\r\nA"));
  EXPECT_EQ(genome->sequence({"one", 2, 7}), "GTACG");
  EXPECT_EQ(genome->sequence({"two", 0, 5}), "TTTTA");
}

TEST_F(GenomeTest, AcceptsBlankLinesAfterASequence) {
  const auto genome = Genome::open(write("g.fa", ">one\nACGT\n\n\n>two\nTT\n\n"));
  EXPECT_EQ(genome->sequence({"two", 0, 2}), "TT");
  EXPECT_EQ(genome->sequence({"one", 0, 4}), "ACGT");
}

TEST_F(GenomeTest, LeavesOutASequenceWithoutBasesAndSaysSo) {
  const auto genome = Genome::open(write("g.fa", ">empty\n>one\nACGT\n"));
  ASSERT_EQ(genome->contigs().size(), 1u);
  ASSERT_FALSE(genome->remarks().empty());
  EXPECT_THAT(genome->remarks()[0], HasSubstr("empty"));
}

TEST_F(GenomeTest, WritesTheIndexBesideTheFileAndUsesIt) {
  const fs::path path = write("g.fa", ">one x\nACGTA\nCC\n>two\nGGG\n");
  Genome::open(path);
  EXPECT_EQ(testing::readFile(path.string() + ".fai"), "one\t7\t7\t5\t6\ntwo\t3\t21\t3\t4\n");
  const auto again = Genome::open(path);
  EXPECT_TRUE(again->remarks().empty());
  EXPECT_EQ(again->sequence({"one", 4, 7}), "ACC");
}

TEST_F(GenomeTest, RefusesADamagedIndexAndKeepsItsOwnInTheCache) {
  const std::string good = "one\t7\t7\t5\t6\ntwo\t3\t21\t3\t4\n";
  const std::vector<std::string> damaged = {
      "",
      "one\t7\t7\t5\n",
      "one\t7\t7\t5\t6\textra\n",
      "one\t7\t7\t0\t0\ntwo\t3\t21\t3\t4\n",  // bases per line 0: a division by zero in other
                                              // programs
      "one\t7\t0\t5\t6\ntwo\t3\t21\t3\t4\n",  // offset 0: the header would be read as bases
      "one\t7\t8\t5\t6\ntwo\t3\t21\t3\t4\n",  // off by one
      "one\t6\t7\t5\t6\ntwo\t3\t21\t3\t4\n",  // too short
      "one\t8\t7\t5\t6\ntwo\t3\t21\t3\t4\n",  // too long
      "one\t7\t7\t4\t5\ntwo\t3\t21\t3\t4\n",  // another line length
      "one\t7\t7\t7\t8\ntwo\t3\t21\t3\t4\n",
      "one\t7\t7\t5\t9\ntwo\t3\t21\t3\t4\n",
      "uno\t7\t7\t5\t6\ntwo\t3\t21\t3\t4\n",  // another name
      "one\t7\t7\t5\t6\none\t3\t21\t3\t4\n",  // twice the same
      "two\t3\t21\t3\t4\none\t7\t7\t5\t6\n",  // out of order
      "one\t7\t7\t5\t6\n",                    // incomplete
      "one\t7\t7\t5\t6\ntwo\t3\t21\t3\t4\nthree\t3\t30\t3\t4\n",
      "one\t9223372036854775807\t7\t5\t6\n",
      "one\t99999999999999999999\t7\t5\t6\n",
      "one\t7\t9223372036854775807\t5\t6\n",
      "one\t7\t7\t9223372036854775807\t9223372036854775807\n",
      "one\t-7\t7\t5\t6\n",
      "one\t7\t7\t5e0\t6\n",
      "one\t7\t7\t5\t6\r\ntwo\t3\t21\t3\t4\r\n",
      std::string("\0\0\0\0", 4),
  };
  for (const std::string& index : damaged) {
    const fs::path path = write("g.fa", ">one x\nACGTA\nCC\n>two\nGGG\n");
    fs::remove_all(m_folder / "cache");
    writeFile(path.string() + ".fai", index);
    const auto genome = Genome::open(path);
    EXPECT_EQ(genome->contigs().size(), 2u) << index;
    EXPECT_EQ(genome->sequence({"one", 3, 7}), "TACC") << index;
    EXPECT_EQ(genome->sequence({"two", 0, 3}), "GGG") << index;
    EXPECT_FALSE(genome->remarks().empty()) << index;
    EXPECT_EQ(testing::readFile(path.string() + ".fai"), index) << "the user's file was touched";
    EXPECT_TRUE(cacheHasIndex(".fai")) << index;
    EXPECT_EQ(Genome::open(path)->sequence({"one", 3, 7}), "TACC") << index;
  }
}

TEST_F(GenomeTest, RebuildsAnIndexThatIsOlderThanItsGenome) {
  const fs::path path = write("g.fa", ">one\nACGTA\nCC\n");
  Genome::open(path);
  write("g.fa", ">zero\nTT\n>one\nACGTACC\n");
  const auto genome = Genome::open(path);
  EXPECT_EQ(genome->contigs().size(), 2u);
  EXPECT_EQ(genome->sequence({"one", 3, 7}), "TACC");
}

TEST_F(GenomeTest, NoticesThatTheFileChangedWhileItWasOpen) {
  const fs::path path = write("g.fa", ">one\nACGTA\nCC\n");
  const auto genome = Genome::open(path);
  write("g.fa", ">one\nACGTA\nCCC\n");
  EXPECT_EQ(errorCode([&] { genome->sequence({"one", 0, 4}); }), "FASTA_CHANGED");
  fs::remove(path);
  EXPECT_EQ(errorCode([&] { genome->sequence({"one", 0, 4}); }), "FASTA_CHANGED");
}

TEST_F(GenomeTest, NamesAnUnknownContig) {
  const auto genome = Genome::open(write("g.fa", ">chr1\nACGTA\n"));
  EXPECT_EQ(errorCode([&] { genome->sequence({"chr2", 0, 4}); }), "CONTIG_UNKNOWN");
}

TEST_F(GenomeTest, RefusesWhatIsNoGenome) {
  EXPECT_EQ(codeOf(""), "FASTA_EMPTY");
  EXPECT_EQ(codeOf("ACGT\n"), "FASTA_NOT_FASTA");
  EXPECT_EQ(codeOf("\n\n"), "FASTA_NOT_FASTA");
  EXPECT_EQ(codeOf("@read\nACGT\n+\nIIII\n"), "FASTA_NOT_FASTA");
  EXPECT_THAT(textOf("@read\nACGT\n+\nIIII\n"), HasSubstr("FASTQ"));
  EXPECT_THAT(textOf("<!DOCTYPE html>\n<html>"), HasSubstr("HTML page"));
  EXPECT_THAT(textOf("PK\x03\x04zip"), HasSubstr("zip"));
  EXPECT_THAT(textOf("\xEF\xBB\xBF>one\nACGT\n"), HasSubstr("byte order mark"));
  EXPECT_EQ(codeOf(std::string_view("\xFF\xFE>\0o\0n\0", 8)), "FASTA_NOT_FASTA");
  EXPECT_EQ(codeOf(">P1\nMKVLELIPFQ\n"), "FASTA_NOT_DNA");
  EXPECT_EQ(codeOf(">one\nAC1T\n"), "FASTA_NOT_DNA");
  EXPECT_EQ(codeOf(">one\n"), "FASTA_EMPTY");
  EXPECT_EQ(codeOf(">one"), "FASTA_EMPTY");
  EXPECT_EQ(errorCode([&] { Genome::open(m_folder / "absent.fa"); }), "FILE_MISSING");
  EXPECT_EQ(errorCode([&] { Genome::open(m_folder); }), "FILE_NOT_REGULAR");
}

TEST_F(GenomeTest, RefusesWhatCannotBeAccessedAtRandomAndNamesTheLine) {
  EXPECT_EQ(codeOf(">one\nACGT\nAC\nACGT\n"), "FASTA_RAGGED");
  EXPECT_THAT(textOf(">one\nACGT\nAC\nACGT\n"), HasSubstr("line 4"));
  EXPECT_EQ(codeOf(">one\nACGT\nACGTA\n"), "FASTA_RAGGED");
  EXPECT_EQ(codeOf(">one\nACGT\n\nACGT\n"), "FASTA_RAGGED");
  EXPECT_EQ(codeOf(">one\nACGT\r\nACGT\nACGT\n"), "FASTA_RAGGED");
  EXPECT_EQ(codeOf(">one\rACGT\rACGT\r"), "FASTA_RAGGED");
  EXPECT_EQ(codeOf(">a\n   \nAC\n"), "FASTA_WHITESPACE");
  EXPECT_EQ(codeOf(">a\nAC GT\n"), "FASTA_WHITESPACE");
  EXPECT_EQ(codeOf(">a\nACGT\n>b\nAC\n>a\nAC\n"), "FASTA_DUPLICATE");
  EXPECT_THAT(textOf(">a\nACGT\n>b\nAC\n>a\nAC\n"), HasSubstr("line 5"));
  EXPECT_THAT(textOf(">a\nACGT\n>b\nAC\n>a\nAC\n"), HasSubstr("in line 1"));
  EXPECT_EQ(codeOf("> one\nACGT\n"), "FASTA_NAME");
  EXPECT_EQ(codeOf('>' + std::string(1025, 'n') + "\nACGT\n"), "FASTA_NAME");
  EXPECT_EQ(codeOf('>' + std::string(1024, 'n') + "\nACGT\n"), "no error");
}

TEST_F(GenomeTest, SaysWhatToDoWithPlainGzip) {
  const fs::path path = write("g.fa.gz", testing::gzipped(">one\nACGT\n"));
  EXPECT_EQ(errorCode([&] { Genome::open(path); }), "FASTA_PLAIN_GZIP");
  EXPECT_THAT(errorText([&] { Genome::open(path); }), HasSubstr("bgzip"));
}

TEST_F(GenomeTest, ReadsABgzippedFileLikeAPlainOne) {
  testing::Random random(7);
  const std::vector<std::pair<std::string, std::string>> sequences = {
      {"chr1", random.bases(3000)}, {"chr2", random.bases(1)}, {"chrX", random.bases(777)}};
  const auto genome =
      Genome::open(write("g.fa.gz", testing::bgzipped(testing::fastaText(sequences))));
  EXPECT_TRUE(fs::exists(m_folder / "g.fa.gz.gzi"));
  EXPECT_TRUE(fs::exists(m_folder / "g.fa.gz.fai"));
  const auto again = Genome::open(m_folder / "g.fa.gz");
  EXPECT_TRUE(again->remarks().empty());
  for (int i = 0; i < 300; ++i) {
    const auto& [name, bases] = sequences[static_cast<std::size_t>(random.below(3))];
    const std::int64_t start = random.below(std::ssize(bases));
    const std::int64_t end = start + random.below(std::ssize(bases) - start + 1);
    const std::string expected =
        bases.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(end - start));
    EXPECT_EQ(genome->sequence({name, start, end}), expected);
    EXPECT_EQ(again->sequence({name, start, end}), expected);
  }
}

TEST_F(GenomeTest, ReplacesADamagedBlockIndex) {
  const std::string bases = testing::Random(3).bases(1000);
  const std::string content = testing::bgzipped(testing::fastaText({{"chr1", bases}}));
  write("g.fa.gz", content);
  Genome::open(m_folder / "g.fa.gz");
  const std::string good = testing::readFile(m_folder / "g.fa.gz.gzi");
  std::vector<std::string> damaged = {"",
                                      "short",
                                      good.substr(0, good.size() - 1),
                                      good + std::string(16, '\0'),
                                      std::string("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8),
                                      std::string(8, '\0')};
  for (std::size_t at = 8; at < good.size(); at += 24) {
    damaged.push_back(good);
    damaged.back()[at] = static_cast<char>(damaged.back()[at] + 1);
  }
  for (const std::string& index : damaged) {
    fs::remove_all(m_folder / "cache");
    writeFile(m_folder / "g.fa.gz.gzi", index);
    const auto genome = Genome::open(m_folder / "g.fa.gz");
    EXPECT_EQ(genome->sequence({"chr1", 0, 1000}), bases);
  }
}

TEST_F(GenomeTest, NoticesABgzippedFileThatIsCutOrDamaged) {
  const std::string content =
      testing::bgzipped(testing::fastaText({{"chr1", testing::Random(3).bases(1000)}}));
  const fs::path path =
      write("cut.fa.gz", std::string_view(content).substr(0, content.size() - 28));
  EXPECT_EQ(errorCode([&] { Genome::open(path); }), "FASTA_TRUNCATED");
  write("cut.fa.gz", std::string_view(content).substr(0, content.size() - 40));
  EXPECT_EQ(errorCode([&] { Genome::open(path); }), "FASTA_TRUNCATED");
  int noticed = 0;
  for (std::size_t at = 20; at < content.size() - 28; at += 37) {
    std::string changed = content;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    fs::remove(path.string() + ".fai");
    fs::remove(path.string() + ".gzi");
    write("cut.fa.gz", changed);
    const std::string code = errorCode([&] { Genome::open(path)->sequence({"chr1", 0, 1000}); });
    EXPECT_TRUE(code == "FASTA_DAMAGED" || code == "FASTA_TRUNCATED" || code == "no error") << code;
    noticed += code != "no error";
  }
  EXPECT_GT(noticed, 20);
}

TEST_F(GenomeTest, ReadsFromSeveralThreadsAtOnce) {
  const std::string bases = testing::Random(5).bases(20000);
  const auto genome =
      Genome::open(write("g.fa.gz", testing::bgzipped(testing::fastaText({{"chr1", bases}}))));
  std::vector<std::jthread> threads;
  std::atomic<int> wrong = 0;
  for (std::uint64_t seed = 0; seed < 4; ++seed)
    threads.emplace_back([&, seed] {
      testing::Random random(seed);
      for (int i = 0; i < 200; ++i) {
        const std::int64_t start = random.below(19000);
        wrong += genome->sequence({"chr1", start, start + 1000}) !=
                 bases.substr(static_cast<std::size_t>(start), 1000);
      }
    });
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

TEST_F(GenomeTest, StopsWhenAskedTo) {
  std::stop_source stop;
  stop.request_stop();
  const fs::path path = write("g.fa", ">one\nACGT\n");
  EXPECT_THROW(Genome::open(path, Progress(stop.get_token())), Cancelled);
}

TEST_F(GenomeTest, SurvivesAnyChangedByte) {
  const std::string content = ">one x\nACGTA\nCCGTA\nC\n>two\nGGG\n";
  testing::Random random(11);
  for (int i = 0; i < 400; ++i) {
    std::string changed = content;
    changed[static_cast<std::size_t>(random.below(std::ssize(changed)))] =
        static_cast<char>(random.below(256));
    const fs::path path = write("fuzz.fa", changed);
    fs::remove(path.string() + ".fai");
    try {
      const auto genome = Genome::open(path);
      for (const Contig& contig : genome->contigs())
        EXPECT_EQ(std::ssize(genome->sequence({contig.name, 0, contig.length})), contig.length);
    } catch (const Error& error) {
      EXPECT_TRUE(error.code().starts_with("FASTA_")) << error.what();
    }
  }
}

TEST_F(GenomeTest, OfHg38HasTheStartCodonOfGata4) {
  CELLOCUS_NEEDS_SHARED("data/genome/hg38_sparse.fa.gz");
  const auto genome = Genome::open(testing::sharedPath("data/genome/hg38_sparse.fa.gz"));
  EXPECT_EQ(genome->contigs().size(), 12u);
  EXPECT_EQ(genome->sequence({"chr8", 11'708'312, 11'708'315}), "ATG");
  EXPECT_TRUE(genome->remarks().empty());
  const std::string window = genome->sequence({"chr8", 11'708'312 - 98'304, 11'708'312 + 98'304});
  EXPECT_EQ(window.size(), 196'608u);
  EXPECT_EQ(window.substr(98'304, 3), "ATG");
}

TEST_F(GenomeTest, OfHg38IsTheSameWithoutItsBlockIndex) {
  CELLOCUS_NEEDS_SHARED("data/genome/hg38_sparse.fa.gz");
  const fs::path link = m_folder / "linked.fa.gz";
  fs::create_symlink(testing::sharedPath("data/genome/hg38_sparse.fa.gz"), link);
  fs::copy_file(testing::sharedPath("data/genome/hg38_sparse.fa.gz.fai"), link.string() + ".fai");
  const auto genome = Genome::open(link);
  EXPECT_EQ(genome->sequence({"chr8", 11'708'312, 11'708'315}), "ATG");
  EXPECT_TRUE(genome->remarks().empty());
}

}  // namespace
}  // namespace cellocus
