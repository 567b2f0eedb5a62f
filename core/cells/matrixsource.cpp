// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/matrixsource.h"

#include "base/text.h"
#include "cells/densesource.h"
#include "cells/sparsesource.h"

namespace cellocus {

namespace {

std::vector<std::int64_t> sparseShape(const H5File& file, const std::string& path) {
  std::vector<std::int64_t> shape;
  for (const char* name : {"shape", "h5sparse_shape"})
    for (const std::string& text : file.attributeList(path, name))
      if (const auto number = parseInteger(text); number && *number >= 0) shape.push_back(*number);
  if (shape.size() != 2)
    throw Error("H5AD_MATRIX", file.where(path), "the sparse matrix does not say how large it is.",
                "Its attribute 'shape' should hold two numbers; save the file again with AnnData.");
  return shape;
}

/// "csr" or "csc", from the words of AnnData 0.7+ ("csr_matrix") or 0.5 ("csr").
std::string sparseFormat(const H5File& file, const std::string& path) {
  for (const char* name : {"encoding-type", "h5sparse_format"}) {
    const std::string word = file.attribute(path, name).value_or("");
    if (word.starts_with("csr")) return "csr";
    if (word.starts_with("csc")) return "csc";
    if (!word.empty())
      throw Error("H5AD_MATRIX", file.where(path),
                  "its encoding '" + printable(word) + "' is none that Cellocus reads.",
                  "Save it as a dense array, a CSR or a CSC matrix.");
  }
  throw Error("H5AD_MATRIX", file.where(path), "this group is not a sparse matrix of AnnData.",
              "Save it as a dense array, a CSR or a CSC matrix.");
}

}  // namespace

std::unique_ptr<MatrixSource> MatrixSource::open(std::shared_ptr<const H5File> file,
                                                 std::string path) {
  if (file->kind(path) == H5File::Kind::Dataset) {
    const std::vector<std::int64_t> shape = file->shape(path);
    if (shape.size() != 2)
      throw Error("H5AD_MATRIX", file->where(path),
                  "it has " + std::to_string(shape.size()) + " dimensions where a matrix has two.",
                  "Save the file again with a current AnnData.");
    return std::make_unique<DenseSource>(std::move(file), std::move(path));
  }
  SparseLayout layout;
  layout.lines = sparseFormat(*file, path) == "csr" ? Axis::Rows : Axis::Columns;
  const std::vector<std::int64_t> shape = sparseShape(*file, path);
  layout.path = std::move(path);
  layout.rows = shape[0];
  layout.columns = shape[1];
  return openSparse(std::move(file), std::move(layout));
}

std::unique_ptr<MatrixSource> MatrixSource::openSparse(std::shared_ptr<const H5File> file,
                                                       SparseLayout layout) {
  return std::make_unique<SparseSource>(std::move(file), std::move(layout));
}

}  // namespace cellocus
