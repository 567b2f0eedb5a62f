// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "genome/genomerow.h"

namespace cellocus {

/// Genes with exons, coding parts, strand and symbol, packed into lanes. Too many to name become
/// one lane per strand.
class GeneRow : public GenomeRow {
 public:
  int height(const RowContext& context) const override;
  void paint(QPainter& painter, const RowContext& context) const override;
  GenomeHit hit(const RowContext& context, QPointF place) const override;
  QString toolTip(const RowContext& context, QPointF place) const override;

 private:
  struct Placed {
    const Gene* gene = nullptr;
    int lane = 0;
    double labelWidth = 0;
  };
  struct Packing {
    std::vector<Placed> genes;  ///< that touch the view
    int lanes = 1;
    bool named = true;  ///< false: one lane per strand, no symbols
  };
  Packing packing(const RowContext& context) const;
  const Gene* geneAt(const RowContext& context, QPointF place) const;
  static QRectF laneRect(const RowContext& context, int lane);
  static void paintModel(QPainter& painter, const RowContext& context, const Placed& placed);
  static void paintSymbol(QPainter& painter, const RowContext& context, const Placed& placed);
  static void paintCrowd(QPainter& painter, const RowContext& context, const Packing& packing);

  /// The lanes of a whole contig at one zoom, so that genes keep their lane while the view moves.
  struct Cache {
    const Annotation* annotation = nullptr;
    std::string contig;
    double pixelsPerBase = 0;
    int fontPixels = 0;
    std::vector<Placed> genes;
  };
  const std::vector<Placed>& packedContig(const RowContext& context) const;
  mutable Cache m_cache;
};

/// The transcript that stands for a gene: MANE, else canonical, else the longest. Null if it has
/// none.
const Transcript* shownTranscript(const Gene& gene);

}  // namespace cellocus
