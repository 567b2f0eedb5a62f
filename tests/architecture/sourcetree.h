// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cellocus::testing {

/// A file of the repository, as the rules look at it.
struct SourceFile {
  std::string path;                ///< from the top of the tree: "core/genome/genome.h"
  std::vector<std::string> lines;  ///< as they stand in the file
  std::vector<std::string> code;   ///< the same without comments and the insides of string literals
  std::vector<std::string> includes;  ///< what stands between the quotes or angle brackets

  bool isHeader() const { return path.ends_with(".h"); }
  bool isIn(const std::string& folder) const { return path.starts_with(folder + "/"); }
};

/// C++ files below the named top folders.
std::vector<SourceFile> sourceFiles(const std::vector<std::string>& folders);

/// Build files and scripts anywhere in the tree: CMakeLists.txt, *.cmake, *.sh.
std::vector<SourceFile> buildFiles();

/// A function that is defined at the left edge of a file.
struct FunctionLength {
  std::string where;  ///< "core/base/text.cpp:120"
  std::size_t lines = 0, statements = 0;
};
std::vector<FunctionLength> functionLengths(const SourceFile& file);

}  // namespace cellocus::testing
