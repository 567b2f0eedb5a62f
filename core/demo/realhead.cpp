// SPDX-License-Identifier: GPL-3.0-or-later
#include "demo/realhead.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "analysis/headfit.h"
#include "base/text.h"

namespace cellocus {

namespace {

constexpr std::size_t fewestGenes = 10;

struct UsableGene {
  const Gene* gene = nullptr;
  std::int64_t column = 0;  ///< in the dataset
};

double unknownShare(const std::string& bases) {
  const auto unknown = std::count_if(bases.begin(), bases.end(),
                                     [](char base) { return base == 'N' || base == 'n'; });
  return bases.empty() ? 1 : static_cast<double>(unknown) / static_cast<double>(bases.size());
}

/// Whether the genome has the gene's window; looks at the start site first, because excerpts are N
/// elsewhere.
bool hasSequence(const RealHeadRequest& request, const Gene& gene) {
  if (!request.genome.find(gene.locus.contig)) return false;
  constexpr std::int64_t probe = 50;
  const std::string near =
      request.genome.sequence({gene.locus.contig, gene.tss() - probe, gene.tss() + probe});
  if (unknownShare(near) > 0) return false;
  const Locus window =
      windowAround(request.predictor.model().config(), gene.locus.contig, gene.tss());
  return unknownShare(request.genome.sequence(window)) <= request.mostUnknownBases;
}

/// log1p counts per 10,000 of the wanted columns [genes, cells].
Matrix logExpression(const CellDataset& cells, const std::vector<UsableGene>& genes,
                     const Progress& progress) {
  constexpr std::int64_t block = 128;
  Matrix result(static_cast<Eigen::Index>(genes.size()), cells.cellCount());
  for (std::int64_t first = 0; first < cells.cellCount(); first += block) {
    const std::int64_t last = std::min(first + block, cells.cellCount());
    const Matrix counts = cells.cells(first, last);
    for (Eigen::Index cell = 0; cell < counts.rows(); ++cell) {
      const double total = counts.row(cell).cast<double>().sum();
      for (std::size_t gene = 0; gene < genes.size(); ++gene) {
        const double count = counts(cell, genes[gene].column);
        result(static_cast<Eigen::Index>(gene), first + cell) =
            static_cast<float>(total > 0 ? std::log1p(count / total * 1e4) : 0);
      }
    }
    progress.at(static_cast<double>(last) / static_cast<double>(cells.cellCount()),
                "reading expression");
  }
  return result;
}

std::vector<UsableGene> genesWithSequence(const RealHeadRequest& request,
                                          const Progress& progress) {
  std::vector<UsableGene> usable;
  const auto& genes = request.annotation.genes();
  for (std::size_t i = 0; i < genes.size(); ++i) {
    if (i % 64 == 0)
      progress.at(static_cast<double>(i) / static_cast<double>(genes.size()), "looking for genes");
    const auto column = request.cells.findGene(genes[i].id);
    if (column && hasSequence(request, genes[i])) usable.push_back({&genes[i], *column});
  }
  return usable;
}

/// Keeps detected genes, evenly thinned to the wanted number, with their rows of `expression`.
void keepDetected(const RealHeadRequest& request, std::vector<UsableGene>& genes,
                  Matrix& expression) {
  std::vector<std::size_t> detected;
  for (std::size_t gene = 0; gene < genes.size(); ++gene) {
    const auto row = expression.row(static_cast<Eigen::Index>(gene));
    if (static_cast<double>((row.array() > 0).count()) >=
        request.leastDetected * static_cast<double>(row.size()))
      detected.push_back(gene);
  }
  const std::size_t count = std::min(detected.size(), request.mostGenes);
  if (count < fewestGenes)
    throw Error(
        "REALHEAD_GENES", request.cells.path().filename().string(),
        "only " + std::to_string(count) + " of its genes have their sequence in " +
            request.genome.path().filename().string() + " and are expressed.",
        "A head needs at least " + std::to_string(fewestGenes) + "; open a more complete genome.");
  std::vector<UsableGene> kept;
  Matrix keptRows(static_cast<Eigen::Index>(count), expression.cols());
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t gene = detected[i * detected.size() / count];
    kept.push_back(genes[gene]);
    keptRows.row(static_cast<Eigen::Index>(i)) = expression.row(static_cast<Eigen::Index>(gene));
  }
  genes = std::move(kept);
  expression = std::move(keptRows);
}

}  // namespace

Emb2Cell fitRealHead(const RealHeadRequest& request, const Progress& progress) {
  std::vector<UsableGene> genes = genesWithSequence(request, progress.part(0, 0.1));
  Matrix expression = logExpression(request.cells, genes, progress.part(0.1, 0.15));
  keepDetected(request, genes, expression);

  Matrix embeddings(expression.rows(), request.predictor.model().config().embeddingSize());
  for (std::size_t i = 0; i < genes.size(); ++i) {
    const double from = 0.15 + 0.8 * static_cast<double>(i) / static_cast<double>(genes.size());
    const double to = 0.15 + 0.8 * static_cast<double>(i + 1) / static_cast<double>(genes.size());
    embeddings.row(static_cast<Eigen::Index>(i)) =
        tssEmbedding(request.predictor, request.genome, *genes[i].gene, Haplotype(),
                     progress.part(from, to))
            .embedding.row(0);
  }
  HeadFitOptions options;
  options.cellNames = request.cells.cellNames();
  HeadFitReport report;
  Emb2Cell::Parts parts =
      fitHead(embeddings, expression, options, &report, progress.part(0.95, 1)).parts();
  parts.label = "Weak head: fitted to " + std::to_string(genes.size()) +
                " genes with a motif scanner as trunk; on genes held out r = " +
                readable(report.crossGene, 2) + " across genes, " + readable(report.crossCell, 2) +
                " across cells. It shows how the program works, not what these cells do.";
  return Emb2Cell(std::move(parts));
}

}  // namespace cellocus
