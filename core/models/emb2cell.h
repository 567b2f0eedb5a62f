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
  };

  /// A Lightning `.ckpt` of seq2cells or a `.safetensors` of ours.
  /// @throws Error "MODEL_INCOMPLETE", "HEAD_UNKNOWN"
  static std::shared_ptr<const Emb2Cell> open(const std::filesystem::path& path,
                                              const Progress& progress = {});
  explicit Emb2Cell(Parts parts) : m_parts(std::move(parts)) {}

  std::int64_t embeddingSize() const { return m_parts.first.weight.cols(); }
  std::int64_t cellCount() const { return output().weight.rows(); }
  const Parts& parts() const { return m_parts; }
  const LoadReport& loadReport() const { return m_report; }
  const std::filesystem::path& path() const { return m_path; }
  /// "linear", "bottleneck 2,000 ReLU, softplus", for the model card.
  std::string description() const;

  /// Expression of each gene in each cell: [genes, 2 * dim] -> [genes, cells], in the head's unit.
  /// @throws Error "EMBEDDING_SIZE" naming both sizes
  Matrix predict(MatrixView embedding, const Progress& progress = {}) const;

  /// Writes our `.safetensors` form, which open() reads.
  void save(const std::filesystem::path& path) const;

 private:
  Matrix outputOf(MatrixView hidden, const Progress& progress) const;
  const Layer& output() const { return m_parts.second ? *m_parts.second : m_parts.first; }

  Parts m_parts;
  LoadReport m_report;
  std::filesystem::path m_path;
};

}  // namespace cellocus
