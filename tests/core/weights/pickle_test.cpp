// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/pickle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "core/weights/torchbuilder.h"

namespace cellocus {
namespace {

using testing::errorCode;
using ::testing::HasSubstr;
using testing::littleEndian;
using testing::PickleBuilder;
using namespace std::string_literals;

std::string codeOf(const std::string& bytes) {
  return errorCode([&] { readPickle(bytes); });
}

std::string messageOf(const std::string& bytes) {
  try {
    readPickle(bytes, "model.pt");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Pickle, ReadsPlainValuesOfProtocol2) {
  const std::string bytes = PickleBuilder()
                                .raw("(")
                                .raw("K\xff"s + "M\xff\xff"s + "J\xfe\xff\xff\xff"s)
                                .raw("\x8a\x02\x00\xff"s + "\x8a\x00"s)
                                .raw("G\x40\x04\x00\x00\x00\x00\x00\x00"s)
                                .raw("N\x88\x89")
                                .text("ä")
                                .raw("t")
                                .finish();
  EXPECT_EQ(readPickle(bytes).json(),
            nlohmann::json({255, 65535, -2, -256, 0, 2.5, nullptr, true, false, "ä"}));
}

TEST(Pickle, ReadsWhatProtocols4And5Add) {
  const std::string bytes = "\x80\x05\x95"s + littleEndian(std::uint64_t{99}) + "}\x94(\x8c\x01"s +
                            "a\x94K\x01\x8c\x01"s + "bh\x01u.";
  const PickleValue value = readPickle(bytes);
  EXPECT_EQ(value.find("a")->integer(), 1);
  EXPECT_EQ(value.find("b")->text(), "a");
  EXPECT_FALSE(value.find("c"));
}

TEST(Pickle, LastOfEqualKeysCountsAsInPython) {
  const std::string bytes =
      PickleBuilder().raw("}").mark().text("a").integer(1).text("a").integer(2).raw("u").finish();
  EXPECT_EQ(readPickle(bytes).find("a")->integer(), 2);
}

TEST(Pickle, IntegerBeyond64BitsKeepsItsBytes) {
  const PickleValue value =
      readPickle("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."s);
  EXPECT_EQ(value.kind(), PickleKind::BigInteger);
  EXPECT_EQ(value.bytes()->size(), 10u);
  EXPECT_FALSE(value.integer());
}

TEST(Pickle, ReadsBytesThatProtocol2WritesAsText) {
  const std::string bytes = PickleBuilder()
                                .global("_codecs", "encode")
                                .mark()
                                .text("A\xc3\xbf\xc2\x80")
                                .text("latin1")
                                .tuple()
                                .raw("R")
                                .finish();
  EXPECT_EQ(readPickle(bytes).bytes(), "A\xff\x80");
}

PickleBuilder numpyScalar(std::string_view type, std::string_view order, std::string_view bytes) {
  PickleBuilder pickle(4);
  pickle.global("numpy.core.multiarray", "scalar").global("numpy", "dtype");
  pickle.mark().text(type).raw("\x89\x88t").raw("R");
  pickle.mark().integer(3).text(order).raw("NNN").integer(-1).integer(-1).integer(0).tuple().raw(
      "b");
  return pickle.raw("C")
      .raw(std::string(1, static_cast<char>(bytes.size())))
      .raw(bytes)
      .raw("\x86R");
}

TEST(Pickle, ReadsNumpyNumbers) {
  EXPECT_EQ(readPickle(numpyScalar("i2", "<", littleEndian(std::int16_t{-7})).finish()).integer(),
            -7);
  EXPECT_EQ(readPickle(numpyScalar("f8", "<", littleEndian(0.25)).finish()).number(), 0.25);
  EXPECT_EQ(readPickle(numpyScalar("f4", "<", littleEndian(0.5f)).finish()).number(), 0.5);
  EXPECT_EQ(readPickle(numpyScalar("b1", "|", "\x01").finish()).boolean(), true);
}

TEST(Pickle, RefusesNumpyNumbersOfWrongOrderOrLength) {
  EXPECT_EQ(codeOf(numpyScalar("f8", ">", littleEndian(0.25)).finish()), "PICKLE_DAMAGED");
  EXPECT_EQ(codeOf(numpyScalar("f8", "<", "abc").finish()), "PICKLE_DAMAGED");
}

TEST(Pickle, UnknownNumpyTypeIsOpaqueAndNamed) {
  const PickleValue value = readPickle(numpyScalar("M8", "<", littleEndian(0.25)).finish());
  EXPECT_EQ(value.kind(), PickleKind::Opaque);
  EXPECT_EQ(value.name(), "numpy.core.multiarray.scalar");
}

TEST(Pickle, CommandToRunIsRefusedByName) {
  const std::pair<std::string, std::string> calls[] = {
      {"posix", "system"},
      {"os", "system"},
      {"builtins", "eval"},
      {"builtins", "getattr"},
      {"nt", "system"},
      {"subprocess", "Popen"},
      {"runpy", "_run_code"},
      {"webbrowser", "open"},
      {"torch.hub", "load"},
      {"numpy.testing._private.utils", "runstring"},
      {"torch.serialization", "load"},
      {"importlib", "import_module"},
      {"operator", "attrgetter"},
      {"pickle", "loads"},
      {"functools", "partial"},
      {"copyreg", "_reconstructor"}};
  for (const auto& [module, name] : calls) {
    const std::string bytes = PickleBuilder()
                                  .global(module, name)
                                  .mark()
                                  .text("touch /tmp/harm")
                                  .tuple()
                                  .raw("R")
                                  .finish();
    EXPECT_EQ(codeOf(bytes), "PICKLE_FORBIDDEN") << module;
    EXPECT_THAT(messageOf(bytes), HasSubstr(module + "." + name));
    EXPECT_THAT(messageOf(bytes), HasSubstr("never runs code"));
  }
}

TEST(Pickle, NameBuiltOnTheStackIsRefusedToo) {
  const std::string bytes =
      PickleBuilder(4).text("posix").text("system").raw("\x93").text("x").raw("\x85R").finish();
  EXPECT_EQ(codeOf(bytes), "PICKLE_FORBIDDEN");
}

TEST(Pickle, InstructionsThatImportOrCallInOtherWaysAreRefused) {
  for (const std::string& opcode : {"i"s, "o"s, "\x82"s, "\x83"s, "\x84"s, "P"s, "0"s, "1"s, "2"s,
                                    "\x92"s, "\x97"s, "I"s, "\xff"s})
    EXPECT_EQ(codeOf("\x80\x02N" + opcode + "\x00\x00\x00\x00."s), "PICKLE_OPCODE") << opcode;
}

TEST(Pickle, NestedTorchFileInAValueIsRefused) {
  EXPECT_EQ(codeOf(PickleBuilder().global("torch.storage", "_load_from_bytes").finish()),
            "PICKLE_FORBIDDEN");
}

TEST(Pickle, ObjectThatCanBeSkippedIsOpaque) {
  const std::string bytes = PickleBuilder()
                                .global("transformers.training_args", "TrainingArguments")
                                .raw(")\x81}")
                                .text("lr")
                                .integer(1)
                                .raw("sb")
                                .finish();
  const PickleValue value = readPickle(bytes);
  EXPECT_EQ(value.kind(), PickleKind::Opaque);
  EXPECT_EQ(value.json(), "<transformers.training_args.TrainingArguments>");
  EXPECT_FALSE(value.number());
}

TEST(Pickle, ItemsAreOnlyAddedToContainersOfTheirKind) {
  EXPECT_EQ(codeOf("\x80\x02]K\x01K\x02s."), "PICKLE_DAMAGED");   // dictionary item into a list
  EXPECT_EQ(codeOf("\x80\x02}K\x01"s + "a."), "PICKLE_DAMAGED");  // list item into a dictionary
  EXPECT_EQ(codeOf("\x80\x02K\x01K\x01"s + "a."), "PICKLE_DAMAGED");
  EXPECT_EQ(codeOf("\x80\x02}(K\x01u."), "PICKLE_DAMAGED");  // key without value
}

TEST(Pickle, StackAndMemoAreCheckedBeforeUse) {
  EXPECT_EQ(codeOf("\x80\x02."), "PICKLE_DAMAGED");
  EXPECT_EQ(codeOf("\x80\x02t."), "PICKLE_DAMAGED");
  EXPECT_EQ(codeOf("\x80\x02(K\x01\x86."), "PICKLE_DAMAGED");  // takes more than the mark left
  EXPECT_EQ(codeOf("\x80\x02h\x05."), "PICKLE_DAMAGED");
  EXPECT_EQ(codeOf("\x80\x02q\x00."s), "PICKLE_DAMAGED");
  EXPECT_EQ(codeOf("\x80\x02NN."), "PICKLE_DAMAGED");
  EXPECT_EQ(codeOf("\x80\x02(N."), "PICKLE_DAMAGED");
  EXPECT_EQ(codeOf("\x80\x02NNR."), "PICKLE_DAMAGED");
  EXPECT_EQ(codeOf("\x80\x02NQ."), "PICKLE_DAMAGED");
  EXPECT_EQ(codeOf("\x80\x02NNb."), "PICKLE_DAMAGED");
}

TEST(Pickle, EveryTruncationIsNoticed) {
  const std::string whole = numpyScalar("f8", "<", littleEndian(0.25)).finish();
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_EQ(codeOf(whole.substr(0, length)), "PICKLE_TRUNCATED") << length;
  EXPECT_EQ(codeOf(whole), "no error");
}

TEST(Pickle, BytesAfterTheEndAreRefused) {
  EXPECT_EQ(codeOf("\x80\x02N.N"), "PICKLE_DAMAGED");
}

TEST(Pickle, UnknownProtocolsAreRefused) {
  EXPECT_EQ(codeOf("\x80\x01N."), "PICKLE_DAMAGED");
  EXPECT_EQ(codeOf("\x80\x06N."), "PICKLE_DAMAGED");
}

TEST(Pickle, ValueInsideItselfIsRefused) {
  EXPECT_EQ(codeOf("\x80\x02]q\x00h\x00"s + "a."), "PICKLE_DAMAGED");
}

std::string nested(std::size_t depth) {
  return "\x80\x02" + std::string(depth, '(') + std::string(depth, 't') + ".";
}

TEST(Pickle, NestingIsLimited) {
  EXPECT_EQ(codeOf(nested(limits::pickleDepth)), "no error");
  EXPECT_EQ(codeOf(nested(limits::pickleDepth + 1)), "PICKLE_LIMIT");
}

/// Each list is put into the one before it after that one was put into its own parent.
std::string nestedFromOutside(std::uint32_t depth) {
  const auto memo = [](char opcode, std::uint32_t index) { return opcode + littleEndian(index); };
  std::string bytes = "\x80\x02(]" + memo('r', 0);
  for (std::uint32_t i = 1; i < depth; ++i) bytes += memo('j', i - 1) + "]" + memo('r', i) + "a";
  return bytes + "t.";
}

TEST(Pickle, NestingBuiltFromTheOutsideIsLimitedToo) {
  EXPECT_EQ(codeOf(nestedFromOutside(limits::pickleDepth - 1)), "no error");
  EXPECT_EQ(codeOf(nestedFromOutside(limits::pickleDepth)), "PICKLE_LIMIT");
}

TEST(Pickle, MemoIsLimited) {
  EXPECT_EQ(codeOf("\x80\x02Nr"s + littleEndian(std::uint32_t{1'999'999}) + "."), "no error");
  EXPECT_EQ(codeOf("\x80\x02Nr"s + littleEndian(std::uint32_t{2'000'000}) + "."), "PICKLE_LIMIT");
  EXPECT_EQ(codeOf("\x80\x02Nr\xff\xff\xff\xff."s), "PICKLE_LIMIT");
}

TEST(Pickle, LongIntegersAndTextsAreLimited) {
  EXPECT_EQ(codeOf("\x80\x02\x8a\x10"s + std::string(16, '\1') + "."), "no error");
  EXPECT_EQ(codeOf("\x80\x02\x8a\x11"s + std::string(17, '\1') + "."), "PICKLE_LIMIT");
  EXPECT_EQ(codeOf("\x80\x02\x8b\xff\xff\xff\x7f"s), "PICKLE_TRUNCATED");
  EXPECT_EQ(codeOf("\x80\x02X\xff\xff\xff\xff"s), "PICKLE_LIMIT");
  EXPECT_EQ(codeOf("\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xff"s), "PICKLE_LIMIT");
}

TEST(Pickle, TooManyWaitingValuesAreRefused) {
  EXPECT_EQ(codeOf("\x80\x02" + std::string(limits::pickleStack + 1, 'N')), "PICKLE_LIMIT");
  EXPECT_EQ(codeOf("\x80\x02" + std::string(limits::pickleStack + 1, '(')), "PICKLE_LIMIT");
}

/// A tuple of ten numbers, ten times in a tuple, and so on: few bytes, 10^9 values once unfolded.
TEST(Pickle, SharedValuesAreNotUnfolded) {
  std::string bytes = "\x80\x02(";
  bytes += "(" + std::string(10, 'N') + "tq\x00"s;
  for (char level = 1; level < 9; ++level) {
    bytes += "(";
    for (int i = 0; i < 10; ++i) bytes += {'h', static_cast<char>(level - 1)};
    bytes += {'t', 'q', level};
  }
  const PickleValue value = readPickle(bytes + "t.");
  EXPECT_EQ(value.size(), 9u);
  EXPECT_EQ(errorCode([&] { value.json(); }), "PICKLE_LIMIT");
}

TEST(Pickle, SetsCopiedOverAndOverAreRefused) {
  std::string bytes = "\x80\x02]q\x00("s + std::string(100'000, 'N') + "e";
  bytes += "cbuiltins\nset\nq\x01("s;
  for (int i = 0; i < 1'000; ++i) bytes += "h\x01h\x00\x85R"s;
  EXPECT_EQ(codeOf(bytes + "t."), "PICKLE_LIMIT");
}

TEST(Pickle, InvalidUtf8BecomesValidJson) {
  const PickleValue value = readPickle(PickleBuilder().text("a\xff").finish());
  EXPECT_NO_THROW(value.json().dump());
}

TEST(Pickle, ReadingCanBeStopped) {
  std::stop_source source;
  source.request_stop();
  const std::string bytes = "\x80\x02](" + std::string(100'000, 'N') + "e.";
  EXPECT_THROW(readPickle(bytes, "file", Progress(source.get_token())), Cancelled);
}

}  // namespace
}  // namespace cellocus
