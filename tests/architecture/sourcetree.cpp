// SPDX-License-Identifier: GPL-3.0-or-later
#include "sourcetree.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <regex>

namespace cellocus::testing {

namespace fs = std::filesystem;

namespace {

/// Leaves out `//` comments and what stands between double quotes. Enough for this code base, which
/// has no block comments over several lines; a raw string would be seen as code.
std::string codeOf(const std::string& line) {
  std::string code;
  bool inString = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool escaped = inString && line[i] == '\\';
    if (line[i] == '"' && !(i > 0 && line[i - 1] == '\'')) {
      inString = !inString;
      code += '"';
    } else if (!inString) {
      if (line.compare(i, 2, "//") == 0) break;
      code += line[i];
    }
    if (escaped) ++i;
  }
  return code;
}

SourceFile readSource(const fs::path& root, const fs::path& path) {
  static const std::regex include("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"]");
  SourceFile file;
  file.path = fs::relative(path, root).generic_string();
  std::ifstream stream(path);
  for (std::string line; std::getline(stream, line);) {
    std::smatch match;
    if (std::regex_search(line, match, include)) file.includes.push_back(match[1]);
    file.code.push_back(codeOf(line));
    file.lines.push_back(std::move(line));
  }
  return file;
}

}  // namespace

std::vector<SourceFile> sourceFiles(const std::vector<std::string>& folders) {
  const fs::path root(CELLOCUS_SOURCE_DIR);
  std::vector<SourceFile> files;
  for (const std::string& folder : folders)
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string ending = entry.path().extension().string();
      if (entry.is_regular_file() && (ending == ".h" || ending == ".cpp"))
        files.push_back(readSource(root, entry.path()));
    }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

std::vector<SourceFile> buildFiles() {
  const fs::path root(CELLOCUS_SOURCE_DIR);
  std::vector<SourceFile> files = {readSource(root, root / "CMakeLists.txt"),
                                   readSource(root, root / "run.sh"),
                                   readSource(root, root / "test.sh")};
  for (const char* folder : {"app", "bench", "cmake", "core", "resources", "tests", "widgets"})
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string ending = entry.path().extension().string();
      if (entry.path().filename() == "CMakeLists.txt" || ending == ".cmake" || ending == ".sh")
        files.push_back(readSource(root, entry.path()));
    }
  return files;
}

std::vector<FunctionLength> functionLengths(const SourceFile& file) {
  // clang-format puts a function's first line and its closing brace at the left edge, and neither
  // namespaces (whose closing brace has a comment) nor types (whose closing brace has a semicolon)
  // look the same.
  std::vector<FunctionLength> functions;
  std::optional<std::size_t> start;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    const std::string& line = file.lines[i];
    if (line.empty() || line[0] == ' ' || line[0] == '#' || line[0] == '/') continue;
    if (line == "}" && start) {
      const auto body =
          std::ranges::subrange(file.code.begin() + static_cast<std::ptrdiff_t>(*start),
                                file.code.begin() + static_cast<std::ptrdiff_t>(i));
      const auto statements = std::ranges::count_if(
          body, [](const std::string& code) { return code.find(';') != std::string::npos; });
      functions.push_back({file.path + ":" + std::to_string(*start + 1), i - *start + 1,
                           static_cast<std::size_t>(statements)});
    }
    start = line[0] == '}' ? std::nullopt : std::optional(i);
  }
  return functions;
}

}  // namespace cellocus::testing
