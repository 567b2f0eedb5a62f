// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <random>

#include "core/weights/torchbuilder.h"
#include "weights/checkpoint.h"
#include "weights/pickle.h"

// Small files changed at random, from a fixed seed: each has to give values or an Error, in little
// time and without touching memory that is not its own, which the sanitizers watch.
namespace cellocus {
namespace {

using namespace testing;

constexpr int rounds = 800;

/// Numbers that have broken readers before.
constexpr std::uint64_t awkward[] = {0,
                                     1,
                                     0x7f,
                                     0x80,
                                     0xff,
                                     0x7fff,
                                     0xffff,
                                     0x7fffffff,
                                     0x80000000,
                                     0xffffffff,
                                     0x7fffffffffffffff,
                                     0x8000000000000000,
                                     ~std::uint64_t{0}};

class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : m_random(seed) {}

  std::string operator()(std::string bytes) {
    for (std::size_t change = 1 + below(3); change > 0 && !bytes.empty(); --change) mutate(bytes);
    return bytes;
  }

 private:
  std::size_t below(std::size_t limit) { return m_random() % limit; }

  void mutate(std::string& bytes) {
    const std::size_t at = below(bytes.size());
    switch (below(6)) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        break;
      case 1:
        bytes[at] = static_cast<char>(below(256));
        break;
      case 2:
        bytes.resize(at);
        break;
      case 3:
        bytes.erase(at, 1 + below(8));
        break;
      case 4:
        bytes.insert(at, bytes.substr(below(bytes.size()), 1 + below(16)));
        break;
      default: {
        const std::string number = littleEndian(awkward[below(std::size(awkward))]);
        const std::size_t width = std::size_t{1} << below(4);
        bytes.replace(at, width, number.substr(0, width));
      }
    }
  }

  std::mt19937 m_random;
};

std::vector<float> someFloats() {
  std::vector<float> values(48);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 8;
  return values;
}

std::string somePickle(bool view) {
  TensorRecipe first{
      .name = "a.weight", .shape = {4, 6}, .strides = {6, 1}, .offset = 8, .storageCount = 48};
  TensorRecipe second = first;
  second.name = "a.bias";
  second.shape = {6, 2, 2};
  second.strides = {1, 24, 6};
  return stateDictPickle({first, second}, view);
}

struct Outcomes {
  int values = 0, errors = 0;
};

void readMutated(const std::string& original, std::uint32_t seed, Outcomes& outcomes) {
  ASSERT_EQ(codeOfReading(original), "no error");
  Mutator mutated(seed);
  for (int i = 0; i < rounds; ++i)
    ++(codeOfReading(mutated(original)) == "no error" ? outcomes.values : outcomes.errors);
}

TEST(Mutation, DamagedZipFilesGiveValuesOrErrors) {
  std::vector<ZipEntry> entries = torchEntries(somePickle(false), someFloats());
  Outcomes outcomes;
  readMutated(zipArchive(entries), 1, outcomes);
  entries[1].deflated = true;
  readMutated(zipArchive(entries, ZipSizes::Zip64), 2, outcomes);
  EXPECT_GT(outcomes.errors, outcomes.values);
}

/// With right checksums, so that the damage gets past them to the interpreter.
TEST(Mutation, DamagedPicklesInSoundArchivesGiveValuesOrErrors) {
  Mutator mutated(3);
  int errors = 0;
  for (int i = 0; i < 2 * rounds; ++i)
    errors += codeOfReading(zipArchive(torchEntries(mutated(somePickle(false)), someFloats()))) !=
              "no error";
  EXPECT_GT(errors, rounds);
}

/// Instructions that real dictionaries and settings are made of.
std::string someDictionary() {
  PickleBuilder pickle(4);
  pickle.raw("}\x94").mark().text("ENSG00000136574");
  pickle.global("numpy.core.multiarray", "scalar").global("numpy", "dtype").mark().text("f8");
  pickle.raw("\x89\x88tR\x94").mark().integer(3).text("<").raw("NNN").integer(-1).tuple().raw("b");
  pickle.raw("C\x08").raw(littleEndian(3.25)).raw("\x86R").text("list").raw("](K\x01\x88Ne");
  pickle.text("type").raw("h\x01").text("set").raw("\x8f(K\x02K\x03\x90");
  return pickle.text("dict").global("collections", "OrderedDict").raw(")Ru").finish();
}

TEST(Mutation, DamagedDictionariesGiveValuesOrErrors) {
  const auto code = [](const std::string& bytes) {
    return errorCode([&] { readPickle(bytes).json().dump(); });
  };
  ASSERT_EQ(code(someDictionary()), "no error");
  Mutator mutated(6);
  int errors = 0;
  for (int i = 0; i < 10 * rounds; ++i) errors += code(mutated(someDictionary())) != "no error";
  EXPECT_GT(errors, rounds);
}

TEST(Mutation, DamagedLegacyFilesGiveValuesOrErrors) {
  Outcomes outcomes;
  readMutated(legacyFile(somePickle(true), someFloats()), 4, outcomes);
  EXPECT_GT(outcomes.errors, 0);
}

TEST(Mutation, DamagedSafetensorsGiveValuesOrErrors) {
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[4,6],"data_offsets":[0,96]},)"
      R"("b":{"dtype":"F16","shape":[2,24],"data_offsets":[96,192]}})";
  Outcomes outcomes;
  readMutated(safetensorsFile(header, floatBytes(someFloats())), 5, outcomes);
  EXPECT_GT(outcomes.errors, 0);
}

}  // namespace
}  // namespace cellocus
