// SPDX-License-Identifier: GPL-3.0-or-later
// A data frame as pandas 1.5 with PyTables 3.7 writes it in its "fixed" format, attribute by
// attribute (SYSTEMS 2.3.2).
#include "cells/embeddingfilepandas.h"

#include <hdf5.h>

#include <algorithm>
#include <numeric>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cells/h5library.h"

namespace cellocus {

namespace {

using hdf5::Handle;
using hdf5::Id;
using hdf5::Lock;

/// An attribute of HDF5's first kind holds no more.
constexpr std::size_t longestAttribute = 60u << 10;

/// Writes one file in the words of PyTables. Used under a Lock.
class PandasFile {
 public:
  PandasFile(const std::filesystem::path& temporary, std::string name)
      : m_name(std::move(name)),
        m_file(H5Fcreate(temporary.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose) {
    check(static_cast<bool>(m_file));
  }

  void writeRoot(const EmbeddingFile& file,
                 const std::vector<std::pair<std::string, std::string>>& provenance) {
    describeGroup(m_file.id());
    text(m_file.id(), "PYTABLES_FORMAT_VERSION", "2.1");
    if (!file.gamma.empty()) text(m_file.id(), "gamma", file.gamma);
    for (const auto& [name, value] : provenance)
      if (value.size() <= longestAttribute) text(m_file.id(), name, value);
  }

  void writeFrame(std::string_view name, const Matrix& values) {
    const Handle group(
        H5Gcreate2(m_file.id(), std::string(name).c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
        H5Gclose);
    check(static_cast<bool>(group));
    describeGroup(group.id());
    for (const char* axis : {"axis0_variety", "axis1_variety", "block0_items_variety"})
      text(group.id(), axis, "regular");
    text(group.id(), "encoding", "UTF-8");
    text(group.id(), "errors", "strict");
    text(group.id(), "pandas_type", "frame");
    text(group.id(), "pandas_version", "0.15.2");
    number(group.id(), "ndim", 2);
    number(group.id(), "nblocks", 1);
    writeLabels(group.id(), "axis0", values.cols());
    writeLabels(group.id(), "axis1", values.rows());
    writeLabels(group.id(), "block0_items", values.cols());
    writeValues(group.id(), values);
  }

  void finish() {
    check(H5Fflush(m_file.id(), H5F_SCOPE_GLOBAL) >= 0);
    check(m_file.close());
  }

 private:
  void check(bool fine) const { hdf5::requireWritten(fine, m_name); }

  void attribute(Id object, const char* name, Id type, const Handle& space, const void* value) {
    const Handle made(H5Acreate2(object, name, type, space.id(), H5P_DEFAULT, H5P_DEFAULT),
                      H5Aclose);
    check(static_cast<bool>(made));
    if (value) check(H5Awrite(made.id(), type, value) >= 0);
  }
  /// Fixed width, without a terminator, as PyTables has it. An empty text is of no space at all.
  void text(Id object, std::string_view name, std::string_view value,
            H5T_cset_t letters = H5T_CSET_UTF8) {
    const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type.id(), std::max<std::size_t>(value.size(), 1));
    H5Tset_cset(type.id(), letters);
    const Handle space(H5Screate(value.empty() ? H5S_NULL : H5S_SCALAR), H5Sclose);
    attribute(object, std::string(name).c_str(), type.id(), space,
              value.empty() ? nullptr : value.data());
  }
  void number(Id object, const char* name, std::int64_t value) {
    attribute(object, name, H5T_STD_I64LE, Handle(H5Screate(H5S_SCALAR), H5Sclose), &value);
  }
  /// A boolean of numpy: eight bits.
  void flag(Id object, const char* name, bool value) {
    const std::uint8_t byte = value ? 1 : 0;
    attribute(object, name, H5T_STD_B8LE, Handle(H5Screate(H5S_SCALAR), H5Sclose), &byte);
  }
  void describeGroup(Id object) {
    text(object, "CLASS", "GROUP");
    text(object, "TITLE", "");
    text(object, "VERSION", "1.0");
  }

  Handle array(Id group, const char* name, Id type, const std::vector<hsize_t>& shape,
               Id memoryType, const void* values) {
    const Handle space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
                       H5Sclose);
    Handle made(H5Dcreate2(group, name, type, space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                H5Dclose);
    check(static_cast<bool>(made));
    if (std::ranges::find(shape, hsize_t{0}) == shape.end())
      check(H5Dwrite(made.id(), memoryType, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    text(made.id(), "CLASS", "ARRAY");
    text(made.id(), "FLAVOR", "numpy");
    text(made.id(), "TITLE", "");
    text(made.id(), "VERSION", "2.4");
    flag(made.id(), "transposed", true);
    return made;
  }
  void writeLabels(Id group, const char* name, Eigen::Index count) {
    std::vector<std::int64_t> labels(static_cast<std::size_t>(count));
    std::iota(labels.begin(), labels.end(), 0);
    const Handle made =
        array(group, name, H5T_STD_I64LE, {labels.size()}, H5T_NATIVE_INT64, labels.data());
    text(made.id(), "kind", "integer");
    text(made.id(), "name", "N.", H5T_CSET_ASCII);  // None, as Python's pickle writes it
  }
  /// `transposed` tells pandas that the block lies with one row a row of the frame.
  void writeValues(Id group, const Matrix& values) {
    array(group, "block0_values", H5T_IEEE_F64LE,
          {static_cast<hsize_t>(values.rows()), static_cast<hsize_t>(values.cols())},
          H5T_NATIVE_FLOAT, values.data());
  }

  std::string m_name;
  Handle m_file;
};

}  // namespace

void writePandasEmbeddings(const std::filesystem::path& path, const EmbeddingFile& file,
                           const std::vector<std::pair<std::string, std::string>>& provenance) {
  saveAtomic(path, [&](const std::filesystem::path& temporary) {
    const Lock lock;
    PandasFile writer(temporary, printable(path.filename().string()));
    writer.writeRoot(file, provenance);
    writer.writeFrame("emb", file.embedding);
    writer.finish();
  });
}

}  // namespace cellocus
