// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/tables.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <clocale>
#include <cmath>
#include <filesystem>
#include <stop_token>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "support/shared.h"

namespace cellocus {

namespace {

Table oneColumn(const Table::Cell& cell) {
  return {{{"value", "", ""}}, {{cell}}};
}

/// What stands in the only data row of a table of one cell.
std::string written(const Table::Cell& cell, TableFormat format) {
  const std::string text = tableText(oneColumn(cell), format);
  EXPECT_TRUE(text.starts_with("value\n")) << text;
  EXPECT_EQ(text.back(), '\n');
  return text.substr(6, text.size() - 7);
}

std::string content(const std::filesystem::path& path) {
  return InputFile::open(path)->readAll(1 << 20);
}

std::string unpacked(const std::filesystem::path& path) {
  const gzFile file = gzopen(path.c_str(), "rb");
  std::string text(1 << 20, '\0');
  const int size = gzread(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  text.resize(static_cast<std::size_t>(std::max(0, size)));
  return text;
}

}  // namespace

TEST(Tables, WritesHeaderUnitsFormulasAndRows) {
  const Table table{{{"gene", "", ""}, {"effect", "log1p counts", "ALT - REF"}},
                    {{std::string("GATA4"), 0.25}, {std::string("NPPA"), -1.0}}};
  EXPECT_EQ(tableText(table, TableFormat::Tsv, {"# program: x"}),
            "# program: x\n# column effect [log1p counts]: ALT - "
            "REF\ngene\teffect\nGATA4\t0.25\nNPPA\t-1\n");
  EXPECT_EQ(tableText(table, TableFormat::Csv),
            "# column effect [log1p counts]: ALT - REF\ngene,effect\nGATA4,0.25\nNPPA,-1\n");
}

TEST(Tables, NumbersReadBackAsTheSameNumber) {
  const float third = 1.0f / 3;
  EXPECT_EQ(std::stof(written(third, TableFormat::Tsv)), third);
  EXPECT_LE(written(third, TableFormat::Tsv).size(), 11u);
  EXPECT_EQ(written(0.1f, TableFormat::Tsv), "0.1");
  EXPECT_EQ(std::stod(written(0.1 + 0.2, TableFormat::Tsv)), 0.1 + 0.2);
  EXPECT_EQ(written(std::int64_t{9'007'199'254'740'993}, TableFormat::Tsv), "9007199254740993");
}

TEST(Tables, MissingValuesAreNA) {
  EXPECT_EQ(written(std::nanf(""), TableFormat::Tsv), "NA");
  EXPECT_EQ(written(std::nan(""), TableFormat::Csv), "NA");
  EXPECT_EQ(written(std::monostate(), TableFormat::Csv), "NA");
}

TEST(Tables, LocaleDoesNotChangeNumbers) {
  const std::string old = std::setlocale(LC_ALL, nullptr);
  if (!std::setlocale(LC_ALL, "de_DE.UTF-8")) GTEST_SKIP() << "needs the locale de_DE.UTF-8";
  EXPECT_EQ(written(1.5, TableFormat::Csv), "1.5");
  std::setlocale(LC_ALL, old.c_str());
}

TEST(Tables, QuotesWhatWouldBreakTheRow) {
  EXPECT_EQ(written(std::string("a,b"), TableFormat::Csv), "\"a,b\"");
  EXPECT_EQ(written(std::string("a,b"), TableFormat::Tsv), "a,b");
  EXPECT_EQ(written(std::string("a\tb"), TableFormat::Tsv), "\"a\tb\"");
  EXPECT_EQ(written(std::string("say \"x\"\nand more"), TableFormat::Csv),
            "\"say \"\"x\"\"\nand more\"");
}

TEST(Tables, CsvDisarmsFormulasAndTsvKeepsText) {
  for (const char* attack : {"=cmd|' /C calc'!A0", "+SUM(A1)", "-2+3", "@SUM(A1)", "\tx", "="}) {
    EXPECT_NE(written(std::string(attack), TableFormat::Csv).find(std::string("'") + attack[0]),
              std::string::npos)
        << attack;
    EXPECT_EQ(written(std::string(attack), TableFormat::Tsv).find('\''),
              std::string(attack).find('\''))
        << attack;
  }
}

TEST(Tables, CsvLeavesNumbersAndStrandsAlone) {
  for (const char* harmless : {"-1.5", "+2", "-", "+", "chr8", "", "GATA4-AS1"})
    EXPECT_EQ(written(std::string(harmless), TableFormat::Csv), harmless);
}

TEST(Tables, EndingChoosesFormatAndCompression) {
  const auto folder = testing::scratchFolder("tables");
  const Table table{{{"a", "", ""}, {"b", "", ""}}, {{std::int64_t{1}, std::int64_t{2}}}};
  Provenance provenance;
  provenance.command = "cellocus-cli test";
  saveTable(folder / "t.csv", table, provenance);
  EXPECT_TRUE(content(folder / "t.csv").ends_with("a,b\n1,2\n"));
  EXPECT_NE(content(folder / "t.csv").find("# command: cellocus-cli test\n"), std::string::npos);
  saveTable(folder / "t.tsv.gz", table, provenance);
  EXPECT_TRUE(content(folder / "t.tsv.gz").starts_with("\x1f\x8b"));
  EXPECT_TRUE(unpacked(folder / "t.tsv.gz").ends_with("a\tb\n1\t2\n"));
}

TEST(Tables, RefusesAnUnknownEnding) {
  const auto folder = testing::scratchFolder("tables");
  try {
    saveTable(folder / "t.xlsx", oneColumn(1.0), {});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "EXPORT_FORMAT");
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "t.xlsx"));
}

TEST(Tables, AFailedSaveLeavesTheOldFile) {
  const auto folder = testing::scratchFolder("tables");
  saveText(folder / "t.tsv", "old\n");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(saveTable(folder / "t.tsv", oneColumn(1.0), {}, Progress(stop.get_token())),
               Cancelled);
  EXPECT_EQ(content(folder / "t.tsv"), "old\n");
}

}  // namespace cellocus
