// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/trainablehead.h"

#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "base/parallel.h"
#include "base/seededrandom.h"
#include "base/text.h"
#include "nn/kernels.h"
#include "nn/packedproduct.h"
#include "nn/product.h"
#include "nn/rowdots.h"

namespace cellocus {

namespace {

/// Outputs of a layer are divided into pieces that do not depend on the number of threads, because
/// sums over pieces must not either.
constexpr std::int64_t mostPieces = 32, leastOfPiece = 32;
/// Rows of weights that are computed with and updated while they are in the cache.
constexpr std::int64_t rowsAtOnce = 320;
/// For so few genes, fetching the weights takes longer than the products.
constexpr std::int64_t fewGenes = 16;

std::int64_t pieceCount(std::int64_t outputs) {
  return std::clamp<std::int64_t>(outputs / leastOfPiece, 1, mostPieces);
}

std::int64_t pieceStart(std::int64_t outputs, std::int64_t piece) {
  return outputs * piece / pieceCount(outputs);
}

/// Calls work(piece, block of outputs) on all threads, the blocks of a piece in order.
template <typename Work>
void forBlocks(std::int64_t outputs, const Progress& progress, const Work& work) {
  const std::int64_t pieces = pieceCount(outputs);
  parallelFor(pieces, 1, [&](std::int64_t firstPiece, std::int64_t lastPiece) {
    for (std::int64_t piece = firstPiece; piece < lastPiece; ++piece) {
      const std::int64_t end = pieceStart(outputs, piece + 1);
      for (std::int64_t from = pieceStart(outputs, piece); from < end; from += rowsAtOnce) {
        progress.check();
        work(piece, BinRange{from, std::min(from + rowsAtOnce, end)});
      }
    }
  });
}

/// y = x * weightT + bias. The weights change with every step, so it is the batch that is packed
/// for the products, and they come out with genes as columns.
class LayerProduct {
 public:
  LayerProduct(MatrixView x, MatrixView weight, const Vector& bias)
      : m_x(x), m_weight(weight), m_bias(bias) {
    if (x.rows() > fewGenes)
      m_packed = std::make_unique<const nn::PackedProduct>(
          nn::PackedProduct::Weights{
              {m_x.data(), static_cast<std::size_t>(m_x.size())}, m_x.rows(), m_x.cols()},
          Vector(), nn::Precision::Float32);
  }
  void apply(BinRange outputs, nn::MatrixBlock y) const {
    const auto rows = m_weight.middleRows(outputs.first, outputs.count());
    const auto bias = m_bias.segment(outputs.first, outputs.count());
    if (m_packed) {
      thread_local Matrix byOutputs;
      byOutputs.resize(outputs.count(), y.rows());
      m_packed->apply(MatrixView(rows), byOutputs);
      y = (byOutputs.colwise() + bias).transpose();
    } else {
      nn::rowDots(m_x, rows, y);
      y.rowwise() += bias.transpose();
    }
  }

