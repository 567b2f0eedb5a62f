// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string_view>

namespace cellocus {

enum class FileKind {
  Genome,
  Annotation,
  Variants,
  Intervals,
  CytoBands,
  SequenceModel,
  CellHead,
  Checkpoint,  ///< weights that no model of the program recognises
  Cells,
  Embeddings,
  Dictionary,
  Session
};

/// "genome", "annotation", ... as the command line prints it.
std::string_view fileKindName(FileKind kind);

/// Tells what a file is from its name and its first bytes; checkpoints and HDF5 files are looked
/// into. A folder with a `config.json` is a model.
/// @throws Error "FILE_KIND_UNKNOWN" with what the program can open
FileKind recogniseFile(const std::filesystem::path& path);

}  // namespace cellocus
