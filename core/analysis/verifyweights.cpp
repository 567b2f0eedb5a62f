// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/verifyweights.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace cellocus {

namespace {

/// Least value of x * sigmoid(1.702 x), the trunk's last step, with room for rounding.
constexpr float leastEmbedding = -0.1637f;

void checkShapes(const Enformer& model, std::size_t windows, const Matrix& published) {
  if (published.cols() != model.config().embeddingSize())
    throw Error("VERIFY_SHAPE", "published embeddings",
                "they have " + std::to_string(published.cols()) +
                    " channels, and the trunk makes " +
                    std::to_string(model.config().embeddingSize()) + ".",
                "These weights belong to a model of another size.");
  if (published.rows() != static_cast<Eigen::Index>(windows))
    throw Error("VERIFY_SHAPE", "published embeddings",
                "they have " + std::to_string(published.rows()) + " rows, and there are " +
                    std::to_string(windows) + " windows.",
                "Name the windows for which these embeddings were computed, in the same order.");
}

void checkRange(const Matrix& published) {
  Eigen::Index row = 0, channel = 0;
  const float least = published.minCoeff<Eigen::PropagateNaN>(&row, &channel);
  if (least >= leastEmbedding) return;
  throw Error("VERIFY_NOT_EMBEDDINGS", "published embeddings",
              "row " + std::to_string(row + 1) + ", channel " + std::to_string(channel) +
                  " holds " + numberText(least) +
                  "; embeddings of an Enformer are never below -0.1637.",
              "Check that the file holds embeddings and not tracks or differences of embeddings.");
}

double correlation(const Vector& a, const Vector& b) {
  const Eigen::ArrayXd x = a.cast<double>().array() - a.cast<double>().mean();
  const Eigen::ArrayXd y = b.cast<double>().array() - b.cast<double>().mean();
  return (x * y).sum() / std::sqrt(x.square().sum() * y.square().sum());
}

WeightCheck::Row compare(const std::string& name, const Vector& computed, const Vector& published) {
  WeightCheck::Row row;
  row.name = name;
  Eigen::Index channel = 0;
  row.largest = (computed - published).cwiseAbs().maxCoeff<Eigen::PropagateNaN>(&channel);
  row.channel = channel;
  row.correlation = correlation(computed, published);
  return row;
}

}  // namespace

WeightCheck verifyWeights(const Enformer& model, const Genome& genome,
                          const std::vector<QueryWindow>& windows, const Matrix& published,
                          const Progress& progress) {
  checkShapes(model, windows.size(), published);
  checkRange(published);
  WeightCheck check;
  const double share = 1.0 / static_cast<double>(windows.size());
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const double done = static_cast<double>(i) * share;
    const Matrix computed =
        embedWindow(model, genome, windows[i], {}, progress.part(done, done + share));
    check.rows.push_back(compare(windows[i].name, computed.row(0).transpose(),
                                 published.row(static_cast<Eigen::Index>(i)).transpose()));
    const float largest = check.rows.back().largest;
    // Once the largest is NaN it stays so: nothing is larger than NaN.
    if (std::isnan(largest) || largest > check.largest) check.largest = largest;
  }
  return check;
}

}  // namespace cellocus
