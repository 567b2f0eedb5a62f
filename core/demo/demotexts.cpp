// SPDX-License-Identifier: GPL-3.0-or-later
#include "demo/demotexts.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace cellocus {

namespace {

constexpr std::int64_t windowLength = 196'608, binSize = 128, cropped = 40'960;

std::string rounded(double value) {
  return std::isnan(value) ? "not known" : readable(value, 2);
}

std::string typeNames(const DemoCells& cells, std::size_t factor) {
  std::string names;
  for (const std::size_t type : cells.activeTypes(factor))
    names += (names.empty() ? "" : ",") + demoCellTypes()[type].name;
  return names.empty() ? "none" : names;
}

const char* sign(int value) {
  return value < 0 ? "-" : "+";
}

std::string activityTable(const DemoCells& cells) {
  std::string text = "  factor    motif     site                    sign  active in\n";
  for (std::size_t f = 0; f < demoFactors().size(); ++f) {
    const DemoFactor& factor = demoFactors()[f];
    const auto padded = [](std::string word, std::size_t width) {
      word.resize(std::max(width, word.size() + 1), ' ');
      return word;
    };
    text += "  " + padded(factor.regulator, 10) + padded(factor.motif, 10) +
            padded(factor.site, 24) + sign(factor.sign) + "     " + typeNames(cells, f) + '\n';
  }
  return text;
}

std::string trunkNote(const TrunkPlan& plan) {
  std::string text = "The trunk holds " + std::to_string(plan.motifs.size()) + " motifs";
  if (plan.unused.empty()) return text + ".\n";
  text += "; left out for want of room:";
  for (const std::string& name : plan.unused) text += ' ' + name;
  return text + ".\n";
}

}  // namespace

std::string demoTruth(const DemoGenome& genome, const DemoCells& cells) {
  std::string text =
      "# SYNTHETIC: what was planted in the demo genome. Positions are 0-based, end not included.\n"
      "contig\tstart0\tend0\tstrand\tfactor\tmotif\tsequence\tkind\tgene_id\tgene\tdistance_to_"
      "tss\tweight\t"
      "sign\tcell_types\n";
  for (const PlantedSite& site : genome.sites) {
    const DemoFactor& factor = demoFactors()[site.factor];
    const Gene& gene = genome.genes[site.gene];
    text += site.locus.contig + '\t' + std::to_string(site.locus.start) + '\t' +
            std::to_string(site.locus.end) + '\t' + (site.strand == Strand::Plus ? '+' : '-') +
            '\t' + factor.regulator + '\t' + factor.motif + '\t' + factor.site + '\t' +
            (site.enhancer ? "enhancer" : "promoter") + '\t' + gene.id + '\t' + gene.symbol + '\t' +
            std::to_string(site.distance) + '\t' + readable(siteWeight(site.distance)) + '\t' +
            sign(factor.sign) + '\t' + typeNames(cells, site.factor) + '\n';
  }
  return text;
}

std::string demoWindows(const DemoGenome& genome) {
  std::string text =
      "chr\tseq_start\tseq_end\tseq_strand\tpatch_id\tgroup_id\tadd_id\tcenter\tnum_roi\tstretch\t"
      "strands_roi\tpositions_roi\tbins_roi\n";
  for (const Gene& gene : genome.genes) {
    const auto contig =
        std::find_if(genome.contigs.begin(), genome.contigs.end(),
                     [&](const auto& one) { return one.name == gene.locus.contig; });
    const auto length = static_cast<std::int64_t>(contig->bases.size());
    const std::int64_t wanted = gene.tss() - windowLength / 2 - binSize / 2;
    const std::int64_t start = std::clamp<std::int64_t>(wanted, 0, length - windowLength);
    const std::int64_t bin = (gene.tss() - start - cropped) / binSize;
    // A start site so near to a contig's end that the moved window does not predict it has no row.
    if (bin < 0 || bin >= (windowLength - 2 * cropped) / binSize) continue;
    const std::string strand = gene.strand == Strand::Minus ? "-" : "+";
    const std::string position = std::to_string(gene.tss() + 1);
    text += gene.locus.contig + '\t' + std::to_string(start + 1) + '\t' +
            std::to_string(start + windowLength) + '\t' + strand + '\t' + gene.id + "_0\t" +
            gene.id + '\t' + gene.symbol + '\t' +
            std::to_string(start + 1 + windowLength / 2 + binSize / 2) + "\t1\t0\t['" + strand +
            "']\t" + position + '\t' + std::to_string(bin) + '\n';
  }
  return text;
}

