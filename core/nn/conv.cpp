// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/conv.h"

#include "nn/linear.h"

namespace cellocus::nn {

namespace {

/// The taps between the first and the last with weights other than zero; one at least.
BinRange usedTaps(const Convolution::Size& size, const std::vector<float>& weight) {
  BinRange taps{size.kernel / 2, size.kernel / 2 + 1};
  for (std::size_t i = 0; i < weight.size(); ++i) {
    if (weight[i] == 0) continue;
    const std::int64_t tap = static_cast<std::int64_t>(i) % size.kernel;
    taps = {std::min(taps.first, tap), std::max(taps.last, tap + 1)};
  }
  return taps;
}

/// The weights of some taps, in the order [out, in, tap].
std::vector<float> weightsOf(BinRange taps, std::int64_t kernel, const std::vector<float>& weight) {
  if (taps.count() == kernel) return weight;
  std::vector<float> used;
  for (std::size_t i = 0; i < weight.size(); i += static_cast<std::size_t>(kernel))
    for (std::int64_t tap = taps.first; tap < taps.last; ++tap)
      used.push_back(weight[i + static_cast<std::size_t>(tap)]);
  return used;
}

/// [out, in, tap] -> [out, tap, in]
std::vector<float> tapByTap(const Convolution::Size& size, const std::vector<float>& weight) {
  std::vector<float> turned(weight.size());
  const std::int64_t each = size.inputs * size.kernel;
  for (std::int64_t out = 0; out < size.outputs; ++out)
    Eigen::Map<Matrix>(turned.data() + out * each, size.kernel, size.inputs) =
        Eigen::Map<const Matrix>(weight.data() + out * each, size.inputs, size.kernel).transpose();
  return turned;
}

}  // namespace

Convolution::Convolution(WeightReader& reader, const std::string& scope, const Size& size,
                         const Options& options)
    : m_size(size) {
  const std::vector<float> weight =
      reader.read(scope + ".weight", {size.outputs, size.inputs, size.kernel});
  const Vector bias = readVector(reader, scope + ".bias", size.outputs);
  if (options.input == Input::Columns) {
    m_product.emplace(
        PackedProduct::Weights{tapByTap(size, weight), size.outputs, size.inputs * size.kernel},
        bias, options.precision);
    return;
  }
  m_taps = usedTaps(size, weight);
  m_product.emplace(PackedProduct::Weights{weightsOf(m_taps, size.kernel, weight), size.outputs,
                                           size.inputs, m_taps.count()},
                    bias, options.precision);
}

void Convolution::apply(const Operand& x, MatrixBlock y) const {
  if (m_taps.count() == 0)
    m_product->apply(x, y);
  else
    m_product->apply(x.middleRows(m_taps.first, y.rows() + m_taps.count() - 1), y);
}

}  // namespace cellocus::nn
