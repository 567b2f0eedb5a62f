// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "cells/celldataset.h"
#include "clirun.h"
#include "support/shared.h"

namespace cellocus {

namespace fs = std::filesystem;
using testing::CliResult;
using testing::runCli;

namespace {

class CliInfo : public ::testing::Test {
 protected:
  fs::path write(const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
    return folder / name;
  }
  nlohmann::json info(const fs::path& path) {
    const CliResult result = runCli({"info", "--json", path});
    EXPECT_EQ(result.status, 0) << result.err;
    const auto list = nlohmann::json::parse(result.out, nullptr, false);
    EXPECT_TRUE(list.is_array() && list.size() == 1) << result.out;
    EXPECT_EQ(list[0]["file"], path.string());
    return list[0];
  }

  const fs::path folder = testing::scratchFolder("info");
};

}  // namespace

TEST_F(CliInfo, NamesContigsOfAGenome) {
  testing::writeFasta(folder / "g.fa", "chr1", testing::randomBases(130, 1));
  const auto genome = info(folder / "g.fa");
  EXPECT_EQ(genome["kind"], "genome");
  EXPECT_EQ(genome["contigs"][0]["name"], "chr1");
  EXPECT_EQ(genome["contigs"][0]["length"], 130);
}

TEST_F(CliInfo, NamesTensorsAndModelOfAWeightsFile) {
  const auto weights = info(testing::dataPath("enformer/E1_tiny/model.safetensors"));
  EXPECT_EQ(weights["kind"], "checkpoint");
  EXPECT_EQ(weights["model"], "Enformer");
  EXPECT_EQ(weights["heads"]["human"], 12);
  EXPECT_EQ(weights["embedding_size"], 192);
  bool found = false;
  for (const auto& tensor : weights["tensors"])
    if (tensor["name"].get<std::string>().ends_with("0.to_attn_logits.weight") ||
        tensor["shape"].size() == 4)
      found |= tensor["dtype"] == "float32";
  EXPECT_TRUE(found);
  EXPECT_EQ(weights["missing"].size(), 0u);
}

TEST_F(CliInfo, AFolderWithAConfigIsAModel) {
  const auto model = info(testing::tinyTrunk(folder));
  EXPECT_EQ(model["kind"], "checkpoint");
  EXPECT_EQ(model["window"], 8192);
  EXPECT_EQ(model["bins"], 40);
  EXPECT_EQ(model["label"], "Random weights.");
  EXPECT_GT(model["tensors"].size(), 50u);
}

TEST_F(CliInfo, CountsCellsAndGenes) {
  NewDataset dataset;
  dataset.cellNames = {"a", "b", "c"};
  dataset.genes = {{"ENSG01", "ENSG01", "GATA4"}, {"ENSG02", "ENSG02", "NPPA"}};
  dataset.expression = Matrix::Ones(3, 2);
  writeH5ad(folder / "x.h5ad", dataset);
  const auto cells = info(folder / "x.h5ad");
  EXPECT_EQ(cells["kind"], "cells");
  EXPECT_EQ(cells["cells"], 3);
  EXPECT_EQ(cells["genes"], 2);
  EXPECT_EQ(cells["transposed"], false);
}

TEST_F(CliInfo, KnowsVariantsAnnotationEmbeddingsAndSessions) {
  EXPECT_EQ(info(write("v.vcf",
                       "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
                       "chr1\t5\t.\tA\tC\t.\t.\t.\n"))["variants"],
            1);
  EXPECT_EQ(info(write("a.gtf",
                       "chr1\tx\tgene\t11\t90\t.\t+\t.\tgene_id \"ENSG01.2\"; gene_name \"ABC1\"; "
                       "gene_type \"protein_coding\";\n"))["kind"],
            "annotation");
  writeEmbeddings(folder / "e.h5", {Matrix::Zero(2, 6), {"g1", "g2"}, {"a", "b"}, {"w", "w"}, "tf"},
                  {});
  const auto embeddings = info(folder / "e.h5");
  EXPECT_EQ(embeddings["kind"], "embeddings");
  EXPECT_EQ(embeddings["genes"], 2);
  const auto session = info(write("s.json", R"({"format": "cellocus-session", "gene": "GATA4"})"));
  EXPECT_EQ(session["kind"], "session");
  EXPECT_EQ(session["gene"], "GATA4");
}

TEST_F(CliInfo, PrintsSeveralFilesForPeople) {
  testing::writeFasta(folder / "g.fa", "chr1", testing::randomBases(13000, 1));
  const CliResult result = runCli({"info", folder / "g.fa", testing::tinyTrunk(folder)});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.out.find("chr1  13,000"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("model: Enformer"), std::string::npos) << result.out;
}

TEST_F(CliInfo, BadFilesAreRefusedInOneSentence) {
  struct Case {
    fs::path path;
    std::string said;
  };
  const std::string pickle =
      "\x80\x02"
      "cposix\nsystem\nU\x02"
      "ls\x85R.";
  for (const Case& bad :
       {Case{write("x.docx", "hello"), "x.docx"}, Case{write("empty.fa", ""), "empty.fa"},
        Case{write("broken.h5ad", "\x89HDF\r\n\x1a\nnothing more"), "broken.h5ad"},
        Case{write("evil.pkl", pickle), "posix.system"}, Case{write("other.json", "{}"), "session"},
        Case{folder, folder.string()}}) {
    const CliResult result = runCli({"info", bad.path});
    EXPECT_EQ(result.status, 3) << bad.path;
    EXPECT_NE(result.err.find(bad.said), std::string::npos) << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  }
}

TEST_F(CliInfo, KnowsRealDatasets) {
  CELLOCUS_NEEDS_SHARED("data/enformer/seq2cells_tests/toy_seq_embeddings.h5");
  const auto embeddings =
      info(testing::sharedPath("data/enformer/seq2cells_tests/toy_seq_embeddings.h5"));
  EXPECT_EQ(embeddings["kind"], "embeddings");
  EXPECT_EQ(embeddings["genes"], 50);
  EXPECT_EQ(embeddings["embedding_size"], 3072);
}

}  // namespace cellocus
