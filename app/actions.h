// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAction>
#include <QActionGroup>
#include <QObject>

namespace cellocus {

/// Every action of the window: text, shortcut, tip and object name in one place, so that menus,
/// toolbar, context menus and tests mean the same thing.
class Actions : public QObject {
  Q_OBJECT

 public:
  explicit Actions(QObject* parent);

  // File
  QAction *openFiles, *openSession, *saveSession, *saveSessionAs, *openDemo;
  QAction *exportFigure, *exportTable, *exportEdits, *quit;
  // Edit
  QAction* revertAll;
  // View
  QAction *zoomIn, *zoomOut, *fitWindow;
  QAction *showReference, *showAlternative, *showBoth, *showDifference;
  QAction *groupScale, *resetLayout;
  QAction *themeAuto, *themeLight, *themeDark;
  // Go
  QAction *goTo, *back, *forward;
  // Run
  QAction *predict, *stop, *autoPredict, *roughTracks;
  // Tools
  QAction *fitHead, *evaluateHead, *verifyWeights;
  // Cells
  QAction *colourByObserved, *colourByPredicted, *colourByEdited, *colourByDifference;
  QAction *selectAll, *selectNone, *selectInverse;
  // Help
  QAction *shortcuts, *about;

  /// What an action says while the mouse is over it, with its key.
  static void setTip(QAction* action, const QString& tip);

 private:
  QAction* make(const char* name, const QString& text, const QString& tip,
                const QKeySequence& key = {});
  void makeFileActions();
  void makeViewActions();
  void makeRunActions();
  void makeCellActions();
};

}  // namespace cellocus
