// SPDX-License-Identifier: GPL-3.0-or-later
// Where start sites come from: lists and annotations. Declared in querydesign.h.
#include <algorithm>

#include "analysis/querydesign.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "genome/linereader.h"

namespace cellocus {

namespace fs = std::filesystem;

namespace {

/// One line of a list, its cells asked for by column from 1.
class SiteLine {
 public:
  SiteLine(const LineReader& reader, std::string_view line)
      : m_reader(reader), m_cells(split(line, '\t')) {}

  std::string_view cell(int column) const {
    if (column < 1 || static_cast<std::size_t>(column) > m_cells.size())
      m_reader.fail("_LINE",
                    "it has " + std::to_string(m_cells.size()) + " columns, and column " +
                        std::to_string(column) + " is asked for.",
                    "Say which columns the file has; they are separated by tabs.");
    return trimmed(m_cells[static_cast<std::size_t>(column - 1)]);
  }
  std::string text(const std::optional<int>& column) const {
    return column ? std::string(cell(*column)) : std::string();
  }
  std::int64_t position(int column) const {
    const auto position = parseInteger(cell(column));
    if (!position || *position < 0 || *position > limits::genomeBases)
      m_reader.fail("_LINE",
                    "column " + std::to_string(column) + " holds '" + printable(cell(column)) +
                        "', which is no position.",
                    "Say which column holds the position; put # before a line of column names.");
    return *position;
  }
  Strand strand(const std::optional<int>& column) const {
    if (!column) return Strand::Unknown;
    const std::string_view text = cell(*column);
    if (text == "+") return Strand::Plus;
    if (text == "-") return Strand::Minus;
    if (text == ".") return Strand::Unknown;
    m_reader.fail("_LINE",
                  "column " + std::to_string(*column) + " holds '" + printable(text) +
                      "', which is no strand.",
                  "A strand is +, - or . ; say which column holds it, or none.");
  }
  /// Whether columns 2 and 3 are the start and end of a single base.
  bool isOneBaseOfBed() const {
    if (m_cells.size() < 3) return false;
    const auto start = parseInteger(m_cells[1]), end = parseInteger(m_cells[2]);
    return start && end && *start >= 0 && *end == *start + 1;
  }

 private:
  const LineReader& m_reader;
  std::vector<std::string_view> m_cells;
};

StartSite siteOf(const SiteLine& line, const SiteColumns& columns, PositionBase base,
                 const LineReader& reader) {
  StartSite site;
  site.contig = line.cell(columns.contig);
  const std::int64_t position = line.position(columns.position);
  site.position = base == PositionBase::One ? position - 1 : position;
  if (site.contig.empty()) reader.fail("_LINE", "its contig is empty.", "Correct the line.");
  if (site.position < 0)
    reader.fail("_LINE", "its position is 0, and positions are said to count from 1.",
                "Check the column of the position and what it counts from.");
  site.strand = line.strand(columns.strand);
  site.gene = line.text(columns.gene);
  if (!columns.gene) site.gene = site.contig + '_' + std::to_string(site.position + 1);
  if (site.gene.empty()) reader.fail("_LINE", "its gene is empty.", "Correct the line.");
  site.symbol = line.text(columns.symbol);
  if (site.symbol.empty()) site.symbol = site.gene;
  return site;
}

/// What the other base would have meant, where the file is BED and so says itself what it means.
std::string baseRemark(const SiteColumns& columns, std::optional<PositionBase> base) {
  const bool start = columns.position == 2, end = columns.position == 3;
  if (!start && !end) return {};
  const PositionBase meant = end ? PositionBase::One : PositionBase::Zero;
  const std::string file = "The file looks like BED with intervals of one base, and column " +
                           std::to_string(columns.position) + " holds their " +
                           (end ? "ends, which count from 1." : "starts, which count from 0.");
  if (base.value_or(PositionBase::One) != meant)
    return file + " It was read with position base " + (end ? "0" : "1") +
           ": every start site lies one base to the " + (end ? "right" : "left") +
           " of where the BED file has it.";
  if (base) return {};
  return file + " It was read so (position base 1). Some embeddings of seq2cells were made with " +
         "base 0, one base to the right: use the base of the embeddings you compare with.";
}

bool isMarked(const Gene& gene) {
  return std::ranges::any_of(gene.transcripts, [](const Transcript& transcript) {
    return transcript.mane || transcript.canonical;
  });
}

}  // namespace

StartSites readStartSites(const fs::path& path, const SiteColumns& columns,
                          std::optional<PositionBase> base, const Progress& progress) {
  LineReader reader(path, {"TSS", "a list of start sites", limits::gtfLineBytes}, progress);
  StartSites result;
  bool bed = true;
  for (std::string_view text; reader.next(text);) {
    if (trimmed(text).empty() || text.starts_with('#')) continue;
    const SiteLine line(reader, text);
    bed = bed && line.isOneBaseOfBed();
    result.sites.push_back(siteOf(line, columns, base.value_or(PositionBase::One), reader));
  }
  if (result.sites.empty())
    throw Error("TSS_EMPTY", shownPath(path), "it holds no start site.",
                "Give a list with a contig and a position in each line.");
  if (bed)
    if (std::string remark = baseRemark(columns, base); !remark.empty())
      result.remarks.push_back(std::move(remark));
  return result;
}

StartSites startSitesOf(const Annotation& annotation) {
  StartSites result;
  std::int64_t unmarked = 0;
  for (const Gene& gene : annotation.genes()) {
    if (gene.biotype != "protein_coding") continue;
    unmarked += isMarked(gene) ? 0 : 1;
    result.sites.push_back({gene.locus.contig, gene.tss(), gene.strand, gene.id,
                            gene.symbol.empty() ? gene.id : gene.symbol});
  }
  if (result.sites.empty())
    throw Error("TSS_EMPTY", shownPath(annotation.path()),
                "none of its " + withThousands(std::ssize(annotation.genes())) +
                    " genes is marked as protein-coding.",
                "Use an annotation with gene types, such as that of GENCODE or Ensembl, or a list "
                "of start sites.");
  if (unmarked > 0)
    result.remarks.push_back(withThousands(unmarked) + " of " +
                             withThousands(std::ssize(result.sites)) +
                             " genes have no transcript marked MANE or canonical; the start of the "
                             "gene itself was taken.");
  return result;
}

std::vector<Contig> readContigSizes(const fs::path& path) {
  LineReader reader(path, {"SIZES", "a table of contigs and lengths", limits::gtfLineBytes}, {});
  std::vector<Contig> contigs;
  for (std::string_view text; reader.next(text);) {
    if (trimmed(text).empty() || text.starts_with('#')) continue;
    const auto cells = split(text, '\t');
    const auto length = cells.size() < 2 ? std::nullopt : parseInteger(trimmed(cells[1]));
    if (cells[0].empty() || !length || *length < 0 || *length > limits::genomeBases)
      reader.fail("_LINE", "it is no contig with its length, separated by a tab.",
                  "Give a FASTA index (.fai) or a table chrom.sizes.");
    contigs.push_back({std::string(cells[0]), *length});
  }
  if (contigs.empty())
    throw Error("SIZES_EMPTY", shownPath(path), "it names no contig.",
                "Give a FASTA index (.fai) or a table chrom.sizes.");
  return contigs;
}

}  // namespace cellocus
