// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/layereddataset.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace cellocus {

namespace {

/// log1p of counts scaled to 10,000 a cell stays below 9.3; counts scaled to a million below 13.9.
constexpr float largestLog = 20;

std::string listed(const std::vector<ExpressionLayer>& layers) {
  if (layers.empty()) return "The file holds no expression at all.";
  std::string names;
  for (const ExpressionLayer& layer : layers)
    names += (names.empty() ? "" : ", ") + printable(layer.path);
  return "The file has: " + names + ".";
}

}  // namespace

MatrixSource::Axis LayeredDataset::cellAxis() const {
  return m_orientation == Orientation::CellsByGenes ? MatrixSource::Axis::Rows
                                                    : MatrixSource::Axis::Columns;
}

MatrixSource::Axis LayeredDataset::geneAxis() const {
  return m_orientation == Orientation::CellsByGenes ? MatrixSource::Axis::Columns
                                                    : MatrixSource::Axis::Rows;
}

void LayeredDataset::addLayer(const std::string& path, std::unique_ptr<const MatrixSource> source,
                              std::vector<std::int64_t> geneAt) {
  m_layers.push_back(describeLayer(path, source->sample()));
  m_sources.push_back({std::move(source), std::move(geneAt)});
}

const LayeredDataset::Layer& LayeredDataset::layer(std::string_view path) const {
  const std::string_view wanted = path.empty() ? "X" : path;
  for (std::size_t i = 0; i < m_layers.size(); ++i)
    if (m_layers[i].path == wanted) return m_sources[i];
  throw Error("H5AD_LAYER", printable(m_path.filename().string()),
              "there is no expression layer '" + printable(wanted) + "'.", listed(m_layers));
}

Vector LayeredDataset::gene(std::int64_t gene, std::string_view path,
                            const Progress& progress) const {
  const Layer& from = layer(path);
  if (gene < 0 || gene >= geneCount())
    throw Error("H5AD_GENE", printable(m_path.filename().string()),
                "gene number " + withThousands(gene + 1) + " was asked for, but it has " +
                    withThousands(geneCount()) + ".",
                "Choose one of its genes.");
  const std::int64_t at = from.geneAt.empty() ? gene : from.geneAt[static_cast<std::size_t>(gene)];
  return from.source->lines(geneAxis(), at, at + 1, progress).row(0);
}

Matrix LayeredDataset::cells(std::int64_t first, std::int64_t last, std::string_view path,
                             const Progress& progress) const {
  const Layer& from = layer(path);
  if (first < 0 || first > last || last > cellCount())
    throw Error("H5AD_CELLS", printable(m_path.filename().string()),
                "cells " + withThousands(first + 1) + " to " + withThousands(last) +
                    " were asked for, but it has " + withThousands(cellCount()) + ".",
                "Choose among its cells.");
  Matrix block = from.source->lines(cellAxis(), first, last, progress);
  if (from.geneAt.empty()) return block;
  Matrix chosen(block.rows(), geneCount());
  for (std::int64_t gene = 0; gene < geneCount(); ++gene)
    chosen.col(gene) = block.col(from.geneAt[static_cast<std::size_t>(gene)]);
  return chosen;
}

StoredBy LayeredDataset::storedBy(std::string_view path) const {
  return layer(path).source->storedLines() == cellAxis() ? StoredBy::Cells : StoredBy::Genes;
}

ExpressionLayer describeLayer(const std::string& path, const std::vector<float>& sample) {
  using Content = ExpressionLayer::Content;
  float least = 0, most = 0;
  bool whole = true, finite = true;
  for (const float value : sample) {
    finite = finite && std::isfinite(value);
    least = std::min(least, value);
    most = std::max(most, value);
    whole = whole && value == std::floor(value);
  }
  if (sample.empty()) return {path, Content::Unknown, "no values"};
  if (!finite) return {path, Content::Unknown, "some values are not numbers"};
  if (least < 0)
    return {path, Content::Scaled, "values from " + readable(least) + " to " + readable(most)};
  if (whole)
    return {path, Content::Counts,
            "whole numbers up to " + withThousands(static_cast<std::int64_t>(most))};
  if (most <= largestLog)
    return {path, Content::LogNormalised, "fractions up to " + readable(most)};
  return {path, Content::Unknown,
          "fractions up to " + readable(most) + ", too large for logarithms"};
}

}  // namespace cellocus
