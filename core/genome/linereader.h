// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/progress.h"

namespace cellocus {

/// Reads a text file, plain or (b)gzipped, line by line, and vouches that all of it was there:
/// checksums of a gzip are verified, a bgzip's end block is demanded.
class LineReader {
 public:
  struct Format {
    std::string code;             ///< beginning of the error codes: "GTF"
    std::string name;             ///< for people: "a gene annotation (GTF, GFF3 or MANE table)"
    std::size_t longestLine = 0;  ///< bytes
  };
  /// @throws Error CODE_EMPTY, CODE_FORMAT (recognised as something else), CODE_TRUNCATED,
  /// CODE_DAMAGED
  LineReader(const std::filesystem::path& path, Format format, const Progress& progress);
  ~LineReader();

  /// The next line without its end, valid until the next call. False at the end of the file.
  /// @throws Error CODE_TRUNCATED, CODE_DAMAGED, CODE_LINE_TOO_LONG, CODE_LINE_ENDS, CODE_FORMAT
  /// (NUL bytes)
  bool next(std::string_view& line);
  /// The line that next() will give.
  bool peek(std::string_view& line);
  /// Number of the line that next() gave last, from 1.
  std::size_t number() const { return m_number; }
  const std::filesystem::path& path() const { return m_file->path(); }

  /// Throws an error of this file: `code` is appended to the format's, the line is named.
  [[noreturn]] void fail(const std::string& code, const std::string& fact,
                         const std::string& fix) const;

 private:
  class Inflater;
  bool readMore();
  void requireEndBlock() const;

  std::shared_ptr<const InputFile> m_file;
  Format m_format;
  Progress m_progress;
  std::unique_ptr<Inflater> m_inflater;
  std::uint64_t m_offset = 0;
  std::string m_buffer;
  std::size_t m_at = 0;
  std::size_t m_number = 0;
  bool m_ended = false;
};

/// Counts lines (or other units) that were skipped by reason, and remembers the first few numbers
/// of each and the first text that was found at fault.
class SkippedLines {
 public:
  explicit SkippedLines(std::string unit = "line") : m_unit(std::move(unit)) {}
  void add(std::string_view reason, std::size_t line, std::string_view found = {});
  std::size_t count() const { return m_count; }
  /// "3 of 10,000 lines were skipped.", then one remark a reason: "2 lines: the position is no
  /// whole number, e.g. "5e3" (lines 4, 9)."; empty if none was skipped.
  std::vector<std::string> remarks(std::size_t unitsRead) const;
  /// The reason of the first line that was skipped, with its number.
  std::string first() const;

 private:
  struct Reason {
    std::string text, found;
    std::size_t count = 0;
    std::vector<std::size_t> lines;
  };
  std::string m_unit;
  std::vector<Reason> m_reasons;
  std::size_t m_count = 0;
};

}  // namespace cellocus
