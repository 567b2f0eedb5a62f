// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/vcf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "files.h"
#include "support/shared.h"

namespace cellocus {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::errorCode;
using testing::errorText;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::writeFile;

const std::string header = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";

class VcfTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    m_folder = testing::scratchFolder(std::string("vcf-") + info->name());
  }
  std::shared_ptr<const VcfFile> open(std::string_view content) const {
    return VcfFile::open(writeFile(m_folder / "v.vcf", content));
  }
  std::string codeOf(std::string_view content) const {
    return errorCode([&] { open(content); });
  }
  static std::string line(const std::string& position, const std::string& ref,
                          const std::string& alt) {
    return "chr1\t" + position + "\t.\t" + ref + '\t' + alt + "\t.\t.\t.\n";
  }
  std::vector<Variant> variants(const VcfFile& file) const {
    std::vector<Variant> result;
    for (const VcfRecord& record : file.records) result.push_back(record.variant);
    return result;
  }
  fs::path m_folder;
};

TEST_F(VcfTest, SplitsAndTrimsAlleles) {
  const auto file = open(header + "chr1\t10\trs1;x\tCA\tC,CAA,ta\t30\tPASS\tDP=1\tGT\t0/1\n");
  EXPECT_THAT(variants(*file),
              ElementsAre(Variant{"chr1", 10, "A", ""}, Variant{"chr1", 10, "", "A"},
                          Variant{"chr1", 9, "C", "T"}));
  EXPECT_EQ(file->records[0].id, "rs1;x");
  EXPECT_EQ(file->records[2].line, 3u);
  EXPECT_EQ(file->skipped, 0u);
  EXPECT_THAT(file->remarks, IsEmpty());
}

TEST_F(VcfTest, ReadsCompressedFilesAndWindowsLineEnds) {
  const std::string content = header + line("10", "C", "T");
  EXPECT_EQ(open(testing::gzipped(content))->records.size(), 1u);
  EXPECT_EQ(open(testing::bgzipped(content))->records.size(), 1u);
  const auto windows = open(
      "\xEF\xBB\xBF##fileformat=VCFv4.2\r\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\r\n"
      "chr1\t10\t.\tC\tT\t.\t.\t.\r\n");
  EXPECT_EQ(windows->records.size(), 1u);
  EXPECT_THAT(windows->remarks, IsEmpty());
}

TEST_F(VcfTest, LeavesOutUnsupportedAllelesAndCountsThemByKind) {
  const auto file = open(header + line("10", "C", "T,*,<DEL>") + line("11", "A", ".") +
                         line("12", "A", "A[chr2:5[") + line("13", "A", "a") +
                         line("14", "A", ".T") + line("15", "A", "<INS>"));
  EXPECT_EQ(file->records.size(), 1u);
  EXPECT_EQ(file->skipped, 7u);
  EXPECT_THAT(file->remarks, Contains("7 of 8 alleles were skipped."));
  EXPECT_THAT(file->remarks, Contains(HasSubstr("2 alleles: a symbolic allele, whose sequence is "
                                                "not told, e.g. \"<DEL>\" (lines 3, 8).")));
  EXPECT_THAT(file->remarks, Contains(HasSubstr("1 allele: REF and ALT are the same")));
  EXPECT_THAT(file->remarks, Contains(HasSubstr("2 alleles: a breakend")));
}

TEST_F(VcfTest, SkipsLinesThatMakeNoSenseAndNamesThem) {
  std::string content = header + line("10", "C", "T");
  for (const char* position :
       {"5e3", "12abc", "-5", "0", "99999999999", "", "1.2E+07", "2147483648"})
    content += line(position, "C", "T");
  content += line("10", "C", "Z") + line("10", "", "T") + line("10", "R", "T") +
             "chr1 10 . C T . . .\n" + "\n" + "chr1\t10\t.\tC\n" +
             "chr1\t10\t.\tC\tT\tgood\t.\t.\n" + "#CHROM\n" + "\t10\t.\tC\tT\t.\t.\t.\n";
  const auto file = open(content);
  EXPECT_EQ(file->records.size(), 1u);
  EXPECT_EQ(file->skipped, 17u);
  EXPECT_THAT(file->remarks, Contains("17 of 18 lines were skipped."));
  EXPECT_THAT(
      file->remarks,
      Contains("4 lines: the position is no whole number, e.g. \"5e3\" (lines 4, 5, 9, 10)."));
  EXPECT_THAT(file->remarks,
              Contains(HasSubstr(
                  "the position is not in 1 to 2,147,483,647, e.g. \"-5\" (lines 6, 7, 8, 11)")));
  EXPECT_THAT(file->remarks, Contains(HasSubstr("the line is blank")));
}

