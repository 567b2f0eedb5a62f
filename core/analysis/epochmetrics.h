// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "analysis/correlation.h"
#include "base/matrix.h"

/// The correlations that seq2cells logs while it trains, oddities included (SYSTEMS 12.2): they
/// decide when training stops and which head is kept.
namespace cellocus {

/// The flags of seq2cells. With the defaults nothing is transformed, which is right for expression
/// that is log-transformed already.
struct MetricOptions {
  bool targetIsLog = true;
  bool logTrain = true;      ///< train on logarithms
  bool logValidate = true;   ///< validate on logarithms
  bool stdValidate = false;  ///< standardise each cell across genes before correlating
};

/// Undefined correlations count as 0, except in `overall`.
struct CorrelationMeans {
  double crossGene = 0;  ///< seq2cells' `corr_across_tss`: mean over cells
  double crossCell = 0;  ///< `corr_across_celltypes`: mean over genes
  double overall = 0;    ///< `corr`: all entries as one vector
  bool operator==(const CorrelationMeans&) const = default;
};

/// What is done to predicted and observed values before they are compared.
enum class Transform { None, ExpMinusOne, ExpOfPlusOne, LogPlusOne };

/// Where they are compared.
enum class Stage {
  Step,             ///< before the loss of a batch
  TrainingMetrics,  ///< of the epoch's steps, after what was done in those
  Validation,       ///< as published, target_is_log without log_validate takes e^(y + 1)
  Test              ///< log(y + 1) wherever log_validate is set, even of logarithms
};
Transform transformOf(Stage stage, const MetricOptions& options);
/// In place.
void apply(Transform transform, Matrix& values);

/// Mean and standard deviation (n - 1) of each cell across genes.
struct CellStatistics {
  std::vector<double> predictedMean, predictedDeviation, observedMean, observedDeviation;
  bool empty() const { return predictedMean.empty(); }
  static CellStatistics of(const CorrelationSums& sums);
};

/// Metrics of all that was added, [genes, cells], transformed already. With `statistics`, values
/// are standardised by them first: then a cell that does not vary makes `overall` NaN and
/// `crossCell` 0.
class EpochMetrics {
 public:
  explicit EpochMetrics(CellStatistics statistics = {}) : m_statistics(std::move(statistics)) {}
  void add(MatrixView predicted, MatrixView observed);
  CorrelationMeans means() const;
  const CorrelationSums& sums() const { return m_sums; }

 private:
  CellStatistics m_statistics;
  CorrelationSums m_sums;
};

}  // namespace cellocus
