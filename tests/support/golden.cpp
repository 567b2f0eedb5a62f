// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/golden.h"

#include <hdf5.h>

#include <algorithm>
#include <functional>
#include <iostream>
#include <sstream>
#include <stdexcept>

namespace cellocus::testing {

namespace {

/// An HDF5 identifier with its closing function.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t), const std::string& what) : m_id(id), m_close(close) {
    if (id < 0) throw std::runtime_error("golden file: cannot open " + what);
  }
  ~Handle() { m_close(m_id); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  operator hid_t() const { return m_id; }

 private:
  hid_t m_id;
  herr_t (*m_close)(hid_t);
};

hid_t opened(const std::filesystem::path& file) {
  return H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
}

std::vector<std::int64_t> shapeOf(hid_t space) {
  std::vector<hsize_t> sizes(
      static_cast<std::size_t>(std::max(0, H5Sget_simple_extent_ndims(space))));
  H5Sget_simple_extent_dims(space, sizes.data(), nullptr);
  return {sizes.begin(), sizes.end()};
}

std::vector<std::string> stringsOf(hid_t type, std::size_t count,
                                   const std::function<herr_t(hid_t, void*)>& read) {
  std::vector<std::string> result;
  if (H5Tis_variable_str(type) > 0) {
    std::vector<char*> pointers(count);
    if (read(type, pointers.data()) < 0) throw std::runtime_error("golden file: strings");
    for (char* pointer : pointers) {
      result.emplace_back(pointer ? pointer : "");
      H5free_memory(pointer);
    }
    return result;
  }
  const std::size_t size = H5Tget_size(type);
  std::string buffer(count * size, '\0');
  if (read(type, buffer.data()) < 0) throw std::runtime_error("golden file: strings");
  for (std::size_t i = 0; i < count; ++i)
    result.emplace_back(buffer.substr(i * size, size).c_str());
  return result;
}

}  // namespace

Matrix GoldenArray::matrix(bool transposed) const {
  const std::int64_t rows = shape.empty() ? 1 : shape[0];
  const std::int64_t columns = rows == 0 ? 0 : static_cast<std::int64_t>(values.size()) / rows;
  const Eigen::Map<const Eigen::Matrix<double, -1, -1, Eigen::RowMajor>> all(values.data(), rows,
                                                                             columns);
  if (transposed) return all.transpose().cast<float>();
  return all.cast<float>();
}

GoldenArray goldenArray(const std::filesystem::path& file, const std::string& dataset) {
  const Handle h5(opened(file), H5Fclose, file.string());
  const Handle data(H5Dopen2(h5, dataset.c_str(), H5P_DEFAULT), H5Dclose, dataset);
  const Handle space(H5Dget_space(data), H5Sclose, dataset);
  GoldenArray array;
  array.shape = shapeOf(space);
  array.values.resize(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
  if (H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, array.values.data()) < 0)
    throw std::runtime_error("golden file: cannot read " + dataset);
  return array;
}

bool goldenHas(const std::filesystem::path& file, const std::string& object) {
  const Handle h5(opened(file), H5Fclose, file.string());
  std::string prefix;
  std::istringstream parts(object);
  for (std::string part; std::getline(parts, part, '/');) {
    if (part.empty()) continue;
    prefix += '/' + part;
    if (H5Lexists(h5, prefix.c_str(), H5P_DEFAULT) <= 0) return false;
  }
  return true;
}

std::vector<std::string> goldenChildren(const std::filesystem::path& file,
                                        const std::string& group) {
  const Handle h5(opened(file), H5Fclose, file.string());
  const Handle at(H5Gopen2(h5, group.c_str(), H5P_DEFAULT), H5Gclose, group);
  H5G_info_t info;
  H5Gget_info(at, &info);
  std::vector<std::string> names;
  for (hsize_t i = 0; i < info.nlinks; ++i) {
    std::string name(256, '\0');
    const auto size = H5Lget_name_by_idx(at, ".", H5_INDEX_NAME, H5_ITER_INC, i, name.data(),
                                         name.size(), H5P_DEFAULT);
    name.resize(static_cast<std::size_t>(std::max<ssize_t>(0, size)));
    names.push_back(name);
  }
  return names;
}

std::string goldenAttribute(const std::filesystem::path& file, const std::string& object,
                            const std::string& name) {
  const Handle h5(opened(file), H5Fclose, file.string());
  if (H5Aexists_by_name(h5, object.c_str(), name.c_str(), H5P_DEFAULT) <= 0) return {};
  const Handle attribute(
      H5Aopen_by_name(h5, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose, name);
  const Handle type(H5Aget_type(attribute), H5Tclose, name);
  if (H5Tget_class(type) == H5T_STRING)
    return stringsOf(type, 1, [&](hid_t t, void* into) { return H5Aread(attribute, t, into); })
        .front();
  const Handle space(H5Aget_space(attribute), H5Sclose, name);
  std::vector<double> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
  if (!values.empty()) H5Aread(attribute, H5T_NATIVE_DOUBLE, values.data());
  std::ostringstream text;
  text.precision(17);
  for (std::size_t i = 0; i < values.size(); ++i) text << (i ? " " : "") << values[i];
  return text.str();
}

std::vector<std::string> goldenStrings(const std::filesystem::path& file,
                                       const std::string& dataset) {
  const Handle h5(opened(file), H5Fclose, file.string());
  const Handle data(H5Dopen2(h5, dataset.c_str(), H5P_DEFAULT), H5Dclose, dataset);
  const Handle type(H5Dget_type(data), H5Tclose, dataset);
  const Handle space(H5Dget_space(data), H5Sclose, dataset);
  return stringsOf(
      type, static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)),
      [&](hid_t t, void* into) { return H5Dread(data, t, H5S_ALL, H5S_ALL, H5P_DEFAULT, into); });
}

::testing::AssertionResult within(const Matrix& actual, const Matrix& expected, double tolerance) {
  if (actual.rows() != expected.rows() || actual.cols() != expected.cols())
    return ::testing::AssertionFailure()
           << "shape [" << actual.rows() << ", " << actual.cols() << "] but expected ["
           << expected.rows() << ", " << expected.cols() << "]";
  if (actual.size() == 0) return ::testing::AssertionFailure() << "both are empty";
  Eigen::Index row = 0, column = 0;
  const float largest = (actual - expected).cwiseAbs().maxCoeff<Eigen::PropagateNaN>(&row, &column);
  std::ostringstream text;
  text << "largest difference " << largest << " at [" << row << ", " << column
       << "]: " << actual(row, column) << " for " << expected(row, column) << ", tolerance "
       << tolerance;
  if (!(largest <= tolerance)) return ::testing::AssertionFailure() << text.str();
  std::cout << "    " << text.str() << '\n';
  return ::testing::AssertionSuccess() << text.str();
}

}  // namespace cellocus::testing
