// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/matrix.h"

namespace cellocus {

/// An HDF5 file open for reading, behind one mutex of the whole program, with what hostile files
/// use switched off: no plugins, no external storage or links, no virtual datasets, sizes checked
/// before memory is taken. The only reader through which the project touches HDF5.
///
/// Paths are relative to the root ("X/data"). Reading throws Error "HDF5_MISSING" (no such object),
/// "HDF5_TYPE" (its elements are of another kind), "HDF5_LINK", "HDF5_STORAGE", "HDF5_FILTER" or
/// "HDF5_SIZE" (refused before anything is read) and "HDF5_DAMAGED" (the library could not read
/// it).
class H5File {
 public:
  /// @throws Error "HDF5_NOT_HDF5", "HDF5_LOCKED" or "HDF5_DAMAGED" (cut short)
  static std::shared_ptr<const H5File> open(const std::filesystem::path& path);
  virtual ~H5File() = default;

  virtual const std::filesystem::path& path() const = 0;
  /// The file's name and the object, as errors name it: "cells.h5ad: X/indptr".
  std::string where(std::string_view object) const;

  enum class Kind { Missing, Group, Dataset };
  virtual Kind kind(std::string_view path) const = 0;
  /// Names in a group, sorted.
  virtual std::vector<std::string> children(std::string_view group) const = 0;

  /// Attribute as text (numbers and booleans as digits, several elements joined by ", "); nothing
  /// if it is absent, of a NULL dataspace, or neither text nor number.
  virtual std::optional<std::string> attribute(std::string_view object,
                                               std::string_view name) const = 0;
  /// The elements of an attribute as texts; empty in the same cases.
  virtual std::vector<std::string> attributeList(std::string_view object,
                                                 std::string_view name) const = 0;
  /// Path of the object that an attribute refers to (AnnData 0.7: categories); nothing if it is no
  /// reference.
  virtual std::optional<std::string> attributeTarget(std::string_view object,
                                                     std::string_view name) const = 0;

  /// What the elements are. Table is a compound type, whose fields are read one by one.
  enum class Type { Integer, Real, Boolean, Text, Table, Other };
  /// Part of a dataset: the block count[i] from first[i] along every dimension (all of it if
  /// `first` is empty), and of a Table one field.
  struct Part {
    std::vector<std::int64_t> first, count;
    std::string field;
  };
  virtual Type type(std::string_view dataset, std::string_view field) const = 0;
  Type type(std::string_view dataset) const { return type(dataset, {}); }
  /// Empty for a scalar or a NULL dataspace. For an array field of a table: rows, then the array's
  /// own.
  virtual std::vector<std::int64_t> shape(std::string_view dataset,
                                          std::string_view field) const = 0;
  std::vector<std::int64_t> shape(std::string_view dataset) const { return shape(dataset, {}); }
  virtual std::vector<std::string> fields(std::string_view dataset) const = 0;

  /// A numeric dataset (any integer or float type, booleans as 0/1), flattened row-major.
  virtual std::vector<double> numbers(std::string_view dataset, const Part& part) const = 0;
  virtual std::vector<float> floats(std::string_view dataset, const Part& part) const = 0;
  /// @throws also Error "HDF5_TYPE" for fractions and for numbers beyond 64 bits with sign
  virtual std::vector<std::int64_t> integers(std::string_view dataset, const Part& part) const = 0;
  /// A 1-D or scalar dataset of fixed or variable strings.
  virtual std::vector<std::string> strings(std::string_view dataset, const Part& part) const = 0;

  /// The same of a whole dataset.
  std::vector<double> numbers(std::string_view dataset) const { return numbers(dataset, Part()); }
  std::vector<float> floats(std::string_view dataset) const { return floats(dataset, Part()); }
  std::vector<std::int64_t> integers(std::string_view dataset) const {
    return integers(dataset, Part());
  }
  std::vector<std::string> strings(std::string_view dataset) const {
    return strings(dataset, Part());
  }
};

/// Writes HDF5 files of our own (results of the command line), whole or not at all.
class H5Writer {
 public:
  virtual ~H5Writer() = default;
  /// Calls `fill` with a writer on a temporary file and puts the file into place when it returns.
  /// @throws Error "SAVE_FAILED"
  static void save(const std::filesystem::path& path, const std::function<void(H5Writer&)>& fill);

  /// Groups of the path are made as needed. Arrays of more than 64 KiB are compressed (deflate 4).
  virtual void matrix(std::string_view path, MatrixView values) = 0;
  virtual void floats(std::string_view path, const std::vector<float>& values) = 0;
  virtual void numbers(std::string_view path, const std::vector<double>& values) = 0;
  virtual void integers(std::string_view path, const std::vector<std::int64_t>& values) = 0;
  virtual void integers(std::string_view path, const std::vector<std::int32_t>& values) = 0;
  virtual void strings(std::string_view path, const std::vector<std::string>& values) = 0;
  /// One string, of no dimension.
  virtual void text(std::string_view path, std::string_view value) = 0;
  virtual void group(std::string_view path) = 0;
  virtual void attribute(std::string_view object, std::string_view name, std::string_view text) = 0;
  virtual void attribute(std::string_view object, std::string_view name, std::int64_t number) = 0;
  /// A boolean as h5py writes it: an enumeration FALSE, TRUE.
  virtual void flag(std::string_view object, std::string_view name, bool value) = 0;
  virtual void attributeList(std::string_view object, std::string_view name,
                             const std::vector<std::string>& texts) = 0;
  virtual void attributeList(std::string_view object, std::string_view name,
                             const std::vector<std::int64_t>& numbers) = 0;
};

}  // namespace cellocus
