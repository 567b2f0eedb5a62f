// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/celldataset.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/codes.h"
#include "core/cells/rawfile.h"
#include "core/cells/smalldataset.h"
#include "support/shared.h"

namespace cellocus {
namespace {

using testing::errorCode;
using testing::RawFile;
using testing::scratchFolder;

/// The sentence with which a file of another kind is refused.
template <typename Fill>
std::string refusal(Fill fill) {
  const auto path = scratchFolder("otherkind") / "other.h5ad";
  {
    RawFile file(path);
    fill(file);
  }
  std::string sentence;
  EXPECT_EQ(errorCode([&] { CellDataset::open(path); }, &sentence), "H5AD_NOT_ANNDATA");
  return sentence;
}

TEST(CellDataset, NamesFilesOfOtherKinds) {
  const auto says = [](const std::string& sentence, const char* word) {
    EXPECT_NE(sentence.find(word), std::string::npos) << sentence;
  };
  says(refusal([](RawFile& file) {
         file.floats("matrix", {1}, {1, 1});
         file.strings("row_attrs/Gene", {"a"});
         file.strings("col_attrs/CellID", {"a"});
       }),
       "loom");
  says(refusal([](RawFile& file) {
         file.group("mod/rna");
         file.strings("obs/_index", {"a"});
         file.strings("var/_index", {"a"});
       }),
       "MuData");
  says(refusal([](RawFile& file) {
         file.group("assays/RNA");
         file.strings("cell.names", {"a"});
       }),
       "Seurat");
  says(refusal([](RawFile& file) { file.integers("barcode_idx", {1}); }), "Cell Ranger");
  says(refusal([](RawFile& file) {
         file.doubles("emb/block0_values", {1}, {1, 1});
       }),
       "embeddings");
  says(refusal([](RawFile& file) { file.floats("values", {1}); }), "no tables obs and var");
}

TEST(CellDataset, NamesZarrFoldersAndOtherFolders) {
  const auto folder = scratchFolder("zarr");
  std::string sentence;
  EXPECT_EQ(errorCode([&] { CellDataset::open(folder); }, &sentence), "H5AD_NOT_ANNDATA");
  std::ofstream(folder / ".zgroup") << "{}";
  EXPECT_EQ(errorCode([&] { CellDataset::open(folder); }, &sentence), "H5AD_NOT_ANNDATA");
  EXPECT_NE(sentence.find("Zarr"), std::string::npos) << sentence;
}

TEST(CellDataset, TellsFilesThatAreNoHdf5OrCutShort) {
  const auto folder = scratchFolder("nohdf5");
  std::ofstream(folder / "text.h5ad") << "cell,gene\n";
  EXPECT_EQ(errorCode([&] { CellDataset::open(folder / "text.h5ad"); }), "HDF5_NOT_HDF5");
  EXPECT_EQ(errorCode([&] { CellDataset::open(folder / "absent.h5ad"); }), "FILE_MISSING");
  const auto path =
      testing::writeSmall(folder / "cut.h5ad", testing::Age::Eight, testing::Storage::Csr);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  EXPECT_EQ(errorCode([&] { CellDataset::open(path); }), "HDF5_DAMAGED");
}

TEST(CellDataset, EveryPrefixOfAFileIsRefusedOrReadInOrder) {
  const auto folder = scratchFolder("prefix");
  const auto whole =
      testing::writeSmall(folder / "whole.h5ad", testing::Age::Eight, testing::Storage::Csr);
  const auto size = std::filesystem::file_size(whole);
  for (std::uintmax_t bytes = 0; bytes < size; bytes += size / 40) {
    const auto part = folder / "part.h5ad";
    std::filesystem::copy_file(whole, part, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(part, bytes);
    EXPECT_NE(errorCode([&] { CellDataset::open(part); }), "no error") << bytes;
  }
}

}  // namespace
}  // namespace cellocus
