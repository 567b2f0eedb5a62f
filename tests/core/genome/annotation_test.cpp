// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/annotation.h"

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
using testing::writeFile;

class AnnotationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    m_folder = testing::scratchFolder(std::string("annotation-") + info->name());
  }
  std::shared_ptr<const Annotation> open(std::string_view content,
                                         const std::string& name = "genes.gtf") const {
    return Annotation::open(writeFile(m_folder / name, content));
  }
  std::string codeOf(std::string_view content) const {
    return errorCode([&] { open(content); });
  }
  std::vector<std::string> symbols(const std::vector<const Gene*>& genes) const {
    std::vector<std::string> result;
    for (const Gene* gene : genes) result.push_back(gene->symbol);
    return result;
  }
  fs::path m_folder;
};

constexpr std::string_view gencode =
    "##description: GENCODE style\n"
    "chr8\tHAVANA\tgene\t101\t900\t.\t+\t.\tgene_id \"ENSG01.4\"; gene_type \"protein_coding\"; "
    "gene_name \"GATA4\"; hgnc_id \"HGNC:4173\";\n"
    "chr8\tHAVANA\ttranscript\t201\t900\t.\t+\t.\tgene_id \"ENSG01.4\"; transcript_id "
    "\"ENST01.2\"; gene_name \"GATA4\"; tag \"basic\"; tag \"MANE_Select\"; tag "
    "\"Ensembl_canonical\";\n"
    "chr8\tHAVANA\texon\t601\t900\t.\t+\t.\tgene_id \"ENSG01.4\"; transcript_id \"ENST01.2\";\n"
    "chr8\tHAVANA\texon\t201\t300\t.\t+\t.\tgene_id \"ENSG01.4\"; transcript_id \"ENST01.2\";\n"
    "chr8\tHAVANA\tCDS\t251\t300\t.\t+\t0\tgene_id \"ENSG01.4\"; transcript_id \"ENST01.2\";\n"
    "chr8\tHAVANA\tCDS\t601\t700\t.\t+\t1\tgene_id \"ENSG01.4\"; transcript_id \"ENST01.2\";\n"
    "chr8\tHAVANA\tstop_codon\t701\t703\t.\t+\t0\tgene_id \"ENSG01.4\"; transcript_id "
    "\"ENST01.2\";\n"
    "chr8\tHAVANA\ttranscript\t101\t500\t.\t+\t.\tgene_id \"ENSG01.4\"; transcript_id "
    "\"ENST02.1\";\n"
    "chr1\tHAVANA\tgene\t1001\t2000\t.\t-\t.\tgene_id \"ENSG02.1\"; gene_type \"lncRNA\"; "
    "gene_name \"NPPA; AS1\";\n";

TEST_F(AnnotationTest, ReadsGencodeGtf) {
  const auto annotation = open(gencode);
  ASSERT_EQ(annotation->genes().size(), 2u);
  EXPECT_TRUE(annotation->remarks().empty());
  EXPECT_EQ(annotation->genes()[0].symbol, "NPPA; AS1");
  const Gene& gene = annotation->genes()[1];
  EXPECT_EQ(gene.id, "ENSG01");
  EXPECT_EQ(gene.symbol, "GATA4");
  EXPECT_EQ(gene.biotype, "protein_coding");
  EXPECT_EQ(gene.locus, (Locus{"chr8", 100, 900}));
  EXPECT_EQ(gene.strand, Strand::Plus);
  ASSERT_EQ(gene.transcripts.size(), 2u);
  const Transcript& transcript = gene.transcripts[0];
  EXPECT_EQ(transcript.id, "ENST01");
  EXPECT_TRUE(transcript.mane);
  EXPECT_TRUE(transcript.canonical);
  EXPECT_THAT(transcript.exons, ElementsAre(Locus{"chr8", 200, 300}, Locus{"chr8", 600, 900}));
  EXPECT_EQ(transcript.codingStart, 250);
  EXPECT_EQ(transcript.codingEnd, 703);
  EXPECT_EQ(gene.transcripts[1].codingStart, -1);
}

TEST_F(AnnotationTest, TheTssIsThatOfTheManeTranscript) {
  const auto annotation = open(gencode);
  EXPECT_EQ(annotation->genes()[1].tss(), 200);
  EXPECT_EQ(annotation->genes()[0].tss(), 1999);
}

