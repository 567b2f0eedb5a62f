// SPDX-License-Identifier: GPL-3.0-or-later
#include "figures.h"

#include <QPainter>

#include "cells/scatterview.h"
#include "cells/violinview.h"
#include "fitpanel.h"
#include "session/headfitting.h"

namespace cellocus {

namespace {

constexpr double captionPoints = 6, figurePoints = 7;
constexpr int captionMargin = 4;

QFont fontOf(double points) {
  QFont font;
  font.setPointSizeF(points);
  return font;
}

/// Leaves room for the caption under the picture and draws it there.
FigurePainter captioned(const QString& caption, std::function<void(QPainter&, QSize)> paint) {
  return [caption, paint](QPainter& painter, QSizeF size) {
    painter.save();
    painter.setFont(fontOf(captionPoints));
    const QRectF all(captionMargin, 0, size.width() - 2 * captionMargin, size.height());
    const QRectF needed = painter.boundingRect(all, Qt::TextWordWrap, caption);
    const double height = caption.isEmpty() ? 0 : needed.height() + 2 * captionMargin;
    painter.setPen(Theme::light().mutedText);
    painter.drawText(all.adjusted(0, size.height() - height + captionMargin, 0, 0),
                     Qt::TextWordWrap, caption);
    painter.restore();
    painter.setFont(fontOf(figurePoints));
    paint(painter, QSize(static_cast<int>(size.width()), static_cast<int>(size.height() - height)));
  };
}

/// Genome over cells and violins, as in the window.
void paintWindow(QPainter& painter, QSize size, const GenomeView& genome, CellsPanel& cells) {
  const int above = size.height() * 55 / 100, left = size.width() * 55 / 100;
  genome.paint(painter, QSize(size.width(), above), Theme::light());
  painter.translate(0, above);
  cells.scatter().paint(painter, QSize(left, size.height() - above), Theme::light(),
                        ScatterView::Legend::Beside);
  painter.translate(left, 0);
  cells.violins().paint(painter, QSize(size.width() - left, size.height() - above), Theme::light());
}

}  // namespace

QString figureCaption(const Session& session) {
  QStringList parts;
  if (session.predictor()) {
    const EnformerConfig& config = session.predictor()->model().config();
    parts << QString::fromStdString(config.label.empty() ? config.modelName : config.label);
  }
  if (session.genome() && !session.edits().haplotype.isReference())
    parts << QString::fromStdString(hgvs(session.edits().haplotype, *session.genome()));
  parts.removeAll(QString());
  return parts.join(QStringLiteral(" · "));
}

std::vector<FigureSource> figureSources(const Session& session, const GenomeView& genome,
                                        CellsPanel& cells, const FitPanel& fit) {
  const QString caption = figureCaption(session);
  std::vector<FigureSource> sources;
  if (session.genome())
    sources.push_back({"genome",
                       QObject::tr("Genome view"),
                       {174, 110},
                       captioned(caption, [&genome](QPainter& painter, QSize size) {
                         genome.paint(painter, size, Theme::light());
                       })});
  if (session.embedding()) {
    sources.push_back({"cells",
                       QObject::tr("Cells"),
                       {114, 85},
                       captioned(caption, [&cells](QPainter& painter, QSize size) {
                         cells.scatter().paint(painter, size, Theme::light(),
                                               ScatterView::Legend::Beside);
                       })});
    sources.push_back({"violins",
                       QObject::tr("Violins"),
                       {114, 70},
                       captioned(caption, [&cells](QPainter& painter, QSize size) {
                         cells.violins().paint(painter, size, Theme::light());
                       })});
  }
  if (session.genome() && session.embedding())
    sources.push_back({"window",
                       QObject::tr("Genome and cells"),
                       {174, 200},
                       captioned(caption, [&genome, &cells](QPainter& painter, QSize size) {
                         paintWindow(painter, size, genome, cells);
                       })});
  if (!session.fitting().history().empty())
    sources.push_back({"training",
                       QObject::tr("Curves of the fit"),
                       {174, 70},
                       captioned(caption, [&fit](QPainter& painter, QSize size) {
                         fit.paintCurves(painter, size);
                       })});
  return sources;
}

}  // namespace cellocus
