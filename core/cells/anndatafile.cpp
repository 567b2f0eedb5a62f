// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/anndatafile.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "cells/anndatatable.h"
#include "cells/genenames.h"
#include "cells/layereddataset.h"

namespace cellocus {

namespace {

using Kind = H5File::Kind;

/// What speaks for genes x cells; empty if nothing does.
std::string evidenceOfGenesByCells(const H5File& file, const AnnDataTable& rows,
                                   const AnnDataTable& columns) {
  constexpr double most = 0.5;
  if (file.kind("obsm/seq_embedding") != Kind::Missing)
    return "obsm/seq_embedding holds sequence embeddings, which genes have";
  if (rows.has("seq_start") && (rows.has("enf_set") || rows.has("seq_end")))
    return "obs has sequence windows (seq_start), which genes have";
  if (ensemblShare(rows.index()) > most && ensemblShare(columns.index()) <= most)
    return "the index of obs holds Ensembl gene ids";
  if (barcodeShare(columns.index()) > most && barcodeShare(rows.index()) <= most)
    return "the index of var holds cell barcodes";
  return {};
}

bool isHexColour(const std::string& text) {
  return (text.size() == 7 || text.size() == 9) && text.front() == '#' &&
         text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string::npos;
}

/// Where each name of `wanted` stands in `present`; the k-th of equal names is the k-th there.
/// Nothing if one is missing; empty if both are the same.
std::optional<std::vector<std::int64_t>> positions(const std::vector<std::string>& wanted,
                                                   const std::vector<std::string>& present) {
  if (wanted == present) return std::vector<std::int64_t>();
  std::map<std::string_view, std::vector<std::int64_t>> places;
  for (std::int64_t i = std::ssize(present) - 1; i >= 0; --i)
    places[present[static_cast<std::size_t>(i)]].push_back(i);
  std::vector<std::int64_t> found;
  for (const std::string& name : wanted) {
    const auto place = places.find(name);
    if (place == places.end() || place->second.empty()) return std::nullopt;
    found.push_back(place->second.back());
    place->second.pop_back();
  }
  return found;
}

class AnnDataFile final : public LayeredDataset {
 public:
  AnnDataFile(std::shared_ptr<const H5File> file, const Options& options, const Progress& progress);

  CellColumn column(std::string_view name, const Progress& progress) const override;
  CellColumn geneColumn(std::string_view name, const Progress& progress) const override;
  Matrix embedding(std::string_view name, const Progress& progress) const override;

 private:
  const AnnDataTable& cellTable() const {
    return m_orientation == Orientation::CellsByGenes ? m_obs : m_var;
  }
  const AnnDataTable& geneTable() const {
    return m_orientation == Orientation::CellsByGenes ? m_var : m_obs;
  }
  std::string embeddings() const {
    return m_orientation == Orientation::CellsByGenes ? "obsm" : "varm";
  }
  void recogniseFormat();
  void recogniseOrientation(const Options& options);
  void readGenes();
  void listEmbeddings();
  bool isEmbedding(const std::string& path) const;
  void openMatrix(const std::string& path);
  void openLayer(const std::string& path);
  void openRaw();

