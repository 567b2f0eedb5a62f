// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/genemajor.h"

#include <algorithm>
#include <chrono>

#include "base/file.h"
#include "base/text.h"
#include "cells/genefile.h"
#include "cells/genepieces.h"

namespace cellocus {

namespace fs = std::filesystem;

namespace {

using Content = ExpressionLayer::Content;

const ExpressionLayer& layerOf(const CellDataset& dataset, const std::string& path) {
  const std::string wanted = path.empty() ? "X" : path;
  for (const ExpressionLayer& layer : dataset.layers())
    if (layer.path == wanted) return layer;
  std::string names;
  for (const ExpressionLayer& layer : dataset.layers())
    names += (names.empty() ? "" : ", ") + printable(layer.path);
  throw Error("H5AD_LAYER", printable(dataset.path().filename().string()),
              "there is no expression layer '" + printable(wanted) + "'.",
              "The file has: " + (names.empty() ? "none" : names) + ".");
}

std::string unitOf(const ExpressionLayer& layer, ExpressionTransform transform) {
  if (transform == ExpressionTransform::LogPerTenThousand) return "log1p counts per 10,000";
  if (layer.content == Content::Counts) return "counts";
  if (layer.content == Content::LogNormalised) return "log-normalised expression";
  return "as in " + layer.path;
}

/// Stands for the dataset as it is now, the layer and the transform.
std::string keyOf(const CellDataset& dataset, const ExpressionLayer& layer,
                  ExpressionTransform transform) {
  const fs::path path = fs::absolute(dataset.path());
  const auto changed = fs::last_write_time(path).time_since_epoch().count();
  return path.string() + '\n' + std::to_string(fs::file_size(path)) + '\n' +
         std::to_string(changed) + '\n' + layer.path + '\n' +
         std::to_string(static_cast<int>(transform)) + '\n' + std::to_string(dataset.cellCount()) +
         '\n' + std::to_string(dataset.geneCount());
}

/// The chunks lie in memory, or all of them in a file.
class PackedGenes final : public GeneMajor {
 public:
  PackedGenes(const CellDataset& dataset, const ExpressionLayer& layer, const Options& options);

  /// True if a file from an earlier time is there.
  bool openFile(const std::string& key);
  void build(const CellDataset& dataset, const Options& options, const std::string& key,
             const Progress& progress);
  Matrix rows(std::span<const std::int64_t> genes, const Progress& progress) const override;

 private:
  struct Place {
    GenePiece piece;
    std::size_t chunk = 0;  ///< in memory
  };
  void take(const std::vector<GenePiece>& pieces, std::size_t chunk);
  void spill(GenePieceReader& reader, std::vector<GeneChunk> chunks, const std::string& key,
             const Progress& progress);
  void setRange(const ValueRange& range);
  std::span<const std::byte> bytesOf(const Place& place, std::vector<std::byte>& buffer) const;

