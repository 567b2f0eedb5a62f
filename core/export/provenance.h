// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "models/enformer.h"

namespace cellocus {

/// "cellocus 0.1.0".
std::string programVersion();

/// "float32" or "bfloat16", as outputs name it.
std::string precisionName(Precision precision);
/// "tf" or "torch", as files record it.
std::string gammaName(Gamma gamma);

/// Where the numbers of an output come from: enough to make it again and to notice that an input
/// changed. A value; it goes with every table, figure, bedGraph and HDF5 file that leaves the
/// program.
struct Provenance {
  struct File {
    std::string role;  ///< "genome", "trunk", "head", "cells", "edits", ...
    std::filesystem::path path;
    std::uint64_t size = 0;  ///< bytes
    std::string sha256;      ///< 64 hexadecimal digits
  };
  struct Formula {
    std::string number;   ///< the column or dataset: "delta"
    std::string formula;  ///< "ALT - REF, in the unit of the track"
  };

  std::string program = programVersion();
  std::string command =
      "window";  ///< the command line, or "window" for what the user did with the mouse
  std::vector<File> files;
  std::vector<std::string> contigs;  ///< of the genome, as far as used: "chr8 (145,138,636 bp)"
  std::string haplotype;             ///< HGVS names of the edits; empty for the reference
  std::string locus;  ///< as a person reads it: 1-based, inclusive; empty if there is none
  std::vector<Formula> formulas;
  std::string model;       ///< the model's name: "Enformer", "Demo motif scanner"
  std::string modelLabel;  ///< what has to be shown with every result of the model; may be empty
  int threads = 0;
  std::string precision = "float32";

  /// Notes a file with its size and checksum. A folder stands for the weights and JSON files in it.
  /// A checksum is kept in the cache folder and taken from there while size and time of the file
  /// are the same, because a genome of 3 GB takes seconds. @throws Error "FILE_..." if it cannot be
  /// read
  void add(std::string_view role, const std::filesystem::path& path, const Progress& progress = {});
  /// Notes a sequence model: its name, its label, its precision and all files that decide its
  /// numbers and their names, which are the weights and, where they lie beside them, config, gamma
  /// table and the names of the tracks. @throws Error "FILE_..."
  void addTrunk(const Enformer& trunk, const Progress& progress = {});

  nlohmann::json json() const;
  /// One fact a line, each beginning with "# ": the head of text tables.
  std::vector<std::string> headerLines() const;
};

}  // namespace cellocus
