// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/matrix.h"
#include "base/progress.h"

namespace cellocus {

/// One column of the cell table (obs).
struct CellColumn {
  enum class Kind { Categorical, Numeric, Text };
  std::string name;
  Kind kind = Kind::Text;
  // Categorical (booleans too): one code per cell, -1 = missing.
  std::vector<std::string> categories;
  std::vector<std::int32_t> codes;
  std::vector<std::string> colours;  ///< "#RRGGBB" per category from uns, or empty
  // Numeric: one value per cell, NaN = missing.
  std::vector<double> numbers;
  // Text: one string per cell (barcodes and the like).
  std::vector<std::string> texts;

  /// The text or category of a row; empty if it is missing or the column holds numbers.
  std::string textAt(std::int64_t row) const;
};

struct GeneName {
  std::string index;   ///< the row name of the gene table as it stands in the file
  std::string id;      ///< Ensembl id without version where the file has one, else empty
  std::string symbol;  ///< where the file has one, else the index
};

/// Where expression is read from: "X", "raw/X" or "layers/NAME".
struct ExpressionLayer {
  std::string path;
  enum class Content { Counts, LogNormalised, Scaled, Unknown } content = Content::Unknown;
  std::string evidence;  ///< "whole numbers up to 4,211", for the tooltip
};

enum class Orientation { CellsByGenes, GenesByCells };

/// What lies together in a file, and is therefore quick to read at once.
enum class StoredBy { Cells, Genes };

/// A single-cell dataset: .h5ad (AnnData 0.5 to 0.11) or 10x .h5. Never changed after open(). All
/// calls are coarse (a column, a gene, a block of cells), so that the HDF5 library can move into a
/// process of its own without a caller noticing. May be used from any thread.
class CellDataset {
 public:
  struct Options {
    /// How the matrix lies; recognised if not given (seq2cells writes genes x cells).
    std::optional<Orientation> orientation;
  };
  /// @throws Error "H5AD_..." with the HDF5 path of what is wrong
  static std::shared_ptr<const CellDataset> open(const std::filesystem::path& path,
                                                 const Options& options,
                                                 const Progress& progress = {});
  static std::shared_ptr<const CellDataset> open(const std::filesystem::path& path,
                                                 const Progress& progress = {}) {
    return open(path, Options(), progress);
  }
  virtual ~CellDataset() = default;

  const std::filesystem::path& path() const { return m_path; }
  std::int64_t cellCount() const { return static_cast<std::int64_t>(m_cellNames.size()); }
  std::int64_t geneCount() const { return static_cast<std::int64_t>(m_genes.size()); }
  Orientation orientation() const { return m_orientation; }
  /// "AnnData 0.8+", "AnnData 0.5 (compound tables)", "10x HDF5", ...
  const std::string& format() const { return m_format; }
  const std::vector<std::string>& cellNames() const { return m_cellNames; }
  const std::vector<GeneName>& genes() const { return m_genes; }
  const std::vector<std::string>& columnNames() const {
    return m_columnNames;
  }  ///< of the cell table
  const std::vector<std::string>& geneColumnNames() const {
    return m_geneColumnNames;
  }  ///< of the gene table
  const std::vector<std::string>& embeddingNames() const {
    return m_embeddingNames;
  }  ///< "X_umap", ...
  const std::vector<ExpressionLayer>& layers() const { return m_layers; }
  const std::vector<std::string>& remarks() const { return m_remarks; }

  /// Column of a gene by Ensembl id (any version), symbol or index; case ignored last. Nothing if
  /// unknown.
  std::optional<std::int64_t> findGene(std::string_view name) const;

