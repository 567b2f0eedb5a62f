// SPDX-License-Identifier: GPL-3.0-or-later
#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "cells/lasso.h"
#include "cells/scattergesture.h"
#include "cells/scatterscene.h"
#include "cells/scatterview.h"

namespace cellocus {

namespace {

constexpr double clickPixels = 6;  // an outline smaller than this is a click
constexpr double keyZoom = 1.25;

double longerSide(const QPointF& a, const QPointF& b) {
  return std::max(std::abs(a.x() - b.x()), std::abs(a.y() - b.y()));
}

Qt::KeyboardModifiers choosing(Qt::KeyboardModifiers modifiers) {
  return modifiers & (Qt::ShiftModifier | Qt::AltModifier);
}

}  // namespace

void ScatterView::choose(const CellSelection& chosen, Qt::KeyboardModifiers modifiers) {
  CellSelection result = selection();
  if (modifiers == (Qt::ShiftModifier | Qt::AltModifier))
    result.intersect(chosen);
  else if (modifiers == Qt::ShiftModifier)
    result.unite(chosen);
  else if (modifiers == Qt::AltModifier)
    result.subtract(chosen);
  else
    result = chosen;
  changeSelection(std::move(result));
}

void ScatterView::changeSelection(CellSelection selection) {
  if (selection == m_scene->selection()) return;
  m_scene->setSelection(selection);
  changed();
  emit selectionChanged(m_scene->selection());
}

void ScatterView::startGesture(const QPointF& position, Qt::MouseButton button,
                               Qt::KeyboardModifiers modifiers) {
  *m_gesture = Gesture();
  m_gesture->pressed = m_gesture->last = position;
  const bool pans = m_mode == Mode::Pan || m_spaceHeld || button == Qt::MiddleButton;
  if (pans && button == Qt::LeftButton && !m_spaceHeld && modifiers.testFlag(Qt::ShiftModifier)) {
    m_gesture->kind = Gesture::Kind::Lasso;
    m_gesture->start = Gesture::Start::QuickLasso;
  } else if (pans) {
    m_gesture->kind = Gesture::Kind::Pan;
  } else {
    m_gesture->kind = m_mode == Mode::Lasso ? Gesture::Kind::Lasso : Gesture::Kind::Rectangle;
  }
  updateCursor();
}

void ScatterView::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton) return;
  if (m_state == State::Empty || cellCount() == 0) return;
  startGesture(event->position(), event->button(), event->modifiers());
}

void ScatterView::mouseMoveEvent(QMouseEvent* event) {
  const QPointF position = event->position();
  if (m_gesture->kind == Gesture::Kind::None) {
    hover(position);
    return;
  }
  const ScatterTransform transform = m_scene->transform(m_scene->plotArea(size(), font()));
  const QPointF pressed = transform.toData(m_gesture->pressed), here = transform.toData(position);
  if (m_gesture->outline.empty()) m_gesture->outline.push_back(pressed);
  m_gesture->moved = m_gesture->moved || longerSide(position, m_gesture->pressed) >= clickPixels;
  if (m_gesture->kind == Gesture::Kind::Lasso) {
    m_gesture->outline.push_back(here);
  } else if (m_gesture->kind == Gesture::Kind::Rectangle) {
    const QPointF first = m_gesture->outline.front();
    m_gesture->outline = {first, {here.x(), first.y()}, here, {first.x(), here.y()}};
  } else if (m_gesture->moved) {
    moveView(position - m_gesture->last);
    m_gesture->last = position;
  }
  update();
}

void ScatterView::mouseReleaseEvent(QMouseEvent* event) {
  if (m_gesture->kind == Gesture::Kind::None) return;
  if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton) return;
  const Gesture gesture = *m_gesture;
  if (!gesture.moved && event->button() == Qt::LeftButton)
    finishClick(event->position(), choosing(event->modifiers()));
  else if (gesture.moved && gesture.kind != Gesture::Kind::Pan)
    finishOutline(event->modifiers());
  cancelGesture();
}

void ScatterView::finishOutline(Qt::KeyboardModifiers modifiers) {
  CellSelection inside = Lasso(m_gesture->outline).select(m_scene->xy());
  inside.intersect(m_scene->shown());
  Qt::KeyboardModifiers how = choosing(modifiers);
  if (m_gesture->start == Gesture::Start::QuickLasso) how &= ~Qt::ShiftModifier;
  choose(inside, how);
}

void ScatterView::finishClick(const QPointF& position, Qt::KeyboardModifiers modifiers) {
  const std::int64_t cell = cellAt(position);
  if (cell < 0) {
    if (!modifiers) changeSelection(CellSelection(cellCount()));
    return;
  }
  if (modifiers)
    choose(CellSelection::of(cellCount(), {&cell, 1}), modifiers);
  else
    emit cellClicked(cell);
}

void ScatterView::cancelGesture() {
  *m_gesture = Gesture();
  updateCursor();
  update();
}

void ScatterView::hover(const QPointF& position) {
  const std::int64_t cell = cellAt(position);
  if (cell == m_hovered) return;
  m_hovered = cell;
  update();
  emit cellHovered(cell);
}

void ScatterView::leaveEvent(QEvent* event) {
  QWidget::leaveEvent(event);
  if (m_hovered < 0) return;
  m_hovered = -1;
  update();
  emit cellHovered(-1);
}

