// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>
#include <QPixmap>
#include <QPointF>
#include <QScrollBar>
#include <QTimer>

#include "genome/genomelayout.h"
#include "genome/genomepainting.h"
#include "genome/genomescene.h"
#include "genome/genomeview.h"
#include "genome/sequenceeditor.h"

namespace cellocus {

/// What a held mouse button is doing.
enum class Gesture { None, Pressed, Pan, Overview, SelectRegion, ZoomRegion, SelectBases };

/// The inside of a GenomeView. Its functions are grouped by file: view, navigation, mouse, keys.
struct GenomeView::Parts {
  explicit Parts(GenomeView& owner);

  GenomeView& view;
  GenomeScene scene;
  SequenceEditor editor{scene};
  RowGroups rows;
  RowPlaces places;
  std::vector<ValueRange> scales;
  Viewport axis;
  Theme theme;
  double scroll = 0;
  QPixmap picture;  ///< everything but what follows the mouse; null = to be painted anew
  QScrollBar* scrollBar = nullptr;
  QWidget* wheelHint = nullptr;
  QTimer settled;

  Locus requested;                 ///< bases asked for and not yet come
  std::int64_t focusedTrack = -1;  ///< index in scene.tracks
  WheelAction wheelAction = WheelAction::Scroll;
  bool wheelHintSeen = false;
  double wheelRest = 0;
  QPointF mouse{-1, -1};  ///< (-1, -1) = outside

  Gesture gesture = Gesture::None;
  QPointF pressedAt;
  double pressedScroll = 0;
  Viewport pressedAxis;
  GenomeHit pressedHit;
  Qt::KeyboardModifiers pressedWith;
  std::optional<Locus> selectionBefore;  ///< comes back if a drag is cancelled

  // View (genomeview.cpp)
  RowContext context() const;
  RowContext context(const PlacedRow& placed) const;
  void rebuildRows();
  void changed();  ///< places rows again and repaints
  void updateScrollBar();
  void scrollTo(double value);
  void paintOverlay(QPainter& painter) const;
  void paintGuide(QPainter& painter) const;
  void paintCaret(QPainter& painter) const;
  void paintFocus(QPainter& painter) const;

  // Navigation (genomenavigation.cpp)
  Viewport::Limits limits() const;
  Locus shown() const;
  bool atBases() const;                 ///< letters are shown
  void show(const Viewport& wanted);    ///< without telling
  void moveTo(const Viewport& wanted);  ///< as the user's doing: tells
  void moveTo(const Locus& locus);
  void centreOn(std::int64_t position);
  void reveal(std::int64_t position);
  void requestBases();
  void announce();
  void goToGene(int direction);
  void goToEdit(int direction);
  void fitWindow();
  void select(const std::optional<Locus>& region);
  void pin(std::int64_t bin);
  void moveCaret(std::int64_t position);

  // Mouse (genomemouse.cpp)
  GenomeHit hitAt(QPointF place, const PlacedRow** row = nullptr) const;
  std::int64_t positionAt(double x) const;
  QString toolTipAt(QPointF place) const;
  void press(QPointF place, Qt::KeyboardModifiers modifiers);
  void drag(QPointF place);
  void beginDrag(QPointF place);
  void release(QPointF place, QPoint globalPlace);
  void click(QPointF place);
  void cancelGesture();
  void hover(QPointF place);
  void updateCursor(QPointF place);
  void wheel(QWheelEvent& event);
  void showWheelHint();

  // Keys (genomekeys.cpp)
  bool wantsKey(const QKeyEvent& event) const;
  bool key(const QKeyEvent& event);
  bool editingKey(const QKeyEvent& event);
  bool commandKey(const QKeyEvent& event);
  bool zoomKey(const QKeyEvent& event);
  bool arrowKey(const QKeyEvent& event);
  bool trackKey(const QKeyEvent& event);
  bool escape();
  void carryOut(const EditRequest& request);
};

}  // namespace cellocus
