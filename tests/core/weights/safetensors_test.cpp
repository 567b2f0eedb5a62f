// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/file.h"
#include "core/weights/torchbuilder.h"
#include "weights/checkpoint.h"

namespace cellocus {
namespace {

using testing::codeOfReading;
using testing::errorCode;
using testing::floatBytes;
using testing::littleEndian;
using testing::safetensorsFile;
using testing::writeFile;
using namespace std::string_literals;

const std::string oneFloat = floatBytes({1.5f});

std::string headerOf(const std::string& tensor) {
  return R"({"a":)" + tensor + "}";
}

TEST(Safetensors, ReadsEveryNumberType) {
  const std::tuple<std::string, std::string, float> types[] = {
      {"F64", littleEndian(-2.5), -2.5f},
      {"F32", littleEndian(-2.5f), -2.5f},
      {"F16", littleEndian(std::uint16_t{0xc100}), -2.5f},
      {"F16", littleEndian(std::uint16_t{0x0001}), 5.9604645e-8f},  // smallest subnormal
      {"BF16", littleEndian(std::uint16_t{0xc020}), -2.5f},
      {"I64", littleEndian(std::int64_t{-3}), -3},
      {"I32", littleEndian(std::int32_t{-3}), -3},
      {"I16", littleEndian(std::int16_t{-3}), -3},
      {"I8", littleEndian(std::int8_t{-3}), -3},
      {"U8", littleEndian(std::uint8_t{253}), 253},
      {"BOOL", littleEndian(std::uint8_t{1}), 1}};
  for (const auto& [type, bytes, value] : types) {
    const std::string header =
        headerOf(R"({"dtype":")" + type + R"(","shape":[1],"data_offsets":[0,)" +
                 std::to_string(bytes.size()) + "]}");
    const auto file = Checkpoint::open(writeFile("a.safetensors", safetensorsFile(header, bytes)));
    EXPECT_EQ(file->read("a", {1}), std::vector<float>{value}) << type;
  }
}

TEST(Safetensors, EmptyAndDimensionlessTensorsAreValid) {
  const std::string header = R"({"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
                             R"("e":{"dtype":"F32","shape":[2,0],"data_offsets":[4,4]}})";
  const auto file = Checkpoint::open(writeFile("a", safetensorsFile(header, oneFloat)));
  EXPECT_EQ(file->read("s", Shape{}), std::vector<float>{1.5f});
  EXPECT_EQ(file->readRows("s", 0, 1), std::vector<float>{1.5f});
  EXPECT_TRUE(file->read("e", {2, 0}).empty());
  EXPECT_EQ(file->tensors().front().name, "s");
}

TEST(Safetensors, FileWithoutTensorsIsValid) {
  EXPECT_TRUE(Checkpoint::open(writeFile("a", safetensorsFile("{}", "")))->tensors().empty());
}

struct Liar {
  std::string what, header, data, code;
};

std::vector<Liar> liars() {
  const auto tensor = [](std::string type, std::string shape, std::string offsets) {
    return headerOf(R"({"dtype":)" + type + R"(,"shape":)" + shape + R"(,"data_offsets":)" +
                    offsets + "}");
  };
  const std::string f32 = R"("F32")";
  const std::string good = R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
  const std::string second = R"({"dtype":"F32","shape":[1],"data_offsets":)";
  const std::string header = "SAFETENSORS_HEADER", size = "SAFETENSORS_SIZE",
                    offsets = "SAFETENSORS_OFFSETS";
  return {
      {"no JSON", "{nonsense", "", header},
      {"ends early", R"({"a":)", "", header},
      {"two documents", "{}{}", "", header},
      {"invalid UTF-8", "{\"\xff\xfe\":" + good + "}", oneFloat, header},
      {"lone surrogate", R"({"\ud800":)" + good + "}", oneFloat, header},
      {"tensor twice", R"({"a":)" + good + R"(,"a":)" + good + "}", oneFloat,
       "SAFETENSORS_DUPLICATE"},
      {"twice by escape", R"({"a":)" + good + R"(,"\u0061":)" + good + "}", oneFloat,
       "SAFETENSORS_DUPLICATE"},
      {"field twice", headerOf(R"({"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]})"),
       oneFloat, "SAFETENSORS_DUPLICATE"},
      {"metadata twice", R"({"__metadata__":{},"__metadata__":{}})", "", "SAFETENSORS_DUPLICATE"},
      {"metadata number", R"({"__metadata__":{"a":1}})", "", header},
      {"metadata nested", R"({"__metadata__":{"a":{}}})", "", header},
      {"metadata list", R"({"__metadata__":[]})", "", header},
      {"missing dtype", headerOf(R"({"shape":[1],"data_offsets":[0,4]})"), oneFloat, header},
      {"extra field", headerOf(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":"y"})"),
       oneFloat, header},
      {"tensor is a list", headerOf("[]"), "", header},
      {"unknown type", tensor(R"("F31")", "[1]", "[0,4]"), oneFloat, "SAFETENSORS_DTYPE"},
      {"negative size", tensor(f32, "[-1]", "[0,4]"), oneFloat, header},
      {"fraction", tensor(f32, "[1.0]", "[0,4]"), oneFloat, header},
      {"size beyond 64 bits", tensor(f32, "[18446744073709551616]", "[0,4]"), oneFloat, header},
      {"product overflows", tensor(f32, "[4294967296,4294967296]", "[0,4]"), oneFloat,
       "NUMBER_OVERFLOW"},
      {"bits overflow", tensor(f32, "[4611686018427387904]", "[0,4]"), oneFloat, "NUMBER_OVERFLOW"},
      {"rank 9", tensor(f32, "[1,1,1,1,1,1,1,1,1]", "[0,4]"), oneFloat, header},
      {"nested list", tensor(f32, "[[1]]", "[0,4]"), oneFloat, header},
      {"three offsets", tensor(f32, "[1]", "[0,4,4]"), oneFloat, header},
      {"offsets swapped", tensor(f32, "[1]", "[4,0]"), oneFloat, size},
      {"too few bytes", tensor(f32, "[2]", "[0,4]"), oneFloat, size},
      {"half a byte", tensor(R"("F4")", "[1]", "[0,0]"), "", size},
      {"hole at the start", tensor(f32, "[1]", "[4,8]"), oneFloat + oneFloat, offsets},
      {"hole between", R"({"a":)" + good + R"(,"b":)" + second + "[8,12]}}",
       oneFloat + oneFloat + oneFloat, offsets},
      {"overlap", R"({"a":)" + good + R"(,"b":)" + second + "[0,4]}}", oneFloat, offsets},
      {"bytes behind", headerOf(good), oneFloat + "tail", offsets},
      {"file too short", tensor(f32, "[2]", "[0,8]"), oneFloat, offsets},
      {"wraps around", tensor(f32, "[1]", "[18446744073709551612,0]"), oneFloat, size},
  };
}