  /// @throws Error "H5AD_COLUMN" if there is no such column or its encoding is not supported
  virtual CellColumn column(std::string_view name, const Progress& progress = {}) const = 0;
  /// A column of the gene table (var), with one entry per gene where a column() has one per cell:
  /// "highly_variable", "enf_set". @throws Error "H5AD_COLUMN"
  virtual CellColumn geneColumn(std::string_view name, const Progress& progress = {}) const = 0;
  /// [cells, dimensions] of an obsm entry (array or data frame).
  virtual Matrix embedding(std::string_view name, const Progress& progress = {}) const = 0;
  /// Expression of one gene in every cell [cells], in the unit of the layer ("X" if empty).
  virtual Vector gene(std::int64_t gene, std::string_view layer = {},
                      const Progress& progress = {}) const = 0;
  /// Expression of all genes in cells first..last [last - first, genes], dense.
  virtual Matrix cells(std::int64_t first, std::int64_t last, std::string_view layer = {},
                       const Progress& progress = {}) const = 0;
  /// Whether cells() or gene() is the way to read all of a layer; the other one may go through the
  /// whole file for each call.
  virtual StoredBy storedBy(std::string_view layer = {}) const = 0;

 protected:
  std::filesystem::path m_path;
  Orientation m_orientation = Orientation::CellsByGenes;
  std::string m_format;
  std::vector<std::string> m_cellNames, m_columnNames, m_geneColumnNames, m_embeddingNames,
      m_remarks;
  std::vector<GeneName> m_genes;
  std::vector<ExpressionLayer> m_layers;

  /// Makes findGene work; called once m_genes is complete.
  void indexGenes();

 private:
  using GeneIndex = std::unordered_map<std::string, std::int64_t>;
  GeneIndex m_geneByName, m_geneByLoweredName;
};

/// What to write into a new .h5ad (the demo world; predictions of a dataset).
struct NewDataset {
  std::vector<std::string> cellNames;
  std::vector<GeneName> genes;
  Matrix expression;  ///< [cells, genes]; stored as CSR
  std::vector<CellColumn> columns;
  std::vector<std::pair<std::string, Matrix>> embeddings;  ///< ("X_umap", [cells, 2])
  std::vector<std::pair<std::string, Matrix>> layers;      ///< ("predicted", [cells, genes])
  std::vector<std::pair<std::string, std::string>> notes;  ///< strings of uns
};
/// Writes AnnData 0.8+ layout, whole or not at all.
void writeH5ad(const std::filesystem::path& path, const NewDataset& dataset);

/// Sequence embeddings of genes, rows = genes: our own layout (`/embedding`, `/gene_id`, ...), the
/// pandas/PyTables layout of seq2cells (rows in file order, no names), or obsm/seq_embedding of the
/// .h5ad that seq2cells trains on. @throws Error "EMBEDDING_FILE"
struct EmbeddingFile {
  Matrix embedding;                                        ///< [genes, 2 * dim]
  std::vector<std::string> geneIds, geneSymbols, windows;  ///< empty where the file has none
  std::string gamma;  ///< "tf", "torch" or empty if not recorded

  /// Which rows of a run these are, if it was split among several machines.
  struct Part {
    std::int64_t number = 0, count = 0;      ///< the `number`-th of `count`, from 1
    std::int64_t firstRow = 0, allRows = 0;  ///< of the run
    std::string fingerprint;                 ///< the same for all parts of a run
    bool operator==(const Part&) const = default;
  };
  std::optional<Part> part = {};
};
EmbeddingFile readEmbeddings(const std::filesystem::path& path, const Progress& progress = {});

enum class EmbeddingLayout {
  Plain,  ///< our own: names and window of each row beside the numbers
  /// What pandas' to_hdf(key="emb", format="fixed") writes and seq2cells reads: float64, rows in
  /// the order of the windows, no names. SYSTEMS 2.3.2
  Pandas
};
/// @throws Error "EMBEDDING_FILE", "SAVE_FAILED"
void writeEmbeddings(const std::filesystem::path& path, const EmbeddingFile& file,
                     const std::vector<std::pair<std::string, std::string>>& provenance,
                     EmbeddingLayout layout = EmbeddingLayout::Plain);

}  // namespace cellocus
