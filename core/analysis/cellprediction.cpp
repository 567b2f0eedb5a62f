// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/cellprediction.h"

#include <limits>
#include <unordered_map>

#include "base/text.h"

namespace cellocus {

namespace {

CellMatch matchByPosition(const Emb2Cell& head, std::int64_t cells) {
  CellMatch match;
  if (head.cellCount() != cells) {
    match.text = "The head has " + withThousands(head.cellCount()) +
                 " cells without names, the dataset " + withThousands(cells) +
                 ": they cannot be matched.";
    return match;
  }
  for (std::int64_t cell = 0; cell < cells; ++cell) match.outputOfCell.push_back(cell);
  match.matched = cells;
  match.text =
      withThousands(cells) + " cells matched by position, because the head has no cell names.";
  return match;
}

/// The row of the prediction in which the start site lies, if the prediction is of the gene's own
/// window.
const Prediction* usable(const Prediction* prediction, const Predictor& predictor, const Gene& gene,
                         const Haplotype& haplotype) {
  if (!prediction || gene.strand == Strand::Minus || prediction->haplotype != haplotype)
    return nullptr;
  const Locus window =
      windowAround(predictor.model().config(), prediction->window.contig, gene.tss());
  return prediction->window == window ? prediction : nullptr;
}

Matrix embeddingFor(const Predictor& predictor, const Genome& genome, const Gene& gene,
                    const Haplotype& haplotype, const Prediction* known, const Progress& progress) {
  if (const Prediction* prediction = usable(known, predictor, gene, haplotype))
    return prediction->embedding.row(prediction->binAt(gene.tss()));
  return tssEmbedding(predictor, genome, gene, haplotype, progress).embedding;
}

}  // namespace

CellMatch matchCells(const Emb2Cell& head, const std::vector<std::string>& cellNames) {
  const std::vector<std::string>& names = head.parts().cellNames;
  if (names.empty()) return matchByPosition(head, static_cast<std::int64_t>(cellNames.size()));

  std::unordered_map<std::string_view, std::int64_t> outputs;
  for (std::size_t i = 0; i < names.size(); ++i)
    outputs.emplace(names[i], static_cast<std::int64_t>(i));
  CellMatch match;
  for (const std::string& name : cellNames) {
    const auto found = outputs.find(name);
    match.outputOfCell.push_back(found == outputs.end() ? -1 : found->second);
    if (found != outputs.end()) ++match.matched;
  }
  match.text = withThousands(match.matched) + " of " +
               withThousands(static_cast<std::int64_t>(cellNames.size())) +
               " cells matched by name; the head was made for " +
               withThousands(static_cast<std::int64_t>(names.size())) + ".";
  return match;
}

Matrix predictMatched(const Emb2Cell& head, const CellMatch& match, MatrixView embedding,
                      const Progress& progress) {
  std::vector<std::size_t> cells;
  std::vector<std::int64_t> outputs;
  for (std::size_t cell = 0; cell < match.outputOfCell.size(); ++cell)
    if (match.outputOfCell[cell] >= 0) {
      cells.push_back(cell);
      outputs.push_back(match.outputOfCell[cell]);
    }
  Matrix values = Matrix::Constant(embedding.rows(), std::ssize(match.outputOfCell),
                                   std::numeric_limits<float>::quiet_NaN());
  // Picking out rows of the weight takes about as long as computing with them.
  const bool few = 2 * match.matched < head.cellCount();
  if (few)
    values(Eigen::all, cells) = head.predict(embedding, outputs, progress);
  else
    values(Eigen::all, cells) = head.predict(embedding, progress)(Eigen::all, outputs);
  return values;
}

CellPrediction predictCells(const Predictor& predictor, const Emb2Cell& head,
                            const CellMatch& match, const Genome& genome,
                            const CellPredictionRequest& request, const Progress& progress) {
  const Gene& gene = *request.gene;
  CellPrediction result;
  result.geneId = gene.id;
  result.geneSymbol = gene.symbol;
  result.haplotype = request.haplotype;
  result.unit = head.parts().unit;
  result.label = head.parts().label;
  result.reverseStrand = gene.strand == Strand::Minus;

  const Locus window = windowAround(predictor.model().config(), gene.locus.contig, gene.tss());
  const bool edited = !request.haplotype.within(window).empty();
  Matrix embeddings(edited ? 2 : 1, head.embeddingSize());
  const Matrix reference =
      embeddingFor(predictor, genome, gene, Haplotype(), request.reference, progress.part(0, 0.45));
  if (reference.cols() != head.embeddingSize())
    throw Error("EMBEDDING_SIZE", head.path().filename().string(),
                "the head expects embeddings of " + withThousands(head.embeddingSize()) +
                    " numbers and the sequence model gives " + withThousands(reference.cols()) +
                    ".",
                "Open the head that was fitted on this sequence model.");
  embeddings.row(0) = reference.row(0);
  if (edited)
    embeddings.row(1) = embeddingFor(predictor, genome, gene, request.haplotype, request.edited,
                                     progress.part(0.45, 0.9))
                            .row(0);
  const Matrix values = predictMatched(head, match, embeddings, progress.part(0.9, 1));
  result.reference = values.row(0);
  if (edited) result.edited = values.row(1);
  return result;
}

}  // namespace cellocus
