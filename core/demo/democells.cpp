// SPDX-License-Identifier: GPL-3.0-or-later
#include "demo/democells.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/seededrandom.h"

namespace cellocus {

namespace {

using Eigen::Index;

constexpr double baseRate = -2;        // logarithm of the rate of a gene without active sites
constexpr double effectPerSite = 1.6;  // of a site at the start site whose factor is fully active
constexpr double halfActive = 0.2,
                 steepness = 0.4;  // of activity as a function of the regulator's rate
constexpr double countsPerCell = 2'500;

/// One cell: its place on the way from young to mature within its type, and how it settled.
struct CellState {
  std::size_t type = 0;
  double maturity = 0;  ///< 0..1
  Eigen::VectorXd activity, logRate;
};

/// The regulatory network that the genome spells out.
class Network {
 public:
  Network(const DemoGenome& genome, const Matrix& evidence, SeededRandom& random)
      : m_evidence(evidence.cast<double>()), m_base(evidence.rows()) {
    const std::vector<DemoFactor>& factors = demoFactors();
    for (std::size_t f = 0; f < factors.size(); ++f) {
      m_evidence.col(static_cast<Index>(f)) *= factors[f].sign;
      const auto gene = std::find_if(genome.genes.begin(), genome.genes.end(), [&](const Gene& g) {
        return g.symbol == factors[f].regulator;
      });
      m_regulator.push_back(gene - genome.genes.begin());
    }
    for (Index gene = 0; gene < m_base.size(); ++gene)
      m_base[gene] = baseRate + 0.15 * random.normal();
  }

  /// Repeats "rates from activities, activities from rates" until it changes no more.
  CellState settle(std::size_t type, SeededRandom& random) const {
    constexpr int rounds = 60;
    CellState cell;
    cell.type = type;
    cell.maturity = random.uniform();
    const auto factors = static_cast<Index>(m_regulator.size());
    Eigen::VectorXd disturbance(factors);
    for (Index f = 0; f < factors; ++f) disturbance[f] = 0.25 * random.normal();
    cell.activity = Eigen::VectorXd::Zero(factors);
    for (const std::size_t f : startingFactors(type)) cell.activity[static_cast<Index>(f)] = 1;
    const double strength = effectPerSite * (0.8 + 0.2 * cell.maturity);
    for (int round = 0; round < rounds; ++round) {
      cell.logRate = m_base + strength * (m_evidence * cell.activity);
      for (Index f = 0; f < factors; ++f) {
        const double rate = cell.logRate[m_regulator[static_cast<std::size_t>(f)]] + disturbance[f];
        const double wanted = 1 / (1 + std::exp((halfActive - rate) / steepness));
        cell.activity[f] += 0.5 * (wanted - cell.activity[f]);
      }
    }
    for (Index f = 0; f < factors; ++f)
      cell.logRate[m_regulator[static_cast<std::size_t>(f)]] += disturbance[f];
    return cell;
  }

 private:
  static std::vector<std::size_t> startingFactors(std::size_t type) {
    std::vector<std::size_t> factors = demoCellTypes()[type].factors;
    for (const char* everywhere : {"SP1", "NFYA", "REST"})
      factors.push_back(demoFactorNumber(everywhere));
    return factors;
  }

