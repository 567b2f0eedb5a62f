// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/predictor.h"
#include "models/emb2cell.h"

namespace cellocus {

/// Which output of a head belongs to which cell of a dataset.
struct CellMatch {
  std::vector<std::int64_t>
      outputOfCell;  ///< per cell of the dataset; -1 = the head does not know it
  std::int64_t matched = 0;
  bool usable() const { return matched > 0; }
  std::string text;  ///< "1,200 of 1,200 cells matched by name.", or why none did
};

/// By name where the head has names, else by position if the numbers agree.
CellMatch matchCells(const Emb2Cell& head, const std::vector<std::string>& cellNames);

/// What a head says of genes in every cell of a dataset: [genes, 2 * dim] -> [genes, cells], NaN
/// for cells that the head does not know. Of a head with many more cells only theirs are computed.
/// @throws Error as Emb2Cell::predict
Matrix predictMatched(const Emb2Cell& head, const CellMatch& match, MatrixView embedding,
                      const Progress& progress = {});

/// What a head says of one gene in every cell of a dataset, for the reference and for the edited
/// haplotype.
struct CellPrediction {
  std::string geneId, geneSymbol;
  Haplotype haplotype;
  Vector reference;  ///< [cells] in `unit`; NaN where the head does not know the cell
  Vector edited;     ///< [cells]; empty if no edit lies in the gene's window
  std::string unit, label;
  bool reverseStrand = false;  ///< computed on the gene's strand, window reverse-complemented

  bool hasEdit() const { return edited.size() > 0; }
  Vector difference() const { return edited - reference; }
};

struct CellPredictionRequest {
  const Gene* gene = nullptr;
  Haplotype haplotype;
  /// Predictions of the gene's own window, from which the embedding of a plus-strand gene is taken;
  /// may be null.
  const Prediction* reference = nullptr;
  const Prediction* edited = nullptr;
};

/// Embedding of the gene's start site for both haplotypes, and the head's answer in one pass over
/// its weights.
CellPrediction predictCells(const Predictor& predictor, const Emb2Cell& head,
                            const CellMatch& match, const Genome& genome,
                            const CellPredictionRequest& request, const Progress& progress = {});

}  // namespace cellocus
