// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/fastaindex.h"

#include <array>
#include <cstring>
#include <unordered_map>
#include <unordered_set>

#include "base/checked.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "genome/filesignature.h"

namespace cellocus {

namespace {

constexpr std::string_view nucleotides = "ACGTUNRYSWKMBDHVX-*.acgtunryswkmbdhvx";

constexpr std::array<bool, 256> strangerTable() {
  std::array<bool, 256> table{};
  for (bool& stranger : table) stranger = true;
  for (const char base : nucleotides) table[static_cast<unsigned char>(base)] = false;
  return table;
}
constexpr std::array<bool, 256> isStranger = strangerTable();

/// Takes a FASTA in pieces of any size; lines are never held, so a whole chromosome may stand on
/// one line.
class Indexer {
 public:
  Indexer(const std::filesystem::path& path, std::vector<std::string>& remarks)
      : m_path(path), m_remarks(remarks) {}

  void feed(std::string_view piece);
  std::vector<FastaRecord> finish();

 private:
  [[noreturn]] void fail(const char* code, const std::string& fact, const std::string& fix) const {
    throw Error(code, shownPath(m_path) + ", line " + withThousands(m_line), fact, fix);
  }
  void take(std::string_view part);
  void takeHeader(std::string_view part);
  void takeBases(std::string_view part);
  [[noreturn]] void refuseLetter(char letter) const;
  void endLine(bool withNewline);
  void endHeader();
  void endSequenceLine(std::uint64_t ending);
  void endRecord();

  const std::filesystem::path& m_path;
  std::vector<std::string>& m_remarks;
  std::vector<FastaRecord> m_records;
  std::unordered_map<std::string, std::int64_t> m_lineOfName;
  std::uint64_t m_offset = 0;
  std::int64_t m_line = 1, m_bases = 0;