 private:
  MatrixView m_x;  ///< rows without gaps
  MatrixView m_weight;
  const Vector& m_bias;
  std::unique_ptr<const nn::PackedProduct> m_packed;  ///< null: few genes
};

void applyLayer(MatrixView x, MatrixView weight, const Vector& bias, Matrix& y,
                const Progress& progress) {
  y.resize(x.rows(), weight.rows());
  const LayerProduct product(x, weight, bias);
  forBlocks(weight.rows(), progress, [&](std::int64_t, BinRange block) {
    product.apply(block, y.middleCols(block.first, block.count()));
  });
}

nn::WeightRun runOf(Matrix& weight, Matrix& first, Matrix& second, const Matrix& gradient,
                    BinRange block) {
  const std::int64_t start = block.first * weight.cols();
  return {weight.data() + start, gradient.data(),
          first.size() == 0 ? nullptr : first.data() + start,
          second.size() == 0 ? nullptr : second.data() + start, gradient.size()};
}

nn::WeightRun runOf(Vector& weight, Vector& first, Vector& second, const Vector& gradient,
                    BinRange block) {
  return {weight.data() + block.first, gradient.data(),
          first.size() == 0 ? nullptr : first.data() + block.first,
          second.size() == 0 ? nullptr : second.data() + block.first, gradient.size()};
}

void randomiseLayer(Matrix& weight, Vector& bias, SeededRandom& random) {
  const double bound = 1 / std::sqrt(static_cast<double>(weight.cols()));
  for (float& value : weight.reshaped<Eigen::RowMajor>())
    value = static_cast<float>(random.uniform(-bound, bound));
  for (float& value : bias) value = static_cast<float>(random.uniform(-bound, bound));
}

}  // namespace

TrainableHead::Layer TrainableHead::layerOf(std::int64_t outputs, std::int64_t inputs,
                                            nn::WeightUpdate::Rule rule) {
  const nn::WeightUpdate update{.rule = rule};
  Layer layer;
  layer.weight.setZero(outputs, inputs);
  layer.bias.setZero(outputs);
  if (update.remembersFirst()) {
    layer.first.setZero(outputs, inputs);
    layer.firstOfBias.setZero(outputs);
  }
  if (update.remembersSecond()) {
    layer.second.setZero(outputs, inputs);
    layer.secondOfBias.setZero(outputs);
  }
  return layer;
}

TrainableHead::TrainableHead(const HeadShape& shape, nn::WeightUpdate::Rule rule)
    : m_shape(shape),
      m_first(layerOf(shape.bottleneck > 0 ? shape.bottleneck : shape.cells, shape.inputs, rule)) {
  if (shape.bottleneck > 0) m_second = layerOf(shape.cells, shape.bottleneck, rule);
}

void TrainableHead::randomise(std::uint64_t seed) {
  SeededRandom random(seed);
  randomiseLayer(m_first.weight, m_first.bias, random);
  if (m_second) randomiseLayer(m_second->weight, m_second->bias, random);
}

void TrainableHead::set(const Emb2Cell& head) {
  const Emb2Cell::Parts& parts = head.parts();
  const bool fits = head.embeddingSize() == m_shape.inputs && head.cellCount() == m_shape.cells &&
                    parts.second.has_value() == m_second.has_value() &&
                    parts.first.weight.rows() == m_first.weight.rows();
  if (!fits)
    throw Error("TRAINING_OPTIONS", shownPath(head.path()),
                "the initial head (" + head.description() + ", embeddings of " +
                    withThousands(head.embeddingSize()) + " numbers, " +
                    withThousands(head.cellCount()) + " cells) has other layers than the one to " +
                    "be trained.",
                "Begin with a head of the same size, or with random weights.");
  m_first.weight = parts.first.weight;
  m_first.bias = parts.first.bias;
  if (m_second) {
    m_second->weight = parts.second->weight;
    m_second->bias = parts.second->bias;
  }
}

Emb2Cell::Parts TrainableHead::parts() const {
  Emb2Cell::Parts parts;
  parts.first = {m_first.weight, m_first.bias};
  if (m_second) parts.second = {m_second->weight, m_second->bias};
  parts.relu = m_shape.relu;
  parts.softplus = m_shape.softplus;
  return parts;
}

void TrainableHead::activate(Matrix& hidden) const {
  if (m_shape.relu) nn::relu(hidden);
}

/// Multiplies the hidden values by 0 or 1 / (1 - p) and remembers that, and where the ReLU lets
/// pass, as their slope. The numbers follow from the batch's number alone.
void TrainableHead::dropOut(Matrix& hidden, std::uint64_t number) {
  const double p = m_shape.dropout;
  const auto scale = static_cast<float>(1 / (1 - p));
  m_hiddenSlope.resize(hidden.rows(), hidden.cols());
  parallelFor(hidden.rows(), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      SeededRandom random(
          SeededRandom(number * 0x100000001B3u + static_cast<std::uint64_t>(row)).next());
      for (Eigen::Index i = 0; i < hidden.cols(); ++i) {
        float slope = p > 0 && random.chance(p) ? 0 : scale;
        if (m_shape.relu && !(hidden(row, i) > 0)) slope = 0;
        hidden(row, i) *= slope;
        m_hiddenSlope(row, i) = slope;
      }
    }
  });
}

const Matrix& TrainableHead::forward(Matrix embeddings, std::uint64_t number,
                                     const Progress& progress) {
  m_embeddings = std::move(embeddings);
  if (m_second) {
    applyLayer(m_embeddings, m_first.weight, m_first.bias, m_hidden, progress);
    dropOut(m_hidden, number);
  }
  const Layer& output = m_second ? *m_second : m_first;
  applyLayer(m_second ? m_hidden : m_embeddings, output.weight, output.bias, m_predicted, progress);
  if (m_shape.softplus)
    parallelFor(m_predicted.rows(), 1, [&](std::int64_t first, std::int64_t last) {
      nn::softplus(m_predicted.middleRows(first, last - first));
    });
  return m_predicted;
}

/// What a layer's update is given and gives.
struct TrainableHead::Pass {
  const Matrix& inputs;           ///< [genes, in]
  const Matrix& gradient;         ///< by the outputs, [genes, out]
  std::vector<Matrix>* byInputs;  ///< one a piece, [genes, in]; null if not wanted
};

