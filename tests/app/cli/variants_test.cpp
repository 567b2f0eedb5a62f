// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "base/text.h"
#include "cells/celldataset.h"
#include "clirun.h"
#include "models/emb2cell.h"
#include "support/golden.h"
#include "support/shared.h"

namespace cellocus {

namespace fs = std::filesystem;
using testing::CliResult;
using testing::fileText;
using testing::goldenArray;
using testing::goldenStrings;
using testing::queryRow;
using testing::runCli;

namespace {

/// Two genes on random bases, a tiny trunk and a head for three cells of two types.
class CliVariants : public ::testing::Test {
 protected:
  CliVariants() {
    testing::writeFasta(m_folder / "g.fa", "chr1", m_bases);
    m_trunk = testing::tinyTrunk(m_folder);
    std::ofstream(m_folder / "w.tsv")
        << testing::queryColumns() << queryRow(101, "+", "20", "ENSG00000000001")
        << queryRow(8'001, "-", "3", "ENSG00000000002");
    Emb2Cell::Parts parts;
    parts.first = {Matrix::Random(3, 192) * 0.1f, Vector::Random(3)};
    parts.cellNames = {"c1", "c2", "c3"};
    Emb2Cell(parts).save(m_folder / "head.safetensors");
    NewDataset dataset;
    dataset.cellNames = {"c3", "c1", "c2"};
    dataset.genes = {{"G", "", "G"}};
    dataset.expression = Matrix::Ones(3, 1);
    CellColumn type;
    type.name = "type";
    type.kind = CellColumn::Kind::Categorical;
    type.categories = {"B", "T"};
    type.codes = {1, 0, 0};
    dataset.columns = {type};
    writeH5ad(m_folder / "cells.h5ad", dataset);
    std::ofstream(m_folder / "v.tsv")
        << line("v1", 4'001, base(4'001), other(4'001), "ENSG00000000001.4")
        << line("v2", 10'001, base(10'001), other(10'001), "ENSG00000000002")
        << line("v3", 4'001, other(4'001), base(4'001), "ENSG00000000001")
        << line("v4", 19'001, base(19'001), other(19'001), "ENSG00000000001")
        << line("v5", 4'001, base(4'001), ".", "ENSG00000000001") << "broken\n";
  }
  std::string base(std::size_t position) const { return m_bases.substr(position - 1, 1); }
  std::string other(std::size_t position) const { return base(position) == "A" ? "C" : "A"; }
  static std::string line(const std::string& id, std::size_t position, const std::string& ref,
                          const std::string& alt, const std::string& gene) {
    return id + "\tchr1\t" + std::to_string(position) + '\t' + ref + '\t' + alt + '\t' + gene +
           '\n';
  }
  CliResult variants(const std::string& output, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {
        "variants",  "--enformer",       m_trunk, "--genome",       m_folder / "g.fa",
        "--windows", m_folder / "w.tsv", "-o",    m_folder / output};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return runCli(arguments);
  }
  CliResult scored(const std::string& output, std::vector<std::string> more = {}) {
    more.insert(more.begin(),
                {"--head", m_folder / "head.safetensors", "--tsv", m_folder / "v.tsv"});
    return variants(output, more);
  }

  const fs::path m_folder = testing::scratchFolder("variants");
  const std::string m_bases = testing::randomBases(20'000, 31);
  fs::path m_trunk;
};

}  // namespace

TEST_F(CliVariants, EveryLineIsInTheTable) {
  const CliResult result = scored("e.tsv");
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.err.find("3 scored, 1 reference mismatch, 1 out of window, 0 unmatched, "
                            "1 unsupported"),
            std::string::npos)
      << result.err;
  const std::string text = fileText(m_folder / "e.tsv");
  for (const char* id : {"\nv1\t", "\nv2\t", "\nv3\t", "\nv4\t", "\nv5\t", "\nbroken\t"})
    EXPECT_NE(text.find(id), std::string::npos) << id;
  EXPECT_NE(text.find("# head file"), std::string::npos);
}

TEST_F(CliVariants, FilesHoldBothAllelesPerCellAndGroupsAndTracks) {
  const CliResult result = scored("e.h5", {"--groups", (m_folder / "cells.h5ad").string() + ":type",
                                           "--tracks", "0,2", "--compare", "B,T"});
  ASSERT_EQ(result.status, 0) << result.err;
  const fs::path file = m_folder / "e.h5";
  const Matrix effect =
      goldenArray(file, "alternative").matrix() - goldenArray(file, "reference").matrix();
  ASSERT_EQ(effect.rows(), 3);
  EXPECT_EQ(goldenStrings(file, "variant_id"), (std::vector<std::string>{"v1", "v2", "v5"}));
  EXPECT_EQ(goldenStrings(file, "cell_id"), (std::vector<std::string>{"c1", "c2", "c3"}));
  const Matrix groups = goldenArray(file, "groups/mean_effect").matrix();
  EXPECT_NEAR(groups(0, 0), (effect(0, 0) + effect(0, 1)) / 2, 1e-6);
  EXPECT_NEAR(groups(1, 1), effect(1, 2), 1e-6);
  EXPECT_EQ(goldenArray(file, "tracks/alternative").shape, (std::vector<std::int64_t>{3, 2}));
  EXPECT_EQ(goldenStrings(file, "lines/state").size(), 6u);
  EXPECT_NE(fileText(m_folder / "e.transfer.tsv").find("difference"), std::string::npos);
}

TEST_F(CliVariants, AsPublishedWritesTheTablesOfSeq2cells) {
  const CliResult result = scored("e.tsv", {"--strand", "as-published"});
  ASSERT_EQ(result.status, 0) << result.err;
  const std::string matched = fileText(m_folder / "e.matched_variants.tsv");
  EXPECT_NE(matched.find("\nv", 0), 0u);
  EXPECT_NE(matched.find("\tv3\t"), std::string::npos) << matched;
  EXPECT_NE(fileText(m_folder / "e.filtered_variants.tsv").find("indel\t4\tv5"), std::string::npos);
}

TEST_F(CliVariants, AVcfIsScoredForAllGenesNearIt) {
  std::ofstream(m_folder / "v.vcf")
      << "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
      << "1\t8101\trs1\t" << base(8'101) << '\t' << other(8'101) << ",<DEL>\t.\t.\t.\n";
  const CliResult result =
      variants("e.h5", {"--head", m_folder / "head.safetensors", "--vcf", m_folder / "v.vcf"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(goldenStrings(m_folder / "e.h5", "lines/state"),
            (std::vector<std::string>{"scored", "scored", "unsupported"}));
  EXPECT_EQ(goldenStrings(m_folder / "e.h5", "gene_id"),
            (std::vector<std::string>{"ENSG00000000001.1", "ENSG00000000002.1"}));
}

TEST_F(CliVariants, TracksNeedNoHead) {
  const CliResult result = variants("e.tsv", {"--tsv", m_folder / "v.tsv", "--tracks", "1"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_NE(fileText(m_folder / "e.tsv").find("alternative:human:1"), std::string::npos);
}

TEST_F(CliVariants, WrongUsageIsToldApartFromBadInput) {
  EXPECT_EQ(variants("e.tsv", {"--tsv", m_folder / "v.tsv"}).status, 2);
  EXPECT_EQ(scored("e.txt").status, 2);
  EXPECT_EQ(scored("e.tsv", {"--vcf", m_folder / "v.tsv"}).status, 2);
  EXPECT_EQ(scored("e.tsv", {"--compare", "B,T"}).status, 2);
  EXPECT_EQ(scored("e.tsv", {"--groups", "type"}).status, 2);
  const CliResult column =
      scored("e.tsv", {"--groups", (m_folder / "cells.h5ad").string() + ":typ"});
  EXPECT_EQ(column.status, 3);
  EXPECT_NE(column.err.find("type"), std::string::npos) << column.err;
  EXPECT_FALSE(fs::exists(m_folder / "e.tsv"));
}

}  // namespace cellocus
