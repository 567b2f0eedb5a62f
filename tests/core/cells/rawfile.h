// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cellocus::testing {

/// Writes HDF5 files with the plain library, so that tests can make files of any age and with any
/// fault, independent of the product's own writer.
class RawFile {
 public:
  using Id = std::int64_t;  // hid_t
  using Shape = std::vector<std::uint64_t>;

  explicit RawFile(const std::filesystem::path& path);
  ~RawFile();
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;
  Id id() const { return m_file; }

  void group(const std::string& path);
  void floats(const std::string& path, const std::vector<float>& values, Shape shape = {});
  void doubles(const std::string& path, const std::vector<double>& values, Shape shape = {});
  void integers(const std::string& path, const std::vector<std::int64_t>& values, Shape shape = {});
  /// Doubles converted by the library to a type of the file, such as H5T_STD_U16BE.
  void as(const std::string& path, Id fileType, const std::vector<double>& values);
  void booleans(const std::string& path, const std::vector<std::int8_t>& values);
  void strings(const std::string& path, const std::vector<std::string>& values);
  void fixedStrings(const std::string& path, const std::vector<std::string>& values,
                    std::size_t width);
  void scalarString(const std::string& path, const std::string& value);

  void attribute(const std::string& object, const std::string& name, const std::string& text);
  void numbersAttribute(const std::string& object, const std::string& name,
                        const std::vector<std::int64_t>& numbers);
  void listAttribute(const std::string& object, const std::string& name,
                     const std::vector<std::string>& texts);
  /// A boolean as PyTables writes it: eight bits.
  void bitsAttribute(const std::string& object, const std::string& name, bool value);
  void nullAttribute(const std::string& object, const std::string& name);
  void referenceAttribute(const std::string& object, const std::string& name,
                          const std::string& target);
  /// encoding-type and encoding-version.
  void encoding(const std::string& object, const std::string& type, const std::string& version);

 private:
  void write(const std::string& path, Id fileType, Id memoryType, const void* data,
             const Shape& shape);

  Id m_file;
};

}  // namespace cellocus::testing
