// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/h5dataset.h"

#include <hdf5.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/checked.h"
#include "base/limits.h"
#include "base/text.h"

namespace cellocus::hdf5 {

namespace {

using Type = H5File::Type;

/// A dataset may be this much larger than what is stored of it, whatever its packing.
constexpr std::uint64_t smallBytes = std::uint64_t{1} << 20;
/// The library unpacks a chunk as a whole, so that the chunk must be affordable as well.
constexpr std::uint64_t chunkBytes = std::uint64_t{64} << 20;
/// The most that one call may bring into memory.
constexpr std::uint64_t readBytes = std::uint64_t{16} << 30;
/// Variable strings are the part of HDF5 1.10 that breaks on damaged files; slices tell how far it
/// came.
constexpr std::int64_t stringSlice = 4096;

bool isBoolean(Id type) {
  if (H5Tget_nmembers(type) != 2) return false;
  for (unsigned i = 0; i < 2; ++i) {
    char* name = H5Tget_member_name(type, i);
    const bool fits = name && std::strcmp(name, i == 0 ? "FALSE" : "TRUE") == 0;
    H5free_memory(name);
    if (!fits) return false;
  }
  return true;
}

bool isPlainInteger(Id type) {
  const std::size_t bytes = H5Tget_size(type);
  return (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8) &&
         H5Tget_precision(type) == 8 * bytes && H5Tget_offset(type) == 0;
}

/// Exactly IEEE 754 of 16, 32 or 64 bits, of either byte order.
bool isPlainFloat(Id type) {
  const std::size_t bytes = H5Tget_size(type);
  if (bytes != 2 && bytes != 4 && bytes != 8) return false;
  std::size_t sign, exponentAt, exponentBits, mantissaAt, mantissaBits;
  if (H5Tget_fields(type, &sign, &exponentAt, &exponentBits, &mantissaAt, &mantissaBits) < 0)
    return false;
  const std::size_t wanted = bytes == 2 ? 5 : bytes == 4 ? 8 : 11;
  return H5Tget_precision(type) == 8 * bytes && H5Tget_offset(type) == 0 && sign == 8 * bytes - 1 &&
         exponentBits == wanted && mantissaBits == 8 * bytes - 1 - wanted &&
         exponentAt == mantissaBits && mantissaAt == 0 &&
         H5Tget_ebias(type) == (std::size_t{1} << (wanted - 1)) - 1;
}

Element arrayElement(Id type) {
  const Handle base(H5Tget_super(type), H5Tclose);
  hsize_t extents[H5S_MAX_RANK];
  const int rank = base ? H5Tget_array_dims2(type, extents) : -1;
  Element element = rank == 1 ? elementOf(base.id()) : Element();
  const bool number =
      element.type == Type::Integer || element.type == Type::Real || element.type == Type::Boolean;
  if (!number || !element.shape.empty()) return {};
  element.bytes = H5Tget_size(type);
  element.shape = {static_cast<std::int64_t>(extents[0])};
  return element;
}

std::uint64_t productOf(const std::vector<std::int64_t>& extents, std::uint64_t first,
                        const std::string& where) {
  std::uint64_t product = first;
  for (const std::int64_t extent : extents)
    product = checkedMultiply(product, static_cast<std::uint64_t>(extent), where);
  return product;
}

[[noreturn]] void throwSize(const std::string& where, const std::string& fact) {
  throw Error("HDF5_SIZE", where, fact,
              "The file is damaged or was made to fill the memory; get it again from its source.");
}

}  // namespace

Element elementOf(Id type) {
  Element element;
  element.bytes = H5Tget_size(type);
  switch (H5Tget_class(type)) {
    case H5T_INTEGER:
      if (isPlainInteger(type)) element.type = Type::Integer;
      element.unsignedWide = element.bytes == 8 && H5Tget_sign(type) == H5T_SGN_NONE;
      break;
    case H5T_FLOAT:
      if (isPlainFloat(type)) element.type = Type::Real;
      break;
    case H5T_ENUM:
      if (element.bytes == 1) element.type = isBoolean(type) ? Type::Boolean : Type::Integer;
      break;
    case H5T_STRING:
      element.type = Type::Text;
      element.variable = H5Tis_variable_str(type) > 0;
      break;
    case H5T_COMPOUND:
      element.type = Type::Table;
      break;
    case H5T_ARRAY:
      return arrayElement(type);
    default:
      break;
  }
  return element;
}

Dataset::Dataset(Handle dataset, std::string where, std::uint64_t fileBytes)
    : m_dataset(std::move(dataset)), m_where(std::move(where)), m_fileBytes(fileBytes) {
  m_type = Handle(H5Dget_type(m_dataset.id()), H5Tclose);
  m_space = Handle(H5Dget_space(m_dataset.id()), H5Sclose);
  if (!m_type || !m_space) throwDamaged(m_where, "opened");
  m_empty = H5Sget_simple_extent_type(m_space.id()) == H5S_NULL;
  hsize_t extents[H5S_MAX_RANK];
  const int rank = m_empty ? 0 : H5Sget_simple_extent_dims(m_space.id(), extents, nullptr);
  if (rank < 0) throwDamaged(m_where, "opened");
  for (int i = 0; i < rank; ++i) {
    if (extents[i] > static_cast<hsize_t>(std::numeric_limits<std::int64_t>::max()))
      throwSize(m_where, "one of its dimensions is larger than any file.");
    m_shape.push_back(static_cast<std::int64_t>(extents[i]));
  }
  const Handle properties(H5Dget_create_plist(m_dataset.id()), H5Pclose);
  if (!properties) throwDamaged(m_where, "opened");
  checkStorage(properties.id());
  checkSize(properties.id());
}

void Dataset::checkStorage(Id properties) const {
  if (H5Pget_layout(properties) == H5D_VIRTUAL)
    throw Error("HDF5_STORAGE", m_where, "its values lie in other files (a virtual dataset).",
                "Cellocus reads only files that hold everything themselves; save it as one file.");
  if (H5Pget_external_count(properties) != 0)
    throw Error("HDF5_STORAGE", m_where, "its values lie outside the file (external storage).",
                "Cellocus reads only files that hold everything themselves; save it as one file.");
  const int filters = H5Pget_nfilters(properties);
  for (int i = 0; i < filters; ++i) {
    unsigned flags, configuration;
    std::size_t values = 0;
    const H5Z_filter_t filter = H5Pget_filter2(properties, static_cast<unsigned>(i), &flags,
                                               &values, nullptr, 0, nullptr, &configuration);
    if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE &&
        filter != H5Z_FILTER_FLETCHER32 && filter != lzfFilter)
      throw Error(
          "HDF5_FILTER", m_where,
          "it is packed with HDF5 filter " + filterName(filter) + ", which is not supported.",
          "Save the file again with compression='gzip' or without compression.");
  }
}

