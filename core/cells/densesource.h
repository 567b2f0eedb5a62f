// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cells/matrixsource.h"

namespace cellocus {

/// A two-dimensional dataset, read by hyperslabs.
class DenseSource final : public MatrixSource {
 public:
  DenseSource(std::shared_ptr<const H5File> file, std::string path);
  Matrix lines(Axis axis, std::int64_t first, std::int64_t last,
               const Progress& progress) const override;
  Axis storedLines() const override { return Axis::Rows; }
  std::vector<float> sample() const override;

 private:
  std::shared_ptr<const H5File> m_file;
  std::string m_path;
};

}  // namespace cellocus
