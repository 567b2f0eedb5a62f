// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "analysis/cellprediction.h"
#include "analysis/genejoin.h"
#include "arguments.h"
#include "base/text.h"
#include "cells/celldataset.h"
#include "cells/genemajor.h"
#include "cells/h5file.h"
#include "command.h"
#include "export/predictionfile.h"
#include "export/tables.h"
#include "models/emb2cell.h"

namespace cellocus::cli {

namespace fs = std::filesystem;

namespace {

struct Options {
  fs::path head, embeddings, windows, cells, aliases, output;
  std::string genes;
};

/// Expression per gene and cell with the names of both, where they are known.
struct Predicted {
  Matrix values;  ///< [genes, cells]
  std::vector<std::string> geneIds, geneSymbols, cellNames;
};

std::vector<std::int64_t> rowsOf(const Options& options, const EmbeddingFile& file) {
  std::vector<std::int64_t> rows;
  if (options.genes.empty()) {
    for (Eigen::Index row = 0; row < file.embedding.rows(); ++row) rows.push_back(row);
    return rows;
  }
  if (file.geneIds.empty())
    throw Error(
        "EMBEDDINGS_UNNAMED", printable(options.embeddings.string()),
        "it holds no gene names, so genes cannot be chosen by name.",
        "Give the windows they were computed for with --windows, or leave --genes out: rows "
        "stay in the order of the file.");
  for (const std::string& gene : listOf("--genes", options.genes)) {
    bool found = false;
    for (std::size_t row = 0; row < file.geneIds.size(); ++row) {
      const std::string& id = file.geneIds[row];
      const bool same =
          id == gene || split(id, '.').front() == gene ||
          (row < file.geneSymbols.size() && lowered(file.geneSymbols[row]) == lowered(gene));
      if (same) rows.push_back(static_cast<std::int64_t>(row));
      found |= same;
    }
    if (!found)
      throw Error("GENE_UNKNOWN", printable(options.embeddings.string()),
                  "it has no embedding of gene '" + printable(gene) + "'.",
                  "Use an Ensembl id or symbol as it stands in the file.");
  }
  return rows;
}

std::string nameAt(const std::vector<std::string>& names, std::int64_t row) {
  return names.empty() ? std::string() : names[static_cast<std::size_t>(row)];
}

Predicted compute(const Options& options, const Emb2Cell& head, const CellDataset* cells,
                  Console& console) {
  EmbeddingFile file = readEmbeddings(options.embeddings, console.progress().part(0.2, 0.4));
  if (!options.windows.empty()) {
    const std::string remark = nameByWindows(file, readQueryWindows(options.windows));
    if (!remark.empty()) console.note(remark);
  }
  const std::vector<std::int64_t> rows = rowsOf(options, file);
  Matrix chosen(static_cast<Eigen::Index>(rows.size()), file.embedding.cols());
  Predicted predicted;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    chosen.row(static_cast<Eigen::Index>(i)) = file.embedding.row(rows[i]);
    predicted.geneIds.push_back(nameAt(file.geneIds, rows[i]));
    predicted.geneSymbols.push_back(nameAt(file.geneSymbols, rows[i]));
  }
  const Progress progress = console.progress().part(0.4, 0.8);
  if (!cells) {
    predicted.values = head.predict(chosen, progress);
    predicted.cellNames = head.parts().cellNames;
    return predicted;
  }
  const CellMatch match = matchCells(head, cells->cellNames());
  if (!match.usable())
    throw Error("CELLS_UNMATCHED", printable(options.cells.string()), match.text,
                "Name the dataset on which the head was trained.");
  console.note(match.text);
  predicted.values = predictMatched(head, match, chosen, progress);
  predicted.cellNames = cells->cellNames();
  return predicted;
}

Provenance provenanceOf(const Options& options, const Emb2Cell& head, Console& console) {
  Provenance provenance = console.provenance();
  provenance.add("head", options.head, console.progress());
  provenance.add("embeddings", options.embeddings, console.progress());
  for (const auto& [role, path] : {std::pair("windows", options.windows),
                                   {"cells", options.cells},
                                   {"aliases", options.aliases}})
    if (!path.empty()) provenance.add(role, path, console.progress());
  provenance.model = head.description();
  provenance.modelLabel = head.parts().label;
  const std::string unit =
      head.parts().unit.empty() ? "the unit the head was trained on" : head.parts().unit;
  provenance.formulas = {{"predicted", "head(embedding), in " + unit}};
  return provenance;
}

void writeH5(const Options& options, const Predicted& predicted, const Provenance& provenance) {
  H5Writer::save(options.output, [&](H5Writer& writer) {
    writeProvenance(writer, provenance);
    writer.matrix("/predicted", predicted.values);
    writer.strings("/gene_id", predicted.geneIds);
    writer.strings("/gene_symbol", predicted.geneSymbols);
    if (!predicted.cellNames.empty()) writer.strings("/cell_id", predicted.cellNames);
  });
}

void writeTable(const Options& options, const Predicted& predicted, const Emb2Cell& head,
                const Provenance& provenance, const Progress& progress) {
  Table table;
  table.columns = {{"gene_id", "", ""}, {"gene_symbol", "", ""}};
  for (Eigen::Index cell = 0; cell < predicted.values.cols(); ++cell) {
    const std::string name = nameAt(predicted.cellNames, cell);
    table.columns.push_back({name.empty() ? "cell_" + std::to_string(cell + 1) : name, "", ""});
  }
  Provenance withUnit = provenance;
  withUnit.formulas.push_back(
      {"unit", head.parts().unit.empty() ? "not recorded" : head.parts().unit});
  for (Eigen::Index gene = 0; gene < predicted.values.rows(); ++gene) {
    const auto at = static_cast<std::size_t>(gene);
    std::vector<Table::Cell> row = {predicted.geneIds[at], predicted.geneSymbols[at]};
    for (Eigen::Index cell = 0; cell < predicted.values.cols(); ++cell)
      row.emplace_back(predicted.values(gene, cell));
    table.rows.push_back(std::move(row));
  }
  saveTable(options.output, table, withUnit, progress);
}

/// Observed expression of the predicted genes [cells, genes]; NaN for genes the dataset does not
/// have.
Matrix observed(const Options& options, const CellDataset& cells, const Predicted& predicted,
                Console& console) {
  const Progress progress = console.progress().part(0.8, 0.9);
  EmbeddingFile names;
  names.geneIds = predicted.geneIds;
  names.geneSymbols = predicted.geneSymbols;
  names.embedding.resize(predicted.values.rows(), 0);
  const GeneAliases aliases =
      options.aliases.empty() ? GeneAliases() : GeneAliases::read(options.aliases, progress);
  const GeneJoin join = joinGenes(names, cells.genes(), aliases);
  console.note(join.summary());
  Matrix values = Matrix::Constant(cells.cellCount(), predicted.values.rows(),
                                   std::numeric_limits<float>::quiet_NaN());
  const auto expression = GeneMajor::make(cells, {}, progress);
  for (const GeneJoin::Pair& pair : join.pairs)
    values.col(pair.row) = expression->rows(std::span(&pair.gene, 1)).row(0);
  return values;
}

void writeDataset(const Options& options, const Predicted& predicted, const CellDataset* cells,
                  const Provenance& provenance, Console& console) {
  NewDataset dataset;
  dataset.cellNames = predicted.cellNames;
  for (Eigen::Index cell = 0; predicted.cellNames.empty() && cell < predicted.values.cols(); ++cell)
    dataset.cellNames.push_back("cell_" + std::to_string(cell + 1));
  for (std::size_t i = 0; i < predicted.geneIds.size(); ++i) {
    std::string name =
        predicted.geneIds[i].empty() ? predicted.geneSymbols[i] : predicted.geneIds[i];
    if (name.empty()) name = "row_" + std::to_string(i + 1);
    const std::string id(split(predicted.geneIds[i], '.').front());
    dataset.genes.push_back({name, id, predicted.geneSymbols[i]});
  }
  const Matrix byCell = predicted.values.transpose();
  dataset.expression = cells ? observed(options, *cells, predicted, console) : byCell;
  dataset.layers = {{"predicted", byCell}};
  if (cells) {
    for (const std::string& name : cells->columnNames())
      dataset.columns.push_back(cells->column(name));
    for (const std::string& name : cells->embeddingNames())
      dataset.embeddings.emplace_back(name, cells->embedding(name));
  }
  dataset.notes = {{"provenance", provenance.json().dump()}};
  writeH5ad(options.output, dataset);
}

void run(const Options& options, Console& console) {
  requireEnding(options.output, {".h5", ".tsv", ".csv", ".h5ad"});
  const auto head = Emb2Cell::open(options.head, console.progress().part(0, 0.1));
  if (!head->parts().label.empty()) console.note(head->parts().label);
  std::shared_ptr<const CellDataset> cells;
  if (!options.cells.empty())
    cells = CellDataset::open(options.cells, console.progress().part(0.1, 0.2));
  const Predicted predicted = compute(options, *head, cells.get(), console);
  const Provenance provenance = provenanceOf(options, *head, console);
  const std::string ending = endingOf(options.output);
  if (ending == ".h5") return writeH5(options, predicted, provenance);
  if (ending == ".h5ad") return writeDataset(options, predicted, cells.get(), provenance, console);
  writeTable(options, predicted, *head, provenance, console.progress().part(0.8, 1));
}

}  // namespace