void ScatterView::mouseDoubleClickEvent(QMouseEvent* event) {
  if (const std::int64_t cell = cellAt(event->position());
      event->button() == Qt::LeftButton && cell >= 0)
    emit cellActivated(cell);
}

void ScatterView::contextMenuEvent(QContextMenuEvent* event) {
  if (m_state == State::Empty) return;
  const bool byKey = event->reason() == QContextMenuEvent::Keyboard;
  emit cellMenuRequested(byKey ? m_hovered : cellAt(event->pos()), event->globalPos());
}

void ScatterView::wheelEvent(QWheelEvent* event) {
  if (m_state == State::Empty || cellCount() == 0) return;
  const QPoint pixels = event->pixelDelta();
  const double steps = pixels.isNull() ? event->angleDelta().y() / 120.0 : pixels.y() / 80.0;
  zoomAt(event->position(), std::pow(keyZoom, steps));
  event->accept();
}

bool ScatterView::handlesKey(const QKeyEvent& event) const {
  const int key = event.key();
  if (event.modifiers().testFlag(Qt::ControlModifier))
    return key == Qt::Key_A || key == Qt::Key_I || key == Qt::Key_F;
  if (event.modifiers().testFlag(Qt::AltModifier)) return false;
  static const std::vector<int> keys{
      Qt::Key_V,     Qt::Key_S, Qt::Key_R,    Qt::Key_Space,  Qt::Key_Plus, Qt::Key_Equal,
      Qt::Key_Minus, Qt::Key_0, Qt::Key_Z,    Qt::Key_Escape, Qt::Key_1,    Qt::Key_2,
      Qt::Key_X,     Qt::Key_G, Qt::Key_Left, Qt::Key_Right,  Qt::Key_Up,   Qt::Key_Down};
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

bool ScatterView::selectByKey(const QKeyEvent& event) {
  if (event.modifiers().testFlag(Qt::ControlModifier)) {
    if (event.key() == Qt::Key_A && event.modifiers().testFlag(Qt::ShiftModifier)) {
      changeSelection(CellSelection(cellCount()));
    } else if (event.key() == Qt::Key_A) {
      changeSelection(m_scene->shown());
    } else if (event.key() == Qt::Key_I) {
      CellSelection rest = selection();
      rest.invert();
      rest.intersect(m_scene->shown());
      changeSelection(std::move(rest));
    } else {
      return false;
    }
    return true;
  }
  if (event.key() != Qt::Key_Escape) return false;
  if (m_gesture->kind != Gesture::Kind::None)
    cancelGesture();
  else
    changeSelection(CellSelection(cellCount()));
  return true;
}

bool ScatterView::moveByKey(const QKeyEvent& event) {
  const double step = 0.1 * std::min(width(), height());
  switch (event.key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      zoomBy(keyZoom);
      return true;
    case Qt::Key_Minus:
      zoomBy(1 / keyZoom);
      return true;
    case Qt::Key_0:
      fit();
      return true;
    case Qt::Key_Z:
      if (!event.modifiers().testFlag(Qt::ShiftModifier)) return false;
      zoomToSelection();
      return true;
    case Qt::Key_Left:
      moveView({step, 0});
      return true;
    case Qt::Key_Right:
      moveView({-step, 0});
      return true;
    case Qt::Key_Up:
      moveView({0, step});
      return true;
    case Qt::Key_Down:
      moveView({0, -step});
      return true;
    default:
      return false;
  }
}

bool ScatterView::askByKey(const QKeyEvent& event) {
  switch (event.key()) {
    case Qt::Key_V:
      setMode(Mode::Pan);
      return true;
    case Qt::Key_S:
      setMode(Mode::Lasso);
      return true;
    case Qt::Key_R:
      setMode(Mode::Rectangle);
      return true;
    case Qt::Key_1:
      emit groupRequested(1);
      return true;
    case Qt::Key_2:
      emit groupRequested(2);
      return true;
    case Qt::Key_X:
      emit groupsSwapRequested();
      return true;
    case Qt::Key_G:
      emit geneBoxRequested();
      return true;
    default:
      return false;
  }
}

void ScatterView::keyPressEvent(QKeyEvent* event) {
  if (!handlesKey(*event)) {
    QWidget::keyPressEvent(event);
    return;
  }
  if (event->key() == Qt::Key_Space) {
    m_spaceHeld = true;
    updateCursor();
    return;
  }
  if (event->key() == Qt::Key_F) {
    emit barcodeSearchRequested();
    return;
  }
  if (!selectByKey(*event) && !moveByKey(*event) && !askByKey(*event))
    QWidget::keyPressEvent(event);
}

void ScatterView::keyReleaseEvent(QKeyEvent* event) {
  if (event->key() != Qt::Key_Space) {
    QWidget::keyReleaseEvent(event);
  } else if (!event->isAutoRepeat()) {
    m_spaceHeld = false;
    updateCursor();
  }
}

void ScatterView::focusOutEvent(QFocusEvent* event) {
  m_spaceHeld = false;  // its release will go elsewhere
  updateCursor();
  QWidget::focusOutEvent(event);
}

void ScatterView::updateCursor() {
  if (m_gesture->kind == Gesture::Kind::Pan)
    setCursor(Qt::ClosedHandCursor);
  else if (m_gesture->kind != Gesture::Kind::None)
    setCursor(Qt::CrossCursor);
  else
    setCursor(m_mode == Mode::Pan || m_spaceHeld ? Qt::OpenHandCursor : Qt::CrossCursor);
}

}  // namespace cellocus
