// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/genomeview.h"

#include <QEvent>
#include <QFontInfo>
#include <QPaintEvent>
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "genome/genomeviewparts.h"
#include "genome/predictionrow.h"
#include "genome/sequencerow.h"

namespace cellocus {

namespace {

QFont inPixels(const QFont& font, double factor) {
  QFont result = font;
  result.setPixelSize(
      std::max(8, static_cast<int>(std::lround(QFontInfo(font).pixelSize() * factor))));
  return result;
}

}  // namespace

GenomeView::Parts::Parts(GenomeView& owner) : view(owner), rows(RowGroups::of(scene)) {
  theme = Theme::from(owner.palette());
  scrollBar = new QScrollBar(Qt::Vertical, &owner);
  scrollBar->hide();
  QObject::connect(scrollBar, &QScrollBar::valueChanged, &owner,
                   [this](int value) { scrollTo(value); });
  settled.setSingleShot(true);
  settled.setInterval(500);
  QObject::connect(&settled, &QTimer::timeout, &owner, [this] {
    announce();
    emit view.locusSettled(shown());
  });
}

RowContext GenomeView::Parts::context() const {
  return {scene,
          theme,
          axis,
          inPixels(view.font(), 1),
          inPixels(view.font(), 0.9),
          scales,
          QRectF(view.rect())};
}

RowContext GenomeView::Parts::context(const PlacedRow& placed) const {
  RowContext result = context();
  result.rect = placed.rect;
  return result;
}

void GenomeView::Parts::rebuildRows() {
  rows = RowGroups::of(scene);
  focusedTrack = std::min(focusedTrack, static_cast<std::int64_t>(scene.tracks.size()) - 1);
  changed();
}

void GenomeView::Parts::changed() {
  const double gutter = gutterWidth(view.width());
  axis = axis.onPixels(gutter, std::max(1.0, view.width() - gutter - rightMargin));
  RowContext measuring = context();
  scales = trackScales(scene, measuring.visible());
  places = placeRows(rows, measuring, QSizeF(view.size()), scroll);
  scroll = std::clamp(scroll, 0.0, places.hidden);
  updateScrollBar();
  picture = QPixmap();
  view.update();
}

void GenomeView::Parts::updateScrollBar() {
  const QSignalBlocker quiet(scrollBar);
  scrollBar->setRange(0, static_cast<int>(std::ceil(places.hidden)));
  scrollBar->setPageStep(std::max(1, static_cast<int>(places.scrolled.height())));
  scrollBar->setSingleStep(24);
  scrollBar->setValue(static_cast<int>(std::lround(scroll)));
  const int width = static_cast<int>(rightMargin) - 2;
  scrollBar->setGeometry(view.width() - width, static_cast<int>(places.scrolled.top()), width,
                         static_cast<int>(places.scrolled.height()));
  scrollBar->setVisible(places.hidden > 0 && !scene.contig.empty());
}

void GenomeView::Parts::scrollTo(double value) {
  const double wanted = std::clamp(value, 0.0, places.hidden);
  if (wanted == scroll) return;
  scroll = wanted;
  changed();
}

GenomeView::GenomeView(QWidget* parent) : QWidget(parent), m_parts(std::make_unique<Parts>(*this)) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAttribute(Qt::WA_OpaquePaintEvent);
  setAccessibleName(tr("Genome view"));
  m_parts->changed();
}

GenomeView::~GenomeView() = default;

void GenomeView::setContigs(std::vector<Contig> contigs) {
  GenomeScene& scene = m_parts->scene;
  scene.contigs = std::move(contigs);
  if (scene.contigLength() == 0)
    scene.contig = scene.contigs.empty() ? "" : scene.contigs.front().name;
  scene.loaded = {};
  scene.bases.clear();
  m_parts->requested = {};
  m_parts->editor.setCaret(-1);
  m_parts->show(m_parts->axis);
}

void GenomeView::setAnnotation(std::shared_ptr<const Annotation> annotation) {
  m_parts->scene.annotation = std::move(annotation);
  m_parts->rebuildRows();
}

void GenomeView::setBands(std::vector<CytoBand> bands) {
  m_parts->scene.bands = std::move(bands);
  m_parts->changed();
}

void GenomeView::setBedTracks(std::vector<BedRow> rows) {
  std::erase_if(rows, [](const BedRow& row) { return !row.track; });
  m_parts->scene.beds = std::move(rows);
  m_parts->rebuildRows();
}

void GenomeView::setTracks(std::vector<TrackRow> rows) {
  m_parts->scene.tracks = std::move(rows);
  m_parts->rebuildRows();
}

