// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/genenames.h"

#include <gtest/gtest.h>

#include <map>

namespace cellocus {
namespace {

std::vector<GeneName> named(std::vector<std::string> index,
                            const std::map<std::string, std::vector<std::string>>& columns) {
  std::vector<std::string> names;
  for (const auto& [name, values] : columns) names.push_back(name);
  return geneNames(
      {std::move(index), names, [&columns](const std::string& name) { return columns.at(name); }});
}

TEST(GeneNames, KnowsEnsemblIdsOfAnySpeciesAndVersion) {
  EXPECT_EQ(ensemblGene("ENSG00000136574"), "ENSG00000136574");
  EXPECT_EQ(ensemblGene("ENSG00000136574.12"), "ENSG00000136574");
  EXPECT_EQ(ensemblGene("ENSG00000182378.15_PAR_Y"), "ENSG00000182378");
  EXPECT_EQ(ensemblGene("ENSMUSG00000021944"), "ENSMUSG00000021944");
  for (const char* other : {"GATA4", "ENST00000335135", "ENSG0000013657", "ENSG000001365741", "ENS",
                            "", "ENSG", "ensg00000136574"})
    EXPECT_EQ(ensemblGene(other), std::nullopt) << other;
}

TEST(GeneNames, TakesIdsFromTheIndexOrAColumn) {
  const auto byIndex = named({"ENSG00000136574.12"}, {{"gene_ids", {"ENSG00000000001"}}});
  EXPECT_EQ(byIndex[0].id, "ENSG00000136574");
  EXPECT_EQ(byIndex[0].index, "ENSG00000136574.12");
  const auto byColumn = named({"GATA4", "x"}, {{"gene_ids-Harvard", {"ENSG00000136574.1", ""}}});
  EXPECT_EQ(byColumn[0].id, "ENSG00000136574");
  EXPECT_EQ(byColumn[0].symbol, "GATA4");
  EXPECT_EQ(byColumn[1].id, "");
}

TEST(GeneNames, TakesSymbolsFromAColumnAndTheIndexWhereOneIsMissing) {
  const auto genes = named({"ENSG00000136574", "ENSG00000089225", "ENSG00000183072"},
                           {{"Gene_Symbol", {"GATA4", "", "nan"}}});
  EXPECT_EQ(genes[0].symbol, "GATA4");
  EXPECT_EQ(genes[1].symbol, "ENSG00000089225");
  EXPECT_EQ(genes[2].symbol, "ENSG00000183072");
}

TEST(GeneNames, KnowsBarcodesOfCells) {
  EXPECT_EQ(barcodeShare({"AAACCTGAGAAACCAT-1", "ACGTACGTACGTAC"}), 1);
  EXPECT_EQ(barcodeShare({"GATA4", "CAT"}), 0);
  EXPECT_EQ(barcodeShare({}), 0);
}

}  // namespace
}  // namespace cellocus
