// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/checked.h"
#include "support/shared.h"

namespace cellocus {
namespace {

namespace fs = std::filesystem;
using cellocus::testing::scratchFolder;

std::string contentOf(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string codeOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return "no error";
}

TEST(InputFile, AMissingFileAFolderAndAPipeAreRefusedByName) {
  const fs::path folder = scratchFolder("input");
  EXPECT_EQ(codeOf([&] { InputFile::open(folder / "none"); }), "FILE_MISSING");
  EXPECT_EQ(codeOf([&] { InputFile::open(folder); }), "FILE_NOT_REGULAR");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(codeOf([&] { InputFile::open(folder / "pipe"); }), "FILE_NOT_REGULAR");
}

TEST(InputFile, AFileCutShortWhileOpenIsAnErrorAndNotACrash) {
  const fs::path path = scratchFolder("cut") / "a.bin";
  std::ofstream(path) << std::string(1000, 'x');
  const auto file = InputFile::open(path);
  fs::resize_file(path, 10);
  std::vector<std::byte> into(1000);
  EXPECT_EQ(codeOf([&] { file->read(0, into); }), "FILE_TRUNCATED");
}

TEST(SaveAtomic, ReplacesAFileAndLeavesNothingElse) {
  const fs::path path = scratchFolder("save") / "a.tsv";
  saveAtomic(path, "one");
  saveAtomic(path, "two");
  EXPECT_EQ(contentOf(path), "two");
  EXPECT_EQ(std::distance(fs::directory_iterator(path.parent_path()), {}), 1);
}

TEST(SaveAtomic, KeepsTheOldFileWhenWritingFails) {
  const fs::path path = scratchFolder("keep") / "a.tsv";
  saveAtomic(path, "old");
  EXPECT_THROW(saveAtomic(path,
                          [](const fs::path& temporary) {
                            std::ofstream(temporary) << "half";
                            throw std::runtime_error("disk full");
                          }),
               std::runtime_error);
  EXPECT_EQ(contentOf(path), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(path.parent_path()), {}), 1);
}

TEST(SaveAtomic, AMissingFolderIsNamed) {
  EXPECT_EQ(codeOf([] { saveAtomic("/nonexistent-folder/a.tsv", "x"); }), "SAVE_FAILED");
}

TEST(SaveAtomic, GivesOrdinaryPermissions) {
  const fs::path path = scratchFolder("mode") / "a.tsv";
  const mode_t old = ::umask(022);
  saveAtomic(path, "x");
  ::umask(old);
  EXPECT_EQ(static_cast<int>(fs::status(path).permissions()), 0644);
}

TEST(Sha256, MatchesTheStandardsOwnExample) {
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const fs::path path = scratchFolder("sha") / "a";
  saveAtomic(path, "abc");
  EXPECT_EQ(sha256OfFile(path), sha256("abc"));
}

TEST(Checked, AnOverflowIsAnErrorThatNamesWhatWasCounted) {
  EXPECT_EQ(checkedMultiply<std::int64_t>(1 << 20, 1 << 20, "x"), std::int64_t{1} << 40);
  EXPECT_EQ(codeOf([] { checkedMultiply<std::int64_t>(INT64_MAX, 2, "x"); }), "NUMBER_OVERFLOW");
  EXPECT_EQ(codeOf([] { checkedAdd<std::uint64_t>(UINT64_MAX, 1, "x"); }), "NUMBER_OVERFLOW");
}

}  // namespace
}  // namespace cellocus
