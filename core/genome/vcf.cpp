// SPDX-License-Identifier: GPL-3.0-or-later
// VCF 4.x as text, https://samtools.github.io/hts-specs/VCFv4.3.pdf. Read here and not by htslib,
// which ends the whole program on some lines that spreadsheets write and accepts "5e3" and "-5" as
// positions.
#include "genome/vcf.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "genome/filesignature.h"
#include "genome/linereader.h"

namespace cellocus {

namespace {

constexpr std::size_t columnCount = 8;
constexpr std::array<std::string_view, columnCount> columnNames = {
    "#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"};
constexpr std::size_t requiredColumns = 5;

/// The first eight columns; samples are not looked at.
struct Columns {
  std::array<std::string_view, columnCount> text;
  std::size_t count = 0;
};

Columns splitColumns(std::string_view line) {
  Columns columns;
  while (columns.count < columnCount) {
    const auto tab = line.find('\t');
    columns.text[columns.count++] = line.substr(0, tab);
    if (tab == std::string_view::npos) break;
    line.remove_prefix(tab + 1);
  }
  return columns;
}

bool isBases(std::string_view text) {
  return !text.empty() && text.find_first_not_of("ACGTNacgtn") == std::string_view::npos;
}

/// Why an allele that is no sequence is left out, or nothing.
std::string_view unsupportedKind(std::string_view alt) {
  if (alt == ".") return "there is no alternative (\".\")";
  if (alt == "*") return "\"*\", the base lies in a deletion of another line";
  if (alt.starts_with('<')) return "a symbolic allele, whose sequence is not told";
  if (alt.find_first_of("[]") != std::string_view::npos ||
      (alt.size() > 1 && (alt.front() == '.' || alt.back() == '.')))
    return "a breakend, which joins distant places";
  return {};
}

/// Takes off the padding base before an insertion or deletion, so that what was written is read:
/// trimming the right end first could move the change to the left, where another one may be.
Variant withoutPadding(Variant variant) {
  const bool padded = std::min(variant.ref.size(), variant.alt.size()) == 1 && variant.start > 0 &&
                      variant.ref[0] == variant.alt[0];
  if (!padded) return trimmed(variant);
  variant.ref.erase(0, 1);
  variant.alt.erase(0, 1);
  ++variant.start;
  return variant;
}

class VcfReader {
 public:
  VcfReader(LineReader& reader, VcfFile& file) : m_reader(reader), m_file(file) {}

  void read() {
    std::string_view line;
    while (m_reader.next(line)) {
      if (line.starts_with('#'))
        takeHeader(line);
      else
        takeData(line);
    }
    finish();
  }

 private:
  void takeHeader(std::string_view line) {
    if (m_reader.number() == 1) checkVersion(line);
    if (m_lines > 0) {
      ++m_lines;
      m_skippedLines.add("a header line stands among the data", m_reader.number());
    } else if (line.starts_with("##contig=<")) {
      takeContig(line.substr(9));
    } else if (!line.starts_with("##")) {
      checkColumnNames(line);
    }
  }

  void checkVersion(std::string_view line) const {
    if (line.starts_with("##fileformat=VCFv4")) return;
    if (line.starts_with("##fileformat=VCF"))
      m_reader.fail("_VERSION", "it is " + printable(line.substr(13)) + "; version 4 is needed.",
                    "Convert it, e.g. with \"vcf-convert\".");
    refuseHeader();
  }
  [[noreturn]] void refuseHeader() const {
    m_reader.fail("_NO_HEADER", "the first line is not \"##fileformat=VCFv4.\u2026\".",
                  "A VCF needs its header; export the file again with it.");
  }

  void checkColumnNames(std::string_view line) {
    const Columns columns = splitColumns(line);
    if (columns.count == 1 && line.find(' ') != std::string_view::npos) refuseSpaces();
    for (std::size_t i = 0; i < requiredColumns; ++i)
      if (columns.text[i] != columnNames[i])
        m_reader.fail("_COLUMNS",
                      "column " + std::to_string(i + 1) + " is named \"" +
                          printable(columns.text[i]) + "\" instead of \"" +
                          std::string(columnNames[i]) + "\".",
                      "Check that it is a VCF and that no column was removed.");
    m_haveNames = true;
  }
  [[noreturn]] void refuseSpaces() const {
    m_reader.fail("_SPACES", "columns are separated by spaces; a VCF needs tabs.",
                  "Export the file again with tabs.");
  }

  /// ##contig=<ID=8,length=146364022,...>
  void takeContig(std::string_view text) {
    Contig contig;
    for (const std::string_view piece : split(trimmed(text.substr(1, text.find('>') - 1)), ',')) {
      if (piece.starts_with("ID=")) contig.name = piece.substr(3);
      if (piece.starts_with("length=")) contig.length = parseInteger(piece.substr(7)).value_or(0);
    }
    if (!contig.name.empty() && contig.length > 0) m_file.contigs.push_back(std::move(contig));
  }

