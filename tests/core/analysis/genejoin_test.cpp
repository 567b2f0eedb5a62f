// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/genejoin.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "support/codes.h"
#include "support/shared.h"

namespace cellocus {

namespace {

EmbeddingFile embeddingsOf(std::vector<std::string> ids, std::vector<std::string> symbols) {
  EmbeddingFile file;
  file.embedding = Matrix::Zero(std::ssize(ids), 4);
  file.geneIds = std::move(ids);
  file.geneSymbols = std::move(symbols);
  return file;
}

GeneName withId(const std::string& id, const std::string& symbol) {
  return {id, id, symbol};
}
GeneName withoutId(const std::string& symbol) {
  return {symbol, "", symbol};
}

}  // namespace

TEST(GeneJoin, IdsGoBeforeSymbolsAndVersionsDoNotMatter) {
  const EmbeddingFile file = embeddingsOf(
      {"ENSG00000000001.12", "ENSG00000000002.3_0", "ENSG00000000003"}, {"AAA", "BBB", "CCC"});
  // The symbol of row 0 belongs to another gene of the dataset, whose id is that of row 1.
  const GeneJoin join =
      joinGenes(file, {withId("ENSG00000000002", "AAA"), withId("ENSG00000000001", "ZZZ"),
                       withoutId("ccc"), withoutId("DDD")});
  ASSERT_EQ(join.pairs.size(), 3u);
  EXPECT_EQ(join.pairs[0].gene, 1);
  EXPECT_EQ(join.pairs[1].gene, 0);
  EXPECT_EQ(join.pairs[2].gene, 2);
  EXPECT_EQ(join.count(GeneMatch::Id), 2);
  EXPECT_EQ(join.pairs[2].how, GeneMatch::Symbol);
  ASSERT_EQ(join.missingGenes.size(), 1u);
  EXPECT_EQ(join.missingGenes[0].name, "DDD");
}

TEST(GeneJoin, NothingIsDroppedSilently) {
  const EmbeddingFile file = embeddingsOf({"ENSG00000000001.1", "ENSG00000000001.1_PAR_Y",
                                           "ENSG00000000002", "ENSG00000000003", "ENSG00000000004"},
                                          {"A", "A", "DOUBLE", "SAME", "SAME"});
  const std::vector<GeneName> genes = {withId("ENSG00000000001", "A"), withoutId("DOUBLE"),
                                       withoutId("DOUBLE"), withoutId("SAME"), withoutId("REST")};
  const GeneJoin join = joinGenes(file, genes);
  ASSERT_EQ(join.pairs.size(), 1u);
  EXPECT_EQ(join.pairs[0].row, 0);
  ASSERT_EQ(join.ambiguousRows.size(), 4u);
  EXPECT_NE(join.ambiguousRows[0].reason.find("further embedding"), std::string::npos);
  EXPECT_NE(join.ambiguousRows[1].reason.find("several genes"), std::string::npos);
  EXPECT_EQ(join.ambiguousGenes.size(), 3u);
  ASSERT_EQ(join.missingGenes.size(), 1u);
  EXPECT_EQ(join.missingGenes[0].name, "REST");
  EXPECT_EQ(join.pairs.size() + join.ambiguousRows.size() + join.missingRows.size(), 5u);
  EXPECT_EQ(join.pairs.size() + join.ambiguousGenes.size() + join.missingGenes.size(),
            genes.size());
  EXPECT_NE(join.summary().find("1 of 5 embeddings"), std::string::npos) << join.summary();
}

TEST(GeneJoin, AliasesComeLast) {
  GeneAliases aliases;
  aliases.add("OLDNAME", "NEWNAME");
  aliases.add("ENSG00000000009", "ENSG00000000002");
  aliases.add("TWOFACED", "ONE");
  aliases.add("TWOFACED", "TWO");
  const EmbeddingFile file = embeddingsOf(
      {"ENSG00000000001", "ENSG00000000009.4", "ENSG00000000005"}, {"NEWNAME", "", "twofaced"});
  const std::vector<GeneName> genes = {withoutId("oldname"), withId("ENSG00000000002", ""),
                                       withoutId("ONE"), withoutId("TWO")};
  EXPECT_TRUE(joinGenes(file, genes).pairs.empty());
  const GeneJoin join = joinGenes(file, genes, aliases);
  ASSERT_EQ(join.count(GeneMatch::Alias), 2);
  EXPECT_EQ(join.pairs[0].gene, 0);
  EXPECT_EQ(join.pairs[1].gene, 1);
  EXPECT_EQ(join.ambiguousRows.size(), 1u);
}

TEST(GeneJoin, AliasesAreReadFromHgncAndFromTwoColumns) {
  const auto folder = testing::scratchFolder("genejoin");
  std::ofstream(folder / "hgnc.txt")
      << "hgnc_id\tsymbol\talias_symbol\tprev_symbol\tensembl_gene_id\n"
      << "HGNC:1\tNKX2-5\t\"CSX1|NKX2.5\"\tCSX\tENSG00000183072\n";
  const GeneAliases hgnc = GeneAliases::read(folder / "hgnc.txt");
  EXPECT_EQ(hgnc.targets("csx1"), (std::vector<std::string>{"ENSG00000183072", "NKX2-5"}));
  EXPECT_EQ(hgnc.targets("CSX").size(), 2u);
  EXPECT_TRUE(hgnc.targets("GATA4").empty());
  std::ofstream(folder / "two.tsv") << "old\tENSG00000000001.3\n";
  EXPECT_EQ(GeneAliases::read(folder / "two.tsv").targets("OLD"),
            std::vector<std::string>{"ENSG00000000001"});
  std::ofstream(folder / "bad.tsv") << "old\tnew\none\n";
  EXPECT_EQ(testing::errorCode([&] { GeneAliases::read(folder / "bad.tsv"); }), "ALIASES_FORMAT");
}

TEST(GeneJoin, GeneformersDictionariesAreAliases) {
  const std::string file = "data/dictionaries/geneformer_V2/ensembl_mapping_dict_gc104M.pkl";
  CELLOCUS_NEEDS_SHARED(file);
  const GeneAliases aliases = GeneAliases::read(testing::sharedPath(file));
  EXPECT_GT(aliases.size(), 100'000u);
  EXPECT_EQ(aliases.targets("a1bg"), std::vector<std::string>{"ENSG00000121410"});
}

TEST(GeneJoin, RowsWithoutNamesAreNamedByTheirWindows) {
  EmbeddingFile file;
  file.embedding = Matrix::Zero(2, 4);
  EXPECT_EQ(testing::errorCode([&] { joinGenes(file, {withoutId("A")}); }), "EMBEDDINGS_UNNAMED");
  std::vector<QueryWindow> windows(2);
  windows[0].geneId = "ENSG00000000001.2";
  windows[1].geneId = "ENSG00000000002.2";
  EXPECT_NE(nameByWindows(file, windows).find("order"), std::string::npos);
  EXPECT_EQ(joinGenes(file, {withId("ENSG00000000002", "B")}).pairs.front().row, 1);
  // Named now: another order and another number are noticed.
  EXPECT_EQ(nameByWindows(file, windows), "");
  std::swap(windows[0], windows[1]);
  EXPECT_EQ(testing::errorCode([&] { nameByWindows(file, windows); }), "EMBEDDING_ROWS");
  windows.pop_back();
  EXPECT_EQ(testing::errorCode([&] { nameByWindows(file, windows); }), "EMBEDDING_ROWS");
}

}  // namespace cellocus
