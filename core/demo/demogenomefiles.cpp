// SPDX-License-Identifier: GPL-3.0-or-later
// The demo genome as text files.
#include <array>

#include "demo/demogenome.h"

namespace cellocus {

namespace {

constexpr std::int64_t basesPerLine = 60;
constexpr const char* fastaNote = " SYNTHETIC sequence made by Cellocus, of no organism";

char strandSign(Strand strand) {
  return strand == Strand::Minus ? '-' : '+';
}

/// One GTF line; the range is 0-based half-open and written 1-based inclusive.
std::string gtfLine(const Gene& gene, const char* feature, std::int64_t start, std::int64_t end,
                    const std::string& frame, const std::string& attributes) {
  std::string line = gene.locus.contig + "\tcellocus_demo\t" + feature + '\t' +
                     std::to_string(start + 1) + '\t' + std::to_string(end) + "\t.\t" +
                     strandSign(gene.strand) + '\t' + frame + '\t';
  return line + "gene_id \"" + gene.id + "\"; gene_name \"" + gene.symbol + "\"; gene_biotype \"" +
         gene.biotype + "\";" + attributes + '\n';
}

/// The coding parts of the exons in the direction of the gene, without the stop codon, which GTF
/// leaves out.
std::string codingLines(const Gene& gene, const std::string& attributes) {
  const Transcript& transcript = gene.transcripts.front();
  const bool forward = gene.strand == Strand::Plus;
  const std::int64_t codingStart = transcript.codingStart + (forward ? 0 : 3);
  const std::int64_t codingEnd = transcript.codingEnd - (forward ? 3 : 0);
  std::string lines;
  std::int64_t before = 0;
  for (std::size_t i = 0; i < transcript.exons.size(); ++i) {
    const Locus& exon = transcript.exons[forward ? i : transcript.exons.size() - 1 - i];
    const std::int64_t start = std::max(exon.start, codingStart),
                       end = std::min(exon.end, codingEnd);
    if (start >= end) continue;
    lines += gtfLine(gene, "CDS", start, end, std::to_string((3 - before % 3) % 3), attributes);
    before += end - start;
  }
  return lines;
}

}  // namespace

std::string demoFasta(const DemoGenome& genome) {
  std::string text;
  for (const DemoGenome::Sequence& contig : genome.contigs) {
    text += '>' + contig.name + fastaNote + '\n';
    for (std::size_t at = 0; at < contig.bases.size(); at += basesPerLine)
      text += contig.bases.substr(at, basesPerLine) + '\n';
  }
  return text;
}

std::string demoFastaIndex(const DemoGenome& genome) {
  std::string text;
  std::size_t offset = 0;
  for (const DemoGenome::Sequence& contig : genome.contigs) {
    offset += 1 + contig.name.size() + std::string_view(fastaNote).size() + 1;
    text += contig.name + '\t' + std::to_string(contig.bases.size()) + '\t' +
            std::to_string(offset) + '\t' + std::to_string(basesPerLine) + '\t' +
            std::to_string(basesPerLine + 1) + '\n';
    offset += contig.bases.size() + (contig.bases.size() + basesPerLine - 1) / basesPerLine;
  }
  return text;
}

std::string demoGtf(const DemoGenome& genome) {
  std::string text =
      "##description: SYNTHETIC genes made by Cellocus. Regulators carry the symbols of real "
      "factors; their sequences and places are invented.\n##provider: cellocus make-demo\n";
  for (const Gene& gene : genome.genes) {
    const Transcript& transcript = gene.transcripts.front();
    const std::string attributes =
        " transcript_id \"" + transcript.id + "\"; tag \"Ensembl_canonical\";";
    text += gtfLine(gene, "gene", gene.locus.start, gene.locus.end, ".",
                    " description \"" + gene.description + "\";");
    text +=
        gtfLine(gene, "transcript", transcript.locus.start, transcript.locus.end, ".", attributes);
    const std::size_t exons = transcript.exons.size();
    for (std::size_t i = 0; i < exons; ++i) {
      const std::size_t number = gene.strand == Strand::Plus ? i + 1 : exons - i;
      text += gtfLine(gene, "exon", transcript.exons[i].start, transcript.exons[i].end, ".",
                      " exon_number \"" + std::to_string(number) + "\";" + attributes);
    }
    text += codingLines(gene, attributes);
  }
  return text;
}

std::string demoPeaks(const DemoGenome& genome) {
  constexpr std::int64_t reach = 100;
  const std::size_t gata = demoFactorNumber("GATA4");
  std::string text = "# SYNTHETIC peaks around the planted GATA4 sites of the demo genome\n";
  Locus open;
  std::string name;
  const auto close = [&] {
    if (!open.empty())
      text += open.contig + '\t' + std::to_string(open.start) + '\t' + std::to_string(open.end) +
              '\t' + name + "\t1000\t.\n";
  };
  for (const PlantedSite& site : genome.sites) {
    if (site.factor != gata) continue;
    const Locus peak{site.locus.contig, site.locus.start - reach, site.locus.end + reach};
    if (open.overlaps(peak)) {
      open.end = peak.end;
      continue;
    }
    close();
    open = peak;
    name = "GATA4_" + genome.genes[site.gene].symbol;
  }
  close();
  return text;
}

std::string demoBands(const DemoGenome& genome) {
  struct Band {
    const char *name, *stain;
    double end;  ///< as a share of the contig
  };
  static constexpr std::array<Band, 8> bands = {{{"p13", "gneg", .10},
                                                 {"p12", "gpos50", .22},
                                                 {"p11", "gneg", .34},
                                                 {"p10", "acen", .37},
                                                 {"q10", "acen", .40},
                                                 {"q11", "gpos75", .58},
                                                 {"q12", "gneg", .80},
                                                 {"q13", "gpos25", 1}}};
  std::string text;
  for (const DemoGenome::Sequence& contig : genome.contigs) {
    std::int64_t start = 0;
    for (const Band& band : bands) {
      const auto end =
          static_cast<std::int64_t>(band.end * static_cast<double>(contig.bases.size()));
      text += contig.name + '\t' + std::to_string(start) + '\t' + std::to_string(end) + '\t' +
              band.name + '\t' + band.stain + '\n';
      start = end;
    }
  }
  return text;
}

}  // namespace cellocus
