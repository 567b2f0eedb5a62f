// SPDX-License-Identifier: GPL-3.0-or-later
#include "syntheticscene.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include "support/shared.h"

namespace cellocus::testing {

namespace {

struct MadeUpGene {
  const char* symbol;
  std::int64_t start, end;  // 1-based, inclusive, as in GTF
  char strand;
};

constexpr MadeUpGene madeUpGenes[] = {
    {"FDFT1", 11'795'573, 11'839'304, '+'},   {"GATA4", 11'676'935, 11'760'002, '+'},
    {"C8orf49", 11'761'256, 11'763'223, '-'}, {"NEIL2", 11'769'639, 11'787'345, '+'},
    {"CTSB", 11'842'524, 11'868'087, '-'},    {"LINC-AS", 11'700'033, 11'733'050, '-'}};

void writeGene(std::ofstream& file, const MadeUpGene& gene) {
  const auto line = [&](const char* type, std::int64_t start, std::int64_t end) {
    file << "chr8\ttest\t" << type << '\t' << start << '\t' << end << "\t.\t" << gene.strand
         << "\t.\tgene_id \"ENSG_" << gene.symbol << "\"; gene_name \"" << gene.symbol
         << "\"; gene_type \"protein_coding\";";
    if (std::string(type) != "gene")
      file << " transcript_id \"ENST_" << gene.symbol << "\"; tag \"MANE_Select\";";
    file << '\n';
  };
  line("gene", gene.start, gene.end);
  line("transcript", gene.start, gene.end);
  const std::int64_t length = gene.end - gene.start;
  for (int i = 0; i < 7; ++i) {
    const std::int64_t start = i == 0 ? gene.start : gene.start + length * i * (13 + i) / 140;
    const std::int64_t end = i == 6 ? gene.end : start + length / 60 + 40 * i;
    line("exon", start, end);
    if (i > 0) line("CDS", start, std::min(end, gene.end - length / 50));
  }
}

}  // namespace

MadeUpGenome::MadeUpGenome()
    : Genome("made-up.fa", {{"chr8", contigLength}, {"tiny", 7}, {"huge", 3'000'000'000}}, {}) {}

char MadeUpGenome::baseAt(std::int64_t position) {
  auto mixed = static_cast<std::uint64_t>(position) * 0x9E3779B97F4A7C15u;
  return "ACGT"[(mixed ^ (mixed >> 29)) >> 40 & 3];
}

std::string MadeUpGenome::sequence(const Locus& locus, char outside) const {
  std::string bases;
  const Contig& contig = requireContig(*this, locus.contig);
  for (std::int64_t at = locus.start; at < locus.end; ++at)
    bases += at < 0 || at >= contig.length ? outside : baseAt(at);
  return bases;
}

std::shared_ptr<const Annotation> madeUpAnnotation() {
  const auto path = scratchFolder("genomeview") / "genes.gtf";
  {
    std::ofstream file(path);
    for (const MadeUpGene& gene : madeUpGenes) writeGene(file, gene);
    for (int i = 0; i < 400; ++i) {
      const std::int64_t start = 20'000'000 + i * 300'000;
      writeGene(file, {"OTHER", start, start + 60'000, i % 2 ? '+' : '-'});
    }
  }
  return Annotation::open(path);
}

std::shared_ptr<const BedTrack> madeUpPeaks() {
  const auto path = scratchFolder("genomeview") / "peaks.bed";
  {
    std::ofstream file(path);
    for (int i = 0; i < 30; ++i)
      file << "chr8\t" << 11'660'000 + i * 6'100 << '\t' << 11'660'700 + i * 6'100 + (i % 5) * 150
           << "\tpeak" << i << "\t" << 100 + i << "\t.\n";
  }
  return BedTrack::open(path);
}

std::vector<CytoBand> madeUpBands() {
  const char* stains[] = {"gneg",   "gpos50", "gneg", "gpos100", "gneg",
                          "gpos25", "acen",   "acen", "gneg",    "gpos75"};
  std::vector<CytoBand> bands;
  const std::int64_t size = contigLength / 30;
  for (int i = 0; i < 30; ++i)
    bands.push_back({{"chr8", i * size, (i + 1) * size}, "b" + std::to_string(i), stains[i % 10]});
  return bands;
}

ModelWindow madeUpWindow() {
  const std::int64_t tss = 11'676'934 + 41'000;
  const std::int64_t start = tss - 98'304 + 64;
  return {{"chr8", start, start + 196'608},
          {"chr8", start + 40'960, start + 40'960 + 114'688},
          128,
          tss};
}

std::shared_ptr<const Prediction> madeUpPrediction(const Haplotype& haplotype, float middlePeak) {
  auto prediction = std::make_shared<Prediction>();
  const ModelWindow window = madeUpWindow();
  prediction->window = window.input;
  prediction->predicted = window.predicted;
  prediction->haplotype = haplotype;
  prediction->tracks = {4, 12, 4980, 5110};
  const std::int64_t bins = window.binCount();
  prediction->embedding = Matrix::Zero(bins, 1);
  prediction->values = Matrix::Zero(bins, 4);
  for (std::int64_t bin = 0; bin < bins; ++bin)
    for (std::int64_t column = 0; column < 4; ++column) {
      const auto x = static_cast<float>(bin);
      const auto peak = [x](float at, float width) {
        return std::exp(-(x - at) * (x - at) / (2 * width * width));
      };
      const float texture = 0.5f + 0.5f * std::sin(x * (0.9f + 0.31f * static_cast<float>(column)));
      prediction->values(bin, column) =
          0.12f * texture + 2.2f * peak(120, 6 + 3 * static_cast<float>(column)) +
          middlePeak * peak(448, 5) * (column % 2 ? 0.6f : 1) + 1.1f * peak(700, 14);
    }
  return prediction;
}

std::vector<TrackRow> madeUpTracks() {
  const QString unit = QStringLiteral("reads per 128-bp bin");
  return {{4, QStringLiteral("DNASE: heart left ventricle"), unit, {}},
          {12, QStringLiteral("DNASE: K562"), unit, {}},
          {4980, QStringLiteral("CAGE: heart, adult, donor 1"), QStringLiteral("CAGE reads"), {}},
          {5110, QStringLiteral("CAGE: <b>liver</b>"), QStringLiteral("CAGE reads"), {}}};
}

void furnish(GenomeView& view) {
  const MadeUpGenome genome;
  view.setContigs(genome.contigs());
  view.setAnnotation(madeUpAnnotation());
  view.setBands(madeUpBands());
  view.setBedTracks({{madeUpPeaks(), QStringLiteral("My ChIP peaks")}});
  view.setModelWindow(madeUpWindow());
  view.setTracks(madeUpTracks());
  QObject::connect(&view, &GenomeView::sequenceNeeded, &view, [&view](const Locus& locus) {
    view.setSequence(locus, MadeUpGenome().sequence(locus, 'N'));
  });
  view.setLocus(geneRegion);
}

}  // namespace cellocus::testing
