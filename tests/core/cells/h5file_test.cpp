// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/h5file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "base/limits.h"
#include "support/codes.h"
#include "core/cells/rawfile.h"
#include "support/shared.h"

namespace cellocus {
namespace {

using testing::errorCode;
using testing::RawFile;
using testing::scratchFolder;

/// A file of the test's own making, read back by the product.
class H5FileTest : public ::testing::Test {
 protected:
  std::filesystem::path path() const {
    return m_folder /
           (std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()) + ".h5");
  }
  template <typename Fill>
  std::shared_ptr<const H5File> made(Fill fill) const {
    {
      RawFile file(path());
      fill(file);
    }
    return H5File::open(path());
  }
  std::filesystem::path m_folder = scratchFolder("h5file");
};

/// A dataset with creation properties of its own, holding 1,000 zeros.
void writeWith(RawFile& file, const char* name, hid_t properties) {
  const hsize_t extent = 1000;
  const std::vector<double> values(extent, 0);
  const hid_t space = H5Screate_simple(1, &extent, nullptr);
  const hid_t dataset =
      H5Dcreate2(file.id(), name, H5T_IEEE_F64LE, space, H5P_DEFAULT, properties, H5P_DEFAULT);
  ASSERT_GE(dataset, 0);
  H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  H5Dclose(dataset);
  H5Sclose(space);
}

TEST_F(H5FileTest, ReadsEveryWidthSignAndByteOrderOfNumbers) {
  struct Case {
    const char* name;
    hid_t type;
    H5File::Type kind;
    std::vector<double> values;
  };
  using enum H5File::Type;
  const hid_t half = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(half, 15, 10, 5, 0, 10);
  H5Tset_size(half, 2);
  H5Tset_ebias(half, 15);
  const std::vector<Case> cases{
      {"i8", H5T_STD_I8LE, Integer, {-128, 127}},
      {"i16", H5T_STD_I16BE, Integer, {-32768, 32767}},
      {"i32", H5T_STD_I32BE, Integer, {-2147483648.0, 2147483647}},
      {"i64", H5T_STD_I64BE, Integer, {-9007199254740992.0, 9007199254740992.0}},
      {"u8", H5T_STD_U8LE, Integer, {0, 255}},
      {"u16", H5T_STD_U16BE, Integer, {0, 65535}},
      {"u32", H5T_STD_U32LE, Integer, {0, 4294967295.0}},
      {"u64", H5T_STD_U64LE, Integer, {0, 9007199254740992.0}},
      {"f16", half, Real, {-1.5, 65504}},
      {"f32", H5T_IEEE_F32BE, Real, {0.1f, -3.25}},
      {"f64", H5T_IEEE_F64BE, Real, {0.1, 1e300}}};
  const auto file = made([&](RawFile& raw) {
    for (const Case& one : cases) raw.as(one.name, one.type, one.values);
    raw.booleans("flags", {0, 1, 1});
  });
  for (const Case& one : cases) {
    EXPECT_EQ(file->type(one.name), one.kind) << one.name;
    EXPECT_EQ(file->numbers(one.name), one.values) << one.name;
  }
  EXPECT_EQ(file->type("flags"), Boolean);
  EXPECT_EQ(file->numbers("flags"), (std::vector<double>{0, 1, 1}));
  EXPECT_EQ(file->integers("flags"), (std::vector<std::int64_t>{0, 1, 1}));
  EXPECT_EQ(file->floats("f16"), (std::vector<float>{-1.5f, 65504.0f}));
  EXPECT_EQ(file->integers("u32")[1], 4294967295);
  EXPECT_EQ(errorCode([&] { file->integers("f32"); }), "HDF5_TYPE");
  H5Tclose(half);
}

TEST_F(H5FileTest, RefusesWholeNumbersBeyondSixtyThreeBits) {
  const auto file = made([](RawFile& raw) { raw.as("wide", H5T_STD_U64LE, {1, 1e19}); });
  EXPECT_EQ(errorCode([&] { file->integers("wide"); }), "HDF5_TYPE");
  EXPECT_EQ(file->numbers("wide")[1], 1e19);
}

TEST_F(H5FileTest, ReadsFixedAndVariableStringsOverManySlices) {
  std::vector<std::string> many;
  for (int i = 0; i < 10'000; ++i) many.push_back("cell-" + std::to_string(i));
  const auto file = made([&](RawFile& raw) {
    raw.strings("variable", many);
    raw.fixedStrings("fixed", many, 10);
    raw.scalarString("scalar", "größe");
    raw.strings("none", {});
  });
  EXPECT_EQ(file->strings("variable"), many);
  EXPECT_EQ(file->strings("fixed"), many);
  EXPECT_EQ(file->strings("scalar"), std::vector<std::string>{"größe"});
  EXPECT_TRUE(file->strings("none").empty());
  EXPECT_EQ(file->strings("variable", {{4095}, {2}, {}}),
            (std::vector<std::string>{"cell-4095", "cell-4096"}));
  EXPECT_EQ(errorCode([&] { file->numbers("variable"); }), "HDF5_TYPE");
}

TEST_F(H5FileTest, RefusesStringsLongerThanTheLimit) {
  const std::string longest(limits::hdf5StringBytes, 'a');
  const auto file = made([&](RawFile& raw) {
    raw.strings("at", {longest});
    raw.strings("over", {longest + "a"});
    raw.fixedStrings("fixed", {"a"}, limits::hdf5StringBytes + 1);
  });
  EXPECT_EQ(file->strings("at")[0].size(), limits::hdf5StringBytes);
  EXPECT_EQ(errorCode([&] { file->strings("over"); }), "HDF5_SIZE");
  EXPECT_EQ(errorCode([&] { file->strings("fixed"); }), "HDF5_SIZE");
}

TEST_F(H5FileTest, ReadsBlocksOfATable) {
  const auto file = made([](RawFile& raw) { raw.floats("m", {1, 2, 3, 4, 5, 6}, {2, 3}); });
  EXPECT_EQ(file->shape("m"), (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(file->floats("m", {{0, 1}, {2, 1}, {}}), (std::vector<float>{2, 5}));
  EXPECT_EQ(file->floats("m", {{1, 0}, {1, 3}, {}}), (std::vector<float>{4, 5, 6}));
  EXPECT_TRUE(file->floats("m", {{1, 0}, {0, 3}, {}}).empty());
  EXPECT_EQ(errorCode([&] { file->floats("m", {{1, 0}, {2, 3}, {}}); }), "HDF5_SIZE");
  EXPECT_EQ(errorCode([&] { file->floats("m", {{-1, 0}, {1, 3}, {}}); }), "HDF5_SIZE");
  EXPECT_EQ(errorCode([&] { file->floats("m", {{0}, {1}, {}}); }), "HDF5_TYPE");
}

TEST_F(H5FileTest, ReadsAttributesOfAllKindsAndNullOnesAsNothing) {
  const auto file = made([](RawFile& raw) {
    raw.group("g");
    raw.attribute("g", "text", "anndata");
    raw.numbersAttribute("g", "shape", {3, 4});
    raw.listAttribute("g", "column-order", {"a", "b"});
    raw.listAttribute("g", "empty", {});
    raw.nullAttribute("g", "TITLE");
    raw.bitsAttribute("g", "transposed", true);
    raw.floats("g/data", {1});
    raw.referenceAttribute("g", "target", "g/data");
  });
  EXPECT_EQ(file->attribute("g", "text"), "anndata");
  EXPECT_EQ(file->attribute("g", "shape"), "3, 4");
  EXPECT_EQ(file->attributeList("g", "column-order"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(file->attribute("g", "transposed"), "1");
  for (const char* nothing : {"empty", "TITLE", "absent", "target"})
    EXPECT_EQ(file->attribute("g", nothing), std::nullopt) << nothing;
  EXPECT_EQ(file->attributeTarget("g", "target"), "/g/data");
  EXPECT_EQ(file->attributeTarget("g", "text"), std::nullopt);
  EXPECT_EQ(errorCode([&] { file->attribute("absent", "text"); }), "HDF5_MISSING");
}

TEST_F(H5FileTest, TellsGroupsDatasetsAndWhatIsMissing) {
  const auto file = made([](RawFile& raw) {
    raw.floats("a/b/c", {1});
    raw.group("a/empty");
  });
  EXPECT_EQ(file->kind("a/b"), H5File::Kind::Group);
  EXPECT_EQ(file->kind("/a/b/c"), H5File::Kind::Dataset);
  EXPECT_EQ(file->kind("a/x"), H5File::Kind::Missing);
  EXPECT_EQ(file->kind("a/b/c/d"), H5File::Kind::Missing);
  EXPECT_EQ(file->children("a"), (std::vector<std::string>{"b", "empty"}));
  EXPECT_EQ(errorCode([&] { file->numbers("a/x"); }), "HDF5_MISSING");
  EXPECT_EQ(errorCode([&] { file->numbers("a/b"); }), "HDF5_TYPE");
}

TEST_F(H5FileTest, FollowsNoLinks) {
  const auto file = made([this](RawFile& raw) {
    raw.floats("real", {1});
    H5Lcreate_soft("/real", raw.id(), "soft", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("/etc/other.h5", "/x", raw.id(), "external", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_hard(raw.id(), "real", raw.id(), "hard", H5P_DEFAULT, H5P_DEFAULT);
  });
  EXPECT_EQ(file->numbers("hard"), std::vector<double>{1});
  EXPECT_EQ(errorCode([&] { file->numbers("soft"); }), "HDF5_LINK");
  EXPECT_EQ(errorCode([&] { file->kind("external"); }), "HDF5_LINK");
}

TEST_F(H5FileTest, EndsAtTheDepthLimitInACycleOfGroups) {
  const auto file = made([](RawFile& raw) {
    raw.group("a");
    H5Lcreate_hard(raw.id(), "a", raw.id(), "a/a", H5P_DEFAULT, H5P_DEFAULT);
  });
  std::string path = "a";
  for (std::size_t depth = 1; depth < limits::hdf5Depth; ++depth) path += "/a";
  EXPECT_EQ(file->kind(path), H5File::Kind::Group);
  EXPECT_EQ(file->kind(path + "/a"), H5File::Kind::Missing);
}

TEST_F(H5FileTest, RefusesStorageOutsideOfTheFile) {
  const auto secret = m_folder / "secret.bin";
  std::ofstream(secret) << std::string(8000, 'x');
  const auto file = made([&](RawFile& raw) {
    const hid_t external = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(external, secret.c_str(), 0, 8000);
    writeWith(raw, "external", external);
    H5Pclose(external);
    const hid_t virtualLayout = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t extent = 1000;
    const hid_t space = H5Screate_simple(1, &extent, nullptr);
    H5Pset_virtual(virtualLayout, space, "other.h5", "/x", space);
    const hid_t dataset = H5Dcreate2(raw.id(), "virtual", H5T_IEEE_F64LE, space, H5P_DEFAULT,
                                     virtualLayout, H5P_DEFAULT);
    H5Dclose(dataset);
    H5Sclose(space);
    H5Pclose(virtualLayout);
  });
  EXPECT_EQ(errorCode([&] { file->numbers("external"); }), "HDF5_STORAGE");
  EXPECT_EQ(errorCode([&] { file->numbers("virtual"); }), "HDF5_STORAGE");
}

TEST_F(H5FileTest, ReadsDeflateShuffleAndChecksumsAndNamesOtherFilters) {
  const hsize_t chunk = 100;
  const auto file = made([&](RawFile& raw) {
    const hid_t known = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(known, 1, &chunk);
    H5Pset_shuffle(known);
    H5Pset_deflate(known, 9);
    H5Pset_fletcher32(known);
    writeWith(raw, "known", known);
    H5Pclose(known);
    const hid_t unknown = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(unknown, 1, &chunk);
    H5Pset_scaleoffset(unknown, H5Z_SO_FLOAT_DSCALE, 2);
    writeWith(raw, "unknown", unknown);
    H5Pclose(unknown);
  });
  EXPECT_EQ(file->numbers("known"), std::vector<double>(1000, 0));
  std::string sentence;
  EXPECT_EQ(errorCode([&] { file->numbers("unknown"); }, &sentence), "HDF5_FILTER");
  EXPECT_NE(sentence.find("6 (scale-offset)"), std::string::npos) << sentence;
}

TEST_F(H5FileTest, RefusesADatasetThatClaimsMoreThanIsStored) {
  const auto file = made([](RawFile& raw) {
    const hsize_t extent = hsize_t{1} << 40;
    const hsize_t chunk = 1 << 16, hugeChunk = hsize_t{1} << 28;
    const hid_t space = H5Screate_simple(1, &extent, nullptr);
    for (const auto& [name, size] :
         {std::pair("terabytes", chunk), std::pair("chunk", hugeChunk)}) {
      const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
      H5Pset_chunk(properties, 1, &size);
      H5Dclose(
          H5Dcreate2(raw.id(), name, H5T_IEEE_F64LE, space, H5P_DEFAULT, properties, H5P_DEFAULT));
      H5Pclose(properties);
    }
    H5Sclose(space);
  });
  EXPECT_EQ(errorCode([&] { file->numbers("terabytes"); }), "HDF5_SIZE");
  EXPECT_EQ(errorCode([&] { file->floats("terabytes", {{0}, {1}, {}}); }), "HDF5_SIZE");
  EXPECT_EQ(errorCode([&] { file->shape("chunk"); }), "HDF5_SIZE");
}

TEST_F(H5FileTest, TellsWhatAFileIsThatIsNotHdf5) {
  const auto write = [this](const std::string& content) {
    std::ofstream(path(), std::ios::binary) << content;
    std::string sentence;
    EXPECT_EQ(errorCode([this] { H5File::open(path()); }, &sentence), "HDF5_NOT_HDF5");
    return sentence;
  };
  EXPECT_NE(write("").find("empty"), std::string::npos);
  EXPECT_NE(write("PK\x03\x04rest").find("ZIP"), std::string::npos);
  EXPECT_NE(write("\x1f\x8b\x08").find("gzip"), std::string::npos);
  EXPECT_NE(write("gene\tcell\n").find("gene"), std::string::npos);
  EXPECT_EQ(errorCode([this] { H5File::open(m_folder / "absent.h5ad"); }), "FILE_MISSING");
}

TEST_F(H5FileTest, TellsATruncatedFile) {
  made([](RawFile& raw) { raw.floats("values", std::vector<float>(10'000, 1)); });
  for (const std::uintmax_t bytes : {std::uintmax_t{20'000}, std::uintmax_t{900}}) {
    std::filesystem::resize_file(path(), bytes);
    std::string sentence;
    EXPECT_EQ(errorCode([this] { H5File::open(path()); }, &sentence), "HDF5_DAMAGED");
    EXPECT_NE(sentence.find("cut short"), std::string::npos) << sentence;
  }
}

TEST_F(H5FileTest, ReadsAFileThatAnotherProgramHasLocked) {
  made([](RawFile& raw) { raw.floats("values", {1}); });
  const int descriptor = ::open(path().c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(descriptor, LOCK_EX | LOCK_NB), 0);
  EXPECT_EQ(H5File::open(path())->floats("values"), std::vector<float>{1});
  ::close(descriptor);
}

TEST_F(H5FileTest, TellsAFileThatIsStillBeingWritten) {
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  const auto other = m_folder / "writing.h5";
  const hid_t writing = H5Fcreate(other.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
  H5Fflush(writing, H5F_SCOPE_GLOBAL);
  std::filesystem::copy_file(other, path());
  H5Fclose(writing);
  H5Pclose(access);
  EXPECT_EQ(errorCode([this] { H5File::open(path()); }), "HDF5_LOCKED");
}

TEST_F(H5FileTest, MayBeReadFromSeveralThreads) {
  const auto file = made([](RawFile& raw) { raw.floats("values", std::vector<float>(1000, 2)); });
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) good += file->floats("values")[999] == 2;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 200);
}

}  // namespace
}  // namespace cellocus
