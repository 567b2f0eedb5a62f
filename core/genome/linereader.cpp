// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/linereader.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "genome/bgzf.h"
#include "genome/filesignature.h"

namespace cellocus {

namespace {

constexpr std::size_t pieceBytes = 256u << 10;

}  // namespace

/// Unpacks a file of one or more gzip members; zlib verifies checksum and length of each.
class LineReader::Inflater {
 public:
  explicit Inflater(const InputFile& file) : m_file(file) {
    if (inflateInit2(&m_stream, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&m_stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  enum class Status { More, End, Truncated, Damaged };
  /// Appends some bytes to `text`.
  Status unpack(std::string& text) {
    const std::size_t before = text.size();
    text.resize(before + pieceBytes);
    m_stream.next_out = reinterpret_cast<Bytef*>(text.data() + before);
    m_stream.avail_out = pieceBytes;
    const Status status = fill();
    text.resize(text.size() - m_stream.avail_out);
    return status;
  }
  std::uint64_t offset() const { return m_offset; }

 private:
  Status fill() {
    while (m_stream.avail_out > 0) {
      if (m_stream.avail_in == 0 && !refill())
        return m_betweenMembers ? Status::End : Status::Truncated;
      if (m_betweenMembers) {
        if (inflateReset(&m_stream) != Z_OK) return Status::Damaged;
        m_betweenMembers = false;
      }
      const int result = inflate(&m_stream, Z_NO_FLUSH);
      if (result == Z_STREAM_END)
        m_betweenMembers = true;
      else if (result != Z_OK && result != Z_BUF_ERROR)
        return Status::Damaged;
    }
    return Status::More;
  }

  bool refill() {
    m_input = m_file.readSome(m_offset, pieceBytes);
    m_offset += m_input.size();
    m_stream.next_in = reinterpret_cast<Bytef*>(m_input.data());
    m_stream.avail_in = static_cast<uInt>(m_input.size());
    return !m_input.empty();
  }

  const InputFile& m_file;
  z_stream m_stream{};
  std::string m_input;
  std::uint64_t m_offset = 0;
  bool m_betweenMembers = false;
};

LineReader::LineReader(const std::filesystem::path& path, Format format, const Progress& progress)
    : m_file(InputFile::open(path)), m_format(std::move(format)), m_progress(progress) {
  if (m_file->readSome(0, 2) == "\x1F\x8B") {
    if (isBgzf(*m_file)) requireEndBlock();
    m_inflater = std::make_unique<Inflater>(*m_file);
  }
  while (m_buffer.size() < 4096 && readMore()) {
  }
  if (m_buffer.empty())
    fail("_EMPTY", "the file is empty.", "The copy or download may have failed; get it again.");
  constexpr std::string_view byteOrderMark = "\xEF\xBB\xBF";
  if (m_buffer.starts_with(byteOrderMark)) m_at = byteOrderMark.size();
  const std::string_view head = std::string_view(m_buffer).substr(m_at, 4096);
  const std::string kind = recognisedKind(head);
  const bool own = (m_format.code == "VCF" && head.starts_with("##fileformat=VCF")) ||
                   (m_format.code == "GTF" && head.starts_with("##gff-version"));
  if (!kind.empty() && !own)
    fail("_FORMAT", "this is " + kind + ", not " + m_format.name + '.', "Choose another file.");
}

LineReader::~LineReader() = default;

void LineReader::fail(const std::string& code, const std::string& fact,
                      const std::string& fix) const {
  const std::string line =
      m_number > 0 ? ", line " + withThousands(static_cast<std::int64_t>(m_number)) : "";
  throw Error(m_format.code + code, shownPath(m_file->path()) + line, fact, fix);
}

bool LineReader::next(std::string_view& line) {
  std::size_t searched = m_at;
  std::size_t end;
  for (;;) {
    end = m_buffer.find('\n', searched);
    if (end != std::string::npos) break;
    searched = m_buffer.size() - m_at;
    if (m_buffer.size() - m_at > m_format.longestLine) break;
    m_buffer.erase(0, m_at);
    m_at = 0;
    if (!readMore()) break;
  }
  if (end == std::string::npos) end = m_buffer.size();
  if (m_at >= m_buffer.size()) return false;
  ++m_number;
  if (end - m_at > m_format.longestLine)
    fail(
        "_LINE_TOO_LONG",
        "the line is longer than " + byteText(m_format.longestLine) + ", the most that is allowed.",
        "Check that it is " + m_format.name + '.');
  line = std::string_view(m_buffer).substr(m_at, end - m_at);
  m_at = std::min(end + 1, m_buffer.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (std::memchr(line.data(), '\r', line.size()))
    fail("_LINE_ENDS", "lines end with a carriage return only, as on very old computers.",
         "Convert the file with \"dos2unix -c mac\".");
  return true;
}

bool LineReader::peek(std::string_view& line) {
  const std::size_t number = m_number;
  if (!next(line)) return false;
  m_number = number;
  m_at = static_cast<std::size_t>(line.data() - m_buffer.data());
  return true;
}

bool LineReader::readMore() {
  if (m_ended) return false;
  const std::size_t before = m_buffer.size();
  if (m_inflater) {
    const auto status = m_inflater->unpack(m_buffer);
    if (status == Inflater::Status::Truncated)
      fail("_TRUNCATED", "the file ends early, within its compressed data.",
           "The download may be incomplete; get the file again.");
    if (status == Inflater::Status::Damaged)
      fail("_DAMAGED", "its compressed data are damaged.", "Get the file again from its source.");
    m_ended = status == Inflater::Status::End;
    m_offset = m_inflater->offset();
  } else {
    m_buffer += m_file->readSome(m_offset, pieceBytes);
    m_offset += m_buffer.size() - before;
    m_ended = m_offset >= m_file->size();
  }
  if (std::memchr(m_buffer.data() + before, '\0', m_buffer.size() - before))
    fail("_FORMAT", "it holds zero bytes, so it is not text.", "Choose " + m_format.name + '.');
  m_progress.at(static_cast<double>(m_offset) /
                    static_cast<double>(std::max<std::uint64_t>(1, m_file->size())),
                "reading");
  return m_buffer.size() > before;
}

void LineReader::requireEndBlock() const {
  constexpr std::string_view endBlock(
      "\x1F\x8B\x08\x04\0\0\0\0\0\xFF\x06\0BC\x02\0\x1B\0\x03\0\0\0\0\0\0\0\0\0", 28);
  if (m_file->size() >= endBlock.size() &&
      m_file->readSome(m_file->size() - endBlock.size(), endBlock.size()) == endBlock)
    return;
  fail("_TRUNCATED", "the file ends early: the empty block that ends a bgzipped file is missing.",
       "The download may be incomplete; get the file again.");
}

void SkippedLines::add(std::string_view reason, std::size_t line, std::string_view found) {
  ++m_count;
  auto known = std::find_if(m_reasons.begin(), m_reasons.end(),
                            [&](const Reason& other) { return other.text == reason; });
  if (known == m_reasons.end())
    known = m_reasons.insert(m_reasons.end(), {std::string(reason), std::string(found), 0, {}});
  ++known->count;
  if (known->lines.size() < 5) known->lines.push_back(line);
}

std::vector<std::string> SkippedLines::remarks(std::size_t unitsRead) const {
  if (m_count == 0) return {};
  const auto number = [](std::size_t value) {
    return withThousands(static_cast<std::int64_t>(value));
  };
  std::vector<std::string> result = {number(m_count) + " of " + number(unitsRead) + ' ' + m_unit +
                                     (m_count == 1 ? "s was skipped." : "s were skipped.")};
  for (const Reason& reason : m_reasons) {
    std::string text =
        number(reason.count) + ' ' + m_unit + (reason.count == 1 ? ": " : "s: ") + reason.text;
    if (!reason.found.empty()) text += ", e.g. \"" + printable(reason.found, 30) + '"';
    text += reason.lines.size() == 1 ? " (line " : " (lines ";
    for (std::size_t i = 0; i < reason.lines.size(); ++i)
      text += (i ? ", " : "") + number(reason.lines[i]);
    result.push_back(text + (reason.count > reason.lines.size() ? ", \u2026)." : ")."));
  }
  return result;
}

std::string SkippedLines::first() const {
  if (m_reasons.empty()) return {};
  const auto earliest = std::min_element(
      m_reasons.begin(), m_reasons.end(),
      [](const Reason& a, const Reason& b) { return a.lines.front() < b.lines.front(); });
  return "line " + withThousands(static_cast<std::int64_t>(earliest->lines.front())) + ": " +
         earliest->text;
}

}  // namespace cellocus
