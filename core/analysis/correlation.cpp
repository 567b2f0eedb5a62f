// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/correlation.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "base/parallel.h"

namespace cellocus {

namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
/// Cells whose sums are updated together; their numbers stay in the first cache.
constexpr std::int64_t cellsAtOnce = 256;

using Values = std::span<const float>;

/// First the means, then the sums around them.
PairSums sumsOf(Values x, Values y) {
  PairSums sums;
  sums.count = static_cast<std::int64_t>(x.size());
  if (x.empty()) return sums;
  sums.firstX = static_cast<double>(x[0]);
  sums.firstY = static_cast<double>(y[0]);
  for (std::size_t i = 0; i < x.size(); ++i) {
    sums.meanX += static_cast<double>(x[i]);
    sums.meanY += static_cast<double>(y[i]);
    sums.variesX |= x[i] != x[0];
    sums.variesY |= y[i] != y[0];
  }
  sums.meanX /= static_cast<double>(x.size());
  sums.meanY /= static_cast<double>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double dx = static_cast<double>(x[i]) - sums.meanX;
    const double dy = static_cast<double>(y[i]) - sums.meanY;
    sums.xx += dx * dx;
    sums.yy += dy * dy;
    sums.xy += dx * dy;
  }
  return sums;
}

Values rowOf(MatrixView matrix, Eigen::Index row) {
  return {matrix.data() + row * matrix.outerStride(), static_cast<std::size_t>(matrix.cols())};
}

/// Sums down the columns of a block of at least one row; rows are gone along, as they lie in
/// memory.
void addColumns(MatrixView x, MatrixView y, std::span<PairSums> cells) {
  const auto count = static_cast<double>(x.rows());
  std::vector<PairSums> sums(cells.size());
  const auto forEach = [&](const auto& step) {
    for (Eigen::Index row = 0; row < x.rows(); ++row)
      for (std::size_t i = 0; i < sums.size(); ++i) {
        const auto column = static_cast<Eigen::Index>(i);
        step(sums[i], static_cast<double>(x(row, column)), static_cast<double>(y(row, column)));
      }
  };
  for (std::size_t i = 0; i < sums.size(); ++i) {
    sums[i].count = x.rows();
    sums[i].firstX = static_cast<double>(x(0, static_cast<Eigen::Index>(i)));
    sums[i].firstY = static_cast<double>(y(0, static_cast<Eigen::Index>(i)));
  }
  forEach([](PairSums& sum, double a, double b) {
    sum.meanX += a;
    sum.meanY += b;
    sum.variesX |= a != sum.firstX;
    sum.variesY |= b != sum.firstY;
  });
  for (PairSums& sum : sums) {
    sum.meanX /= count;
    sum.meanY /= count;
  }
  forEach([](PairSums& sum, double a, double b) {
    const double dx = a - sum.meanX, dy = b - sum.meanY;
    sum.xx += dx * dx;
    sum.yy += dy * dy;
    sum.xy += dx * dy;
  });
  for (std::size_t i = 0; i < sums.size(); ++i) cells[i].add(sums[i]);
}

std::vector<double> correlationsOf(const std::vector<PairSums>& sums) {
  std::vector<double> values;
  values.reserve(sums.size());
  for (const PairSums& sum : sums) values.push_back(sum.correlation());
  return values;
}

}  // namespace

double meanCorrelation(std::span<const double> correlations, Undefined rule) {
  double sum = 0;
  std::int64_t counted = 0;
  for (const double value : correlations) {
    const bool known = !std::isnan(value);
    if (known) sum += value;
    if (known || rule == Undefined::CountsAsZero) ++counted;
  }
  return counted == 0 ? undefined : sum / static_cast<double>(counted);
}

std::int64_t undefinedCount(std::span<const double> correlations) {
  return std::ranges::count_if(correlations, [](double value) { return std::isnan(value); });
}

/// Chan, Golub and LeVeque's way to join two parts.
void PairSums::add(const PairSums& other) {
  if (other.count == 0) return;
  if (count == 0) {
    *this = other;
    return;
  }
  const auto before = static_cast<double>(count), added = static_cast<double>(other.count);
  const double all = before + added, weight = before * added / all;
  const double dx = other.meanX - meanX, dy = other.meanY - meanY;
  xx += other.xx + dx * dx * weight;
  yy += other.yy + dy * dy * weight;
  xy += other.xy + dx * dy * weight;
  meanX += dx * added / all;
  meanY += dy * added / all;
  variesX |= other.variesX || other.firstX != firstX;
  variesY |= other.variesY || other.firstY != firstY;
  count += other.count;
}

double PairSums::correlation() const {
  if (!variesX || !variesY) return undefined;
  return std::clamp(xy / (std::sqrt(xx) * std::sqrt(yy)), -1.0, 1.0);
}

void CorrelationSums::add(MatrixView predicted, MatrixView observed) {
  assert(predicted.rows() == observed.rows() && predicted.cols() == observed.cols());
  if (predicted.rows() == 0) return;
  m_cells.resize(static_cast<std::size_t>(predicted.cols()));
  assert(m_cells.size() == static_cast<std::size_t>(predicted.cols()));
  std::vector<PairSums> genes(static_cast<std::size_t>(predicted.rows()));
  parallelFor(predicted.rows(), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row)
      genes[static_cast<std::size_t>(row)] = sumsOf(rowOf(predicted, row), rowOf(observed, row));
  });
  for (const PairSums& gene : genes) {
    m_crossCell.push_back(gene.correlation());
    m_overall.add(gene);
  }
  const std::int64_t blocks = (predicted.cols() + cellsAtOnce - 1) / cellsAtOnce;
  parallelFor(blocks, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t block = first; block < last; ++block) {
      const std::int64_t from = block * cellsAtOnce;
      const std::int64_t cells = std::min(cellsAtOnce, predicted.cols() - from);
      addColumns(predicted.middleCols(from, cells), observed.middleCols(from, cells),
                 std::span(m_cells).subspan(static_cast<std::size_t>(from),
                                            static_cast<std::size_t>(cells)));
    }
  });
}

std::vector<double> CorrelationSums::crossGene() const {
  return correlationsOf(m_cells);
}

double CorrelationSums::overall() const {
  return m_overall.correlation();
}

std::vector<double> crossGeneCorrelation(MatrixView predicted, MatrixView observed) {
  CorrelationSums sums;
  sums.add(predicted, observed);
  return sums.crossGene();
}

std::vector<double> crossCellCorrelation(MatrixView predicted, MatrixView observed) {
  CorrelationSums sums;
  sums.add(predicted, observed);
  return sums.crossCell();
}

double correlation(std::span<const float> x, std::span<const float> y) {
  assert(x.size() == y.size());
  return sumsOf(x, y).correlation();
}

double cosineSimilarity(std::span<const double> a, std::span<const double> b) {
  assert(a.size() == b.size());
  constexpr double shortest = 1e-8;
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return ab / (std::max(std::sqrt(aa), shortest) * std::max(std::sqrt(bb), shortest));
}

}  // namespace cellocus