  Eigen::MatrixXd m_evidence;
  Eigen::VectorXd m_base;
  std::vector<Index> m_regulator;  ///< gene of each factor
};

/// Every site counts for every gene on its contig, by distance alone, whichever it was planted for.
Matrix siteEvidence(const DemoGenome& genome) {
  Matrix evidence = Matrix::Zero(static_cast<Index>(genome.genes.size()),
                                 static_cast<Index>(demoFactors().size()));
  for (std::size_t gene = 0; gene < genome.genes.size(); ++gene)
    for (const PlantedSite& site : genome.sites)
      if (site.locus.contig == genome.genes[gene].locus.contig)
        evidence(static_cast<Index>(gene), static_cast<Index>(site.factor)) +=
            static_cast<float>(siteWeight(site.locus.centre() - genome.genes[gene].tss()));
  return evidence;
}

/// Counts of one cell from its rates: a depth, noise per gene, Poisson.
Eigen::RowVectorXf drawCounts(const CellState& cell, SeededRandom& random) {
  constexpr double depthSpread = 0.3, noise = 0.25;
  const Eigen::VectorXd rates = cell.logRate.array().exp();
  const double depth = countsPerCell * std::exp(depthSpread * random.normal()) / rates.sum();
  Eigen::RowVectorXf counts(rates.size());
  for (Index gene = 0; gene < rates.size(); ++gene) {
    const double disturbed = rates[gene] * std::exp(noise * random.normal() - noise * noise / 2);
    counts[gene] = static_cast<float>(random.poisson(depth * disturbed));
  }
  return counts;
}

Matrix logNormalised(const Matrix& counts) {
  Matrix result = counts;
  for (Index cell = 0; cell < counts.rows(); ++cell) {
    const float total = std::max(1.0F, counts.row(cell).sum());
    result.row(cell) = (counts.row(cell).array() * (10'000 / total)).log1p();
  }
  return result;
}

/// Where a type lies in the picture: cells run along an arc from young to mature.
struct Arc {
  double x, y, radius, from, to, width;  ///< angles in turns
};
constexpr std::array<Arc, 6> arcs = {{{4.6, 1.4, 3.0, 0.60, 1.00, 0.85},
                                      {-1.6, 4.6, 2.8, 0.05, 0.45, 0.85},
                                      {2.9, 6.2, 1.7, -0.12, 0.25, 0.60},
                                      {-5.2, 0.2, 2.3, 0.30, 0.70, 0.80},
                                      {-2.0, -4.4, 1.8, 0.42, 0.82, 0.70},
                                      {2.2, -4.8, 1.9, 0.72, 1.12, 0.70}}};

/// Places of the cells: drawn from type and maturity to look like a UMAP, not computed from the
/// counts.
Matrix layout(const std::vector<CellState>& cells, SeededRandom& random) {
  Matrix places(static_cast<Index>(cells.size()), 2);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Arc& arc = arcs[cells[i].type];
    const double turn = arc.from + (arc.to - arc.from) * cells[i].maturity;
    // Wider in the middle of the arc than at its ends.
    const double width = arc.width * (0.55 + 0.45 * std::sin(std::numbers::pi * cells[i].maturity));
    const double radius = arc.radius + width * random.normal();
    const double angle = 2 * std::numbers::pi * turn + 0.12 * random.normal();
    const auto row = static_cast<Index>(i);
    places(row, 0) = static_cast<float>(arc.x + radius * std::cos(angle));
    places(row, 1) = static_cast<float>(arc.y + radius * std::sin(angle));
  }
  return places;
}

/// The first ten principal components of the log-normalised cells [cells, 10].
Matrix principalComponents(const Matrix& cellsByGenes) {
  constexpr Index kept = 10;
  const Eigen::MatrixXd values = cellsByGenes.cast<double>();
  const Eigen::MatrixXd centred = values.rowwise() - values.colwise().mean();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(centred.transpose() * centred);
  Eigen::MatrixXd axes = solver.eigenvectors().rowwise().reverse().leftCols(kept);
  for (Index k = 0; k < kept; ++k) {
    Index largest = 0;
    axes.col(k).cwiseAbs().maxCoeff(&largest);
    if (axes(largest, k) < 0) axes.col(k) *= -1;
  }
  return (centred * axes).cast<float>();
}

CellColumn typeColumn(const std::vector<CellState>& cells) {
  CellColumn column{"cell_type", CellColumn::Kind::Categorical, {}, {}, {}, {}, {}};
  for (const DemoCellType& type : demoCellTypes()) {
    column.categories.push_back(type.name);
    column.colours.push_back(type.colour);
  }
  for (const CellState& cell : cells) column.codes.push_back(static_cast<std::int32_t>(cell.type));
  return column;
}

CellColumn donorColumn(std::size_t cells, SeededRandom& random) {
  CellColumn column{"donor", CellColumn::Kind::Categorical, {}, {}, {}, {}, {}};
  column.categories = {"synthetic donor 1", "synthetic donor 2", "synthetic donor 3"};
  column.colours = {"#999999", "#F0E442", "#000000"};
  for (std::size_t i = 0; i < cells; ++i)
    column.codes.push_back(static_cast<std::int32_t>(random.below(3)));
  return column;
}

CellColumn numericColumn(const char* name, std::vector<double> numbers) {
  CellColumn column{name, CellColumn::Kind::Numeric, {}, {}, {}, {}, {}};
  column.numbers = std::move(numbers);
  return column;
}

/// Cells in the order in which they would come off a machine, not by type.
std::vector<std::size_t> shuffledTypes(SeededRandom& random) {
  std::vector<std::size_t> types;
  for (std::size_t type = 0; type < demoCellTypes().size(); ++type)
    types.insert(types.end(), static_cast<std::size_t>(demoCellTypes()[type].cells), type);
  for (std::size_t i = types.size(); i > 1; --i)
    std::swap(types[i - 1],
              types[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
  return types;
}

std::string barcode(SeededRandom& random) {
  std::string letters = "DEMO-";
  for (int i = 0; i < 12; ++i) letters += "ACGT"[random.below(4)];
  return letters;
}

void describe(NewDataset& dataset, const std::vector<CellState>& cells, SeededRandom& random) {
  std::vector<double> totals, detected, maturity;
  for (Index row = 0; row < dataset.expression.rows(); ++row) {
    totals.push_back(dataset.expression.row(row).sum());
    detected.push_back(static_cast<double>((dataset.expression.row(row).array() > 0).count()));
    maturity.push_back(cells[static_cast<std::size_t>(row)].maturity);
  }
  for (std::size_t i = 0; i < cells.size(); ++i)
    dataset.cellNames.push_back(barcode(random) + '-' + std::to_string(i + 1));
  dataset.columns = {typeColumn(cells), donorColumn(cells.size(), random),
                     numericColumn("n_counts", std::move(totals)),
                     numericColumn("n_genes", std::move(detected)),
                     numericColumn("maturity", std::move(maturity))};
  dataset.notes = {{"synthetic",
                    "SYNTHETIC cells drawn by Cellocus from a model of the demo genome; of no "
                    "organism. X_umap is laid out by type and maturity, not computed."},
                   {"model",
                    "log rate = base + 1.6 * sum over factors of sign * site evidence * activity; "
                    "counts are Poisson with log-normal noise; see README.txt."}};
}

Matrix meanActivity(const std::vector<CellState>& cells) {
  Matrix mean =
      Matrix::Zero(static_cast<Index>(demoCellTypes().size()), cells.front().activity.size());
  for (const CellState& cell : cells)
    mean.row(static_cast<Index>(cell.type)) += cell.activity.cast<float>().transpose();
  for (std::size_t type = 0; type < demoCellTypes().size(); ++type)
    mean.row(static_cast<Index>(type)) /= static_cast<float>(demoCellTypes()[type].cells);
  return mean;
}

}  // namespace

std::vector<std::size_t> DemoCells::activeTypes(std::size_t factor) const {
  std::vector<std::size_t> types;
  for (Index row = 0; row < activity.rows(); ++row)
    if (activity(row, static_cast<Index>(factor)) > 0.5F)
      types.push_back(static_cast<std::size_t>(row));
  return types;
}

DemoCells makeDemoCells(const DemoGenome& genome, std::uint64_t seed, const Progress& progress) {
  // Another stream than the genome's, so that neither changes when the other draws more.
  SeededRandom random(seed ^ 0x43454C4C53u);
  DemoCells result;
  result.evidence = siteEvidence(genome);
  const Network network(genome, result.evidence, random);
  std::vector<CellState> cells;
  const std::vector<std::size_t> types = shuffledTypes(random);
  Matrix counts(static_cast<Index>(types.size()), static_cast<Index>(genome.genes.size()));
  for (std::size_t i = 0; i < types.size(); ++i) {
    progress.at(static_cast<double>(i) / static_cast<double>(types.size()), "drawing cells");
    cells.push_back(network.settle(types[i], random));
    counts.row(static_cast<Index>(i)) = drawCounts(cells.back(), random);
  }
  const Matrix logCounts = logNormalised(counts);
  for (const Gene& gene : genome.genes)
    result.dataset.genes.push_back({gene.symbol, gene.id, gene.symbol});
  result.dataset.expression = std::move(counts);
  describe(result.dataset, cells, random);
  result.dataset.embeddings = {{"X_umap", layout(cells, random)},
                               {"X_pca", principalComponents(logCounts)}};
  result.dataset.layers = {{"log1p_cp10k", logCounts}};
  result.logExpression = logCounts.transpose();
  result.type = types;
  result.activity = meanActivity(cells);
  return result;
}

}  // namespace cellocus
