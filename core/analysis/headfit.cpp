// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/headfit.h"

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"

namespace cellocus {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// What stands before a softplus. Values near 0 would go to minus infinity and are held at 0.05.
double beforeSoftplus(double value) {
  constexpr double least = 0.05, linear = 20;
  const double bounded = std::max(value, least);
  return bounded > linear ? bounded : std::log(std::expm1(bounded));
}

/// Rank-limited approximation of [genes, cells] around the mean gene: `mean` + scores * patterns.
struct Patterns {
  VectorXd mean;      ///< [cells]
  MatrixXd patterns;  ///< [cells, rank], orthonormal columns
  MatrixXd scores;    ///< [genes, rank]
};

/// By the eigenvectors of the genes' inner products: genes are few, cells many.
Patterns mainPatterns(const MatrixXd& values, Index rank) {
  Patterns result;
  result.mean = values.colwise().mean();
  const MatrixXd centred = values.rowwise() - result.mean.transpose();
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(centred * centred.transpose());
  const double largest = std::max(solver.eigenvalues()[values.rows() - 1], 0.0);
  Index kept = 0;
  while (kept < std::min(rank, values.rows()) &&
         solver.eigenvalues()[values.rows() - 1 - kept] > 1e-9 * largest)
    ++kept;
  result.patterns.resize(values.cols(), kept);
  for (Index k = 0; k < kept; ++k) {
    const Index at = values.rows() - 1 - k;
    result.patterns.col(k) =
        centred.transpose() * solver.eigenvectors().col(at) / std::sqrt(solver.eigenvalues()[at]);
  }
  result.scores = centred * result.patterns;
  return result;
}

/// Expression smoothed to its main patterns, before the softplus, and reduced to patterns again.
Patterns targetPatterns(const MatrixXd& expression, Index rank) {
  const Patterns smooth = mainPatterns(expression, rank);
  MatrixXd target = smooth.scores * smooth.patterns.transpose();
  target.rowwise() += smooth.mean.transpose();
  return mainPatterns(target.unaryExpr(&beforeSoftplus), rank);
}

/// Ridge regression of pattern scores on embeddings, in the space of genes.
class Ridge {
 public:
  Ridge(const MatrixXd& embeddings, const MatrixXd& scores)
      : m_mean(embeddings.colwise().mean()),
        m_centred(embeddings.rowwise() - m_mean.transpose()),
        m_scores(scores),
        m_scale(std::max(m_centred.rowwise().squaredNorm().mean(), 1e-12)),
        m_solver(m_centred * m_centred.transpose()) {}

  /// Mean squared error of each gene predicted by a fit without it: the residual divided by 1 -
  /// leverage.
  double leaveOneOutError(double penalty) const {
    const MatrixXd hat = m_solver.eigenvectors() * shrinkage(penalty).asDiagonal() *
                         m_solver.eigenvectors().transpose();
    const MatrixXd residual = m_scores - hat * m_scores;
    const auto genes = static_cast<double>(m_scores.rows());
    double sum = 0;
    for (Index gene = 0; gene < m_scores.rows(); ++gene) {
      const double rest = std::max(1 - hat(gene, gene) - 1 / genes, 1e-6);
      sum += residual.row(gene).squaredNorm() / (rest * rest);
    }
    return sum / genes;
  }

  /// [patterns, 2 * dim]
  MatrixXd weights(double penalty) const {
    const VectorXd inverse =
        (m_solver.eigenvalues().array().max(0.0) + penalty * m_scale).inverse();
    const MatrixXd dual = m_solver.eigenvectors() * inverse.asDiagonal() *
                          m_solver.eigenvectors().transpose() * m_scores;
    return dual.transpose() * m_centred;
  }
  const VectorXd& mean() const { return m_mean; }

 private:
  VectorXd shrinkage(double penalty) const {
    const auto values = m_solver.eigenvalues().array().max(0.0);
    return values / (values + penalty * m_scale);
  }

