// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <limits>

#include "base/text.h"
#include "cells/celldataset.h"
#include "cells/h5file.h"

namespace cellocus {

namespace {

void encode(H5Writer& writer, std::string_view object, std::string_view type,
            std::string_view version) {
  writer.attribute(object, "encoding-type", type);
  writer.attribute(object, "encoding-version", version);
}

void array(H5Writer& writer, const std::string& path, MatrixView values) {
  writer.matrix(path, values);
  encode(writer, path, "array", "0.2.0");
}

template <typename T>
void integers(H5Writer& writer, const std::string& path, const std::vector<T>& values) {
  writer.integers(path, values);
  encode(writer, path, "array", "0.2.0");
}

void strings(H5Writer& writer, const std::string& path, const std::vector<std::string>& values) {
  writer.strings(path, values);
  encode(writer, path, "string-array", "0.2.0");
}

void dictionary(H5Writer& writer, const std::string& path) {
  writer.group(path);
  encode(writer, path, "dict", "0.1.0");
}

[[noreturn]] void doesNotFit(const std::filesystem::path& path, const std::string& fact) {
  throw Error("H5AD_WRITE", printable(path.filename().string()), fact,
              "This is a fault of Cellocus; please report it.");
}

std::size_t rowsOf(const CellColumn& column) {
  switch (column.kind) {
    case CellColumn::Kind::Categorical:
      return column.codes.size();
    case CellColumn::Kind::Numeric:
      return column.numbers.size();
    case CellColumn::Kind::Text:
      break;
  }
  return column.texts.size();
}

void checkName(const std::filesystem::path& path, const std::string& name) {
  if (name.empty() || name == "_index" || name.find('/') != std::string::npos)
    doesNotFit(path, printable(name) + " cannot be the name of a column or layer.");
}

void checkSizes(const std::filesystem::path& path, const NewDataset& dataset) {
  const auto cells = std::ssize(dataset.cellNames), genes = std::ssize(dataset.genes);
  const auto isCellsByGenes = [&](const Matrix& matrix) {
    return matrix.rows() == cells && matrix.cols() == genes;
  };
  if (dataset.expression.size() > 0 && !isCellsByGenes(dataset.expression))
    doesNotFit(path, "the expression is not cells × genes.");
  for (const auto& [name, layer] : dataset.layers) {
    checkName(path, name);
    if (!isCellsByGenes(layer)) doesNotFit(path, "layer '" + name + "' is not cells × genes.");
  }
  for (const auto& [name, embedding] : dataset.embeddings) {
    checkName(path, name);
    if (embedding.rows() != cells)
      doesNotFit(path, "embedding '" + name + "' is not one row a cell.");
  }
  for (const CellColumn& column : dataset.columns) {
    checkName(path, column.name);
    if (static_cast<std::ptrdiff_t>(rowsOf(column)) != cells)
      doesNotFit(path, "column '" + column.name + "' is not one value a cell.");
    const auto bad = [&](std::int32_t code) {
      return code < -1 || code >= std::ssize(column.categories);
    };
    if (std::any_of(column.codes.begin(), column.codes.end(), bad))
      doesNotFit(path, "column '" + column.name + "' has codes without a category.");
  }
}

void writeSparse(H5Writer& writer, const std::string& path, const Matrix& values) {
  std::vector<float> data;
  std::vector<std::int32_t> indices;
  std::vector<std::int64_t> indptr{0};
  for (std::int64_t row = 0; row < values.rows(); ++row) {
    for (std::int64_t column = 0; column < values.cols(); ++column)
      if (const float value = values(row, column); value != 0) {
        data.push_back(value);
        indices.push_back(static_cast<std::int32_t>(column));
      }
    indptr.push_back(std::ssize(data));
  }
  writer.group(path);
  encode(writer, path, "csr_matrix", "0.1.0");
  writer.attributeList(path, "shape", std::vector<std::int64_t>{values.rows(), values.cols()});
  writer.floats(path + "/data", data);
  writer.integers(path + "/indices", indices);
  // SciPy wants both index arrays of one type, and copies them if they are not.
  if (std::ssize(data) <= std::numeric_limits<std::int32_t>::max())
    writer.integers(path + "/indptr", std::vector<std::int32_t>(indptr.begin(), indptr.end()));
  else
    writer.integers(path + "/indptr", indptr);
}

void writeColumn(H5Writer& writer, const std::string& table, const CellColumn& column) {
  const std::string path = table + "/" + column.name;
  switch (column.kind) {
    case CellColumn::Kind::Categorical:
      writer.group(path);
      encode(writer, path, "categorical", "0.2.0");
      writer.flag(path, "ordered", false);
      strings(writer, path + "/categories", column.categories);
      integers(writer, path + "/codes", column.codes);
      if (!column.colours.empty())
        strings(writer, "uns/" + column.name + "_colors", column.colours);
      break;
    case CellColumn::Kind::Numeric:
      writer.numbers(path, column.numbers);
      encode(writer, path, "array", "0.2.0");
      break;
    case CellColumn::Kind::Text:
      strings(writer, path, column.texts);
      break;
  }
}

/// `columns` have one value for each of `index`.
void writeTable(H5Writer& writer, const std::string& path, const std::vector<std::string>& index,
                const std::vector<CellColumn>& columns) {
  writer.group(path);
  encode(writer, path, "dataframe", "0.2.0");
  writer.attribute(path, "_index", "_index");
  std::vector<std::string> order;
  for (const CellColumn& column : columns) order.push_back(column.name);
  writer.attributeList(path, "column-order", order);
  strings(writer, path + "/_index", index);
  for (const CellColumn& column : columns) writeColumn(writer, path, column);
}

void writeGenes(H5Writer& writer, const std::vector<GeneName>& genes) {
  std::vector<std::string> index;
  CellColumn ids, symbols;
  ids.name = "gene_ids";
  symbols.name = "gene_symbols";
  bool haveIds = false;
  for (const GeneName& gene : genes) {
    index.push_back(gene.index);
    ids.texts.push_back(gene.id);
    symbols.texts.push_back(gene.symbol);
    haveIds = haveIds || !gene.id.empty();
  }
  std::vector<CellColumn> columns;
  if (haveIds) columns.push_back(std::move(ids));
  columns.push_back(std::move(symbols));
  writeTable(writer, "var", index, columns);
}

void writeAll(H5Writer& writer, const NewDataset& dataset) {
  encode(writer, "", "anndata", "0.1.0");
  for (const char* group : {"layers", "obsm", "obsp", "uns", "varm", "varp"})
    dictionary(writer, group);
  if (dataset.expression.size() > 0) writeSparse(writer, "X", dataset.expression);
  writeTable(writer, "obs", dataset.cellNames, dataset.columns);
  writeGenes(writer, dataset.genes);
  for (const auto& [name, values] : dataset.embeddings) array(writer, "obsm/" + name, values);
  for (const auto& [name, values] : dataset.layers) array(writer, "layers/" + name, values);
  for (const auto& [name, value] : dataset.notes) {
    writer.text("uns/" + name, value);
    encode(writer, "uns/" + name, "string", "0.2.0");
  }
}

}  // namespace

void writeH5ad(const std::filesystem::path& path, const NewDataset& dataset) {
  checkSizes(path, dataset);
  H5Writer::save(path, [&dataset](H5Writer& writer) { writeAll(writer, dataset); });
}

}  // namespace cellocus
