// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <fstream>

#include "cells/h5file.h"
#include "support/codes.h"
#include "support/shared.h"

namespace cellocus {
namespace {

using testing::errorCode;

TEST(H5Writer, ReadsBackWhatItWrote) {
  const auto path = testing::scratchFolder("h5writer") / "all.h5";
  const Matrix large = Matrix::Random(300, 200);
  H5Writer::save(path, [&](H5Writer& writer) {
    writer.matrix("a/b/large", large);
    writer.matrix("block", large.block(1, 2, 3, 4));
    writer.matrix("empty", Matrix(0, 5));
    writer.numbers("numbers", {0.5, -1e300});
    writer.integers("integers", std::vector<std::int64_t>{std::int64_t{1} << 60});
    writer.strings("strings", {"", "é"});
    writer.text("text", "one");
    writer.group("g");
    writer.attribute("g", "name", "value");
    writer.attribute("", "number", 42);
    writer.attributeList("g", "shape", std::vector<std::int64_t>{1, 2});
    writer.attributeList("g", "none", std::vector<std::string>{});
    writer.flag("g", "ordered", true);
  });
  const auto file = H5File::open(path);
  EXPECT_EQ(file->shape("a/b/large"), (std::vector<std::int64_t>{300, 200}));
  const std::vector<float> values = file->floats("a/b/large");
  EXPECT_EQ(Eigen::Map<const Matrix>(values.data(), 300, 200), large);
  EXPECT_EQ(file->floats("block")[11], large(3, 5));
  EXPECT_EQ(file->shape("empty"), (std::vector<std::int64_t>{0, 5}));
  EXPECT_EQ(file->numbers("numbers"), (std::vector<double>{0.5, -1e300}));
  EXPECT_EQ(file->integers("integers")[0], std::int64_t{1} << 60);
  EXPECT_EQ(file->strings("strings")[1], "é");
  EXPECT_EQ(file->strings("text"), std::vector<std::string>{"one"});
  EXPECT_EQ(file->attribute("g", "name"), "value");
  EXPECT_EQ(file->attribute("", "number"), "42");
  EXPECT_EQ(file->attributeList("g", "shape"), (std::vector<std::string>{"1", "2"}));
  EXPECT_TRUE(file->attributeList("g", "none").empty());
  EXPECT_EQ(file->attribute("g", "ordered"), "1");
}

TEST(H5Writer, LeavesTheOldFileIfFillingFails) {
  const auto folder = testing::scratchFolder("h5writer_old");
  std::ofstream(folder / "old.h5") << "old";
  EXPECT_THROW(H5Writer::save(folder / "old.h5",
                              [](H5Writer& writer) {
                                writer.group("g");
                                throw Cancelled();
                              }),
               Cancelled);
  EXPECT_EQ(std::filesystem::file_size(folder / "old.h5"), 3u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

TEST(H5Writer, SaysWhatCouldNotBeWritten) {
  const auto folder = testing::scratchFolder("h5writer_bad");
  const auto twice = [](H5Writer& writer) {
    writer.numbers("x", {1});
    writer.numbers("x", {2});
  };
  EXPECT_EQ(errorCode([&] { H5Writer::save(folder / "twice.h5", twice); }), "SAVE_FAILED");
  EXPECT_EQ(errorCode([&] { H5Writer::save(folder / "no" / "where.h5", [](H5Writer&) {}); }),
            "SAVE_FAILED");
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

}  // namespace
}  // namespace cellocus
