// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/shared.h"

#include <unistd.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

namespace cellocus::testing {

namespace fs = std::filesystem;

namespace {

struct ScratchRoot {
  fs::path path = fs::temp_directory_path() / ("cellocus-test-" + std::to_string(::getpid()));
  ~ScratchRoot() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

}  // namespace

fs::path dataPath(std::string_view relative) {
  return fs::path(CELLOCUS_SOURCE_DIR) / "tests" / "data" / relative;
}

fs::path sharedPath(std::string_view relative) {
  return fs::path(CELLOCUS_SHARED_DIR) / relative;
}

bool haveShared(std::string_view relative) {
  return fs::exists(sharedPath(relative));
}

std::string fileText(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

fs::path scratchFolder(std::string_view name) {
  static const ScratchRoot root;
  const fs::path folder = root.path / name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

}  // namespace cellocus::testing
