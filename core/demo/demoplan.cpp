// SPDX-License-Identifier: GPL-3.0-or-later
#include "demo/demoplan.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/seededrandom.h"

namespace cellocus {

namespace {

std::vector<std::size_t> numbersOf(const std::vector<std::string_view>& regulators) {
  std::vector<std::size_t> numbers;
  for (const std::string_view regulator : regulators)
    numbers.push_back(demoFactorNumber(regulator));
  return numbers;
}

struct RegulatorSites {
  const char* symbol;
  std::vector<std::string_view> sites;
};

/// Who regulates the regulators. A gene that two cell types need has sites for both; it does not
/// act back on the regulators of either type, which would switch the other type on.
const std::vector<RegulatorSites>& regulatorSites() {
  static const std::vector<RegulatorSites> table = {
      {"GATA4", {"GATA4", "NKX2-5", "TBX5", "HAND2"}},
      {"TBX5", {"TBX5", "GATA4", "NKX2-5", "GATA4"}},
      {"NKX2-5", {"GATA4", "NKX2-5", "TBX5", "GATA4"}},
      {"MEF2C", {"GATA4", "NKX2-5", "TBX5", "MEF2C", "SRF", "NFATC1", "SRF"}},
      {"HAND2", {"GATA4", "TBX5", "HAND2", "NKX2-5"}},
      {"TCF21", {"TCF21", "SMAD3", "TCF21", "SMAD3"}},
      {"TEAD1", {"TCF21", "SMAD3", "SRF", "NFATC1", "TEAD1", "TEAD1"}},
      {"JUN", {"TCF21", "SMAD3", "JUN", "SPI1", "IRF1", "TCF21"}},
      {"SMAD3", {"TCF21", "SMAD3", "TCF21", "SMAD3"}},
      {"SRF", {"SRF", "NFATC1", "SRF", "NFATC1"}},
      {"NFATC1", {"SRF", "NFATC1", "SRF", "NFATC1"}},
      {"SOX17", {"SOX17", "FOXC1", "NR2F2", "KLF4"}},
      {"FOXC1", {"SOX17", "FOXC1", "NR2F2", "SOX17"}},
      {"NR2F2", {"SOX17", "FOXC1", "NR2F2", "KLF4"}},
      {"KLF4", {"SOX17", "FOXC1", "KLF4", "NR2F2"}},
      {"SPI1", {"SPI1", "IRF1", "NFKB1", "SPI1"}},
      {"IRF1", {"SPI1", "IRF1", "NFKB1", "SPI1"}},
      {"NFKB1", {"SPI1", "IRF1", "NFKB1", "IRF1"}},
      {"RUNX1", {"RUNX1", "LEF1", "STAT3", "RUNX1"}},
      {"LEF1", {"RUNX1", "LEF1", "STAT3", "LEF1"}},
      {"STAT3", {"RUNX1", "LEF1", "STAT3", "RUNX1"}},
      {"SP1", {"SP1", "NFYA", "SP1", "NFYA", "SP1"}},
      {"NFYA", {"SP1", "NFYA", "SP1", "NFYA", "NFYA"}},
      {"REST", {"SP1", "NFYA", "SP1", "NFYA"}},
  };
  return table;
}

struct MarkerFamily {
  const char* prefix;
  std::vector<std::string_view> pool;
};

const std::vector<MarkerFamily>& markerFamilies() {
  static const std::vector<MarkerFamily> families = {
      {"DEMO-CM", {"GATA4", "TBX5", "NKX2-5", "MEF2C", "HAND2"}},
      {"DEMO-FB", {"TCF21", "SMAD3", "TEAD1", "JUN"}},
      {"DEMO-SM", {"SRF", "NFATC1", "TEAD1", "MEF2C"}},
      {"DEMO-EC", {"SOX17", "FOXC1", "NR2F2", "KLF4"}},
      {"DEMO-MP", {"SPI1", "IRF1", "NFKB1", "JUN"}},
      {"DEMO-TC", {"RUNX1", "LEF1", "STAT3"}},
  };
  return families;
}

std::string numbered(const char* prefix, std::int64_t number) {
  return std::string(prefix) + (number < 10 ? "0" : "") + std::to_string(number);
}

/// The first factor of the family goes round, so that each has about as many targets; the others
/// are drawn. Some markers have a site of another family, so that factors can be told apart.
DemoGenePlan marker(const MarkerFamily& family, std::int64_t number, SeededRandom& random) {
  const std::vector<std::size_t> pool = numbersOf(family.pool);
  const auto size = static_cast<std::int64_t>(pool.size());
  const auto drawn = [&] { return pool[static_cast<std::size_t>(random.below(size))]; };
  DemoGenePlan plan;
  plan.symbol = numbered(family.prefix, number);
  plan.promoter.push_back(pool[static_cast<std::size_t>((number - 1) % size)]);
  plan.promoter.push_back(pool[static_cast<std::size_t>(number % size)]);
  for (std::int64_t more = random.between(0, 2); more > 0; --more) plan.promoter.push_back(drawn());
  if (random.chance(0.25)) {
    const MarkerFamily& other = markerFamilies()[static_cast<std::size_t>(
        random.below(static_cast<std::int64_t>(markerFamilies().size())))];
    plan.promoter.push_back(demoFactorNumber(other.pool[static_cast<std::size_t>(
        random.below(static_cast<std::int64_t>(other.pool.size())))]));
  }
  if (random.chance(0.3)) plan.promoter.push_back(demoFactorNumber("SP1"));
  // Some markers are held back by REST: with the silenced genes alone its effect could not be told
  // from theirs.
  if (number == 4 || number == 7) plan.promoter.push_back(demoFactorNumber("REST"));
  if (random.chance(0.5))
    for (std::int64_t sites = random.between(3, 4); sites > 0; --sites)
      plan.enhancer.push_back(drawn());
  plan.island = random.chance(0.3);
  return plan;
}

}  // namespace

const std::vector<DemoFactor>& demoFactors() {
  static const std::vector<DemoFactor> factors = {
      {"GATA4", "GATA4", "AGATAAGA"},    {"TBX5", "TBX5", "AGGTGTGA"},
      {"NKX2-5", "NKX2-5", "TTAAGTGG"},  {"MEF2C", "MEF2A", "CTAAAAATAG"},
      {"HAND2", "HAND2", "CATCTGG"},     {"TCF21", "TCF21", "AACAGCTGTT"},
      {"TEAD1", "TEAD1", "CATTCCAG"},    {"JUN", "FOSJUN", "ATGACTCAT"},
      {"SMAD3", "SMAD3", "TGTCTAGACA"},  {"SRF", "SRF", "CCATATATGG"},
      {"NFATC1", "NFATC1", "ATTTTCCAC"}, {"SOX17", "SOX17", "GACAATGGC"},
      {"FOXC1", "FOXC1", "GTAAACAA"},    {"NR2F2", "NR2F2", "AGGTCAAAGGTCA"},
      {"KLF4", "KLF4", "GGGTGTGGC"},     {"SPI1", "SPI1", "AAAGAGGAAGTG"},
      {"IRF1", "IRF1", "GAAAGTGAAA"},    {"NFKB1", "NFKB1", "GGGACTTTCC"},
      {"RUNX1", "RUNX1", "TGTGGTTAG"},   {"LEF1", "LEF1", "CCTTTGATG"},
      {"STAT3", "STAT3", "TTCCGGGAA"},   {"SP1", "SP1", "GGGGCGGGG"},
      {"NFYA", "NFYA", "AGCCAATCG"},     {"REST", "REST", "TTCAGCACCATGGACAGCGCC", -1},
  };
  return factors;
}

std::size_t demoFactorNumber(std::string_view regulator) {
  const std::vector<DemoFactor>& factors = demoFactors();
  const auto found = std::find_if(factors.begin(), factors.end(), [&](const DemoFactor& factor) {
    return factor.regulator == regulator;
  });
  if (found == factors.end())
    throw std::logic_error("no such demo factor: " + std::string(regulator));
  return static_cast<std::size_t>(found - factors.begin());
}

const std::vector<DemoCellType>& demoCellTypes() {
  static const std::vector<DemoCellType> types = {
      {"Cardiomyocyte", "#D55E00", 300, numbersOf({"GATA4", "TBX5", "NKX2-5", "MEF2C", "HAND2"})},
      {"Fibroblast", "#009E73", 250, numbersOf({"TCF21", "TEAD1", "JUN", "SMAD3"})},
      {"Smooth muscle", "#CC79A7", 150, numbersOf({"SRF", "NFATC1", "TEAD1", "MEF2C"})},
      {"Endothelial", "#0072B2", 200, numbersOf({"SOX17", "FOXC1", "NR2F2", "KLF4"})},
      {"Macrophage", "#E69F00", 150, numbersOf({"SPI1", "IRF1", "NFKB1", "JUN"})},
      {"T cell", "#56B4E9", 150, numbersOf({"RUNX1", "LEF1", "STAT3"})},
  };
  return types;
}

std::vector<DemoGenePlan> demoGenePlans(std::uint64_t seed) {
  constexpr std::int64_t markersPerFamily = 8, housekeepingGenes = 6, silencedGenes = 4;
  SeededRandom random(seed);
  std::vector<DemoGenePlan> plans;
  for (const RegulatorSites& gene : regulatorSites())
    plans.push_back({gene.symbol, true, true, numbersOf(gene.sites), {}});
  for (const MarkerFamily& family : markerFamilies())
    for (std::int64_t number = 1; number <= markersPerFamily; ++number)
      plans.push_back(marker(family, number, random));
  for (std::int64_t number = 1; number <= housekeepingGenes; ++number) {
    std::vector<std::size_t> sites = numbersOf({"SP1", "NFYA", number % 2 ? "SP1" : "NFYA", "SP1"});
    if (number > 3) sites.resize(static_cast<std::size_t>(number - 2));
    plans.push_back({numbered("DEMO-HK", number), false, true, sites, {}});
  }
  for (std::int64_t number = 1; number <= silencedGenes; ++number)
    plans.push_back({numbered("DEMO-NX", number),
                     false,
                     true,
                     numbersOf({"SP1", "NFYA", number % 2 ? "SP1" : "NFYA", "NFYA", "REST"}),
                     {}});
  for (std::size_t i = plans.size(); i > 1; --i)
    std::swap(plans[i - 1],
              plans[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
  // The last gene comes to lie near a contig's end: a marker, so that no regulator's window is
  // padded.
  const auto last = std::find_if(plans.rbegin(), plans.rend(), [](const DemoGenePlan& plan) {
    return plan.symbol.starts_with("DEMO-CM");
  });
  std::iter_swap(last, plans.rbegin());
  return plans;
}

}  // namespace cellocus
