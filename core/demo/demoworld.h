// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/progress.h"

namespace cellocus {

struct DemoOptions {
  std::uint64_t seed = 1;
  /// Matrices for the trunk, MEME or JASPAR; the textbook consensus sites if not given. The
  /// genome's sites are always the textbook's.
  std::optional<std::filesystem::path> motifs;
};

/// Where the parts of a demo world lie.
struct DemoFiles {
  std::filesystem::path genome, genomeIndex, annotation, cells, trunk, head, truth, peaks, bands,
      windows, readme;
};
DemoFiles demoFiles(const std::filesystem::path& folder);

/// Makes a synthetic world whose truth is known: a genome of 2 Mb with planted binding sites, its
/// genes, 1,200 cells whose expression follows from those sites, a motif scanner in Enformer's
/// architecture, a cell head fitted to it, and a table of what was planted. The same seed makes the
/// same files. Files of these names that the folder holds already are replaced.
/// @throws Error "SAVE_FAILED" or what is wrong with the motif file
void makeDemo(const std::filesystem::path& folder, const DemoOptions& options = {},
              const Progress& progress = {});

}  // namespace cellocus
