// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "base/matrix.h"
#include "nn/packedproduct.h"
#include "weights/weightreader.h"

namespace cellocus::nn {

/// A convolution along positions with stride 1. The caller provides `reach` rows more on each side;
/// that they are zero beyond the ends of a sequence is what 'same' padding is.
class Convolution {
 public:
  struct Size {
    std::int64_t inputs, outputs, kernel;  ///< kernel odd
  };
  /// How the input lies in memory.
  enum class Input {
    Rows,    ///< one row a position: [rows + 2 * reach, in]
    Columns  ///< each row holds all taps' inputs, tap by tap: [rows, kernel * in]; for few inputs
  };
  struct Options {
    Input input = Input::Rows;
    Precision precision = Precision::Float32;
  };
  /// Reads `scope`.weight [out, in, kernel] and `scope`.bias [out].
  Convolution(WeightReader& reader, const std::string& scope, const Size& size,
              const Options& options);
  Convolution(WeightReader& reader, const std::string& scope, const Size& size)
      : Convolution(reader, scope, size, Options{}) {}

  std::int64_t outputs() const { return m_size.outputs; }
  /// Rows needed beyond each end of the output.
  std::int64_t reach() const { return m_size.kernel / 2; }

  /// x as said by Input -> [rows, out]. Outer taps whose weights are all zero are left out.
  void apply(const Operand& x, MatrixBlock y) const;

 private:
  Size m_size;
  BinRange m_taps;  ///< those between the first and the last with weights other than zero
  std::optional<PackedProduct> m_product;
};

}  // namespace cellocus::nn