  void takeData(std::string_view line) {
    if (m_reader.number() == 1) refuseHeader();
    ++m_lines;
    const Columns columns = splitColumns(line);
    if (m_lines == 1 && columns.count == 1 && line.find(' ') != std::string_view::npos)
      refuseSpaces();
    std::string_view found;
    if (const auto reason = reasonToSkip(line, columns, found); !reason.empty())
      m_skippedLines.add(reason, m_reader.number(), found);
    else
      takeAlleles(columns);
  }

  std::string_view reasonToSkip(std::string_view line, const Columns& columns,
                                std::string_view& found) {
    if (trimmed(line).empty()) return "the line is blank";
    if (columns.count < requiredColumns)
      return columns.count == 1 ? "the line has no tabs" : "the line has fewer than five columns";
    if (columns.count < columnCount) m_shortLines.add("", m_reader.number());
    if (columns.text[0].empty()) return "the contig is empty";
    found = columns.text[1];
    const auto position = parseInteger(found);
    if (!position) return "the position is no whole number";
    if (*position < 1 || *position > 2'147'483'647)
      return "the position is not in 1 to 2,147,483,647";
    found = columns.text[3];
    if (!isBases(found)) return "REF is not made of A, C, G, T and N";
    found = columns.text[4];
    for (const std::string_view alt : split(found, ','))
      if (!isBases(alt) && unsupportedKind(alt).empty())
        return "ALT is not made of A, C, G, T and N";
    found = columns.text[5];
    if (columns.count > 5 && found != "." && !parseNumber(found)) return "QUAL is no number";
    return {};
  }

  void takeAlleles(const Columns& columns) {
    const std::string ref = uppered(columns.text[3]);
    for (const std::string_view alt : split(columns.text[4], ',')) {
      ++m_alleles;
      std::string letters = uppered(alt);
      std::string_view reason = unsupportedKind(alt);
      if (reason.empty() && letters == ref) reason = "REF and ALT are the same";
      if (!reason.empty()) {
        m_skippedAlleles.add(reason, m_reader.number(), alt);
        continue;
      }
      const Variant variant{std::string(columns.text[0]), *parseInteger(columns.text[1]) - 1, ref,
                            std::move(letters)};
      const std::string_view id = columns.text[2] == "." ? std::string_view() : columns.text[2];
      m_file.records.push_back({withoutPadding(variant), std::string(id), m_reader.number()});
    }
  }

  void finish() {
    if (!m_haveNames)
      m_file.remarks.emplace_back(
          "The line with the column names (#CHROM \u2026) is missing; the order of the "
          "standard was taken.");
    if (m_shortLines.count() > 0)
      m_file.remarks.push_back(
          withThousands(static_cast<std::int64_t>(m_shortLines.count())) +
          " lines have not all of the eight columns; the missing ones were taken as empty.");
    for (const auto& remarks :
         {m_skippedLines.remarks(m_lines), m_skippedAlleles.remarks(m_alleles)})
      m_file.remarks.insert(m_file.remarks.end(), remarks.begin(), remarks.end());
    m_file.skipped = m_skippedLines.count() + m_skippedAlleles.count();
    if (m_file.records.empty() && m_skippedLines.count() > 0)
      throw Error("VCF_NO_RECORDS", shownPath(m_file.path),
                  "no line could be used (" + m_skippedLines.first() + ").",
                  "Check that it is a VCF.");
  }

  LineReader& m_reader;
  VcfFile& m_file;
  SkippedLines m_skippedLines, m_skippedAlleles{"allele"}, m_shortLines;
  std::size_t m_lines = 0, m_alleles = 0;
  bool m_haveNames = false;
};

std::string lineOf(const VcfFile& vcf, const VcfRecord& record) {
  return shownPath(vcf.path) + ", line " + withThousands(static_cast<std::int64_t>(record.line));
}

/// What the header says against the genome, for the message of a mismatch.
std::string buildHint(const VcfFile& vcf, const VcfRecord& record, const Genome& genome) {
  const std::string key = contigKey(record.variant.contig);
  for (const Contig& told : vcf.contigs) {
    const Contig* own = genome.find(told.name);
    if (contigKey(told.name) != key || !own || own->length == told.length) continue;
    const std::string build = assemblyName(vcf.contigs);
    return " The file's header says that " + printable(told.name) + " has " +
           withThousands(told.length) + " bases" + (build.empty() ? build : " (" + build + ")") +
           "; in this genome it has " + withThousands(own->length) + '.';
  }
  return {};
}

/// A chromosome carries one allele at a place. `records` are sorted; equal ones are allowed.
void refuseConflicts(const VcfFile& vcf, const std::vector<const VcfRecord*>& records) {
  for (std::size_t i = 1; i < records.size(); ++i) {
    const Variant& a = records[i - 1]->variant;
    const Variant& b = records[i]->variant;
    if (a == b || contigBefore(a.contig, b.contig)) continue;
    const bool samePlace = a.ref.empty() && b.ref.empty() && a.start == b.start;
    if (!samePlace && b.start >= a.end()) continue;
    if (contigKey(a.contig) != contigKey(b.contig)) continue;
    throw Error("VCF_CONFLICT", lineOf(vcf, *records[i]),
                variantText(b) + " changes the same bases as " + variantText(a) + " in line " +
                    withThousands(static_cast<std::int64_t>(records[i - 1]->line)) + '.',
                "A chromosome carries one of them; keep the lines of one haplotype, or add "
                "variants one by one.");
  }
}

bool isPure(const Variant& variant) {
  return variant.ref.empty() || variant.alt.empty();
}

/// At a contig's beginning the padding base follows the change. If it is the padding base before
/// the next change, too, both become one line.
std::vector<Variant> withSharedPaddingMerged(const std::vector<Variant>& variants,
                                             const Genome& genome) {
  std::vector<Variant> result;
  for (const Variant& variant : variants) {
    if (!result.empty() && result.back().contig == variant.contig && result.back().start == 0 &&
        isPure(result.back()) && isPure(variant) && variant.start == result.back().end() + 1) {
      const std::string base =
          uppered(genome.sequence({variant.contig, variant.start - 1, variant.start}));
      result.back().ref += base + variant.ref;
      result.back().alt += base + variant.alt;
    } else {
      result.push_back(variant);
    }
  }
  return result;
}

/// One line of the exported file: pure insertions and deletions get the base before them, at the
/// contig's beginning the base after them.
std::string recordText(const Variant& variant, const Genome& genome) {
  Variant padded = variant;
  if (isPure(variant)) {
    const Contig& contig = requireContig(genome, variant.contig);
    if (variant.start > 0) {
      const std::string base =
          uppered(genome.sequence({variant.contig, variant.start - 1, variant.start}));
      padded = {variant.contig, variant.start - 1, base + variant.ref, base + variant.alt};
    } else if (variant.end() < contig.length) {
      const std::string base =
          uppered(genome.sequence({variant.contig, variant.end(), variant.end() + 1}));
      padded.ref += base;
      padded.alt += base;
    } else {
      throw Error("VCF_WHOLE_CONTIG", variant.contig,
                  "the whole contig is deleted, which a VCF cannot say.",
                  "Keep at least one base.");
    }
  }
  return padded.contig + '\t' + std::to_string(padded.start + 1) + "\t.\t" + padded.ref + '\t' +
         padded.alt + "\t.\t.\t.\n";
}

}  // namespace

std::shared_ptr<const VcfFile> VcfFile::open(const std::filesystem::path& path,
                                             const Progress& progress) {
  auto file = std::make_shared<VcfFile>();
  file->path = path;
  LineReader reader(path, {"VCF", "a VCF of variants", limits::vcfLineBytes}, progress);
  VcfReader(reader, *file).read();
  return file;
}

Haplotype haplotypeFrom(const VcfFile& vcf, const Genome& genome) {
  std::vector<const VcfRecord*> records;
  for (const VcfRecord& record : vcf.records) records.push_back(&record);
  // Insertions before substitutions of the same start: they touch and do not overlap.
  std::stable_sort(records.begin(), records.end(), [](const VcfRecord* a, const VcfRecord* b) {
    const Variant& first = a->variant;
    const Variant& second = b->variant;
    if (first.contig != second.contig && contigKey(first.contig) != contigKey(second.contig))
      return contigBefore(first.contig, second.contig);
    return std::pair(first.start, first.ref.size()) < std::pair(second.start, second.ref.size());
  });
  refuseConflicts(vcf, records);
  Haplotype haplotype;
  for (const VcfRecord* record : records) {
    try {
      haplotype = std::move(haplotype).with(record->variant, genome);
    } catch (const Error& error) {
      throw Error(error.code(), lineOf(vcf, *record) + ", " + error.where(),
                  error.fact() + buildHint(vcf, *record, genome), error.fix());
    }
  }
  return haplotype;
}

std::string vcfText(const Haplotype& haplotype, const Genome& genome,
                    const std::vector<std::string>& provenance) {
  std::string text = "##fileformat=VCFv4.3\n";
  for (const std::string& line : provenance)
    text.append(line.starts_with("##") ? "" : "##").append(line).append("\n");
  text += "##reference=file://" + std::filesystem::absolute(genome.path()).string() + '\n';
  for (const Contig& contig : genome.contigs())
    text += "##contig=<ID=" + contig.name + ",length=" + std::to_string(contig.length) + ">\n";
  for (std::size_t i = 0; i < columnNames.size(); ++i)
    text.append(i ? "\t" : "").append(columnNames[i]);
  text += '\n';
  std::vector<Variant> variants = withSharedPaddingMerged(haplotype.variants(), genome);
  const Contig* contigs = genome.contigs().data();
  std::stable_sort(variants.begin(), variants.end(), [&](const Variant& a, const Variant& b) {
    return a.contig != b.contig &&
           genome.find(a.contig) - contigs < genome.find(b.contig) - contigs;
  });
  for (const Variant& variant : variants) text += recordText(variant, genome);
  return text;
}

}  // namespace cellocus
