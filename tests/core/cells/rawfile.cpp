// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cells/rawfile.h"

#include <hdf5.h>

#include <stdexcept>

namespace cellocus::testing {

namespace {

void require(bool fine, const std::string& what) {
  if (!fine) throw std::runtime_error("the test could not write " + what);
}

hid_t linkProperties() {
  const hid_t properties = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(properties, 1);
  return properties;
}

hid_t variableString() {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

std::vector<const char*> pointersTo(const std::vector<std::string>& values) {
  std::vector<const char*> pointers;
  for (const std::string& value : values) pointers.push_back(value.c_str());
  return pointers;
}

void writeAttribute(hid_t file, const std::string& object, const std::string& name, hid_t type,
                    hid_t space, const void* data) {
  const hid_t target = H5Oopen(file, object.empty() ? "/" : object.c_str(), H5P_DEFAULT);
  const hid_t attribute = H5Acreate2(target, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT);
  require(target >= 0 && attribute >= 0, object + "@" + name);
  if (data) require(H5Awrite(attribute, type, data) >= 0, object + "@" + name);
  H5Aclose(attribute);
  H5Oclose(target);
  H5Sclose(space);
}

hid_t list(std::size_t count) {
  const hsize_t extent = count;
  return H5Screate_simple(1, &extent, nullptr);
}

}  // namespace

RawFile::RawFile(const std::filesystem::path& path)
    : m_file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)) {
  require(m_file >= 0, path.string());
}

RawFile::~RawFile() {
  H5Fclose(m_file);
}

void RawFile::write(const std::string& path, Id fileType, Id memoryType, const void* data,
                    const Shape& shape) {
  const std::vector<hsize_t> extents(shape.begin(), shape.end());
  const hid_t space = H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr);
  const hid_t links = linkProperties();
  const hid_t dataset =
      H5Dcreate2(m_file, path.c_str(), fileType, space, links, H5P_DEFAULT, H5P_DEFAULT);
  require(dataset >= 0, path);
  require(H5Dwrite(dataset, memoryType, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0, path);
  H5Dclose(dataset);
  H5Pclose(links);
  H5Sclose(space);
}

void RawFile::group(const std::string& path) {
  const hid_t links = linkProperties();
  const hid_t group = H5Gcreate2(m_file, path.c_str(), links, H5P_DEFAULT, H5P_DEFAULT);
  require(group >= 0, path);
  H5Gclose(group);
  H5Pclose(links);
}

void RawFile::floats(const std::string& path, const std::vector<float>& values, Shape shape) {
  write(path, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, values.data(),
        shape.empty() ? Shape{values.size()} : shape);
}

void RawFile::doubles(const std::string& path, const std::vector<double>& values, Shape shape) {
  write(path, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, values.data(),
        shape.empty() ? Shape{values.size()} : shape);
}

void RawFile::integers(const std::string& path, const std::vector<std::int64_t>& values,
                       Shape shape) {
  write(path, H5T_STD_I64LE, H5T_NATIVE_INT64, values.data(),
        shape.empty() ? Shape{values.size()} : shape);
}

void RawFile::as(const std::string& path, Id fileType, const std::vector<double>& values) {
  write(path, fileType, H5T_NATIVE_DOUBLE, values.data(), {values.size()});
}

void RawFile::booleans(const std::string& path, const std::vector<std::int8_t>& values) {
  const hid_t type = H5Tenum_create(H5T_NATIVE_INT8);
  for (const std::int8_t member : {std::int8_t{0}, std::int8_t{1}})
    H5Tenum_insert(type, member ? "TRUE" : "FALSE", &member);
  write(path, type, type, values.data(), {values.size()});
  H5Tclose(type);
}

void RawFile::strings(const std::string& path, const std::vector<std::string>& values) {
  const hid_t type = variableString();
  write(path, type, type, pointersTo(values).data(), {values.size()});
  H5Tclose(type);
}

void RawFile::fixedStrings(const std::string& path, const std::vector<std::string>& values,
                           std::size_t width) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, width);
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  std::string packed;
  for (std::string value : values) {
    value.resize(width, '\0');
    packed += value;
  }
  write(path, type, type, packed.data(), {values.size()});
  H5Tclose(type);
}

void RawFile::scalarString(const std::string& path, const std::string& value) {
  const hid_t type = variableString();
  const hid_t space = H5Screate(H5S_SCALAR);
  const hid_t links = linkProperties();
  const hid_t dataset =
      H5Dcreate2(m_file, path.c_str(), type, space, links, H5P_DEFAULT, H5P_DEFAULT);
  const char* pointer = value.c_str();
  require(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &pointer) >= 0, path);
  H5Dclose(dataset);
  H5Pclose(links);
  H5Sclose(space);
  H5Tclose(type);
}

void RawFile::attribute(const std::string& object, const std::string& name,
                        const std::string& text) {
  const hid_t type = variableString();
  const char* pointer = text.c_str();
  writeAttribute(m_file, object, name, type, H5Screate(H5S_SCALAR), &pointer);
  H5Tclose(type);
}

void RawFile::numbersAttribute(const std::string& object, const std::string& name,
                               const std::vector<std::int64_t>& numbers) {
  writeAttribute(m_file, object, name, H5T_NATIVE_INT64, list(numbers.size()), numbers.data());
}

void RawFile::listAttribute(const std::string& object, const std::string& name,
                            const std::vector<std::string>& texts) {
  const hid_t type = variableString();
  const std::vector<const char*> pointers = pointersTo(texts);
  writeAttribute(m_file, object, name, type, list(texts.size()),
                 texts.empty() ? nullptr : pointers.data());
  H5Tclose(type);
}

void RawFile::bitsAttribute(const std::string& object, const std::string& name, bool value) {
  const unsigned char bits = value ? 1 : 0;
  writeAttribute(m_file, object, name, H5T_NATIVE_B8, H5Screate(H5S_SCALAR), &bits);
}

void RawFile::nullAttribute(const std::string& object, const std::string& name) {
  writeAttribute(m_file, object, name, H5T_C_S1, H5Screate(H5S_NULL), nullptr);
}

void RawFile::referenceAttribute(const std::string& object, const std::string& name,
                                 const std::string& target) {
  hobj_ref_t reference;
  require(H5Rcreate(&reference, m_file, target.c_str(), H5R_OBJECT, -1) >= 0, target);
  writeAttribute(m_file, object, name, H5T_STD_REF_OBJ, H5Screate(H5S_SCALAR), &reference);
}

void RawFile::encoding(const std::string& object, const std::string& type,
                       const std::string& version) {
  attribute(object, "encoding-type", type);
  attribute(object, "encoding-version", version);
}

}  // namespace cellocus::testing