TEST_F(AnnotationTest, FindsGenesByAnyOfTheirNames) {
  const auto annotation = open(gencode);
  for (const char* name : {"GATA4", "gata4", " GATA4 ", "ENSG01", "ENSG01.4", "ensg01.99",
                           "ENST01.2", "ENST02", "HGNC:4173"})
    EXPECT_THAT(symbols(annotation->find(name)), ElementsAre("GATA4")) << name;
  EXPECT_TRUE(annotation->find("GATA").empty());
  EXPECT_TRUE(annotation->find("").empty());
}

TEST_F(AnnotationTest, ReadsGzipAndBgzip) {
  EXPECT_EQ(open(testing::gzipped(gencode))->genes().size(), 2u);
  EXPECT_EQ(open(testing::bgzipped(gencode))->genes().size(), 2u);
}

TEST_F(AnnotationTest, NoticesACutDownload) {
  const std::string zipped = testing::gzipped(gencode);
  EXPECT_EQ(codeOf(std::string_view(zipped).substr(0, zipped.size() / 2)), "GTF_TRUNCATED");
  EXPECT_EQ(codeOf(std::string_view(zipped).substr(0, zipped.size() - 3)), "GTF_TRUNCATED");
  const std::string blocks = testing::bgzipped(gencode);
  EXPECT_EQ(codeOf(std::string_view(blocks).substr(0, blocks.size() - 28)), "GTF_TRUNCATED");
  std::string changed = zipped;
  changed[zipped.size() - 6] = static_cast<char>(changed[zipped.size() - 6] + 1);
  EXPECT_EQ(codeOf(changed), "GTF_DAMAGED");
}

TEST_F(AnnotationTest, ReadsWindowsLineEndsAndAByteOrderMark) {
  std::string content;
  for (const char c : gencode) content += c == '\n' ? "\r\n" : std::string(1, c);
  const auto annotation = open("\xEF\xBB\xBF" + content);
  EXPECT_EQ(annotation->genes().size(), 2u);
  EXPECT_TRUE(annotation->remarks().empty());
}

TEST_F(AnnotationTest, SkipsAndCountsLinesThatMakeNoSense) {
  const std::string start = "chr1\tx\tgene\t";
  const std::string end = "\t.\t+\t.\tgene_id \"A\";\n";
  const auto annotation =
      open("chr1\tx\tgene\t1\t9\t.\t+\t.\tgene_id \"GOOD\";\n" + start + "0\t10" + end + start +
           "20\t10" + end + start + "1e3\t10" + end +
           "chr1\tx\tgene\t1\t9\t.\tplus\t.\tgene_id \"A\";\n" +
           "chr1\tx\tgene\t1\t9\t.\t+\t.\tgene_name \"A\";\n" + "chr1 x gene 1 9 . + . gene_id\n" +
           "chr1\tx\tCDS\t1\t9\t.\t+\t7\tgene_id \"A\"; transcript_id \"B\";\n" +
           "chr1\tx\texon\t1\t9\t.\t+\t.\tgene_id \"A\";\n");
  ASSERT_EQ(annotation->genes().size(), 1u);
  EXPECT_EQ(annotation->remarks()[0], "8 of 9 lines were skipped.");
  EXPECT_THAT(annotation->remarks(),
              Contains(HasSubstr("1 line: the start lies after the end (line 3).")));
  EXPECT_EQ(annotation->remarks().size(), 9u);
}

TEST_F(AnnotationTest, RemembersTheFirstFiveNumbersOfEachFault) {
  std::string content(gencode);
  for (int i = 0; i < 7; ++i) content += "chr1\tx\tgene\t9\t1\t.\t+\t.\tgene_id \"A\";\n";
  EXPECT_THAT(open(content)->remarks(), Contains(HasSubstr("(lines 11, 12, 13, 14, 15, \u2026)")));
}

