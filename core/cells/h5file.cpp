// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/h5file.h"

#include <hdf5.h>

#include <array>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "cells/h5attribute.h"
#include "cells/h5dataset.h"
#include "cells/h5library.h"

namespace cellocus {

namespace {

using hdf5::Handle;
using hdf5::Id;
using hdf5::Lock;

/// No group that anybody has shown us has as many; AnnData's widest tables have a few thousand
/// columns.
constexpr std::size_t groupChildren = 100'000;

/// What a file that is no HDF5 file looks like.
std::string guessOfContent(std::string_view head) {
  if (head.empty()) return "it is empty";
  if (head.starts_with("PK\x03\x04"))
    return "it is a ZIP archive (perhaps a PyTorch model or .npz)";
  if (head.starts_with("\x1f\x8b"))
    return "it is packed with gzip (perhaps an R .rds or a .tar.gz)";
  if (head.starts_with("RDX") || head.starts_with("X\n")) return "it is an R data file";
  if (head.starts_with("%%MatrixMarket")) return "it is a Matrix Market file";
  if (head.starts_with("\x93NUMPY")) return "it is a NumPy array";
  return "it begins with '" + printable(head.substr(0, 16)) + "'";
}

/// The signature lies at byte 0 or, after a user block, at 512, 1024, 2048 ...
void requireSignature(const InputFile& file) {
  constexpr std::string_view signature = "\x89HDF\r\n\x1a\n";
  for (std::uint64_t at = 0; at < file.size(); at = at == 0 ? 512 : at * 2)
    if (file.readSome(at, signature.size()) == signature) return;
  throw Error("HDF5_NOT_HDF5", file.path().filename().string(),
              "this is not an HDF5 file; " + guessOfContent(file.readSome(0, 64)) + ".",
              "Choose a .h5ad file, a 10x .h5 file or an embedding .h5 file.");
}

/// A file, or why there is none.
struct Opening {
  Handle file;
  bool locked = false, truncated = false;
  std::string reason;
};

/// Looks through HDF5's messages. To be called before any other call, which would clear them.
void readMessages(Opening& opening) {
  const auto look = [](unsigned, const H5E_error2_t* error, void* into) -> herr_t {
    auto& result = *static_cast<Opening*>(into);
    if (error->min_num == H5E_TRUNCATED) result.truncated = true;
    const std::string_view text = error->desc ? error->desc : "";
    if (containsIgnoringCase(text, "unable to lock file") ||
        containsIgnoringCase(text, "already open for"))
      result.locked = true;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, look, &opening);
  opening.reason = hdf5::lastReason();
}

enum class Locking { Asked, Ignored };

Opening openReadOnly(const std::filesystem::path& path, Locking locking) {
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_file_locking(access.id(), locking == Locking::Asked, true);
  Opening opening;
  opening.file = Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.id()), H5Fclose);
  if (!opening.file) readMessages(opening);
  return opening;
}

[[noreturn]] void throwUnopened(const Opening& opening, const InputFile& file) {
  const std::string name = printable(file.path().filename().string());
  if (opening.truncated)
    throw Error("HDF5_DAMAGED", name,
                "the file is cut short: it has " + byteText(file.size()) +
                    ", less than it says it should have.",
                "Copy or download it again and compare the sizes.");
  if (opening.locked)
    throw Error("HDF5_LOCKED", name,
                "another program is writing this file, or ended without closing it.",
                "Close the file there (in Python: adata.file.close()), or run h5clear -s on it.");
  throw Error("HDF5_DAMAGED", name, "it could not be opened (HDF5 says: " + opening.reason + ").",
              "The file is probably damaged or only partly copied; get it again from its source.");
}

class OpenH5File final : public H5File {
 public:
  OpenH5File(std::filesystem::path path, Handle file, std::uint64_t bytes)
      : m_path(std::move(path)), m_file(std::move(file)), m_bytes(bytes) {}
  ~OpenH5File() override {
    const Lock lock;
    m_file.close();
  }

  const std::filesystem::path& path() const override { return m_path; }
  Kind kind(std::string_view path) const override;
  std::vector<std::string> children(std::string_view group) const override;
  std::optional<std::string> attribute(std::string_view object,
                                       std::string_view name) const override;
  std::vector<std::string> attributeList(std::string_view object,
                                         std::string_view name) const override;
  std::optional<std::string> attributeTarget(std::string_view object,
                                             std::string_view name) const override;
  Type type(std::string_view dataset, std::string_view field) const override {
    const Lock lock;
    return open(dataset).type(field);
  }
  std::vector<std::int64_t> shape(std::string_view dataset, std::string_view field) const override {
    const Lock lock;
    return open(dataset).shape(field);
  }
  std::vector<std::string> fields(std::string_view dataset) const override {
    const Lock lock;
    return open(dataset).fields();
  }
  std::vector<double> numbers(std::string_view dataset, const Part& part) const override {
    const Lock lock;
    return open(dataset).numbers(part);
  }
  std::vector<float> floats(std::string_view dataset, const Part& part) const override {
    const Lock lock;
    return open(dataset).floats(part);
  }
  std::vector<std::int64_t> integers(std::string_view dataset, const Part& part) const override {
    const Lock lock;
    return open(dataset).integers(part);
  }
  std::vector<std::string> strings(std::string_view dataset, const Part& part) const override {
    const Lock lock;
    return open(dataset).strings(part);
  }

