// SPDX-License-Identifier: GPL-3.0-or-later
#include <QContextMenuEvent>
#include <QHBoxLayout>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QNativeGestureEvent>
#include <QPushButton>
#include <QStyle>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "genome/genomeviewparts.h"
#include "genome/overviewrow.h"
#include "genome/rulerrow.h"

namespace cellocus {

namespace {

constexpr double dragThreshold = 4, notch = 120, wheelZoom = 1.25, pixelsPerNotch = 48;

}  // namespace

GenomeHit GenomeView::Parts::hitAt(QPointF place, const PlacedRow** row) const {
  const PlacedRow* placed = scene.contigLength() > 0 ? places.at(place) : nullptr;
  if (row) *row = placed;
  return placed ? placed->row->hit(context(*placed), place) : GenomeHit{};
}

std::int64_t GenomeView::Parts::positionAt(double x) const {
  const auto position = static_cast<std::int64_t>(std::floor(axis.toValue(x)));
  return std::clamp<std::int64_t>(position, 0, std::max<std::int64_t>(0, scene.contigLength() - 1));
}

QString GenomeView::Parts::toolTipAt(QPointF place) const {
  const PlacedRow* placed = scene.contigLength() > 0 ? places.at(place) : nullptr;
  return placed ? placed->row->toolTip(context(*placed), place) : QString();
}

void GenomeView::Parts::press(QPointF place, Qt::KeyboardModifiers modifiers) {
  if (scene.contigLength() == 0) return;
  gesture = Gesture::Pressed;
  pressedAt = place;
  pressedAxis = axis;
  pressedScroll = scroll;
  pressedHit = hitAt(place);
  pressedWith = modifiers;
  selectionBefore = scene.selection;
  if (pressedHit.kind != GenomeHit::Kind::Overview) return;
  gesture = Gesture::Overview;
  centreOn(pressedHit.position);
}

void GenomeView::Parts::beginDrag(QPointF place) {
  if (std::hypot(place.x() - pressedAt.x(), place.y() - pressedAt.y()) < dragThreshold) return;
  using Kind = GenomeHit::Kind;
  const bool onAxis = pressedHit.position >= 0;
  const bool onRuler = pressedHit.kind == Kind::Ruler || pressedHit.kind == Kind::Tss;
  if (onRuler && (pressedWith & Qt::ControlModifier))
    gesture = Gesture::ZoomRegion;
  else if (onAxis && (onRuler || (pressedWith & Qt::ShiftModifier)))
    gesture = pressedHit.kind == Kind::Base ? Gesture::SelectBases : Gesture::SelectRegion;
  else if (pressedHit.kind == Kind::Base)
    gesture = Gesture::SelectBases;
  else
    gesture = Gesture::Pan;
  if (gesture == Gesture::SelectBases) moveCaret(pressedHit.position);
  if (gesture == Gesture::Pan) view.setCursor(Qt::ClosedHandCursor);
}

void GenomeView::Parts::drag(QPointF place) {
  if (gesture == Gesture::Pressed) beginDrag(place);
  switch (gesture) {
    case Gesture::None:
    case Gesture::Pressed:
      break;
    case Gesture::Overview: {
      const PlacedRow& overview = places.rows.front();
      const QPointF inside(std::clamp(place.x(), axis.left(), axis.right()),
                           overview.rect.center().y());
      centreOn(overview.row->hit(context(overview), inside).position);
      break;
    }
    case Gesture::Pan: {
      // The direction in which the drag began decides: along the contig, or through the tracks.
      const bool along = std::abs(place.x() - pressedAt.x()) >= std::abs(place.y() - pressedAt.y());
      if (along || places.hidden == 0) moveTo(pressedAxis.panned(pressedAt.x() - place.x()));
      if (!along) scrollTo(pressedScroll + pressedAt.y() - place.y());
      break;
    }
    case Gesture::SelectBases:
    case Gesture::SelectRegion:
    case Gesture::ZoomRegion: {
      const std::int64_t from = pressedHit.position, to = positionAt(place.x());
      scene.selection = Locus{scene.contig, std::min(from, to), std::max(from, to) + 1};
      changed();
      break;
    }
  }
}

void GenomeView::Parts::release(QPointF place, QPoint globalPlace) {
  const Gesture was = std::exchange(gesture, Gesture::None);
  updateCursor(place);
  switch (was) {
    case Gesture::Pressed:
      click(place);
      break;
    case Gesture::SelectBases:
      emit view.regionSelected(*scene.selection);
      break;
    case Gesture::SelectRegion:
      emit view.regionSelected(*scene.selection);
      emit view.regionMenuRequested(*scene.selection, globalPlace);
      break;
    case Gesture::ZoomRegion: {
      const Locus region = *scene.selection;
      scene.selection = selectionBefore;
      moveTo(region);
      changed();
      break;
    }
    case Gesture::None:
    case Gesture::Pan:
    case Gesture::Overview:
      break;
  }
}

void GenomeView::Parts::click(QPointF place) {
  const StateNote note = stateNote(context(), places);
  if (note.asksToPredict && note.box.contains(place)) {
    emit view.predictRequested();
    return;
  }
  const GenomeHit hit = pressedHit;
  using Kind = GenomeHit::Kind;
  if (hit.kind != Kind::Base) moveCaret(-1);
  select(std::nullopt);
  switch (hit.kind) {
    case Kind::Ruler:
      centreOn(hit.position);
      break;
    case Kind::Tss:
      emit view.tssActivated(hit.geneId);
      break;
    case Kind::Gene:
      scene.selectedGene = hit.geneId;
      changed();
      emit view.geneActivated(hit.geneId);
      break;
    case Kind::Bed:
      emit view.bedFeatureActivated(*hit.locus, hit.name);
      break;
    case Kind::Bin:
      pin(hit.bin);
      break;
    case Kind::Edit:
      emit view.editActivated(*hit.variant);
      break;
    case Kind::Base:
      moveCaret(hit.position);
      break;
    case Kind::Nothing:
    case Kind::Overview:
      break;
  }
}

void GenomeView::Parts::cancelGesture() {
  const Gesture was = std::exchange(gesture, Gesture::None);
  view.unsetCursor();
  scene.selection = selectionBefore;
  if (was == Gesture::Pan || was == Gesture::Overview) {
    scroll = pressedScroll;
    moveTo(pressedAxis);
  }
  changed();
}

void GenomeView::Parts::hover(QPointF place) {
  mouse = place;
  view.update();
  const bool onAxis =
      place.x() >= axis.left() && place.x() <= axis.right() && scene.contigLength() > 0;
  emit view.hovered(onAxis ? scene.readout(positionAt(place.x())) : GenomeReadout{});
}

void GenomeView::Parts::updateCursor(QPointF place) {
  const StateNote note = stateNote(context(), places);
  switch (note.asksToPredict && note.box.contains(place) ? GenomeHit::Kind::Gene
                                                         : hitAt(place).kind) {
    case GenomeHit::Kind::Gene:
    case GenomeHit::Kind::Tss:
    case GenomeHit::Kind::Bed:
    case GenomeHit::Kind::Edit:
    case GenomeHit::Kind::Overview:
      view.setCursor(Qt::PointingHandCursor);
      break;
    case GenomeHit::Kind::Base:
      view.setCursor(Qt::IBeamCursor);
      break;
    case GenomeHit::Kind::Ruler:
      view.setCursor(Qt::SplitHCursor);
      break;
    case GenomeHit::Kind::Bin:
    case GenomeHit::Kind::Nothing:
      view.unsetCursor();
      break;
  }
}

void GenomeView::Parts::wheel(QWheelEvent& event) {
  const QPointF angle = event.angleDelta();
  const bool zooms =
      (event.modifiers() & Qt::ControlModifier) ||
      (wheelAction == WheelAction::Zoom && !(event.modifiers() & Qt::ShiftModifier) &&
       std::abs(angle.y()) > std::abs(angle.x()));
  if (zooms) {
    moveTo(axis.zoomed(std::pow(wheelZoom, angle.y() / notch), event.position().x()));
    return;
  }
  const QPointF pixels =
      event.pixelDelta().isNull() ? angle / notch * pixelsPerNotch : QPointF(event.pixelDelta());
  const bool sideways =
      (event.modifiers() & Qt::ShiftModifier) || std::abs(angle.x()) > std::abs(angle.y());
  if (sideways) {
    const double step = std::abs(pixels.x()) > std::abs(pixels.y()) ? pixels.x() : pixels.y();
    moveTo(axis.panned(-2 * step));
    return;
  }
  if (!wheelHintSeen) showWheelHint();
  const double before = scroll;
  scrollTo(scroll - pixels.y());
  if (scroll == before) event.ignore();  // whatever the view lies in may scroll
}

void GenomeView::Parts::showWheelHint() {
  wheelHintSeen = true;
  auto* bar = new QFrame(&view);
  bar->setFrameShape(QFrame::StyledPanel);
  bar->setAutoFillBackground(true);
  auto* layout = new QHBoxLayout(bar);
  layout->setContentsMargins(10, 4, 4, 4);
  layout->addWidget(new QLabel(GenomeView::tr("Ctrl+scroll zooms"), bar));
  auto* always = new QPushButton(GenomeView::tr("Always zoom on scroll"), bar);
  always->setObjectName(QStringLiteral("alwaysZoom"));
  always->setFocusPolicy(Qt::NoFocus);
  layout->addWidget(always);
  QObject::connect(always, &QPushButton::clicked, &view, [this, bar] {
    wheelAction = WheelAction::Zoom;
    bar->hide();
    emit view.wheelActionChanged(wheelAction);
  });
  constexpr int shownFor = 8000;
  QTimer::singleShot(shownFor, bar, &QWidget::hide);
  bar->adjustSize();
  bar->move((view.width() - bar->width()) / 2, std::max(0, view.height() - bar->height() - 60));
  bar->show();
  wheelHint = bar;
}

void GenomeView::wheelEvent(QWheelEvent* event) {
  event->accept();
  m_parts->wheel(*event);
}

void GenomeView::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) {
    event->ignore();  // back and forward are the window's
    return;
  }
  m_parts->press(event->position(), event->modifiers());
}

