// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "genome/genomerow.h"

namespace cellocus {

/// The whole contig with its bands and where the view is.
class OverviewRow : public GenomeRow {
 public:
  int height(const RowContext& context) const override;
  void paint(QPainter& painter, const RowContext& context) const override;
  GenomeHit hit(const RowContext& context, QPointF place) const override;
  QString toolTip(const RowContext& context, QPointF place) const override;

 private:
  /// The whole contig on the row's pixels.
  static Viewport contigAxis(const RowContext& context);
  static void paintBands(QPainter& painter, const RowContext& context, const QRectF& bar);
  static void paintView(QPainter& painter, const RowContext& context, const QRectF& bar);
};

}  // namespace cellocus
