// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cellocus {

/// A transcription factor of the demo world: its binding site and the gene that makes it.
struct DemoFactor {
  std::string regulator;  ///< symbol of the gene, "MEF2C"
  std::string motif;      ///< name among textbookMotifs(), "MEF2A"
  std::string site;       ///< what is planted, "CTAAAAATAG"
  int sign = 1;           ///< -1 for a repressor
};
const std::vector<DemoFactor>& demoFactors();
/// Number of a factor by its regulator's symbol.
std::size_t demoFactorNumber(std::string_view regulator);

/// A cell type of the demo world and the factors whose activity it starts from.
struct DemoCellType {
  std::string name;
  std::string colour;  ///< "#RRGGBB" (Okabe and Ito)
  std::int64_t cells = 0;
  std::vector<std::size_t> factors;
};
const std::vector<DemoCellType>& demoCellTypes();

/// What is to be planted for a gene, before it has a place.
struct DemoGenePlan {
  std::string symbol;
  bool regulator = false;
  bool island = false;                ///< its promoter lies in a CpG island
  std::vector<std::size_t> promoter;  ///< factors with a site within 320 bases upstream
  std::vector<std::size_t> enhancer;  ///< factors with a site 1.5 to 8 kb upstream; may be empty
};
/// The 82 genes: regulators, whose promoters hold sites of the factors of their own cell types, so
/// that each type keeps itself up; markers of each type; housekeeping genes; genes that REST keeps
/// low.
std::vector<DemoGenePlan> demoGenePlans(std::uint64_t seed);

}  // namespace cellocus