void TrainableHead::backward(Matrix& gradient, const nn::WeightUpdate& update,
                             const Progress& progress) {
  if (m_shape.softplus)
    parallelFor(gradient.rows(), 1, [&](std::int64_t first, std::int64_t last) {
      nn::softplusGradient(m_predicted.middleRows(first, last - first),
                           gradient.middleRows(first, last - first));
    });
  if (m_second) {
    m_partial.resize(static_cast<std::size_t>(pieceCount(m_shape.cells)));
    updateLayer(*m_second, {m_hidden, gradient, &m_partial}, update, progress);
    sumHiddenGradient();
  }
  updateLayer(m_first, {m_embeddings, m_second ? m_hiddenGradient : gradient, nullptr}, update,
              progress);
}

void TrainableHead::updateLayer(Layer& layer, const Pass& pass, const nn::WeightUpdate& update,
                                const Progress& progress) {
  if (pass.byInputs)
    for (Matrix& part : *pass.byInputs) part.resize(pass.inputs.rows(), pass.inputs.cols());
  forBlocks(layer.weight.rows(), progress, [&](std::int64_t piece, BinRange block) {
    const auto ofBlock = pass.gradient.middleCols(block.first, block.count());
    const auto weight = layer.weight.middleRows(block.first, block.count());
    if (pass.byInputs)
      nn::multiply(ofBlock, weight, (*pass.byInputs)[static_cast<std::size_t>(piece)],
                   block.first == pieceStart(layer.weight.rows(), piece) ? nn::Into::Replace
                                                                         : nn::Into::Add);
    thread_local Matrix transposed, byWeight;
    transposed = ofBlock.transpose();
    byWeight.resize(block.count(), layer.weight.cols());
    nn::multiply(transposed, pass.inputs, byWeight);
    nn::updateWeights(update, runOf(layer.weight, layer.first, layer.second, byWeight, block));
    const Vector byBias = transposed.rowwise().sum();
    nn::updateWeights(update,
                      runOf(layer.bias, layer.firstOfBias, layer.secondOfBias, byBias, block));
  });
}

/// The sum over pieces, back through ReLU and dropout.
void TrainableHead::sumHiddenGradient() {
  Matrix& sum = m_hiddenGradient;
  sum.resize(m_hidden.rows(), m_hidden.cols());
  parallelFor(sum.rows(), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      sum.row(row) = m_partial.front().row(row);
      for (std::size_t piece = 1; piece < m_partial.size(); ++piece)
        sum.row(row) += m_partial[piece].row(row);
      sum.row(row).array() *= m_hiddenSlope.row(row).array();
    }
  });
}

Matrix TrainableHead::predict(MatrixView embeddings, const Progress& progress) const {
  constexpr std::int64_t genesAtOnce = 256;
  Matrix predicted(embeddings.rows(), m_shape.cells);
  for (std::int64_t from = 0; from < embeddings.rows(); from += genesAtOnce) {
    const std::int64_t genes = std::min(genesAtOnce, embeddings.rows() - from);
    const auto batch = embeddings.middleRows(from, genes);
    Matrix hidden, part;
    if (m_second) {
      applyLayer(batch, m_first.weight, m_first.bias, hidden, progress);
      activate(hidden);
      applyLayer(hidden, m_second->weight, m_second->bias, part, progress);
    } else {
      applyLayer(batch, m_first.weight, m_first.bias, part, progress);
    }
    if (m_shape.softplus) nn::softplus(part);
    predicted.middleRows(from, genes) = part;
  }
  return predicted;
}

std::vector<TrainableHead::Part> TrainableHead::state() {
  std::vector<Part> parts;
  const auto add = [&](const std::string& name, auto& values) {
    if (values.size() == 0) return;
    Shape shape{values.rows()};
    if (values.cols() != 1 || name.find("bias") == std::string::npos)
      shape.push_back(values.cols());
    parts.push_back({name, shape, {values.data(), static_cast<std::size_t>(values.size())}});
  };
  const auto addLayer = [&](const std::string& name, Layer& layer) {
    add(name + ".weight", layer.weight);
    add(name + ".bias", layer.bias);
    add(name + ".first.weight", layer.first);
    add(name + ".first.bias", layer.firstOfBias);
    add(name + ".second.weight", layer.second);
    add(name + ".second.bias", layer.secondOfBias);
  };
  addLayer("first", m_first);
  if (m_second) addLayer("second", *m_second);
  return parts;
}

}  // namespace cellocus
