// SPDX-License-Identifier: GPL-3.0-or-later
#include <hdf5.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "cells/h5file.h"
#include "cells/h5library.h"

namespace cellocus {

namespace {

using hdf5::Handle;
using hdf5::Id;
using hdf5::Lock;

/// Smaller arrays are not worth a chunk index.
constexpr std::size_t compressFrom = 64u << 10;
/// A chunk is about what the library's cache of 1 MiB holds a few of.
constexpr std::size_t chunkBytes = 256u << 10;
constexpr unsigned deflateLevel = 4;

class FileWriter final : public H5Writer {
 public:
  FileWriter(const std::filesystem::path& temporary, std::string name) : m_name(std::move(name)) {
    const Lock lock;
    m_file =
        Handle(H5Fcreate(temporary.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
    check(static_cast<bool>(m_file));
  }
  ~FileWriter() override {
    const Lock lock;
    m_file.close();
  }

  void matrix(std::string_view path, MatrixView values) override;
  void floats(std::string_view path, const std::vector<float>& values) override {
    list(path, H5T_NATIVE_FLOAT, values);
  }
  void numbers(std::string_view path, const std::vector<double>& values) override {
    list(path, H5T_NATIVE_DOUBLE, values);
  }
  void integers(std::string_view path, const std::vector<std::int64_t>& values) override {
    list(path, H5T_NATIVE_INT64, values);
  }
  void integers(std::string_view path, const std::vector<std::int32_t>& values) override {
    list(path, H5T_NATIVE_INT32, values);
  }
  void strings(std::string_view path, const std::vector<std::string>& values) override;
  void text(std::string_view path, std::string_view value) override;
  void group(std::string_view path) override;
  void attribute(std::string_view object, std::string_view name, std::string_view text) override;
  void attribute(std::string_view object, std::string_view name, std::int64_t number) override;
  void flag(std::string_view object, std::string_view name, bool value) override;
  void attributeList(std::string_view object, std::string_view name,
                     const std::vector<std::string>& texts) override;
  void attributeList(std::string_view object, std::string_view name,
                     const std::vector<std::int64_t>& numbers) override;

  /// All that was written is in the file, or Error.
  void finish() {
    const Lock lock;
    check(H5Fflush(m_file.id(), H5F_SCOPE_GLOBAL) >= 0);
    check(m_file.close());
  }

 private:
  void check(bool fine) const { hdf5::requireWritten(fine, m_name); }
  Handle dataset(std::string_view path, Id type, const std::vector<hsize_t>& shape);
  template <typename T>
  void list(std::string_view path, Id type, const std::vector<T>& values) {
    const Lock lock;
    const Handle made = dataset(path, type, {values.size()});
    if (!values.empty())
      check(H5Dwrite(made.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
  }
  struct Value {
    Id type;
    const void* data;
    std::optional<hsize_t> count;  ///< none: a scalar
  };
  void write(std::string_view object, std::string_view name, const Value& value);

  std::string m_name;
  Handle m_file;
};

/// A string of variable length in UTF-8, as h5py and AnnData write it.
Handle textType() {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.id(), H5T_VARIABLE);
  H5Tset_cset(type.id(), H5T_CSET_UTF8);
  return type;
}

Handle intermediateGroups() {
  Handle properties(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(properties.id(), 1);
  H5Pset_char_encoding(properties.id(), H5T_CSET_UTF8);
  return properties;
}

std::vector<hsize_t> chunkShape(std::vector<hsize_t> shape, std::size_t elementBytes) {
  const auto bytes = [&] {
    std::size_t product = elementBytes;
    for (const hsize_t side : shape) product *= side;
    return product;
  };
  while (bytes() > chunkBytes) {
    hsize_t& longest = *std::max_element(shape.begin(), shape.end());
    longest = (longest + 1) / 2;
  }
  return shape;
}

Handle FileWriter::dataset(std::string_view path, Id type, const std::vector<hsize_t>& shape) {
  const Handle space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
                     H5Sclose);
  const Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  std::size_t bytes = H5Tget_size(type);
  for (const hsize_t side : shape) bytes *= side;
  if (bytes > compressFrom) {
    const std::vector<hsize_t> chunk = chunkShape(shape, H5Tget_size(type));
    H5Pset_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data());
    H5Pset_shuffle(properties.id());
    H5Pset_deflate(properties.id(), deflateLevel);
  }
  const Handle links = intermediateGroups();
  Handle made(H5Dcreate2(m_file.id(), std::string(path).c_str(), type, space.id(), links.id(),
                         properties.id(), H5P_DEFAULT),
              H5Dclose);
  check(static_cast<bool>(made));
  return made;
}

void FileWriter::matrix(std::string_view path, MatrixView values) {
  const Matrix dense = values;
  const Lock lock;
  const Handle made =
      dataset(path, H5T_NATIVE_FLOAT,
              {static_cast<hsize_t>(dense.rows()), static_cast<hsize_t>(dense.cols())});
  if (dense.size() > 0)
    check(H5Dwrite(made.id(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, dense.data()) >= 0);
}

void FileWriter::strings(std::string_view path, const std::vector<std::string>& values) {
  std::vector<const char*> pointers;
  for (const std::string& value : values) pointers.push_back(value.c_str());
  const Lock lock;
  const Handle type = textType();
  const Handle made = dataset(path, type.id(), {values.size()});
  if (!values.empty())
    check(H5Dwrite(made.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()) >= 0);
}

void FileWriter::text(std::string_view path, std::string_view value) {
  const std::string copy(value);
  const char* pointer = copy.c_str();
  const Lock lock;
  const Handle type = textType();
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle links = intermediateGroups();
  const Handle made(H5Dcreate2(m_file.id(), std::string(path).c_str(), type.id(), space.id(),
                               links.id(), H5P_DEFAULT, H5P_DEFAULT),
                    H5Dclose);
  check(made && H5Dwrite(made.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, &pointer) >= 0);
}

void FileWriter::group(std::string_view path) {
  const Lock lock;
  const Handle links = intermediateGroups();
  const Handle made(
      H5Gcreate2(m_file.id(), std::string(path).c_str(), links.id(), H5P_DEFAULT, H5P_DEFAULT),
      H5Gclose);
  check(static_cast<bool>(made));
}

void FileWriter::write(std::string_view object, std::string_view name, const Value& value) {
  const std::string path = object.empty() ? "/" : std::string(object);
  const Handle target(H5Oopen(m_file.id(), path.c_str(), H5P_DEFAULT), H5Oclose);
  check(static_cast<bool>(target));
  const hsize_t count = value.count.value_or(1);
  const Handle space(value.count ? H5Screate_simple(1, &count, nullptr) : H5Screate(H5S_SCALAR),
                     H5Sclose);
  const Handle made(H5Acreate2(target.id(), std::string(name).c_str(), value.type, space.id(),
                               H5P_DEFAULT, H5P_DEFAULT),
                    H5Aclose);
  check(static_cast<bool>(made));
  if (count > 0) check(H5Awrite(made.id(), value.type, value.data) >= 0);
}

void FileWriter::attribute(std::string_view object, std::string_view name, std::string_view text) {
  const std::string copy(text);
  const char* pointer = copy.c_str();
  const Lock lock;
  const Handle type = textType();
  write(object, name, {type.id(), &pointer, std::nullopt});
}

void FileWriter::attribute(std::string_view object, std::string_view name, std::int64_t number) {
  const Lock lock;
  write(object, name, {H5T_NATIVE_INT64, &number, std::nullopt});
}

void FileWriter::flag(std::string_view object, std::string_view name, bool value) {
  const Lock lock;
  const Handle type(H5Tenum_create(H5T_NATIVE_INT8), H5Tclose);
  for (const std::int8_t member : {std::int8_t{0}, std::int8_t{1}})
    H5Tenum_insert(type.id(), member ? "TRUE" : "FALSE", &member);
  const std::int8_t byte = value ? 1 : 0;
  write(object, name, {type.id(), &byte, std::nullopt});
}

void FileWriter::attributeList(std::string_view object, std::string_view name,
                               const std::vector<std::string>& texts) {
  std::vector<const char*> pointers;
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  const Lock lock;
  const Handle type = textType();
  write(object, name, {type.id(), pointers.data(), pointers.size()});
}

void FileWriter::attributeList(std::string_view object, std::string_view name,
                               const std::vector<std::int64_t>& numbers) {
  const Lock lock;
  write(object, name, {H5T_NATIVE_INT64, numbers.data(), numbers.size()});
}

}  // namespace

void H5Writer::save(const std::filesystem::path& path, const std::function<void(H5Writer&)>& fill) {
  saveAtomic(path, [&](const std::filesystem::path& temporary) {
    FileWriter writer(temporary, printable(path.filename().string()));
    fill(writer);
    writer.finish();
  });
}

}  // namespace cellocus
