// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <numeric>

#include "base/text.h"
#include "cells/anndatatable.h"
#include "cells/celldataset.h"
#include "cells/embeddingfilepandas.h"
#include "cells/genenames.h"
#include "cells/h5file.h"
#include "cells/matrixsource.h"

namespace cellocus {

namespace {

using Kind = H5File::Kind;

[[noreturn]] void notEmbeddings(const std::string& where, const std::string& fact) {
  throw Error("EMBEDDING_FILE", where, fact,
              "Choose a file written by 'cellocus-cli embed' or by seq2cells "
              "(calc_embeddings_and_targets.py).");
}

std::vector<std::string> stringsIfThere(const H5File& file, const std::string& path,
                                        std::int64_t count) {
  if (file.kind(path) != Kind::Dataset) return {};
  std::vector<std::string> texts = file.strings(path);
  if (std::ssize(texts) != count)
    notEmbeddings(file.where(path), "it has " + withThousands(std::ssize(texts)) + " entries for " +
                                        withThousands(count) + " embeddings.");
  return texts;
}

Matrix wholeMatrix(const std::shared_ptr<const H5File>& file, const std::string& path,
                   const Progress& progress) {
  const auto source = MatrixSource::open(file, path);
  return source->lines(MatrixSource::Axis::Rows, 0, source->rows(), progress);
}

std::optional<EmbeddingFile::Part> readPart(const H5File& file, std::int64_t rows) {
  const auto fingerprint = file.attribute("", "run");
  if (!fingerprint) return {};
  const auto number = [&file](std::string_view name) {
    return parseInteger(file.attribute("", name).value_or("")).value_or(-1);
  };
  EmbeddingFile::Part part{number("part"), number("parts"), number("first_row"), number("all_rows"),
                           *fingerprint};
  if (part.number < 1 || part.number > part.count || part.firstRow < 0 ||
      part.firstRow > part.allRows - rows)
    notEmbeddings(file.where(""),
                  "what it says of the part of a run that it holds makes no sense.");
  return part;
}

EmbeddingFile readPlain(const std::shared_ptr<const H5File>& file, const Progress& progress) {
  EmbeddingFile result;
  result.embedding = wholeMatrix(file, "embedding", progress);
  result.geneIds = stringsIfThere(*file, "gene_id", result.embedding.rows());
  result.geneSymbols = stringsIfThere(*file, "gene_symbol", result.embedding.rows());
  result.windows = stringsIfThere(*file, "window", result.embedding.rows());
  result.gamma = file->attribute("", "gamma").value_or("");
  result.part = readPart(*file, result.embedding.rows());
  return result;
}

/// pandas' columns may stand in another order in their block than in the frame.
std::vector<std::int64_t> columnOrder(const H5File& file, const std::string& frame) {
  const std::vector<std::string> wanted = readTexts(file, frame + "/axis0");
  const std::vector<std::string> present = readTexts(file, frame + "/block0_items");
  std::vector<std::int64_t> order(wanted.size());
  std::iota(order.begin(), order.end(), 0);
  if (wanted == present) return order;
  std::unordered_map<std::string, std::int64_t> places;
  for (std::size_t i = 0; i < present.size(); ++i)
    places.try_emplace(present[i], static_cast<std::int64_t>(i));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto place = places.find(wanted[i]);
    if (place == places.end() || present.size() != wanted.size())
      notEmbeddings(file.where(frame), "its columns are not all in one block of numbers.");
    order[i] = place->second;
  }
  return order;
}

/// A data frame as pandas writes it in its "fixed" format. `transposed` tells that PyTables stored
/// the block turned round, that is with one row a gene.
EmbeddingFile readPandas(const std::shared_ptr<const H5File>& file, const std::string& frame,
                         const Progress& progress) {
  const std::string block = frame + "/block0_values";
  if (file->attribute(frame, "nblocks").value_or("1") != "1")
    notEmbeddings(file->where(frame), "its columns are of different types.");
  EmbeddingFile result;
  result.embedding = wholeMatrix(file, block, progress);
  if (file->attribute(block, "transposed").value_or("0") != "1")
    result.embedding.transposeInPlace();
  const std::vector<std::int64_t> order = columnOrder(*file, frame);
  if (std::ssize(order) != result.embedding.cols())
    notEmbeddings(file->where(block), "it has " + withThousands(result.embedding.cols()) +
                                          " columns, but its labels are " +
                                          withThousands(std::ssize(order)) + ".");
  if (!std::is_sorted(order.begin(), order.end()))
    result.embedding = Matrix(result.embedding(Eigen::all, order));
  if (file->type(frame + "/axis1") == H5File::Type::Text)
    result.geneIds = stringsIfThere(*file, frame + "/axis1", result.embedding.rows());
  result.gamma = file->attribute("", "gamma").value_or("");
  return result;
}

/// seq2cells keeps the embeddings with the expression as well, in obsm of its genes x cells file.
EmbeddingFile readAnnData(const std::shared_ptr<const H5File>& file, const Progress& progress) {
  const std::string path = "obsm/seq_embedding";
  EmbeddingFile result;
  result.embedding = file->kind(path) == Kind::Group ? AnnDataTable(file, path).matrix(progress)
                                                     : wholeMatrix(file, path, progress);
  const AnnDataTable genes(file, "obs");
  if (genes.rowCount() != result.embedding.rows())
    notEmbeddings(file->where(path), "it has " + withThousands(result.embedding.rows()) +
                                         " rows for " + withThousands(genes.rowCount()) +
                                         " genes.");
  const auto names = geneNames({genes.index(), genes.columnNames(),
                                [&genes](const std::string& name) { return genes.texts(name); }});
  for (const GeneName& gene : names) {
    result.geneIds.push_back(gene.id.empty() ? gene.index : gene.id);
    result.geneSymbols.push_back(gene.symbol);
  }
  return result;
}

void writePart(H5Writer& writer, const EmbeddingFile::Part& part) {
  writer.attribute("", "run", part.fingerprint);
  writer.attribute("", "part", part.number);
  writer.attribute("", "parts", part.count);
  writer.attribute("", "first_row", part.firstRow);
  writer.attribute("", "all_rows", part.allRows);
}

std::optional<std::string> pandasFrame(const H5File& file) {
  if (file.kind("emb/block0_values") == Kind::Dataset) return "emb";
  std::vector<std::string> frames;
  for (const std::string& name : file.children(""))
    if (file.kind(name + "/block0_values") == Kind::Dataset) frames.push_back(name);
  if (frames.size() > 1)
    notEmbeddings(file.where(""), "it holds several tables and none is called 'emb'.");
  return frames.empty() ? std::nullopt : std::optional(frames.front());
}

}  // namespace

