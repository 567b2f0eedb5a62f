// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cells/smalldataset.h"

#include <hdf5.h>

namespace cellocus::testing {

namespace {

const std::vector<std::string> cellNames{"cell0", "cell1", "cell2", "cell3"};
const std::vector<std::string> geneIds{"ENSG00000136574.12", "ENSG00000089225", "ENSG00000183072"};
const std::vector<std::string> symbols{"GATA4", "TBX5", "NKX2-5"};
const std::vector<std::string> types{"atrial", "ventricular"};
const std::vector<std::int64_t> typeCodes{0, 1, -1, 1};
const std::vector<double> depths{3, 3, 0, 9.5};

#pragma pack(push, 1)
struct OldCell {
  char index[8];
  std::int8_t type;
  double depth;
};
struct OldGene {
  char index[20];
  char symbol[8];
};
struct OldPlace {
  float umap[2];
};
#pragma pack(pop)

hid_t fixedString(std::size_t width) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, width);
  return type;
}

void writeRecords(RawFile& file, const char* name, hid_t type, const void* records, hsize_t count) {
  const hid_t space = H5Screate_simple(1, &count, nullptr);
  const hid_t dataset =
      H5Dcreate2(file.id(), name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, records);
  H5Dclose(dataset);
  H5Sclose(space);
  H5Tclose(type);
}

void writeOldTables(RawFile& file) {
  std::vector<OldCell> cells(4);
  for (std::size_t i = 0; i < 4; ++i) {
    cellNames[i].copy(cells[i].index, 8);
    cells[i].type = static_cast<std::int8_t>(typeCodes[i]);
    cells[i].depth = depths[i];
  }
  hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(OldCell));
  H5Tinsert(type, "index", HOFFSET(OldCell, index), fixedString(8));
  H5Tinsert(type, "type", HOFFSET(OldCell, type), H5T_STD_I8LE);
  H5Tinsert(type, "depth", HOFFSET(OldCell, depth), H5T_IEEE_F64LE);
  writeRecords(file, "obs", type, cells.data(), 4);

  std::vector<OldGene> genes(3);
  for (std::size_t i = 0; i < 3; ++i) {
    geneIds[i].copy(genes[i].index, 20);
    symbols[i].copy(genes[i].symbol, 8);
  }
  type = H5Tcreate(H5T_COMPOUND, sizeof(OldGene));
  H5Tinsert(type, "index", HOFFSET(OldGene, index), fixedString(20));
  H5Tinsert(type, "gene_symbols", HOFFSET(OldGene, symbol), fixedString(8));
  writeRecords(file, "var", type, genes.data(), 3);

  const OldPlace places[4] = {{{0, 1}}, {{2, 3}}, {{4, 5}}, {{6, 7}}};
  const hsize_t two = 2;
  type = H5Tcreate(H5T_COMPOUND, sizeof(OldPlace));
  H5Tinsert(type, "X_umap", 0, H5Tarray_create2(H5T_IEEE_F32LE, 1, &two));
  writeRecords(file, "obsm", type, places, 4);
  file.fixedStrings("uns/type_categories", types, 12);
  file.fixedStrings("uns/type_colors", {"#ff0000", "#00ff00"}, 7);
}

void writeColumns(RawFile& file, Age age) {
  if (age == Age::Seven) {
    file.integers("obs/type", typeCodes);
    file.strings("obs/__categories/type", types);
    file.referenceAttribute("obs/type", "categories", "obs/__categories/type");
  } else {
    file.group("obs/type");
    file.encoding("obs/type", "categorical", "0.2.0");
    file.integers("obs/type/codes", typeCodes);
    file.strings("obs/type/categories", types);
  }
  file.doubles("obs/depth", depths);
  file.strings("var/gene_symbols", symbols);
}

}  // namespace

Matrix smallExpression() {
  Matrix expression(4, 3);
  expression << 1, 0, 2, 0, 3, 0, 0, 0, 0, 4, 0, 5;
  return expression;
}

void writeSparseArrays(RawFile& file, const std::string& path, Storage storage) {
  const Matrix matrix =
      storage == Storage::Csr ? smallExpression() : Matrix(smallExpression().transpose());
  std::vector<float> data;
  std::vector<std::int64_t> indices, indptr{0};
  for (std::int64_t line = 0; line < matrix.rows(); ++line) {
    for (std::int64_t at = matrix.cols() - 1; at >= 0; --at)
      if (matrix(line, at) != 0) {
        data.push_back(matrix(line, at));
        indices.push_back(at);
      }
    indptr.push_back(static_cast<std::int64_t>(data.size()));
  }
  file.floats(path + "/data", data);
  file.integers(path + "/indices", indices);
  file.integers(path + "/indptr", indptr);
}

void writeMatrix(RawFile& file, const std::string& path, Age age, Storage storage) {
  if (storage == Storage::None) return;
  if (storage == Storage::Dense) {
    const Matrix matrix = smallExpression();
    file.floats(path, std::vector<float>(matrix.data(), matrix.data() + matrix.size()), {4, 3});
    if (age == Age::Eight) file.encoding(path, "array", "0.2.0");
    return;
  }
  file.group(path);
  const std::string word = storage == Storage::Csr ? "csr" : "csc";
  if (age == Age::Five)
    file.attribute(path, "h5sparse_format", word);
  else
    file.encoding(path, word + "_matrix", "0.1.0");
  file.numbersAttribute(path, age == Age::Five ? "h5sparse_shape" : "shape", {4, 3});
  writeSparseArrays(file, path, storage);
}

void writeTables(RawFile& file, Age age) {
  if (age == Age::Five) {
    writeOldTables(file);
    return;
  }
  const std::string version = age == Age::Seven ? "0.1.0" : "0.2.0";
  for (const char* table : {"obs", "var"}) {
    file.group(table);
    file.encoding(table, "dataframe", version);
    file.attribute(table, "_index", "_index");
  }
  file.listAttribute("obs", "column-order", {"type", "depth"});
  file.listAttribute("var", "column-order", {"gene_symbols"});
  file.strings("obs/_index", cellNames);
  file.strings("var/_index", geneIds);
  writeColumns(file, age);
  file.floats("obsm/X_umap", {0, 1, 2, 3, 4, 5, 6, 7}, {4, 2});
  file.strings("uns/type_colors", {"#ff0000", "#00ff00"});
  if (age == Age::Eight) file.encoding("", "anndata", "0.1.0");
}

std::filesystem::path writeSmall(const std::filesystem::path& path, Age age, Storage storage) {
  RawFile file(path);
  writeMatrix(file, "X", age, storage);
  writeTables(file, age);
  return path;
}

}  // namespace cellocus::testing
