// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/tinyinputs.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "support/shared.h"

namespace cellocus::testing {

namespace fs = std::filesystem;

std::string randomBases(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::string bases(count, 'N');
  for (char& base : bases) base = "ACGT"[random() % 4];
  return bases;
}

void writeFasta(const fs::path& path, const std::string& contig, const std::string& bases) {
  std::ofstream stream(path);
  stream << '>' << contig << '\n';
  for (std::size_t at = 0; at < bases.size(); at += 60) stream << bases.substr(at, 60) << '\n';
}

fs::path tinyTrunk(const fs::path& folder, std::int64_t windowLength) {
  const fs::path trunk = folder / "trunk";
  fs::create_directories(trunk);
  fs::copy_file(dataPath("enformer/E1_tiny/model.safetensors"), trunk / "model.safetensors",
                fs::copy_options::overwrite_existing);
  std::ifstream original(dataPath("enformer/E1_tiny/config.json"));
  auto config = nlohmann::json::parse(original);
  config["cellocus"] = {
      {"window_length", windowLength}, {"name", "Tiny"}, {"label", "Random weights."}};
  std::ofstream(trunk / "config.json") << config;
  return trunk;
}

std::string queryColumns() {
  return "chr\tseq_start\tseq_end\tseq_strand\tpatch_id\tgroup_id\tadd_id\tcenter\tnum_roi\t"
         "stretch\tstrands_roi\tpositions_roi\tbins_roi\n";
}

std::string queryRow(std::int64_t start, const std::string& strand, const std::string& bin,
                     const std::string& gene) {
  return "chr1\t" + std::to_string(start) + "\t" + std::to_string(start + 8191) + "\t" + strand +
         "\t" + gene + ".1_0\t" + gene + ".1\tSYM" + gene + "\t0\t1\t0\t['" + strand + "']\t0\t" +
         bin + "\n";
}

}  // namespace cellocus::testing
