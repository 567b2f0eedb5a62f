// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/provenance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "base/file.h"
#include "support/shared.h"

namespace cellocus {

namespace {

bool contains(const std::vector<std::string>& lines, const std::string& line) {
  return std::ranges::find(lines, line) != lines.end();
}

}  // namespace

TEST(Provenance, NamesFilesWithSizeAndChecksum) {
  const auto folder = testing::scratchFolder("provenance");
  saveAtomic(folder / "abc.txt", "abc");
  Provenance provenance;
  provenance.add("edits", folder / "abc.txt");
  ASSERT_EQ(provenance.files.size(), 1u);
  EXPECT_EQ(provenance.files[0].size, 3u);
  EXPECT_EQ(provenance.files[0].sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(provenance.json()["files"][0]["role"], "edits");
}

TEST(Provenance, AModelFolderStandsForItsWeightsAndConfig) {
  const auto folder = testing::scratchFolder("provenance");
  saveAtomic(folder / "model.safetensors", "w");
  saveAtomic(folder / "config.json", "{}");
  saveAtomic(folder / "notes.txt", "not part of the model");
  Provenance provenance;
  provenance.add("trunk", folder);
  ASSERT_EQ(provenance.files.size(), 2u);
  EXPECT_EQ(provenance.files[0].path.filename(), "config.json");
  EXPECT_EQ(provenance.files[1].path.filename(), "model.safetensors");
}

TEST(Provenance, ATrunkIsItsWeightsAndWhatWasReadBesideThem) {
  const auto folder = testing::scratchFolder("provenance-trunk");
  const auto names = [&] {
    Provenance provenance;
    provenance.addTrunk(*Enformer::open(folder, {.gamma = Gamma::Torch}));
    EXPECT_EQ(provenance.model, "Enformer");
    std::vector<std::string> found;
    for (const Provenance::File& file : provenance.files) {
      EXPECT_EQ(file.role, "trunk");
      EXPECT_EQ(file.sha256, sha256OfFile(file.path));
      found.push_back(file.path.filename().string());
    }
    return found;
  };
  for (const char* file : {"model.safetensors", "config.json"})
    std::filesystem::copy(testing::dataPath("enformer/E1_tiny") / file, folder / file);
  EXPECT_EQ(names(), (std::vector<std::string>{"model.safetensors", "config.json"}));

  std::string table = "index\tdescription\n";
  for (int track = 0; track < 12; ++track) table += std::to_string(track) + "\tCAGE:heart\n";
  saveAtomic(folder / "targets_human.txt", table);
  saveAtomic(folder / "tf_gammas.pt", "not read with the other convention");
  saveAtomic(folder / "notes.json", "{}");
  EXPECT_EQ(names(), (std::vector<std::string>{"model.safetensors", "config.json", "tf_gammas.pt",
                                               "targets_human.txt"}));
}

TEST(Provenance, ALargeFileThatChangesGetsANewChecksum) {
  const auto folder = testing::scratchFolder("provenance");
  const auto cache = testing::scratchFolder("provenance-cache");
  setenv("XDG_CACHE_HOME", cache.c_str(), 1);
  const auto file = folder / "genome.fa";
  const auto digest = [&] {
    Provenance provenance;
    provenance.add("genome", file);
    return provenance.files[0].sha256;
  };
  saveAtomic(file, std::string(17u << 20, 'A'));
  const auto longAgo = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  std::filesystem::last_write_time(file, longAgo);
  const std::string first = digest();
  EXPECT_EQ(first, sha256OfFile(file));
  EXPECT_FALSE(std::filesystem::is_empty(cache / "cellocus"));
  EXPECT_EQ(digest(), first);
  saveAtomic(file, std::string(17u << 20, 'C'));
  EXPECT_EQ(digest(), sha256OfFile(file));
  EXPECT_NE(digest(), first);
  unsetenv("XDG_CACHE_HOME");
}

TEST(Provenance, AMissingFileIsAnError) {
  Provenance provenance;
  try {
    provenance.add("genome", "no/such/file.fa");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "FILE_MISSING");
  }
}

TEST(Provenance, HeaderLinesSayWhereTheNumbersComeFrom) {
  Provenance provenance;
  provenance.command = "cellocus-cli predict --locus chr8:1";
  provenance.files = {{"genome", "hg38.fa", 12, std::string(64, 'a')}};
  provenance.contigs = {"chr8 (145,138,636 bp)"};
  provenance.haplotype = "NC_000008.11:g.11735000C>T";
  provenance.formulas = {{"delta", "ALT - REF"}};
  provenance.modelLabel = "Demo motif scanner: no trained model";
  const auto lines = provenance.headerLines();
  EXPECT_TRUE(std::ranges::all_of(lines, [](const auto& line) { return line.starts_with("# "); }));
  EXPECT_TRUE(contains(lines, "# program: " + programVersion()));
  EXPECT_TRUE(contains(lines, "# command: cellocus-cli predict --locus chr8:1"));
  EXPECT_TRUE(
      contains(lines, "# genome file: hg38.fa (12 bytes, SHA-256 " + std::string(64, 'a') + ")"));
  EXPECT_TRUE(contains(lines, "# haplotype: NC_000008.11:g.11735000C>T"));
  EXPECT_TRUE(contains(lines, "# delta is: ALT - REF"));
  EXPECT_TRUE(contains(lines, "# label: Demo motif scanner: no trained model"));
}

TEST(Provenance, ALineBreakInACommandDoesNotBecomeData) {
  Provenance provenance;
  provenance.command = "cellocus-cli sequence 'a\nb'";
  for (const std::string& line : provenance.headerLines())
    EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST(Provenance, NoEditsMeansReference) {
  EXPECT_EQ(Provenance().json()["haplotype"], "reference");
  EXPECT_TRUE(contains(Provenance().headerLines(), "# haplotype: reference"));
}

}  // namespace cellocus