  std::vector<std::vector<Place>> m_places;  ///< by gene
  std::vector<std::vector<std::byte>> m_chunks;
  std::shared_ptr<const InputFile> m_input;
  std::string m_name;  ///< of the dataset, for errors
  fs::path m_target;   ///< where the file would be
};

PackedGenes::PackedGenes(const CellDataset& dataset, const ExpressionLayer& layer,
                         const Options& options) {
  m_geneCount = dataset.geneCount();
  m_cellCount = dataset.cellCount();
  m_unit = unitOf(layer, options.transform);
  m_content = options.transform == ExpressionTransform::LogPerTenThousand ? Content::LogNormalised
                                                                          : layer.content;
  m_name = printable(dataset.path().filename().string());
  const fs::path folder = options.folder.empty() ? cacheFolder() : options.folder;
  m_target = folder / (sha256(keyOf(dataset, layer, options.transform)).substr(0, 32) + ".genes");
}

void PackedGenes::take(const std::vector<GenePiece>& pieces, std::size_t chunk) {
  for (const GenePiece& piece : pieces)
    m_places[static_cast<std::size_t>(piece.gene)].push_back({piece, chunk});
}

void PackedGenes::setRange(const ValueRange& range) {
  const bool empty = range.least > range.largest;
  m_least = empty ? 0 : range.least;
  m_largest = empty ? 0 : range.largest;
}

bool PackedGenes::openFile(const std::string& key) {
  std::error_code missing;
  if (!fs::is_regular_file(m_target, missing)) return false;
  const auto input = InputFile::open(m_target);
  const auto index = readGeneFile(*input, key);
  if (!index) return false;
  const bool fits = std::ranges::all_of(index->pieces, [&](const GenePiece& piece) {
    return piece.gene >= 0 && piece.gene < m_geneCount && piece.firstCell >= 0 &&
           piece.firstCell <= piece.lastCell && piece.lastCell <= m_cellCount;
  });
  if (!fits) return false;
  m_places.assign(static_cast<std::size_t>(m_geneCount), {});
  take(index->pieces, 0);
  setRange(index->range);
  m_input = input;
  m_file = m_target;
  return true;
}

void PackedGenes::build(const CellDataset& dataset, const Options& options, const std::string& key,
                        const Progress& progress) {
  const auto reader = GenePieceReader::open(dataset, options);
  std::vector<GeneChunk> chunks;
  std::uint64_t bytes = 0;
  for (GeneChunk chunk; reader->next(chunk, progress);) {
    bytes += chunk.bytes.size();
    chunks.push_back(std::move(chunk));
    if (bytes > options.memory) return spill(*reader, std::move(chunks), key, progress);
  }
  m_places.assign(static_cast<std::size_t>(m_geneCount), {});
  for (GeneChunk& chunk : chunks) {
    take(chunk.pieces, m_chunks.size());
    m_chunks.push_back(std::move(chunk.bytes));
  }
  setRange(reader->range());
}

/// Goes on in a file, which gets what is in memory first.
void PackedGenes::spill(GenePieceReader& reader, std::vector<GeneChunk> chunks,
                        const std::string& key, const Progress& progress) {
  fs::create_directories(m_target.parent_path());
  saveAtomic(m_target, [&](const fs::path& temporary) {
    GeneFileWriter writer(temporary, m_target);
    for (GeneChunk& chunk : chunks) writer.add(std::move(chunk));
    chunks.clear();
    for (GeneChunk chunk; reader.next(chunk, progress);) writer.add(std::move(chunk));
    writer.finish(key, reader.range());
  });
  if (!openFile(key))
    throw Error("GENE_FILE_DAMAGED", shownPath(m_target),
                "expression sorted by genes cannot be read back.", "Check the disk.");
}

std::span<const std::byte> PackedGenes::bytesOf(const Place& place,
                                                std::vector<std::byte>& buffer) const {
  const GenePiece& piece = place.piece;
  if (!m_input) return std::span(m_chunks[place.chunk]).subspan(piece.offset, piece.bytes);
  buffer.resize(piece.bytes);
  m_input->read(piece.offset, buffer);
  return buffer;
}

Matrix PackedGenes::rows(std::span<const std::int64_t> genes, const Progress& progress) const {
  Matrix result = Matrix::Zero(std::ssize(genes), m_cellCount);
  std::vector<std::byte> buffer;
  for (std::size_t row = 0; row < genes.size(); ++row) {
    progress.at(static_cast<double>(row) / static_cast<double>(genes.size()));
    if (genes[row] < 0 || genes[row] >= m_geneCount)
      throw Error("H5AD_GENE", m_name,
                  "gene number " + withThousands(genes[row] + 1) + " was asked for, but it has " +
                      withThousands(m_geneCount) + ".",
                  "Choose one of its genes.");
    for (const Place& place : m_places[static_cast<std::size_t>(genes[row])]) {
      const GenePiece& piece = place.piece;
      const std::span<float> values(
          result.row(static_cast<Eigen::Index>(row)).data() + piece.firstCell,
          static_cast<std::size_t>(piece.lastCell - piece.firstCell));
      if (!unpack(piece, bytesOf(place, buffer), values))
        throw Error("GENE_FILE_DAMAGED", shownPath(m_target),
                    "expression sorted by genes, kept in the cache, has changed on the disk.",
                    "Delete this file; it is made again from the dataset.");
    }
  }
  return result;
}

}  // namespace

ExpressionTransform usualTransform(const ExpressionLayer& layer) {
  return layer.content == Content::Counts ? ExpressionTransform::LogPerTenThousand
                                          : ExpressionTransform::AsStored;
}

ExpressionTransform usualTransform(const CellDataset& cells, std::string_view layer) {
  const std::string_view wanted = layer.empty() ? "X" : layer;
  for (const ExpressionLayer& known : cells.layers())
    if (known.path == wanted) return usualTransform(known);
  return ExpressionTransform::AsStored;
}

std::shared_ptr<const GeneMajor> GeneMajor::make(const CellDataset& dataset, const Options& options,
                                                 const Progress& progress) {
  const ExpressionLayer& layer = layerOf(dataset, options.layer);
  const bool logged = layer.content == Content::LogNormalised || layer.content == Content::Scaled;
  if (options.transform == ExpressionTransform::LogPerTenThousand && logged)
    throw Error("EXPRESSION_LOGGED",
                printable(dataset.path().filename().string()) + ": " + printable(layer.path),
                "counts were to be brought to a logarithmic scale, but it holds " +
                    printable(layer.evidence) + ".",
                "Use the layer as it is stored, or choose a layer of counts.");
  auto genes = std::make_shared<PackedGenes>(dataset, layer, options);
  const std::string key = keyOf(dataset, layer, options.transform);
  if (!genes->openFile(key)) genes->build(dataset, options, key, progress);
  progress.at(1);
  return genes;
}

}  // namespace cellocus