  VectorXd m_mean;
  MatrixXd m_centred, m_scores;
  double m_scale;
  Eigen::SelfAdjointEigenSolver<MatrixXd> m_solver;
};

double bestPenalty(const Ridge& ridge, const std::vector<double>& candidates) {
  double best = candidates.front(), least = std::numeric_limits<double>::infinity();
  for (const double candidate : candidates) {
    const double error = ridge.leaveOneOutError(candidate);
    if (error < least) {
      least = error;
      best = candidate;
    }
  }
  return best;
}

Emb2Cell fitTo(const MatrixXd& embeddings, const MatrixXd& expression,
               const HeadFitOptions& options, double* penalty) {
  const Patterns target = targetPatterns(expression, options.bottleneck);
  const Ridge ridge(embeddings, target.scores);
  *penalty = bestPenalty(ridge, options.penalties);
  const MatrixXd weights = ridge.weights(*penalty);
  Emb2Cell::Parts parts;
  parts.first = {weights.cast<float>(), (-weights * ridge.mean()).cast<float>()};
  parts.second = {target.patterns.cast<float>(), target.mean.cast<float>()};
  parts.relu = false;
  parts.softplus = true;
  parts.cellNames = options.cellNames;
  parts.unit = options.unit;
  return Emb2Cell(std::move(parts));
}

/// A shuffled list of rows by a small generator of our own: the library's shuffle differs between
/// systems.
std::vector<Index> shuffledRows(Index count, std::uint64_t seed) {
  std::vector<Index> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), Index{0});
  std::uint64_t state = seed * 2 + 1;
  for (std::size_t i = rows.size(); i > 1; --i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    std::swap(rows[i - 1], rows[static_cast<std::size_t>((state >> 33) % i)]);
  }
  return rows;
}

void evaluate(const MatrixXd& embeddings, const MatrixXd& expression, const HeadFitOptions& options,
              HeadFitReport& report) {
  report.crossGene = report.crossCell = std::numeric_limits<double>::quiet_NaN();
  if (options.holdOutEvery < 2) return;
  const std::vector<Index> rows = shuffledRows(embeddings.rows(), options.seed);
  std::vector<Index> seen, heldOut;
  for (std::size_t i = 0; i < rows.size(); ++i)
    (i % static_cast<std::size_t>(options.holdOutEvery) == 0 ? heldOut : seen).push_back(rows[i]);
  if (heldOut.size() < 3 || seen.size() < 3) return;
  std::sort(seen.begin(), seen.end());
  std::sort(heldOut.begin(), heldOut.end());
  double penalty = 0;
  const Emb2Cell head =
      fitTo(embeddings(seen, Eigen::all), expression(seen, Eigen::all), options, &penalty);
  const MatrixXd unseen = embeddings(heldOut, Eigen::all);
  const Matrix predicted = head.predict(unseen.cast<float>().eval());
  const Matrix observed = expression(heldOut, Eigen::all).cast<float>();
  report.heldOutGenes.assign(heldOut.begin(), heldOut.end());
  report.crossGene = meanRowCorrelation(predicted.transpose().eval(), observed.transpose().eval());
  report.crossCell = meanRowCorrelation(predicted, observed);
}

void requireUsable(MatrixView embeddings, MatrixView expression, const HeadFitOptions& options) {
  if (embeddings.rows() != expression.rows() || embeddings.rows() < 3)
    throw Error("HEADFIT_SHAPE", "head fit",
                "there are " + std::to_string(embeddings.rows()) +
                    " embeddings and expression of " + std::to_string(expression.rows()) +
                    " genes.",
                "Give one embedding a gene, and three genes or more.");
  if (!expression.allFinite() || expression.minCoeff() < 0 || !embeddings.allFinite())
    throw Error("HEADFIT_VALUES", "head fit",
                "expression holds negative numbers, or a number is not finite.",
                "Use log1p of normalised counts, not scaled values.");
  if (options.penalties.empty() || options.bottleneck < 1)
    throw Error("HEADFIT_OPTIONS", "head fit", "there is no penalty to try or no pattern to fit.",
                "Give at least one penalty and a bottleneck of 1 or more.");
}

}  // namespace

double meanRowCorrelation(MatrixView a, MatrixView b) {
  double sum = 0;
  std::int64_t counted = 0;
  for (Index row = 0; row < a.rows(); ++row) {
    const Eigen::RowVectorXd x = a.row(row).cast<double>(), y = b.row(row).cast<double>();
    const Eigen::RowVectorXd dx = x.array() - x.mean(), dy = y.array() - y.mean();
    const double size = dx.norm() * dy.norm();
    if (!(size > 1e-12)) continue;
    sum += dx.dot(dy) / size;
    ++counted;
  }
  return counted == 0 ? std::numeric_limits<double>::quiet_NaN()
                      : sum / static_cast<double>(counted);
}

Emb2Cell fitHead(MatrixView embeddings, MatrixView expression, const HeadFitOptions& options,
                 HeadFitReport* report, const Progress& progress) {
  requireUsable(embeddings, expression, options);
  const MatrixXd inputs = embeddings.cast<double>(), outputs = expression.cast<double>();
  HeadFitReport result;
  progress.at(0, "fitting the cell head");
  evaluate(inputs, outputs, options, result);
  progress.at(0.5);
  Emb2Cell head = fitTo(inputs, outputs, options, &result.penalty);
  result.trainingError =
      std::sqrt((head.predict(embeddings) - expression).cast<double>().squaredNorm() /
                static_cast<double>(expression.size()));
  progress.at(1);
  if (report) *report = std::move(result);
  return head;
}

}  // namespace cellocus