 private:
  Handle find(std::string_view path) const;
  Handle need(std::string_view path) const;
  hdf5::Dataset open(std::string_view path) const;

  std::filesystem::path m_path;
  Handle m_file;
  std::uint64_t m_bytes;
};

/// Follows hard links only, one name at a time: HDF5 itself would follow any link, into other files
/// too.
Handle OpenH5File::find(std::string_view path) const {
  Handle object(H5Oopen(m_file.id(), "/", H5P_DEFAULT), H5Oclose);
  if (!object) hdf5::throwDamaged(where(path), "opened");
  std::size_t depth = 0;
  for (const std::string_view piece : split(path, '/')) {
    if (piece.empty()) continue;
    if (++depth > limits::hdf5Depth || piece.size() > limits::nameBytes) return {};
    if (H5Iget_type(object.id()) != H5I_GROUP) return {};
    const std::string name(piece);
    const htri_t exists = H5Lexists(object.id(), name.c_str(), H5P_DEFAULT);
    if (exists < 0) hdf5::throwDamaged(where(path), "looked up");
    if (exists == 0) return {};
    H5L_info_t link;
    if (H5Lget_info(object.id(), name.c_str(), &link, H5P_DEFAULT) < 0)
      hdf5::throwDamaged(where(path), "looked up");
    if (link.type != H5L_TYPE_HARD)
      throw Error("HDF5_LINK", where(path),
                  "this is a link to somewhere else, which Cellocus does not follow.",
                  "Save the file again with all its data inside.");
    object = Handle(H5Oopen(object.id(), name.c_str(), H5P_DEFAULT), H5Oclose);
    if (!object) hdf5::throwDamaged(where(path), "opened");
  }
  return object;
}

Handle OpenH5File::need(std::string_view path) const {
  Handle object = find(path);
  if (!object)
    throw Error("HDF5_MISSING", where(path), "there is no such part in the file.",
                "The file may be of another kind, or not all of it was written.");
  return object;
}

hdf5::Dataset OpenH5File::open(std::string_view path) const {
  Handle object = need(path);
  if (H5Iget_type(object.id()) != H5I_DATASET)
    throw Error("HDF5_TYPE", where(path), "this is a group where a dataset was expected.",
                "The file may be of another kind.");
  return hdf5::Dataset(std::move(object), where(path), m_bytes);
}

H5File::Kind OpenH5File::kind(std::string_view path) const {
  const Lock lock;
  const Handle object = find(path);
  if (!object) return Kind::Missing;
  switch (H5Iget_type(object.id())) {
    case H5I_GROUP:
      return Kind::Group;
    case H5I_DATASET:
      return Kind::Dataset;
    default:
      return Kind::Missing;
  }
}

std::vector<std::string> OpenH5File::children(std::string_view group) const {
  const Lock lock;
  const Handle object = need(group);
  std::vector<std::string> names;
  const auto take = [](hid_t, const char* name, const H5L_info_t*, void* into) -> herr_t {
    auto& list = *static_cast<std::vector<std::string>*>(into);
    if (list.size() >= groupChildren) return -1;
    list.emplace_back(name);
    return 0;
  };
  hsize_t index = 0;
  if (H5Literate(object.id(), H5_INDEX_NAME, H5_ITER_INC, &index, take, &names) < 0)
    hdf5::throwDamaged(where(group), "listed");
  return names;
}

std::vector<std::string> OpenH5File::attributeList(std::string_view object,
                                                   std::string_view name) const {
  const Lock lock;
  const Handle handle = need(object);
  return hdf5::attributeTexts(handle.id(), std::string(name), where(object))
      .value_or(std::vector<std::string>());
}

std::optional<std::string> OpenH5File::attribute(std::string_view object,
                                                 std::string_view name) const {
  const std::vector<std::string> texts = attributeList(object, name);
  if (texts.empty()) return std::nullopt;
  std::string joined = texts.front();
  for (std::size_t i = 1; i < texts.size(); ++i) joined += ", " + texts[i];
  return joined;
}

std::optional<std::string> OpenH5File::attributeTarget(std::string_view object,
                                                       std::string_view name) const {
  const Lock lock;
  const Handle handle = need(object);
  return hdf5::attributeReference(handle.id(), std::string(name));
}

}  // namespace

std::string H5File::where(std::string_view object) const {
  return printable(path().filename().string()) + ": " + (object.empty() ? "/" : printable(object));
}

std::shared_ptr<const H5File> H5File::open(const std::filesystem::path& path) {
  const auto input = InputFile::open(path);
  requireSignature(*input);
  const Lock lock;
  Opening opening = openReadOnly(path, Locking::Asked);
  // A reader elsewhere, or a network drive without locks, is no reason not to read.
  if (opening.locked) opening = openReadOnly(path, Locking::Ignored);
  if (!opening.file) throwUnopened(opening, *input);
  return std::make_shared<OpenH5File>(path, std::move(opening.file), input->size());
}

}  // namespace cellocus