TEST_F(AnnotationTest, RefusesWhatIsNoAnnotation) {
  EXPECT_EQ(codeOf(""), "GTF_EMPTY");
  EXPECT_EQ(codeOf("<html><body>404</body></html>"), "GTF_FORMAT");
  EXPECT_EQ(codeOf(">chr1\nACGT\n"), "GTF_FORMAT");
  EXPECT_EQ(codeOf("##fileformat=VCFv4.2\n"), "GTF_FORMAT");
  EXPECT_EQ(codeOf("a,b,c\n1,2,3\n4,5,6\n7,8,9\n"), "GTF_FORMAT");
  EXPECT_EQ(codeOf("chr1 x gene 1 9 . + . gene_id \"A\";\n"), "GTF_SPACES");
  EXPECT_EQ(codeOf("# only a comment\n"), "GTF_NO_GENES");
  EXPECT_EQ(codeOf("chr1\tx\tgene\t9\t1\t.\t+\t.\tgene_id \"A\";\n"), "GTF_NO_GENES");
  EXPECT_EQ(codeOf(std::string_view("chr1\tx\0gene\n", 12)), "GTF_FORMAT");
  EXPECT_EQ(codeOf("chr1\tx\rchr1\tx\r"), "GTF_LINE_ENDS");
  EXPECT_EQ(codeOf(std::string((1u << 20) + 1, 'x') + "\n"), "GTF_LINE_TOO_LONG");
  EXPECT_EQ(errorCode([&] { Annotation::open(m_folder / "absent"); }), "FILE_MISSING");
}

TEST_F(AnnotationTest, BuildsGenesWithoutGeneLinesFromTheirParts) {
  const auto annotation = open(
      "chrX\tE\ttranscript\t101\t400\t.\t+\t.\tgene_id \"ENSG5.20\"; transcript_id \"ENST5.5\"; "
      "gene_name \"CD99\";\n"
      "chrX\tE\texon\t101\t200\t.\t+\t.\tgene_id \"ENSG5.20\"; transcript_id \"ENST5.5\"; "
      "gene_name \"CD99\";\n"
      "chrX\tE\texon\t501\t600\t.\t+\t.\tgene_id \"ENSG5.20\"; transcript_id \"ENST6.5\"; "
      "gene_name \"CD99\";\n");
  ASSERT_EQ(annotation->genes().size(), 1u);
  EXPECT_EQ(annotation->genes()[0].locus, (Locus{"chrX", 100, 600}));
  EXPECT_EQ(annotation->genes()[0].symbol, "CD99");
  ASSERT_EQ(annotation->genes()[0].transcripts.size(), 2u);
  EXPECT_EQ(annotation->genes()[0].transcripts[1].locus, (Locus{"chrX", 500, 600}));
}

TEST_F(AnnotationTest, KeepsAGeneOnTwoContigsApart) {
  const auto annotation = open(
      "chrX\tE\tgene\t101\t400\t.\t+\t.\tgene_id \"ENSG5\"; gene_name \"CD99\";\n"
      "chrY\tE\tgene\t101\t400\t.\t+\t.\tgene_id \"ENSG5\"; gene_name \"CD99\";\n"
      "chr1_KI270706v1_random\tE\tgene\t1\t9\t.\t+\t.\tgene_id \"ENSG6\"; gene_name \"CD99\";\n");
  const auto genes = annotation->find("CD99");
  ASSERT_EQ(genes.size(), 3u);
  EXPECT_EQ(genes[0]->locus.contig, "chrX");
  EXPECT_EQ(genes[1]->locus.contig, "chrY");
  EXPECT_EQ(genes[2]->locus.contig, "chr1_KI270706v1_random");
}

