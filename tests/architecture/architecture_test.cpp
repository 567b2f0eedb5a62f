// SPDX-License-Identifier: GPL-3.0-or-later
// Who may know whom, and what no file may do (DESIGN: sections 3, 4, 8 and 11).
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "sourcetree.h"

namespace cellocus {

namespace {

using testing::SourceFile;

const std::vector<SourceFile>& product() {
  static const std::vector<SourceFile> files = testing::sourceFiles({"core", "widgets", "app"});
  return files;
}

const std::vector<SourceFile>& everything() {
  static const std::vector<SourceFile> files =
      testing::sourceFiles({"core", "widgets", "app", "tests", "bench"});
  return files;
}

std::string topFolder(const std::string& path) {
  return path.substr(0, path.find('/'));
}

/// "core/genome/locus.h" -> "genome".
std::string coreFolder(const SourceFile& file) {
  return topFolder(file.path.substr(5));
}

void expectNoInclude(const SourceFile& file, const std::regex& forbidden, const std::string& why) {
  for (const std::string& include : file.includes)
    EXPECT_FALSE(std::regex_search(include, forbidden))
        << file.path << " includes " << include << ": " << why;
}

void expectNoCode(const SourceFile& file, const std::regex& forbidden, const std::string& why) {
  for (std::size_t i = 0; i < file.code.size(); ++i)
    EXPECT_FALSE(std::regex_search(file.code[i], forbidden))
        << file.path << ":" << i + 1 << ": " << file.lines[i] << "\n  " << why;
}

/// Which folders of core a folder of core may include, itself left out.
const std::map<std::string, std::set<std::string>> mayInclude = {
    {"base", {}},
    {"weights", {"base"}},
    {"nn", {"base", "weights"}},
    {"genome", {"base"}},
    {"cells", {"base"}},
    {"models", {"base", "weights", "nn", "cells"}},
    {"analysis", {"base", "weights", "nn", "genome", "cells", "models"}},
    {"demo", {"base", "weights", "nn", "genome", "cells", "models", "analysis"}},
    {"export", {"base", "weights", "genome", "cells", "models", "analysis"}},
    {"session",
     {"base", "weights", "nn", "genome", "cells", "models", "analysis", "demo", "export"}},
};

}  // namespace

TEST(Architecture, TheTreeIsThere) {
  EXPECT_GT(product().size(), 100u);
  for (const char* file : {"core/base/error.h", "core/genome/genome.cpp", "app/cli/main.cpp"})
    EXPECT_TRUE(std::ranges::any_of(product(), [&](const auto& f) { return f.path == file; }))
        << file;
}

TEST(Architecture, CoreHasNoQtOutsideSession) {
  for (const SourceFile& file : product())
    if (file.isIn("core") && !file.isIn("core/session"))
      expectNoInclude(file, std::regex("^Q[A-Z]|^Qt"), "core runs without Qt");
}

TEST(Architecture, SessionHasQtCoreOnly) {
  for (const SourceFile& file : product())
    if (file.isIn("core/session"))
      expectNoInclude(
          file,
          std::regex("^QtWidgets|^QtGui|^Q(Widget|Application|Painter|Image|Pixmap|MainWindow|"
                     "Dialog|Action|UndoStack|Color|Font)"),
          "session works without a display");
}

TEST(Architecture, TheCommandLineHasNoQt) {
  for (const SourceFile& file : product())
    if (file.isIn("app/cli"))
      expectNoInclude(file, std::regex("^Q[A-Z]|^Qt|^session/"), "servers have no Qt");
}

TEST(Architecture, WidgetsDoNotKnowSessionOrApp) {
  for (const SourceFile& file : product())
    if (file.isIn("widgets"))
      expectNoInclude(file, std::regex("^session/|^app/|^mainwindow|^cli/"),
                      "a view is given values and says what the user did; app connects");
}

TEST(Architecture, FoldersOfCoreIncludeOnlyWhatLiesBelowThem) {
  for (const SourceFile& file : product()) {
    if (!file.isIn("core")) continue;
    const auto rule = mayInclude.find(coreFolder(file));
    ASSERT_NE(rule, mayInclude.end()) << file.path << " lies in a folder without a rule";
    for (const std::string& include : file.includes) {
      const std::string folder = topFolder(include);
      const bool known = include.find('/') != std::string::npos && mayInclude.contains(folder);
      EXPECT_TRUE(!known || folder == rule->first || rule->second.contains(folder))
          << file.path << " includes " << include;
    }
  }
}

TEST(Architecture, CLibrariesStayOutOfHeaders) {
  for (const SourceFile& file : product())
    if (file.isHeader())
      expectNoInclude(
          file,
          std::regex("^htslib/|^hdf5|^H5|^dnnl|^oneapi/|^zip\\.h|^zlib\\.h|^openssl/|^omp\\.h"),
          "C libraries are included where they are used and nowhere else");
}

TEST(Architecture, OnlyNnUsesOneDnn) {
  for (const SourceFile& file : product())
    if (!file.isIn("core/nn"))
      expectNoInclude(file, std::regex("^dnnl|^oneapi/dnnl"), "see core/nn");
}

TEST(Architecture, OnlyCellsUsesHdf5) {
  for (const SourceFile& file : product())
    if (!file.isIn("core/cells"))
      expectNoInclude(file, std::regex("^hdf5|^H5"), "HDF5 is to move into a process of its own");
}

TEST(Architecture, NothingIsMappedIntoMemory) {
  for (const SourceFile& file : product())
    expectNoCode(file, std::regex("\\bmmap\\s*\\(|QFile::map|\\bmapped_file"),
                 "a file cut short while mapped ends the program: use InputFile");
}

TEST(Architecture, NumbersInTextAreReadByBaseText) {
  for (const SourceFile& file : product())
    expectNoCode(
        file,
        std::regex(
            "\\b(atoi|atol|atof|stoi|stol|stoll|stoul|stoull|stof|stod|strtol|strtoll|strtoul|"
            "strtoull|strtod|strtof|sscanf)\\s*\\("),
        "these depend on the locale or take half a word for a number: use parseInteger, "
        "parseNumber");
}

TEST(Architecture, FilesAreWrittenBySaveAtomicOnly) {
  // The first is saveAtomic itself, the others write the temporary file that saveAtomic hands them.
  const std::set<std::string> writers = {"core/base/file.cpp", "core/cells/genefile.h",
                                         "core/weights/safetensorswriter.cpp",
                                         "core/weights/zipwriter.h"};
  for (const SourceFile& file : product()) {
    if (writers.contains(file.path)) continue;
    const std::string why = "a file appears whole or not at all: use saveAtomic";
    expectNoCode(
        file, std::regex("\\bQSaveFile\\b|\\bofstream\\b|\\bfopen\\s*\\(|\\bfreopen\\s*\\("), why);
    // Writing into a QBuffer is fine.
    const bool usesFiles = std::ranges::any_of(file.code, [](const std::string& line) {
      return line.find("QFile ") != std::string::npos;
    });
    if (usesFiles) expectNoCode(file, std::regex("\\b(WriteOnly|ReadWrite|Append)\\b"), why);
  }
}

TEST(Architecture, TheEngineNeitherPrintsNorExits) {
  for (const SourceFile& file : product())
    if (file.isIn("core"))
      expectNoCode(
          file,
          std::regex(
              "\\bstd::(cout|cerr|clog)\\b|\\bprintf\\s*\\(|\\bfprintf\\s*\\(|\\babort\\s*\\(|"
              "\\bexit\\s*\\(|\\bterminate\\s*\\("),
          "errors are thrown and progress is reported; who calls decides what is shown");
}

TEST(Architecture, NothingIsLeftToDoInComments) {
  for (const SourceFile& file : everything()) {
    const std::regex mark(std::string("TO") + "DO|FIX" + "ME|\\bXX" + "X\\b");
    for (std::size_t i = 0; i < file.lines.size(); ++i)
      EXPECT_FALSE(std::regex_search(file.lines[i], mark)) << file.path << ":" << i + 1;
  }
}

TEST(Architecture, EveryFileNamesItsLicence) {
  for (const SourceFile& file : everything()) {
    ASSERT_FALSE(file.lines.empty()) << file.path;
    EXPECT_EQ(file.lines.front(), "// SPDX-License-Identifier: GPL-3.0-or-later") << file.path;
  }
}

TEST(Architecture, EveryBuildFileNamesItsLicence) {
  const std::string licence = "# SPDX-License-Identifier: GPL-3.0-or-later";
  EXPECT_GT(testing::buildFiles().size(), 20u);
  for (const SourceFile& file : testing::buildFiles()) {
    // A script begins with its interpreter.
    const std::size_t line = file.lines.at(0).starts_with("#!") ? 1 : 0;
    EXPECT_EQ(file.lines.at(line), licence) << file.path;
  }
}

TEST(Architecture, EveryHeaderIsGuardedOnce) {
  for (const SourceFile& file : everything())
    EXPECT_EQ(std::ranges::count(file.lines, "#pragma once"), file.isHeader() ? 1 : 0) << file.path;
}

TEST(Architecture, FunctionsFitAScreen) {
  std::size_t functions = 0;
  for (const SourceFile& file : product())
    for (const auto& function : testing::functionLengths(file)) {
      ++functions;
      // A table of values with a return behind it is no code.
      EXPECT_TRUE(function.lines <= 60 || function.statements <= 2)
          << function.where << " has " << function.lines << " lines";
    }
  EXPECT_GT(functions, 500u) << "the search for functions finds too few";
}

TEST(Architecture, FilesStayShort) {
  for (const SourceFile& file : product())
    EXPECT_LE(file.lines.size(), file.isHeader() ? 220u : 600u) << file.path;
}

TEST(Architecture, FileNamesAreLowerCase) {
  for (const SourceFile& file : everything())
    EXPECT_TRUE(std::ranges::none_of(file.path, [](unsigned char c) {
      return c >= 'A' && c <= 'Z';
    })) << file.path;
}

}  // namespace cellocus
