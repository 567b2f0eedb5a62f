// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/figure.h"

#include <QBuffer>
#include <QByteArray>
#include <QImage>
#include <QPageSize>
#include <QPdfWriter>
#include <QSvgGenerator>
#include <cmath>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "plot/outlinedevice.h"

namespace cellocus {

namespace {

constexpr double logicalDpi = 96;
constexpr double millimetresPerInch = 25.4;
constexpr double mostPixels = 1 << 28;

/// White ground, then the figure, on a painter whose unit is a logical pixel.
void paintFigure(QPainter& painter, const FigureOptions& options, const FigurePainter& paint) {
  const QSizeF size = logicalSize(options.millimetres);
  painter.fillRect(QRectF(QPointF(0, 0), size), Qt::white);
  if (options.text == FigureText::Text) {
    paint(painter, size);
    return;
  }
  OutlineDevice outlines(painter, size.toSize());
  QPainter outlinePainter(&outlines);
  paint(outlinePainter, size);
}

/// With title and description. Qt 6.4 writes them without escaping "<" and "&", so they are not
/// given to it.
QByteArray described(QByteArray svg, const FigureOptions& options) {
  QString elements;
  if (!options.title.isEmpty())
    elements += QStringLiteral("\n<title>%1</title>").arg(options.title.toHtmlEscaped());
  if (!options.description.isEmpty())
    elements += QStringLiteral("\n<desc>%1</desc>").arg(options.description.toHtmlEscaped());
  const qsizetype root = svg.indexOf("<svg");
  return svg.insert(svg.indexOf('>', root) + 1, elements.toUtf8());
}

QByteArray svgOf(const FigureOptions& options, const FigurePainter& paint) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  const QSizeF size = logicalSize(options.millimetres);
  QSvgGenerator generator;
  generator.setOutputDevice(&buffer);
  generator.setResolution(static_cast<int>(logicalDpi));
  generator.setSize(
      QSize(static_cast<int>(std::ceil(size.width())), static_cast<int>(std::ceil(size.height()))));
  generator.setViewBox(QRectF(QPointF(0, 0), size));
  generator.setTitle({});
  generator.setDescription({});
  QPainter painter(&generator);
  paintFigure(painter, options, paint);
  painter.end();
  return described(std::move(bytes), options);
}

QByteArray pdfOf(const FigureOptions& options, const FigurePainter& paint) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  QPdfWriter writer(&buffer);
  // Coordinates are written with decimals, so this costs nothing, and fonts in points get their
  // size.
  writer.setResolution(static_cast<int>(logicalDpi));
  writer.setPageSize(
      QPageSize(options.millimetres, QPageSize::Millimeter, {}, QPageSize::ExactMatch));
  writer.setPageMargins(QMarginsF(0, 0, 0, 0));
  writer.setTitle(options.title);
  writer.setCreator(QStringLiteral("Cellocus"));
  QPainter painter(&writer);
  paintFigure(painter, options, paint);
  painter.end();
  return bytes;
}

void setDotsPerInch(QImage& image, double dpi) {
  const int dotsPerMetre = static_cast<int>(std::lround(dpi * 1000 / millimetresPerInch));
  image.setDotsPerMeterX(dotsPerMetre);
  image.setDotsPerMeterY(dotsPerMetre);
}

QByteArray pngOf(const FigureOptions& options, const FigurePainter& paint) {
  const double scale = options.dpi / logicalDpi;
  const QSizeF size = logicalSize(options.millimetres) * scale;
  QImage image(size.toSize().expandedTo(QSize(1, 1)), QImage::Format_RGB32);
  setDotsPerInch(image, logicalDpi);  // or fonts in points would be scaled twice
  if (!options.title.isEmpty()) image.setText(QStringLiteral("Title"), options.title);
  if (!options.description.isEmpty())
    image.setText(QStringLiteral("Description"), options.description);
  image.fill(Qt::white);
  QPainter painter(&image);
  painter.scale(scale, scale);
  paintFigure(painter, options, paint);
  painter.end();
  setDotsPerInch(image, options.dpi);
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  image.save(&buffer, "PNG");
  return bytes;
}

void checkSize(const std::filesystem::path& path, const FigureOptions& options) {
  const QSizeF size = logicalSize(options.millimetres);
  const double scale = options.format == FigureFormat::Png ? options.dpi / logicalDpi : 1;
  const double pixels = size.width() * size.height() * scale * scale;
  if (size.width() >= 1 && size.height() >= 1 && scale > 0 && pixels <= mostPixels) return;
  throw Error("FIGURE_SIZE", path.string(),
              "A figure of " + readable(options.millimetres.width()) + " by " +
                  readable(options.millimetres.height()) + " mm at " + std::to_string(options.dpi) +
                  " dots per inch cannot be made.",
              "Choose a size and a resolution that give between 1 and 268 million pixels.");
}

}  // namespace

QSizeF logicalSize(const QSizeF& millimetres) {
  return millimetres * (logicalDpi / millimetresPerInch);
}

void saveFigure(const std::filesystem::path& path, const FigureOptions& options,
                const FigurePainter& paint) {
  checkSize(path, options);
  const QByteArray bytes = options.format == FigureFormat::Svg   ? svgOf(options, paint)
                           : options.format == FigureFormat::Pdf ? pdfOf(options, paint)
                                                                 : pngOf(options, paint);
  if (bytes.isEmpty())
    throw Error("SAVE_FAILED", path.string(), "The figure could not be drawn.",
                "Try another format.");
  saveAtomic(path, std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
}

FigureFormat figureFormat(const std::filesystem::path& path) {
  const std::string ending = lowered(path.extension().string());
  return ending == ".pdf"   ? FigureFormat::Pdf
         : ending == ".png" ? FigureFormat::Png
                            : FigureFormat::Svg;
}

}  // namespace cellocus