  enum class Line { Unknown, Header, Bases } m_kind = Line::Unknown;
  std::string m_header;
  bool m_carriageReturn = false;  ///< the last byte was one
  std::uint64_t m_lineBases = 0;  ///< of the current line
  FastaRecord m_record;
  bool m_inRecord = false, m_shortLineSeen = false;
};

void Indexer::feed(std::string_view piece) {
  while (!piece.empty()) {
    const void* newline = std::memchr(piece.data(), '\n', piece.size());
    const std::size_t length =
        newline ? static_cast<std::size_t>(static_cast<const char*>(newline) - piece.data())
                : piece.size();
    take(piece.substr(0, length));
    m_offset += length;
    piece.remove_prefix(length);
    if (newline) {
      ++m_offset;
      piece.remove_prefix(1);
      endLine(true);
    }
  }
}

void Indexer::take(std::string_view part) {
  if (part.empty()) return;
  if (m_carriageReturn) refuseLetter('\r');
  if (part.back() == '\r') {
    m_carriageReturn = true;
    part.remove_suffix(1);
    if (part.empty()) return;
  }
  if (m_kind == Line::Unknown) m_kind = part[0] == '>' ? Line::Header : Line::Bases;
  if (m_kind == Line::Header)
    takeHeader(part);
  else
    takeBases(part);
}

void Indexer::takeHeader(std::string_view part) {
  if (m_header.size() + part.size() > limits::fastaLineBytes)
    fail("FASTA_TOO_LARGE", "the header line is longer than 64 MiB.", "Check that it is a FASTA.");
  if (part.find('\r') != std::string_view::npos) refuseLetter('\r');
  m_header += part;
}

void Indexer::takeBases(std::string_view part) {
  if (!m_inRecord)
    fail("FASTA_NOT_FASTA", "the first line does not begin with \">\".",
         "A FASTA begins with a line such as \">chr1\".");
  bool stranger = false;
  for (const char base : part) stranger |= isStranger[static_cast<unsigned char>(base)];
  if (stranger)
    for (const char base : part)
      if (isStranger[static_cast<unsigned char>(base)]) refuseLetter(base);
  m_lineBases += part.size();
}

void Indexer::refuseLetter(char letter) const {
  if (letter == ' ' || letter == '\t')
    fail("FASTA_WHITESPACE",
         "a space or tab stands among the bases of " + printable(m_record.name) + '.',
         "Remove white space from the sequence lines.");
  if (letter == '\r')
    fail("FASTA_RAGGED", "a carriage return stands within the line.",
         "Lines must end with LF or CR LF; convert the file with \"dos2unix -c mac\".");
  fail("FASTA_NOT_DNA",
       "\"" + printable(std::string_view(&letter, 1)) + "\" was found in " +
           printable(m_record.name) +
           ", where a base (A, C, G, T, N or an IUPAC code) was expected.",
       "A genome is needed; protein sequences and other text cannot be used.");
}

void Indexer::endLine(bool withNewline) {
  const std::uint64_t ending = (withNewline ? 1 : 0) + (m_carriageReturn ? 1 : 0);
  if (m_kind == Line::Header)
    endHeader();
  else if (m_inRecord)
    endSequenceLine(ending);
  m_kind = Line::Unknown;
  m_carriageReturn = false;
  m_lineBases = 0;
  ++m_line;
}

void Indexer::endHeader() {
  endRecord();
  const std::string_view text = std::string_view(m_header).substr(1);
  const std::string_view name = text.substr(0, text.find_first_of(" \t"));
  if (name.empty() || name.size() > limits::nameBytes)
    fail("FASTA_NAME", "the sequence has no name or one of more than 1,024 bytes.",
         "The name stands directly after \">\", without a space.");
  const auto [known, isNew] = m_lineOfName.try_emplace(std::string(name), m_line);
  if (!isNew)
    fail("FASTA_DUPLICATE",
         "the sequence \"" + printable(name) + "\" was there before, in line " +
             withThousands(known->second) + '.',
         "Names must be unique; remove or rename one of the two.");
  if (m_lineOfName.size() > limits::fastaSequences)
    fail("FASTA_TOO_LARGE", "the file has more than 10,000,000 sequences.",
         "Use an assembly, not a collection of reads.");
  m_record = FastaRecord{std::string(name), 0, m_offset, 0, 0};
  m_inRecord = true;
  m_shortLineSeen = false;
  m_header.clear();
}

void Indexer::endSequenceLine(std::uint64_t ending) {
  if (m_lineBases == 0) {
    m_shortLineSeen = true;
    return;
  }
  if (m_record.lineBases == 0 && !m_shortLineSeen) {
    m_record.lineBases = m_lineBases;
    m_record.lineBytes = m_lineBases + ending;
  } else if (m_shortLineSeen || m_lineBases > m_record.lineBases) {
    fail("FASTA_RAGGED",
         "the lines of " + printable(m_record.name) + " differ in length: this one has " +
             withThousands(static_cast<std::int64_t>(m_lineBases)) +
             " bases and an earlier one was shorter, empty or not as long.",
         "Only the last line of a sequence may be shorter; wrap the file anew, e.g. with \"seqtk "
         "seq -l 60\".");
  } else if (m_lineBases < m_record.lineBases) {
    m_shortLineSeen = true;
  } else if (m_lineBases + ending != m_record.lineBytes && ending != 0) {
    fail("FASTA_RAGGED", "the line ends differ: some are LF and some CR LF.",
         "Convert the file with \"dos2unix\".");
  }
  m_record.length += static_cast<std::int64_t>(m_lineBases);
  m_bases = checkedAdd(m_bases, static_cast<std::int64_t>(m_lineBases), shownPath(m_path));
  if (m_bases > limits::genomeBases)
    fail("FASTA_TOO_LARGE", "the file has more than 2^40 bases.", "Use a smaller assembly.");
}

void Indexer::endRecord() {
  if (!m_inRecord) return;
  if (m_record.length > 0)
    m_records.push_back(std::move(m_record));
  else
    m_remarks.push_back("The sequence " + printable(m_record.name) +
                        " has no bases and was left out (before line " + withThousands(m_line) +
                        ").");
}

std::vector<FastaRecord> Indexer::finish() {
  if (m_kind != Line::Unknown || m_carriageReturn) endLine(false);
  endRecord();
  if (m_records.empty())
    throw Error("FASTA_EMPTY", shownPath(m_path), "it holds no sequence.",
                "Check whether the file was written or downloaded completely.");
  return std::move(m_records);
}

[[noreturn]] void badIndex(std::size_t line, const std::string& fact) {
  throw Error("FAI_DAMAGED", "line " + std::to_string(line), fact, "The index can be made again.");
}

FastaRecord parseRecord(std::string_view line, std::size_t number, std::uint64_t fastaSize) {
  const auto fields = split(line, '\t');
  if (fields.size() != 5)
    badIndex(number, "line " + std::to_string(number) + " has not five fields.");
  std::array<std::int64_t, 4> values;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = parseInteger(fields[i + 1]);
    if (!value || *value < 0) badIndex(number, "field " + std::to_string(i + 2) + " is no number.");
    values[i] = *value;
  }
  const auto [length, offset, bases, bytes] = values;
  const std::int64_t size = static_cast<std::int64_t>(fastaSize);
  if (fields[0].empty() || fields[0].size() > limits::nameBytes)
    badIndex(number, "a name is empty or too long.");
  if (length < 1 || length > size || offset < 1 || offset > size || bases > size)
    badIndex(number, "a length or place lies outside the FASTA.");
  if (bases < 1 || bytes < bases || bytes > bases + 2)
    badIndex(number, "the length of a line makes no sense.");
  if (bytes == bases && length > bases) badIndex(number, "lines have no ends.");
  // No overflow in byteOf: all numbers are at most the file's size and line ends at most two bytes
  // a base.
  const FastaRecord record{std::string(fields[0]), length, static_cast<std::uint64_t>(offset),
                           static_cast<std::uint64_t>(bases), static_cast<std::uint64_t>(bytes)};
  if (record.byteOf(length - 1) >= fastaSize)
    badIndex(number, "a sequence ends outside the FASTA.");
  return record;
}

/// Checks the text between the bases of two sequences: line ends, the header with the name, line
/// end.
void checkHeader(std::string_view gap, const FastaRecord& record, std::size_t number, bool first) {
  const auto begin = gap.find_first_not_of("\r\n");
  const bool separated = first || gap.starts_with('\n') || gap.starts_with("\r\n");
  if (!separated || begin == std::string_view::npos || gap[begin] != '>' || gap.back() != '\n')
    badIndex(number,
             "the bases of " + printable(record.name) + " do not begin after a header line.");
  const std::string_view header = gap.substr(begin + 1, gap.size() - begin - 2);
  if (header.find('\n') != std::string_view::npos ||
      header.substr(0, header.find_first_of(" \t\r")) != record.name)
    badIndex(number, "the FASTA has another name than " + printable(record.name) + " there.");
}

/// The first and the last full line must end where the index says, and the sequence must end with a
/// line.
void checkLineEnds(const FastaRecord& record, const ByteSource& fasta, std::size_t number) {
  const std::int64_t full = record.length / static_cast<std::int64_t>(record.lineBases);
  for (const std::int64_t line : {std::int64_t{1}, full}) {
    if (full < 1 || record.lineBytes == record.lineBases) continue;
    const std::uint64_t end =
        record.offset + static_cast<std::uint64_t>(line - 1) * record.lineBytes + record.lineBases;
    const std::string ending = fasta.readSome(end, record.lineBytes - record.lineBases);
    if (!ending.empty() && ending != "\n" && ending != "\r\n")
      badIndex(number, "the lines of " + printable(record.name) + " have another length.");
  }
}

}  // namespace

