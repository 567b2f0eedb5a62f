// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace cellocus::hdf5 {

/// HDF5's own handle (hid_t), without its header.
using Id = std::int64_t;

/// Held around every call into HDF5: one mutex of the whole program. The first one switches plugins
/// off and makes the LZF filter of h5py known; each thread's first one silences HDF5's printing.
class Lock {
 public:
  Lock();

 private:
  std::unique_lock<std::mutex> m_lock;
};

/// Closes an HDF5 handle. To be destroyed while a Lock is held.
class Handle {
 public:
  using Closer = int (*)(Id);

  Handle() = default;
  Handle(Id id, Closer closer) : m_id(id), m_closer(closer) {}
  Handle(Handle&& other) noexcept : m_id(std::exchange(other.m_id, -1)), m_closer(other.m_closer) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(m_id, other.m_id);
    std::swap(m_closer, other.m_closer);
    return *this;
  }
  ~Handle() { close(); }

  explicit operator bool() const { return m_id >= 0; }
  Id id() const { return m_id; }
  /// False if HDF5 could not close it, which for a file that is written means that data are
  /// missing.
  bool close() { return m_id < 0 || m_closer(std::exchange(m_id, -1)) >= 0; }

 private:
  Id m_id = -1;
  Closer m_closer = nullptr;
};

/// What HDF5 says about its last failure in this thread, innermost first; "no reason given" if
/// nothing.
std::string lastReason();

/// @throws Error "SAVE_FAILED" with lastReason() unless writing the file of this name went well
void requireWritten(bool fine, const std::string& name);

/// Throws Error "HDF5_DAMAGED" with lastReason().
[[noreturn]] void throwDamaged(const std::string& where, std::string_view action);

/// "32001 (Blosc)" for a filter number that files of biologists use, "307" alone if it is unknown.
std::string filterName(int filter);

/// Filter number that h5py gave to LZF.
inline constexpr int lzfFilter = 32000;

}  // namespace cellocus::hdf5
