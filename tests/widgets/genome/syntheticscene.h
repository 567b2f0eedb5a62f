// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "genome/genome.h"
#include "genome/genomeview.h"

namespace cellocus::testing {

/// A genome that is nowhere on a disk: base i of any contig is baseAt(i).
class MadeUpGenome : public Genome {
 public:
  MadeUpGenome();
  std::string sequence(const Locus& locus, char outside) const override;
  static char baseAt(std::int64_t position);
};

constexpr std::int64_t contigLength = 145'138'636;  // of chr8
inline const Locus geneRegion{"chr8", 11'650'000, 11'850'000};

std::shared_ptr<const Annotation> madeUpAnnotation();
std::shared_ptr<const BedTrack> madeUpPeaks();
std::vector<CytoBand> madeUpBands();
ModelWindow madeUpWindow();

/// Four tracks with peaks at start sites; the edited one has a weaker peak in the middle.
std::shared_ptr<const Prediction> madeUpPrediction(const Haplotype& haplotype, float middlePeak);
std::vector<TrackRow> madeUpTracks();

/// Fills a view with all of the above and answers its requests for bases.
void furnish(GenomeView& view);

}  // namespace cellocus::testing