std::string demoHeadLabel(const HeadFitReport& report) {
  return "Demo head: fitted to synthetic cells of the demo world. On " +
         std::to_string(report.heldOutGenes.size()) +
         " genes held out of a first fit: mean cross-gene r " + rounded(report.crossGene) +
         ", mean cross-cell r " + rounded(report.crossCell) + ".";
}

std::string demoReadme(const DemoGenome& genome, const DemoCells& cells, const TrunkPlan& plan,
                       const HeadFitReport& report, std::uint64_t seed) {
  std::string text =
      "THE DEMO WORLD IS SYNTHETIC\n\n"
      "Cellocus made these files from the seed " +
      std::to_string(seed) +
      ". No sequence, cell or weight here was measured or trained.\nRegulators carry the symbols "
      "of real "
      "transcription factors, because their binding sites are textbook facts; where they\nlie, "
      "what they "
      "regulate and in which cells is invented. Draw no biological conclusion from it.\n\n"
      "genome.fa, genome.fa.fai   three contigs, 2 Mb\n"
      "genes.gtf                  " +
      std::to_string(genome.genes.size()) +
      " genes with exons and reading frames\n"
      "cells.h5ad                 " +
      std::to_string(cells.type.size()) +
      " cells of six types: counts (X), layer log1p_cp10k, X_umap (laid out, not computed), X_pca\n"
      "trunk/                     a motif scanner in Enformer's architecture and file layout\n"
      "head.safetensors           embedding of a start site -> log1p counts per 10,000 in every "
      "cell\n"
      "truth.tsv                  " +
      std::to_string(genome.sites.size()) +
      " planted binding sites, the gene each was planted for, the sign and the cell types\n"
      "peaks.bed                  200 bases around each planted GATA4 site\n"
      "bands.txt                  bands for the overview of a contig\n"
      "windows.tsv                the window and bin of each start site, as seq2cells has them\n\n"
      "How expression follows from the sequence\n\n"
      "  log rate of gene g in cell c = base + s * sum over factors f of sign(f) * E(g, f) * a(f, "
      "c)\n"
      "  E(g, f) = sum over the planted sites of f within 16,384 bases of the start site of g of\n"
      "            1 / (1 + distance / 600)\n"
      "  a(f, c) = 1 / (1 + exp((0.2 - log rate of f's own gene in c) / 0.4)), settled by "
      "iteration from the\n"
      "            factors of the cell's type; base is about -2, s is 1.28 to 1.6 (it grows with "
      "maturity)\n"
      "  counts are Poisson with log-normal noise, about 2,500 a cell\n\n" +
      activityTable(cells) +
      "\nWithin 1 kb of a start site the background was freed of chance matches of these factors. "
      "TATA boxes and "
      "CpG islands\nare scenery without an effect.\n\n"
      "The trunk\n\n"
      "Its weights are computed from consensus sequences or the matrices that were given, not "
      "trained: stem "
      "filters hold\nthe matrices, pooling keeps the best match of a bin, attention adds matches "
      "up by distance. "
      "Its outputs are motif\nevidence, not expression or accessibility. One match of a motif "
      "counts per bin of "
      "128 bases: losing one of two\nequal sites in a bin changes nothing. " +
      trunkNote(plan) + "\nThe head\n\n" + demoHeadLabel(report) +
      "\nThe head in the file was then fitted to all genes (ridge penalty " +
      readable(report.penalty) + ", root mean squared error " + rounded(report.trainingError) +
      "). Cross-gene r compares\ngenes within a cell, cross-cell r cells within a gene. The "
      "numbers are high "
      "because these cells follow from their DNA\nby construction; real cells give far lower "
      "ones.\n";
  return text;
}

}  // namespace cellocus
