// SPDX-License-Identifier: GPL-3.0-or-later
#include "files.h"

#include <zlib.h>

#include <fstream>
#include <iterator>

#include "base/error.h"
#include "support/shared.h"

namespace cellocus::testing {

namespace {

std::string deflated(std::string_view content, int windowBits) {
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY);
  std::string result(deflateBound(&stream, static_cast<uLong>(content.size())) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  deflate(&stream, Z_FINISH);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

void appendLittle(std::string& bytes, std::uint64_t value, int count) {
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
}

std::string block(std::string_view content) {
  const std::string payload = deflated(content, -MAX_WBITS);
  std::string bytes("\x1F\x8B\x08\x04\0\0\0\0\0\xFF\x06\0BC\x02\0", 16);
  appendLittle(bytes, payload.size() + 18 + 8 - 1, 2);
  bytes += payload;
  appendLittle(
      bytes,
      crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())),
      4);
  appendLittle(bytes, content.size(), 4);
  return bytes;
}

}  // namespace

std::filesystem::path writeFile(const std::filesystem::path& path, std::string_view content) {
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

std::string readFile(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string gzipped(std::string_view content) {
  return deflated(content, 16 + MAX_WBITS);
}

std::string bgzipped(std::string_view content, std::size_t blockBytes) {
  std::string result;
  for (std::size_t at = 0; at < content.size(); at += blockBytes)
    result += block(content.substr(at, blockBytes));
  return result + block({});
}

std::string errorCode(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_TRUE(error.fact().empty() || error.fact().ends_with('.')) << error.what();
    EXPECT_TRUE(error.fix().empty() || error.fix().ends_with('.') || error.fix().ends_with('?'))
        << error.what();
    return error.code();
  }
  return "no error";
}

std::string errorText(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string fastaText(const std::vector<std::pair<std::string, std::string>>& sequences,
                      std::size_t width) {
  std::string text;
  for (const auto& [name, bases] : sequences) {
    text += '>' + name + '\n';
    for (std::size_t at = 0; at < bases.size(); at += width) text += bases.substr(at, width) + '\n';
  }
  return text;
}

std::shared_ptr<const Genome> genomeOf(
    const std::string& folder, const std::vector<std::pair<std::string, std::string>>& sequences) {
  return Genome::open(writeFile(scratchFolder(folder) / "genome.fa", fastaText(sequences)));
}

std::int64_t Random::below(std::int64_t limit) {
  m_state = m_state * 6364136223846793005u + 1442695040888963407u;
  return static_cast<std::int64_t>((m_state >> 33) % static_cast<std::uint64_t>(limit));
}

std::string Random::bases(std::int64_t count, std::string_view letters) {
  std::string result;
  for (std::int64_t i = 0; i < count; ++i)
    result += letters[static_cast<std::size_t>(below(static_cast<std::int64_t>(letters.size())))];
  return result;
}

}  // namespace cellocus::testing