TEST_F(VcfTest, RefusesWhatIsNoVcf) {
  EXPECT_EQ(codeOf(""), "VCF_EMPTY");
  EXPECT_EQ(codeOf("chr1\t10\t.\tC\tT\t.\t.\t.\n"), "VCF_NO_HEADER");
  EXPECT_EQ(codeOf("#CHROM\tPOS\tID\tREF\tALT\n"), "VCF_NO_HEADER");
  EXPECT_EQ(codeOf("##fileformat=VCFv3.2\n"), "VCF_VERSION");
  EXPECT_EQ(codeOf("##fileformat=VCFv4.2\n#CHROM\tPOSITION\tID\tREF\tALT\n"), "VCF_COLUMNS");
  EXPECT_EQ(codeOf("##fileformat=VCFv4.2\n#CHROM POS ID REF ALT\n"), "VCF_SPACES");
  EXPECT_EQ(codeOf(header + "chr1 10 . C T . . .\n"), "VCF_SPACES");
  EXPECT_EQ(codeOf(header + line("x", "C", "T")), "VCF_NO_RECORDS");
  EXPECT_EQ(codeOf("<html></html>"), "VCF_FORMAT");
  EXPECT_EQ(codeOf(testing::bgzipped("BCF\x02\x02")), "VCF_FORMAT");
  EXPECT_EQ(codeOf(std::string_view("\xFF\xFE#\0#\0", 6)), "VCF_FORMAT");
  EXPECT_EQ(codeOf(header + line("10", std::string((16u << 20) + 1, 'A'), "T")),
            "VCF_LINE_TOO_LONG");
  const std::string blocks = testing::bgzipped(header + line("10", "C", "T"));
  EXPECT_EQ(codeOf(std::string_view(blocks).substr(0, blocks.size() - 28)), "VCF_TRUNCATED");
}

TEST_F(VcfTest, AHeaderWithoutDataIsAnEmptyVcf) {
  EXPECT_THAT(open(header)->records, IsEmpty());
}

TEST_F(VcfTest, BecomesAHaplotypeOfTheGenome) {
  const auto genome = testing::genomeOf("vcf-genome", {{"chr1", "ACGTACGTAC"}});
  const auto file =
      open(header + "1\t5\t.\tA\tG\t.\t.\t.\n1\t2\t.\tC\tCTT\t.\t.\t.\n1\t5\t.\tA\tG\t.\t.\t.\n");
  EXPECT_EQ(haplotypeFrom(*file, *genome).sequence(*genome, {"chr1", 0, 10}), "ACTTGTGCGTAC");
}

TEST_F(VcfTest, NamesTheLineThatDoesNotFitTheGenome) {
  const auto genome = testing::genomeOf("vcf-mismatch", {{"chr1", "ACGTACGTAC"}});
  const auto text = [&](const std::string& content) {
    return errorText([&] { haplotypeFrom(*open(content), *genome); });
  };
  const auto code = [&](const std::string& content) {
    return errorCode([&] { haplotypeFrom(*open(content), *genome); });
  };
  EXPECT_EQ(code(header + line("2", "C", "T") + line("5", "C", "T")), "REF_MISMATCH");
  EXPECT_THAT(text(header + line("2", "C", "T") + line("5", "C", "T")), HasSubstr("line 4"));
  EXPECT_EQ(code(header + "chr7\t2\t.\tC\tT\t.\t.\t.\n"), "CONTIG_UNKNOWN");
  EXPECT_EQ(code(header + line("11", "C", "T")), "EDIT_OUTSIDE");
  EXPECT_THAT(
      text("##fileformat=VCFv4.2\n##contig=<ID=1,length=249250621>\n#CHROM\tPOS\tID\tREF\tALT\n" +
           line("5", "C", "T")),
      HasSubstr("says that 1 has 249,250,621 bases (GRCh37); in this genome it has 10."));
  EXPECT_EQ(code(header + line("2", "C", "T,G")), "VCF_CONFLICT");
  EXPECT_EQ(code(header + line("2", "CGT", "C") + line("3", "G", "A")), "VCF_CONFLICT");
  EXPECT_EQ(code(header + line("2", "C", "CA,CG")), "VCF_CONFLICT");
}

TEST_F(VcfTest, IsWrittenWithPaddingBases) {
  const auto genome = testing::genomeOf("vcf-write", {{"chr1", "ACGTACGTAC"}, {"chr2", "GGG"}});
  Haplotype haplotype;
  for (const Variant& variant : std::vector<Variant>{{"chr1", 0, "A", ""},
                                                     {"chr1", 4, "", "TT"},
                                                     {"chr1", 6, "GT", ""},
                                                     {"chr1", 9, "C", "GA"},
                                                     {"chr2", 0, "", "A"}})
    haplotype = haplotype.with(variant, *genome);
  const std::string text = vcfText(haplotype, *genome, {"source=Cellocus", "##model=none"});
  EXPECT_TRUE(text.starts_with(
      "##fileformat=VCFv4.3\n##source=Cellocus\n##model=none\n##reference=file:///"));
  EXPECT_THAT(text, HasSubstr("##contig=<ID=chr2,length=3>\n"));
  EXPECT_THAT(text, HasSubstr("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
                              "chr1\t1\t.\tAC\tC\t.\t.\t.\n"
                              "chr1\t4\t.\tT\tTTT\t.\t.\t.\n"
                              "chr1\t6\t.\tCGT\tC\t.\t.\t.\n"
                              "chr1\t10\t.\tC\tGA\t.\t.\t.\n"
                              "chr2\t1\t.\tG\tAG\t.\t.\t.\n"));
  const Haplotype gone = Haplotype().with({"chr2", 0, "GGG", ""}, *genome);
  EXPECT_EQ(errorCode([&] { vcfText(gone, *genome); }), "VCF_WHOLE_CONTIG");
}

