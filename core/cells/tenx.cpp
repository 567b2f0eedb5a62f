// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "base/text.h"
#include "cells/anndatafile.h"
#include "cells/genenames.h"
#include "cells/layereddataset.h"

namespace cellocus {

namespace {

using Kind = H5File::Kind;

bool holdsMatrix(const H5File& file, const std::string& group) {
  if (file.kind(group) != Kind::Group) return false;
  for (const char* name : {"/barcodes", "/data", "/indices", "/indptr", "/shape"})
    if (file.kind(group + name) != Kind::Dataset) return false;
  return true;
}

/// Cell Ranger 3 and later: "matrix". Version 2: one group a genome.
std::vector<std::string> matrixGroups(const H5File& file) {
  if (holdsMatrix(file, "matrix")) return {"matrix"};
  std::vector<std::string> groups;
  for (const std::string& name : file.children(""))
    if (holdsMatrix(file, name) && file.kind(name + "/genes") == Kind::Dataset)
      groups.push_back(name);
  return groups;
}

/// A .h5 of Cell Ranger: features x barcodes in CSC, which is cells x features in CSR.
class TenXFile final : public LayeredDataset {
 public:
  explicit TenXFile(std::shared_ptr<const H5File> file);

  CellColumn column(std::string_view name, const Progress&) const override {
    throw Error("H5AD_COLUMN", printable(m_path.filename().string()),
                "there is no column '" + printable(name) + "'; 10x files describe no cells.",
                "Add cell types and the like with Scanpy or Seurat, and save as .h5ad.");
  }
  CellColumn geneColumn(std::string_view name, const Progress&) const override {
    throw Error("H5AD_COLUMN", printable(m_path.filename().string()),
                "there is no column '" + printable(name) + "'; of 10x files only names are read.",
                "Add columns to the genes with Scanpy or Seurat, and save as .h5ad.");
  }
  Matrix embedding(std::string_view name, const Progress&) const override {
    throw Error("H5AD_EMBEDDING", printable(m_path.filename().string()),
                "there is no embedding '" + printable(name) + "'; 10x files hold counts only.",
                "Compute a UMAP with Scanpy or Seurat, and save as .h5ad.");
  }

 private:
  std::vector<std::int64_t> chooseFeatures(const H5File& file, const std::string& group,
                                           std::int64_t features);
};

TenXFile::TenXFile(std::shared_ptr<const H5File> file) {
  m_path = file->path();
  const std::vector<std::string> groups = matrixGroups(*file);
  const std::string group = groups.front();
  const bool modern = group == "matrix";
  m_format = modern ? "10x HDF5 (Cell Ranger 3+)" : "10x HDF5 (Cell Ranger 2)";
  if (groups.size() > 1)
    m_remarks.push_back("The file holds " + std::to_string(groups.size()) + " genomes; " +
                        printable(group) + " was read.");
  const std::vector<std::string> ids = file->strings(group + (modern ? "/features/id" : "/genes"));
  const std::vector<std::string> symbols =
      file->strings(group + (modern ? "/features/name" : "/gene_names"));
  m_cellNames = file->strings(group + "/barcodes");
  const std::vector<std::int64_t> shape = file->integers(group + "/shape");
  if (shape.size() != 2 || shape[0] != std::ssize(ids) || shape[0] != std::ssize(symbols) ||
      shape[1] != std::ssize(m_cellNames))
    throw Error("H5AD_SHAPE", file->where(group + "/shape"),
                "it does not fit the " + withThousands(std::ssize(ids)) + " genes and " +
                    withThousands(std::ssize(m_cellNames)) + " barcodes of the file.",
                "Get the file again from its source.");
  std::vector<std::int64_t> chosen = chooseFeatures(*file, group, shape[0]);
  const std::int64_t count = chosen.empty() ? shape[0] : std::ssize(chosen);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto at =
        static_cast<std::size_t>(chosen.empty() ? i : chosen[static_cast<std::size_t>(i)]);
    m_genes.push_back({ids[at], ensemblGene(ids[at]).value_or(""), symbols[at]});
  }
  indexGenes();
  auto source =
      MatrixSource::openSparse(file, {group, MatrixSource::Axis::Rows, shape[1], shape[0]});
  addLayer("X", std::move(source), std::move(chosen));
}

/// Antibodies and guides stand among the genes; as in Scanpy they are left out. Empty: all are
/// genes.
std::vector<std::int64_t> TenXFile::chooseFeatures(const H5File& file, const std::string& group,
                                                   std::int64_t features) {
  const std::string path = group + "/features/feature_type";
  std::vector<std::int64_t> genes;
  if (file.kind(path) != Kind::Dataset) return genes;
  const std::vector<std::string> types = file.strings(path);
  for (std::size_t i = 0; i < types.size(); ++i)
    if (types[i] == "Gene Expression") genes.push_back(static_cast<std::int64_t>(i));
  if (std::ssize(types) != features || std::ssize(genes) == features || genes.empty()) return {};
  m_remarks.push_back("Left out, not being gene expression but antibodies, guides or the like: " +
                      withThousands(features - std::ssize(genes)) + " of " +
                      withThousands(features) + " features.");
  return genes;
}

}  // namespace

bool isTenX(const H5File& file) {
  return !matrixGroups(file).empty();
}

std::shared_ptr<const CellDataset> openTenX(std::shared_ptr<const H5File> file,
                                            const Progress& progress) {
  progress.at(0, "opening");
  return std::make_shared<TenXFile>(std::move(file));
}

}  // namespace cellocus
