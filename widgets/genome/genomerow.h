// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QFont>
#include <QPainter>
#include <QRectF>
#include <QString>
#include <vector>

#include "genome/genomescene.h"
#include "plot/palette.h"
#include "plot/viewport.h"

namespace cellocus {

/// The values from the bottom to the top of a track.
struct ValueRange {
  double low = 0;
  double high = 1;
};

/// Where and how a row is painted: the same for screen and figure.
struct RowContext {
  const GenomeScene& scene;
  const Theme& theme;
  Viewport axis;          ///< bases onto pixels, right of the gutter
  QFont font, smallFont;  ///< sizes in pixels, so that figures measure text as the screen does
  std::vector<ValueRange> scales;  ///< of scene.tracks
  QRectF rect;                     ///< of the row, with the gutter

  QRectF gutter() const;  ///< where names stand
  QRectF plot() const;    ///< where bases have their place
  Locus visible() const;  ///< on the contig, at least one base unless the contig has none
  QRectF column(std::int64_t start,
                std::int64_t end) const;  ///< the pixels of a range, full height
};

/// One kind of thing below the axis. Rows keep no values of their own: they read RowContext::scene.
class GenomeRow {
  Q_DECLARE_TR_FUNCTIONS(GenomeRow)

 public:
  virtual ~GenomeRow() = default;

  /// Least height in pixels; `context.rect` is not known yet.
  virtual int height(const RowContext& context) const = 0;
  /// How many pixels more it can make good use of.
  virtual int stretch() const { return 0; }
  virtual void paint(QPainter& painter, const RowContext& context) const = 0;
  /// What lies at a place of the row; always with the position if it is on the contig.
  virtual GenomeHit hit(const RowContext& context, QPointF place) const;
  /// Plain text, lines separated by '\n'; empty = none.
  virtual QString toolTip(const RowContext& context, QPointF place) const;
  /// Number of the predicted track that the row shows, -1 for all others.
  virtual std::int64_t track(const GenomeScene&) const { return -1; }

 protected:
  /// A name in the gutter, shortened in the middle; a second, muted line if there is one.
  static void paintName(QPainter& painter, const RowContext& context, const QString& name,
                        const QString& detail = {});
};

/// Thin diagonal lines: no value here. Lines and not a pattern brush, which SVG does not know.
void paintHatch(QPainter& painter, const QRectF& area, const QColor& colour);
/// Text on its own ground, so that lines behind it do not cross it.
void paintLabel(QPainter& painter, const QRectF& place, const QString& text, const QColor& ground);
/// A number of a track for a person: "3.1", "−0.002", "1,230".
QString valueText(double value);
QString positionText(std::int64_t position);  ///< 1-based, with thousands separators

}  // namespace cellocus
