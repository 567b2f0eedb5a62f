// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/limits.h"
#include "base/text.h"
#include "weights/formats.h"
#include "weights/pickle.h"
#include "weights/torchfile.h"

// Source of the layout: PyTorch, docs/source/notes/serialization.rst.
namespace cellocus {

namespace {

[[noreturn]] void refuse(const ZipFile& zip, std::string code, std::string fact, std::string fix) {
  throw Error(std::move(code), shownPath(zip.file().path()), std::move(fact), std::move(fix));
}

/// The one folder that holds everything; its name is that of the file when it was saved, or
/// "archive".
std::string topFolder(const ZipFile& zip) {
  const std::string advice =
      "Choose a PyTorch file (.bin, .pt, .pth, .ckpt) or a safetensors file.";
  if (zip.records().empty())
    refuse(zip, "CHECKPOINT_FORMAT", "it is an empty zip archive.", advice);
  const std::string& first = zip.records().front().name;
  const std::string folder = first.substr(0, first.find('/') + 1);
  for (const ZipRecord& record : zip.records())
    if (folder.empty() || !record.name.starts_with(folder))
      refuse(zip, "CHECKPOINT_FORMAT",
             "it is a zip archive, but not one of PyTorch's: " + printable(record.name) +
                 " lies outside of its one folder.",
             advice);
  if (zip.find(folder + "constants.pkl"))
    refuse(zip, "CHECKPOINT_TORCHSCRIPT",
           "it is a TorchScript program, which holds code beside the weights.",
           "Cellocus never runs code out of a file. Load it in Python with torch.jit.load and save "
           "its "
           "state_dict() with torch.save, or as safetensors.");
  if (!zip.find(folder + "data.pkl"))
    refuse(zip, "CHECKPOINT_FORMAT",
           "it is a zip archive without data.pkl, so not one of PyTorch's.", advice);
  return folder;
}

/// A small text such as "3\n", without the end of the line.
std::string shortText(const ZipFile& zip, const std::string& name) {
  constexpr std::uint64_t limit = 64;
  const ZipRecord* record = zip.find(name);
  return record ? std::string(trimmed(zip.read(*record, limit))) : std::string();
}

void checkVersion(const ZipFile& zip, const std::string& folder) {
  std::string text = shortText(zip, folder + "version");
  if (text.empty()) text = shortText(zip, folder + ".data/version");
  const auto version = parseInteger(text);
  if (!version || *version < 1 || *version > 10)
    refuse(zip, "CHECKPOINT_VERSION",
           text.empty() ? "it does not say of which version of PyTorch's format it is."
                        : "it says to be of version " + printable(text) + " of PyTorch's format.",
           "Versions 1 to 10 are known. Save it with a current PyTorch, best as safetensors.");
  const std::string order = shortText(zip, folder + "byteorder");
  if (!order.empty() && order != "little")
    refuse(zip, "CHECKPOINT_BYTE_ORDER",
           "its numbers are stored in " + printable(order) + "-endian order.",
           "Save it on an ordinary PC or Mac, best as safetensors.");
}

class ZipStorages : public StorageTable {
 public:
  ZipStorages(std::unique_ptr<const ZipFile> zip, std::string folder)
      : m_zip(std::move(zip)), m_folder(std::move(folder)) {}

  std::optional<StoragePlace> place(const std::string& key) const override {
    const ZipRecord* record = m_zip->find(m_folder + "data/" + key);
    if (!record) return {};
    return StoragePlace{m_zip->dataOffset(*record), record->bytes, record};
  }

  const ZipFile* archive() const override { return m_zip.get(); }

 private:
  std::unique_ptr<const ZipFile> m_zip;
  std::string m_folder;
};

}  // namespace

std::shared_ptr<const Checkpoint> openTorchZip(const std::shared_ptr<const InputFile>& file,
                                               const Progress& progress) {
  auto zip = std::make_unique<const ZipFile>(file);
  const std::string folder = topFolder(*zip);
  checkVersion(*zip, folder);
  const std::string program =
      zip->read(*zip->find(folder + "data.pkl"), limits::pickleBytes, progress);
  const PickleValue root = readPickle(program, shownPath(file->path()), progress);
  auto storages = std::make_unique<const ZipStorages>(std::move(zip), folder);
  return std::make_shared<TorchFile>("PyTorch zip", file, std::move(storages), root);
}

}  // namespace cellocus
