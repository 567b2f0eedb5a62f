// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/verifyweights.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "cells/celldataset.h"

namespace cellocus {

namespace {

/// Least value of x * sigmoid(1.702 x), the trunk's last step, with room for rounding.
constexpr float leastEmbedding = -0.1637f;

/// Share of a window's bases that the genome must know for a comparison to mean anything.
constexpr double leastKnown = 0.5;

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

/// A base beyond the contig is known to be none, unlike one that is N.
double knownShare(const Genome& genome, const Locus& window) {
  const std::string bases = genome.sequence(window, '.');
  const auto unknown =
      std::ranges::count_if(bases, [](char base) { return base == 'N' || base == 'n'; });
  return 1 - static_cast<double>(unknown) / static_cast<double>(bases.size());
}

void compare(const Vector& computed, const Vector& published, WeightCheck::Row& row) {
  Eigen::Index channel = 0;
  row.largest = (computed - published).cwiseAbs().maxCoeff<Eigen::PropagateNaN>(&channel);
  row.channel = channel;
  row.correlation = correlation(computed, published);
  row.result = row.largest <= WeightCheck::tolerance ? WeightCheck::Result::Agrees
                                                     : WeightCheck::Result::Differs;
}

Gamma otherThan(Gamma gamma) {
  return gamma == Gamma::Torch ? Gamma::TensorFlow : Gamma::Torch;
}

}  // namespace

PublishedEmbeddings readPublished(const std::filesystem::path& windows,
                                  const std::filesystem::path& embeddings,
                                  const Progress& progress) {
  return {readQueryWindows(windows), readEmbeddings(embeddings, progress).embedding};
}

std::int64_t WeightCheck::count(Result result) const {
  return std::ranges::count(rows, result, &Row::result);
}

WeightCheck verifyWeights(const Enformer& model, const Genome& genome,
                          const PublishedEmbeddings& published, const Progress& progress) {
  checkShapes(model, published.windows.size(), published.embedding);
  checkRange(published.embedding);
  WeightCheck check;
  const std::size_t count = std::min(published.most, published.windows.size());
  const double share = 1.0 / static_cast<double>(count);
  for (std::size_t i = 0; i < count; ++i) {
    const QueryWindow& window = published.windows[i];
    const double done = static_cast<double>(i) * share;
    progress.at(done, window.symbol.empty() ? window.name : window.symbol);
    check.rows.push_back({window});
    if (knownShare(genome, window.window) < leastKnown) continue;
    const Matrix computed =
        embedWindow(model, genome, window, {}, progress.part(done, done + share));
    compare(computed.row(0).transpose(),
            published.embedding.row(static_cast<Eigen::Index>(i)).transpose(), check.rows.back());
    const float largest = check.rows.back().largest;
    // Once the largest is NaN it stays so: nothing is larger than NaN.
    if (std::isnan(largest) || largest > check.largest) check.largest = largest;
  }
  return check;
}

WeightVerdict judgeWeights(const WeightCheck& check, const Enformer& model, const Genome& genome,
                           const PublishedEmbeddings& published, const Progress& progress) {
  if (check.passed()) return WeightVerdict::Right;
  const auto differing =
      std::ranges::find(check.rows, WeightCheck::Result::Differs, &WeightCheck::Row::result);
  if (differing == check.rows.end()) return WeightVerdict::NotChecked;
  const auto exchanged = Enformer::open(model.path(), {.gamma = otherThan(model.config().gamma)},
                                        progress.part(0, 0.3));
  const PublishedEmbeddings one{{differing->window},
                                published.embedding.row(differing - check.rows.begin())};
  const bool agrees = verifyWeights(*exchanged, genome, one, progress.part(0.3, 1)).passed();
  return agrees ? WeightVerdict::OtherGamma : WeightVerdict::Wrong;
}

}  // namespace cellocus