void GenomeView::setModelWindow(const std::optional<ModelWindow>& window) {
  m_parts->scene.window = window;
  m_parts->changed();
}

void GenomeView::setPredictions(std::shared_ptr<const Prediction> reference,
                                std::shared_ptr<const Prediction> edited) {
  m_parts->scene.reference = std::move(reference);
  m_parts->scene.edited = std::move(edited);
  m_parts->changed();
}

void GenomeView::setPredictionState(PredictionState state, const QString& message) {
  m_parts->scene.state = state;
  m_parts->scene.message = message;
  m_parts->changed();
}

void GenomeView::setHaplotype(const Haplotype& haplotype) {
  m_parts->scene.haplotype = haplotype;
  m_parts->changed();
}

void GenomeView::setSequence(const Locus& locus, std::string bases) {
  if (static_cast<std::int64_t>(bases.size()) != locus.length()) return;
  m_parts->scene.loaded = locus;
  m_parts->scene.bases = uppered(bases);
  m_parts->requested = {};
  m_parts->changed();
}

void GenomeView::setDisplayMode(DisplayMode mode) {
  m_parts->scene.display = mode;
  m_parts->changed();
}

void GenomeView::setScaleMode(ScaleMode mode) {
  m_parts->scene.scale = mode;
  m_parts->changed();
}

void GenomeView::setBaseColours(BaseColours colours) {
  m_parts->scene.baseColours = colours;
  m_parts->changed();
}

void GenomeView::setWheelAction(WheelAction action) {
  m_parts->wheelAction = action;
}

void GenomeView::setWheelHintSeen() {
  m_parts->wheelHintSeen = true;
}

void GenomeView::setLocus(const Locus& locus) {
  const auto& contigs = m_parts->scene.contigs;
  const bool known = std::any_of(contigs.begin(), contigs.end(),
                                 [&](const Contig& contig) { return contig.name == locus.contig; });
  if (!known) return;
  if (m_parts->scene.contig != locus.contig) m_parts->editor.setCaret(-1);
  m_parts->scene.contig = locus.contig;
  m_parts->show({static_cast<double>(locus.start),
                 static_cast<double>(std::max(locus.end, locus.start + 1)), m_parts->axis.left(),
                 m_parts->axis.width()});
}

Locus GenomeView::locus() const {
  return m_parts->shown();
}

void GenomeView::zoomBy(double factor) {
  m_parts->moveTo(m_parts->axis.zoomed(factor, m_parts->axis.left() + m_parts->axis.width() / 2));
}

void GenomeView::setPinnedBin(std::int64_t bin) {
  m_parts->scene.pinnedBin = bin;
  m_parts->changed();
}

std::int64_t GenomeView::pinnedBin() const {
  return m_parts->scene.pinnedBin;
}

void GenomeView::setSelectedGene(const QString& id) {
  m_parts->scene.selectedGene = id;
  m_parts->changed();
}

void GenomeView::setSelection(const std::optional<Locus>& region) {
  m_parts->scene.selection = region;
  m_parts->changed();
}

std::optional<Locus> GenomeView::selection() const {
  return m_parts->scene.selection;
}

void GenomeView::setCaret(std::int64_t position) {
  m_parts->editor.setCaret(position);
  if (m_parts->editor.caret() >= 0) m_parts->reveal(m_parts->editor.caret());
  update();
}

std::int64_t GenomeView::caret() const {
  return m_parts->editor.caret();
}

void GenomeView::setTypingMode(TypingMode mode) {
  m_parts->editor.setMode(mode);
  update();
}

TypingMode GenomeView::typingMode() const {
  return m_parts->editor.mode();
}

GenomeHit GenomeView::hitAt(const QPoint& place) const {
  return m_parts->hitAt(QPointF(place));
}

GenomeReadout GenomeView::readoutAt(std::int64_t position) const {
  return m_parts->scene.readout(position);
}

int GenomeView::contentHeight() const {
  return static_cast<int>(std::ceil(m_parts->places.contentHeight));
}

