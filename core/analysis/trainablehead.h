// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "base/progress.h"
#include "models/emb2cell.h"
#include "nn/weightupdate.h"

namespace cellocus {

/// What a head is made of, without its weights.
struct HeadShape {
  std::int64_t inputs = 0, bottleneck = 0, cells = 0;  ///< bottleneck 0: one linear layer
  bool relu = true, softplus = true;
  double dropout = 0;
};

/// An emb2cell head whose weights change: prediction, gradient and update of all weights in two
/// passes over them. The gradient of a block of weights is used up while it is in the cache, so it
/// is never held whole. Results do not depend on the number of threads.
class TrainableHead {
 public:
  /// The optimiser's means are kept for the rules that have them.
  TrainableHead(const HeadShape& shape, nn::WeightUpdate::Rule rule);

  const HeadShape& shape() const { return m_shape; }
  /// Uniform up to 1 / sqrt(inputs of the layer), as PyTorch begins.
  void randomise(std::uint64_t seed);
  /// @throws Error "TRAINING_OPTIONS" if the layers do not fit
  void set(const Emb2Cell& head);
  /// A copy of the weights.
  Emb2Cell::Parts parts() const;

  /// Predicts a batch and remembers what the update needs; `number` chooses what dropout leaves
  /// out. [genes, inputs] -> [genes, cells]
  const Matrix& forward(Matrix embeddings, std::uint64_t number, const Progress& progress);
  /// Changes all weights by the gradient of the batch of the last forward(). `gradient` [genes,
  /// cells] is by the prediction and is used up.
  void backward(Matrix& gradient, const nn::WeightUpdate& update, const Progress& progress);

  /// Without dropout and without remembering: [genes, inputs] -> [genes, cells].
  Matrix predict(MatrixView embeddings, const Progress& progress) const;

  /// All weights and the optimiser's means, to be saved and restored.
  struct Part {
    std::string name;
    Shape shape;
    std::span<float> values;
  };
  std::vector<Part> state();

 private:
  struct Layer {
    Matrix weight, first, second;            ///< [out, in]; the means have no rows if not kept
    Vector bias, firstOfBias, secondOfBias;  ///< [out]
  };
  struct Pass;

  static Layer layerOf(std::int64_t outputs, std::int64_t inputs, nn::WeightUpdate::Rule rule);
  void dropOut(Matrix& hidden, std::uint64_t number);
  void activate(Matrix& hidden) const;
  static void updateLayer(Layer& layer, const Pass& pass, const nn::WeightUpdate& update,
                          const Progress& progress);
  void sumHiddenGradient();

  HeadShape m_shape;
  Layer m_first;
  std::optional<Layer> m_second;

  Matrix m_embeddings, m_hidden, m_hiddenSlope, m_predicted;  ///< of the last forward()
  Matrix m_hiddenGradient;
  std::vector<Matrix> m_partial;  ///< of the gradient by the hidden values, one a piece
};

}  // namespace cellocus
