// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "base/progress.h"
#include "weights/checkpoint.h"
#include "weights/weightreader.h"

namespace cellocus {

class StreamedWeight;

/// The head of seq2cells: embedding of a start site -> expression in every cell. Linear, or
/// Linear -> ReLU (or nothing) -> Linear, then softplus or nothing. SYSTEMS 2.1.
class Emb2Cell {
 public:
  struct Layer {
    Matrix weight;  ///< [out, in]
    Vector bias;    ///< [out]
  };
  struct Parts {
    Layer first;
    std::optional<Layer> second;         ///< nothing for the linear model
    bool relu = true;                    ///< between the two
    bool softplus = true;                ///< at the end
    std::vector<std::string> cellNames;  ///< one per output where known
    std::string unit;                    ///< of the output: "log1p counts", ... may be empty
    std::string label;                   ///< to be shown with every result, may be empty
    std::string gamma;                   ///< of the embeddings: "tf", "torch" or not recorded
    /// How it was trained, under seq2cells' names (`dropout_prob`, ...), and what else is known of
    /// that; null where the file does not say.
    nlohmann::json hyperParameters, training;
  };

  /// How the last layer of a file is read: at 8 kB a cell it is 5 GB for 650,000 cells.
  struct Reading {
    /// Up to so many bytes it is read on opening, where damage is noticed at once. More of it comes
    /// from the file in pieces, when predictions first need them.
    std::uint64_t onOpening = 64u << 20;
    /// How much of those pieces stays in memory; what is beyond is read again for each prediction.
    std::uint64_t kept = standardKept();
  };
  /// A quarter of the machine's memory: 2 GB of a laptop's 8, which leaves room for the sequence
  /// model, the cells and the desktop (and the system's file cache may still hold the rest); 24 GB
  /// keep 650,000 cells whole.
  static std::uint64_t standardKept();

  /// A Lightning `.ckpt` of seq2cells or a `.safetensors` of ours.
  /// @throws Error "MODEL_INCOMPLETE", "HEAD_UNKNOWN"
  static std::shared_ptr<const Emb2Cell> open(const std::filesystem::path& path,
                                              const Progress& progress = {});
  static std::shared_ptr<const Emb2Cell> open(const std::filesystem::path& path,
                                              const Reading& reading,
                                              const Progress& progress = {});
  explicit Emb2Cell(Parts parts) : m_parts(std::move(parts)) {}

  std::int64_t embeddingSize() const { return m_parts.first.weight.cols(); }
  std::int64_t cellCount() const { return output().bias.size(); }
  /// The weight of a last layer that stays in its file has no rows here.
  const Parts& parts() const { return m_parts; }
  /// Bytes of the last layer's weight that are in memory now.
  std::uint64_t keptBytes() const;
  const LoadReport& loadReport() const { return m_report; }
  const std::filesystem::path& path() const { return m_path; }
  /// "linear", "bottleneck 2,000 ReLU, softplus", for the model card.
  std::string description() const;

  /// Expression of each gene in each cell: [genes, 2 * dim] -> [genes, cells], in the head's unit.
  /// One pass over the weights for all genes, so the reference and an edit of a gene belong into
  /// one call.
  /// @throws Error "EMBEDDING_SIZE" naming both sizes, and as Checkpoint::readRows
  Matrix predict(MatrixView embedding, const Progress& progress = {}) const;
  /// The same in some cells alone, in any order: [genes, cells.size()], each number exactly that of
  /// the whole. Of a large file little more than their rows is read.
  /// @throws Error also "CELL_UNKNOWN" if the head has no such cell
  Matrix predict(MatrixView embedding, std::span<const std::int64_t> cells,
                 const Progress& progress = {}) const;

  /// Writes our `.safetensors` form, which open() reads.
  void save(const std::filesystem::path& path, const Progress& progress = {}) const;
  /// Writes a Lightning checkpoint that seq2cells reads as its own. It has no place for the names
  /// of cells, the unit and the gamma.
  void saveCheckpoint(const std::filesystem::path& path, const Progress& progress = {}) const;
  /// The one or the other: a checkpoint where the path ends with .ckpt.
  void saveAs(const std::filesystem::path& path, const Progress& progress = {}) const;

 private:
  /// What the last layer takes, [genes, in]: the embedding or what the first layer makes of it.
  Matrix hiddenOf(MatrixView embedding, const Progress& progress) const;
  const Layer& output() const { return m_parts.second ? *m_parts.second : m_parts.first; }

  Parts m_parts;
  std::shared_ptr<const StreamedWeight> m_streamed;  ///< null: the weight is in m_parts
  LoadReport m_report;
  std::filesystem::path m_path;
};

}  // namespace cellocus
