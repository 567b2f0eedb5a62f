// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "genome/genomerow.h"

namespace cellocus {

/// One flag per edit of the haplotype.
class EditRow : public GenomeRow {
 public:
  int height(const RowContext& context) const override;
  void paint(QPainter& painter, const RowContext& context) const override;
  GenomeHit hit(const RowContext& context, QPointF place) const override;
  QString toolTip(const RowContext& context, QPointF place) const override;

 private:
  /// One edit, or several that stand too close together for a flag each.
  struct Flag {
    std::vector<Variant> edits;
    QString label;
    Locus locus;
    QRectF box;
  };
  static std::vector<Flag> flags(const RowContext& context);
  static void paintFlag(QPainter& painter, const RowContext& context, const Flag& flag);
};

/// "C>T", "+ACG", "del 4", "12 bp>3 bp": an edit in few letters.
QString shortEditText(const Variant& edit);

}  // namespace cellocus
