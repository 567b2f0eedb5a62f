// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/file.h"
#include "weights/checkpoint.h"
#include "weights/statedict.h"
#include "weights/zipfile.h"

namespace cellocus {

/// Where the numbers of a storage lie in the file.
struct StoragePlace {
  std::uint64_t offset = 0, bytes = 0;  ///< of a deflated record the bytes after unpacking
  const ZipRecord* record =
      nullptr;  ///< carries the checksum; null in legacy files, which have none
};

/// What is different between the two kinds of PyTorch files: how a storage is found.
class StorageTable {
 public:
  virtual ~StorageTable() = default;
  /// Nothing if the file holds no such storage.
  virtual std::optional<StoragePlace> place(const std::string& key) const = 0;
  /// The archive, if it is one.
  virtual const ZipFile* archive() const { return nullptr; }
};

/// Tensors of a PyTorch file as views into storages: any offset, any strides, storages shared by
/// tensors.
class TorchFile : public Checkpoint {
 public:
  /// Checks every tensor of the state dict against its storage, so that a file that lies fails on
  /// opening.
  /// @throws Error "TENSOR_BOUNDS", "TENSOR_STORAGE"
  TorchFile(std::string format, std::shared_ptr<const InputFile> file,
            std::unique_ptr<const StorageTable> storages, const PickleValue& root);

 protected:
  std::vector<float> loadRows(std::size_t index, std::int64_t first, std::int64_t last,
                              const Progress& progress) const override;
  bool sameBytes(std::size_t index, std::size_t other) const override;

 private:
  struct View {
    std::size_t storage = 0;
    std::int64_t offset = 0;
    Shape shape, strides;
    std::string refused;  ///< name of the Python object that stands where a tensor should be
  };
  struct Storage {
    StoragePlace place;
    PickleStorage description;
  };

  std::size_t storageIndex(const PickleStorage& description, const std::string& where);
  std::vector<float> gather(const View& view, const Progress& progress) const;
  std::vector<float> readWhole(const Storage& storage, const Progress& progress) const;
  std::vector<float> readRun(const View& view, const Progress& progress) const;
  void readBytes(std::size_t storage, std::uint64_t offset, std::span<std::byte> into,
                 const Progress& progress) const;
  std::shared_ptr<const std::string> unpacked(std::size_t storage, const Progress& progress) const;
  void verify(std::size_t storage, const Progress& progress) const;
  bool verified(std::size_t storage) const;
  void setVerified(std::size_t storage) const;

  std::shared_ptr<const InputFile> m_file;
  std::unique_ptr<const StorageTable> m_table;
  std::vector<Storage> m_storages;
  std::unordered_map<std::string, std::size_t> m_storageOfKey;
  std::vector<View> m_views;

  mutable std::mutex m_mutex;
  mutable std::vector<bool> m_verified;                       // guarded by m_mutex
  mutable std::shared_ptr<const std::string> m_lastUnpacked;  // guarded by m_mutex
  mutable std::size_t m_lastUnpackedStorage = 0;              // guarded by m_mutex
};

}  // namespace cellocus
