// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/celldataset.h"

#include "base/text.h"
#include "cells/anndatafile.h"
#include "cells/genenames.h"
#include "cells/h5file.h"

namespace cellocus {

namespace {

using Kind = H5File::Kind;

[[noreturn]] void notAnnData(const std::filesystem::path& path, const std::string& fact,
                             const std::string& fix) {
  throw Error("H5AD_NOT_ANNDATA", printable(path.filename().string()), fact, fix);
}

void refuseFolder(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) return;
  for (const char* name : {".zgroup", ".zattrs", "zarr.json"})
    if (std::filesystem::exists(path / name, ignored))
      notAnnData(path, "this is a Zarr folder, which Cellocus does not read.",
                 "Convert it in Python: anndata.read_zarr(folder).write_h5ad('cells.h5ad').");
  notAnnData(path, "this is a folder, not a file of cells.", "Choose a .h5ad or a 10x .h5 file.");
}

/// Other kinds of HDF5 file are told by name, with the way to convert them.
[[noreturn]] void refuseOtherKind(const H5File& file) {
  const std::filesystem::path& path = file.path();
  const auto has = [&file](const char* object) { return file.kind(object) != Kind::Missing; };
  if (has("mod"))
    notAnnData(path, "this is a MuData file with several modalities.",
               "Save one of them in Python: mudata['rna'].write_h5ad('cells.h5ad').");
  if (has("row_attrs") && has("col_attrs") && has("matrix"))
    notAnnData(path, "this is a loom file.",
               "Convert it in Python: anndata.read_loom(file).write_h5ad('cells.h5ad').");
  if (has("assays") && has("cell.names"))
    notAnnData(path, "this is a Seurat file (.h5Seurat).",
               "Convert it in R: SeuratDisk::Convert(file, dest = 'h5ad').");
  if (has("barcode_idx") || has("molecule_info"))
    notAnnData(path, "this is molecule information of Cell Ranger, not a count matrix.",
               "Choose filtered_feature_bc_matrix.h5 of the same run.");
  if (has("emb/block0_values") || has("embedding"))
    notAnnData(path, "this file holds sequence embeddings of genes, not cells.",
               "Open it where embeddings are asked for.");
  notAnnData(path, "this HDF5 file is not AnnData: it has no tables obs and var.",
             "Choose a .h5ad or a 10x .h5 file.");
}

}  // namespace

std::string CellColumn::textAt(std::int64_t row) const {
  const auto at = static_cast<std::size_t>(row);
  if (at < texts.size()) return texts[at];
  if (at >= codes.size() || codes[at] < 0) return {};
  return categories[static_cast<std::size_t>(codes[at])];
}

std::shared_ptr<const CellDataset> CellDataset::open(const std::filesystem::path& path,
                                                     const Options& options,
                                                     const Progress& progress) {
  refuseFolder(path);
  progress.at(0, "opening");
  auto file = H5File::open(path);
  if (file->kind("mod") == Kind::Missing && file->kind("obs") != Kind::Missing &&
      file->kind("var") != Kind::Missing)
    return openAnnData(std::move(file), options, progress);
  if (isTenX(*file)) return openTenX(std::move(file), progress);
  refuseOtherKind(*file);
}

void CellDataset::indexGenes() {
  m_geneByName.clear();
  m_geneByLoweredName.clear();
  // Among equal names the first gene wins, and an index wins over an id over a symbol.
  const auto add = [this](std::string GeneName::*name) {
    for (std::size_t i = 0; i < m_genes.size(); ++i)
      if (const std::string& text = m_genes[i].*name; !text.empty()) {
        m_geneByName.try_emplace(text, static_cast<std::int64_t>(i));
        m_geneByLoweredName.try_emplace(lowered(text), static_cast<std::int64_t>(i));
      }
  };
  add(&GeneName::index);
  add(&GeneName::id);
  add(&GeneName::symbol);
}

std::optional<std::int64_t> CellDataset::findGene(std::string_view name) const {
  const auto look = [](const GeneIndex& index,
                       const std::string& key) -> std::optional<std::int64_t> {
    const auto found = index.find(key);
    return found == index.end() ? std::nullopt : std::optional(found->second);
  };
  const std::string plain(trimmed(name));
  if (const auto exact = look(m_geneByName, plain)) return exact;
  if (const auto id = ensemblGene(uppered(plain)))
    if (const auto unversioned = look(m_geneByName, *id)) return unversioned;
  return look(m_geneByLoweredName, lowered(plain));
}

}  // namespace cellocus
