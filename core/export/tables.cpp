// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/tables.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace cellocus {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view missing = "NA";

/// Text that a spreadsheet would run instead of showing it.
bool looksLikeFormula(std::string_view text) {
  if (text.size() < 2 || std::string_view("=+-@\t\r").find(text[0]) == std::string_view::npos)
    return text == "=" || text == "@";
  return !parseNumber(text[0] == '+' ? text.substr(1) : text);
}

std::string quotedCell(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + '"';
}

std::string textCell(std::string_view text, TableFormat format) {
  std::string safe(text);
  if (format == TableFormat::Csv && looksLikeFormula(text)) safe.insert(0, 1, '\'');
  const std::string_view special = format == TableFormat::Csv ? ",\"\r\n" : "\t\"\r\n";
  return safe.find_first_of(special) == std::string::npos ? safe : quotedCell(safe);
}

struct CellText {
  TableFormat format;
  std::string operator()(std::monostate) const { return std::string(missing); }
  std::string operator()(const std::string& text) const { return textCell(text, format); }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(float number) const { return numberText(number); }
  std::string operator()(double number) const { return numberText(number); }
};

std::string columnNote(const Table::Column& column) {
  if (column.unit.empty() && column.formula.empty()) return {};
  std::string note = "# column " + printable(column.name);
  if (!column.unit.empty()) note += " [" + printable(column.unit) + "]";
  if (!column.formula.empty()) note += ": " + printable(column.formula, 1024);
  return note + '\n';
}

/// The ending without ".gz".
std::string ending(const fs::path& path) {
  const fs::path plain = path.extension() == ".gz" ? path.stem() : path;
  return lowered(plain.extension().string());
}

void writeGzip(const fs::path& temporary, std::string_view text, const fs::path& target) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(
      gzopen(temporary.c_str(), "wb6"), [](gzFile f) { return f ? gzclose(f) : 0; });
  constexpr std::size_t piece = 16u << 20;
  bool good = file != nullptr;
  for (std::size_t at = 0; good && at < text.size(); at += piece) {
    const std::string_view part = text.substr(at, piece);
    good = gzwrite(file.get(), part.data(), static_cast<unsigned>(part.size())) ==
           static_cast<int>(part.size());
  }
  if (!good || gzflush(file.get(), Z_FINISH) != Z_OK)
    throw Error("SAVE_FAILED", target.string(), "it could not be written completely.",
                "Make room on the disk or save to another place.");
}

}  // namespace

std::string tableText(const Table& table, TableFormat format,
                      const std::vector<std::string>& header, const Progress& progress) {
  const char separator = format == TableFormat::Csv ? ',' : '\t';
  std::string text;
  for (const std::string& line : header) text += line + '\n';
  for (const Table::Column& column : table.columns) text += columnNote(column);
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (i) text += separator;
    text += textCell(table.columns[i].name, format);
  }
  text += '\n';
  const CellText cellText{format};
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    if (row % 256 == 0)
      progress.at(static_cast<double>(row) / static_cast<double>(table.rows.size()), "table");
    for (std::size_t i = 0; i < table.rows[row].size(); ++i) {
      if (i) text += separator;
      text += std::visit(cellText, table.rows[row][i]);
    }
    text += '\n';
  }
  return text;
}

bool isTableName(const fs::path& path) {
  const std::string end = ending(path);
  return end == ".tsv" || end == ".txt" || end == ".csv";
}

void saveTable(const fs::path& path, const Table& table, const Provenance& provenance,
               const Progress& progress) {
  if (!isTableName(path))
    throw Error("EXPORT_FORMAT", path.string(), "a table cannot be written under this ending.",
                "Use .tsv or .csv, or .tsv.gz or .csv.gz for a compressed one.");
  const TableFormat format = ending(path) == ".csv" ? TableFormat::Csv : TableFormat::Tsv;
  saveText(path, tableText(table, format, provenance.headerLines(), progress));
}

void saveText(const fs::path& path, std::string_view text) {
  if (path.extension() != ".gz") return saveAtomic(path, text);
  saveAtomic(path, [&](const fs::path& temporary) { writeGzip(temporary, text, path); });
}

}  // namespace cellocus
