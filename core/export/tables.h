// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/progress.h"
#include "export/provenance.h"

namespace cellocus {

/// A table as it leaves the program. A value: the window shows it, the command line writes it.
struct Table {
  struct Column {
    std::string name;     ///< stands in the header row
    std::string unit;     ///< "bp", "log1p counts"; may be empty
    std::string formula;  ///< how the number was made; empty for names and coordinates
  };
  /// Nothing (written as NA), text, or a number. NaN is written as NA too.
  using Cell = std::variant<std::monostate, std::string, std::int64_t, float, double>;

  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;  ///< each as long as `columns`
};

enum class TableFormat { Tsv, Csv };

/// The table as text: `header` lines (see Provenance::headerLines), a line for each column that has
/// a unit or formula, the header row, the rows. Numbers are the shortest text that reads back as
/// the same number, with a point whatever the locale; lines end with LF. Cells with the separator,
/// a quote or a line break are quoted as RFC 4180 says. In CSV, which people open in spreadsheets,
/// text that a spreadsheet would run as a formula (it begins with = + - @, a tab or CR, and is
/// neither a number nor a lone sign) gets a leading apostrophe; TSV, which programs read, is never
/// changed.
std::string tableText(const Table& table, TableFormat format,
                      const std::vector<std::string>& header = {}, const Progress& progress = {});

/// Whether the name ends as saveTable needs it: .tsv, .txt, .csv, each also with .gz.
bool isTableName(const std::filesystem::path& path);

/// Writes a table with its provenance, whole or not at all; the name's ending chooses format and
/// compression.
/// @throws Error "EXPORT_FORMAT" for any other ending, "SAVE_FAILED"
void saveTable(const std::filesystem::path& path, const Table& table, const Provenance& provenance,
               const Progress& progress = {});

/// Writes text as it is, or gzipped where the name ends with .gz, whole or not at all.
/// @throws Error "SAVE_FAILED"
void saveText(const std::filesystem::path& path, std::string_view text);

}  // namespace cellocus
