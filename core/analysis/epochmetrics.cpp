// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/epochmetrics.h"

#include <cmath>

namespace cellocus {

namespace {

using Statistic = const std::vector<double>&;

Matrix standardised(MatrixView values, Statistic means, Statistic deviations) {
  Matrix result(values.rows(), values.cols());
  for (Eigen::Index row = 0; row < values.rows(); ++row)
    for (Eigen::Index cell = 0; cell < values.cols(); ++cell) {
      const auto at = static_cast<std::size_t>(cell);
      const double distance = static_cast<double>(values(row, cell)) - means[at];
      result(row, cell) = static_cast<float>(distance / deviations[at]);
    }
  return result;
}

double deviation(double squares, bool varies, std::int64_t count) {
  return varies ? std::sqrt(squares / static_cast<double>(count - 1)) : 0;
}

}  // namespace

Transform transformOf(Stage stage, const MetricOptions& options) {
  const bool isLog = options.targetIsLog;
  switch (stage) {
    case Stage::Step:
      if (isLog == options.logTrain) return Transform::None;
      return isLog ? Transform::ExpMinusOne : Transform::LogPlusOne;
    case Stage::TrainingMetrics:
      return options.logValidate && !isLog && !options.logTrain ? Transform::LogPlusOne
                                                                : Transform::None;
    case Stage::Validation:
      if (isLog == options.logValidate) return Transform::None;
      return isLog ? Transform::ExpOfPlusOne : Transform::LogPlusOne;
    case Stage::Test:
      return options.logValidate ? Transform::LogPlusOne : Transform::None;
  }
  return Transform::None;
}

void apply(Transform transform, Matrix& values) {
  switch (transform) {
    case Transform::None:
      return;
    case Transform::ExpMinusOne:
      values = values.unaryExpr([](float value) { return std::expm1(value); });
      return;
    case Transform::ExpOfPlusOne:
      values = values.unaryExpr([](float value) { return std::exp(value + 1); });
      return;
    case Transform::LogPlusOne:
      values = values.unaryExpr([](float value) { return std::log1p(value); });
      return;
  }
}

CellStatistics CellStatistics::of(const CorrelationSums& sums) {
  CellStatistics result;
  for (const PairSums& cell : sums.cells()) {
    result.predictedMean.push_back(cell.meanX);
    result.predictedDeviation.push_back(deviation(cell.xx, cell.variesX, cell.count));
    result.observedMean.push_back(cell.meanY);
    result.observedDeviation.push_back(deviation(cell.yy, cell.variesY, cell.count));
  }
  return result;
}

void EpochMetrics::add(MatrixView predicted, MatrixView observed) {
  if (m_statistics.empty()) return m_sums.add(predicted, observed);
  m_sums.add(standardised(predicted, m_statistics.predictedMean, m_statistics.predictedDeviation),
             standardised(observed, m_statistics.observedMean, m_statistics.observedDeviation));
}

CorrelationMeans EpochMetrics::means() const {
  return {meanCorrelation(m_sums.crossGene(), Undefined::CountsAsZero),
          meanCorrelation(m_sums.crossCell(), Undefined::CountsAsZero), m_sums.overall()};
}

}  // namespace cellocus