void Dataset::checkSize(Id properties) const {
  const std::size_t element = H5Tget_size(m_type.id());
  const std::uint64_t logical = m_empty ? 0 : productOf(m_shape, element, m_where);
  const std::uint64_t stored = H5Dget_storage_size(m_dataset.id());
  if (stored > m_fileBytes)
    throwSize(m_where,
              "it claims " + byteText(stored) + " of a file of " + byteText(m_fileBytes) + ".");
  const std::uint64_t packed = checkedMultiply(stored, limits::inflateRatio, m_where);
  std::uint64_t chunk = 0;
  hsize_t extents[H5S_MAX_RANK];
  const bool chunked = H5Pget_layout(properties) == H5D_CHUNKED;
  const int rank = chunked ? H5Pget_chunk(properties, H5S_MAX_RANK, extents) : 0;
  if (rank < 0) throwDamaged(m_where, "opened");
  if (chunked) {
    const std::vector<std::int64_t> sides(extents, extents + rank);
    chunk = productOf(sides, element, m_where);
    if (chunk > std::max(packed, chunkBytes))
      throwSize(m_where, "its chunks of " + byteText(chunk) + " do not fit the " +
                             byteText(stored) + " that are stored.");
  }
  if (logical > checkedAdd(packed, chunk + smallBytes, m_where))
    throwSize(m_where, "it claims " + byteText(logical) + " but only " + byteText(stored) +
                           " of it are stored.");
}

void Dataset::wrongType(std::string_view wanted) const {
  throw Error("HDF5_TYPE", m_where, "it does not hold " + std::string(wanted) + ".",
              "Look at the file with h5ls -r; it may have been written by another program.");
}

Handle Dataset::fieldType(std::string_view field) const {
  if (field.empty()) return Handle(H5Tcopy(m_type.id()), H5Tclose);
  const std::string name(field);
  const int index = H5Tget_class(m_type.id()) == H5T_COMPOUND
                        ? H5Tget_member_index(m_type.id(), name.c_str())
                        : -1;
  if (index < 0)
    throw Error("HDF5_MISSING", m_where, "it has no field '" + printable(name) + "'.",
                "Look at the file with h5ls -v.");
  Handle type(H5Tget_member_type(m_type.id(), static_cast<unsigned>(index)), H5Tclose);
  if (!type) throwDamaged(m_where, "opened");
  return type;
}

