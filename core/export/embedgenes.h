// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "analysis/querywindows.h"
#include "base/progress.h"
#include "cells/celldataset.h"
#include "export/provenance.h"
#include "genome/annotation.h"
#include "genome/genome.h"
#include "models/enformer.h"

namespace cellocus {

struct GeneEmbeddingRequest {
  std::shared_ptr<const Enformer> model;
  std::shared_ptr<const Genome> genome;
  std::shared_ptr<const Annotation> annotation;
  /// Only genes that it has; null: all protein-coding genes of the annotation.
  std::shared_ptr<const CellDataset> cells;
  Provenance provenance;         ///< with the files of genome and annotation
  std::filesystem::path output;  ///< .h5
};

struct GeneEmbeddings {
  EmbeddingFile file;
  std::vector<QueryWindow> windows;  ///< one a row
  std::filesystem::path windowsPath;
  std::vector<std::string> remarks;  ///< genes that have no window, for instance
};

/// Windows around the start sites of genes, their embeddings, and both as files: `output`, and the
/// query file beside it ("emb.h5" -> "emb.windows.tsv"). Stopped in whatever way, it goes on where
/// it was when it is asked for the same again.
/// @throws Error "TSS_EMPTY" if no gene of the annotation is to be embedded, and as embedWindows
GeneEmbeddings embedGenes(const GeneEmbeddingRequest& request, const Progress& progress = {});

/// How many windows that would be, for the cost before it starts.
std::int64_t embeddableGenes(const Annotation& annotation, const CellDataset* cells);

}  // namespace cellocus
