// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/weights/torchbuilder.h"
#include "support/shared.h"
#include "weights/checkpoint.h"

namespace cellocus {
namespace {

using namespace testing;
using namespace std::string_literals;
using ::testing::HasSubstr;

const std::vector<float> sixFloats = {1, 2, 3, 4, 5, 6};

TensorRecipe recipe(Shape shape, Shape strides, std::int64_t offset = 0) {
  return {.name = "w",
          .shape = std::move(shape),
          .strides = std::move(strides),
          .offset = offset,
          .storageCount = 6};
}

std::vector<ZipEntry> entriesOf(const std::vector<TensorRecipe>& tensors) {
  return torchEntries(stateDictPickle(tensors), sixFloats);
}

std::string fileOf(const TensorRecipe& tensor) {
  return zipArchive(entriesOf({tensor}));
}

std::shared_ptr<const Checkpoint> opened(const std::string& bytes) {
  return Checkpoint::open(writeFile("model.pt", bytes));
}

std::vector<std::string> namesIn(const std::string& bytes) {
  const auto file = opened(bytes);
  std::vector<std::string> names;
  for (const TensorInfo& tensor : file->tensors()) names.push_back(tensor.name);
  return names;
}

/// What the Error says that opening these bytes gives.
std::string messageOf(const std::string& bytes) {
  try {
    opened(bytes);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(TorchFile, ReadsTensorsAsViewsIntoAStorage) {
  EXPECT_EQ(opened(fileOf(recipe({2, 3}, {3, 1})))->read("w", {2, 3}), sixFloats);
  EXPECT_EQ(opened(fileOf(recipe({3, 2}, {1, 3})))->read("w"),
            (std::vector<float>{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(opened(fileOf(recipe({2}, {2}, 3)))->read("w"), (std::vector<float>{4, 6}));
  EXPECT_EQ(opened(fileOf(recipe({2, 2}, {0, 1}, 4)))->read("w"), (std::vector<float>{5, 6, 5, 6}));
  EXPECT_EQ(opened(fileOf(recipe({}, {}, 5)))->read("w", Shape{}), std::vector<float>{6});
  EXPECT_TRUE(opened(fileOf(recipe({2, 0}, {9, 9}, 3)))->read("w", {2, 0}).empty());
}

TEST(TorchFile, ReadsRowsOfViews) {
  EXPECT_EQ(opened(fileOf(recipe({3, 2}, {2, 1})))->readRows("w", 1, 3),
            (std::vector<float>{3, 4, 5, 6}));
  EXPECT_EQ(opened(fileOf(recipe({3, 2}, {1, 3})))->readRows("w", 1, 2),
            (std::vector<float>{2, 5}));
  EXPECT_TRUE(opened(fileOf(recipe({3, 2}, {1, 3})))->readRows("w", 2, 2).empty());
  const auto file = opened(fileOf(recipe({3, 2}, {2, 1})));
  EXPECT_EQ(errorCode([&] { file->readRows("w", 2, 4); }), "TENSOR_ROWS");
  EXPECT_EQ(errorCode([&] { file->readRows("w", -1, 2); }), "TENSOR_ROWS");
}

TEST(TorchFile, ViewThatLeavesItsStorageIsRefused) {
  EXPECT_EQ(codeOfReading(fileOf(recipe({7}, {1}))), "TENSOR_BOUNDS");
  EXPECT_EQ(codeOfReading(fileOf(recipe({6}, {1}, 1))), "TENSOR_BOUNDS");
  EXPECT_EQ(codeOfReading(fileOf(recipe({2}, {6}))), "TENSOR_BOUNDS");
  EXPECT_EQ(codeOfReading(fileOf(recipe({1}, {1}, -1))), "TENSOR_BOUNDS");
  EXPECT_EQ(codeOfReading(fileOf(recipe({2}, {-1}, 3))), "TENSOR_BOUNDS");
  EXPECT_EQ(codeOfReading(fileOf(recipe({-2}, {1}))), "TENSOR_BOUNDS");
  EXPECT_EQ(codeOfReading(fileOf(recipe({2}, {INT64_MAX}, 5))), "NUMBER_OVERFLOW");
  EXPECT_EQ(codeOfReading(fileOf(recipe({1LL << 32, 1LL << 32}, {0, 0}))), "NUMBER_OVERFLOW");
  EXPECT_EQ(codeOfReading(fileOf(recipe({1LL << 39}, {0}))),
            "TENSOR_BOUNDS");  // 2 TB out of 4 bytes
  EXPECT_EQ(codeOfReading(fileOf(recipe({2}, {1, 1}))), "PICKLE_DAMAGED");
  EXPECT_EQ(codeOfReading(fileOf(recipe({1, 1, 1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1}))),
            "PICKLE_DAMAGED");
}

TEST(TorchFile, StorageHasToHaveTheSizeItClaims) {
  TensorRecipe tensor = recipe({6}, {1});
  tensor.storageCount = 480;  // PyTorch 1.13 reads this and hands out what lies behind
  EXPECT_EQ(codeOfReading(fileOf(tensor)), "TENSOR_STORAGE");
  tensor.storageCount = -1;
  EXPECT_EQ(codeOfReading(fileOf(tensor)), "TENSOR_BOUNDS");
  tensor.storageCount = INT64_MAX;
  EXPECT_EQ(codeOfReading(fileOf(tensor)), "NUMBER_OVERFLOW");
  tensor = recipe({6}, {1});
  tensor.storageType = "DoubleStorage";
  EXPECT_EQ(codeOfReading(fileOf(tensor)), "TENSOR_STORAGE");
  tensor = recipe({6}, {1});
  tensor.key = "1";
  EXPECT_EQ(codeOfReading(fileOf(tensor)), "TENSOR_STORAGE");
  tensor.key = "../version";
  EXPECT_EQ(codeOfReading(fileOf(tensor)), "TENSOR_STORAGE");
}

TEST(TorchFile, StorageDescribedInTwoWaysIsRefused) {
  TensorRecipe other = recipe({3}, {1});
  other.name = "v";
  other.storageType = "DoubleStorage";
  other.storageCount = 3;
  EXPECT_EQ(codeOfReading(zipArchive(entriesOf({recipe({6}, {1}), other}))), "TENSOR_STORAGE");
}

TEST(TorchFile, FlippedBitIsNoticedByTheChecksum) {
  for (const TensorRecipe& tensor : {recipe({6}, {1}), recipe({2}, {1}), recipe({3, 2}, {1, 3})}) {
    std::string bytes = fileOf(tensor);
    EXPECT_EQ(codeOfReading(bytes), "no error");
    bytes[bytes.find(floatBytes(sixFloats)) + 9] ^= 1;
    EXPECT_EQ(codeOfReading(bytes), "ZIP_CHECKSUM");
    const auto file = opened(bytes);
    EXPECT_EQ(errorCode([&] { file->readRows("w", 0, 1); }), "ZIP_CHECKSUM");
  }
}

TEST(TorchFile, FlippedBitInThePickleIsNoticed) {
  std::string bytes = fileOf(recipe({6}, {1}));
  bytes[bytes.find("_rebuild_tensor_v2")] ^= 1;
  EXPECT_EQ(codeOfReading(bytes), "ZIP_CHECKSUM");
}

TEST(TorchFile, NothingButTheTableIsReadOnOpening) {
  std::string bytes = fileOf(recipe({6}, {1}));
  bytes[bytes.find(floatBytes(sixFloats))] ^= 1;
  EXPECT_NO_THROW(opened(bytes));
}

TEST(TorchFile, CompressedAndLargeArchivesAreReadToo) {
  std::vector<ZipEntry> entries = entriesOf({recipe({3, 2}, {1, 3})});
  EXPECT_EQ(opened(zipArchive(entries, ZipSizes::Zip64))->read("w"),
            (std::vector<float>{1, 4, 2, 5, 3, 6}));
  for (ZipEntry& entry : entries) entry.deflated = true;
  const auto file = opened(zipArchive(entries));
  EXPECT_EQ(file->read("w"), (std::vector<float>{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(file->readRows("w", 2, 3), (std::vector<float>{3, 6}));
}

TEST(TorchFile, DamageInACompressedRecordIsNoticed) {
  std::vector<ZipEntry> entries = entriesOf({recipe({6}, {1})});
  entries[1].deflated = true;
  entries[1].checksum = 12345;
  EXPECT_EQ(codeOfReading(zipArchive(entries)), "ZIP_CHECKSUM");
  entries = torchEntries(stateDictPickle({recipe({3}, {1})}), {1, 2, 3});
  entries[1].deflated = true;
  entries[1].bytes = 24;  // unpacks to 12
  EXPECT_EQ(codeOfReading(zipArchive(entries)), "ZIP_CHECKSUM");
}

TEST(TorchFile, UnbelievableCompressionIsRefused) {
  std::vector<ZipEntry> entries = entriesOf({recipe({6}, {1})});
  entries[1].deflated = true;
  entries[1].bytes = 0x7fffffff;
  EXPECT_EQ(codeOfReading(zipArchive(entries)), "ZIP_REFUSED");
}

TEST(TorchFile, EveryTruncationOfTheArchiveIsNoticed) {
  const std::string bytes = fileOf(recipe({6}, {1}));
  for (std::size_t length = 4; length < bytes.size(); length += 3)
    EXPECT_EQ(codeOfReading(bytes.substr(0, length)), "ZIP_DAMAGED") << length;
}

TEST(TorchFile, ForeignBytesAroundTheArchiveAreRefused) {
  const std::string bytes = fileOf(recipe({6}, {1}));
  EXPECT_EQ(codeOfReading(bytes + "x"), "ZIP_DAMAGED");
  EXPECT_EQ(codeOfReading("PK\x03\x04" + bytes), "ZIP_DAMAGED");
  EXPECT_EQ(codeOfReading(bytes + bytes), "ZIP_DAMAGED");  // two archives, two directories
}

TEST(TorchFile, ArchivesThatReadersDisagreeAboutAreRefused) {
  const std::vector<ZipEntry> good = entriesOf({recipe({6}, {1})});
  std::vector<ZipEntry> entries = good;
  entries.push_back(good[1]);
  EXPECT_EQ(codeOfReading(zipArchive(entries)), "ZIP_REFUSED");  // a name twice
  entries = good;
  entries[1].encrypted = true;
  EXPECT_EQ(codeOfReading(zipArchive(entries)), "ZIP_REFUSED");
  for (const char* name : {"model/../../x", "/model/x", "model\\x", "model/.."}) {
    entries = good;
    entries.push_back({});
    entries.back().name = name;
    EXPECT_EQ(codeOfReading(zipArchive(entries)), "ZIP_REFUSED") << name;
  }
  entries = good;
  entries[1].localName = "model/data/9";
  EXPECT_EQ(codeOfReading(zipArchive(entries)), "ZIP_DAMAGED");
  entries = good;
  entries[1].bytes = 16;  // stored, but with two sizes
  EXPECT_EQ(codeOfReading(zipArchive(entries)), "ZIP_DAMAGED");
}

TEST(TorchFile, OverlappingRecordsAreRefused) {
  std::string bytes = fileOf(recipe({6}, {1}));
  const std::size_t second = bytes.find("PK\x01\x02", bytes.find("PK\x01\x02") + 1);
  bytes.replace(second + 42, 4, littleEndian(std::uint32_t{0}));
  EXPECT_EQ(codeOfReading(bytes), "ZIP_REFUSED");
}

TEST(TorchFile, OtherZipArchivesAreNamedForWhatTheyAre) {
  std::vector<ZipEntry> entries = entriesOf({recipe({6}, {1})});
  entries.push_back({});
  entries.back().name = "model/constants.pkl";
  EXPECT_EQ(codeOfReading(zipArchive(entries)), "CHECKPOINT_TORCHSCRIPT");
  EXPECT_THAT(messageOf(zipArchive(entries)), HasSubstr("never runs code"));
  entries = entriesOf({recipe({6}, {1})});
  entries[0].name = "model/document.xml";
  EXPECT_EQ(codeOfReading(zipArchive(entries)), "CHECKPOINT_FORMAT");
  entries[0].name = "data.pkl";
  EXPECT_EQ(codeOfReading(zipArchive(entries)), "CHECKPOINT_FORMAT");
  EXPECT_EQ(codeOfReading(zipArchive({})), "CHECKPOINT_FORMAT");
}

TEST(TorchFile, VersionAndByteOrderAreChecked) {
  for (const auto& [content, code] : {std::pair{"1\n", "no error"},
                                      {"10", "no error"},
                                      {"11", "CHECKPOINT_VERSION"},
                                      {"0", "CHECKPOINT_VERSION"},
                                      {"x", "CHECKPOINT_VERSION"}}) {
    std::vector<ZipEntry> entries = entriesOf({recipe({6}, {1})});
    entries[2].content = content;
    EXPECT_EQ(codeOfReading(zipArchive(entries)), code) << content;
  }
  for (const auto& [order, code] :
       {std::pair{"little", "no error"}, {"big", "CHECKPOINT_BYTE_ORDER"}}) {
    std::vector<ZipEntry> entries = entriesOf({recipe({6}, {1})});
    entries.push_back({});
    entries.back().name = "model/byteorder";
    entries.back().content = order;
    EXPECT_EQ(codeOfReading(zipArchive(entries)), code) << order;
  }
}

TEST(TorchFile, CommandInAFileIsNotRunAndNamed) {
  const auto canary = scratchFolder("canary") / "harm";
  const std::string pickle = PickleBuilder()
                                 .global("posix", "system")
                                 .mark()
                                 .text("touch " + canary.string())
                                 .tuple()
                                 .raw("R")
                                 .finish();
  const std::string bytes = zipArchive(torchEntries(pickle, sixFloats));
  EXPECT_EQ(codeOfReading(bytes), "PICKLE_FORBIDDEN");
  EXPECT_THAT(messageOf(bytes), HasSubstr("posix.system"));
  EXPECT_FALSE(std::filesystem::exists(canary));
}

/// A dictionary with one tensor under each of these names, put at `key` of another one unless that
/// is empty.
std::string wrapped(const std::string& key, const std::vector<std::string>& names) {
  PickleBuilder pickle;
  if (!key.empty()) pickle.raw("}").text("epoch").integer(3).raw("s").text(key);
  pickle.raw("}");
  for (const std::string& name : names) {
    TensorRecipe tensor = recipe({6}, {1});
    pickle.text(name);
    addTensor(pickle, tensor);
    pickle.raw("s");
  }
  if (!key.empty()) pickle.raw("s");
  return zipArchive(torchEntries(pickle.finish(), sixFloats));
}

TEST(StateDict, IsFoundUnderTheUsualKeys) {
  for (const char* key : {"state_dict", "model", "model_state_dict", "module", "ema"}) {
    EXPECT_EQ(namesIn(wrapped(key, {"a", "b"})), (std::vector<std::string>{"a", "b"})) << key;
    EXPECT_EQ(opened(wrapped(key, {"a"}))->metadata(), nlohmann::json({{"epoch", 3}}));
  }
}

TEST(StateDict, PrefixesSharedByAllNamesAreLeftOff) {
  EXPECT_EQ(namesIn(wrapped("", {"module.a", "module.b.c"})),
            (std::vector<std::string>{"a", "b.c"}));
  EXPECT_EQ(namesIn(wrapped("", {"module._orig_mod.a"})), (std::vector<std::string>{"a"}));
  EXPECT_EQ(namesIn(wrapped("state_dict", {"model.a", "model.b"})),
            (std::vector<std::string>{"a", "b"}));
}

TEST(StateDict, PrefixesOfSomeNamesAreKept) {
  const std::vector<std::string> mixed = {"model.a", "head.b"};
  EXPECT_EQ(namesIn(wrapped("", mixed)), mixed);
  const std::vector<std::string> head = {"model_head.0.weight", "model_head.0.bias"};
  EXPECT_EQ(namesIn(wrapped("", head)), head);
}

TEST(StateDict, OneNameTwiceIsRefused) {
  EXPECT_EQ(codeOfReading(wrapped("", {"a", "a"})), "TENSOR_DUPLICATE");
}

TEST(StateDict, ObjectInPlaceOfATensorIsRefusedByItsNameWhenNeeded) {
  PickleBuilder pickle;
  pickle.raw("}").text("a");
  addTensor(pickle, recipe({6}, {1}));
  pickle.raw("s").text("b").global("omegaconf.listconfig", "ListConfig").raw(")\x81s");
  const auto file = opened(zipArchive(torchEntries(pickle.finish(), sixFloats)));
  EXPECT_EQ(file->read("a"), sixFloats);
  try {
    file->read("b");
    ADD_FAILURE() << "read an object as a tensor";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "TENSOR_OPAQUE");
    EXPECT_THAT(error.what(), HasSubstr("omegaconf.listconfig.ListConfig"));
  }
}

TEST(StateDict, FileWithoutWeightsSaysWhatItHolds) {
  const std::string pickle = PickleBuilder().raw("}").text("optimizer").raw("}s").finish();
  const std::string bytes = zipArchive(torchEntries(pickle, sixFloats));
  EXPECT_EQ(codeOfReading(bytes), "CHECKPOINT_NO_TENSORS");
  EXPECT_THAT(messageOf(bytes), HasSubstr("optimizer"));
}

std::string legacyOf(const TensorRecipe& tensor) {
  return legacyFile(stateDictPickle({tensor}, true), sixFloats);
}

TEST(TorchLegacy, ReadsTensorsAsViewsIntoAStorage) {
  const auto file = opened(legacyOf(recipe({3, 2}, {1, 3})));
  EXPECT_EQ(file->format(), "PyTorch legacy");
  EXPECT_EQ(file->read("w", {3, 2}), (std::vector<float>{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(file->readRows("w", 1, 2), (std::vector<float>{2, 5}));
}

TEST(TorchLegacy, EveryTruncationIsNoticed) {
  const std::string bytes = legacyOf(recipe({6}, {1}));
  for (std::size_t length = 1; length < bytes.size(); ++length) {
    const std::string code = codeOfReading(bytes.substr(0, length));
    EXPECT_TRUE(code == "PICKLE_TRUNCATED" || code == "FILE_TRUNCATED") << length << " " << code;
  }
}

TEST(TorchLegacy, LiesAreNoticed) {
  EXPECT_EQ(codeOfReading(legacyOf(recipe({7}, {1}))), "TENSOR_BOUNDS");
  EXPECT_EQ(codeOfReading(legacyOf(recipe({6}, {1})) + "x"), "TENSOR_STORAGE");
  TensorRecipe larger = recipe({6}, {1});
  larger.storageCount = 7;
  EXPECT_EQ(codeOfReading(legacyOf(larger)), "TENSOR_STORAGE");
  TensorRecipe other = recipe({6}, {1});
  other.key = "1";
  EXPECT_EQ(codeOfReading(legacyOf(other)), "TENSOR_STORAGE");
  std::string negative = legacyOf(recipe({6}, {1}));
  negative.replace(negative.size() - 32, 8, littleEndian(std::int64_t{-6}));
  EXPECT_EQ(codeOfReading(negative), "TENSOR_STORAGE");
  std::string huge = legacyOf(recipe({6}, {1}));
  huge.replace(huge.size() - 32, 8, littleEndian(INT64_MAX));
  EXPECT_EQ(codeOfReading(huge), "NUMBER_OVERFLOW");
  huge.replace(huge.size() - 32, 8, littleEndian(std::int64_t{7}));
  EXPECT_EQ(codeOfReading(huge), "FILE_TRUNCATED");
}

TEST(TorchLegacy, OtherPicklesAreNamedForWhatTheyAre) {
  EXPECT_EQ(codeOfReading(PickleBuilder().raw("}").finish()), "CHECKPOINT_FORMAT");
  EXPECT_EQ(codeOfReading(PickleBuilder().global("posix", "system").finish()), "PICKLE_FORBIDDEN");
}

TEST(Checkpoint, FilesThatAreNoWeightsAreNamedForWhatTheyAre) {
  const std::pair<std::string, std::string> files[] = {
      {"", "empty"},
      {"version https://git-lfs.github.com/spec/v1\n", "Git LFS"},
      {"\x89HDF\r\n\x1a\n", "HDF5"},
      {"<!DOCTYPE html>", "web page"},
      {"{\"dim\": 1536}", "JSON"},
      {"ACGT", "first bytes"}};
  for (const auto& [bytes, what] : files) {
    EXPECT_EQ(codeOfReading(bytes), "CHECKPOINT_FORMAT") << what;
    EXPECT_THAT(messageOf(bytes), HasSubstr(what));
  }
}

TEST(Checkpoint, TarOfTheFirstPyTorchIsRefusedWithAdvice) {
  std::string bytes = "storages" + std::string(1016, '\0');
  bytes.replace(257, 5, "ustar");
  EXPECT_EQ(codeOfReading(bytes), "CHECKPOINT_TAR");
}

TEST(Checkpoint, MissingFileAndFolderAreRefused) {
  EXPECT_EQ(errorCode([] { Checkpoint::open(scratchFolder("empty") / "none.pt"); }),
            "FILE_MISSING");
  EXPECT_EQ(errorCode([] { Checkpoint::open(scratchFolder("empty")); }), "FILE_NOT_REGULAR");
}

TEST(Checkpoint, ReadingCanBeStopped) {
  const auto file = opened(fileOf(recipe({6}, {1})));
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(file->read("w", Progress(source.get_token())), Cancelled);
}

}  // namespace
}  // namespace cellocus