void GenomeView::mouseMoveEvent(QMouseEvent* event) {
  if (m_parts->gesture != Gesture::None)
    m_parts->drag(event->position());
  else
    m_parts->updateCursor(event->position());
  m_parts->hover(event->position());
}

void GenomeView::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton)
    m_parts->release(event->position(), event->globalPosition().toPoint());
  else
    event->ignore();
}

void GenomeView::mouseDoubleClickEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  const GenomeHit hit = m_parts->hitAt(event->position());
  using Kind = GenomeHit::Kind;
  if (hit.position < 0 || hit.kind == Kind::Overview || hit.kind == Kind::Base) return;
  const bool out = event->modifiers() & Qt::ShiftModifier;
  if (!out && hit.kind == Kind::Gene) {
    const std::int64_t margin = hit.locus->length() / 10 + 1;
    m_parts->moveTo(Locus{hit.locus->contig, hit.locus->start - margin, hit.locus->end + margin});
  } else if (!out && hit.kind == Kind::Edit) {
    constexpr std::int64_t basesAround = 25;
    m_parts->moveTo(
        Locus{hit.locus->contig, hit.locus->start - basesAround, hit.locus->end + basesAround});
    m_parts->moveCaret(hit.variant->start);
  } else {
    m_parts->moveTo(m_parts->axis.zoomed(out ? 0.5 : 2, event->position().x()));
  }
}