TEST_F(AnnotationTest, ReadsEnsemblGff3InAnyOrder) {
  const auto annotation = open(
      "##gff-version 3\n"
      "8\tensembl\texon\t601\t900\t.\t-\t.\tParent=transcript:ENST01;Name=x\n"
      "8\tensembl\tCDS\t650\t700\t.\t-\t0\tID=CDS:P;Parent=transcript:ENST01\n"
      "8\tensembl\tmRNA\t201\t900\t.\t-\t.\tID=transcript:ENST01;Parent=gene:ENSG01;tag=basic,"
      "Ensembl_canonical;transcript_id=ENST01\n"
      "8\tensembl\tfive_prime_UTR\t800\t900\t.\t-\t.\tID=u;Parent=transcript:ENST01\n"
      "8\tensembl\tgene\t201\t900\t.\t-\t.\tID=gene:ENSG01;Name=GATA4;biotype=protein_coding;"
      "description=binding%3B protein;gene_id=ENSG01\n"
      "8\tensembl\tncRNA_gene\t1\t90\t.\t-\t.\tID=gene:ENSG02;biotype=lncRNA;gene_id=ENSG02\n"
      "8\tensembl\tbiological_region\t1\t90\t.\t.\t.\tlogic_name=cpg\n"
      "##FASTA\n>8\nACGT\n");
  ASSERT_EQ(annotation->genes().size(), 2u);
  EXPECT_EQ(annotation->genes()[0].symbol, "ENSG02");
  const Gene& gene = annotation->genes()[1];
  EXPECT_EQ(gene.symbol, "GATA4");
  EXPECT_EQ(gene.description, "binding; protein");
  ASSERT_EQ(gene.transcripts.size(), 1u);
  EXPECT_EQ(gene.transcripts[0].id, "ENST01");
  EXPECT_TRUE(gene.transcripts[0].canonical);
  EXPECT_EQ(gene.transcripts[0].exons.size(), 1u);
  EXPECT_EQ(gene.transcripts[0].codingStart, 649);
  EXPECT_EQ(gene.tss(), 899);
  EXPECT_TRUE(annotation->remarks().empty());
}

TEST_F(AnnotationTest, ReadsRefSeqGff3WithItsNestedTranscripts) {
  const auto annotation = open(
      "##gff-version 3\n"
      "NC_000008.11\tBestRefSeq\tgene\t101\t900\t.\t+\t.\tID=gene-GATA4;Dbxref=GeneID:2626,HGNC:"
      "HGNC:4173;Name=GATA4;gene=GATA4;gene_biotype=protein_coding;gene_synonym=ASD2,TACHD\n"
      "NC_000008.11\tBestRefSeq\tmRNA\t101\t900\t.\t+\t.\tID=rna-NM_1.3;Parent=gene-GATA4;gene="
      "GATA4;tag=MANE Select;transcript_id=NM_1.3\n"
      "NC_000008.11\tBestRefSeq\texon\t101\t900\t.\t+\t.\tID=e;Parent=rna-NM_1.3;gene=GATA4\n"
      "NC_000008.11\tBestRefSeq\tgene\t2001\t2100\t.\t+\t.\tID=gene-MIR1;Name=MIR1;gene=MIR1\n"
      "NC_000008.11\tBestRefSeq\tprimary_transcript\t2001\t2100\t.\t+\t.\tID=rna-NR_1.1;Parent="
      "gene-MIR1;gene=MIR1\n"
      "NC_000008.11\tBestRefSeq\tmiRNA\t2010\t2030\t.\t+\t.\tID=rna-MIR1;Parent=rna-NR_1.1;gene="
      "MIR1\n"
      "NC_000008.11\tBestRefSeq\texon\t2010\t2030\t.\t+\t.\tID=f;Parent=rna-MIR1;gene=MIR1\n"
      "NC_012920.1\tRefSeq\tgene\t10\t90\t.\t+\t.\tID=gene-ND1;Name=ND1;gene=ND1\n"
      "NC_012920.1\tRefSeq\tCDS\t10\t90\t.\t+\t0\tID=cds-ND1;Parent=gene-ND1;gene=ND1\n"
      "NC_012920.1\tRefSeq\texon\t10\t90\t.\t+\t.\tID=g;Parent=rna-LOST;gene=ND1\n");
  ASSERT_EQ(annotation->genes().size(), 3u);
  EXPECT_TRUE(annotation->find("GATA4")[0]->transcripts[0].mane);
  EXPECT_EQ(annotation->find("TACHD"), annotation->find("GATA4"));
  EXPECT_EQ(annotation->find("NM_1"), annotation->find("GATA4"));
  EXPECT_EQ(annotation->find("GeneID:2626"), annotation->find("GATA4"));
  EXPECT_EQ(annotation->find("MIR1")[0]->transcripts.size(), 2u);
  EXPECT_EQ(annotation->find("ND1")[0]->transcripts[0].codingEnd, 90);
  EXPECT_THAT(annotation->remarks(), Contains(HasSubstr("is not in the file (line 11)")));
  EXPECT_THAT(symbols(annotation->overlapping({"chr8", 0, 1000})), ElementsAre("GATA4"));
}