EmbeddingFile readEmbeddings(const std::filesystem::path& path, const Progress& progress) {
  const auto file = H5File::open(path);
  if (file->kind("embedding") == Kind::Dataset) return readPlain(file, progress);
  if (file->kind("obsm/seq_embedding") != Kind::Missing) return readAnnData(file, progress);
  if (const auto frame = pandasFrame(*file)) return readPandas(file, *frame, progress);
  notEmbeddings(file->where(""), "it holds no embeddings of genes.");
}

void writeEmbeddings(const std::filesystem::path& path, const EmbeddingFile& file,
                     const std::vector<std::pair<std::string, std::string>>& provenance,
                     EmbeddingLayout layout) {
  const auto rows = static_cast<std::size_t>(file.embedding.rows());
  for (const auto* names : {&file.geneIds, &file.geneSymbols, &file.windows})
    if (!names->empty() && names->size() != rows)
      throw Error("EMBEDDING_FILE", printable(path.filename().string()),
                  "there are " + withThousands(std::ssize(*names)) + " names for " +
                      withThousands(file.embedding.rows()) + " embeddings.",
                  "This is a fault of Cellocus; please report it.");
  if (layout == EmbeddingLayout::Pandas) return writePandasEmbeddings(path, file, provenance);
  H5Writer::save(path, [&](H5Writer& writer) {
    writer.matrix("embedding", file.embedding);
    if (!file.geneIds.empty()) writer.strings("gene_id", file.geneIds);
    if (!file.geneSymbols.empty()) writer.strings("gene_symbol", file.geneSymbols);
    if (!file.windows.empty()) writer.strings("window", file.windows);
    if (!file.gamma.empty()) writer.attribute("", "gamma", file.gamma);
    if (file.part) writePart(writer, *file.part);
    writer.group("provenance");
    for (const auto& [name, value] : provenance) writer.attribute("provenance", name, value);
  });
}

}  // namespace cellocus
