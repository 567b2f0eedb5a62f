// SPDX-License-Identifier: GPL-3.0-or-later
#include "exportdialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

namespace cellocus {

ExportDialog::ExportDialog(std::vector<FigureSource> sources, QWidget* parent)
    : QDialog(parent), m_sources(std::move(sources)) {
  setObjectName("exportDialog");
  setWindowTitle(tr("Export figure"));
  buildFields();
  layOut();
  takeSourceSize();
}

void ExportDialog::buildFields() {
  m_view = new QComboBox(this);
  m_view->setObjectName("figureView");
  for (const FigureSource& source : m_sources) m_view->addItem(source.title, source.id);
  m_width = new QComboBox(this);
  m_width->setObjectName("figureWidth");
  for (const int width : {85, 114, 174}) m_width->addItem(tr("%1 mm").arg(width), width);
  m_height = new QDoubleSpinBox(this);
  m_height->setRange(30, 300);
  m_height->setDecimals(0);
  m_height->setSuffix(tr(" mm"));
  m_format = new QComboBox(this);
  m_format->setObjectName("figureFormat");
  m_format->addItem("SVG", static_cast<int>(FigureFormat::Svg));
  m_format->addItem("PDF", static_cast<int>(FigureFormat::Pdf));
  m_format->addItem("PNG", static_cast<int>(FigureFormat::Png));
  m_dpi = new QSpinBox(this);
  m_dpi->setRange(72, 1200);
  m_dpi->setValue(300);
  m_dpi->setSuffix(tr(" dpi"));
  m_outlines = new QCheckBox(tr("Letters as outlines"), this);
  m_outlines->setToolTip(
      tr("Looks alike where the font is missing, but can no longer be edited as text"));
  m_sidecar = new QCheckBox(tr("Provenance beside the figure (.json)"), this);
  m_sidecar->setToolTip(
      tr("Files with checksums, model, place, edits and formulas that made the figure"));
  m_sidecar->setChecked(true);
  m_preview = new QLabel(this);
  m_preview->setObjectName("figurePreview");
  m_preview->setMinimumSize(480, 360);
  m_preview->setAlignment(Qt::AlignCenter);
  m_preview->setAccessibleName(tr("Preview of the figure"));
}

void ExportDialog::layOut() {
  auto* form = new QFormLayout;
  form->addRow(tr("View"), m_view);
  form->addRow(tr("Width"), m_width);
  form->addRow(tr("Height"), m_height);
  form->addRow(tr("Format"), m_format);
  form->addRow(tr("Resolution"), m_dpi);
  form->addRow(m_outlines);
  form->addRow(m_sidecar);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel, this);
  buttons->button(QDialogButtonBox::Save)->setText(tr("Save…"));
  connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  auto* body = new QHBoxLayout;
  body->addLayout(form);
  body->addWidget(m_preview, 1);
  auto* layout = new QVBoxLayout(this);
  layout->addLayout(body, 1);
  layout->addWidget(buttons);

  connect(m_view, &QComboBox::currentIndexChanged, this, &ExportDialog::takeSourceSize);
  connect(m_width, &QComboBox::currentIndexChanged, this, &ExportDialog::showPreview);
  connect(m_height, &QDoubleSpinBox::valueChanged, this, &ExportDialog::showPreview);
  const auto enableFields = [this] {
    const bool raster = options().format == FigureFormat::Png;
    m_dpi->setEnabled(raster);
    m_outlines->setEnabled(!raster);
  };
  connect(m_format, &QComboBox::currentIndexChanged, this, enableFields);
  enableFields();
}

const FigureSource& ExportDialog::source() const {
  return m_sources[static_cast<std::size_t>(m_view->currentIndex())];
}

FigureOptions ExportDialog::options() const {
  FigureOptions options;
  options.millimetres = QSizeF(m_width->currentData().toDouble(), m_height->value());
  options.dpi = m_dpi->value();
  options.format = static_cast<FigureFormat>(m_format->currentData().toInt());
  options.text = m_outlines->isChecked() ? FigureText::Outlines : FigureText::Text;
  return options;
}

bool ExportDialog::wantsSidecar() const {
  return m_sidecar->isChecked();
}

void ExportDialog::takeSourceSize() {
  m_width->setCurrentIndex(m_width->findData(static_cast<int>(source().millimetres.width())));
  m_height->setValue(source().millimetres.height());
  showPreview();
}

void ExportDialog::showPreview() {
  const QSizeF logical = logicalSize(options().millimetres);
  const QSizeF room = m_preview->size() - QSize(8, 8);
  const double scale = std::min(room.width() / logical.width(), room.height() / logical.height());
  const double ratio = devicePixelRatioF();
  QImage image((logical * scale * ratio).toSize(), QImage::Format_RGB32);
  image.fill(Qt::white);
  QPainter painter(&image);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.scale(scale * ratio, scale * ratio);
  source().paint(painter, logical);
  painter.end();
  image.setDevicePixelRatio(ratio);
  m_preview->setPixmap(QPixmap::fromImage(image));
}

void ExportDialog::resizeEvent(QResizeEvent* event) {
  QDialog::resizeEvent(event);
  showPreview();
}

}  // namespace cellocus