TEST(Safetensors, EveryLieIsNoticed) {
  for (const Liar& liar : liars())
    EXPECT_EQ(codeOfReading(safetensorsFile(liar.header, liar.data)), liar.code) << liar.what;
}

TEST(Safetensors, HeaderLengthIsComparedWithTheFile) {
  const auto code = [](const std::string& bytes) {
    const auto path = writeFile("a.safetensors", bytes);
    return errorCode([&] { Checkpoint::open(path); });
  };
  EXPECT_EQ(code("1234567"), "SAFETENSORS_HEADER");
  EXPECT_EQ(code(littleEndian(std::uint64_t{0}) + "{}"), "SAFETENSORS_HEADER");
  EXPECT_EQ(code(littleEndian(std::uint64_t{3}) + "{}"), "SAFETENSORS_HEADER");
  EXPECT_EQ(code(littleEndian(~std::uint64_t{0}) + "{}"), "SAFETENSORS_HEADER");
  EXPECT_EQ(code(littleEndian(std::uint64_t{100'000'001}) + "{}"), "SAFETENSORS_HEADER");
  EXPECT_EQ(code(littleEndian(std::uint64_t{3}) + " {}"), "SAFETENSORS_HEADER");
}

TEST(Safetensors, DeeplyNestedHeaderIsRefusedWithoutRecursion) {
  EXPECT_EQ(codeOfReading(safetensorsFile(R"({"a":)" + std::string(1'000'000, '['), "")),
            "SAFETENSORS_HEADER");
}

TEST(Safetensors, TypesWithoutArithmeticAreListedButNotRead) {
  const std::string header = headerOf(R"({"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]})");
  const auto file = Checkpoint::open(writeFile("a", safetensorsFile(header, oneFloat)));
  EXPECT_EQ(file->find("a")->dtype, DType::Unsupported);
  EXPECT_EQ(errorCode([&] { file->read("a"); }), "TENSOR_DTYPE");
}

TEST(Safetensors, NotANumberIsRefusedByTheTensorsName) {
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    const std::string header = headerOf(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})");
    const auto file =
        Checkpoint::open(writeFile("a", safetensorsFile(header, floatBytes({1, bad}))));
    try {
      file->read("a");
      ADD_FAILURE() << "read a tensor with " << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "TENSOR_NOT_FINITE");
      EXPECT_THAT(error.what(), ::testing::HasSubstr("tensor a holds 1 of 2 values"));
    }
  }
}

