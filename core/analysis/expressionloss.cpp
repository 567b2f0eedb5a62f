// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/expressionloss.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/parallel.h"

namespace cellocus {

namespace {

using Eigen::ArrayXd;
using Eigen::Index;

constexpr double shortest = 1e-8;  ///< of a centred vector
/// Cells whose columns are laid out as rows together.
constexpr std::int64_t cellsAtOnce = 256;

/// Predicted and observed values of one gene or one cell, centred, and what follows from them.
/// r = dot / (normP * normT); its gradient by the centred prediction p is t * along - p * back.
struct Line {
  double centreP = 0, centreT = 0;
  double r = 0, along = 0, back = 0;
  /// The gradient by the median, which goes to the entry that is the median.
  double ofCentre = 0;
  Index median = -1;
};

/// Where the lower median of the entries that are not 0 is; -1 if there are none. Equal
/// entries count in the order in which they stand: the gradient goes to one of them.
Index medianPlace(const ArrayXd& values) {
  std::vector<Index> places(static_cast<std::size_t>(values.size()));
  std::iota(places.begin(), places.end(), Index{0});
  const auto known = static_cast<Index>((values != 0).count());
  if (known == 0) return -1;
  const auto middle = places.begin() + (known - 1) / 2;
  std::nth_element(places.begin(), middle, places.end(), [&](Index a, Index b) {
    if (values[a] == 0 || values[b] == 0) return values[a] != 0 && values[b] == 0;
    return values[a] < values[b] || (values[a] == values[b] && a < b);
  });
  return *middle;
}

double centreOf(const ArrayXd& values, Centring centring, Index& median) {
  if (centring == Centring::Mean) return values.mean();
  median = medianPlace(values);
  return median < 0 ? 0 : values[median];
}

Line lineOf(ArrayXd predicted, ArrayXd observed, Centring centring) {
  Line line;
  Index unused = -1;
  line.centreP = centreOf(predicted, centring, line.median);
  line.centreT = centreOf(observed, centring, unused);
  predicted -= line.centreP;
  observed -= line.centreT;
  const double length = std::sqrt(predicted.square().sum());
  const double normP = std::max(length, shortest);
  const double normT = std::max(std::sqrt(observed.square().sum()), shortest);
  line.along = 1 / (normP * normT);
  line.r = (predicted * observed).sum() * line.along;
  line.back = length < shortest ? 0 : line.r / (length * length);
  if (line.median >= 0) line.ofCentre = observed.sum() * line.along - predicted.sum() * line.back;
  return line;
}

std::vector<Line> geneLines(MatrixView predicted, MatrixView observed, Centring centring) {
  std::vector<Line> lines(static_cast<std::size_t>(predicted.rows()));
  parallelFor(predicted.rows(), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t gene = first; gene < last; ++gene)
      lines[static_cast<std::size_t>(gene)] =
          lineOf(predicted.row(gene).transpose().cast<double>().array(),
                 observed.row(gene).transpose().cast<double>().array(), centring);
  });
  return lines;
}

std::vector<Line> cellLines(MatrixView predicted, MatrixView observed, Centring centring) {
  std::vector<Line> lines(static_cast<std::size_t>(predicted.cols()));
  const auto work = [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t from = first; from < last; from += cellsAtOnce) {
      const std::int64_t cells = std::min(cellsAtOnce, last - from);
      const Matrix p = predicted.middleCols(from, cells).transpose();
      const Matrix t = observed.middleCols(from, cells).transpose();
      for (std::int64_t cell = 0; cell < cells; ++cell)
        lines[static_cast<std::size_t>(from + cell)] =
            lineOf(p.row(cell).transpose().cast<double>().array(),
                   t.row(cell).transpose().cast<double>().array(), centring);
    }
  };
  parallelFor(predicted.cols(), cellsAtOnce, work);
  return lines;
}

struct PearsonParts {
  std::vector<Line> genes, cells;
  double geneFactor = 0, cellFactor = 0;  ///< of the gradients of each r
  double value = 0;
};

double meanOfR(const std::vector<Line>& lines) {
  const double sum = std::accumulate(lines.begin(), lines.end(), 0.0,
                                     [](double all, const Line& line) { return all + line.r; });
  return sum / static_cast<double>(lines.size());
}

PearsonParts pearsonParts(MatrixView predicted, MatrixView observed, const LossOptions& options) {
  PearsonParts parts;
  parts.genes = geneLines(predicted, observed, options.centring);
  parts.cells = cellLines(predicted, observed, options.centring);
  const double a = options.geneWeight, b = options.cellWeight;
  parts.value = 2 * (a * (1 - meanOfR(parts.cells)) + b * (1 - meanOfR(parts.genes))) / (a + b);
  parts.geneFactor = -2 * b / (a + b) / static_cast<double>(parts.genes.size());
  parts.cellFactor = -2 * a / (a + b) / static_cast<double>(parts.cells.size());
  return parts;
}

