// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/h5attribute.h"

#include <hdf5.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "cells/h5dataset.h"

namespace cellocus::hdf5 {

namespace {

struct Attribute {
  Handle handle, type, space;
  std::size_t count = 0;
};

/// Nothing if absent or empty.
std::optional<Attribute> open(Id object, const std::string& name, const std::string& where) {
  if (H5Aexists(object, name.c_str()) <= 0) return std::nullopt;
  Attribute attribute;
  attribute.handle = Handle(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose);
  if (!attribute.handle) throwDamaged(where, "opened");
  attribute.type = Handle(H5Aget_type(attribute.handle.id()), H5Tclose);
  attribute.space = Handle(H5Aget_space(attribute.handle.id()), H5Sclose);
  if (!attribute.type || !attribute.space) throwDamaged(where, "opened");
  if (H5Sget_simple_extent_type(attribute.space.id()) == H5S_NULL) return std::nullopt;
  const hssize_t count = H5Sget_simple_extent_npoints(attribute.space.id());
  if (count < 0) throwDamaged(where, "opened");
  attribute.count = static_cast<std::size_t>(count);
  const std::size_t bytes = H5Tget_size(attribute.type.id());
  if (bytes == 0 || attribute.count > limits::hdf5AttributeBytes / bytes)
    throw Error("HDF5_SIZE", where,
                "its attribute '" + printable(name) + "' is larger than " +
                    byteText(limits::hdf5AttributeBytes) + ".",
                "The file is damaged or was made to fill the memory.");
  return attribute;
}

std::vector<std::string> fixedTexts(const Attribute& attribute, const std::string& where) {
  const std::size_t width = H5Tget_size(attribute.type.id());
  std::vector<char> buffer(attribute.count * width);
  if (H5Aread(attribute.handle.id(), attribute.type.id(), buffer.data()) < 0)
    throwDamaged(where, "read");
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < attribute.count; ++i) {
    const std::string_view text(buffer.data() + i * width, width);
    texts.emplace_back(text.substr(0, text.find('\0')));
  }
  return texts;
}

std::vector<std::string> variableTexts(const Attribute& attribute, const std::string& where) {
  std::vector<char*> pointers(attribute.count, nullptr);
  if (H5Aread(attribute.handle.id(), attribute.type.id(), pointers.data()) < 0)
    throwDamaged(where, "read");
  std::vector<std::string> texts;
  std::size_t bytes = 0;
  for (const char* pointer : pointers) {
    texts.emplace_back(pointer ? pointer : "");
    bytes += texts.back().size();
  }
  H5Dvlen_reclaim(attribute.type.id(), attribute.space.id(), H5P_DEFAULT, pointers.data());
  if (bytes > limits::hdf5AttributeBytes)
    throw Error(
        "HDF5_SIZE", where,
        "one of its attributes is larger than " + byteText(limits::hdf5AttributeBytes) + ".",
        "The file is damaged or was made to fill the memory.");
  return texts;
}

template <typename T>
std::vector<std::string> numberTexts(const Attribute& attribute, Id native,
                                     const std::string& where) {
  std::vector<T> values(attribute.count);
  if (H5Aread(attribute.handle.id(), native, values.data()) < 0) throwDamaged(where, "read");
  std::vector<std::string> texts;
  for (const T value : values) {
    if constexpr (std::is_integral_v<T>)
      texts.push_back(std::to_string(value));
    else
      texts.push_back(numberText(value));
  }
  return texts;
}

}  // namespace

std::optional<std::vector<std::string>> attributeTexts(Id object, const std::string& name,
                                                       const std::string& where) {
  const auto attribute = open(object, name, where);
  if (!attribute) return std::nullopt;
  const Element element = elementOf(attribute->type.id());
  const bool plain = element.shape.empty();
  if (plain && attribute->count == 0) return std::vector<std::string>();
  if (plain && element.type == H5File::Type::Text)
    return element.variable ? variableTexts(*attribute, where) : fixedTexts(*attribute, where);
  if (plain && (element.type == H5File::Type::Integer || element.type == H5File::Type::Boolean))
    return numberTexts<std::int64_t>(*attribute, H5T_NATIVE_INT64, where);
  // PyTables writes its booleans as bits.
  if (H5Tget_class(attribute->type.id()) == H5T_BITFIELD && element.bytes == 1)
    return numberTexts<std::uint8_t>(*attribute, H5T_NATIVE_B8, where);
  if (plain && element.type == H5File::Type::Real)
    return numberTexts<double>(*attribute, H5T_NATIVE_DOUBLE, where);
  return std::nullopt;
}

std::optional<std::string> attributeReference(Id object, const std::string& name) {
  const auto attribute = open(object, name, name);
  if (!attribute || attribute->count != 1 || H5Tequal(attribute->type.id(), H5T_STD_REF_OBJ) <= 0)
    return std::nullopt;
  hobj_ref_t reference;
  if (H5Aread(attribute->handle.id(), H5T_STD_REF_OBJ, &reference) < 0) return std::nullopt;
  const Handle target(H5Rdereference2(object, H5P_DEFAULT, H5R_OBJECT, &reference), H5Oclose);
  if (!target) return std::nullopt;
  std::string path(limits::nameBytes, '\0');
  const ssize_t length = H5Iget_name(target.id(), path.data(), path.size());
  if (length <= 0 || static_cast<std::size_t>(length) >= path.size()) return std::nullopt;
  path.resize(static_cast<std::size_t>(length));
  return path;
}

}  // namespace cellocus::hdf5
