// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/trainingdata.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"

namespace cellocus {

namespace {

[[noreturn]] void refuse(const std::string& fact, const std::string& fix) {
  throw Error("TRAINING_DATA", "training data", fact, fix);
}

std::string_view bytesOf(const float* values, std::int64_t count) {
  return {reinterpret_cast<const char*>(values), static_cast<std::size_t>(count) * sizeof(float)};
}

void requireShapes(const TrainingData& data) {
  const auto genes = static_cast<std::size_t>(data.embeddings.rows());
  if (data.sets.size() != genes || data.geneIds.size() != genes || !data.expression)
    refuse(withThousands(std::ssize(data.sets)) + " sets and " +
               withThousands(std::ssize(data.geneIds)) + " names were given for " +
               withThousands(data.embeddings.rows()) + " embeddings.",
           "Give one of each for every gene.");
  if (data.cellNames.empty() || data.embeddings.cols() == 0)
    refuse("there are no cells or the embeddings are empty.", "Choose other files.");
  if (std::ranges::count(data.sets, SplitSet::Train) == 0)
    refuse("no gene is in the training set.",
           "Check that the names of the split are those of the genes.");
  if (!data.embeddings.allFinite())
    refuse("an embedding is not a finite number.", "Compute the embeddings anew.");
}

std::string nameOf(const TrainingData& data, std::int64_t gene) {
  return printable(data.geneIds[static_cast<std::size_t>(gene)]);
}

void requireValues(const TrainingData& data, std::int64_t gene, MatrixView row,
                   ExpressionLoss loss) {
  if (!row.allFinite())
    refuse("expression of gene " + nameOf(data, gene) + " holds a value that is not finite.",
           "Choose a layer without missing values.");
  const bool poisson = loss == ExpressionLoss::Poisson || loss == ExpressionLoss::PoissonNll;
  if (poisson && row.minCoeff() < 0)
    throw Error("TRAINING_NEGATIVE", "training data",
                "expression of gene " + nameOf(data, gene) + " goes down to " +
                    readable(static_cast<double>(row.minCoeff())) + ", but the loss " +
                    std::string(lossName(loss)) + " is defined for counts.",
                "Use the loss pearson or mse, or a layer without covariates regressed out.");
}

/// Rows that make about 4 MB, so that reading them can be stopped.
std::int64_t rowsAtOnce(const TrainingData& data) {
  constexpr std::int64_t numbers = 1 << 20;
  return std::clamp<std::int64_t>(numbers / std::ssize(data.cellNames), 1, 256);
}

std::string fingerprintOfNames(const TrainingData& data) {
  std::string names = data.unit + '\n' + data.gamma + '\n';
  for (const std::string& cell : data.cellNames) names += cell + '\n';
  for (std::size_t gene = 0; gene < data.geneIds.size(); ++gene)
    names += data.geneIds[gene] + '\t' + std::string(splitSetName(data.sets[gene])) + '\n';
  return sha256(names);
}

}  // namespace

std::vector<std::int64_t> genesOf(const TrainingData& data, SplitSet set) {
  std::vector<std::int64_t> genes;
  for (std::size_t gene = 0; gene < data.sets.size(); ++gene)
    if (data.sets[gene] == set) genes.push_back(static_cast<std::int64_t>(gene));
  return genes;
}

std::string inspect(const TrainingData& data, ExpressionLoss loss, const Progress& progress) {
  requireShapes(data);
  std::vector<std::int64_t> genes = genesOf(data, SplitSet::Train);
  const std::vector<std::int64_t> valid = genesOf(data, SplitSet::Valid);
  genes.insert(genes.end(), valid.begin(), valid.end());
  std::string fingerprint = fingerprintOfNames(data);
  for (Eigen::Index gene = 0; gene < data.embeddings.rows(); ++gene) {
    progress.check();
    fingerprint += sha256(bytesOf(data.embeddings.row(gene).data(), data.embeddings.cols()));
    fingerprint = sha256(fingerprint);
  }
  const std::int64_t atOnce = rowsAtOnce(data);
  for (std::int64_t from = 0; from < std::ssize(genes); from += atOnce) {
    progress.at(static_cast<double>(from) / static_cast<double>(genes.size()),
                "reading expression");
    const auto some = std::span(genes).subspan(
        static_cast<std::size_t>(from),
        static_cast<std::size_t>(std::min<std::int64_t>(atOnce, std::ssize(genes) - from)));
    const Matrix rows = data.expression(some, progress.unreported());
    if (rows.rows() != std::ssize(some) || rows.cols() != std::ssize(data.cellNames))
      refuse("expression has " + withThousands(rows.cols()) + " values a gene for " +
                 withThousands(std::ssize(data.cellNames)) + " cells.",
             "This is a fault in what reads it; please report it.");
    for (Eigen::Index row = 0; row < rows.rows(); ++row)
      requireValues(data, some[static_cast<std::size_t>(row)], rows.row(row), loss);
    fingerprint = sha256(fingerprint + sha256(bytesOf(rows.data(), rows.size())));
  }
  return fingerprint;
}

}  // namespace cellocus
