// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cells/h5file.h"
#include "cells/h5library.h"

namespace cellocus::hdf5 {

/// One kind of element out of a file, checked: only plain whole numbers of 8 to 64 bits, floats of
/// 16, 32 and 64 bits, booleans, strings and tables of these are let through.
struct Element {
  H5File::Type type = H5File::Type::Other;
  std::size_t bytes = 0;
  bool variable = false;            ///< a string of variable length
  bool unsignedWide = false;        ///< 64 bits without sign, which need not fit into std::int64_t
  std::vector<std::int64_t> shape;  ///< of an array field, else empty
};
Element elementOf(Id type);

/// An open dataset, of which everything has been checked that a file could use against its reader:
/// where it is stored, its filters, and its size against what the file really holds. Used under a
/// Lock.
class Dataset {
 public:
  /// @throws Error "HDF5_STORAGE", "HDF5_FILTER", "HDF5_SIZE", "HDF5_DAMAGED"
  Dataset(Handle dataset, std::string where, std::uint64_t fileBytes);

  H5File::Type type(std::string_view field) const;
  std::vector<std::int64_t> shape(std::string_view field) const;
  std::vector<std::string> fields() const;

  std::vector<double> numbers(const H5File::Part& part) const;
  std::vector<float> floats(const H5File::Part& part) const;
  std::vector<std::int64_t> integers(const H5File::Part& part) const;
  std::vector<std::string> strings(const H5File::Part& part) const;

 private:
  struct Selection {
    Handle file, memory;
    std::size_t count = 0;
  };
  void checkStorage(Id properties) const;
  void checkSize(Id properties) const;
  Handle fieldType(std::string_view field) const;
  Handle memoryType(Id element, const std::string& field) const;
  Selection select(const H5File::Part& part) const;
  void read(Id element, const H5File::Part& part, const Selection& selection, void* into) const;
  template <typename T>
  std::vector<T> numeric(Id native, const H5File::Part& part) const;
  void appendFixed(Id type, const H5File::Part& part, std::vector<std::string>& texts) const;
  void appendVariable(Id type, const H5File::Part& part, std::vector<std::string>& texts) const;
  [[noreturn]] void wrongType(std::string_view wanted) const;

  Handle m_dataset, m_type, m_space;
  std::string m_where;
  std::uint64_t m_fileBytes;
  std::vector<std::int64_t> m_shape;
  bool m_empty = false;  ///< a NULL dataspace
};

}  // namespace cellocus::hdf5
