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

/// An HDF5 file open for reading, behind one mutex of the whole program, with what hostile files use switched
/// off: no plugins, no external storage or links, no virtual datasets, sizes checked before memory is taken.
/// The only reader through which the project touches HDF5.
class H5File {
 public:
  /// @throws Error "HDF5_..." if it is no HDF5 file, is locked, or truncated
  static std::shared_ptr<const H5File> open(const std::filesystem::path& path);
  virtual ~H5File() = default;

  enum class Kind { Missing, Group, Dataset };
  virtual Kind kind(std::string_view path) const = 0;
  virtual std::vector<std::string> children(std::string_view group) const = 0;
  /// Attribute as text (numbers are printed), nothing if absent or of a NULL dataspace.
  virtual std::optional<std::string> attribute(std::string_view object, std::string_view name) const = 0;
  virtual std::vector<std::int64_t> shape(std::string_view dataset) const = 0;

  /// A whole numeric dataset (any integer or float type, booleans as 0/1), flattened row-major.
  virtual std::vector<double> numbers(std::string_view dataset) const = 0;
  virtual std::vector<float> floats(std::string_view dataset) const = 0;
  /// A whole 1-D or scalar dataset of fixed or variable strings.
  virtual std::vector<std::string> strings(std::string_view dataset) const = 0;
};

/// Writes HDF5 files of our own (results of the command line), whole or not at all.
class H5Writer {
 public:
  virtual ~H5Writer() = default;
  /// Calls `fill` with a writer on a temporary file and puts the file into place when it returns.
  static void save(const std::filesystem::path& path, const std::function<void(H5Writer&)>& fill);

  /// Groups of the path are made as needed.
  virtual void matrix(std::string_view path, MatrixView values) = 0;
  virtual void numbers(std::string_view path, const std::vector<double>& values) = 0;
  virtual void integers(std::string_view path, const std::vector<std::int64_t>& values) = 0;
  virtual void strings(std::string_view path, const std::vector<std::string>& values) = 0;
  virtual void group(std::string_view path) = 0;
  virtual void attribute(std::string_view object, std::string_view name, std::string_view text) = 0;
  virtual void attribute(std::string_view object, std::string_view name, std::int64_t number) = 0;
};

}  // namespace cellocus