Action declarePredictCells(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--head", options->head, "Head: a seq2cells .ckpt or a .safetensors")
      ->option_text("FILE")
      ->required();
  app.add_option("--embeddings", options->embeddings,
                 "Embeddings of genes: what `embed` writes, or seq2cells' pandas layout (.h5)")
      ->option_text("FILE")
      ->required();
  app.add_option("--cells", options->cells,
                 "Dataset the head was trained on (.h5ad): gives cell names and their order")
      ->option_text("FILE");
  app.add_option("--windows", options->windows,
                 "Windows of the embeddings, in their order: name the rows of files without names")
      ->option_text("FILE");
  app.add_option("--aliases", options->aliases,
                 "Other names of genes, to find them in the dataset: HGNC's table, two columns, or "
                 "a Geneformer dictionary")
      ->option_text("FILE");
  app.add_option("--genes", options->genes,
                 "Genes by Ensembl id or symbol: GATA4,NPPA (default: all)")
      ->option_text("LIST");
  app.add_option(
         "-o", options->output,
         "Output: .h5 (/predicted [genes, cells]), .tsv, .csv, or .h5ad (layers['predicted'])")
      ->option_text("FILE")
      ->required();
  app.footer(
      "Example, on the demo world:\n"
      "  cellocus-cli make-demo demo\n"
      "  cellocus-cli embed --enformer demo/trunk --genome demo/genome.fa --windows "
      "demo/windows.tsv "
      "-o emb.h5\n"
      "  cellocus-cli predict-cells --head demo/head.safetensors --embeddings emb.h5 --cells "
      "demo/cells.h5ad -o predicted.h5ad");
  return [options](Console& console) { run(*options, console); };
}

}  // namespace cellocus::cli