Type Dataset::type(std::string_view field) const {
  return elementOf(fieldType(field).id()).type;
}

std::vector<std::int64_t> Dataset::shape(std::string_view field) const {
  std::vector<std::int64_t> shape = m_shape;
  const Element element = elementOf(fieldType(field).id());
  shape.insert(shape.end(), element.shape.begin(), element.shape.end());
  return shape;
}

std::vector<std::string> Dataset::fields() const {
  std::vector<std::string> names;
  if (H5Tget_class(m_type.id()) != H5T_COMPOUND) return names;
  const int count = H5Tget_nmembers(m_type.id());
  for (int i = 0; i < count; ++i) {
    char* name = H5Tget_member_name(m_type.id(), static_cast<unsigned>(i));
    if (name) names.emplace_back(name);
    H5free_memory(name);
  }
  return names;
}

/// The type in memory: the element itself, or a table of that one field, which HDF5 then picks out.
Handle Dataset::memoryType(Id element, const std::string& field) const {
  if (field.empty()) return Handle(H5Tcopy(element), H5Tclose);
  Handle table(H5Tcreate(H5T_COMPOUND, H5Tget_size(element)), H5Tclose);
  if (!table || H5Tinsert(table.id(), field.c_str(), 0, element) < 0) throwDamaged(m_where, "read");
  return table;
}

Dataset::Selection Dataset::select(const H5File::Part& part) const {
  Selection selection;
  selection.file = Handle(H5Scopy(m_space.id()), H5Sclose);
  if (part.first.empty()) {
    selection.count = m_empty ? 0 : productOf(m_shape, 1, m_where);
  } else {
    if (part.first.size() != m_shape.size() || part.count.size() != m_shape.size())
      wrongType("as many dimensions as were asked for");
    for (std::size_t i = 0; i < m_shape.size(); ++i)
      if (part.first[i] < 0 || part.count[i] < 0 || part.first[i] > m_shape[i] ||
          part.count[i] > m_shape[i] - part.first[i])
        throwSize(m_where,
                  "a part outside of its " + withThousands(m_shape[i]) + " was asked for.");
    selection.count = productOf(part.count, 1, m_where);
    const std::vector<hsize_t> first(part.first.begin(), part.first.end());
    const std::vector<hsize_t> count(part.count.begin(), part.count.end());
    if (selection.count > 0 &&
        H5Sselect_hyperslab(selection.file.id(), H5S_SELECT_SET, first.data(), nullptr,
                            count.data(), nullptr) < 0)
      throwDamaged(m_where, "read");
  }
  const hsize_t flat = selection.count;
  selection.memory = Handle(H5Screate_simple(1, &flat, nullptr), H5Sclose);
  return selection;
}

void Dataset::read(Id element, const H5File::Part& part, const Selection& selection,
                   void* into) const {
  const Handle type = memoryType(element, part.field);
  if (H5Dread(m_dataset.id(), type.id(), selection.memory.id(), selection.file.id(), H5P_DEFAULT,
              into) < 0)
    throwDamaged(m_where, "read");
}

template <typename T>
std::vector<T> Dataset::numeric(Id native, const H5File::Part& part) const {
  const Element element = elementOf(fieldType(part.field).id());
  if (element.type != Type::Integer && element.type != Type::Real && element.type != Type::Boolean)
    wrongType("numbers");
  const Selection selection = select(part);
  const std::uint64_t count = productOf(element.shape, selection.count, m_where);
  if (checkedMultiply<std::uint64_t>(count, sizeof(T), m_where) > readBytes)
    throwSize(m_where, withThousands(static_cast<std::int64_t>(count)) +
                           " numbers are more than fit into memory at once.");
  std::vector<T> values(count);
  if (count == 0) return values;
  if (element.shape.empty()) {
    read(native, part, selection, values.data());
    return values;
  }
  const hsize_t side = static_cast<hsize_t>(element.shape.front());
  const Handle array(H5Tarray_create2(native, 1, &side), H5Tclose);
  read(array.id(), part, selection, values.data());
  return values;
}

std::vector<double> Dataset::numbers(const H5File::Part& part) const {
  return numeric<double>(H5T_NATIVE_DOUBLE, part);
}

std::vector<float> Dataset::floats(const H5File::Part& part) const {
  return numeric<float>(H5T_NATIVE_FLOAT, part);
}

