// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/variantlist.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "support/shared.h"

namespace cellocus {

namespace {

std::filesystem::path written(const std::string& name, const std::string& text) {
  const auto path = testing::scratchFolder("variantlist") / name;
  std::ofstream(path) << text;
  return path;
}

std::string codeOf(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  return {};
}

}  // namespace

TEST(VariantList, TablesHaveSixColumnsWithoutAHeader) {
  const auto path = written("v.tsv",
                            "rs1\tchr1\t101\tg\tC\tENSG00000000001.2\n"
                            "rs2\tchr1\t200\ta\t.\tENSG00000000001.2\n"
                            "rs3\tchr1\t300\tA\tT\n");
  const VariantList list = readVariantTable(path, PositionBase::One);
  ASSERT_EQ(list.variants.size(), 3u);
  EXPECT_EQ(list.variants[0].variant, (Variant{"chr1", 100, "g", "C"}));
  EXPECT_EQ(list.variants[0].geneId, "ENSG00000000001.2");
  EXPECT_EQ(list.variants[1].variant.alt, "");
  EXPECT_TRUE(list.variants[2].geneId.empty());
  EXPECT_EQ(readVariantTable(path, PositionBase::Zero).variants[0].variant.start, 101);
}

TEST(VariantList, LinesThatMakeNoSenseStayWithTheirFault) {
  const VariantList list = readVariantTable(
      written("v.tsv",
              "a\tchr1\t5e3\tA\tC\tG\nb\tchr1\nc\tchr1\t0\tA\tC\tG\nd\tchr1\t7\tA\tZ\tG\n"
              "e\tchr1\t7\tA\tC\tG\n"),
      PositionBase::One);
  ASSERT_EQ(list.variants.size(), 5u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_FALSE(list.variants[i].fault.empty()) << i;
  EXPECT_NE(list.variants[0].fault.find("5e3"), std::string::npos);
  EXPECT_TRUE(list.variants[4].fault.empty());
  EXPECT_EQ(list.variants[4].line, 5u);
}

TEST(VariantList, EmptyFilesAndVcfsAreNoTables) {
  EXPECT_NE(codeOf([] { readVariantTable(written("e.tsv", ""), PositionBase::One); }), "");
  EXPECT_EQ(codeOf([] { readVariantTable(written("e.tsv", "\n\n"), PositionBase::One); }),
            "VARIANTS_EMPTY");
  EXPECT_EQ(codeOf([] {
              readVariantTable(written("e.tsv", "##fileformat=VCFv4.2\n"), PositionBase::One);
            }),
            "VARIANTS_FORMAT");
}

TEST(VariantList, EveryAlleleOfAVcfIsListed) {
  const VariantList list =
      readVariantVcf(written("v.vcf",
                             "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
                             "chr1\t101\trs1\tA\tC,<DEL>,AT\t.\t.\t.\n"
                             "chr1\tx\t.\tA\tC\t.\t.\t.\n"
                             "chr1\t7\t.\tA\tG\t.\t.\t.\n"));
  ASSERT_EQ(list.variants.size(), 5u);
  EXPECT_EQ(list.variants[0].variant, (Variant{"chr1", 100, "A", "C"}));
  EXPECT_EQ(list.variants[0].id, "rs1");
  EXPECT_NE(list.variants[1].fault.find("<DEL>"), std::string::npos);
  EXPECT_EQ(list.variants[2].variant.alt, "AT");
  EXPECT_NE(list.variants[3].fault.find("whole number"), std::string::npos);
  EXPECT_EQ(list.variants[4].id, "chr1:7 A>G");
}

}  // namespace cellocus