std::vector<FastaRecord> buildFastaIndex(const ByteSource& fasta, const std::filesystem::path& path,
                                         std::vector<std::string>& remarks,
                                         const Progress& progress) {
  Indexer indexer(path, remarks);
  std::string piece;
  for (std::uint64_t at = 0; at < fasta.size(); at += piece.size()) {
    piece = fasta.readSome(at, std::size_t{4} << 20);
    indexer.feed(piece);
    progress.at(static_cast<double>(at) / static_cast<double>(fasta.size()), "indexing the genome");
  }
  return indexer.finish();
}

std::vector<FastaRecord> parseFastaIndex(std::string_view text, const ByteSource& fasta,
                                         const Progress& progress) {
  constexpr std::uint64_t longestGap = std::uint64_t{1} << 20;
  std::vector<FastaRecord> records;
  std::unordered_set<std::string> names;
  std::uint64_t end = 0;  // of the bases so far
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (line.empty() && number > 1 && line.data() == text.data() + text.size()) break;
    FastaRecord record = parseRecord(line, number, fasta.size());
    if (!names.insert(record.name).second) badIndex(number, "a name occurs twice.");
    if (record.offset <= end || record.offset - end > longestGap)
      badIndex(number, "the sequences are not in order or do not follow each other.");
    const std::string gap = fasta.readSome(end, static_cast<std::size_t>(record.offset - end));
    checkHeader(gap, record, number, records.empty());
    checkLineEnds(record, fasta, number);
    end = record.byteOf(record.length - 1) + 1;
    records.push_back(std::move(record));
    if (number % 256 == 0) progress.check();
  }
  const std::string rest = fasta.readSome(end, 64);
  if (records.empty() || rest.find_first_not_of("\r\n") != std::string::npos)
    badIndex(number, "the FASTA goes on where the index ends.");
  return records;
}

std::string fastaIndexText(const std::vector<FastaRecord>& records) {
  std::string text;
  for (const FastaRecord& record : records)
    text += record.name + '\t' + std::to_string(record.length) + '\t' +
            std::to_string(record.offset) + '\t' + std::to_string(record.lineBases) + '\t' +
            std::to_string(record.lineBytes) + '\n';
  return text;
}

}  // namespace cellocus
