// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/text.h"

namespace cellocus {

namespace fs = std::filesystem;

namespace {

std::string reason(int number) {
  return std::generic_category().message(number);
}

[[noreturn]] void saveFailed(const fs::path& path, const std::string& why) {
  throw Error(
      "SAVE_FAILED", shownPath(path), "it could not be saved: " + why + ".",
      "A file of that name that was there before is unchanged. Save to another place, or make "
      "room and try again.");
}

/// Flushes a file or folder to the disk.
void flush(const fs::path& what, int flags, const fs::path& target) {
  const int descriptor = ::open(what.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) saveFailed(target, reason(errno));
  const int result = ::fsync(descriptor);
  const int error = errno;
  ::close(descriptor);
  if (result != 0 && error != EINVAL) saveFailed(target, reason(error));
}

void writeAll(const fs::path& temporary, std::string_view content, const fs::path& target) {
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  if (descriptor < 0) saveFailed(target, reason(errno));
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int error = errno;
      ::close(descriptor);
      saveFailed(target, reason(error));
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::close(descriptor) != 0) saveFailed(target, reason(errno));
}

class Digest {
 public:
  Digest() : m_context(EVP_MD_CTX_new()) { EVP_DigestInit_ex(m_context, EVP_sha256(), nullptr); }
  ~Digest() { EVP_MD_CTX_free(m_context); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  void add(const void* data, std::size_t size) { EVP_DigestUpdate(m_context, data, size); }
  std::string hexadecimal() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
    unsigned length = 0;
    EVP_DigestFinal_ex(m_context, bytes.data(), &length);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i < length; ++i) {
      text += digits[bytes[i] >> 4];
      text += digits[bytes[i] & 15];
    }
    return text;
  }

 private:
  EVP_MD_CTX* m_context;
};

}  // namespace

std::string shownPath(const fs::path& path) { return printable(path.string(), 300); }

std::shared_ptr<const InputFile> InputFile::open(const fs::path& path) {
  // O_NONBLOCK: opening a pipe that nobody writes to must not hang.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    const int error = errno;
    if (error == ENOENT)
      throw Error("FILE_MISSING", shownPath(path), "there is no such file.",
                  "Check the name, or whether the file was moved.");
    throw Error("FILE_UNREADABLE", shownPath(path), "it cannot be opened: " + reason(error) + ".",
                "Check its permissions.");
  }
  struct stat status;
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    throw Error("FILE_NOT_REGULAR", shownPath(path), "it is not a regular file.",
                "Choose a file, not a folder, pipe or device.");
  }
  return std::shared_ptr<const InputFile>(
      new InputFile(path, descriptor, static_cast<std::uint64_t>(status.st_size)));
}

InputFile::~InputFile() {
  ::close(m_descriptor);
}

void InputFile::read(std::uint64_t offset, std::span<std::byte> into) const {
  const std::uint64_t wanted = into.size();
  while (!into.empty()) {
    const ssize_t got = ::pread(m_descriptor, into.data(), into.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      throw Error("FILE_UNREADABLE", shownPath(m_path), "reading failed: " + reason(errno) + ".",
                  "Check the disk or the network connection.");
    if (got == 0)
      throw Error("FILE_TRUNCATED", shownPath(m_path),
                  "the file ends early: " + byteText(wanted) + " were expected and only " +
                      byteText(wanted - into.size()) + " are there.",
                  "The copy or download may be incomplete, or the file changed while it was open.");
    into = into.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
}

std::string InputFile::readSome(std::uint64_t offset, std::size_t limit) const {
  if (offset >= m_size) return {};
  std::string text(static_cast<std::size_t>(std::min<std::uint64_t>(limit, m_size - offset)), '\0');
  read(offset, std::as_writable_bytes(std::span(text)));
  return text;
}

std::string InputFile::readAll(std::size_t limit) const {
  if (m_size > limit)
    throw Error(
        "FILE_TOO_LARGE", shownPath(m_path),
        "it has " + byteText(m_size) + "; a file of this kind has at most " + byteText(limit) + ".",
        "Check that it is the right file.");
  return readSome(0, limit);
}

void saveAtomic(const fs::path& path, const std::function<void(const fs::path&)>& write) {
  const fs::path target = fs::is_symlink(path) ? fs::canonical(path) : path;
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  std::string pattern = (folder / (".cellocus-" + std::to_string(::getpid()) + "-XXXXXX")).string();
  const int descriptor = ::mkstemp(pattern.data());
  if (descriptor < 0) saveFailed(path, reason(errno));
  struct stat old;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(descriptor, ::stat(target.c_str(), &old) == 0 ? old.st_mode & 07777 : 0666 & ~mask);
  ::close(descriptor);

  // Keeps the ending, by which some writers choose the format.
  const fs::path temporary = pattern + target.extension().string();
  struct Remover {
    const fs::path& path;
    ~Remover() {
      std::error_code ignored;
      fs::remove(path, ignored);
    }
  } remover{temporary};
  std::error_code error;
  fs::rename(pattern, temporary, error);
  if (error) saveFailed(path, error.message());
  write(temporary);
  flush(temporary, O_RDONLY, path);
  fs::rename(temporary, target, error);
  if (error) saveFailed(path, error.message());
  flush(folder, O_RDONLY | O_DIRECTORY, path);
}

void saveAtomic(const fs::path& path, std::string_view content) {
  saveAtomic(path, [&](const fs::path& temporary) {
    writeAll(temporary, content, path);
    if (fs::file_size(temporary) != content.size()) saveFailed(path, "not all of it was written");
  });
}

std::string sha256OfFile(const fs::path& path, const Progress& progress) {
  const auto file = InputFile::open(path);
  Digest digest;
  std::vector<std::byte> buffer(std::size_t{4} << 20);
  for (std::uint64_t at = 0; at < file->size();) {
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), file->size() - at));
    file->read(at, std::span(buffer).first(count));
    digest.add(buffer.data(), count);
    at += count;
    progress.at(static_cast<double>(at) / static_cast<double>(file->size()), "checksum");
  }
  return digest.hexadecimal();
}

std::string sha256(std::string_view bytes) {
  Digest digest;
  digest.add(bytes.data(), bytes.size());
  return digest.hexadecimal();
}

fs::path cacheFolder() {
  const char* xdg = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  const fs::path root = xdg && *xdg     ? fs::path(xdg)
                        : home && *home ? fs::path(home) / ".cache"
                                        : fs::temp_directory_path();
  fs::create_directories(root / "cellocus");
  return root / "cellocus";
}

}  // namespace cellocus
