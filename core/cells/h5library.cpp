// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/h5library.h"

#include <hdf5.h>

#include <span>
#include <type_traits>

#include "base/error.h"
#include "base/text.h"
#include "cells/lzf.h"

namespace cellocus::hdf5 {

namespace {

static_assert(std::is_same_v<hid_t, Id>, "HDF5 1.10 or newer");

/// What one byte of LZF can become at most: 3 bytes stand for up to 264.
constexpr std::size_t lzfRatio = 88;

/// HDF5 calls this for every chunk of a dataset packed by h5py's LZF. Returns 0 for failure.
std::size_t lzfCallback(unsigned flags, std::size_t valueCount, const unsigned values[],
                        std::size_t bytes, std::size_t* bufferBytes, void** buffer) {
  if (!(flags & H5Z_FLAG_REVERSE) || valueCount < 3) return 0;
  const std::size_t unpackedBytes = values[2];
  if (unpackedBytes == 0 || unpackedBytes / lzfRatio > bytes + lzfRatio) return 0;
  void* unpacked = H5allocate_memory(unpackedBytes, false);
  if (!unpacked) return 0;
  const auto filled = unpackLzf(std::span(static_cast<const unsigned char*>(*buffer), bytes),
                                std::span(static_cast<unsigned char*>(unpacked), unpackedBytes));
  if (!filled) {
    H5free_memory(unpacked);
    return 0;
  }
  H5free_memory(*buffer);
  *buffer = unpacked;
  *bufferBytes = unpackedBytes;
  return *filled;
}

void prepareLibrary() {
  H5PLset_loading_state(0);
  static const H5Z_class2_t lzf{H5Z_CLASS_T_VERS, lzfFilter, 0,          1, "lzf",
                                nullptr,          nullptr,   lzfCallback};
  H5Zregister(&lzf);
}

std::mutex& globalMutex() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

Lock::Lock() : m_lock(globalMutex()) {
  static const bool prepared = (prepareLibrary(), true);
  static thread_local const bool quiet = (H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr), true);
  static_cast<void>(prepared);
  static_cast<void>(quiet);
}

std::string lastReason() {
  std::string reason;
  const auto take = [](unsigned depth, const H5E_error2_t* error, void* into) -> herr_t {
    if (depth < 1 && error->desc) *static_cast<std::string*>(into) = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take, &reason);
  return reason.empty() ? "no reason given" : printable(reason, 200);
}

void requireWritten(bool fine, const std::string& name) {
  if (!fine)
    throw Error("SAVE_FAILED", name, "it could not be written (HDF5 says: " + lastReason() + ").",
                "See whether the disk is full and whether you may write there.");
}

void throwDamaged(const std::string& where, std::string_view action) {
  throw Error("HDF5_DAMAGED", where,
              "it could not be " + std::string(action) + " (HDF5 says: " + lastReason() + ").",
              "The file is probably damaged or only partly copied; get it again from its source.");
}

std::string filterName(int filter) {
  static constexpr std::pair<int, std::string_view> names[] = {
      {H5Z_FILTER_SZIP, "szip"},
      {H5Z_FILTER_NBIT, "n-bit"},
      {H5Z_FILTER_SCALEOFFSET, "scale-offset"},
      {307, "bzip2"},
      {32001, "Blosc"},
      {32004, "LZ4"},
      {32008, "bitshuffle"},
      {32013, "ZFP"},
      {32015, "Zstandard"},
      {32026, "Blosc2"}};
  for (const auto& [number, name] : names)
    if (number == filter) return std::to_string(filter) + " (" + std::string(name) + ")";
  return std::to_string(filter);
}

}  // namespace cellocus::hdf5
