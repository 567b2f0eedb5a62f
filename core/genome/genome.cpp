// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/genome.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "genome/bytesource.h"
#include "genome/fastaindex.h"
#include "genome/filesignature.h"

namespace cellocus {

namespace fs = std::filesystem;

namespace {

/// By what a file that was replaced or written to is noticed.
struct FileStamp {
  std::uintmax_t size = 0;
  fs::file_time_type time;
  bool operator==(const FileStamp&) const = default;

  static FileStamp of(const fs::path& path) {
    std::error_code missing;
    const FileStamp stamp{fs::file_size(path, missing), fs::last_write_time(path, missing)};
    return missing ? FileStamp{} : stamp;
  }
};

class FastaGenome : public Genome {
 public:
  struct Parts {
    fs::path path;
    FileStamp stamp;
    std::unique_ptr<ByteSource> bytes;
    std::vector<FastaRecord> records;
    std::vector<std::string> remarks;
  };
  explicit FastaGenome(Parts parts)
      : Genome(parts.path, contigsOf(parts.records), std::move(parts.remarks)),
        m_stamp(parts.stamp),
        m_bytes(std::move(parts.bytes)),
        m_records(std::move(parts.records)) {}

  std::string sequence(const Locus& locus, char outside) const override {
    const Contig& contig = requireContig(*this, locus.contig);
    requireUnchanged();
    if (locus.empty()) return {};
    const std::int64_t first = std::clamp<std::int64_t>(locus.start, 0, contig.length);
    const std::int64_t last = std::clamp<std::int64_t>(locus.end, first, contig.length);
    std::string bases(static_cast<std::size_t>(locus.length()), outside);
    if (first < last) {
      const auto& record = m_records[static_cast<std::size_t>(&contig - contigs().data())];
      copyBases(record, {contig.name, first, last}, bases.data() + (first - locus.start));
    }
    return bases;
  }

 private:
  static std::vector<Contig> contigsOf(const std::vector<FastaRecord>& records) {
    std::vector<Contig> contigs;
    for (const FastaRecord& record : records) contigs.push_back({record.name, record.length});
    return contigs;
  }

  void requireUnchanged() const {
    if (FileStamp::of(path()) == m_stamp) return;
    throw Error("FASTA_CHANGED", shownPath(path()),
                "the file was changed, moved or deleted while it was open.",
                "Open the genome again.");
  }

  /// Copies the bases of a locus within the contig and checks that they are letters and lines end
  /// as indexed.
  void copyBases(const FastaRecord& record, const Locus& locus, char* into) const {
    const std::uint64_t begin = record.byteOf(locus.start);
    std::string raw(static_cast<std::size_t>(record.byteOf(locus.end - 1) + 1 - begin), '\0');
    m_bytes->read(begin, raw);
    const auto lineBases = static_cast<std::int64_t>(record.lineBases);
    std::int64_t at = locus.start;
    const char* from = raw.data();
    while (at < locus.end) {
      const std::int64_t count = std::min(lineBases - at % lineBases, locus.end - at);
      into = std::copy_n(from, count, into);
      from += count;
      at += count;
      if (at == locus.end) break;
      if (from[record.lineBytes - record.lineBases - 1] != '\n') damaged(locus);
      from += record.lineBytes - record.lineBases;
    }
    if (!std::all_of(into - locus.length(), into, isBase)) damaged(locus);
  }

  static bool isBase(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '*' || c == '-' || c == '.';
  }

  [[noreturn]] void damaged(const Locus& locus) const {
    throw Error(
        "FASTA_DAMAGED", shownPath(path()),
        "something else than bases was found at " + locusText(locus) + '.',
        "The file is damaged or its index (.fai) belongs to another file; delete the index and "
        "open the genome again.");
  }

  FileStamp m_stamp;
  std::unique_ptr<ByteSource> m_bytes;
  std::vector<FastaRecord> m_records;
};

/// Names the usual mistakes before hundreds of megabytes are read.
void requireFasta(const ByteSource& bytes, const fs::path& path) {
  const std::string head = bytes.readSome(0, 64u << 10);
  if (head.empty())
    throw Error("FASTA_EMPTY", shownPath(path), "the file is empty.",
                "The copy or download may have failed; get it again.");
  const auto text = head.find_first_not_of("\r\n");
  if (text == std::string::npos || head[text] != '>') {
    const std::string kind = recognisedKind(head);
    throw Error(
        "FASTA_NOT_FASTA", shownPath(path),
        kind.empty() ? "the first line does not begin with \">\"." : "this is " + kind + '.',
        "A genome in FASTA format is needed (.fa, or .fa.gz made by bgzip).");
  }
  std::size_t letters = 0, protein = 0;
  for (const std::string_view line : split(std::string_view(head).substr(text), '\n')) {
    if (line.starts_with('>')) continue;
    for (const char c : line) {
      letters += std::isalpha(static_cast<unsigned char>(c)) != 0;
      protein += std::string_view("EFILPQZJOefilpqzjo").find(c) != std::string_view::npos;
    }
  }
  if (protein > 0 && protein * 20 > letters)
    throw Error("FASTA_NOT_DNA", shownPath(path), "this is a FASTA of protein sequences.",
                "A genome is needed; its letters are A, C, G, T and N.");
}

std::vector<FastaRecord> loadIndex(const fs::path& path, const ByteSource& bytes,
                                   std::vector<std::string>& remarks, const Progress& progress) {
  constexpr std::size_t indexBytes = std::size_t{1} << 30;
  const fs::path beside = path.string() + ".fai";
  IndexPlace place = IndexPlace::Beside;
  for (const fs::path& candidate : {beside, cachedIndexPath(path, ".fai")}) {
    std::error_code unreadable;
    if (!fs::exists(candidate, unreadable)) continue;
    try {
      return parseFastaIndex(InputFile::open(candidate)->readAll(indexBytes), bytes, progress);
    } catch (const Error& error) {
      if (error.code() == "FASTA_DAMAGED") throw;  // the FASTA itself is at fault
      if (candidate != beside) continue;
      place = IndexPlace::Cache;
      remarks.push_back("The index " + shownPath(beside.filename()) + " was not used (" +
                        error.where() + "): " + error.fact());
    }
  }
  std::vector<FastaRecord> records = buildFastaIndex(bytes, path, remarks, progress);
  saveIndex(path, ".fai", place, fastaIndexText(records), remarks);
  return records;
}

}  // namespace

std::shared_ptr<const Genome> Genome::open(const fs::path& path, const Progress& progress) {
  FastaGenome::Parts parts;
  parts.path = path;
  parts.stamp = FileStamp::of(path);
  parts.bytes = ByteSource::open(path, parts.remarks, progress.part(0, 0.1));
  requireFasta(*parts.bytes, path);
  parts.records = loadIndex(path, *parts.bytes, parts.remarks, progress.part(0.1, 1));
  return std::make_shared<const FastaGenome>(std::move(parts));
}

}  // namespace cellocus