TEST_F(VcfTest, MergesTwoChangesThatWouldShareTheirPaddingBase) {
  const auto genome = testing::genomeOf("vcf-padding", {{"chr1", "ACGT"}});
  const Haplotype haplotype =
      Haplotype().with({"chr1", 0, "", "TT"}, *genome).with({"chr1", 1, "", "GA"}, *genome);
  const std::string text = vcfText(haplotype, *genome);
  EXPECT_THAT(text, HasSubstr("\nchr1\t1\t.\tA\tTTAGA\t.\t.\t.\n"));
  EXPECT_EQ(haplotypeFrom(*open(text), *genome).sequence(*genome, {"chr1", 0, 4}), "TTAGACGT");
}

/// Applies the lines of a VCF to a sequence as another program would: from the last line to the
/// first.
std::string applied(const std::string& text, std::string bases) {
  std::vector<std::vector<std::string>> lines;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto end = text.find('\n', at);
    std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line[0] == '#') continue;
    std::vector<std::string> fields(1);
    for (const char c : line)
      if (c == '\t')
        fields.emplace_back();
      else
        fields.back() += c;
    lines.push_back(fields);
  }
  std::size_t limit = bases.size();
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    const std::size_t start = std::stoul((*line)[1]) - 1;
    const std::string& ref = (*line)[3];
    EXPECT_EQ(bases.substr(start, ref.size()), ref);
    EXPECT_LE(start + ref.size(), limit) << "records overlap";
    limit = start;
    bases.replace(start, ref.size(), (*line)[4]);
  }
  return bases;
}

TEST_F(VcfTest, AppliedToTheReferenceGivesTheEditedSequence) {
  testing::Random random(31);
  const std::string bases = random.bases(200, "ACGTAA");
  const auto genome = testing::genomeOf("vcf-roundtrip", {{"chr1", bases}});
  for (int round = 0; round < 300; ++round) {
    Haplotype haplotype;
    const std::int64_t edits = 1 + random.below(25);
    for (std::int64_t i = 0; i < edits; ++i) {
      const std::int64_t start = random.below(4) ? random.below(201) : random.below(3);
      const std::string ref =
          bases.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(random.below(5)));
      haplotype = haplotype.with({"chr1", start, ref, random.bases(random.below(5))}, *genome);
    }
    const std::string edited = haplotype.sequence(*genome, {"chr1", 0, 200});
    const std::string text = vcfText(haplotype, *genome);
    ASSERT_EQ(applied(text, bases), edited);
    const Haplotype again = haplotypeFrom(*open(text), *genome);
    ASSERT_EQ(again.sequence(*genome, {"chr1", 0, 200}), edited);
    const std::vector<Variant> all = haplotype.variants();
    for (const Variant& variant : all) haplotype = haplotype.without(variant);
    EXPECT_TRUE(haplotype.isReference());
  }
}

TEST_F(VcfTest, SurvivesAnyChangedByte) {
  testing::Random random(37);
  const std::string content =
      header + line("10", "C", "T") + line("11", "CA", "C,<DEL>") + line("12", "G", "*");
  for (int i = 0; i < 300; ++i) {
    std::string changed = content;
    for (int n = 0; n < 2; ++n)
      changed[static_cast<std::size_t>(random.below(std::ssize(changed)))] =
          static_cast<char>(random.below(256));
    try {
      open(changed);
    } catch (const Error& error) {
      EXPECT_TRUE(error.code().starts_with("VCF_")) << error.what();
    }
  }
}

TEST_F(VcfTest, OfBaskervilleHasNoColumnNamesAndSevenColumns) {
  CELLOCUS_NEEDS_SHARED("data/variants/baskerville_eqtl.vcf");
  const auto file = VcfFile::open(testing::sharedPath("data/variants/baskerville_eqtl.vcf"));
  EXPECT_EQ(file->records.size(), 8u);
  EXPECT_EQ(file->records[0].id, "chr1_14677_G_A_b38");
  EXPECT_EQ(file->skipped, 0u);
  EXPECT_THAT(file->remarks, Contains(HasSubstr("#CHROM")));
}

TEST_F(VcfTest, OfEnsemblOpensAndUsesOtherContigNames) {
  CELLOCUS_NEEDS_SHARED("data/variants/vep_example_homo_sapiens_GRCh38.vcf");
  const auto file =
      VcfFile::open(testing::sharedPath("data/variants/vep_example_homo_sapiens_GRCh38.vcf"));
  EXPECT_GT(file->records.size(), 100u);
  EXPECT_EQ(file->skipped, 0u);
  EXPECT_EQ(file->records[0].variant, (Variant{"22", 17'181'902, "A", "G"}));
}

}  // namespace
}  // namespace cellocus
