// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/rowdots.h"

#include <gtest/gtest.h>

#include "support/golden.h"
#include "support/random.h"

using namespace cellocus;
using namespace cellocus::testing;

namespace {

Matrix dotsOf(const Matrix& x, const Matrix& weight) {
  Matrix out = Matrix::Constant(x.rows(), weight.rows(), -1000);
  nn::rowDots(x, weight, out);
  return out;
}

}  // namespace

TEST(RowDots, AgreesWithTheDefinitionForEveryWidth) {
  for (const Eigen::Index width : {1, 2, 3, 7, 15, 16, 17, 63, 64, 65, 100, 127, 131, 2000}) {
    const Matrix x = randomMatrix(3, width, 1), weight = randomMatrix(19, width, 2);
    const Matrix expected = (x.cast<double>() * weight.cast<double>().transpose()).cast<float>();
    EXPECT_TRUE(within(dotsOf(x, weight), expected, 1e-4)) << width;
  }
}

TEST(RowDots, GivesEachProductTheSameAloneAndAmongOthers) {
  const Matrix x = randomMatrix(7, 333, 1), weight = randomMatrix(45, 333, 2);
  const Matrix all = dotsOf(x, weight);
  for (Eigen::Index i = 0; i < x.rows(); ++i)
    for (Eigen::Index row = 0; row < weight.rows(); ++row)
      ASSERT_EQ(dotsOf(x.row(i), weight.row(row))(0, 0), all(i, row)) << i << " " << row;
}

TEST(RowDots, WritesIntoPartOfALargerMatrix) {
  const Matrix x = randomMatrix(2, 40, 1), weight = randomMatrix(20, 40, 2);
  Matrix out = Matrix::Constant(4, 30, 7);
  nn::rowDots(x, weight, out.block(1, 5, 2, 20));
  EXPECT_EQ(Matrix(out.block(1, 5, 2, 20)), dotsOf(x, weight));
  out.block(1, 5, 2, 20).setConstant(7);
  EXPECT_EQ(out, Matrix::Constant(4, 30, 7));
}
