// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/matrix.h"
#include "base/progress.h"
#include "cells/celldataset.h"
#include "cells/h5file.h"

namespace cellocus {

/// A table of an AnnData file (obs, var, raw/var, or a data frame in obsm), as every age of AnnData
/// wrote it:
/// - 0.5, 0.6: one dataset of a compound type; categories in uns/<column>_categories;
/// - 0.7: a group of columns; categories in <table>/__categories, found by an object reference;
/// - 0.8 and later: a group of columns that say their encoding.
class AnnDataTable {
 public:
  /// @throws Error "H5AD_TABLE" if `path` is no table
  AnnDataTable(std::shared_ptr<const H5File> file, std::string path);

  bool isCompound() const { return m_compound; }
  std::int64_t rowCount() const { return m_rowCount; }
  const std::vector<std::string>& index() const { return m_index; }
  /// Without the index, in the order of the file.
  const std::vector<std::string>& columnNames() const { return m_columnNames; }
  bool has(std::string_view column) const;

  /// @throws Error "H5AD_COLUMN"
  CellColumn column(std::string_view name) const;
  /// Any column as texts; "" where missing.
  std::vector<std::string> texts(std::string_view name) const;
  /// All columns side by side [rows, columns]. @throws Error "H5AD_COLUMN" if one is not numeric
  Matrix matrix(const Progress& progress) const;

 private:
  void openCompound();
  void openGroup();
  CellColumn compoundColumn(const std::string& name) const;
  CellColumn groupColumn(const std::string& name) const;
  CellColumn datasetColumn(const std::string& name, const std::string& path) const;
  CellColumn nullableColumn(const std::string& name, const std::string& path) const;
  CellColumn categorical(const std::string& name, std::vector<std::int64_t> codes,
                         std::vector<std::string> categories) const;
  void checkRows(std::size_t count, const std::string& path) const;
  [[noreturn]] void unreadable(const std::string& path, const std::string& fact) const;

  std::shared_ptr<const H5File> m_file;
  std::string m_path, m_indexName;
  bool m_compound = false;
  std::int64_t m_rowCount = 0;
  std::vector<std::string> m_index, m_columnNames;
};

/// Texts of a dataset of strings, numbers or booleans, or of a nullable string array ("" where
/// missing).
std::vector<std::string> readTexts(const H5File& file, const std::string& path);

}  // namespace cellocus
