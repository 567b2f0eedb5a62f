// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/anndatatable.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.h"

namespace cellocus {

namespace {

using Kind = H5File::Kind;
using Type = H5File::Type;

/// Whole numbers up to here are exact as double.
constexpr std::int64_t exactInteger = std::int64_t{1} << 53;

const std::vector<std::string>& truthNames() {
  static const std::vector<std::string> names{"False", "True"};
  return names;
}

std::vector<std::string> textsOf(const H5File& file, const std::string& path,
                                 const H5File::Part& part) {
  std::vector<std::string> texts;
  switch (file.type(path, part.field)) {
    case Type::Text:
      return file.strings(path, part);
    case Type::Boolean:
      for (const std::int64_t value : file.integers(path, part))
        texts.push_back(truthNames()[value != 0]);
      return texts;
    case Type::Integer:
      for (const std::int64_t value : file.integers(path, part))
        texts.push_back(std::to_string(value));
      return texts;
    default:
      for (const double value : file.numbers(path, part)) texts.push_back(numberText(value));
      return texts;
  }
}

bool exactAsDouble(const std::vector<std::int64_t>& values) {
  return std::all_of(values.begin(), values.end(), [](std::int64_t value) {
    return value >= -exactInteger && value <= exactInteger;
  });
}

/// Whole numbers; those beyond 2^53 (hashes, identifiers) are kept exactly, as text.
void fillIntegers(CellColumn& column, const std::vector<std::int64_t>& values) {
  column.kind = CellColumn::Kind::Numeric;
  if (exactAsDouble(values)) {
    column.numbers.assign(values.begin(), values.end());
    return;
  }
  column.kind = CellColumn::Kind::Text;
  for (const std::int64_t value : values) column.texts.push_back(std::to_string(value));
}

/// Whatever lies in one column of plain values.
CellColumn plainColumn(const H5File& file, const std::string& name, const std::string& path,
                       const H5File::Part& part) {
  CellColumn column;
  column.name = name;
  switch (file.type(path, part.field)) {
    case Type::Text:
      column.kind = CellColumn::Kind::Text;
      column.texts = file.strings(path, part);
      break;
    case Type::Boolean: {
      column.kind = CellColumn::Kind::Categorical;
      column.categories = truthNames();
      for (const std::int64_t value : file.integers(path, part)) column.codes.push_back(value != 0);
      break;
    }
    case Type::Integer:
      fillIntegers(column, file.integers(path, part));
      break;
    case Type::Real:
      column.kind = CellColumn::Kind::Numeric;
      column.numbers = file.numbers(path, part);
      break;
    default:
      throw Error("H5AD_COLUMN", file.where(path),
                  "column '" + printable(name) + "' holds neither numbers nor texts.",
                  "Remove the column or turn it into numbers or texts.");
  }
  return column;
}

std::size_t rowsOf(const CellColumn& column) {
  return column.codes.size() + column.numbers.size() + column.texts.size();
}

}  // namespace

std::vector<std::string> readTexts(const H5File& file, const std::string& path) {
  if (file.kind(path) == Kind::Dataset) return textsOf(file, path, {});
  std::vector<std::string> texts = textsOf(file, path + "/values", {});
  const std::vector<std::int64_t> missing = file.integers(path + "/mask");
  for (std::size_t i = 0; i < std::min(texts.size(), missing.size()); ++i)
    if (missing[i] != 0) texts[i].clear();
  return texts;
}

AnnDataTable::AnnDataTable(std::shared_ptr<const H5File> file, std::string path)
    : m_file(std::move(file)), m_path(std::move(path)) {
  switch (m_file->kind(m_path)) {
    case Kind::Missing:
      throw Error("H5AD_TABLE", m_file->where(m_path), "the file has no such table.",
                  "An AnnData file has the tables obs and var; write it again with AnnData.");
    case Kind::Dataset:
      openCompound();
      break;
    case Kind::Group:
      openGroup();
      break;
  }
}

void AnnDataTable::openCompound() {
  m_compound = true;
  const std::vector<std::int64_t> shape = m_file->shape(m_path);
  m_columnNames = m_file->fields(m_path);
  if (shape.size() != 1 || m_columnNames.empty())
    throw Error("H5AD_TABLE", m_file->where(m_path), "this dataset is not a table of AnnData.",
                "Write the file again with AnnData.");
  m_rowCount = shape.front();
  const auto named = std::find(m_columnNames.begin(), m_columnNames.end(), "index");
  const auto index = named == m_columnNames.end() ? m_columnNames.begin() : named;
  m_indexName = *index;
  m_columnNames.erase(index);
  m_index = textsOf(*m_file, m_path, {{}, {}, m_indexName});
}

void AnnDataTable::openGroup() {
  m_indexName = m_file->attribute(m_path, "_index").value_or("");
  for (const char* usual : {"_index", "index"})
    if (m_indexName.empty() && m_file->kind(m_path + "/" + usual) != Kind::Missing)
      m_indexName = usual;
  if (m_indexName.empty() || m_file->kind(m_path + "/" + m_indexName) == Kind::Missing)
    throw Error("H5AD_TABLE", m_file->where(m_path),
                "the table has no index, which names its rows.",
                "Write the file again with AnnData.");
  m_index = readTexts(*m_file, m_path + "/" + m_indexName);
  m_rowCount = std::ssize(m_index);
  m_columnNames = m_file->attributeList(m_path, "column-order");
  if (!m_columnNames.empty()) return;
  for (const std::string& name : m_file->children(m_path))
    if (name != m_indexName && name != "__categories") m_columnNames.push_back(name);
}

bool AnnDataTable::has(std::string_view column) const {
  return std::find(m_columnNames.begin(), m_columnNames.end(), column) != m_columnNames.end();
}

void AnnDataTable::unreadable(const std::string& path, const std::string& fact) const {
  throw Error("H5AD_COLUMN", m_file->where(path), fact,
              "Remove or rewrite this column with AnnData; the rest of the file can be used.");
}

void AnnDataTable::checkRows(std::size_t count, const std::string& path) const {
  if (static_cast<std::int64_t>(count) != m_rowCount)
    unreadable(path, "it has " + withThousands(static_cast<std::int64_t>(count)) +
                         " rows where the table has " + withThousands(m_rowCount) + ".");
}

CellColumn AnnDataTable::column(std::string_view name) const {
  const std::string wanted(name);
  if (!has(wanted)) {
    std::string near;
    for (const std::string& candidate : nearest(wanted, m_columnNames))
      near += (near.empty() ? "" : ", ") + printable(candidate);
    throw Error("H5AD_COLUMN", m_file->where(m_path),
                "there is no column '" + printable(wanted) + "'.",
                near.empty() ? "The table has no columns." : "Similar ones are: " + near + ".");
  }
  CellColumn column = m_compound ? compoundColumn(wanted) : groupColumn(wanted);
  checkRows(rowsOf(column), m_path + "/" + wanted);
  return column;
}

CellColumn AnnDataTable::compoundColumn(const std::string& name) const {
  const H5File::Part part{{}, {}, name};
  const std::string categories = "uns/" + name + "_categories";
  if (m_file->type(m_path, name) == Type::Integer && m_file->kind(categories) == Kind::Dataset)
    return categorical(name, m_file->integers(m_path, part), readTexts(*m_file, categories));
  return plainColumn(*m_file, name, m_path, part);
}

CellColumn AnnDataTable::groupColumn(const std::string& name) const {
  const std::string path = m_path + "/" + name;
  switch (m_file->kind(path)) {
    case Kind::Missing:
      unreadable(path, "the table lists this column, but it is not in the file.");
    case Kind::Dataset:
      return datasetColumn(name, path);
    case Kind::Group:
      break;
  }
  const std::string encoding = m_file->attribute(path, "encoding-type").value_or("");
  if (encoding == "categorical" ||
      (encoding.empty() && m_file->kind(path + "/codes") != Kind::Missing))
    return categorical(name, m_file->integers(path + "/codes"),
                       readTexts(*m_file, path + "/categories"));
  if (encoding.starts_with("nullable-")) return nullableColumn(name, path);
  unreadable(path, "its encoding '" + printable(encoding) + "' is none that Cellocus reads.");
}

CellColumn AnnDataTable::datasetColumn(const std::string& name, const std::string& path) const {
  if (m_file->type(path) != Type::Integer) return plainColumn(*m_file, name, path, {});
  // AnnData 0.7: the codes carry a reference to their categories.
  if (const auto categories = m_file->attributeTarget(path, "categories"))
    return categorical(name, m_file->integers(path), readTexts(*m_file, *categories));
  return plainColumn(*m_file, name, path, {});
}

CellColumn AnnDataTable::nullableColumn(const std::string& name, const std::string& path) const {
  CellColumn column = plainColumn(*m_file, name, path + "/values", {});
  const std::vector<std::int64_t> missing = m_file->integers(path + "/mask");
  checkRows(missing.size(), path + "/mask");
  checkRows(rowsOf(column), path + "/values");
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (missing[i] == 0) continue;
    if (!column.codes.empty()) column.codes[i] = -1;
    if (!column.numbers.empty()) column.numbers[i] = std::numeric_limits<double>::quiet_NaN();
    if (!column.texts.empty()) column.texts[i].clear();
  }
  return column;
}

