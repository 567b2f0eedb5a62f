// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/matrix.h"
#include "nn/blocks.h"
#include "nn/operand.h"
#include "nn/product.h"

/// Element-by-element functions, in the widest vector instructions that the machine has (chosen at
/// run time). Each goes once over its data, on the calling thread. Input and output may be the same
/// matrix; where the output is a factor of a product, it has the precision of that.
namespace cellocus::nn {

/// GELU as Enformer has it, x * sigmoid(1.702 x) (neither erf nor tanh), of scale * x + shift per
/// column.
void geluOfAffine(MatrixView x, const Vector& scale, const Vector& shift, const Operand& out);
/// x as a factor of a product: x itself, or rounded into the scratch.
Operand asOperand(MatrixView x, Precision precision, Scratch& scratch);
void relu(MatrixBlock x);
/// ln(1 + e^x), linear above 20 as in PyTorch.
void softplus(MatrixBlock x);
/// out = x - mean over the row, divided by sqrt(variance + epsilon), times weight plus bias per
/// column.
void layerNorm(MatrixView x, const Vector& weight, const Vector& bias, float epsilon,
               const Operand& out);

/// Row i of `out` = row 2i - row 2i+1 of x; a lone last row of x is not used.
void pairDifferences(MatrixView x, const Operand& out);
/// Row i of `out` = second + sigmoid(logit) * (first - second) of rows 2i, 2i+1 of x: the softmax
/// of a pair of logits is the sigmoid of their difference. A lone last row of x passes unchanged.
void gatedPairs(MatrixView x, MatrixView logits, MatrixBlock out);
/// The same with logit = factor * (first - second) per column.
void gatedPairsByFactor(MatrixView x, const Vector& factors, MatrixBlock out);

}  // namespace cellocus::nn
