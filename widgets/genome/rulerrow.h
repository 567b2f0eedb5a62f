// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "genome/genomerow.h"

namespace cellocus {

/// Positions, below them what the model reads, what it answers for and the pinned bin, and start
/// sites.
class RulerRow : public GenomeRow {
 public:
  int height(const RowContext& context) const override;
  void paint(QPainter& painter, const RowContext& context) const override;
  GenomeHit hit(const RowContext& context, QPointF place) const override;
  QString toolTip(const RowContext& context, QPointF place) const override;

 private:
  struct Bracket {
    Locus locus;
    QStringList labels;  ///< from long to short; the first that has room is shown
    QColor colour;
    double thickness = 1;
  };
  static QRectF lane(const RowContext& context,
                     int index);  ///< 0 input, 1 predicted, 2 start sites
  static void paintTicks(QPainter& painter, const RowContext& context);
  static void paintBracket(QPainter& painter, const RowContext& context, const Bracket& bracket,
                           const QRectF& lane);
  struct BracketLabel {
    QString text;  ///< empty = no room
    QRectF box;
  };
  static BracketLabel bracketLabel(const RowContext& context, const Bracket& bracket,
                                   const QRectF& lane);
  static void paintPinnedBin(QPainter& painter, const RowContext& context, const QRectF& lane,
                             const QRectF& taken);
  static void paintStartSites(QPainter& painter, const RowContext& context, const QRectF& lane);
};

}  // namespace cellocus