TEST(Safetensors, MissingTensorNamesSimilarOnes) {
  const std::string header =
      R"({"stem.0.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  const auto file = Checkpoint::open(writeFile("a", safetensorsFile(header, oneFloat)));
  EXPECT_EQ(file->find("stem.0.weigth"), nullptr);
  try {
    file->read("stem.0.weigth");
    ADD_FAILURE() << "read a tensor that is not there";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "TENSOR_MISSING");
    EXPECT_THAT(error.fix(), ::testing::HasSubstr("stem.0.weight"));
  }
}

TEST(Safetensors, OtherShapeIsRefusedNamingBoth) {
  const std::string header = headerOf(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})");
  const auto file = Checkpoint::open(writeFile("a", safetensorsFile(header, oneFloat)));
  try {
    file->read("a", {1, 1});
    ADD_FAILURE() << "read a tensor of another shape";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "TENSOR_SHAPE");
    EXPECT_THAT(error.fact(), ::testing::HasSubstr("[1]"));
    EXPECT_THAT(error.fact(), ::testing::HasSubstr("[1, 1]"));
  }
}

TEST(Safetensors, ShrunkFileIsNoticedWhenReading) {
  const std::string header = headerOf(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})");
  const auto path = writeFile("a", safetensorsFile(header, oneFloat));
  const auto file = Checkpoint::open(path);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
  EXPECT_EQ(errorCode([&] { file->read("a"); }), "FILE_TRUNCATED");
}

TEST(SafetensorsWriter, WhatIsWrittenIsReadAgain) {
  const auto path = testing::writeFile("out.safetensors", "");
  writeSafetensors(path, {{"b", {2, 2}, {1, 2, 3, 4}}, {"a", {}, {-0.5f}}, {"e", {0}, {}}},
                   {{"seed", "42"}, {"note", "ä\n\"x\""}});
  const auto file = Checkpoint::open(path);
  EXPECT_EQ(file->read("b", {2, 2}), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(file->readRows("b", 1, 2), (std::vector<float>{3, 4}));
  EXPECT_EQ(file->read("a", Shape{}), std::vector<float>{-0.5f});
  EXPECT_EQ(file->metadata().at("seed"), "42");
  EXPECT_EQ(file->metadata().at("note"), "ä\n\"x\"");
  EXPECT_EQ(file->tensors().front().name, "a");
}

TEST(SafetensorsWriter, HeaderIsSortedAndAligned) {
  const auto path = testing::writeFile("out.safetensors", "");
  writeSafetensors(path, {{"b", {1}, {2}}, {"a", {1}, {1}}});
  const std::string bytes = InputFile::open(path)->readAll(4096);
  EXPECT_EQ(bytes, safetensorsFile(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                                   R"("b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                                   floatBytes({1, 2})));
}

TEST(SafetensorsWriter, AnyHeaderLengthIsToldFromAPickle) {
  // A length whose lowest byte is 0x80 begins like a pickle.
  const auto path = testing::writeFile("out.safetensors", "");
  const auto other = path.parent_path() / "out.bin";
  bool seen = false;
  for (std::size_t padding = 0; padding < 256; padding += 8) {
    writeSafetensors(path, {{"a", {1}, {1}}}, {{"note", std::string(padding, 'x')}});
    std::filesystem::copy_file(path, other, std::filesystem::copy_options::overwrite_existing);
    seen = seen || InputFile::open(other)->readSome(0, 1) == "\x80";
    EXPECT_EQ(Checkpoint::open(other)->format(), "safetensors") << padding;
  }
  EXPECT_TRUE(seen);
}

TEST(SafetensorsWriter, RefusesWhatReadersWouldRefuse) {
  const auto path = testing::writeFile("out.safetensors", "old");
  EXPECT_EQ(errorCode([&] { writeSafetensors(path, {{"a", {2}, {1}}}); }), "SAFETENSORS_WRITE");
  EXPECT_EQ(errorCode([&] {
              writeSafetensors(path, {{"a", {1}, {1}}, {"a", {1}, {1}}});
            }),
            "SAFETENSORS_WRITE");
  EXPECT_EQ(errorCode([&] { writeSafetensors(path, {}, {{"n", 1}}); }), "SAFETENSORS_WRITE");
  EXPECT_EQ(errorCode([&] {
              writeSafetensors(path, {{"__metadata__", {1}, {1}}});
            }),
            "SAFETENSORS_WRITE");
  EXPECT_EQ(InputFile::open(path)->readAll(16), "old");
}

}  // namespace
}  // namespace cellocus
