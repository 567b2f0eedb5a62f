// SPDX-License-Identifier: GPL-3.0-or-later
// The summary table of MANE (doi:10.1038/s41586-022-04558-8): one transcript a gene on which
// Ensembl and RefSeq agree.
#include <unordered_map>

#include "base/error.h"
#include "base/text.h"
#include "genome/annotationbuilder.h"
#include "genome/genome.h"

namespace cellocus {

namespace {

/// Places of the columns, found by their names so that new columns do no harm.
struct ManeColumns {
  std::size_t gene, ensembl, hgnc, symbol, name, refSeq, transcript, status, contig, start, end,
      strand;
};

ManeColumns findColumns(const LineReader& reader, const std::vector<std::string_view>& header) {
  const auto column = [&](std::string_view name) {
    for (std::size_t i = 0; i < header.size(); ++i)
      if (header[i] == name) return i;
    reader.fail("_FORMAT", "the column \"" + std::string(name) + "\" is missing.",
                "Get MANE.GRCh38.*.summary.txt.gz from NCBI.");
  };
  return {column("#NCBI_GeneID"), column("Ensembl_Gene"), column("HGNC_ID"),
          column("symbol"),       column("name"),         column("RefSeq_nuc"),
          column("Ensembl_nuc"),  column("MANE_status"),  column("GRCh38_chr"),
          column("chr_start"),    column("chr_end"),      column("chr_strand")};
}

/// "NC_000008.11" -> "chr8"; other names as they are.
std::string contigName(std::string_view accession) {
  const std::string key = contigKey(accession);
  if (key == accession) return key;
  return key == "MT" ? "chrM" : "chr" + key;
}

std::string_view reasonToSkip(const std::vector<std::string_view>& fields,
                              const ManeColumns& columns, std::size_t expected) {
  if (fields.size() != expected) return "the number of columns differs from the header's";
  const auto start = parseInteger(fields[columns.start]);
  const auto end = parseInteger(fields[columns.end]);
  if (!start || !end || *start < 1) return "a position is no whole number from 1";
  if (*start > *end) return "the start lies after the end";
  if (fields[columns.strand] != "+" && fields[columns.strand] != "-")
    return "the strand is neither + nor -";
  if (fields[columns.ensembl].empty() || fields[columns.symbol].empty())
    return "the gene has no name";
  return {};
}

Transcript parseTranscript(const std::vector<std::string_view>& fields,
                           const ManeColumns& columns) {
  Transcript transcript;
  transcript.id = withoutVersion(fields[columns.transcript]);
  transcript.locus = {contigName(fields[columns.contig]), *parseInteger(fields[columns.start]) - 1,
                      *parseInteger(fields[columns.end])};
  transcript.mane = fields[columns.status] == "MANE Select";
  return transcript;
}

DraftGene parseGene(const std::vector<std::string_view>& fields, const ManeColumns& columns) {
  DraftGene draft;
  draft.gene.id = withoutVersion(fields[columns.ensembl]);
  draft.gene.symbol = fields[columns.symbol];
  draft.gene.biotype = "protein_coding";  // MANE holds no other genes
  draft.gene.description = fields[columns.name];
  draft.gene.strand = fields[columns.strand] == "-" ? Strand::Minus : Strand::Plus;
  for (const std::size_t column : {columns.gene, columns.hgnc})
    if (!fields[column].empty()) draft.aliases.emplace_back(fields[column]);
  return draft;
}

}  // namespace

std::vector<DraftGene> readManeTable(LineReader& reader, std::vector<std::string>& remarks) {
  std::string_view line;
  reader.next(line);
  const std::string header(line);
  const auto names = split(header, '\t');
  const ManeColumns columns = findColumns(reader, names);
  std::vector<DraftGene> genes;
  std::unordered_map<std::string, std::size_t> places;  // by id and contig
  SkippedLines skipped;
  std::size_t read = 0;
  while (reader.next(line)) {
    ++read;
    const auto fields = split(line, '\t');
    if (const auto reason = reasonToSkip(fields, columns, names.size()); !reason.empty()) {
      skipped.add(reason, reader.number());
      continue;
    }
    Transcript transcript = parseTranscript(fields, columns);
    const std::string key = std::string(fields[columns.ensembl]) + '\t' + transcript.locus.contig;
    const auto [place, isNew] = places.try_emplace(key, genes.size());
    if (isNew) {
      genes.push_back(parseGene(fields, columns));
      genes.back().gene.locus = transcript.locus;
    }
    DraftGene& draft = genes[place->second];
    draft.gene.locus.start = std::min(draft.gene.locus.start, transcript.locus.start);
    draft.gene.locus.end = std::max(draft.gene.locus.end, transcript.locus.end);
    draft.aliases.push_back(withoutVersion(fields[columns.refSeq]));
    draft.gene.transcripts.push_back(std::move(transcript));
  }
  if (genes.empty()) throw noGenes(reader, skipped, "Choose a complete MANE summary.");
  for (std::string& remark : skipped.remarks(read)) remarks.push_back(std::move(remark));
  return genes;
}

}  // namespace cellocus
