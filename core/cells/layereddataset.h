// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cells/celldataset.h"
#include "cells/h5file.h"
#include "cells/matrixsource.h"

namespace cellocus {

/// What AnnData and 10x files have in common: expression read from matrices of an HDF5 file.
class LayeredDataset : public CellDataset {
 public:
  Vector gene(std::int64_t gene, std::string_view layer, const Progress& progress) const final;
  Matrix cells(std::int64_t first, std::int64_t last, std::string_view layer,
               const Progress& progress) const final;
  StoredBy storedBy(std::string_view layer) const final;

 protected:
  /// `geneAt`: where each gene of genes() stands in this matrix; empty if in the same place.
  void addLayer(const std::string& path, std::unique_ptr<const MatrixSource> source,
                std::vector<std::int64_t> geneAt = {});
  MatrixSource::Axis cellAxis() const;
  MatrixSource::Axis geneAxis() const;

 private:
  struct Layer {
    std::unique_ptr<const MatrixSource> source;
    std::vector<std::int64_t> geneAt;
  };
  const Layer& layer(std::string_view path) const;

  std::vector<Layer> m_sources;  ///< beside m_layers
};

/// What a layer holds, guessed from some of its values, with the evidence in words.
ExpressionLayer describeLayer(const std::string& path, const std::vector<float>& sample);

}  // namespace cellocus