  std::shared_ptr<const H5File> m_file;
  AnnDataTable m_obs, m_var;
};

AnnDataFile::AnnDataFile(std::shared_ptr<const H5File> file, const Options& options,
                         const Progress& progress)
    : m_file(std::move(file)), m_obs(m_file, "obs"), m_var(m_file, "var") {
  m_path = m_file->path();
  recogniseFormat();
  recogniseOrientation(options);
  progress.at(0.3, "reading gene names");
  readGenes();
  m_cellNames = cellTable().index();
  m_columnNames = cellTable().columnNames();
  m_geneColumnNames = geneTable().columnNames();
  progress.at(0.6, "looking at expression");
  listEmbeddings();
  openMatrix("X");
  progress.check();
  openRaw();
  if (m_file->kind("layers") == Kind::Group)
    for (const std::string& name : m_file->children("layers")) {
      progress.check();
      openLayer("layers/" + name);
    }
}

void AnnDataFile::recogniseFormat() {
  if (m_obs.isCompound())
    m_format = "AnnData 0.5 (compound tables)";
  else if (m_file->attribute("", "encoding-type") == "anndata")
    m_format = "AnnData 0.8+";
  else
    m_format = "AnnData 0.7";
}

void AnnDataFile::recogniseOrientation(const Options& options) {
  const std::string evidence = evidenceOfGenesByCells(*m_file, m_obs, m_var);
  m_orientation = options.orientation.value_or(evidence.empty() ? Orientation::CellsByGenes
                                                                : Orientation::GenesByCells);
  const bool genesByCells = m_orientation == Orientation::GenesByCells;
  if (!genesByCells && evidence.empty()) return;
  std::string remark = genesByCells ? "Read as genes × cells" : "Read as cells × genes";
  remark += options.orientation ? ", as asked for" : " (seq2cells writes it so)";
  remark += evidence.empty() ? "" : (genesByCells ? ": " : ", although ") + evidence;
  m_remarks.push_back(remark + ".");
}

void AnnDataFile::readGenes() {
  const AnnDataTable& table = geneTable();
  m_genes = geneNames({table.index(), table.columnNames(),
                       [&table](const std::string& name) { return table.texts(name); }});
  indexGenes();
}

bool AnnDataFile::isEmbedding(const std::string& path) const {
  const std::vector<std::string> readable{"dataframe", "csr_matrix", "csc_matrix"};
  if (m_file->kind(path) == Kind::Dataset) {
    const std::vector<std::int64_t> shape = m_file->shape(path);
    return shape.size() == 2 && shape.front() == cellCount() &&
           m_file->type(path) != H5File::Type::Text;
  }
  const std::string encoding = m_file->attribute(path, "encoding-type").value_or("");
  return std::find(readable.begin(), readable.end(), encoding) != readable.end() ||
         m_file->attribute(path, "h5sparse_format");
}

void AnnDataFile::listEmbeddings() {
  const std::string group = embeddings();
  if (m_file->kind(group) == Kind::Dataset) {
    m_embeddingNames = m_file->fields(group);
    return;
  }
  if (m_file->kind(group) != Kind::Group) return;
  for (const std::string& name : m_file->children(group)) {
    if (isEmbedding(group + "/" + name))
      m_embeddingNames.push_back(name);
    else
      m_remarks.push_back(group + "/" + printable(name) +
                          " is left out: it is no matrix with one row a cell.");
  }
}

void AnnDataFile::openMatrix(const std::string& path) {
  if (m_file->kind(path) == Kind::Missing ||
      m_file->attribute(path, "encoding-type") == std::optional<std::string>("null"))
    return;
  auto source = MatrixSource::open(m_file, path);
  if (source->rows() != m_obs.rowCount() || source->columns() != m_var.rowCount())
    throw Error("H5AD_SHAPE", m_file->where(path),
                "it is " + withThousands(source->rows()) + " × " +
                    withThousands(source->columns()) + ", but obs has " +
                    withThousands(m_obs.rowCount()) + " rows and var " +
                    withThousands(m_var.rowCount()) + ".",
                "Write the file again with AnnData.");
  addLayer(path, std::move(source));
}

/// A broken or odd layer does not keep the file from being used without it.
void AnnDataFile::openLayer(const std::string& path) {
  try {
    openMatrix(path);
  } catch (const Error& error) {
    m_remarks.push_back("Layer " + printable(path) + " is left out: " + error.fact());
  }
}

/// raw has its own list of genes, usually more of them.
void AnnDataFile::openRaw() {
  const bool old = m_file->kind("raw.X") != Kind::Missing;
  const std::string matrix = old ? "raw.X" : "raw/X", table = old ? "raw.var" : "raw/var";
  if (m_file->kind(matrix) == Kind::Missing || m_file->kind(table) == Kind::Missing) return;
  try {
    const AnnDataTable rawVar(m_file, table);
    auto source = MatrixSource::open(m_file, matrix);
    const auto places = positions(m_var.index(), rawVar.index());
    std::string fault;
    if (source->rows() != m_obs.rowCount() || source->columns() != rawVar.rowCount())
      fault = "its size does not fit its tables.";
    else if (!places)
      fault = "not every row of var is in " + table + ".";
    else if (m_orientation == Orientation::GenesByCells && !places->empty())
      fault = "it has other cells than X.";
    if (!fault.empty())
      m_remarks.push_back(matrix + " is left out: " + fault);
    else
      addLayer("raw/X", std::move(source), *places);
  } catch (const Error& error) {
    m_remarks.push_back(matrix + " is left out: " + error.fact());
  }
}

CellColumn AnnDataFile::column(std::string_view name, const Progress& progress) const {
  progress.check();
  CellColumn column = cellTable().column(name);
  const std::string path = "uns/" + column.name + "_colors";
  if (column.kind != CellColumn::Kind::Categorical || m_file->kind(path) != Kind::Dataset ||
      m_file->type(path) != H5File::Type::Text)
    return column;
  std::vector<std::string> colours = m_file->strings(path);
  if (colours.size() < column.categories.size()) return column;
  colours.resize(column.categories.size());
  if (!std::all_of(colours.begin(), colours.end(), isHexColour)) return column;
  for (std::string& colour : colours) colour.resize(7);
  column.colours = std::move(colours);
  return column;
}

CellColumn AnnDataFile::geneColumn(std::string_view name, const Progress& progress) const {
  progress.check();
  return geneTable().column(name);
}

Matrix AnnDataFile::embedding(std::string_view name, const Progress& progress) const {
  const std::string group = embeddings(), path = group + "/" + std::string(name);
  if (std::find(m_embeddingNames.begin(), m_embeddingNames.end(), name) == m_embeddingNames.end())
    throw Error("H5AD_EMBEDDING", m_file->where(path), "there is no such embedding of the cells.",
                "Compute one, for example with scanpy.tl.umap, and save the file again.");
  Matrix result;
  if (m_file->kind(group) == Kind::Dataset) {
    const std::string field(name);
    const std::vector<std::int64_t> shape = m_file->shape(group, field);
    const std::vector<float> values = m_file->floats(group, {{}, {}, field});
    result =
        Eigen::Map<const Matrix>(values.data(), shape.front(), shape.size() > 1 ? shape[1] : 1);
  } else if (m_file->attribute(path, "encoding-type") == std::optional<std::string>("dataframe")) {
    result = AnnDataTable(m_file, path).matrix(progress);
  } else {
    const auto source = MatrixSource::open(m_file, path);
    result = source->lines(MatrixSource::Axis::Rows, 0, source->rows(), progress);
  }
  if (result.rows() != cellCount())
    throw Error("H5AD_EMBEDDING", m_file->where(path),
                "it has " + withThousands(result.rows()) + " rows for " +
                    withThousands(cellCount()) + " cells.",
                "Compute it again and save the file.");
  return result;
}

}  // namespace

std::shared_ptr<const CellDataset> openAnnData(std::shared_ptr<const H5File> file,
                                               const CellDataset::Options& options,
                                               const Progress& progress) {
  return std::make_shared<AnnDataFile>(std::move(file), options, progress);
}

}  // namespace cellocus
