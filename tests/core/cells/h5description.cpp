// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cells/h5description.h"

#include <hdf5.h>

#include <algorithm>

#include "base/file.h"

namespace cellocus::testing {

namespace {

std::string typeText(hid_t type) {
  std::string text =
      "class " + std::to_string(H5Tget_class(type)) + " bytes " + std::to_string(H5Tget_size(type));
  if (H5Tget_class(type) == H5T_STRING)
    return text + (H5Tis_variable_str(type) ? " variable" : "") + " letters " +
           std::to_string(H5Tget_cset(type)) + " padding " + std::to_string(H5Tget_strpad(type));
  text += " order " + std::to_string(H5Tget_order(type));
  if (H5Tget_class(type) == H5T_INTEGER) text += " sign " + std::to_string(H5Tget_sign(type));
  return text;
}

std::string spaceText(hid_t space) {
  std::string text = " space " + std::to_string(H5Sget_simple_extent_type(space));
  hsize_t sides[H5S_MAX_RANK], limits[H5S_MAX_RANK];
  const int rank = H5Sget_simple_extent_dims(space, sides, limits);
  for (int i = 0; i < rank; ++i)
    text += ' ' + std::to_string(sides[i]) + '/' + std::to_string(limits[i]);
  return text;
}

std::string bufferFor(hid_t type, hid_t space) {
  const hssize_t count = std::max<hssize_t>(0, H5Sget_simple_extent_npoints(space));
  return std::string(static_cast<std::size_t>(count) * H5Tget_size(type), '\0');
}

std::string attributeText(hid_t object, const std::string& name) {
  const hid_t attribute = H5Aopen(object, name.c_str(), H5P_DEFAULT);
  const hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
  std::string bytes = bufferFor(type, space);
  if (!bytes.empty()) H5Aread(attribute, type, bytes.data());
  const std::string text = "@" + name + ' ' + typeText(type) + spaceText(space) + " = " +
                           (H5Tget_class(type) == H5T_STRING ? bytes : sha256(bytes));
  H5Sclose(space);
  H5Tclose(type);
  H5Aclose(attribute);
  return text;
}

std::string datasetText(hid_t dataset) {
  const hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
  const hid_t properties = H5Dget_create_plist(dataset);
  std::string bytes = bufferFor(type, space);
  H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data());
  const std::string text = typeText(type) + spaceText(space) + " layout " +
                           std::to_string(H5Pget_layout(properties)) + " filters " +
                           std::to_string(H5Pget_nfilters(properties)) + " = " + sha256(bytes);
  H5Pclose(properties);
  H5Sclose(space);
  H5Tclose(type);
  return text;
}

void describe(hid_t file, const std::string& path, std::vector<std::string>& lines) {
  const hid_t object = H5Oopen(file, path.c_str(), H5P_DEFAULT);
  const bool isGroup = H5Iget_type(object) == H5I_GROUP;
  lines.push_back(path + ' ' + (isGroup ? "group" : datasetText(object)));
  std::vector<std::string> names;
  const auto collect = [](hid_t, const char* name, const auto*, void* into) -> herr_t {
    static_cast<std::vector<std::string>*>(into)->emplace_back(name);
    return 0;
  };
  H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, nullptr, collect, &names);
  for (const std::string& name : names) lines.push_back(path + attributeText(object, name));
  names.clear();
  if (isGroup) H5Literate(object, H5_INDEX_NAME, H5_ITER_INC, nullptr, collect, &names);
  H5Oclose(object);
  for (const std::string& name : names)
    describe(file, (path == "/" ? path : path + '/') + name, lines);
}

}  // namespace

std::vector<std::string> h5Description(const std::filesystem::path& path,
                                       const std::string& object) {
  std::vector<std::string> lines;
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  describe(file, object, lines);
  H5Fclose(file);
  return lines;
}

}  // namespace cellocus::testing
