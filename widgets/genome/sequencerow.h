// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "genome/genomerow.h"

namespace cellocus {

/// The bases: reference above, edited below. Letters from 7 pixels a base, bars of colour from 1.5,
/// else a hint how to get there. Both keep reference coordinates: a deleted base is a dash,
/// inserted ones a mark.
class SequenceRow : public GenomeRow {
 public:
  static constexpr double letterPixels = 7, barPixels = 1.5;

  int height(const RowContext& context) const override;
  void paint(QPainter& painter, const RowContext& context) const override;
  GenomeHit hit(const RowContext& context, QPointF place) const override;
  QString toolTip(const RowContext& context, QPointF place) const override;

  /// Where the edited base of a position stands: the place of the caret.
  static QRectF editedCell(const RowContext& context, std::int64_t position);

 private:
  static QRectF line(const RowContext& context, int index);  ///< 0 reference, 1 edited
  static void paintReference(QPainter& painter, const RowContext& context, const Locus& locus);
  static void paintEdited(QPainter& painter, const RowContext& context, const Locus& locus);
  static void paintInsertions(QPainter& painter, const RowContext& context, const Locus& locus);
  static void paintLetter(QPainter& painter, const RowContext& context, const QRectF& cell,
                          char letter, const QColor& colour);
};

}  // namespace cellocus
