// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/progress.h"
#include "demo/demoplan.h"
#include "genome/annotation.h"

namespace cellocus {

/// A binding site that was written into the demo genome.
struct PlantedSite {
  Locus locus;
  Strand strand = Strand::Plus;  ///< on which the factor's site reads forward
  std::size_t factor = 0;        ///< number among demoFactors()
  std::size_t gene = 0;          ///< the gene it was planted for
  std::int64_t distance =
      0;  ///< from the gene's TSS to the middle of the site; negative is upstream
  bool enhancer = false;
};

/// The synthetic genome: sequence, genes, and everything that was planted.
struct DemoGenome {
  struct Sequence {
    std::string name, bases;
  };
  std::vector<Sequence> contigs;
  std::vector<DemoGenePlan> plans;  ///< of each gene
  std::vector<Gene> genes;
  std::vector<PlantedSite> sites;
};

/// Makes the genome from a seed: three contigs, 2 Mb together, CpG-poor background of changing GC
/// content, genes with exons and open reading frames, promoters and enhancers. Within 1 kb of a
/// start site the background is freed of chance matches of the planted factors.
DemoGenome makeDemoGenome(std::uint64_t seed, const Progress& progress = {});

/// Weight of a site at a distance from the start site: 1 / (1 + |distance| / 600 bases), 0 beyond
/// 16,384 bases.
double siteWeight(std::int64_t distance);

/// FASTA text with lines of 60 bases, and the index that belongs to it.
std::string demoFasta(const DemoGenome& genome);
std::string demoFastaIndex(const DemoGenome& genome);
/// GTF with gene, transcript, exon and CDS lines.
std::string demoGtf(const DemoGenome& genome);
/// BED6 of 200 bases around each planted GATA4 site, as a ChIP experiment might find them.
std::string demoPeaks(const DemoGenome& genome);
/// Bands in the layout of UCSC's cytoBandIdeo, so that the overview has something to draw.
std::string demoBands(const DemoGenome& genome);

}  // namespace cellocus