void GenomeView::paint(QPainter& painter, QSize size, const Theme& theme) const {
  // Where the height is too small for all rows, everything is painted smaller and nothing cut off.
  constexpr double smallest = 0.4;
  const double scale =
      std::clamp(size.height() / std::max(1.0, m_parts->places.contentHeight), smallest, 1.0);
  const QSizeF logical = QSizeF(size) / scale;
  const RowContext screen = m_parts->context();
  const double gutter = gutterWidth(logical.width());
  const Viewport axis =
      screen.axis.onPixels(gutter, std::max(1.0, logical.width() - gutter - rightMargin));
  const RowContext figure{m_parts->scene,
                          theme,
                          axis,
                          screen.font,
                          screen.smallFont,
                          screen.scales,
                          QRectF(QPointF(0, 0), logical)};
  painter.save();
  painter.scale(scale, scale);
  paintGenome(painter, figure, placeRows(m_parts->rows, figure, logical, 0));
  painter.restore();
}

QSize GenomeView::sizeHint() const {
  return {900, 480};
}

QSize GenomeView::minimumSizeHint() const {
  return {320, 200};
}

void GenomeView::paintEvent(QPaintEvent*) {
  const double ratio = devicePixelRatioF();
  if (m_parts->picture.isNull()) {
    m_parts->picture = QPixmap((QSizeF(size()) * ratio).toSize().expandedTo({1, 1}));
    m_parts->picture.setDevicePixelRatio(ratio);
    QPainter painter(&m_parts->picture);
    paintGenome(painter, m_parts->context(), m_parts->places);
  }
  QPainter painter(this);
  painter.drawPixmap(0, 0, m_parts->picture);
  m_parts->paintOverlay(painter);
}

void GenomeView::Parts::paintOverlay(QPainter& painter) const {
  if (scene.contigLength() == 0) return;
  paintGuide(painter);
  paintCaret(painter);
  paintFocus(painter);
}

void GenomeView::Parts::paintGuide(QPainter& painter) const {
  if (mouse.x() < axis.left() || mouse.x() > axis.right() || places.rows.size() < 2) return;
  const RowContext here = context();
  const QRectF ruler = places.rows[1].rect;
  if (mouse.y() < ruler.top()) return;
  QColor line = theme.text;
  line.setAlpha(90);
  painter.fillRect(QRectF(std::floor(mouse.x()), ruler.top(), 1, view.height() - ruler.top()),
                   line);

  const bool dragging = gesture == Gesture::SelectRegion || gesture == Gesture::ZoomRegion;
  const QString text = dragging && scene.selection
                           ? QString::fromStdString(lengthText(scene.selection->length()))
                           : positionText(positionAt(mouse.x()));
  painter.setFont(here.smallFont);
  const double width = QFontMetricsF(here.smallFont).horizontalAdvance(text) + 12;
  QRectF box(mouse.x() - width / 2, ruler.top() + 1, width, 18);
  box.moveLeft(std::clamp(box.left(), axis.left(), std::max(axis.left(), axis.right() - width)));
  painter.fillRect(box, theme.text);
  painter.setPen(theme.background);
  painter.drawText(box, Qt::AlignCenter, text);
}

void GenomeView::Parts::paintCaret(QPainter& painter) const {
  const std::int64_t caret = editor.caret();
  if (caret < 0 || !atBases() || places.rows.empty()) return;
  const QRectF cell = SequenceRow::editedCell(context(places.rows.back()), caret);
  if (cell.right() < axis.left() || cell.left() > axis.right()) return;
  const QColor colour = view.hasFocus() ? theme.accent : theme.axis;
  if (editor.mode() == TypingMode::Insert) {
    painter.fillRect(QRectF(cell.left() - 1, cell.top() - 1, 2, cell.height() + 2), colour);
    return;
  }
  QColor fill = colour;
  fill.setAlpha(50);
  painter.setPen(QPen(colour, 2));
  painter.setBrush(fill);
  painter.drawRect(cell.adjusted(0, 0, 0, 0));
  painter.setBrush(Qt::NoBrush);
}

void GenomeView::Parts::paintFocus(QPainter& painter) const {
  if (!view.hasFocus()) return;
  painter.setPen(QPen(theme.accent, 1));
  painter.drawRect(QRectF(view.rect()).adjusted(0.5, 0.5, -0.5, -0.5));
  if (focusedTrack < 0) return;
  for (const PlacedRow& placed : places.rows)
    if (placed.row->track(scene) == scene.tracks[static_cast<std::size_t>(focusedTrack)].track) {
      const QRectF seen = placed.rect & places.scrolled;
      painter.fillRect(QRectF(0, seen.top(), 4, seen.height()), theme.accent);
    }
}

void GenomeView::resizeEvent(QResizeEvent*) {
  m_parts->show(m_parts->axis);
}

void GenomeView::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() != QEvent::PaletteChange && event->type() != QEvent::FontChange) return;
  m_parts->theme = Theme::from(palette());
  m_parts->changed();
}

}  // namespace cellocus