/// The centring by means needs nothing here: the gradients by centred values add up to 0.
void addCentreGradients(const PearsonParts& parts, Matrix& gradient) {
  for (Index gene = 0; gene < gradient.rows(); ++gene) {
    const Line& line = parts.genes[static_cast<std::size_t>(gene)];
    if (line.median >= 0)
      gradient(gene, line.median) -= static_cast<float>(parts.geneFactor * line.ofCentre);
  }
  for (Index cell = 0; cell < gradient.cols(); ++cell) {
    const Line& line = parts.cells[static_cast<std::size_t>(cell)];
    if (line.median >= 0)
      gradient(line.median, cell) -= static_cast<float>(parts.cellFactor * line.ofCentre);
  }
}

void pearsonLoss(MatrixView predicted, MatrixView observed, const LossOptions& options,
                 LossValue& loss) {
  const PearsonParts parts = pearsonParts(predicted, observed, options);
  loss.value = parts.value;
  const auto work = [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t gene = first; gene < last; ++gene) {
      const Line& row = parts.genes[static_cast<std::size_t>(gene)];
      for (Index cell = 0; cell < predicted.cols(); ++cell) {
        const Line& column = parts.cells[static_cast<std::size_t>(cell)];
        const auto p = static_cast<double>(predicted(gene, cell));
        const auto t = static_cast<double>(observed(gene, cell));
        const double byGene = (t - row.centreT) * row.along - (p - row.centreP) * row.back;
        const double byCell =
            (t - column.centreT) * column.along - (p - column.centreP) * column.back;
        loss.gradient(gene, cell) =
            static_cast<float>(parts.geneFactor * byGene + parts.cellFactor * byCell);
      }
    }
  };
  parallelFor(predicted.rows(), 1, work);
  if (options.centring == Centring::NonzeroMedian) addCentreGradients(parts, loss.gradient);
}

struct Entry {
  double loss, gradient;
};

Entry squaredError(double p, double t) {
  return {(p - t) * (p - t), 2 * (p - t)};
}

Entry poisson(double p, double t) {
  constexpr double least = 1e-20;
  return {p - t * std::log(std::max(p, least)), p > least ? 1 - t / p : 1};
}

Entry poissonNll(double p, double t) {
  constexpr double epsilon = 1e-8;
  return {p - t * std::log(p + epsilon), 1 - t / (p + epsilon)};
}

/// Mean over all entries; rows are summed apart, so that the result does not depend on threads.
template <typename Function>
void entryLoss(MatrixView predicted, MatrixView observed, const Function& function,
               LossValue& loss) {
  const auto count = static_cast<double>(predicted.size());
  std::vector<double> sums(static_cast<std::size_t>(predicted.rows()));
  parallelFor(predicted.rows(), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t gene = first; gene < last; ++gene) {
      double sum = 0;
      for (Index cell = 0; cell < predicted.cols(); ++cell) {
        const Entry entry = function(static_cast<double>(predicted(gene, cell)),
                                     static_cast<double>(observed(gene, cell)));
        sum += entry.loss;
        loss.gradient(gene, cell) = static_cast<float>(entry.gradient / count);
      }
      sums[static_cast<std::size_t>(gene)] = sum;
    }
  });
  loss.value = std::accumulate(sums.begin(), sums.end(), 0.0) / count;
}

}  // namespace

std::string_view lossName(ExpressionLoss loss) {
  switch (loss) {
    case ExpressionLoss::Pearson:
      return "pearson";
    case ExpressionLoss::PoissonNll:
      return "poissonnll";
    case ExpressionLoss::Poisson:
      return "poisson";
    case ExpressionLoss::MeanSquaredError:
      return "mse";
  }
  return {};
}

double lossOf(MatrixView predicted, MatrixView observed, const LossOptions& options) {
  if (options.loss == ExpressionLoss::Pearson)
    return pearsonParts(predicted, observed, options).value;
  return lossWithGradient(predicted, observed, options).value;
}

LossValue lossWithGradient(MatrixView predicted, MatrixView observed, const LossOptions& options) {
  LossValue loss;
  lossWithGradient(predicted, observed, options, loss);
  return loss;
}

void lossWithGradient(MatrixView predicted, MatrixView observed, const LossOptions& options,
                      LossValue& loss) {
  assert(predicted.rows() == observed.rows() && predicted.cols() == observed.cols());
  loss.gradient.resize(predicted.rows(), predicted.cols());
  switch (options.loss) {
    case ExpressionLoss::Pearson:
      return pearsonLoss(predicted, observed, options, loss);
    case ExpressionLoss::PoissonNll:
      return entryLoss(predicted, observed, poissonNll, loss);
    case ExpressionLoss::Poisson:
      return entryLoss(predicted, observed, poisson, loss);
    case ExpressionLoss::MeanSquaredError:
      return entryLoss(predicted, observed, squaredError, loss);
  }
}

double nonzeroMedian(std::span<const float> values) {
  const Eigen::Map<const Eigen::ArrayXf> mapped(values.data(), std::ssize(values));
  const ArrayXd numbers = mapped.cast<double>();
  const Index place = medianPlace(numbers);
  return place < 0 ? 0 : numbers[place];
}

}  // namespace cellocus