CellColumn AnnDataTable::categorical(const std::string& name, std::vector<std::int64_t> codes,
                                     std::vector<std::string> categories) const {
  CellColumn column;
  column.name = name;
  column.kind = CellColumn::Kind::Categorical;
  column.categories = std::move(categories);
  column.codes.reserve(codes.size());
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (codes[i] < -1 || codes[i] >= std::ssize(column.categories))
      unreadable(m_path + "/" + name, "row " + withThousands(static_cast<std::int64_t>(i) + 1) +
                                          " has category number " + withThousands(codes[i]) +
                                          ", but there are only " +
                                          withThousands(std::ssize(column.categories)) + ".");
    column.codes.push_back(static_cast<std::int32_t>(codes[i]));
  }
  return column;
}

std::vector<std::string> AnnDataTable::texts(std::string_view name) const {
  CellColumn source = column(name);
  std::vector<std::string> texts = std::move(source.texts);
  for (const std::int32_t code : source.codes)
    texts.push_back(code < 0 ? "" : source.categories[static_cast<std::size_t>(code)]);
  for (const double number : source.numbers)
    texts.push_back(std::isnan(number) ? "" : numberText(number));
  return texts;
}

Matrix AnnDataTable::matrix(const Progress& progress) const {
  Matrix result(m_rowCount, std::ssize(m_columnNames));
  for (std::int64_t i = 0; i < result.cols(); ++i) {
    progress.at(static_cast<double>(i) / static_cast<double>(result.cols()), "reading columns");
    const std::string& name = m_columnNames[static_cast<std::size_t>(i)];
    const CellColumn values = column(name);
    if (values.kind != CellColumn::Kind::Numeric)
      unreadable(m_path + "/" + name, "this column is not numeric, so the table is no embedding.");
    result.col(i) =
        Eigen::Map<const Eigen::VectorXd>(values.numbers.data(), m_rowCount).cast<float>();
  }
  return result;
}

}  // namespace cellocus