void GenomeView::contextMenuEvent(QContextMenuEvent* event) {
  const bool byKey = event->reason() == QContextMenuEvent::Keyboard;
  const QPointF place = byKey ? QRectF(rect()).center() : QPointF(event->pos());
  const QPoint global = byKey ? mapToGlobal(place.toPoint()) : event->globalPos();
  const GenomeHit hit = m_parts->hitAt(place);
  const auto& selected = m_parts->scene.selection;
  if (selected && selected->contig == m_parts->scene.contig &&
      (byKey || selected->contains(hit.position)))
    emit regionMenuRequested(*selected, global);
  else
    emit menuRequested(hit, global);
}

void GenomeView::leaveEvent(QEvent*) {
  m_parts->hover({-1, -1});
}

bool GenomeView::event(QEvent* event) {
  switch (event->type()) {
    case QEvent::ToolTip: {
      const auto* help = static_cast<QHelpEvent*>(event);
      const QString text = m_parts->toolTipAt(help->pos());
      // Escaped, because Qt shows what looks like HTML as HTML, and names come from files.
      if (text.isEmpty())
        QToolTip::hideText();
      else
        QToolTip::showText(
            help->globalPos(),
            QStringLiteral("<p style='white-space:pre'>%1</p>").arg(text.toHtmlEscaped()), this);
      return true;
    }
    case QEvent::NativeGesture: {
      const auto* pinch = static_cast<QNativeGestureEvent*>(event);
      if (pinch->gestureType() != Qt::ZoomNativeGesture) break;
      m_parts->moveTo(m_parts->axis.zoomed(1 + pinch->value(), pinch->position().x()));
      return true;
    }
    case QEvent::ShortcutOverride: {
      auto* key = static_cast<QKeyEvent*>(event);
      if (m_parts->wantsKey(*key)) event->accept();
      return event->isAccepted();
    }
    default:
      break;
  }
  return QWidget::event(event);
}

}  // namespace cellocus