TEST_F(AnnotationTest, OverlappingEqualsASearchThroughAllGenes) {
  testing::Random random(17);
  std::string content;
  for (int i = 0; i < 500; ++i) {
    const std::int64_t start = 1 + random.below(10'000);
    const std::int64_t length = random.below(20) == 0 ? random.below(5000) : random.below(100);
    content += (random.below(2) ? "chr1" : "chr10") + ("\tx\tgene\t" + std::to_string(start)) +
               '\t' + std::to_string(start + length) + "\t.\t+\t.\tgene_id \"G" +
               std::to_string(i) + "\";\n";
  }
  const auto annotation = open(content);
  for (int i = 0; i < 200; ++i) {
    const std::int64_t start = random.below(11'000) - 500;
    const Locus locus{random.below(2) ? "chr1" : "chr10", start, start + random.below(300)};
    std::vector<const Gene*> expected;
    for (const Gene& gene : annotation->genes())
      if (gene.locus.overlaps(locus)) expected.push_back(&gene);
    EXPECT_EQ(annotation->overlapping(locus), expected);
  }
  EXPECT_TRUE(annotation->overlapping({"chr2", 0, 1'000'000}).empty());
  EXPECT_EQ(annotation->overlapping({"1", 0, 1'000'000}),
            annotation->overlapping({"chr1", 0, 1'000'000}));
}

TEST_F(AnnotationTest, SuggestsExactNamesFirst) {
  std::string content;
  for (const char* symbol : {"GATA4", "GATA44", "GATAD1", "GATA", "NPPA"})
    content += std::string("chr1\tx\tgene\t1\t9\t.\t+\t.\tgene_id \"id_") + symbol +
               "\"; gene_name \"" + symbol + "\";\n";
  const auto annotation = open(content);
  EXPECT_THAT(symbols(annotation->startingWith("gata", 3)), ElementsAre("GATA", "GATA4", "GATA44"));
  EXPECT_THAT(symbols(annotation->startingWith("GATA", 99)),
              ElementsAre("GATA", "GATA4", "GATA44", "GATAD1"));
  EXPECT_TRUE(annotation->startingWith("", 9).empty());
  EXPECT_EQ(annotation->similarSymbols("GATTA4").front(), "GATA4");
}

TEST_F(AnnotationTest, MergingAddsGenesAndMarksManeTranscripts) {
  const auto first = open(
      "chr8\tx\tgene\t101\t900\t.\t+\t.\tgene_id \"ENSG01\"; gene_name \"GATA4\";\n"
      "chr8\tx\ttranscript\t101\t900\t.\t+\t.\tgene_id \"ENSG01\"; transcript_id \"ENST01\";\n",
      "a.gtf");
  const auto second = open(
      "8\tx\tgene\t150\t900\t.\t+\t.\tgene_id \"ENSG01.7\"; gene_name \"GATA4\"; hgnc_id "
      "\"HGNC:1\";\n"
      "8\tx\ttranscript\t101\t900\t.\t+\t.\tgene_id \"ENSG01.7\"; transcript_id \"ENST01.3\"; tag "
      "\"Ensembl_canonical\";\n"
      "8\tx\ttranscript\t301\t900\t.\t+\t.\tgene_id \"ENSG01.7\"; transcript_id \"ENST02.3\"; tag "
      "\"MANE_Select\";\n"
      "8\tx\ttranscript\t401\t900\t.\t+\t.\tgene_id \"ENSG01.7\"; transcript_id \"ENST03.3\";\n"
      "1\tx\tgene\t1\t9\t.\t+\t.\tgene_id \"ENSG02\"; gene_name \"NEW\";\n",
      "b.gtf");
  const auto merged = Annotation::merged({first, second});
  ASSERT_EQ(merged->genes().size(), 2u);
  EXPECT_EQ(merged->path(), first->path());
  const Gene& gene = *merged->find("GATA4")[0];
  EXPECT_EQ(gene.locus, (Locus{"chr8", 100, 900}));
  ASSERT_EQ(gene.transcripts.size(), 2u);
  EXPECT_TRUE(gene.transcripts[0].canonical);
  EXPECT_EQ(gene.transcripts[1].id, "ENST02");
  EXPECT_EQ(gene.tss(), 300);
  EXPECT_EQ(merged->find("HGNC:1").size(), 1u);
  EXPECT_TRUE(Annotation::merged({})->genes().empty());
}

TEST_F(AnnotationTest, StopsWhenAskedTo) {
  std::stop_source stop;
  stop.request_stop();
  const fs::path path = writeFile(m_folder / "g.gtf", gencode);
  EXPECT_THROW(Annotation::open(path, Progress(stop.get_token())), Cancelled);
}

TEST_F(AnnotationTest, SurvivesAnyChangedByte) {
  testing::Random random(23);
  for (int i = 0; i < 300; ++i) {
    std::string changed(gencode);
    for (int n = 0; n < 3; ++n)
      changed[static_cast<std::size_t>(random.below(std::ssize(changed)))] =
          static_cast<char>(random.below(256));
    try {
      open(changed);
    } catch (const Error& error) {
      EXPECT_TRUE(error.code().starts_with("GTF_")) << error.what();
    }
  }
}

TEST_F(AnnotationTest, OfManeHasTheStartsOfGata4AndNppa) {
  CELLOCUS_NEEDS_SHARED("data/annotation/MANE.GRCh38.v1.4.summary.tsv");
  const auto mane =
      Annotation::open(testing::sharedPath("data/annotation/MANE.GRCh38.v1.4.summary.tsv"));
  EXPECT_TRUE(mane->remarks().empty());
  const auto gata4 = mane->find("GATA4");
  ASSERT_EQ(gata4.size(), 1u);
  EXPECT_EQ(gata4[0]->tss(), 11'704'201);
  EXPECT_EQ(gata4[0]->locus.contig, "chr8");
  EXPECT_EQ(gata4[0]->description, "GATA binding protein 4");
  EXPECT_EQ(mane->find("ENST00000532059.6"), gata4);
  EXPECT_EQ(mane->find("NM_001308093"), gata4);
  EXPECT_EQ(mane->find("HGNC:4173"), gata4);
  const auto nppa = mane->find("NPPA");
  ASSERT_EQ(nppa.size(), 1u);
  EXPECT_EQ(nppa[0]->strand, Strand::Minus);
  EXPECT_EQ(nppa[0]->tss() + 1, 11'847'783);
  EXPECT_THAT(symbols(mane->startingWith("GATA", 6)),
              ElementsAre("GATA1", "GATA2", "GATA3", "GATA4", "GATA5", "GATA6"));
  EXPECT_THAT(mane->similarSymbols("GATA44", 6), Contains("GATA4"));
}

TEST_F(AnnotationTest, OfTheWindowsOpensAndMergesWithMane) {
  CELLOCUS_NEEDS_SHARED("data/annotation/hg38_windows_genes.gtf");
  const auto windows =
      Annotation::open(testing::sharedPath("data/annotation/hg38_windows_genes.gtf"));
  EXPECT_EQ(windows->genes().size(), 831u);
  EXPECT_TRUE(windows->remarks().empty());
  const auto mane =
      Annotation::open(testing::sharedPath("data/annotation/MANE.GRCh38.v1.4.summary.tsv"));
  const auto merged = Annotation::merged({windows, mane});
  EXPECT_EQ(merged->find("GATA4").size(), 1u);
  EXPECT_EQ(merged->find("GATA4")[0]->tss(), 11'704'201);
  EXPECT_EQ(merged->find("GATA4")[0]->locus.start, 11'676'958);
}

TEST_F(AnnotationTest, OfBorzoisExampleHasNoGeneLines) {
  CELLOCUS_NEEDS_SHARED("data/annotation/borzoi_CD99_hg38.gtf");
  const auto annotation =
      Annotation::open(testing::sharedPath("data/annotation/borzoi_CD99_hg38.gtf"));
  ASSERT_EQ(annotation->find("CD99").size(), 1u);
  EXPECT_GT(annotation->find("CD99")[0]->transcripts.size(), 5u);
}

}  // namespace
}  // namespace cellocus