std::vector<std::int64_t> Dataset::integers(const H5File::Part& part) const {
  const Element element = elementOf(fieldType(part.field).id());
  if (element.type == Type::Real) {
    const std::vector<double> values = numbers(part);
    std::vector<std::int64_t> whole;
    whole.reserve(values.size());
    for (const double value : values) {
      if (!(value >= -9007199254740992.0 && value <= 9007199254740992.0) ||
          value != static_cast<double>(static_cast<std::int64_t>(value)))
        wrongType("whole numbers only");
      whole.push_back(static_cast<std::int64_t>(value));
    }
    return whole;
  }
  auto values = numeric<std::int64_t>(H5T_NATIVE_INT64, part);
  // HDF5 cuts larger numbers off at the largest that fits.
  if (element.unsignedWide && std::find(values.begin(), values.end(),
                                        std::numeric_limits<std::int64_t>::max()) != values.end())
    wrongType("whole numbers below 9,223,372,036,854,775,807 only");
  return values;
}

void Dataset::appendFixed(Id type, const H5File::Part& part,
                          std::vector<std::string>& texts) const {
  const std::size_t width = H5Tget_size(type);
  const bool padded = H5Tget_strpad(type) == H5T_STR_SPACEPAD;
  const Selection selection = select(part);
  std::vector<char> buffer(checkedMultiply(selection.count, width, m_where));
  if (!buffer.empty()) read(type, part, selection, buffer.data());
  for (std::size_t i = 0; i < selection.count; ++i) {
    std::string_view text(buffer.data() + i * width, width);
    text = text.substr(0, text.find('\0'));
    while (padded && text.ends_with(' ')) text.remove_suffix(1);
    texts.emplace_back(text);
  }
}

void Dataset::appendVariable(Id type, const H5File::Part& part,
                             std::vector<std::string>& texts) const {
  const Selection selection = select(part);
  std::vector<char*> pointers(selection.count, nullptr);
  if (pointers.empty()) return;
  const Handle memory = memoryType(type, part.field);
  struct Reclaim {
    const Handle& type;
    const Selection& selection;
    std::vector<char*>& pointers;
    ~Reclaim() { H5Dvlen_reclaim(type.id(), selection.memory.id(), H5P_DEFAULT, pointers.data()); }
  } reclaim{memory, selection, pointers};
  if (H5Dread(m_dataset.id(), memory.id(), selection.memory.id(), selection.file.id(), H5P_DEFAULT,
              pointers.data()) < 0)
    throwDamaged(m_where, "read from string " +
                              withThousands(static_cast<std::int64_t>(texts.size()) + 1) + " on");
  for (const char* pointer : pointers) {
    texts.emplace_back(pointer ? pointer : "");
    if (texts.back().size() > limits::hdf5StringBytes)
      throwSize(m_where, "string " + withThousands(static_cast<std::int64_t>(texts.size())) +
                             " is longer than " + byteText(limits::hdf5StringBytes) + ".");
  }
}

std::vector<std::string> Dataset::strings(const H5File::Part& part) const {
  const Handle type = fieldType(part.field);
  const Element element = elementOf(type.id());
  if (element.type != Type::Text || m_shape.size() > 1) wrongType("a list of texts");
  if (!element.variable && element.bytes > limits::hdf5StringBytes)
    throwSize(m_where, "its strings are " + byteText(element.bytes) + " wide.");
  std::vector<std::string> texts;
  const auto append = [&](const H5File::Part& slice) {
    element.variable ? appendVariable(type.id(), slice, texts)
                     : appendFixed(type.id(), slice, texts);
  };
  if (m_shape.empty()) {
    append(part);
    return texts;
  }
  const std::int64_t first = part.first.empty() ? 0 : part.first.front();
  const std::int64_t count = part.first.empty() ? m_shape.front() : part.count.at(0);
  // The same stored string may be referred to any number of times.
  const std::uint64_t allowed = checkedMultiply(m_fileBytes, limits::inflateRatio, m_where);
  std::uint64_t bytes = 0;
  for (std::int64_t done = 0; done < count; done += stringSlice) {
    const std::size_t before = texts.size();
    append({{first + done}, {std::min(stringSlice, count - done)}, part.field});
    for (std::size_t i = before; i < texts.size(); ++i) bytes += texts[i].size();
    if (bytes > allowed) throwSize(m_where, "its strings are longer than the file can hold.");
  }
  return texts;
}

}  // namespace cellocus::hdf5
